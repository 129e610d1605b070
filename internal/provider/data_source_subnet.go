package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type subnetDataSource struct{}

var _ core.DataSource[subnetDataSourceModel] = subnetDataSource{}

func (subnetDataSource) Name() string { return "subnet" }

func (subnetDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "One subnet. Exactly one has to match the arguments.", map[string]schema.Attribute{
		"arn":                                            shownString("The subnet's ARN."),
		"assign_ipv6_address_on_creation":                shownBool("Whether network interfaces get an IPv6 address: `false`."),
		"availability_zone":                              argument("The Availability Zone."),
		"availability_zone_id":                           argument("The id of the Availability Zone, such as `use1-az1`."),
		"available_ip_address_count":                     shownNumber("The number of free IPv4 addresses."),
		"cidr_block":                                     argument("The IPv4 addresses of the subnet, a CIDR block."),
		"customer_owned_ipv4_pool":                       shownString("The pool of customer-owned addresses: none."),
		"default_for_az":                                 flag("Whether this is the default subnet of its Availability Zone. `true` looks for one; `false` is as good as not set."),
		"enable_dns64":                                   shownBool("Whether DNS64 is on: `false`."),
		"enable_lni_at_device_index":                     shownNumber("The device index of local network interfaces: 0, for none."),
		"enable_resource_name_dns_a_record_on_launch":    shownBool("Whether instances get DNS A records for resource names: `false`."),
		"enable_resource_name_dns_aaaa_record_on_launch": shownBool("Whether instances get DNS AAAA records for resource names: `false`."),
		"id":                                  argument("The subnet's id.", validID("a subnet", ec2.PrefixSubnet)),
		"ipv6_cidr_block":                     shownString("The IPv6 addresses of the subnet: none."),
		"ipv6_cidr_block_association_id":      shownString("The id of the association of the IPv6 addresses: none."),
		"ipv6_native":                         shownBool("Whether the subnet has IPv6 addresses only: `false`."),
		"map_customer_owned_ip_on_launch":     shownBool("Whether network interfaces get a customer-owned address: `false`."),
		"map_public_ip_on_launch":             shownBool("Whether instances launched into the subnet are to get a public address."),
		"outpost_arn":                         shownString("The ARN of the Outpost the subnet is on: none."),
		"owner_id":                            shownString("The id of the lab's account."),
		"private_dns_hostname_type_on_launch": shownString("The kind of host names instances get: `ip-name`."),
		"state":                               argument("The state: `available`."),
		"tags":                                tagsArgument("Tags the subnet has. Shows all its tags."),
		"vpc_id":                              argument("The id of the VPC.", validID("a VPC", ec2.PrefixVPC)),
	})
}

type subnetDataSourceModel struct {
	searching
	ARN                                     types.String `tfsdk:"arn"`
	AssignIPv6AddressOnCreation             types.Bool   `tfsdk:"assign_ipv6_address_on_creation"`
	AvailabilityZone                        types.String `tfsdk:"availability_zone"`
	AvailabilityZoneID                      types.String `tfsdk:"availability_zone_id"`
	AvailableIPAddressCount                 types.Int64  `tfsdk:"available_ip_address_count"`
	CIDRBlock                               types.String `tfsdk:"cidr_block"`
	CustomerOwnedIPv4Pool                   types.String `tfsdk:"customer_owned_ipv4_pool"`
	DefaultForAZ                            types.Bool   `tfsdk:"default_for_az"`
	EnableDNS64                             types.Bool   `tfsdk:"enable_dns64"`
	EnableLNIAtDeviceIndex                  types.Int64  `tfsdk:"enable_lni_at_device_index"`
	EnableResourceNameDNSARecordOnLaunch    types.Bool   `tfsdk:"enable_resource_name_dns_a_record_on_launch"`
	EnableResourceNameDNSAAAARecordOnLaunch types.Bool   `tfsdk:"enable_resource_name_dns_aaaa_record_on_launch"`
	ID                                      types.String `tfsdk:"id"`
	IPv6CIDRBlock                           types.String `tfsdk:"ipv6_cidr_block"`
	IPv6CIDRBlockAssociationID              types.String `tfsdk:"ipv6_cidr_block_association_id"`
	IPv6Native                              types.Bool   `tfsdk:"ipv6_native"`
	MapCustomerOwnedIPOnLaunch              types.Bool   `tfsdk:"map_customer_owned_ip_on_launch"`
	MapPublicIPOnLaunch                     types.Bool   `tfsdk:"map_public_ip_on_launch"`
	OutpostARN                              types.String `tfsdk:"outpost_arn"`
	OwnerID                                 types.String `tfsdk:"owner_id"`
	PrivateDNSHostnameTypeOnLaunch          types.String `tfsdk:"private_dns_hostname_type_on_launch"`
	State                                   types.String `tfsdk:"state"`
	Tags                                    types.Map    `tfsdk:"tags"`
	VPCID                                   types.String `tfsdk:"vpc_id"`
}

func (subnetDataSource) Parameters() core.Parameters { return searchParameters }

var subnetLookup = lookup[*ec2.Subnet]{
	noun:     "subnet",
	awsNoun:  "EC2 Subnet",
	describe: (*engine.ReadTx).DescribeSubnets,
	facts: func(s *ec2.Subnet) []string {
		return []string{s.CIDRBlock.String(), s.AvailabilityZone, s.VPCID}
	},
}

func (subnetDataSource) Read(tx *engine.ReadTx, m *subnetDataSourceModel) error {
	s, err := subnetLookup.one(tx, slices.Concat(
		by("id", "subnet-id", m.ID),
		by("vpc_id", "vpc-id", m.VPCID),
		by("availability_zone", "availability-zone", m.AvailabilityZone),
		by("availability_zone_id", "availability-zone-id", m.AvailabilityZoneID),
		by("cidr_block", "cidr-block", m.CIDRBlock),
		when("default_for_az", "default-for-az", m.DefaultForAZ),
		by("state", "state", m.State),
		byTags("tags", m.Tags),
		m.byFilters(),
	))
	if err != nil {
		return err
	}
	none := types.StringValue("")
	off := types.BoolValue(false)
	m.ARN = types.StringValue(s.ARN())
	m.AssignIPv6AddressOnCreation = off
	m.AvailabilityZone = types.StringValue(s.AvailabilityZone)
	m.AvailabilityZoneID = types.StringValue(s.AvailabilityZoneID)
	m.AvailableIPAddressCount = types.Int64Value(int64(tx.AvailableIPAddressCount(s.ID)))
	m.CIDRBlock = types.StringValue(s.CIDRBlock.String())
	m.CustomerOwnedIPv4Pool = none
	m.DefaultForAZ = types.BoolValue(s.DefaultForAZ)
	m.EnableDNS64 = off
	m.EnableLNIAtDeviceIndex = types.Int64Value(0)
	m.EnableResourceNameDNSARecordOnLaunch = off
	m.EnableResourceNameDNSAAAARecordOnLaunch = off
	m.ID = types.StringValue(s.ID)
	m.IPv6CIDRBlock = none
	m.IPv6CIDRBlockAssociationID = none
	m.IPv6Native = off
	m.MapCustomerOwnedIPOnLaunch = off
	m.MapPublicIPOnLaunch = types.BoolValue(s.MapPublicIPOnLaunch)
	m.OutpostARN = none
	m.OwnerID = types.StringValue(s.OwnerID)
	m.PrivateDNSHostnameTypeOnLaunch = types.StringValue("ip-name")
	m.State = types.StringValue("available")
	m.Tags = shownTags(s)
	m.VPCID = types.StringValue(s.VPCID)
	return nil
}
