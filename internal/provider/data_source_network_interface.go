package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type networkInterfaceDataSource struct{}

var _ core.DataSource[networkInterfaceDataSourceModel] = networkInterfaceDataSource{}

func (networkInterfaceDataSource) Name() string { return "network_interface" }

func (networkInterfaceDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "One network interface. Exactly one has to match the arguments.", map[string]schema.Attribute{
		"arn":                   shownString("The interface's ARN."),
		"association":           shownObjects(shownAssociationType, "The Elastic IP address of the interface: none."),
		"attachment":            shownObjects(shownAttachmentType, "The attachment to an instance, if there is one: its id, the instance's id and owner, the device index and the network card index."),
		"availability_zone":     shownString("The Availability Zone, which is that of the subnet."),
		"description":           shownString("The description."),
		"ena_srd_specification": shownObjects(shownENASRDType, "The settings of ENA Express: none."),
		"id":                    argument("The interface's id.", validID("a network interface", ec2.PrefixNetworkInterface)),
		"interface_type":        shownString("The type of the interface: `interface`."),
		"ipv6_addresses":        shownStringSet("The IPv6 addresses: none."),
		"mac_address":           shownString("The MAC address, which stays for life."),
		"outpost_arn":           shownString("The ARN of the Outpost the interface is on: none."),
		"owner_id":              shownString("The id of the lab's account."),
		"private_dns_name":      shownString("The private DNS name, if the VPC has DNS host names enabled."),
		"private_ip":            shownString("The primary private IPv4 address."),
		"private_ips":           shownStringList("All private IPv4 addresses in order, the primary one first."),
		"requester_id":          shownString("The id of the service that made the interface: none."),
		"security_groups":       shownStringSet("The ids of the security groups."),
		"subnet_id":             shownString("The id of the subnet."),
		"tags":                  tagsArgument("Tags the interface has. Shows all its tags."),
		"vpc_id":                shownString("The id of the VPC."),
	})
}

// shownAssociationType is of what the simulated cloud does not have yet.
var shownAssociationType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"allocation_id":     types.StringType,
	"association_id":    types.StringType,
	"carrier_ip":        types.StringType,
	"customer_owned_ip": types.StringType,
	"ip_owner_id":       types.StringType,
	"public_dns_name":   types.StringType,
	"public_ip":         types.StringType,
}}

// shownAttachmentType is not that of the resource's block, in hashicorp/aws
// either.
var shownAttachmentType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"attachment_id":      types.StringType,
	"device_index":       types.Int64Type,
	"instance_id":        types.StringType,
	"instance_owner_id":  types.StringType,
	"network_card_index": types.Int64Type,
}}

var shownENASRDType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"ena_srd_enabled": types.BoolType,
	"ena_srd_udp_specification": types.ListType{ElemType: types.ObjectType{AttrTypes: map[string]attr.Type{
		"ena_srd_udp_enabled": types.BoolType,
	}}},
}}

type networkInterfaceDataSourceModel struct {
	searching
	ARN                 types.String `tfsdk:"arn"`
	Association         types.List   `tfsdk:"association"`
	Attachment          types.List   `tfsdk:"attachment"`
	AvailabilityZone    types.String `tfsdk:"availability_zone"`
	Description         types.String `tfsdk:"description"`
	ENASRDSpecification types.List   `tfsdk:"ena_srd_specification"`
	ID                  types.String `tfsdk:"id"`
	InterfaceType       types.String `tfsdk:"interface_type"`
	IPv6Addresses       types.Set    `tfsdk:"ipv6_addresses"`
	MACAddress          types.String `tfsdk:"mac_address"`
	OutpostARN          types.String `tfsdk:"outpost_arn"`
	OwnerID             types.String `tfsdk:"owner_id"`
	PrivateDNSName      types.String `tfsdk:"private_dns_name"`
	PrivateIP           types.String `tfsdk:"private_ip"`
	PrivateIPs          types.List   `tfsdk:"private_ips"`
	RequesterID         types.String `tfsdk:"requester_id"`
	SecurityGroups      types.Set    `tfsdk:"security_groups"`
	SubnetID            types.String `tfsdk:"subnet_id"`
	Tags                types.Map    `tfsdk:"tags"`
	VPCID               types.String `tfsdk:"vpc_id"`
}

func (networkInterfaceDataSource) Parameters() core.Parameters { return searchParameters }

var networkInterfaceLookup = lookup[*ec2.NetworkInterface]{
	noun:     "network interface",
	awsNoun:  "EC2 Network Interface",
	describe: (*engine.ReadTx).DescribeNetworkInterfaces,
	facts: func(n *ec2.NetworkInterface) []string {
		return []string{n.PrivateIP().String(), n.SubnetID, n.Status()}
	},
}

func (networkInterfaceDataSource) Read(tx *engine.ReadTx, m *networkInterfaceDataSourceModel) error {
	n, err := networkInterfaceLookup.one(tx, slices.Concat(
		by("id", "network-interface-id", m.ID),
		byTags("tags", m.Tags),
		m.byFilters(),
	))
	if err != nil {
		return err
	}
	m.ARN = types.StringValue(n.ARN())
	m.Association = types.ListValueMust(shownAssociationType, nil)
	m.Attachment = shownAttachment(n)
	m.AvailabilityZone = types.StringValue(n.AvailabilityZone)
	m.Description = types.StringValue(n.Description)
	m.ENASRDSpecification = types.ListValueMust(shownENASRDType, nil)
	m.ID = types.StringValue(n.ID)
	m.InterfaceType = types.StringValue(n.InterfaceType)
	m.IPv6Addresses = core.StringSet(nil)
	m.MACAddress = types.StringValue(n.MACAddress)
	m.OutpostARN = types.StringValue("")
	m.OwnerID = types.StringValue(n.OwnerID)
	m.PrivateDNSName = types.StringValue(privateDNSName(tx, n))
	m.PrivateIP = types.StringValue(n.PrivateIP().String())
	m.PrivateIPs = core.StringList(core.AddressStrings(n.PrivateIPAddresses))
	m.RequesterID = types.StringValue("")
	m.SecurityGroups = core.StringSet(n.Groups)
	m.SubnetID = types.StringValue(n.SubnetID)
	m.Tags = shownTags(n)
	m.VPCID = types.StringValue(n.VPCID)
	return nil
}

func shownAttachment(n *ec2.NetworkInterface) types.List {
	if n.Attachment == nil {
		return types.ListValueMust(shownAttachmentType, nil)
	}
	attachment := types.ObjectValueMust(shownAttachmentType.AttrTypes, map[string]attr.Value{
		"attachment_id":      types.StringValue(n.Attachment.ID),
		"device_index":       types.Int64Value(int64(n.Attachment.DeviceIndex)),
		"instance_id":        types.StringValue(n.Attachment.InstanceID),
		"instance_owner_id":  types.StringValue(n.OwnerID),
		"network_card_index": types.Int64Value(int64(n.Attachment.NetworkCardIndex)),
	})
	return types.ListValueMust(shownAttachmentType, []attr.Value{attachment})
}
