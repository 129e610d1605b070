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

type vpcDataSource struct{}

var _ core.DataSource[vpcDataSourceModel] = vpcDataSource{}

func (vpcDataSource) Name() string { return "vpc" }

func (vpcDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "One VPC. Exactly one has to match the arguments; each region has a default VPC.", map[string]schema.Attribute{
		"arn":                                  shownString("The VPC's ARN."),
		"cidr_block":                           argument("The IPv4 addresses of the VPC, a CIDR block."),
		"cidr_block_associations":              shownObjects(cidrBlockAssociationType, "The CIDR blocks of the VPC, each with the `association_id` and the `state` of its association."),
		"default":                              flag("Whether this is the region's default VPC. `true` looks for that; `false` is as good as not set."),
		"dhcp_options_id":                      argument("The id of the VPC's DHCP options.", validID("a DHCP options set", ec2.PrefixDHCPOptions)),
		"enable_dns_hostnames":                 shownBool("Whether network interfaces have a DNS name."),
		"enable_dns_support":                   shownBool("Whether the VPC has a DNS server."),
		"enable_network_address_usage_metrics": shownBool("Whether there are metrics of the use of addresses: `false`."),
		"id":                                   argument("The VPC's id.", validID("a VPC", ec2.PrefixVPC)),
		"instance_tenancy":                     shownString("The tenancy of instances: `default` or `dedicated`."),
		"ipv6_association_id":                  shownString("The id of the association of the IPv6 addresses: none."),
		"ipv6_cidr_block":                      shownString("The IPv6 addresses of the VPC: none."),
		"main_route_table_id":                  shownString("The id of the VPC's main route table."),
		"owner_id":                             shownString("The id of the lab's account."),
		"state":                                argument("The state: `available`."),
		"tags":                                 tagsArgument("Tags the VPC has. Shows all its tags."),
	})
}

var cidrBlockAssociationType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"association_id": types.StringType,
	"cidr_block":     types.StringType,
	"state":          types.StringType,
}}

type vpcDataSourceModel struct {
	searching
	ARN                              types.String `tfsdk:"arn"`
	CIDRBlock                        types.String `tfsdk:"cidr_block"`
	CIDRBlockAssociations            types.List   `tfsdk:"cidr_block_associations"`
	Default                          types.Bool   `tfsdk:"default"`
	DHCPOptionsID                    types.String `tfsdk:"dhcp_options_id"`
	EnableDNSHostnames               types.Bool   `tfsdk:"enable_dns_hostnames"`
	EnableDNSSupport                 types.Bool   `tfsdk:"enable_dns_support"`
	EnableNetworkAddressUsageMetrics types.Bool   `tfsdk:"enable_network_address_usage_metrics"`
	ID                               types.String `tfsdk:"id"`
	InstanceTenancy                  types.String `tfsdk:"instance_tenancy"`
	IPv6AssociationID                types.String `tfsdk:"ipv6_association_id"`
	IPv6CIDRBlock                    types.String `tfsdk:"ipv6_cidr_block"`
	MainRouteTableID                 types.String `tfsdk:"main_route_table_id"`
	OwnerID                          types.String `tfsdk:"owner_id"`
	State                            types.String `tfsdk:"state"`
	Tags                             types.Map    `tfsdk:"tags"`
}

func (vpcDataSource) Parameters() core.Parameters { return searchParameters }

var vpcLookup = lookup[*ec2.VPC]{
	noun:     "VPC",
	awsNoun:  "EC2 VPC",
	describe: (*engine.ReadTx).DescribeVPCs,
	facts: func(v *ec2.VPC) []string {
		facts := []string{v.CIDRBlock.String()}
		if v.IsDefault {
			facts = append(facts, "the default VPC")
		}
		return facts
	},
}

func (vpcDataSource) Read(tx *engine.ReadTx, m *vpcDataSourceModel) error {
	v, err := vpcLookup.one(tx, slices.Concat(
		by("id", "vpc-id", m.ID),
		when("default", "is-default", m.Default),
		by("cidr_block", "cidr", m.CIDRBlock),
		by("dhcp_options_id", "dhcp-options-id", m.DHCPOptionsID),
		by("state", "state", m.State),
		byTags("tags", m.Tags),
		m.byFilters(),
	))
	if err != nil {
		return err
	}
	m.ARN = types.StringValue(v.ARN())
	m.CIDRBlock = types.StringValue(v.CIDRBlock.String())
	m.CIDRBlockAssociations = cidrBlockAssociations(v)
	m.Default = types.BoolValue(v.IsDefault)
	m.DHCPOptionsID = types.StringValue(v.DHCPOptionsID)
	m.EnableDNSHostnames = types.BoolValue(v.EnableDNSHostnames)
	m.EnableDNSSupport = types.BoolValue(v.EnableDNSSupport)
	m.EnableNetworkAddressUsageMetrics = types.BoolValue(false)
	m.ID = types.StringValue(v.ID)
	m.InstanceTenancy = types.StringValue(v.InstanceTenancy)
	m.IPv6AssociationID = types.StringValue("")
	m.IPv6CIDRBlock = types.StringValue("")
	m.MainRouteTableID = types.StringValue(v.MainRouteTableID)
	m.OwnerID = types.StringValue(v.OwnerID)
	m.State = types.StringValue("available")
	m.Tags = shownTags(v)
	return nil
}

// cidrBlockAssociations is the association of the VPC's one CIDR block. Its id
// follows from the two: nothing else knows it.
func cidrBlockAssociations(v *ec2.VPC) types.List {
	block := v.CIDRBlock.String()
	association := types.ObjectValueMust(cidrBlockAssociationType.AttrTypes, map[string]attr.Value{
		"association_id": types.StringValue(ec2.DeriveID(ec2.PrefixVPCCIDRAssociation, v.ID, block)),
		"cidr_block":     types.StringValue(block),
		"state":          types.StringValue("associated"),
	})
	return types.ListValueMust(cidrBlockAssociationType, []attr.Value{association})
}
