package engine

import (
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// AttachNetworkInterfaceInput are the parameters of AttachNetworkInterface.
type AttachNetworkInterfaceInput struct {
	NetworkInterfaceID string
	InstanceID         string
	DeviceIndex        int // 1 or above, below the number of interfaces the instance's type allows
	NetworkCardIndex   int
}

// AttachNetworkInterface attaches an available network interface to a running
// (hot) or stopped (warm) instance. Errors:
// InvalidNetworkInterfaceID.NotFound, InvalidInstanceID.NotFound,
// InvalidParameterCombination across zones, InvalidParameterValue for an
// interface in use or a device index taken or not available,
// AttachmentLimitExceeded, PrivateIpAddressLimitExceeded.
func (tx *Tx) AttachNetworkInterface(in AttachNetworkInterfaceInput) (*ec2.Attachment, error) {
	const action = "AttachNetworkInterface"
	n, err := tx.networkInterface(action, in.NetworkInterfaceID)
	if err != nil {
		return nil, err
	}
	instance, err := tx.instance(action, in.InstanceID)
	if err != nil {
		return nil, err
	}
	if n.AvailabilityZone != instance.AvailabilityZone {
		return nil, &ec2.Error{
			Action: action, Code: "InvalidParameterCombination", Parameter: "InstanceId",
			Message: "You may not attach a network interface to an instance if they are not in the same availability zone",
			Summary: "The interface and the instance are in different Availability Zones",
			Detail: fmt.Sprintf("The %s lives in %s; the %s in %s. An interface never leaves its zone.",
				tx.nameInterface(n), n.AvailabilityZone, tx.nameInstance(instance), instance.AvailabilityZone),
			Remedy: fmt.Sprintf("Launch the instance in %s, or fail over across zones with a second interface there and an Elastic IP that moves.", n.AvailabilityZone),
		}
	}
	if err := tx.checkAvailable(action, "NetworkInterfaceId", n); err != nil {
		return nil, err
	}
	if in.DeviceIndex == 0 && in.NetworkCardIndex == 0 {
		return nil, tx.primaryIndexTaken(action, instance)
	}
	if err := tx.checkDevice(action, instance, in.NetworkCardIndex, in.DeviceIndex); err != nil {
		return nil, err
	}
	if err := tx.checkAddressCount(action, "InstanceId", n, instance); err != nil {
		return nil, err
	}
	attachment := tx.attach(n, instance.ID, in.NetworkCardIndex, in.DeviceIndex, false)
	tx.did(action, n.ID, instance.ID)
	return attachment, nil
}

// attach puts the interface into the world, attached, and ousts the attachment
// it has when that was overlooked.
func (tx *Tx) attach(n *ec2.NetworkInterface, instanceID string, card, device int, deleteOnTermination bool) *ec2.Attachment {
	tx.oust(n)
	changed := n.Clone()
	changed.Attachment = &ec2.Attachment{
		ID:                  tx.newAttachmentID(n),
		InstanceID:          instanceID,
		DeviceIndex:         device,
		NetworkCardIndex:    card,
		DeleteOnTermination: deleteOnTermination,
		AttachTime:          tx.Now(),
	}
	changed.Attachments++
	tx.put(changed)
	return changed.Attachment
}

// primaryIndexTaken refuses device index 0, which the primary interface has.
func (tx *Tx) primaryIndexTaken(action string, instance *ec2.Instance) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "DeviceIndex",
		Message: fmt.Sprintf("Instance '%s' already has an interface attached at device index '0'.", instance.ID),
		Summary: "Device index 0 belongs to the instance's primary network interface",
		Detail:  fmt.Sprintf("The %s has had an interface at device index 0 since its launch, and keeps it for life.", tx.nameInstance(instance)),
		Remedy:  "Use device index 1 or above; to bring a primary interface along, launch the instance with primary_network_interface.",
	}
}

// checkAvailable refuses an interface that is attached.
func (tx *Tx) checkAvailable(action, parameter string, n *ec2.NetworkInterface) error {
	if n.Attachment == nil {
		return nil
	}
	holders := tx.standing([]ec2.Holder{tx.heldByAttachment(n, ec2.ClaimInterface, n.ID)})
	if len(holders) == 0 {
		return nil
	}
	code, message := "InvalidParameterValue", fmt.Sprintf("Network interface '%s' is currently in use.", n.ID)
	if action == "RunInstances" {
		code, message = "InvalidNetworkInterface.InUse", fmt.Sprintf("Interface: [%s] in use.", n.ID)
	}
	return &ec2.Error{
		Action: action, Code: code, Parameter: parameter, Message: message,
		Summary: "The network interface is attached already",
		Detail: fmt.Sprintf("The %s is attached to the %s at device index %d. An interface is attached to one instance at a time.",
			tx.nameInterface(n), tx.nameInstanceByID(n.Attachment.InstanceID), n.Attachment.DeviceIndex),
		Remedy:  "Detach it there first, or use another interface.",
		Holders: holders,
	}
}

// checkDevice refuses a device index that is taken or that the instance's type
// does not have, and one interface too many.
func (tx *Tx) checkDevice(action string, instance *ec2.Instance, card, device int) error {
	limits, err := ec2.LookupInstanceType(instance.InstanceType)
	if err != nil {
		return invalidInstanceType(action, instance.InstanceType, err)
	}
	if err := tx.checkDeviceIndex(action, instance, limits, card, device); err != nil {
		return err
	}
	k := deviceKey(instance.ID, card, device)
	var holders []ec2.Holder
	for n := range all[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, byDevice, k) {
		holders = append(holders, tx.heldByAttachment(n, ec2.ClaimDevice, k))
	}
	if holders = tx.standing(holders); len(holders) > 0 {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "DeviceIndex",
			Message: fmt.Sprintf("Instance '%s' already has an interface attached at device index '%d'.", instance.ID, device),
			Summary: fmt.Sprintf("Device index %d of the instance is taken", device),
			Detail:  fmt.Sprintf("The %s has the %s at device index %d.", tx.nameInstance(instance), holders[0].Name, device),
			Remedy:  tx.deviceAdvice(instance, limits),
			Holders: holders,
		}
	}
	return tx.checkAttachmentCount(action, "InstanceId", instance, limits, map[int]int{card: 1})
}

// checkDeviceIndex refuses a network card or a device index that instances of a
// type do not have.
func (tx *Tx) checkDeviceIndex(action string, instance *ec2.Instance, limits ec2.InstanceType, card, device int) error {
	if card < 0 || card >= len(limits.NetworkCards) {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "NetworkCardIndex",
			Message: fmt.Sprintf("Network card index %d is not valid for instance type %s.", card, limits.Name),
			Summary: fmt.Sprintf("The instance has no network card %d", card),
			Detail:  fmt.Sprintf("The %s is a %s, which has %s.", tx.nameInstance(instance), limits.Name, cardsInWords(len(limits.NetworkCards))),
			Remedy:  "Leave network_card_index out, or use a type with more network cards.",
		}
	}
	if card > 0 && device == 0 {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "DeviceIndex",
			Message: fmt.Sprintf("Invalid device index 0 for network card %d.", card),
			Summary: "Device index 0 belongs to the instance's primary network interface",
			Detail:  fmt.Sprintf("The primary network interface of the %s is at device index 0 of network card 0; on network card %d indexes begin at 1.", tx.nameInstance(instance), card),
			Remedy:  "Use device index 1 or above.",
		}
	}
	if device < 0 || device >= limits.MaximumNetworkInterfaces {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "DeviceIndex",
			Message: fmt.Sprintf("Invalid device index %d for instance type %s.", device, limits.Name),
			Summary: fmt.Sprintf("The instance has no device index %d", device),
			Detail: fmt.Sprintf("The %s is a %s, which has at most %d network interfaces: device indexes 0 to %d.",
				tx.nameInstance(instance), limits.Name, limits.MaximumNetworkInterfaces, limits.MaximumNetworkInterfaces-1),
			Remedy: "Use a lower device index, or a larger instance type.",
		}
	}
	return nil
}

// checkAttachmentCount holds the limits of an instance's type against the
// interfaces it has and those to come, given by network card, on each card and
// in all.
func (tx *Tx) checkAttachmentCount(action, parameter string, instance *ec2.Instance, limits ec2.InstanceType, more map[int]int) error {
	type limit struct {
		where  string
		most   int
		coming int
		on     func(*ec2.Attachment) (key string, counts bool)
	}
	inAll := limit{most: limits.MaximumNetworkInterfaces, on: func(*ec2.Attachment) (string, bool) { return instance.ID, true }}
	for _, n := range more {
		inAll.coming += n
	}
	list := []limit{inAll}
	for card, facts := range limits.NetworkCards {
		list = append(list, limit{
			fmt.Sprintf(" on network card %d", card), facts.MaximumNetworkInterfaces, more[card],
			func(a *ec2.Attachment) (string, bool) { return cardKey(instance.ID, card), a.NetworkCardIndex == card },
		})
	}
	for _, l := range list {
		var held []ec2.Holder
		primary := 0 // it has a slot for life, and is none to let go
		for n := range tx.InterfacesOf(instance.ID) {
			switch key, counts := l.on(n.Attachment); {
			case counts && n.Attachment.Primary():
				primary++
			case counts:
				held = append(held, tx.heldByAttachment(n, ec2.ClaimSlots, key))
			}
		}
		held = tx.standing(held)
		count := primary + len(held) + l.coming
		over := count - l.most
		if over <= 0 {
			continue
		}
		refusal := &ec2.Error{
			Action: action, Code: "AttachmentLimitExceeded", Parameter: parameter,
			Message: fmt.Sprintf("Interface count %d exceeds the limit for %s", count, limits.Name),
			Summary: "The instance would have more network interfaces than its type allows",
			Detail: fmt.Sprintf("A %s has at most %d network interfaces%s, the primary one included. The %s would have %d.",
				limits.Name, l.most, l.where, tx.nameInstance(instance), count),
			Remedy: "Use a larger instance type, or fewer interfaces.",
		}
		if len(held) > 0 {
			refusal.Detail += fmt.Sprintf(" Attached besides its primary one: %s.", holderNames(held))
		}
		if over <= len(held) { // else it would not do if all of them let go
			refusal.Holders, refusal.Release = held, over
		}
		return refusal
	}
	return nil
}

func cardsInWords(n int) string {
	if n == 1 {
		return "one network card (index 0)"
	}
	return fmt.Sprintf("%d network cards (index 0 to %d)", n, n-1)
}

func (tx *ReadTx) deviceAdvice(instance *ec2.Instance, limits ec2.InstanceType) string {
	for i := 1; i < limits.MaximumNetworkInterfaces; i++ {
		if !tx.hasInterfaces(byDevice, deviceKey(instance.ID, 0, i)) {
			return fmt.Sprintf("Device index %d is free.", i)
		}
	}
	return "No other index of it is free: detach an interface, or use a larger instance type."
}

// checkAddressCount refuses an interface with more private addresses than the
// type of the instance allows each interface.
func (tx *Tx) checkAddressCount(action, parameter string, n *ec2.NetworkInterface, instance *ec2.Instance) error {
	limits, err := ec2.LookupInstanceType(instance.InstanceType)
	if err != nil {
		return invalidInstanceType(action, instance.InstanceType, err)
	}
	if len(n.PrivateIPAddresses) <= limits.IPv4AddressesPerInterface {
		return nil
	}
	var holders []ec2.Holder
	if n.Attachment != nil && n.Attachment.InstanceID == instance.ID {
		// Either will do: to be detached, or to become a larger type.
		both := []ec2.Holder{
			tx.heldByAttachment(n, ec2.ClaimPerENI, n.ID),
			{Ref: instance.Ref(), Claim: ec2.Claim{Kind: ec2.ClaimPerENI, Key: n.ID}, Name: tx.nameInstance(instance)},
		}
		if holders = tx.standing(both); len(holders) < len(both) {
			return nil
		}
	}
	return &ec2.Error{
		Action: action, Code: "PrivateIpAddressLimitExceeded", Parameter: parameter,
		Message: "Number of private addresses will exceed limit.",
		Summary: "Too many private addresses for an interface of this instance",
		Detail: fmt.Sprintf("The %s would have %d private addresses; the %s is a %s, which allows %d per interface, the primary one included.",
			tx.nameInterface(n), len(n.PrivateIPAddresses), tx.nameInstance(instance), limits.Name, limits.IPv4AddressesPerInterface),
		Remedy:  "Use fewer secondary addresses, or a larger instance type.",
		Holders: holders,
		Release: min(1, len(holders)),
	}
}

// DetachNetworkInterface detaches a network interface; everything else about
// it stays. Errors: InvalidAttachmentID.NotFound, OperationNotPermitted for a
// primary interface.
func (tx *Tx) DetachNetworkInterface(attachmentID string) error {
	const action = "DetachNetworkInterface"
	n, ok := tx.Attached(attachmentID)
	if !ok {
		if o, ok := tx.ousted(attachmentID); ok {
			tx.letGo(o)
			tx.did(action, o.networkInterface.ID, o.networkInterface.Attachment.InstanceID)
			return nil
		}
		return notFound(action, "AttachmentId", "InvalidAttachmentID.NotFound", "network interface attachment", attachmentID)
	}
	if n.Attachment.Primary() {
		if err := tx.primaryStays(action, "AttachmentId", n); err != nil {
			return err
		}
		tx.oust(n)
	}
	tx.detach(n)
	tx.did(action, n.ID, n.Attachment.InstanceID)
	return nil
}

// primaryStays refuses to part an instance from its primary interface.
func (tx *Tx) primaryStays(action, parameter string, n *ec2.NetworkInterface) error {
	instance := ec2.Ref{Kind: ec2.KindInstance, ID: n.Attachment.InstanceID}
	name := tx.nameInstanceByID(instance.ID)
	holders := tx.standing([]ec2.Holder{{Ref: instance, Claim: ec2.Claim{Kind: ec2.ClaimInterface, Key: n.ID}, Name: name}})
	if len(holders) == 0 {
		return nil
	}
	return &ec2.Error{
		Action: action, Code: "OperationNotPermitted", Parameter: parameter,
		Message: "The network interface at device index 0 and networkCard index 0 cannot be detached.",
		Summary: "An instance's primary network interface cannot be detached",
		Detail:  fmt.Sprintf("The %s keeps its primary interface for life: the %s.", name, tx.nameInterfaceAlone(n)),
		Remedy: "Terminate the instance as well, or give the address to a secondary interface, which can move. " +
			"To let Terraform forget the attachment, take it out of the state with `terraform state rm`.",
		Holders: holders,
	}
}

// detach frees an interface.
func (tx *Tx) detach(n *ec2.NetworkInterface) {
	changed := n.Clone()
	changed.Attachment = nil
	tx.put(changed)
}

// Attached finds a network interface by the id of its attachment.
func (tx *ReadTx) Attached(attachmentID string) (*ec2.NetworkInterface, bool) {
	o, ok := tx.first(ec2.KindNetworkInterface, byAttachment, attachmentID)
	if !ok || o.Head().Region != tx.region {
		return nil, false
	}
	return o.(*ec2.NetworkInterface), true
}
