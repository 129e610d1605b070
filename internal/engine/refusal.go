package engine

import (
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// The refusals several operations share. A refusal that belongs to one
// operation is written where that operation is.

// notFound is EC2's answer to an id it does not know. noun is the resource as
// that message spells it; code that of the resource.
func notFound(action, parameter, code, noun, id string) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: code, Parameter: parameter,
		Message: fmt.Sprintf("The %s ID '%s' does not exist", noun, id),
		Summary: fmt.Sprintf("There is no %s %s", nounInWords[noun], id),
		Detail:  "It may have been deleted, or belong to another lab or region.",
		Remedy:  "Check the id, the provider's lab and its region; `terraform-provider-vpclab show` lists what the lab holds.",
	}
}

var nounInWords = map[string]string{
	"instance":            "instance",
	"networkInterface":    "network interface",
	"subnet":              "subnet",
	"vpc":                 "VPC",
	"security group":      "security group",
	"securityGroup":       "security group",
	"security group rule": "security group rule",

	"network interface attachment": "network interface attachment",
}

func (tx *Tx) vpc(action, id string) (*ec2.VPC, error) {
	if v, ok := lookup[*ec2.VPC](tx.ReadTx, ec2.KindVPC, id); ok {
		return v, nil
	}
	if tx.makeDefaultFor(id) {
		return tx.vpc(action, id)
	}
	return nil, notFound(action, "VpcId", "InvalidVpcID.NotFound", "vpc", id)
}

func (tx *Tx) subnet(action, id string) (*ec2.Subnet, error) {
	if s, ok := lookup[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, id); ok {
		return s, nil
	}
	if tx.makeDefaultFor(id) {
		return tx.subnet(action, id)
	}
	return nil, notFound(action, "SubnetId", "InvalidSubnetID.NotFound", "subnet", id)
}

// group finds a security group. EC2 spells the error of the network interface
// actions unlike that of the others.
func (tx *Tx) group(action, parameter, id string) (*ec2.SecurityGroup, error) {
	if g, ok := lookup[*ec2.SecurityGroup](tx.ReadTx, ec2.KindSecurityGroup, id); ok {
		return g, nil
	}
	if tx.makeDefaultFor(id) {
		return tx.group(action, parameter, id)
	}
	switch action {
	case "CreateNetworkInterface", "ModifyNetworkInterfaceAttribute":
		return nil, notFound(action, parameter, "InvalidSecurityGroupID.NotFound", "securityGroup", id)
	default:
		err := notFound(action, parameter, "InvalidGroup.NotFound", "security group", id)
		err.Message = fmt.Sprintf("The security group '%s' does not exist", id)
		return nil, err
	}
}

func (tx *Tx) networkInterface(action, id string) (*ec2.NetworkInterface, error) {
	if n, ok := lookup[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, id); ok {
		return n, nil
	}
	return nil, notFound(action, "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound", "networkInterface", id)
}

// instance finds an instance that has not been terminated.
func (tx *Tx) instance(action, id string) (*ec2.Instance, error) {
	if i, ok := lookup[*ec2.Instance](tx.ReadTx, ec2.KindInstance, id); ok && i.State != ec2.InstanceTerminated {
		return i, nil
	}
	return nil, notFound(action, "InstanceId", "InvalidInstanceID.NotFound", "instance", id)
}

// inUse refuses to delete what other objects depend on, and names them all.
func (tx *Tx) inUse(action, parameter, code, message, what string, holders []ec2.Holder) error {
	holders = tx.standing(holders)
	if len(holders) == 0 {
		return nil
	}
	depend := "depend"
	if len(holders) == 1 {
		depend = "depends"
	}
	return &ec2.Error{
		Action: action, Code: code, Parameter: parameter, Message: message,
		Summary: fmt.Sprintf("The %s is still in use", what),
		Detail:  fmt.Sprintf("The %s cannot be deleted while %s %s on it.", what, holderNames(holders), depend),
		Remedy:  "Delete or change them first.",
		Holders: holders,
	}
}
