package engine

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// CreateSubnetInput are the parameters of CreateSubnet.
type CreateSubnetInput struct {
	VPCID     string
	CIDRBlock netip.Prefix // inside the VPC's, /16 to /28, apart from other subnets
	// AvailabilityZone or AvailabilityZoneID names a zone of the region; when
	// both are empty it is the region's first (EC2 chooses one freely).
	AvailabilityZone    string
	AvailabilityZoneID  string
	MapPublicIPOnLaunch bool
	Tags                ec2.Tags
}

// CreateSubnet makes a subnet. Errors: InvalidVpcID.NotFound,
// InvalidSubnet.Range, InvalidSubnet.Conflict, InvalidParameterValue for a zone
// that is not the region's.
func (tx *Tx) CreateSubnet(in CreateSubnetInput) (*ec2.Subnet, error) {
	const action = "CreateSubnet"
	vpc, err := tx.vpc(action, in.VPCID)
	if err != nil {
		return nil, err
	}
	zone, err := tx.zone(action, in.AvailabilityZone, in.AvailabilityZoneID)
	if err != nil {
		return nil, err
	}
	err = checkIPv4Block(in.CIDRBlock)
	if err == nil {
		err = ec2.CheckSubnetCIDR(vpc.CIDRBlock, in.CIDRBlock)
	}
	if err != nil {
		return nil, &ec2.Error{
			Action: action, Code: "InvalidSubnet.Range", Parameter: "CidrBlock",
			Message: fmt.Sprintf("The CIDR '%s' is invalid.", in.CIDRBlock),
			Summary: fmt.Sprintf("The %s cannot have a subnet %s", tx.nameVPC(vpc), in.CIDRBlock),
			Detail:  stop(sentence(err.Error())),
			Remedy:  fmt.Sprintf("Choose a block within %s, between /16 and /28.", vpc.CIDRBlock),
		}
	}
	if err := tx.overlap(action, vpc, in.CIDRBlock); err != nil {
		return nil, err
	}
	if err := checkTags(action, in.Tags); err != nil {
		return nil, err
	}
	subnet := &ec2.Subnet{
		Header:              tx.header(ec2.PrefixSubnet, in.Tags),
		VPCID:               vpc.ID,
		CIDRBlock:           in.CIDRBlock,
		AvailabilityZone:    zone.Name,
		AvailabilityZoneID:  zone.ID,
		MapPublicIPOnLaunch: in.MapPublicIPOnLaunch,
	}
	tx.put(subnet)
	tx.did(action, subnet.ID)
	return subnet, nil
}

func (tx *Tx) overlap(action string, vpc *ec2.VPC, block netip.Prefix) error {
	var holders []ec2.Holder
	for s := range all[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, byVPC, vpc.ID) {
		if s.CIDRBlock.Overlaps(block) {
			claim := ec2.Claim{Kind: ec2.ClaimCIDR, Key: cidrKey(s)}
			holders = append(holders, ec2.Holder{Ref: s.Ref(), Claim: claim, Name: tx.nameSubnet(s)})
		}
	}
	holders = tx.standing(holders)
	if len(holders) == 0 {
		return nil
	}
	return &ec2.Error{
		Action: action, Code: "InvalidSubnet.Conflict", Parameter: "CidrBlock",
		Message: fmt.Sprintf("The CIDR '%s' conflicts with another subnet", block),
		Summary: "The subnet overlaps another one of its VPC",
		Detail:  fmt.Sprintf("%s shares addresses with %s, also in the %s.", block, holderNames(holders), tx.nameVPC(vpc)),
		Remedy:  "Choose a block that no other subnet of the VPC covers.",
		Holders: holders,
	}
}

// zone finds a zone of the region by name or id; the first when both are empty.
func (tx *Tx) zone(action, name, id string) (ec2.Zone, error) {
	zones := tx.region.Zones()
	wanted, parameter := cmp.Or(name, id), "AvailabilityZone"
	if name == "" && id != "" {
		parameter = "AvailabilityZoneId"
	}
	switch {
	case wanted == "":
		return zones[0], nil
	case name != "" && id != "":
		return ec2.Zone{}, &ec2.Error{
			Action: action, Code: "InvalidParameterCombination", Parameter: "AvailabilityZoneId",
			Message: "Only one of AvailabilityZone and AvailabilityZoneId can be specified",
			Summary: "The Availability Zone is given twice",
			Detail:  fmt.Sprintf("By name it is %s, by id %s.", name, id),
			Remedy:  "Give either.",
		}
	}
	names := make([]string, len(zones))
	for i, z := range zones {
		if wanted == z.Name && name != "" || wanted == z.ID && name == "" {
			return z, nil
		}
		names[i] = z.Name
		if name == "" {
			names[i] = z.ID
		}
	}
	return ec2.Zone{}, &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: parameter,
		Message: fmt.Sprintf("Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.", wanted, strings.Join(names, ", ")),
		Summary: fmt.Sprintf("The region %s has no Availability Zone %s", tx.region, wanted),
		Detail:  fmt.Sprintf("Its zones are %s.", listed(names)),
		Remedy:  "Choose one of them, or another region for the provider.",
	}
}

// ModifySubnetAttribute sets whether instances launched into the subnet get a
// public address. Errors: InvalidSubnetID.NotFound.
func (tx *Tx) ModifySubnetAttribute(subnetID string, mapPublicIPOnLaunch bool) error {
	const action = "ModifySubnetAttribute"
	subnet, err := tx.subnet(action, subnetID)
	if err != nil {
		return err
	}
	if subnet.MapPublicIPOnLaunch == mapPublicIPOnLaunch {
		return nil
	}
	changed := *subnet
	changed.MapPublicIPOnLaunch = mapPublicIPOnLaunch
	tx.put(&changed)
	tx.did(action, subnetID)
	return nil
}

// DeleteSubnet deletes a subnet. Errors: InvalidSubnetID.NotFound,
// DependencyViolation while network interfaces are in it.
func (tx *Tx) DeleteSubnet(id string) error {
	const action = "DeleteSubnet"
	subnet, err := tx.subnet(action, id)
	if err != nil {
		return err
	}
	var holders []ec2.Holder
	for n := range all[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, bySubnet, id) {
		holders = append(holders, tx.heldByInterface(n, ec2.ClaimDependency, id))
	}
	err = tx.inUse(action, "SubnetId", "DependencyViolation",
		fmt.Sprintf("The subnet '%s' has dependencies and cannot be deleted.", id), tx.nameSubnet(subnet), holders)
	if err != nil {
		return err
	}
	tx.remove(subnet.Ref())
	tx.did(action, id)
	return nil
}

// Subnet finds a subnet by its id.
func (tx *ReadTx) Subnet(id string) (*ec2.Subnet, bool) {
	return lookup[*ec2.Subnet](tx, ec2.KindSubnet, id)
}
