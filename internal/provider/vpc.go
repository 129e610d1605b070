package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type vpc struct{}

var (
	_ core.Resource[vpcModel] = vpc{}
	_ core.Replacer[vpcModel] = vpc{}
)

func (vpc) Name() string { return "vpc" }

func (vpc) Schema(context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A virtual private cloud. It comes with a default security group, a main route table, a default network ACL and DHCP options.",
		Version:             1,
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The VPC's ARN.",
			},
			"cidr_block": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The IPv4 addresses of the VPC: a CIDR block between `/16` and `/28` without host bits.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validIPv4CIDR, validVPCCIDR},
			},
			"default_network_acl_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the network ACL that came with the VPC.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"default_route_table_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the route table that came with the VPC.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"default_security_group_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the security group that came with the VPC.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"dhcp_options_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the VPC's DHCP options, which all VPCs of a region share.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
			"enable_dns_hostnames": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Whether network interfaces have a DNS name, in `private_dns_name`. Defaults to `false`.",
			},
			"enable_dns_support": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: "Whether the VPC has a DNS server. Defaults to `true`.",
			},
			"instance_tenancy": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("default"),
				MarkdownDescription: "The tenancy of the instances in the VPC: `default` or `dedicated`. Defaults to `default`. A change to `default` is made in place; one to `dedicated` replaces the resource.",
				Validators:          []validator.String{stringvalidator.OneOf("default", "dedicated")},
			},
			"main_route_table_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the VPC's main route table.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"owner_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the lab's account.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
		},
	}
}

type vpcModel struct {
	core.Base
	core.Tagged
	ARN                    types.String `tfsdk:"arn"`
	CIDRBlock              types.String `tfsdk:"cidr_block"`
	DefaultNetworkACLID    types.String `tfsdk:"default_network_acl_id"`
	DefaultRouteTableID    types.String `tfsdk:"default_route_table_id"`
	DefaultSecurityGroupID types.String `tfsdk:"default_security_group_id"`
	DHCPOptionsID          types.String `tfsdk:"dhcp_options_id"`
	EnableDNSHostnames     types.Bool   `tfsdk:"enable_dns_hostnames"`
	EnableDNSSupport       types.Bool   `tfsdk:"enable_dns_support"`
	InstanceTenancy        types.String `tfsdk:"instance_tenancy"`
	MainRouteTableID       types.String `tfsdk:"main_route_table_id"`
	OwnerID                types.String `tfsdk:"owner_id"`
}

func (vpc) Parameters() core.Parameters {
	return core.Parameters{
		"CidrBlock":       path.Root("cidr_block"),
		"InstanceTenancy": path.Root("instance_tenancy"),
		"Tag":             path.Root("tags"),
	}
}

func (vpc) Object(m *vpcModel) ec2.Ref { return ec2.Ref{Kind: ec2.KindVPC, ID: m.ID.ValueString()} }

// Replaces: EC2 changes the tenancy to default in place, and no other way.
func (vpc) Replaces(prior, planned *vpcModel) path.Paths {
	if planned.InstanceTenancy.Equal(prior.InstanceTenancy) || planned.InstanceTenancy.ValueString() == "default" {
		return nil
	}
	return path.Paths{path.Root("instance_tenancy")}
}

func (r vpc) Create(tx *engine.Tx, m *vpcModel) error {
	v, err := tx.CreateVPC(engine.CreateVPCInput{
		CIDRBlock:       core.Prefix(m.CIDRBlock),
		InstanceTenancy: m.InstanceTenancy.ValueString(),
		Tags:            m.AllTags(),
	})
	if err != nil {
		return err
	}
	m.ID = types.StringValue(v.ID)
	return r.modify(tx, m)
}

func (r vpc) Update(tx *engine.Tx, prior, m *vpcModel) error {
	if err := tx.ModifyVPCTenancy(m.ID.ValueString(), m.InstanceTenancy.ValueString()); err != nil {
		return err
	}
	return r.modify(tx, m)
}

func (vpc) modify(tx *engine.Tx, m *vpcModel) error {
	return tx.ModifyVPCAttribute(engine.ModifyVPCAttributeInput{
		VPCID:              m.ID.ValueString(),
		EnableDNSSupport:   core.Optional(m.EnableDNSSupport, m.EnableDNSSupport.ValueBool),
		EnableDNSHostnames: core.Optional(m.EnableDNSHostnames, m.EnableDNSHostnames.ValueBool),
	})
}

func (vpc) Read(tx *engine.ReadTx, m *vpcModel) error {
	v, ok := tx.VPC(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	m.ARN = types.StringValue(v.ARN())
	m.CIDRBlock = types.StringValue(v.CIDRBlock.String())
	m.DefaultNetworkACLID = types.StringValue(v.DefaultNetworkACLID)
	m.DefaultRouteTableID = types.StringValue(v.MainRouteTableID)
	m.DefaultSecurityGroupID = types.StringValue(v.DefaultSecurityGroupID)
	m.DHCPOptionsID = types.StringValue(v.DHCPOptionsID)
	m.EnableDNSHostnames = types.BoolValue(v.EnableDNSHostnames)
	m.EnableDNSSupport = types.BoolValue(v.EnableDNSSupport)
	m.InstanceTenancy = types.StringValue(v.InstanceTenancy)
	m.MainRouteTableID = types.StringValue(v.MainRouteTableID)
	m.OwnerID = types.StringValue(v.OwnerID)
	return nil
}

func (vpc) Delete(tx *engine.Tx, m *vpcModel) error { return tx.DeleteVPC(m.ID.ValueString()) }
