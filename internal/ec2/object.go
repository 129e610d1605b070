package ec2

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// Kind is EC2's word for a type of object, as it stands in ARNs and in tag
// specifications.
type Kind string

// The kinds of object a world holds.
const (
	KindVPC               Kind = "vpc"
	KindSubnet            Kind = "subnet"
	KindSecurityGroup     Kind = "security-group"
	KindSecurityGroupRule Kind = "security-group-rule"
	KindNetworkInterface  Kind = "network-interface"
	KindAttachment        Kind = "network-interface-attachment"
	KindInstance          Kind = "instance"
	// KindRegion records, per region, that its default VPC has been made.
	KindRegion Kind = "region"
)

// Ref names an object.
type Ref struct {
	Kind Kind
	ID   string
}

// Object is what a world holds. Objects are immutable once they are in a
// world: whoever changes one copies it first.
type Object interface {
	Ref() Ref
	Head() Header
}

// Taggable is an object that can have tags.
type Taggable interface {
	Object
	// WithTags is a copy with exactly these tags.
	WithTags(Tags) Object
}

// Header is what every object carries.
type Header struct {
	ID      string `json:"id"`
	Region  Region `json:"region"`
	OwnerID string `json:"owner_id"`
	// ManagedBy says whose hand made the object and will take it away:
	// "terraform", or "" for what a person or the simulated cloud made.
	ManagedBy string `json:"managed_by,omitempty"`
	Tags      Tags   `json:"tags,omitempty"`
}

// Head returns the header itself, which embedding types inherit.
func (h Header) Head() Header { return h }

// ARN is the object's Amazon Resource Name.
func objectARN(h Header, kind Kind) string {
	return ARN(h.Region, h.OwnerID, string(kind)+"/"+h.ID)
}

// RegionRecord says that the default VPC of a region has been made. It stays
// when that VPC is deleted, so that the region does not grow another.
type RegionRecord struct {
	Header
	DefaultVPCID string `json:"default_vpc_id"`
}

// Ref names the object.
func (r *RegionRecord) Ref() Ref { return Ref{KindRegion, r.ID} }

// VPC is a virtual private cloud.
type VPC struct {
	Header
	CIDRBlock          netip.Prefix `json:"cidr_block"`
	IsDefault          bool         `json:"is_default,omitempty"`
	InstanceTenancy    string       `json:"instance_tenancy"`
	EnableDNSSupport   bool         `json:"enable_dns_support"`
	EnableDNSHostnames bool         `json:"enable_dns_hostnames,omitempty"`

	// What EC2 makes together with a VPC.
	DefaultSecurityGroupID string `json:"default_security_group_id"`
	MainRouteTableID       string `json:"main_route_table_id"`
	DefaultNetworkACLID    string `json:"default_network_acl_id"`
	DHCPOptionsID          string `json:"dhcp_options_id"`
}

// Ref names the object.
func (v *VPC) Ref() Ref { return Ref{KindVPC, v.ID} }

// WithTags is a copy with exactly these tags.
func (v VPC) WithTags(tags Tags) Object {
	v.Tags = tags
	return &v
}

// ARN is the VPC's Amazon Resource Name.
func (v *VPC) ARN() string { return objectARN(v.Header, KindVPC) }

// Subnet is a range of a VPC's addresses in one Availability Zone.
type Subnet struct {
	Header
	VPCID               string       `json:"vpc_id"`
	CIDRBlock           netip.Prefix `json:"cidr_block"`
	AvailabilityZone    string       `json:"availability_zone"`
	AvailabilityZoneID  string       `json:"availability_zone_id"`
	DefaultForAZ        bool         `json:"default_for_az,omitempty"`
	MapPublicIPOnLaunch bool         `json:"map_public_ip_on_launch,omitempty"`
}

// Ref names the object.
func (s *Subnet) Ref() Ref { return Ref{KindSubnet, s.ID} }

// WithTags is a copy with exactly these tags.
func (s Subnet) WithTags(tags Tags) Object {
	s.Tags = tags
	return &s
}

// ARN is the subnet's Amazon Resource Name.
func (s *Subnet) ARN() string { return objectARN(s.Header, KindSubnet) }

// SecurityGroup is a named set of rules in a VPC. The rules are objects of
// their own.
type SecurityGroup struct {
	Header
	VPCID       string `json:"vpc_id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Ref names the object.
func (g *SecurityGroup) Ref() Ref { return Ref{KindSecurityGroup, g.ID} }

// WithTags is a copy with exactly these tags.
func (g SecurityGroup) WithTags(tags Tags) Object {
	g.Tags = tags
	return &g
}

// ARN is the security group's Amazon Resource Name.
func (g *SecurityGroup) ARN() string { return objectARN(g.Header, KindSecurityGroup) }

// RuleSpec is what a security group rule allows. It has exactly one source:
// an IPv4 or IPv6 CIDR block, a prefix list or a security group.
type RuleSpec struct {
	IPProtocol        string       `json:"ip_protocol"` // normalised, see [NormalizeProtocol]
	FromPort          int          `json:"from_port"`   // ICMP type for icmp; -1 with all protocols
	ToPort            int          `json:"to_port"`     // ICMP code for icmp; -1 with all protocols
	CIDRIPv4          netip.Prefix `json:"cidr_ipv4,omitzero"`
	CIDRIPv6          netip.Prefix `json:"cidr_ipv6,omitzero"`
	PrefixListID      string       `json:"prefix_list_id,omitempty"`
	ReferencedGroupID string       `json:"referenced_group_id,omitempty"`
}

// SecurityGroupRule is one rule of one security group.
type SecurityGroupRule struct {
	Header
	GroupID     string `json:"group_id"`
	IsEgress    bool   `json:"is_egress,omitempty"`
	Description string `json:"description,omitempty"`
	RuleSpec
}

// Ref names the object.
func (r *SecurityGroupRule) Ref() Ref { return Ref{KindSecurityGroupRule, r.ID} }

// WithTags is a copy with exactly these tags.
func (r SecurityGroupRule) WithTags(tags Tags) Object {
	r.Tags = tags
	return &r
}

// NetworkInterface is an elastic network interface. It belongs to its subnet,
// and so to one Availability Zone, for life.
type NetworkInterface struct {
	Header
	VPCID            string `json:"vpc_id"`
	SubnetID         string `json:"subnet_id"`
	AvailabilityZone string `json:"availability_zone"`
	Description      string `json:"description,omitempty"`
	InterfaceType    string `json:"interface_type"`
	MACAddress       string `json:"mac_address"`
	// PrivateIPAddresses are the IPv4 addresses, the primary one first.
	PrivateIPAddresses []netip.Addr `json:"private_ip_addresses"`
	// Groups are the ids of the security groups, sorted.
	Groups          []string `json:"groups"`
	SourceDestCheck bool     `json:"source_dest_check"`
	// LaunchedWith is the instance whose launch made this interface, if one
	// did; then the instance, not a resource of its own, manages it.
	LaunchedWith string `json:"launched_with,omitempty"`
	// Attachments is how often the interface has been attached.
	Attachments int         `json:"attachments,omitempty"`
	Attachment  *Attachment `json:"attachment,omitempty"`
}

// Ref names the object.
func (n *NetworkInterface) Ref() Ref { return Ref{KindNetworkInterface, n.ID} }

// WithTags is a copy with exactly these tags.
func (n NetworkInterface) WithTags(tags Tags) Object {
	n.Tags = tags
	return &n
}

// ARN is the network interface's Amazon Resource Name.
func (n *NetworkInterface) ARN() string { return objectARN(n.Header, KindNetworkInterface) }

// PrivateIP is the primary private IPv4 address.
func (n *NetworkInterface) PrivateIP() netip.Addr { return n.PrivateIPAddresses[0] }

// SecondaryPrivateIPs are the private IPv4 addresses but the primary one.
func (n *NetworkInterface) SecondaryPrivateIPs() []netip.Addr { return n.PrivateIPAddresses[1:] }

// Status is EC2's: "available" or "in-use".
func (n *NetworkInterface) Status() string {
	if n.Attachment == nil {
		return "available"
	}
	return "in-use"
}

// Clone copies the interface so that the copy may be changed.
func (n *NetworkInterface) Clone() *NetworkInterface {
	c := *n
	c.PrivateIPAddresses = slices.Clone(n.PrivateIPAddresses)
	c.Groups = slices.Clone(n.Groups)
	return &c
}

// Attachment ties a network interface to an instance. It is part of the
// interface, as in DescribeNetworkInterfaces, and has an id of its own.
type Attachment struct {
	ID                  string    `json:"id"`
	InstanceID          string    `json:"instance_id"`
	DeviceIndex         int       `json:"device_index"`
	NetworkCardIndex    int       `json:"network_card_index"`
	DeleteOnTermination bool      `json:"delete_on_termination,omitempty"`
	AttachTime          time.Time `json:"attach_time"`
}

// Primary reports whether the attachment is that of the instance's primary
// interface, which stays as long as the instance does.
func (a *Attachment) Primary() bool { return a.DeviceIndex == 0 && a.NetworkCardIndex == 0 }

// InstanceState is EC2's name of an instance's state.
type InstanceState string

// The states an instance rests in. The simulated cloud passes through the
// others (pending, stopping, shutting-down) in no time.
const (
	InstanceRunning    InstanceState = "running"
	InstanceStopped    InstanceState = "stopped"
	InstanceTerminated InstanceState = "terminated"
)

// Instance is a virtual machine, as far as its network sees it.
type Instance struct {
	Header
	ImageID               string        `json:"image_id"`
	InstanceType          string        `json:"instance_type"`
	State                 InstanceState `json:"state"`
	VPCID                 string        `json:"vpc_id"`
	SubnetID              string        `json:"subnet_id"`
	AvailabilityZone      string        `json:"availability_zone"`
	LaunchTime            time.Time     `json:"launch_time"`
	TerminationTime       time.Time     `json:"termination_time,omitzero"`
	KeyName               string        `json:"key_name,omitempty"`
	Tenancy               string        `json:"tenancy"`
	DisableAPITermination bool          `json:"disable_api_termination,omitempty"`
	DisableAPIStop        bool          `json:"disable_api_stop,omitempty"`
	UserData              string        `json:"user_data,omitempty"` // base64, as in the API
}

// Ref names the object.
func (i *Instance) Ref() Ref { return Ref{KindInstance, i.ID} }

// WithTags is a copy with exactly these tags.
func (i Instance) WithTags(tags Tags) Object {
	i.Tags = tags
	return &i
}

// ARN is the instance's Amazon Resource Name.
func (i *Instance) ARN() string { return objectARN(i.Header, KindInstance) }

// CompareDevices orders attachments as the instance numbers them: by network
// card, then by device index.
func CompareDevices(a, b *Attachment) int {
	return cmp.Or(cmp.Compare(a.NetworkCardIndex, b.NetworkCardIndex), cmp.Compare(a.DeviceIndex, b.DeviceIndex))
}
