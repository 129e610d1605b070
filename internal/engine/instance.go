package engine

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// terminatedVisible is how long EC2 shows a terminated instance (Amazon EC2
// User Guide, "Terminate Amazon EC2 instances").
const terminatedVisible = time.Hour

// StopInstances stops a running instance. Errors: InvalidInstanceID.NotFound,
// OperationNotPermitted when stopping is disabled.
func (tx *Tx) StopInstances(id string) error {
	return tx.changeState("StopInstances", id, ec2.InstanceStopped)
}

// StartInstances starts a stopped instance. Errors:
// InvalidInstanceID.NotFound.
func (tx *Tx) StartInstances(id string) error {
	return tx.changeState("StartInstances", id, ec2.InstanceRunning)
}

func (tx *Tx) changeState(action, id string, to ec2.InstanceState) error {
	instance, err := tx.instance(action, id)
	if err != nil || instance.State == to {
		return err
	}
	if to == ec2.InstanceStopped && instance.DisableAPIStop {
		return tx.protected(action, "stopped", "disableApiStop", "disable_api_stop", instance)
	}
	changed := *instance
	changed.State = to
	tx.put(&changed)
	tx.did(action, id)
	return nil
}

func (tx *Tx) protected(action, deed, attribute, argument string, instance *ec2.Instance) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "OperationNotPermitted", Parameter: "InstanceId",
		Message: fmt.Sprintf("The instance '%s' may not be %s. Modify its '%s' instance attribute and try again.", instance.ID, deed, attribute),
		Summary: fmt.Sprintf("The instance is protected against being %s", deed),
		Detail:  fmt.Sprintf("The %s has %s set.", tx.nameInstance(instance), argument),
		Remedy:  fmt.Sprintf("Set %s to false and apply that first.", argument),
	}
}

// TerminateInstances terminates an instance: interfaces that were made for it
// go with it, the others become available. EC2 shows it for an hour more.
// Errors: InvalidInstanceID.NotFound, OperationNotPermitted when termination is
// disabled.
func (tx *Tx) TerminateInstances(id string) error {
	const action = "TerminateInstances"
	instance, err := tx.instance(action, id)
	if err != nil {
		return err
	}
	if instance.DisableAPITermination {
		return tx.protected(action, "terminated", "disableApiTermination", "disable_api_termination", instance)
	}
	for _, n := range slices.Collect(tx.InterfacesOf(id)) {
		if n.Attachment.DeleteOnTermination {
			tx.remove(n.Ref())
		} else {
			tx.detach(n)
		}
	}
	tx.letGoOf(id)
	changed := *instance
	changed.State = ec2.InstanceTerminated
	changed.TerminationTime = tx.Now()
	tx.forgetTerminated()
	tx.put(&changed)
	tx.did(action, id)
	return nil
}

// forgetTerminated takes out the instances that EC2 would no longer show.
func (tx *Tx) forgetTerminated() {
	var old []ec2.Ref
	for i := range all[*ec2.Instance](tx.ReadTx, ec2.KindInstance, byEnd) { // the oldest first
		if !tx.forgotten(i) {
			break
		}
		old = append(old, i.Ref())
	}
	for _, ref := range old {
		tx.remove(ref)
	}
}

// forgotten reports whether EC2 would no longer show an instance.
func (tx *ReadTx) forgotten(i *ec2.Instance) bool {
	return i.State == ec2.InstanceTerminated && tx.env.Now().Sub(i.TerminationTime) >= terminatedVisible
}

// ModifyInstanceAttributeInput are the parameters of ModifyInstanceAttribute;
// nil leaves an attribute as it is.
type ModifyInstanceAttributeInput struct {
	InstanceID            string
	InstanceType          *string // the instance must be stopped
	UserData              *string // base64; the instance must be stopped
	DisableAPITermination *bool
	DisableAPIStop        *bool
}

// ModifyInstanceAttribute changes attributes of an instance (EC2 takes one per
// call). Errors: InvalidInstanceID.NotFound, IncorrectInstanceState,
// InvalidParameterValue, and the limit errors of AttachNetworkInterface when
// the new type is too small for the interfaces there are.
func (tx *Tx) ModifyInstanceAttribute(in ModifyInstanceAttributeInput) error {
	const action = "ModifyInstanceAttribute"
	instance, err := tx.instance(action, in.InstanceID)
	if err != nil {
		return err
	}
	changed := *instance
	set(&changed.InstanceType, in.InstanceType)
	set(&changed.UserData, in.UserData)
	set(&changed.DisableAPITermination, in.DisableAPITermination)
	set(&changed.DisableAPIStop, in.DisableAPIStop)
	if changed.InstanceType != instance.InstanceType {
		if err := tx.checkResize(action, &changed); err != nil {
			return err
		}
	}
	if (changed.InstanceType != instance.InstanceType || changed.UserData != instance.UserData) && instance.State != ec2.InstanceStopped {
		return &ec2.Error{
			Action: action, Code: "IncorrectInstanceState", Parameter: "InstanceId",
			Message: fmt.Sprintf("The instance '%s' is not in the 'stopped' state.", instance.ID),
			Summary: "The instance must be stopped first",
			Detail:  fmt.Sprintf("The %s is %s.", tx.nameInstance(instance), instance.State),
			Remedy:  "Stop it, change it, start it.",
		}
	}
	if changed.InstanceType == instance.InstanceType && changed.UserData == instance.UserData &&
		changed.DisableAPITermination == instance.DisableAPITermination && changed.DisableAPIStop == instance.DisableAPIStop {
		return nil
	}
	tx.put(&changed)
	tx.did(action, instance.ID)
	return nil
}

// checkResize judges whether the interfaces of an instance fit its new type:
// their addresses, their device indexes, their number.
func (tx *Tx) checkResize(action string, changed *ec2.Instance) error {
	limits, err := ec2.LookupInstanceType(changed.InstanceType)
	if err != nil {
		return invalidInstanceType(action, changed.InstanceType, err)
	}
	for n := range tx.InterfacesOf(changed.ID) {
		if err := tx.checkAddressCount(action, "InstanceType", n, changed); err != nil {
			return err
		}
		err := tx.checkDeviceIndex(action, changed, limits, n.Attachment.NetworkCardIndex, n.Attachment.DeviceIndex)
		if refusal, ok := errors.AsType[*ec2.Error](err); ok {
			device := deviceKey(changed.ID, n.Attachment.NetworkCardIndex, n.Attachment.DeviceIndex)
			refusal.Holders = tx.standing([]ec2.Holder{tx.heldByAttachment(n, ec2.ClaimDevice, device)})
			if len(refusal.Holders) == 0 {
				continue
			}
			refusal.Parameter = "InstanceType"
			refusal.Detail += fmt.Sprintf(" It has the %s at device index %d.", tx.nameInterface(n), n.Attachment.DeviceIndex)
			refusal.Remedy = "Detach that interface, or choose a larger type."
			return refusal
		}
	}
	return tx.checkAttachmentCount(action, "InstanceType", changed, limits, nil)
}

// Instance finds an instance by its id, a terminated one included.
func (tx *ReadTx) Instance(id string) (*ec2.Instance, bool) {
	return lookup[*ec2.Instance](tx, ec2.KindInstance, id)
}

// InterfacesOf are the network interfaces attached to an instance, in the
// order of their ids.
func (tx *ReadTx) InterfacesOf(instanceID string) iter.Seq[*ec2.NetworkInterface] {
	return func(yield func(*ec2.NetworkInterface) bool) {
		for n := range all[*ec2.NetworkInterface](tx, ec2.KindNetworkInterface, byInstance, instanceID) {
			if n.Region == tx.region && !yield(n) {
				return
			}
		}
	}
}

// PrimaryInterface is the interface at device index 0 of an instance. A
// terminated instance has none.
func (tx *ReadTx) PrimaryInterface(instanceID string) (*ec2.NetworkInterface, bool) {
	o, ok := tx.first(ec2.KindNetworkInterface, byDevice, deviceKey(instanceID, 0, 0))
	if !ok || o.Head().Region != tx.region {
		return nil, false
	}
	return o.(*ec2.NetworkInterface), true
}
