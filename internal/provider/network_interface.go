package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
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

type networkInterface struct{}

var (
	_ core.Resource[networkInterfaceModel] = networkInterface{}
	_ core.Holder[networkInterfaceModel]   = networkInterface{}
	_ core.Replacer[networkInterfaceModel] = networkInterface{}
	_ core.Yielder[networkInterfaceModel]  = networkInterface{}
)

func (networkInterface) Name() string { return "network_interface" }

func (networkInterface) Schema(context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An elastic network interface. Its addresses, MAC address and security groups stay with it when it moves from one instance to another.",
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The interface's ARN.",
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "A description, of at most 255 characters.",
				Validators:          []validator.String{stringvalidator.LengthAtMost(255)},
			},
			"interface_type": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The type of the interface: `interface`.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
			"mac_address": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The MAC address, which stays for life.",
			},
			"owner_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the lab's account.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
			"private_dns_name": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The private DNS name, if the VPC has DNS host names enabled.",
			},
			"private_ip": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The primary private IPv4 address, which is among `private_ips` where both are set. Defaults to the lowest free address of the subnet. Changing it replaces the resource.",
				Validators:          []validator.String{validIPv4Address, validAddressArguments},
			},
			"private_ip_list": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "All private IPv4 addresses in order, the primary one first. To set it, set `private_ip_list_enabled` as well. Changing the first one replaces the resource.",
				Validators: []validator.List{
					listvalidator.ConflictsWith(path.MatchRoot("private_ips"), path.MatchRoot("private_ips_count")),
					listvalidator.SizeAtLeast(1),
					listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(validIPv4Address),
				},
			},
			"private_ip_list_enabled": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether the addresses are given by `private_ip_list`. Defaults to `false`.",
			},
			"private_ips": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Computed:    true,
				MarkdownDescription: "All private IPv4 addresses. The primary one is `private_ip`, else the one that was primary before, else the lowest. " +
					"Taking the primary address away replaces the resource.",
				Validators: []validator.Set{anAddress, setvalidator.ValueStringsAre(validIPv4Address)},
			},
			"private_ips_count": schema.Int64Attribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The number of secondary private IPv4 addresses. Those that `private_ips` does not name are the lowest free ones.",
				Validators:          []validator.Int64{int64validator.AtLeast(0), validAddressArguments},
			},
			"security_groups": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The ids of security groups of the interface's VPC, one to five. Defaults to the VPC's default group.",
				Validators:          []validator.Set{aSecurityGroup},
			},
			"source_dest_check": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: "Whether traffic must be from or to the interface's own addresses; set it to `false` for NAT and routing. Defaults to `true`.",
			},
			"subnet_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the subnet, which the interface never leaves.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
			},
		},
		Blocks: map[string]schema.Block{
			"attachment": schema.SetNestedBlock{
				MarkdownDescription: "Attaches the interface to an instance; at most one. Changing it moves the interface, removing it detaches it. " +
					"Use either this block or a `vpclab_network_interface_attachment` for one interface, not both.",
				PlanModifiers: []planmodifier.Set{core.Settled},
				Validators:    []validator.Set{setvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"attachment_id": schema.StringAttribute{
							Computed:            true,
							MarkdownDescription: "The id of the attachment.",
						},
						"device_index": schema.Int64Attribute{
							Required:            true,
							MarkdownDescription: "The device index: 1 or above, below the number of interfaces of the instance's type.",
						},
						"instance": schema.StringAttribute{
							Required:            true,
							MarkdownDescription: "The id of the instance.",
						},
						"network_card_index": schema.Int64Attribute{
							Optional:            true,
							Computed:            true,
							MarkdownDescription: "The index of the network card. Defaults to 0.",
						},
					},
				},
			},
		},
	}
}

type networkInterfaceModel struct {
	core.Base
	core.Tagged
	ARN                  types.String `tfsdk:"arn"`
	Attachment           types.Set    `tfsdk:"attachment"` // of inlineAttachmentModel, one at most
	Description          types.String `tfsdk:"description"`
	InterfaceType        types.String `tfsdk:"interface_type"`
	MACAddress           types.String `tfsdk:"mac_address"`
	OwnerID              types.String `tfsdk:"owner_id"`
	PrivateDNSName       types.String `tfsdk:"private_dns_name"`
	PrivateIP            types.String `tfsdk:"private_ip"`
	PrivateIPList        types.List   `tfsdk:"private_ip_list"`
	PrivateIPListEnabled types.Bool   `tfsdk:"private_ip_list_enabled"`
	PrivateIPs           types.Set    `tfsdk:"private_ips"`
	PrivateIPsCount      types.Int64  `tfsdk:"private_ips_count"`
	SecurityGroups       types.Set    `tfsdk:"security_groups"`
	SourceDestCheck      types.Bool   `tfsdk:"source_dest_check"`
	SubnetID             types.String `tfsdk:"subnet_id"`
}

func (networkInterface) Parameters() core.Parameters {
	return core.Parameters{
		"Description":                        path.Root("description"),
		"Groups":                             path.Root("security_groups"),
		"PrivateIpAddresses":                 path.Root("private_ips"),
		"SubnetId":                           path.Root("subnet_id"),
		"Tag":                                path.Root("tags"),
		"AttachNetworkInterface.DeviceIndex": path.Root("attachment"),
		"AttachNetworkInterface.InstanceId":  path.Root("attachment"),
		"AttachNetworkInterface.NetworkCardIndex":   path.Root("attachment"),
		"AttachNetworkInterface.NetworkInterfaceId": path.Root("attachment"),
	}
}

func (networkInterface) Object(m *networkInterfaceModel) ec2.Ref {
	return ec2.Ref{Kind: ec2.KindNetworkInterface, ID: m.ID.ValueString()}
}

// Holds: with an attachment block, the attachment too.
func (networkInterface) Holds(_ *engine.ReadTx, m *networkInterfaceModel) []ec2.Ref {
	if inline, ok := inlineAttachment(m.Attachment); ok {
		return []ec2.Ref{{Kind: ec2.KindAttachment, ID: inline.AttachmentID.ValueString()}}
	}
	return nil
}

// Replaces: an interface keeps its primary address for life. One that may have to
// go, because the addresses come from elsewhere, is taken to go.
func (networkInterface) Replaces(prior, planned *networkInterfaceModel) path.Paths {
	primary := prior.PrivateIP.ValueString()
	if list := core.Strings(prior.PrivateIPList); len(list) > 0 {
		primary = list[0]
	}
	switch {
	case !planned.PrivateIPList.Equal(prior.PrivateIPList):
		if list := planned.PrivateIPList.Elements(); len(list) == 0 || !list[0].Equal(types.StringValue(primary)) {
			return path.Paths{path.Root("private_ip_list")}
		}
	case !planned.PrivateIPs.Equal(prior.PrivateIPs):
		if !slices.Contains(core.Strings(planned.PrivateIPs), primary) {
			return path.Paths{path.Root("private_ips")}
		}
	case planned.PrivateIP.ValueString() != primary:
		return path.Paths{path.Root("private_ip")}
	}
	return nil
}

func (networkInterface) Create(tx *engine.Tx, m *networkInterfaceModel) error {
	if err := checkAddressArguments(m); err != nil {
		return err
	}
	if err := aSecurityGroup.check(m.SecurityGroups, path.Root("security_groups")); err != nil {
		return err
	}
	addresses := wantedAddresses(m)
	n, err := tx.CreateNetworkInterface(engine.CreateNetworkInterfaceInput{
		SubnetID:                       m.SubnetID.ValueString(),
		Description:                    m.Description.ValueString(),
		PrivateIPAddresses:             addresses,
		SecondaryPrivateIPAddressCount: max(0, int(m.PrivateIPsCount.ValueInt64())-max(0, len(addresses)-1)),
		Groups:                         core.Strings(m.SecurityGroups),
		Tags:                           m.AllTags(),
	})
	if err != nil {
		return err
	}
	m.ID = types.StringValue(n.ID)
	if !m.SourceDestCheck.ValueBool() && !m.SourceDestCheck.IsUnknown() {
		check := false
		err := tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: n.ID, SourceDestCheck: &check})
		if err != nil {
			return err
		}
	}
	return attachInline(tx, m)
}

func (networkInterface) Read(tx *engine.ReadTx, m *networkInterfaceModel) error {
	n, ok := tx.NetworkInterface(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	addresses := core.AddressStrings(n.PrivateIPAddresses)
	m.PrivateIPs = readPrivateIPs(m, addresses)
	m.ARN = types.StringValue(n.ARN())
	m.Attachment = readInlineAttachment(m.Attachment, n.Attachment)
	m.Description = readDescription(m.Description, n.Description)
	m.InterfaceType = types.StringValue(n.InterfaceType)
	m.MACAddress = types.StringValue(n.MACAddress)
	m.OwnerID = types.StringValue(n.OwnerID)
	m.PrivateDNSName = types.StringValue(privateDNSName(tx, n))
	m.PrivateIP = types.StringValue(addresses[0])
	m.PrivateIPList = core.StringList(addresses)
	m.PrivateIPListEnabled = types.BoolValue(m.PrivateIPListEnabled.ValueBool())
	m.PrivateIPsCount = types.Int64Value(int64(len(addresses) - 1))
	m.SecurityGroups = core.StringSet(n.Groups)
	m.SourceDestCheck = types.BoolValue(n.SourceDestCheck)
	m.SubnetID = types.StringValue(n.SubnetID)
	return nil
}

// readDescription keeps apart an absent description and an empty one, which
// EC2 does not tell apart.
func readDescription(known types.String, actual string) types.String {
	if actual == "" && known.IsNull() {
		return known
	}
	return types.StringValue(actual)
}

// privateDNSName is empty unless the VPC has DNS host names enabled.
func privateDNSName(tx *engine.ReadTx, n *ec2.NetworkInterface) string {
	if v, ok := tx.VPC(n.VPCID); !ok || !v.EnableDNSHostnames {
		return ""
	}
	return ec2.PrivateDNSName(n.Region, n.PrivateIP())
}

func (networkInterface) Update(tx *engine.Tx, prior, m *networkInterfaceModel) error {
	if err := checkAddressArguments(m); err != nil {
		return err
	}
	description := m.Description.ValueString()
	change := engine.ModifyNetworkInterfaceAttributeInput{
		NetworkInterfaceID: m.ID.ValueString(),
		Description:        &description,
		SourceDestCheck:    core.Optional(m.SourceDestCheck, m.SourceDestCheck.ValueBool),
	}
	if changed(prior.SecurityGroups, m.SecurityGroups) {
		groups := core.Strings(m.SecurityGroups)
		change.Groups = &groups
	}
	if err := tx.ModifyNetworkInterfaceAttribute(change); err != nil {
		return err
	}
	if err := updateAddresses(tx, prior, m); err != nil {
		return err
	}
	if err := detachInline(tx, prior, m); err != nil {
		return err
	}
	return attachInline(tx, m)
}

// changed reports whether the plan gives a value other than before.
func changed(prior, planned attr.Value) bool { return !planned.IsUnknown() && !planned.Equal(prior) }

// given reports whether a value is there.
func given(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

// Yield detaches the interface when the update moves it, and takes addresses
// away that it is to lose, so that another resource which waits for its place or
// for an address can go on.
func (networkInterface) Yield(tx *engine.Tx, prior, m *networkInterfaceModel) error {
	if err := detachInline(tx, prior, m); err != nil {
		return err
	}
	return yieldAddresses(tx, prior, m)
}

func (networkInterface) Delete(tx *engine.Tx, m *networkInterfaceModel) error {
	id := m.ID.ValueString()
	if n, ok := tx.NetworkInterface(id); ok && n.Attachment != nil {
		if err := tx.DetachNetworkInterface(n.Attachment.ID); err != nil {
			return err
		}
	}
	return tx.DeleteNetworkInterface(id)
}
