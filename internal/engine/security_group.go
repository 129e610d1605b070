package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

const defaultGroupName = "default"

// maxGroupsPerInterface is EC2's default quota "Security groups per network
// interface" (Amazon VPC User Guide, "Amazon VPC quotas").
const maxGroupsPerInterface = 5

var anyIPv4 = netip.MustParsePrefix("0.0.0.0/0")

// CreateSecurityGroupInput are the parameters of CreateSecurityGroup.
type CreateSecurityGroupInput struct {
	GroupName   string
	Description string
	VPCID       string // the default VPC when empty
	Tags        ec2.Tags
}

// CreateSecurityGroup makes a security group with one rule: all IPv4 traffic
// may leave. Errors: InvalidGroup.Duplicate, InvalidParameterValue,
// InvalidVpcID.NotFound, VPCIdNotSpecified.
func (tx *Tx) CreateSecurityGroup(in CreateSecurityGroupInput) (*ec2.SecurityGroup, error) {
	const action = "CreateSecurityGroup"
	if err := ec2.CheckGroupName(in.GroupName); err != nil {
		refusal := invalid(action, "GroupName", "The security group cannot have this name", err)
		switch {
		case in.GroupName == defaultGroupName:
			refusal.Message = "Cannot use reserved security group name: default"
		case strings.HasPrefix(in.GroupName, "sg-"):
			refusal.Message = "Group names may not be in the format sg-*"
		}
		return nil, refusal
	}
	if err := ec2.CheckGroupDescription(in.Description); err != nil {
		return nil, invalid(action, "GroupDescription", "The security group cannot have this description", err)
	}
	vpc, err := tx.vpcOrDefault(action, in.VPCID)
	if err != nil {
		return nil, err
	}
	var holders []ec2.Holder
	for g := range all[*ec2.SecurityGroup](tx.ReadTx, ec2.KindSecurityGroup, byName, key(vpc.ID, in.GroupName)) {
		claim := ec2.Claim{Kind: ec2.ClaimGroupName, Key: key(vpc.ID, in.GroupName)}
		holders = append(holders, ec2.Holder{Ref: g.Ref(), Claim: claim, Name: tx.nameGroup(g)})
	}
	if holders = tx.standing(holders); len(holders) > 0 {
		return nil, &ec2.Error{
			Action: action, Code: "InvalidGroup.Duplicate", Parameter: "GroupName",
			Message: fmt.Sprintf("The security group '%s' already exists for VPC '%s'", in.GroupName, vpc.ID),
			Summary: "The VPC already has a security group of this name",
			Detail:  fmt.Sprintf("%q is the name of the %s, in the %s.", in.GroupName, holders[0].Name, tx.nameVPC(vpc)),
			Remedy:  "Choose another name, or use name_prefix to have one made.",
			Holders: holders,
		}
	}
	if err := checkTags(action, in.Tags); err != nil {
		return nil, err
	}
	group := &ec2.SecurityGroup{
		Header:      tx.header(ec2.PrefixSecurityGroup, in.Tags),
		VPCID:       vpc.ID,
		Name:        in.GroupName,
		Description: in.Description,
	}
	tx.put(group)
	tx.put(&ec2.SecurityGroupRule{
		Header:   tx.header(ec2.PrefixSecurityGroupRule, nil),
		GroupID:  group.ID,
		IsEgress: true,
		RuleSpec: ec2.RuleSpec{IPProtocol: ec2.ProtocolAll, FromPort: -1, ToPort: -1, CIDRIPv4: anyIPv4},
	})
	tx.did(action, group.ID)
	return group, nil
}

func (tx *Tx) vpcOrDefault(action, id string) (*ec2.VPC, error) {
	if id != "" {
		return tx.vpc(action, id)
	}
	vpc, ok := tx.DefaultVPC()
	if !ok {
		return nil, noDefaultVPC(action, "VpcId", tx.region)
	}
	return vpc, nil
}

func noDefaultVPC(action, parameter string, region ec2.Region) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "VPCIdNotSpecified", Parameter: parameter,
		Message: "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
		Summary: fmt.Sprintf("The region %s has no default VPC any more", region),
		Detail:  "The default VPC was deleted, and neither a VPC nor a subnet was named.",
		Remedy:  "Name a VPC or a subnet.",
	}
}

// DeleteSecurityGroup deletes a security group and its rules. Errors:
// InvalidGroup.NotFound, CannotDelete for a VPC's default group,
// DependencyViolation while an interface has it or another group's rule refers
// to it.
func (tx *Tx) DeleteSecurityGroup(id string) error {
	const action = "DeleteSecurityGroup"
	group, err := tx.group(action, "GroupId", id)
	if err != nil {
		return err
	}
	if group.Name == defaultGroupName {
		return &ec2.Error{
			Action: action, Code: "CannotDelete", Parameter: "GroupId",
			Message: fmt.Sprintf("the specified group: %q name: %q cannot be deleted by a user", id, group.Name),
			Summary: "A VPC's default security group cannot be deleted",
			Detail:  fmt.Sprintf("The %s belongs to the %s and goes away together with it.", tx.nameGroup(group), tx.nameVPCByID(group.VPCID)),
			Remedy:  "Delete the VPC, or leave the group alone.",
		}
	}
	var holders []ec2.Holder
	for n := range all[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, byGroup, id) {
		holders = append(holders, tx.heldByInterface(n, ec2.ClaimDependency, id))
	}
	for r := range all[*ec2.SecurityGroupRule](tx.ReadTx, ec2.KindSecurityGroupRule, byReference, id) {
		if r.GroupID != id { // a group may refer to itself
			holders = append(holders, tx.heldByRule(r, ec2.ClaimDependency, id))
		}
	}
	err = tx.inUse(action, "GroupId", "DependencyViolation",
		fmt.Sprintf("resource %s has a dependent object", id), tx.nameGroup(group), holders)
	if err != nil {
		return err
	}
	tx.removeGroup(id)
	tx.did(action, id)
	return nil
}

// removeGroup takes a security group and its rules out of the world.
func (tx *Tx) removeGroup(id string) {
	for _, r := range slices.Collect(all[*ec2.SecurityGroupRule](tx.ReadTx, ec2.KindSecurityGroupRule, byGroup, id)) {
		tx.remove(r.Ref())
	}
	tx.remove(ec2.Ref{Kind: ec2.KindSecurityGroup, ID: id})
}

// SecurityGroup finds a security group by its id.
func (tx *ReadTx) SecurityGroup(id string) (*ec2.SecurityGroup, bool) {
	return lookup[*ec2.SecurityGroup](tx, ec2.KindSecurityGroup, id)
}

// groupsFor checks the security groups a network interface in a subnet of a VPC
// is to have, gives them sorted, and the VPC's default group when there are
// none.
func (tx *Tx) groupsFor(action, parameter, vpcID, subnetID string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		vpc, err := tx.vpc(action, vpcID)
		if err != nil {
			return nil, err
		}
		return []string{vpc.DefaultSecurityGroupID}, nil
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		group, err := tx.group(action, parameter, id)
		if err != nil {
			return nil, err
		}
		if group.VPCID != vpcID {
			return nil, tx.groupOfOtherVPC(action, parameter, vpcID, subnetID, group)
		}
	}
	if len(ids) > maxGroupsPerInterface {
		code := "SecurityGroupsPerInterfaceLimitExceeded"
		message := "The maximum number of security groups per interface has been reached."
		if action == "RunInstances" {
			code, message = "SecurityGroupsPerInstanceLimitExceeded", "The maximum number of security groups per instance has been reached."
		}
		return nil, &ec2.Error{
			Action: action, Code: code, Parameter: parameter, Message: message,
			Summary: "Too many security groups for one network interface",
			Detail:  fmt.Sprintf("%d security groups are asked for; an interface has at most %d.", len(ids), maxGroupsPerInterface),
			Remedy:  "Merge the rules of some of the groups into one.",
		}
	}
	return ids, nil
}

func (tx *Tx) groupOfOtherVPC(action, parameter, vpcID, subnetID string, group *ec2.SecurityGroup) *ec2.Error {
	err := &ec2.Error{
		Action: action, Code: "InvalidGroup.NotFound", Parameter: parameter,
		Message: "You have specified two resources that belong to different networks.",
		Summary: "The security group belongs to another VPC",
		Detail: fmt.Sprintf("The %s is of the %s; the interface is in the %s.",
			tx.nameGroup(group), tx.nameVPCByID(group.VPCID), tx.nameVPCByID(vpcID)),
		Remedy: "Use a security group of the interface's VPC.",
	}
	if action == "RunInstances" {
		err.Code = "InvalidParameter"
		err.Message = fmt.Sprintf("Security group %s and subnet %s belong to different networks.", group.ID, subnetID)
	}
	return err
}
