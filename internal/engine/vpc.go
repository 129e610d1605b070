package engine

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// CreateVPCInput are the parameters of CreateVpc.
type CreateVPCInput struct {
	CIDRBlock       netip.Prefix // /16 to /28, no host bits
	InstanceTenancy string       // "default" when empty, or "dedicated"
	Tags            ec2.Tags
}

// CreateVPC makes a VPC, and with it a default security group. Errors:
// InvalidVpc.Range, InvalidParameterValue for a tenancy there is not.
func (tx *Tx) CreateVPC(in CreateVPCInput) (*ec2.VPC, error) {
	const action = "CreateVpc"
	err := checkIPv4Block(in.CIDRBlock)
	if err == nil {
		err = ec2.CheckVPCCIDR(in.CIDRBlock)
	}
	if err != nil {
		return nil, &ec2.Error{
			Action: action, Code: "InvalidVpc.Range", Parameter: "CidrBlock",
			Message: fmt.Sprintf("The CIDR '%s' is invalid.", in.CIDRBlock),
			Summary: "A VPC cannot have this CIDR block",
			Detail:  stop(sentence(err.Error())),
			Remedy:  "Choose a block between /16 (65,536 addresses) and /28 (16 addresses).",
		}
	}
	if !slices.Contains([]string{"", "default", "dedicated"}, in.InstanceTenancy) {
		return nil, invalidTenancy(action, "InstanceTenancy", in.InstanceTenancy, "default or dedicated")
	}
	if err := checkTags(action, in.Tags); err != nil {
		return nil, err
	}
	vpc := &ec2.VPC{
		Header:                 tx.header(ec2.PrefixVPC, in.Tags),
		CIDRBlock:              in.CIDRBlock,
		InstanceTenancy:        cmp.Or(in.InstanceTenancy, "default"),
		EnableDNSSupport:       true,
		DefaultSecurityGroupID: tx.newID(ec2.PrefixSecurityGroup),
		MainRouteTableID:       tx.newID(ec2.PrefixRouteTable),
		DefaultNetworkACLID:    tx.newID(ec2.PrefixNetworkACL),
		DHCPOptionsID:          tx.defaultID(ec2.PrefixDHCPOptions),
	}
	tx.put(vpc)
	group := vpc.Header
	group.ID, group.Tags = vpc.DefaultSecurityGroupID, nil
	tx.putDefaultGroup(vpc, group, func(prefix ec2.IDPrefix, _ ...string) string { return tx.newID(prefix) })
	tx.did(action, vpc.ID)
	return vpc, nil
}

// ModifyVPCAttributeInput are the parameters of ModifyVpcAttribute; nil leaves
// an attribute as it is.
type ModifyVPCAttributeInput struct {
	VPCID              string
	EnableDNSSupport   *bool
	EnableDNSHostnames *bool
}

// ModifyVPCAttribute changes a VPC's DNS attributes. Errors:
// InvalidVpcID.NotFound.
func (tx *Tx) ModifyVPCAttribute(in ModifyVPCAttributeInput) error {
	const action = "ModifyVpcAttribute"
	vpc, err := tx.vpc(action, in.VPCID)
	if err != nil {
		return err
	}
	changed := *vpc
	set(&changed.EnableDNSSupport, in.EnableDNSSupport)
	set(&changed.EnableDNSHostnames, in.EnableDNSHostnames)
	if changed.EnableDNSSupport == vpc.EnableDNSSupport && changed.EnableDNSHostnames == vpc.EnableDNSHostnames {
		return nil
	}
	tx.put(&changed)
	tx.did(action, vpc.ID)
	return nil
}

// ModifyVPCTenancy changes instance_tenancy from "dedicated" to "default", the
// only change EC2 makes. Errors: InvalidVpcID.NotFound, InvalidParameterValue.
func (tx *Tx) ModifyVPCTenancy(vpcID, tenancy string) error {
	const action = "ModifyVpcTenancy"
	vpc, err := tx.vpc(action, vpcID)
	if err != nil {
		return err
	}
	if vpc.InstanceTenancy == tenancy {
		return nil
	}
	if tenancy != "default" {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "InstanceTenancy",
			Message: fmt.Sprintf("Value (%s) for parameter instanceTenancy is invalid.", tenancy),
			Summary: "A VPC's tenancy can only be changed to default",
			Detail:  fmt.Sprintf("The %s has tenancy %s.", tx.nameVPC(vpc), vpc.InstanceTenancy),
			Remedy:  "Make a new VPC for another tenancy.",
		}
	}
	changed := *vpc
	changed.InstanceTenancy = tenancy
	tx.put(&changed)
	tx.did(action, vpc.ID)
	return nil
}

// DeleteVPC deletes a VPC and what was made with it. Errors:
// InvalidVpcID.NotFound, DependencyViolation while it has subnets or other
// security groups.
func (tx *Tx) DeleteVPC(id string) error {
	const action = "DeleteVpc"
	vpc, err := tx.vpc(action, id)
	if err != nil {
		return err
	}
	var holders []ec2.Holder
	holder := func(o ec2.Object, name string) {
		holders = append(holders, ec2.Holder{Ref: o.Ref(), Claim: ec2.Claim{Kind: ec2.ClaimDependency, Key: id}, Name: name})
	}
	for s := range all[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, byVPC, id) {
		if !vpc.IsDefault || !s.DefaultForAZ || tx.hasInterfaces(bySubnet, s.ID) {
			holder(s, tx.nameSubnet(s))
		}
	}
	for g := range all[*ec2.SecurityGroup](tx.ReadTx, ec2.KindSecurityGroup, byVPC, id) {
		if g.ID != vpc.DefaultSecurityGroupID {
			holder(g, tx.nameGroup(g))
		}
	}
	err = tx.inUse(action, "VpcId", "DependencyViolation",
		fmt.Sprintf("The vpc '%s' has dependencies and cannot be deleted.", id), tx.nameVPC(vpc), holders)
	if err != nil {
		return err
	}
	if vpc.IsDefault {
		for _, s := range slices.Collect(all[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, byVPC, id)) {
			tx.remove(s.Ref())
		}
	}
	tx.removeGroup(vpc.DefaultSecurityGroupID)
	tx.remove(vpc.Ref())
	tx.did(action, id)
	return nil
}

// VPC finds a VPC by its id.
func (tx *ReadTx) VPC(id string) (*ec2.VPC, bool) {
	return lookup[*ec2.VPC](tx, ec2.KindVPC, id)
}

// checkIPv4Block judges what every rule about blocks takes for granted.
func checkIPv4Block(p netip.Prefix) error {
	switch {
	case !p.IsValid():
		return errors.New("a CIDR block is needed, such as 10.0.0.0/16")
	case !p.Addr().Is4():
		return fmt.Errorf("%s is not an IPv4 CIDR block", p)
	case p.Masked() != p:
		return fmt.Errorf("%s has bits set after its prefix length; did you mean %s?", p, p.Masked())
	}
	return nil
}

func (tx *ReadTx) hasInterfaces(index, key string) bool {
	_, ok := tx.first(ec2.KindNetworkInterface, index, key)
	return ok
}
