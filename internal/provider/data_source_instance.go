package provider

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type instanceDataSource struct{}

var _ core.DataSource[instanceDataSourceModel] = instanceDataSource{}

func (instanceDataSource) Name() string { return "instance" }

func (instanceDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "One instance. Exactly one has to match the arguments. Instances that were terminated less than an hour ago can match too.", map[string]schema.Attribute{
		"ami":                         shownString("The id of the image."),
		"arn":                         shownString("The instance's ARN."),
		"associate_public_ip_address": shownBool("Whether the instance has a public address: `false`."),
		"availability_zone":           shownString("The Availability Zone."),
		"disable_api_stop":            shownBool("Whether the instance is protected against being stopped."),
		"disable_api_termination":     shownBool("Whether the instance is protected against being terminated."),
		"get_user_data": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether `user_data_base64` is to be filled. Defaults to `false`.",
		},
		"host_id":                 shownString("The id of the dedicated host: none."),
		"host_resource_group_arn": shownString("The ARN of the host resource group: none."),
		"iam_instance_profile":    shownString("The name of the instance profile: none."),
		"id":                      argument("The instance's id.", validInstanceID),
		"instance_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The id of the instance to look for.",
			Validators:          []validator.String{validInstanceID},
		},
		"instance_state":             shownString("The state: `running`, `stopped` or `terminated`."),
		"instance_tags":              tagsArgument("Tags the instance has."),
		"instance_type":              shownString("The instance type."),
		"ipv6_addresses":             shownStringSet("The IPv6 addresses: none."),
		"key_name":                   shownString("The name of the key pair."),
		"launch_time":                shownString("The time of the launch, in RFC 3339."),
		"network_interface_id":       shownString("The id of the primary network interface."),
		"outpost_arn":                shownString("The ARN of the Outpost the instance is on: none."),
		"placement_group":            shownString("The name of the placement group: none."),
		"placement_group_id":         shownString("The id of the placement group: none."),
		"placement_partition_number": shownNumber("The number of the partition in the placement group: 0, for none."),
		"private_dns":                shownString("The private DNS name."),
		"private_dns_name_options":   shownObjects(shownNameOptionsType, "How the instance gets its host name, and which DNS records there are for it."),
		"private_ip":                 shownString("The primary private IPv4 address."),
		"public_dns":                 shownString("The public DNS name: none."),
		"public_ip":                  shownString("The public IPv4 address: none."),
		"secondary_private_ips":      shownStringSet("The secondary private IPv4 addresses of the primary network interface."),
		"security_groups":            shownStringSet("The names of the security groups, in the default VPC only."),
		"source_dest_check":          shownBool("The source/destination check of the primary network interface."),
		"subnet_id":                  shownString("The id of the subnet."),
		"tags":                       tagsArgument("As `instance_tags`. Shows all tags of the instance."),
		"tenancy":                    shownString("The tenancy: `default`, `dedicated` or `host`."),
		"user_data":                  shownString("The SHA-1 hash of the user data, in hexadecimal."),
		"user_data_base64":           shownString("The user data in base64, if `get_user_data` is `true`."),
		"vpc_security_group_ids":     shownStringSet("The ids of the security groups of the primary network interface."),
	})
}

var validInstanceID = validID("an instance", ec2.PrefixInstance)

var shownNameOptionsType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"enable_resource_name_dns_a_record":    types.BoolType,
	"enable_resource_name_dns_aaaa_record": types.BoolType,
	"hostname_type":                        types.StringType,
}}

type instanceDataSourceModel struct {
	searching
	AMI                      types.String `tfsdk:"ami"`
	ARN                      types.String `tfsdk:"arn"`
	AssociatePublicIPAddress types.Bool   `tfsdk:"associate_public_ip_address"`
	AvailabilityZone         types.String `tfsdk:"availability_zone"`
	DisableAPIStop           types.Bool   `tfsdk:"disable_api_stop"`
	DisableAPITermination    types.Bool   `tfsdk:"disable_api_termination"`
	GetUserData              types.Bool   `tfsdk:"get_user_data"`
	HostID                   types.String `tfsdk:"host_id"`
	HostResourceGroupARN     types.String `tfsdk:"host_resource_group_arn"`
	IAMInstanceProfile       types.String `tfsdk:"iam_instance_profile"`
	ID                       types.String `tfsdk:"id"`
	InstanceID               types.String `tfsdk:"instance_id"`
	InstanceState            types.String `tfsdk:"instance_state"`
	InstanceTags             types.Map    `tfsdk:"instance_tags"`
	InstanceType             types.String `tfsdk:"instance_type"`
	IPv6Addresses            types.Set    `tfsdk:"ipv6_addresses"`
	KeyName                  types.String `tfsdk:"key_name"`
	LaunchTime               types.String `tfsdk:"launch_time"`
	NetworkInterfaceID       types.String `tfsdk:"network_interface_id"`
	OutpostARN               types.String `tfsdk:"outpost_arn"`
	PlacementGroup           types.String `tfsdk:"placement_group"`
	PlacementGroupID         types.String `tfsdk:"placement_group_id"`
	PlacementPartitionNumber types.Int64  `tfsdk:"placement_partition_number"`
	PrivateDNS               types.String `tfsdk:"private_dns"`
	PrivateDNSNameOptions    types.List   `tfsdk:"private_dns_name_options"`
	PrivateIP                types.String `tfsdk:"private_ip"`
	PublicDNS                types.String `tfsdk:"public_dns"`
	PublicIP                 types.String `tfsdk:"public_ip"`
	SecondaryPrivateIPs      types.Set    `tfsdk:"secondary_private_ips"`
	SecurityGroups           types.Set    `tfsdk:"security_groups"`
	SourceDestCheck          types.Bool   `tfsdk:"source_dest_check"`
	SubnetID                 types.String `tfsdk:"subnet_id"`
	Tags                     types.Map    `tfsdk:"tags"`
	Tenancy                  types.String `tfsdk:"tenancy"`
	UserData                 types.String `tfsdk:"user_data"`
	UserDataBase64           types.String `tfsdk:"user_data_base64"`
	VPCSecurityGroupIDs      types.Set    `tfsdk:"vpc_security_group_ids"`
}

func (instanceDataSource) Parameters() core.Parameters { return searchParameters }

var instanceLookup = lookup[*ec2.Instance]{
	noun:     "instance",
	awsNoun:  "EC2 Instance",
	describe: (*engine.ReadTx).DescribeInstances,
	facts: func(i *ec2.Instance) []string {
		return []string{i.InstanceType, i.AvailabilityZone, string(i.State)}
	},
}

func (instanceDataSource) Read(tx *engine.ReadTx, m *instanceDataSourceModel) error {
	i, err := instanceLookup.one(tx, slices.Concat(
		by("instance_id", "instance-id", m.InstanceID),
		by("id", "instance-id", m.ID),
		byTags("instance_tags", m.InstanceTags),
		byTags("tags", m.Tags),
		m.byFilters(),
	))
	if err != nil {
		return err
	}
	none := types.StringValue("")
	m.AMI = types.StringValue(i.ImageID)
	m.ARN = types.StringValue(i.ARN())
	m.AssociatePublicIPAddress = types.BoolValue(false)
	m.AvailabilityZone = types.StringValue(i.AvailabilityZone)
	m.DisableAPIStop = types.BoolValue(i.DisableAPIStop)
	m.DisableAPITermination = types.BoolValue(i.DisableAPITermination)
	m.HostID = none
	m.HostResourceGroupARN = none
	m.IAMInstanceProfile = none
	m.ID = types.StringValue(i.ID)
	m.InstanceState = types.StringValue(string(i.State))
	m.InstanceType = types.StringValue(i.InstanceType)
	m.IPv6Addresses = core.StringSet(nil)
	m.KeyName = types.StringValue(i.KeyName)
	m.LaunchTime = types.StringValue(i.LaunchTime.Format(time.RFC3339))
	m.OutpostARN = none
	m.PlacementGroup = none
	m.PlacementGroupID = none
	m.PlacementPartitionNumber = types.Int64Value(0)
	m.PrivateDNSNameOptions = types.ListValueMust(shownNameOptionsType, []attr.Value{nameOptions})
	m.PublicDNS = none
	m.PublicIP = none
	m.SubnetID = types.StringValue(i.SubnetID)
	m.Tags = shownTags(i)
	m.Tenancy = types.StringValue(i.Tenancy)
	m.UserData = types.StringValue(userDataHash(i.UserData))
	m.UserDataBase64 = none
	if m.GetUserData.ValueBool() {
		m.UserDataBase64 = types.StringValue(i.UserData)
	}
	showPrimaryInterface(tx, m, i)
	return nil
}

// nameOptions are those of an instance launched without any.
var nameOptions = types.ObjectValueMust(shownNameOptionsType.AttrTypes, map[string]attr.Value{
	"enable_resource_name_dns_a_record":    types.BoolValue(false),
	"enable_resource_name_dns_aaaa_record": types.BoolValue(false),
	"hostname_type":                        types.StringValue("ip-name"),
})

// userDataHash is what hashicorp/aws shows of user data: its SHA-1 hash.
func userDataHash(encoded string) string {
	if encoded == "" {
		return ""
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		text = []byte(encoded)
	}
	sum := sha1.Sum(text)
	return hex.EncodeToString(sum[:])
}

// showPrimaryInterface fills what an instance shows of its primary interface,
// which a terminated one has no more.
func showPrimaryInterface(tx *engine.ReadTx, m *instanceDataSourceModel, i *ec2.Instance) {
	var secondary, groups, names []string
	m.NetworkInterfaceID = types.StringValue("")
	m.PrivateDNS = types.StringValue("")
	m.PrivateIP = types.StringValue("")
	m.SourceDestCheck = types.BoolValue(false)
	if primary, ok := tx.PrimaryInterface(i.ID); ok {
		secondary, groups, names = core.AddressStrings(primary.SecondaryPrivateIPs()), primary.Groups, groupNames(tx, primary)
		m.NetworkInterfaceID = types.StringValue(primary.ID)
		m.PrivateDNS = types.StringValue(ec2.PrivateDNSName(primary.Region, primary.PrivateIP()))
		m.PrivateIP = types.StringValue(primary.PrivateIP().String())
		m.SourceDestCheck = types.BoolValue(primary.SourceDestCheck)
	}
	m.SecondaryPrivateIPs = core.StringSet(secondary)
	m.SecurityGroups = core.StringSet(names)
	m.VPCSecurityGroupIDs = core.StringSet(groups)
}
