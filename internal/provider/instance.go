package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type instance struct{}

var (
	_ core.Resource[instanceModel] = instance{}
	_ core.Holder[instanceModel]   = instance{}
	_ core.Replacer[instanceModel] = instance{}
	_ core.Placer                  = instance{}
	_ core.Yielder[instanceModel]  = instance{}
)

func (instance) Name() string { return "instance" }

func (instance) Schema(ctx context.Context) schema.Schema {
	// What an instance takes from its network interfaces when it brings them
	// along.
	fromInterfaces := []path.Expression{
		path.MatchRoot("private_ip"),
		path.MatchRoot("secondary_private_ips"),
		path.MatchRoot("security_groups"),
		path.MatchRoot("subnet_id"),
		path.MatchRoot("vpc_security_group_ids"),
	}
	return schema.Schema{
		MarkdownDescription: "An instance, as far as its network sees it: its type, its network interfaces and where they are. Nothing runs in it.",
		Version:             2,
		Attributes: map[string]schema.Attribute{
			"ami": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the image. Any well-formed id will do.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
			},
			"arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The instance's ARN.",
			},
			"availability_zone": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The Availability Zone, which is that of the subnet or the primary network interface. Where neither is given, the zone chooses the default subnet to launch into.",
				PlanModifiers:       []planmodifier.String{core.ForceNew, core.Settled},
				Validators:          []validator.String{notEmptyString},
			},
			"disable_api_stop": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Whether the instance is protected against being stopped. Defaults to `false`.",
			},
			"disable_api_termination": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Whether the instance is protected against being terminated. Defaults to `false`.",
			},
			"force_destroy": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the instance lifts its protections first. Defaults to `false`.",
			},
			"instance_state": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The state: `running` or `stopped`.",
			},
			"instance_type": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The instance type, which limits the number of network interfaces and of addresses on each. Changing it stops and starts the instance, or replaces the resource where the architecture is another one.",
				Validators:          []validator.String{validInstanceType},
			},
			"key_name": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The name of the key pair. Any name will do.",
				PlanModifiers:       []planmodifier.String{core.ForceNew, core.Settled},
			},
			"primary_network_interface_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the primary network interface.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"private_dns": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The private DNS name.",
			},
			"private_ip": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The primary private IPv4 address. Defaults to the lowest free address of the subnet.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validIPv4Address},
			},
			"secondary_private_ips": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The secondary private IPv4 addresses of the primary network interface.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(validIPv4Address)},
			},
			"security_groups": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The names of the security groups, in the default VPC only. Elsewhere use `vpc_security_group_ids`.",
				PlanModifiers:       []planmodifier.Set{core.ForceNew},
			},
			"source_dest_check": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The source/destination check of the primary network interface. Defaults to `true`, or to what an interface brought along has.",
				PlanModifiers:       []planmodifier.Bool{sourceDestCheckDefault{}},
			},
			"subnet_id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The id of the subnet to launch into. Defaults to the default VPC's subnet in `availability_zone`, or in the region's first zone.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{notEmptyString},
			},
			"tenancy": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The tenancy: `default`, `dedicated` or `host`. Defaults to the VPC's `instance_tenancy`.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{stringvalidator.OneOf("default", "dedicated", "host")},
			},
			"user_data": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text for the instance to run at launch, which is kept and not run. Changing it stops and starts the instance.",
				Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("user_data_base64")), validUserData},
			},
			"user_data_base64": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "As `user_data`, in base64. Use one of the two.",
				Validators:          []validator.String{validBase64, validUserDataBase64},
			},
			"user_data_replace_on_change": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether a change of the user data replaces the instance. Defaults to `false`.",
			},
			"vpc_security_group_ids": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The ids of the security groups of the primary network interface. Defaults to the VPC's default group.",
				Validators:          []validator.Set{aSecurityGroup},
			},
		},
		Blocks: map[string]schema.Block{
			"network_interface": schema.SetNestedBlock{
				MarkdownDescription: "An existing network interface to launch with; one of several has device index 0, the primary one. Use `primary_network_interface` instead, and `vpclab_network_interface_attachment` for the others.",
				DeprecationMessage:  "Use primary_network_interface for the primary network interface and vpclab_network_interface_attachment for the others.",
				Validators:          []validator.Set{setvalidator.ConflictsWith(append(fromInterfaces, path.MatchRoot("primary_network_interface"))...)},
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"delete_on_termination": schema.BoolAttribute{
							Optional:            true,
							Computed:            true,
							Default:             booldefault.StaticBool(false),
							MarkdownDescription: "Must be `false`: an interface that exists before the instance outlives it.",
						},
						"device_index": schema.Int64Attribute{
							Required:            true,
							MarkdownDescription: "The device index: 0 for the primary network interface.",
						},
						"network_card_index": schema.Int64Attribute{
							Optional:            true,
							Computed:            true,
							Default:             int64default.StaticInt64(0),
							MarkdownDescription: "The index of the network card. Defaults to 0.",
						},
						"network_interface_id": schema.StringAttribute{
							Required:            true,
							MarkdownDescription: "The id of the network interface.",
						},
					},
				},
			},
			"primary_network_interface": schema.ListNestedBlock{
				MarkdownDescription: "An existing network interface to launch with as the primary one; at most one. It outlives the instance. Another one replaces the resource.",
				Validators:          []validator.List{atMostOne, listvalidator.ConflictsWith(append(fromInterfaces, path.MatchRoot("source_dest_check"))...)},
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"delete_on_termination": schema.BoolAttribute{
							Computed:            true,
							Default:             booldefault.StaticBool(false),
							MarkdownDescription: "Always `false`.",
						},
						"network_interface_id": schema.StringAttribute{
							Required:            true,
							MarkdownDescription: "The id of the network interface.",
						},
					},
				},
			},
			"timeouts": core.TimeoutsBlock(ctx, timeouts.Opts{Create: true, Read: true, Update: true, Delete: true}),
		},
	}
}

type instanceModel struct {
	core.Base
	core.Tagged
	core.Timed
	AMI                       types.String `tfsdk:"ami"`
	ARN                       types.String `tfsdk:"arn"`
	AvailabilityZone          types.String `tfsdk:"availability_zone"`
	DisableAPIStop            types.Bool   `tfsdk:"disable_api_stop"`
	DisableAPITermination     types.Bool   `tfsdk:"disable_api_termination"`
	ForceDestroy              types.Bool   `tfsdk:"force_destroy"`
	InstanceState             types.String `tfsdk:"instance_state"`
	InstanceType              types.String `tfsdk:"instance_type"`
	KeyName                   types.String `tfsdk:"key_name"`
	NetworkInterface          types.Set    `tfsdk:"network_interface"`         // of launchInterfaceModel
	PrimaryNetworkInterface   types.List   `tfsdk:"primary_network_interface"` // of primaryInterfaceModel, one at most
	PrimaryNetworkInterfaceID types.String `tfsdk:"primary_network_interface_id"`
	PrivateDNS                types.String `tfsdk:"private_dns"`
	PrivateIP                 types.String `tfsdk:"private_ip"`
	SecondaryPrivateIPs       types.Set    `tfsdk:"secondary_private_ips"`
	SecurityGroups            types.Set    `tfsdk:"security_groups"`
	SourceDestCheck           types.Bool   `tfsdk:"source_dest_check"`
	SubnetID                  types.String `tfsdk:"subnet_id"`
	Tenancy                   types.String `tfsdk:"tenancy"`
	UserData                  types.String `tfsdk:"user_data"`
	UserDataBase64            types.String `tfsdk:"user_data_base64"`
	UserDataReplaceOnChange   types.Bool   `tfsdk:"user_data_replace_on_change"`
	VPCSecurityGroupIDs       types.Set    `tfsdk:"vpc_security_group_ids"`
}

func (instance) Parameters() core.Parameters {
	brought := path.Root("network_interface")
	return core.Parameters{
		"AvailabilityZone":   path.Root("availability_zone"),
		"Groups":             path.Root("vpc_security_group_ids"),
		"ImageId":            path.Root("ami"),
		"InstanceType":       path.Root("instance_type"),
		"PrivateIpAddress":   path.Root("private_ip"),
		"PrivateIpAddresses": path.Root("secondary_private_ips"),
		"SecurityGroupIds":   path.Root("vpc_security_group_ids"),
		"SecurityGroups":     path.Root("security_groups"),
		"SubnetId":           path.Root("subnet_id"),
		"Tag":                path.Root("tags"),

		"DeleteOnTermination": brought,
		"DeviceIndex":         brought,
		"NetworkCardIndex":    brought,
		"NetworkInterfaceId":  brought,

		"SecondaryPrivateIpAddresses": path.Root("secondary_private_ips"),
	}
}

func (instance) Placing() []string {
	return []string{"availability_zone", "private_ip", "secondary_private_ips", "security_groups", "subnet_id", "vpc_security_group_ids"}
}

func (instance) Object(m *instanceModel) ec2.Ref {
	return ec2.Ref{Kind: ec2.KindInstance, ID: m.ID.ValueString()}
}

// Holds: the interface made at its launch, and the attachments of those it
// brought along.
func (instance) Holds(tx *engine.ReadTx, m *instanceModel) []ec2.Ref {
	var refs []ec2.Ref
	brought := map[string]bool{}
	for _, i := range broughtInterfaces(m) {
		brought[i.NetworkInterfaceID] = true
	}
	for n := range tx.InterfacesOf(m.ID.ValueString()) {
		if n.LaunchedWith != "" {
			refs = append(refs, n.Ref())
		}
		if n.LaunchedWith != "" || brought[n.ID] || n.Attachment.Primary() {
			refs = append(refs, ec2.Ref{Kind: ec2.KindAttachment, ID: n.Attachment.ID})
		}
	}
	return refs
}

// Replaces: an image runs on one architecture only, user data may be meant for a
// new instance, and interfaces are brought along at launch only.
func (instance) Replaces(prior, planned *instanceModel) path.Paths {
	var paths path.Paths
	if brought := broughtInterfaces(planned); len(brought) > 0 && !bringsTheSame(prior, brought) {
		name := "network_interface"
		if len(planned.PrimaryNetworkInterface.Elements()) > 0 {
			name = "primary_network_interface"
		}
		paths.Append(path.Root(name))
	}
	if !planned.InstanceType.Equal(prior.InstanceType) && !sameArchitecture(prior.InstanceType.ValueString(), planned.InstanceType.ValueString()) {
		paths.Append(path.Root("instance_type"))
	}
	if attribute := changedUserData(prior, planned); attribute != "" && planned.UserDataReplaceOnChange.ValueBool() {
		paths.Append(path.Root(attribute))
	}
	return paths
}

// sameArchitecture is true where one of the types is not known yet.
func sameArchitecture(a, b string) bool {
	before, err1 := ec2.LookupInstanceType(a)
	after, err2 := ec2.LookupInstanceType(b)
	return err1 != nil || err2 != nil || before.Architecture() == after.Architecture()
}

func (instance) Create(tx *engine.Tx, m *instanceModel) error {
	if err := aSecurityGroup.check(m.VPCSecurityGroupIDs, path.Root("vpc_security_group_ids")); err != nil {
		return err
	}
	i, err := tx.RunInstances(engine.RunInstancesInput{
		ImageID:                     m.AMI.ValueString(),
		InstanceType:                m.InstanceType.ValueString(),
		SubnetID:                    m.SubnetID.ValueString(),
		AvailabilityZone:            m.AvailabilityZone.ValueString(),
		PrivateIPAddress:            core.Address(m.PrivateIP),
		SecondaryPrivateIPAddresses: core.Addresses(m.SecondaryPrivateIPs),
		SecurityGroupIDs:            core.Strings(m.VPCSecurityGroupIDs),
		SecurityGroups:              core.Strings(m.SecurityGroups),
		NetworkInterfaces:           broughtInterfaces(m),
		KeyName:                     m.KeyName.ValueString(),
		Tenancy:                     m.Tenancy.ValueString(),
		UserData:                    userData(m),
		DisableAPITermination:       m.DisableAPITermination.ValueBool(),
		DisableAPIStop:              m.DisableAPIStop.ValueBool(),
		Tags:                        m.AllTags(),
	})
	if err != nil {
		return err
	}
	m.ID = types.StringValue(i.ID)
	return checkSource(tx, m)
}

func (instance) Read(tx *engine.ReadTx, m *instanceModel) error {
	i, ok := tx.Instance(m.ID.ValueString())
	if !ok || i.State == ec2.InstanceTerminated {
		return core.ErrGone
	}
	m.AMI = types.StringValue(i.ImageID)
	m.ARN = types.StringValue(i.ARN())
	m.AvailabilityZone = types.StringValue(i.AvailabilityZone)
	m.DisableAPIStop = types.BoolValue(i.DisableAPIStop)
	m.DisableAPITermination = types.BoolValue(i.DisableAPITermination)
	m.ForceDestroy = types.BoolValue(m.ForceDestroy.ValueBool())
	m.InstanceState = types.StringValue(string(i.State))
	m.InstanceType = types.StringValue(i.InstanceType)
	m.KeyName = types.StringValue(i.KeyName)
	m.SubnetID = types.StringValue(i.SubnetID)
	m.Tenancy = types.StringValue(i.Tenancy)
	m.UserDataReplaceOnChange = types.BoolValue(m.UserDataReplaceOnChange.ValueBool())
	readUserData(m, i.UserData)
	readPrimaryInterface(tx, m)
	return nil
}

func (instance) Update(tx *engine.Tx, prior, m *instanceModel) error {
	id := m.ID.ValueString()
	protection := engine.ModifyInstanceAttributeInput{
		InstanceID:            id,
		DisableAPITermination: core.Optional(m.DisableAPITermination, m.DisableAPITermination.ValueBool),
		DisableAPIStop:        core.Optional(m.DisableAPIStop, m.DisableAPIStop.ValueBool),
	}
	if err := tx.ModifyInstanceAttribute(protection); err != nil {
		return err
	}
	// Fewer addresses before the type, which may be smaller; more of them after it.
	if err := (instance{}).Yield(tx, prior, m); err != nil {
		return err
	}
	if err := resize(tx, prior, m); err != nil {
		return err
	}
	return updatePrimaryInterface(tx, prior, m)
}

// Yield takes addresses away that the update is to take, so that another resource
// which waits for one of them can go on.
func (instance) Yield(tx *engine.Tx, prior, m *instanceModel) error {
	primary, ok := tx.PrimaryInterface(m.ID.ValueString())
	if !ok || !changed(prior.SecondaryPrivateIPs, m.SecondaryPrivateIPs) {
		return nil
	}
	surplus, _, _ := addressChange(primary.PrivateIPAddresses, core.Addresses(m.SecondaryPrivateIPs), -1)
	return tx.UnassignPrivateIPAddresses(primary.ID, surplus)
}

// resize changes what EC2 changes on a stopped instance only, and starts it.
func resize(tx *engine.Tx, prior, m *instanceModel) error {
	change := engine.ModifyInstanceAttributeInput{InstanceID: m.ID.ValueString()}
	if changed(prior.InstanceType, m.InstanceType) {
		change.InstanceType = core.Optional(m.InstanceType, m.InstanceType.ValueString)
	}
	if data := userData(m); data != userData(prior) && (changed(prior.UserData, m.UserData) || changed(prior.UserDataBase64, m.UserDataBase64)) {
		change.UserData = &data
	}
	if change.InstanceType == nil && change.UserData == nil {
		return nil
	}
	if err := tx.StopInstances(change.InstanceID); err != nil {
		return err
	}
	if err := tx.ModifyInstanceAttribute(change); err != nil {
		return err
	}
	return tx.StartInstances(change.InstanceID)
}

func (instance) Delete(tx *engine.Tx, m *instanceModel) error {
	id := m.ID.ValueString()
	if m.ForceDestroy.ValueBool() {
		off := false
		err := tx.ModifyInstanceAttribute(engine.ModifyInstanceAttributeInput{InstanceID: id, DisableAPITermination: &off, DisableAPIStop: &off})
		if err != nil {
			return err
		}
	}
	return tx.TerminateInstances(id)
}
