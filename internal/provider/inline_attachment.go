package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// inlineAttachmentModel is the attachment block of a network interface.
type inlineAttachmentModel struct {
	AttachmentID     types.String `tfsdk:"attachment_id"`
	DeviceIndex      types.Int64  `tfsdk:"device_index"`
	Instance         types.String `tfsdk:"instance"`
	NetworkCardIndex types.Int64  `tfsdk:"network_card_index"`
}

var inlineAttachmentType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"attachment_id":      types.StringType,
	"device_index":       types.Int64Type,
	"instance":           types.StringType,
	"network_card_index": types.Int64Type,
}}

// inlineAttachment is the block, if there is one.
func inlineAttachment(blocks types.Set) (inlineAttachmentModel, bool) {
	var list []inlineAttachmentModel
	if blocks.IsUnknown() || blocks.ElementsAs(context.Background(), &list, false).HasError() || len(list) == 0 {
		return inlineAttachmentModel{}, false
	}
	return list[0], true
}

// describes reports whether the block says what the attachment is.
func (m inlineAttachmentModel) describes(a *ec2.Attachment) bool {
	return a != nil && m.Instance.ValueString() == a.InstanceID &&
		int(m.DeviceIndex.ValueInt64()) == a.DeviceIndex && int(m.NetworkCardIndex.ValueInt64()) == a.NetworkCardIndex
}

// readInlineAttachment fills the block from what the interface is attached to.
// An interface without the block has none, whoever attached it: a block that
// the configuration does not have would be a change to plan.
func readInlineAttachment(blocks types.Set, actual *ec2.Attachment) types.Set {
	if len(blocks.Elements()) == 0 || actual == nil {
		return types.SetValueMust(inlineAttachmentType, nil)
	}
	block := types.ObjectValueMust(inlineAttachmentType.AttrTypes, map[string]attr.Value{
		"attachment_id":      types.StringValue(actual.ID),
		"device_index":       types.Int64Value(int64(actual.DeviceIndex)),
		"instance":           types.StringValue(actual.InstanceID),
		"network_card_index": types.Int64Value(int64(actual.NetworkCardIndex)),
	})
	return types.SetValueMust(inlineAttachmentType, []attr.Value{block})
}

// attachInline attaches the interface where its block says, unless it is there.
func attachInline(tx *engine.Tx, m *networkInterfaceModel) error {
	block, ok := inlineAttachment(m.Attachment)
	if !ok {
		return nil
	}
	n, ok := tx.NetworkInterface(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	if block.describes(n.Attachment) {
		return nil
	}
	_, err := tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{
		NetworkInterfaceID: n.ID,
		InstanceID:         block.Instance.ValueString(),
		DeviceIndex:        int(block.DeviceIndex.ValueInt64()),
		NetworkCardIndex:   int(block.NetworkCardIndex.ValueInt64()),
	})
	return err
}

// detachInline detaches the interface from where the block had it, unless the
// new block says the same.
func detachInline(tx *engine.Tx, prior, m *networkInterfaceModel) error {
	had, ok := inlineAttachment(prior.Attachment)
	if !ok {
		return nil
	}
	if block, ok := inlineAttachment(m.Attachment); ok && block.sameAs(had) {
		return nil
	}
	err := tx.DetachNetworkInterface(had.AttachmentID.ValueString())
	if refusal, ok := errors.AsType[*ec2.Error](err); ok && refusal.NotFound() {
		return nil // it is detached already
	}
	return err
}

// sameAs reports whether two blocks attach to the same place.
func (m inlineAttachmentModel) sameAs(o inlineAttachmentModel) bool {
	return m.Instance.Equal(o.Instance) && m.DeviceIndex.Equal(o.DeviceIndex) &&
		m.NetworkCardIndex.ValueInt64() == o.NetworkCardIndex.ValueInt64()
}
