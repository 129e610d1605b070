package cli

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// inventory is what a lab holds, and the shape of "show --json", on which scripts
// rely: fields are added, never renamed or removed. Names are those of EC2's Describe
// actions in snake_case. Arrays and objects are never null, but attachment is where
// there is none. VPCs come in the order of region and id, the rest in that of region,
// VPC and address, and so the order is the same for the same lab.
type inventory struct {
	AccountID         string             `json:"account_id"`
	Location          string             `json:"location"` // of the lab's file, which need not exist
	VPCs              []vpc              `json:"vpcs"`
	Subnets           []subnet           `json:"subnets"`
	SecurityGroups    []securityGroup    `json:"security_groups"`
	Instances         []instance         `json:"instances"`
	NetworkInterfaces []networkInterface `json:"network_interfaces"`

	hidden int // terminated instances that were left out
}

type vpc struct {
	VPCID     string       `json:"vpc_id"`
	Region    ec2.Region   `json:"region"`
	CIDRBlock netip.Prefix `json:"cidr_block"`
	IsDefault bool         `json:"is_default"`
	Tags      tags         `json:"tags"`
}

type subnet struct {
	SubnetID                string       `json:"subnet_id"`
	Region                  ec2.Region   `json:"region"`
	VPCID                   string       `json:"vpc_id"`
	AvailabilityZone        string       `json:"availability_zone"`
	AvailabilityZoneID      string       `json:"availability_zone_id"`
	CIDRBlock               netip.Prefix `json:"cidr_block"`
	AvailableIPAddressCount int          `json:"available_ip_address_count"`
	MapPublicIPOnLaunch     bool         `json:"map_public_ip_on_launch"`
	DefaultForAZ            bool         `json:"default_for_az"`
	Tags                    tags         `json:"tags"`
}

type securityGroup struct {
	GroupID     string     `json:"group_id"`
	Region      ec2.Region `json:"region"`
	VPCID       string     `json:"vpc_id"`
	GroupName   string     `json:"group_name"`
	Description string     `json:"description"`
	Tags        tags       `json:"tags"`
}

type instance struct {
	InstanceID       string            `json:"instance_id"`
	Region           ec2.Region        `json:"region"`
	VPCID            string            `json:"vpc_id"`
	SubnetID         string            `json:"subnet_id"`
	AvailabilityZone string            `json:"availability_zone"`
	State            ec2.InstanceState `json:"state"`
	InstanceType     string            `json:"instance_type"`
	ImageID          string            `json:"image_id"`
	LaunchTime       time.Time         `json:"launch_time"`
	// PrivateIPAddress is that of the primary interface, "" once the instance is
	// terminated.
	PrivateIPAddress string `json:"private_ip_address"`
	// NetworkInterfaceIDs are the attached interfaces in the order of their device
	// indexes, the primary one first.
	NetworkInterfaceIDs []string `json:"network_interface_ids"`
	Tags                tags     `json:"tags"`
}

type networkInterface struct {
	NetworkInterfaceID string     `json:"network_interface_id"`
	Region             ec2.Region `json:"region"`
	VPCID              string     `json:"vpc_id"`
	SubnetID           string     `json:"subnet_id"`
	AvailabilityZone   string     `json:"availability_zone"`
	Status             string     `json:"status"` // "available" or "in-use"
	InterfaceType      string     `json:"interface_type"`
	Description        string     `json:"description"`
	MACAddress         string     `json:"mac_address"`
	PrivateIPAddress   netip.Addr `json:"private_ip_address"`
	// PrivateIPAddresses are all addresses, the primary one first.
	PrivateIPAddresses []privateIPAddress `json:"private_ip_addresses"`
	Groups             []groupIdentifier  `json:"groups"`
	SourceDestCheck    bool               `json:"source_dest_check"`
	Attachment         *attachment        `json:"attachment"`
	Tags               tags               `json:"tags"`
}

type privateIPAddress struct {
	PrivateIPAddress netip.Addr `json:"private_ip_address"`
	Primary          bool       `json:"primary"`
}

type groupIdentifier struct {
	GroupID   string `json:"group_id"`
	GroupName string `json:"group_name"`
}

type attachment struct {
	AttachmentID        string    `json:"attachment_id"`
	InstanceID          string    `json:"instance_id"`
	DeviceIndex         int       `json:"device_index"`
	NetworkCardIndex    int       `json:"network_card_index"`
	DeleteOnTermination bool      `json:"delete_on_termination"`
	AttachTime          time.Time `json:"attach_time"`
}

type tags map[string]string

// name is the value of the tag Name.
func (t tags) name() string { return ec2.Tags(t).Name() }

// selection says what of a lab is wanted.
type selection struct {
	region     ec2.Region // all when empty
	terminated bool       // terminated instances too
}

// takeInventory collects what a lab holds.
func takeInventory(tx *engine.ReadTx, wanted selection) inventory {
	found := inventory{
		AccountID:         tx.Account(),
		VPCs:              []vpc{},
		Subnets:           []subnet{},
		SecurityGroups:    []securityGroup{},
		Instances:         []instance{},
		NetworkInterfaces: []networkInterface{},
	}
	for object := range tx.Objects() {
		head := object.Head()
		if wanted.region != "" && head.Region != wanted.region {
			continue
		}
		switch o := object.(type) {
		case *ec2.VPC:
			found.VPCs = append(found.VPCs, vpc{
				VPCID:     o.ID,
				Region:    o.Region,
				CIDRBlock: o.CIDRBlock,
				IsDefault: o.IsDefault,
				Tags:      tagsOf(head),
			})
		case *ec2.Subnet:
			found.Subnets = append(found.Subnets, subnet{
				SubnetID:                o.ID,
				Region:                  o.Region,
				VPCID:                   o.VPCID,
				AvailabilityZone:        o.AvailabilityZone,
				AvailabilityZoneID:      o.AvailabilityZoneID,
				CIDRBlock:               o.CIDRBlock,
				AvailableIPAddressCount: tx.AvailableIPAddressCount(o.ID),
				MapPublicIPOnLaunch:     o.MapPublicIPOnLaunch,
				DefaultForAZ:            o.DefaultForAZ,
				Tags:                    tagsOf(head),
			})
		case *ec2.SecurityGroup:
			found.SecurityGroups = append(found.SecurityGroups, securityGroup{
				GroupID:     o.ID,
				Region:      o.Region,
				VPCID:       o.VPCID,
				GroupName:   o.Name,
				Description: o.Description,
				Tags:        tagsOf(head),
			})
		case *ec2.Instance:
			if o.State == ec2.InstanceTerminated && !wanted.terminated {
				found.hidden++
				continue
			}
			found.Instances = append(found.Instances, instanceOf(tx, o))
		case *ec2.NetworkInterface:
			found.NetworkInterfaces = append(found.NetworkInterfaces, networkInterfaceOf(tx, o))
		}
	}
	found.sort()
	return found
}

func instanceOf(tx *engine.ReadTx, o *ec2.Instance) instance {
	i := instance{
		InstanceID:          o.ID,
		Region:              o.Region,
		VPCID:               o.VPCID,
		SubnetID:            o.SubnetID,
		AvailabilityZone:    o.AvailabilityZone,
		State:               o.State,
		InstanceType:        o.InstanceType,
		ImageID:             o.ImageID,
		LaunchTime:          o.LaunchTime,
		NetworkInterfaceIDs: []string{},
		Tags:                tagsOf(o.Header),
	}
	attached := slices.SortedFunc(tx.In(o.Region).InterfacesOf(o.ID), func(a, b *ec2.NetworkInterface) int {
		return ec2.CompareDevices(a.Attachment, b.Attachment)
	})
	for _, n := range attached {
		i.NetworkInterfaceIDs = append(i.NetworkInterfaceIDs, n.ID)
		if n.Attachment.Primary() {
			i.PrivateIPAddress = n.PrivateIP().String()
		}
	}
	return i
}

func networkInterfaceOf(tx *engine.ReadTx, o *ec2.NetworkInterface) networkInterface {
	n := networkInterface{
		NetworkInterfaceID: o.ID,
		Region:             o.Region,
		VPCID:              o.VPCID,
		SubnetID:           o.SubnetID,
		AvailabilityZone:   o.AvailabilityZone,
		Status:             o.Status(),
		InterfaceType:      o.InterfaceType,
		Description:        o.Description,
		MACAddress:         o.MACAddress,
		PrivateIPAddress:   o.PrivateIP(),
		Groups:             []groupIdentifier{},
		SourceDestCheck:    o.SourceDestCheck,
		Tags:               tagsOf(o.Header),
	}
	for i, address := range o.PrivateIPAddresses {
		n.PrivateIPAddresses = append(n.PrivateIPAddresses, privateIPAddress{address, i == 0})
	}
	for _, id := range o.Groups {
		group := groupIdentifier{GroupID: id}
		if g, ok := tx.In(o.Region).SecurityGroup(id); ok {
			group.GroupName = g.Name
		}
		n.Groups = append(n.Groups, group)
	}
	slices.SortFunc(n.Groups, func(a, b groupIdentifier) int {
		return cmp.Or(cmp.Compare(a.GroupName, b.GroupName), cmp.Compare(a.GroupID, b.GroupID))
	})
	if a := o.Attachment; a != nil {
		n.Attachment = &attachment{
			AttachmentID:        a.ID,
			InstanceID:          a.InstanceID,
			DeviceIndex:         a.DeviceIndex,
			NetworkCardIndex:    a.NetworkCardIndex,
			DeleteOnTermination: a.DeleteOnTermination,
			AttachTime:          a.AttachTime,
		}
	}
	return n
}

// tagsOf are the tags of an object, never nil.
func tagsOf(h ec2.Header) tags {
	if h.Tags == nil {
		return tags{}
	}
	return tags(h.Tags)
}

func (v inventory) sort() {
	slices.SortFunc(v.VPCs, func(a, b vpc) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.VPCID, b.VPCID))
	})
	slices.SortFunc(v.Subnets, func(a, b subnet) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.VPCID, b.VPCID),
			a.CIDRBlock.Addr().Compare(b.CIDRBlock.Addr()), cmp.Compare(a.SubnetID, b.SubnetID))
	})
	slices.SortFunc(v.SecurityGroups, func(a, b securityGroup) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.VPCID, b.VPCID),
			cmp.Compare(a.GroupName, b.GroupName), cmp.Compare(a.GroupID, b.GroupID))
	})
	slices.SortFunc(v.Instances, func(a, b instance) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.VPCID, b.VPCID),
			compareAddresses(a.PrivateIPAddress, b.PrivateIPAddress), cmp.Compare(a.InstanceID, b.InstanceID))
	})
	slices.SortFunc(v.NetworkInterfaces, func(a, b networkInterface) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.VPCID, b.VPCID),
			a.PrivateIPAddress.Compare(b.PrivateIPAddress), cmp.Compare(a.NetworkInterfaceID, b.NetworkInterfaceID))
	})
}

// compareAddresses compares two addresses as numbers; one that is missing comes last.
func compareAddresses(a, b string) int {
	first, errA := netip.ParseAddr(a)
	second, errB := netip.ParseAddr(b)
	switch {
	case errA == nil && errB == nil:
		return first.Compare(second)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	default:
		return 0
	}
}
