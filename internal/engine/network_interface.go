package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"unicode/utf8"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// CreateNetworkInterfaceInput are the parameters of CreateNetworkInterface.
type CreateNetworkInterfaceInput struct {
	SubnetID    string
	Description string
	// PrivateIPAddresses are addresses to have, the primary one first. When
	// empty, the lowest free address of the subnet becomes the primary one.
	PrivateIPAddresses []netip.Addr
	// SecondaryPrivateIPAddressCount is the number of further addresses to
	// choose, the lowest free ones.
	SecondaryPrivateIPAddressCount int
	Groups                         []string // the VPC's default group when empty
	Tags                           ec2.Tags
}

// CreateNetworkInterface makes a network interface. Errors:
// InvalidSubnetID.NotFound, InvalidSecurityGroupID.NotFound,
// InvalidGroup.NotFound for a group of another VPC,
// SecurityGroupsPerInterfaceLimitExceeded, InvalidIPAddress.InUse,
// InvalidParameterValue, InsufficientFreeAddressesInSubnet.
func (tx *Tx) CreateNetworkInterface(in CreateNetworkInterfaceInput) (*ec2.NetworkInterface, error) {
	const action = "CreateNetworkInterface"
	n, err := tx.newInterface(action, in, nil)
	if err != nil {
		return nil, err
	}
	tx.put(n)
	tx.did(action, n.ID)
	return n, nil
}

// newInterface makes a network interface for CreateNetworkInterface or
// RunInstances, whose caller puts it into the world. The further addresses
// become secondary ones, also where the primary one is chosen.
func (tx *Tx) newInterface(action string, in CreateNetworkInterfaceInput, further []netip.Addr) (*ec2.NetworkInterface, error) {
	subnet, err := tx.subnet(action, in.SubnetID)
	if err != nil {
		return nil, err
	}
	parameter := "Groups"
	if action == "RunInstances" {
		parameter = "SecurityGroupIds"
	}
	groups, err := tx.groupsFor(action, parameter, subnet.VPCID, subnet.ID, in.Groups)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(action, in.Description); err != nil {
		return nil, err
	}
	if err := checkTags(action, in.Tags); err != nil {
		return nil, err
	}
	addresses, err := tx.firstAddresses(action, subnet, in, further)
	if err != nil {
		return nil, err
	}
	header := tx.header(ec2.PrefixNetworkInterface, in.Tags)
	return &ec2.NetworkInterface{
		Header:             header,
		VPCID:              subnet.VPCID,
		SubnetID:           subnet.ID,
		AvailabilityZone:   subnet.AvailabilityZone,
		Description:        in.Description,
		InterfaceType:      "interface",
		MACAddress:         tx.freeMAC(header.ID),
		PrivateIPAddresses: addresses,
		Groups:             groups,
		SourceDestCheck:    true,
	}, nil
}

// freeMAC gives the MAC address an interface keeps for life.
func (tx *Tx) freeMAC(interfaceID string) string {
	for attempt := 0; ; attempt++ {
		mac := ec2.MACAddress(interfaceID, attempt)
		if !tx.hasInterfaces(byMAC, mac) {
			return mac
		}
	}
}

func checkDescription(action, description string) error {
	const longest = 255 // EC2 API Reference, CreateNetworkInterface
	length := utf8.RuneCountInString(description)
	if length <= longest {
		return nil
	}
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "Description",
		Message: "Description exceeds the maximum length of 255 characters.",
		Summary: "The description is too long",
		Detail:  fmt.Sprintf("It has %d characters; at most %d are allowed.", length, longest),
		Remedy:  "Shorten it.",
	}
}

// ModifyNetworkInterfaceAttributeInput are the parameters of
// ModifyNetworkInterfaceAttribute; nil leaves an attribute as it is.
type ModifyNetworkInterfaceAttributeInput struct {
	NetworkInterfaceID string
	Description        *string
	SourceDestCheck    *bool
	Groups             *[]string // replaces the whole list
}

// ModifyNetworkInterfaceAttribute changes attributes of a network interface
// (EC2 takes one per call). Errors: InvalidNetworkInterfaceID.NotFound,
// InvalidParameterCombination for an empty list of groups, and those of
// CreateNetworkInterface about groups.
func (tx *Tx) ModifyNetworkInterfaceAttribute(in ModifyNetworkInterfaceAttributeInput) error {
	const action = "ModifyNetworkInterfaceAttribute"
	n, err := tx.networkInterface(action, in.NetworkInterfaceID)
	if err != nil {
		return err
	}
	changed := n.Clone()
	if in.Description != nil {
		if err := checkDescription(action, *in.Description); err != nil {
			return err
		}
		changed.Description = *in.Description
	}
	set(&changed.SourceDestCheck, in.SourceDestCheck)
	if in.Groups != nil {
		if len(*in.Groups) == 0 {
			return &ec2.Error{
				Action: action, Code: "InvalidParameterCombination", Parameter: "Groups",
				Message: "No attributes specified",
				Summary: "A network interface needs a security group",
				Detail:  sentence("the " + tx.nameInterface(n) + " would be left without any."),
				Remedy:  "Name at least one security group; the VPC's default group will do.",
			}
		}
		if changed.Groups, err = tx.groupsFor(action, "Groups", n.VPCID, n.SubnetID, *in.Groups); err != nil {
			return err
		}
	}
	if changed.Description == n.Description && changed.SourceDestCheck == n.SourceDestCheck && slices.Equal(changed.Groups, n.Groups) {
		return nil
	}
	tx.put(changed)
	tx.did(action, n.ID)
	return nil
}

// DeleteNetworkInterface deletes a network interface. Errors:
// InvalidNetworkInterfaceID.NotFound, InvalidParameterValue while it is
// attached.
func (tx *Tx) DeleteNetworkInterface(id string) error {
	const action = "DeleteNetworkInterface"
	n, err := tx.networkInterface(action, id)
	if err != nil {
		return err
	}
	if n.Attachment != nil {
		if holders := tx.standing([]ec2.Holder{tx.heldByAttachment(n, ec2.ClaimInterface, id)}); len(holders) > 0 {
			return &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "NetworkInterfaceId",
				Message: fmt.Sprintf("Network interface '%s' is currently in use.", id),
				Summary: "The network interface is still attached",
				Detail: fmt.Sprintf("The %s is attached to the %s at device index %d.",
					tx.nameInterface(n), tx.nameInstanceByID(n.Attachment.InstanceID), n.Attachment.DeviceIndex),
				Remedy:  "Detach it first.",
				Holders: holders,
			}
		}
	}
	tx.oust(n)
	tx.remove(n.Ref())
	tx.did(action, id)
	return nil
}

// NetworkInterface finds a network interface by its id.
func (tx *ReadTx) NetworkInterface(id string) (*ec2.NetworkInterface, bool) {
	return lookup[*ec2.NetworkInterface](tx, ec2.KindNetworkInterface, id)
}
