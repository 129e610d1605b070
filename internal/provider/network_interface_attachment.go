package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type networkInterfaceAttachment struct{}

var _ core.Resource[networkInterfaceAttachmentModel] = networkInterfaceAttachment{}

func (networkInterfaceAttachment) Name() string { return "network_interface_attachment" }

func (networkInterfaceAttachment) Schema(context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Attaches a network interface to an instance of the same Availability Zone. Changing `instance_id` moves the interface: " +
			"the attachment is replaced, and the interface keeps its id, addresses and MAC address.",
		Attributes: map[string]schema.Attribute{
			"attachment_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the attachment.",
				PlanModifiers:       []planmodifier.String{core.Minted},
			},
			"device_index": schema.Int64Attribute{
				Required:            true,
				MarkdownDescription: "The device index: 1 or above, below the number of interfaces of the instance's type. Index 0 is the primary interface's.",
				PlanModifiers:       []planmodifier.Int64{core.ForceNew},
			},
			"instance_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the instance.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
			},
			"network_card_index": schema.Int64Attribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The index of the network card. Defaults to 0.",
				PlanModifiers:       []planmodifier.Int64{core.ForceNew, core.Settled},
			},
			"network_interface_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the network interface.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
			},
			"status": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The status of the attachment: `attached`.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
		},
	}
}

type networkInterfaceAttachmentModel struct {
	core.Base
	AttachmentID       types.String `tfsdk:"attachment_id"`
	DeviceIndex        types.Int64  `tfsdk:"device_index"`
	InstanceID         types.String `tfsdk:"instance_id"`
	NetworkCardIndex   types.Int64  `tfsdk:"network_card_index"`
	NetworkInterfaceID types.String `tfsdk:"network_interface_id"`
	Status             types.String `tfsdk:"status"`
}

func (networkInterfaceAttachment) Parameters() core.Parameters {
	return core.Parameters{
		"DeviceIndex":        path.Root("device_index"),
		"InstanceId":         path.Root("instance_id"),
		"NetworkCardIndex":   path.Root("network_card_index"),
		"NetworkInterfaceId": path.Root("network_interface_id"),
	}
}

func (networkInterfaceAttachment) Object(m *networkInterfaceAttachmentModel) ec2.Ref {
	return ec2.Ref{Kind: ec2.KindAttachment, ID: m.ID.ValueString()}
}

func (networkInterfaceAttachment) Create(tx *engine.Tx, m *networkInterfaceAttachmentModel) error {
	a, err := tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{
		NetworkInterfaceID: m.NetworkInterfaceID.ValueString(),
		InstanceID:         m.InstanceID.ValueString(),
		DeviceIndex:        int(m.DeviceIndex.ValueInt64()),
		NetworkCardIndex:   int(m.NetworkCardIndex.ValueInt64()),
	})
	if err != nil {
		return err
	}
	m.ID = types.StringValue(a.ID)
	return nil
}

func (networkInterfaceAttachment) Read(tx *engine.ReadTx, m *networkInterfaceAttachmentModel) error {
	n, ok := tx.Attached(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	m.AttachmentID = types.StringValue(n.Attachment.ID)
	m.DeviceIndex = types.Int64Value(int64(n.Attachment.DeviceIndex))
	m.InstanceID = types.StringValue(n.Attachment.InstanceID)
	m.NetworkCardIndex = types.Int64Value(int64(n.Attachment.NetworkCardIndex))
	m.NetworkInterfaceID = types.StringValue(n.ID)
	m.Status = types.StringValue("attached")
	return nil
}

// Update has nothing to do: every change replaces the attachment.
func (networkInterfaceAttachment) Update(*engine.Tx, *networkInterfaceAttachmentModel, *networkInterfaceAttachmentModel) error {
	return nil
}

// Delete: the attachment of an instance's primary interface ends with the
// instance and not before. A plan in which the instance stays has been
// refused; at apply it is about to be terminated, and there is nothing to do.
func (networkInterfaceAttachment) Delete(tx *engine.Tx, m *networkInterfaceAttachmentModel) error {
	if n, ok := tx.Attached(m.ID.ValueString()); ok && n.Attachment.Primary() && !tx.Rehearsing() {
		return nil
	}
	return tx.DetachNetworkInterface(m.ID.ValueString())
}
