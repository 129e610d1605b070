package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// launchInterfaceModel is a network_interface block of an instance.
type launchInterfaceModel struct {
	DeleteOnTermination types.Bool   `tfsdk:"delete_on_termination"`
	DeviceIndex         types.Int64  `tfsdk:"device_index"`
	NetworkCardIndex    types.Int64  `tfsdk:"network_card_index"`
	NetworkInterfaceID  types.String `tfsdk:"network_interface_id"`
}

// primaryInterfaceModel is the primary_network_interface block of an instance.
type primaryInterfaceModel struct {
	DeleteOnTermination types.Bool   `tfsdk:"delete_on_termination"`
	NetworkInterfaceID  types.String `tfsdk:"network_interface_id"`
}

// broughtInterfaces are the interfaces of the instance's blocks.
func broughtInterfaces(m *instanceModel) []engine.LaunchInterface {
	var interfaces []engine.LaunchInterface
	var primary []primaryInterfaceModel
	var launched []launchInterfaceModel
	ctx := context.Background()
	if !m.PrimaryNetworkInterface.ElementsAs(ctx, &primary, false).HasError() {
		for _, p := range primary {
			interfaces = append(interfaces, engine.LaunchInterface{NetworkInterfaceID: p.NetworkInterfaceID.ValueString()})
		}
	}
	if !m.NetworkInterface.ElementsAs(ctx, &launched, false).HasError() {
		for _, l := range launched {
			interfaces = append(interfaces, engine.LaunchInterface{
				NetworkInterfaceID:  l.NetworkInterfaceID.ValueString(),
				DeviceIndex:         int(l.DeviceIndex.ValueInt64()),
				NetworkCardIndex:    int(l.NetworkCardIndex.ValueInt64()),
				DeleteOnTermination: l.DeleteOnTermination.ValueBool(),
			})
		}
	}
	return interfaces
}

// bringsTheSame reports whether an instance has the interfaces it is to bring
// along: those its blocks had, or, after an import or a change from one kind of
// block to the other, its primary one alone. Taking the blocks away changes
// nothing.
func bringsTheSame(prior *instanceModel, brought []engine.LaunchInterface) bool {
	byDevice := func(a, b engine.LaunchInterface) int {
		return cmp.Or(cmp.Compare(a.NetworkCardIndex, b.NetworkCardIndex), cmp.Compare(a.DeviceIndex, b.DeviceIndex))
	}
	had := broughtInterfaces(prior)
	slices.SortFunc(had, byDevice)
	slices.SortFunc(brought, byDevice)
	return slices.Equal(had, brought) ||
		len(had) <= 1 && len(brought) == 1 && brought[0] == engine.LaunchInterface{NetworkInterfaceID: prior.PrimaryNetworkInterfaceID.ValueString()}
}

// checkSource passes source_dest_check on to the primary interface.
func checkSource(tx *engine.Tx, m *instanceModel) error {
	primary, ok := tx.PrimaryInterface(m.ID.ValueString())
	if !ok {
		return nil
	}
	return tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{
		NetworkInterfaceID: primary.ID,
		SourceDestCheck:    core.Optional(m.SourceDestCheck, m.SourceDestCheck.ValueBool),
	})
}

// sourceDestCheckDefault turns the check on where nothing is said about it,
// unless the instance brings its interfaces along: then it is their business.
type sourceDestCheckDefault struct{}

func (sourceDestCheckDefault) Description(context.Context) string {
	return "defaults to true for an interface made at launch"
}

func (d sourceDestCheckDefault) MarkdownDescription(ctx context.Context) string {
	return d.Description(ctx)
}

func (sourceDestCheckDefault) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	var m instanceModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("network_interface"), &m.NetworkInterface)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("primary_network_interface"), &m.PrimaryNetworkInterface)...)
	brings := m.NetworkInterface.IsUnknown() || m.PrimaryNetworkInterface.IsUnknown() ||
		len(m.NetworkInterface.Elements())+len(m.PrimaryNetworkInterface.Elements()) > 0
	if req.ConfigValue.IsNull() && !brings {
		resp.PlanValue = types.BoolValue(true)
	}
}

// readPrimaryInterface fills what an instance shows of its primary interface.
func readPrimaryInterface(tx *engine.ReadTx, m *instanceModel) {
	primary, ok := tx.PrimaryInterface(m.ID.ValueString())
	if !ok {
		return // in a rehearsal, an interface may be on its way to another instance
	}
	m.PrimaryNetworkInterfaceID = types.StringValue(primary.ID)
	m.PrivateDNS = types.StringValue(ec2.PrivateDNSName(primary.Region, primary.PrivateIP()))
	m.PrivateIP = types.StringValue(primary.PrivateIP().String())
	m.SecondaryPrivateIPs = core.StringSet(core.AddressStrings(primary.SecondaryPrivateIPs()))
	m.SourceDestCheck = types.BoolValue(primary.SourceDestCheck)
	m.VPCSecurityGroupIDs = core.StringSet(primary.Groups)
	m.SecurityGroups = core.StringSet(groupNames(tx, primary))
}

// groupNames are the names of an interface's groups in the default VPC; in
// others EC2 gives none.
func groupNames(tx *engine.ReadTx, n *ec2.NetworkInterface) []string {
	if v, ok := tx.VPC(n.VPCID); !ok || !v.IsDefault {
		return nil
	}
	var names []string
	for _, id := range n.Groups {
		if g, ok := tx.SecurityGroup(id); ok {
			names = append(names, g.Name)
		}
	}
	return core.Sorted(names)
}

// updatePrimaryInterface changes what the instance's arguments say of its
// primary interface.
func updatePrimaryInterface(tx *engine.Tx, prior, m *instanceModel) error {
	if err := checkSource(tx, m); err != nil {
		return err
	}
	primary, ok := tx.PrimaryInterface(m.ID.ValueString())
	if !ok {
		return nil
	}
	if changed(prior.VPCSecurityGroupIDs, m.VPCSecurityGroupIDs) {
		groups := core.Strings(m.VPCSecurityGroupIDs)
		err := tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: primary.ID, Groups: &groups})
		if err != nil {
			return err
		}
	}
	if !changed(prior.SecondaryPrivateIPs, m.SecondaryPrivateIPs) {
		return nil
	}
	surplus, missing, _ := addressChange(primary.PrivateIPAddresses, core.Addresses(m.SecondaryPrivateIPs), -1)
	if err := tx.UnassignPrivateIPAddresses(primary.ID, surplus); err != nil {
		return err
	}
	_, err := tx.AssignPrivateIPAddresses(engine.AssignPrivateIPAddressesInput{NetworkInterfaceID: primary.ID, PrivateIPAddresses: missing})
	return err
}
