package engine

import (
	"fmt"
	"net/netip"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Every region has a default VPC of this range, with one subnet of 4,096
// addresses in each Availability Zone (Amazon VPC User Guide, "Default VPCs").
var defaultVPCCIDR = netip.MustParsePrefix("172.31.0.0/16")

const defaultSubnetBits = 20

// DefaultVPC gives the default VPC of the transaction's region, and makes it
// when it is needed for the first time. There is none once it was deleted.
//
// The ids of the default VPC and of what belongs to it follow from account and
// region, so that a plan knows them before the VPC has been made.
func (tx *Tx) DefaultVPC() (*ec2.VPC, bool) {
	id := tx.defaultID(ec2.PrefixVPC)
	if v, ok := lookup[*ec2.VPC](tx.ReadTx, ec2.KindVPC, id); ok {
		return v, true
	}
	if _, deleted := lookup[*ec2.RegionRecord](tx.ReadTx, ec2.KindRegion, string(tx.region)); deleted {
		return nil, false
	}
	head := func(id string) ec2.Header {
		return ec2.Header{ID: id, Region: tx.region, OwnerID: tx.env.Account}
	}
	vpc := &ec2.VPC{
		Header:                 head(id),
		CIDRBlock:              defaultVPCCIDR,
		IsDefault:              true,
		InstanceTenancy:        "default",
		EnableDNSSupport:       true,
		EnableDNSHostnames:     true,
		DefaultSecurityGroupID: tx.defaultID(ec2.PrefixSecurityGroup),
		MainRouteTableID:       tx.defaultID(ec2.PrefixRouteTable),
		DefaultNetworkACLID:    tx.defaultID(ec2.PrefixNetworkACL),
		DHCPOptionsID:          tx.defaultID(ec2.PrefixDHCPOptions),
	}
	tx.put(&ec2.RegionRecord{Header: head(string(tx.region)), DefaultVPCID: id})
	tx.put(vpc)
	tx.putDefaultGroup(vpc, head(vpc.DefaultSecurityGroupID), tx.defaultID)

	block := netip.PrefixFrom(defaultVPCCIDR.Addr(), defaultSubnetBits)
	for _, zone := range tx.region.Zones() {
		tx.put(&ec2.Subnet{
			Header:              head(tx.defaultID(ec2.PrefixSubnet, zone.Name)),
			VPCID:               id,
			CIDRBlock:           block,
			AvailabilityZone:    zone.Name,
			AvailabilityZoneID:  zone.ID,
			DefaultForAZ:        true,
			MapPublicIPOnLaunch: true,
		})
		block = nextBlock(block)
	}
	tx.did("CreateDefaultVpc", id)
	return vpc, true
}

// defaultSubnet is the default subnet of a zone, or of the region's first zone
// that has one when zone is empty (EC2 chooses one freely). Errors:
// VPCIdNotSpecified without a default VPC, MissingInput without the subnet.
func (tx *Tx) defaultSubnet(action, zone string) (*ec2.Subnet, error) {
	vpc, ok := tx.DefaultVPC()
	if !ok {
		return nil, noDefaultVPC(action, "SubnetId", tx.region)
	}
	var found *ec2.Subnet
	for s := range all[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, byVPC, vpc.ID) {
		fits := s.DefaultForAZ && (zone == "" || s.AvailabilityZone == zone)
		if fits && (found == nil || s.AvailabilityZone < found.AvailabilityZone) {
			found = s
		}
	}
	if found != nil {
		return found, nil
	}
	where := ""
	if zone != "" {
		where = " in " + zone
	}
	return nil, &ec2.Error{
		Action: action, Code: "MissingInput", Parameter: "SubnetId",
		Message: fmt.Sprintf("No subnets found for the default VPC '%s'. Please specify a subnet.", vpc.ID),
		Summary: "The default VPC has no default subnet" + where,
		Detail:  fmt.Sprintf("The default subnet%s of the %s was deleted, and no subnet was named.", where, tx.nameVPC(vpc)),
		Remedy:  "Name a subnet.",
	}
}

// makeDefaultFor makes the default VPC when id is one of those that come with
// it, and reports whether id exists now.
func (tx *Tx) makeDefaultFor(id string) bool {
	known := id == tx.defaultID(ec2.PrefixVPC) || id == tx.defaultID(ec2.PrefixSecurityGroup)
	for _, zone := range tx.region.Zones() {
		known = known || id == tx.defaultID(ec2.PrefixSubnet, zone.Name)
	}
	if !known {
		return false
	}
	if _, made := lookup[*ec2.RegionRecord](tx.ReadTx, ec2.KindRegion, string(tx.region)); made {
		return false
	}
	_, ok := tx.DefaultVPC()
	return ok
}

func (tx *ReadTx) defaultID(prefix ec2.IDPrefix, which ...string) string {
	return ec2.DeriveID(prefix, append([]string{tx.env.Account, string(tx.region), "default"}, which...)...)
}

// putDefaultGroup makes the security group "default" of a VPC: all traffic
// from its own members comes in, all traffic goes out.
func (tx *Tx) putDefaultGroup(vpc *ec2.VPC, head ec2.Header, id func(ec2.IDPrefix, ...string) string) {
	head.ManagedBy = ""
	tx.put(&ec2.SecurityGroup{
		Header:      head,
		VPCID:       vpc.ID,
		Name:        defaultGroupName,
		Description: "default VPC security group",
	})
	all := ec2.RuleSpec{IPProtocol: ec2.ProtocolAll, FromPort: -1, ToPort: -1}
	ingress, egress := all, all
	ingress.ReferencedGroupID = head.ID
	egress.CIDRIPv4 = anyIPv4
	for i, spec := range []ec2.RuleSpec{ingress, egress} {
		isEgress := i == 1
		rule := head
		rule.ID = id(ec2.PrefixSecurityGroupRule, direction(isEgress))
		tx.put(&ec2.SecurityGroupRule{Header: rule, GroupID: head.ID, IsEgress: isEgress, RuleSpec: spec})
	}
}

// nextBlock is the block of the same size right behind p.
func nextBlock(p netip.Prefix) netip.Prefix {
	n := ec2.IPv4Number(p.Addr()) + 1<<(32-p.Bits())
	return netip.PrefixFrom(ec2.IPv4Address(n), p.Bits())
}
