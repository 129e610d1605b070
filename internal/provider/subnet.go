package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type subnet struct{}

var (
	_ core.Resource[subnetModel] = subnet{}
	_ core.Placer                = subnet{}
)

func (subnet) Name() string { return "subnet" }

func (subnet) Schema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A subnet: a part of a VPC's addresses, in one Availability Zone. EC2 keeps its first four addresses and its last for itself.",
		Version:             1,
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The subnet's ARN.",
			},
			"availability_zone": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The Availability Zone, such as `us-east-1a`. Defaults to the region's first one.",
				PlanModifiers:       []planmodifier.String{core.ForceNew, core.Settled},
				Validators:          []validator.String{notEmptyString, stringvalidator.ConflictsWith(path.MatchRoot("availability_zone_id"))},
			},
			"availability_zone_id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The id of the Availability Zone, such as `use1-az1`, instead of its name.",
				PlanModifiers:       []planmodifier.String{core.ForceNew, core.Settled},
				Validators:          []validator.String{notEmptyString},
			},
			"cidr_block": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The IPv4 addresses of the subnet: a CIDR block between `/16` and `/28` inside the VPC's, which does not overlap with its other subnets.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validIPv4CIDR, validSubnetCIDR},
			},
			"map_public_ip_on_launch": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether instances launched into the subnet are to get a public address. It is kept, and there are no public addresses in a lab. Defaults to `false`.",
			},
			"owner_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the lab's account.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
			"vpc_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the VPC.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": core.TimeoutsBlock(ctx, timeouts.Opts{Create: true, Delete: true}),
		},
	}
}

type subnetModel struct {
	core.Base
	core.Tagged
	core.Timed
	ARN                 types.String `tfsdk:"arn"`
	AvailabilityZone    types.String `tfsdk:"availability_zone"`
	AvailabilityZoneID  types.String `tfsdk:"availability_zone_id"`
	CIDRBlock           types.String `tfsdk:"cidr_block"`
	MapPublicIPOnLaunch types.Bool   `tfsdk:"map_public_ip_on_launch"`
	OwnerID             types.String `tfsdk:"owner_id"`
	VPCID               types.String `tfsdk:"vpc_id"`
}

func (subnet) Parameters() core.Parameters {
	return core.Parameters{
		"AvailabilityZone":   path.Root("availability_zone"),
		"AvailabilityZoneId": path.Root("availability_zone_id"),
		"CidrBlock":          path.Root("cidr_block"),
		"VpcId":              path.Root("vpc_id"),
		"Tag":                path.Root("tags"),
	}
}

func (subnet) Placing() []string { return []string{"availability_zone", "availability_zone_id"} }

func (subnet) Object(m *subnetModel) ec2.Ref {
	return ec2.Ref{Kind: ec2.KindSubnet, ID: m.ID.ValueString()}
}

func (subnet) Create(tx *engine.Tx, m *subnetModel) error {
	in := engine.CreateSubnetInput{
		VPCID:               m.VPCID.ValueString(),
		CIDRBlock:           core.Prefix(m.CIDRBlock),
		AvailabilityZone:    m.AvailabilityZone.ValueString(),
		MapPublicIPOnLaunch: m.MapPublicIPOnLaunch.ValueBool(),
		Tags:                m.AllTags(),
	}
	if in.AvailabilityZone == "" {
		in.AvailabilityZoneID = m.AvailabilityZoneID.ValueString()
	}
	s, err := tx.CreateSubnet(in)
	if err != nil {
		return err
	}
	m.ID = types.StringValue(s.ID)
	return nil
}

func (subnet) Read(tx *engine.ReadTx, m *subnetModel) error {
	s, ok := tx.Subnet(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	m.ARN = types.StringValue(s.ARN())
	m.AvailabilityZone = types.StringValue(s.AvailabilityZone)
	m.AvailabilityZoneID = types.StringValue(s.AvailabilityZoneID)
	m.CIDRBlock = types.StringValue(s.CIDRBlock.String())
	m.MapPublicIPOnLaunch = types.BoolValue(s.MapPublicIPOnLaunch)
	m.OwnerID = types.StringValue(s.OwnerID)
	m.VPCID = types.StringValue(s.VPCID)
	return nil
}

func (subnet) Update(tx *engine.Tx, _, m *subnetModel) error {
	return tx.ModifySubnetAttribute(m.ID.ValueString(), m.MapPublicIPOnLaunch.ValueBool())
}

func (subnet) Delete(tx *engine.Tx, m *subnetModel) error {
	return tx.DeleteSubnet(m.ID.ValueString())
}
