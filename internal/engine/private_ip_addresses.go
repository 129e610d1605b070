package engine

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// AssignPrivateIPAddressesInput are the parameters of
// AssignPrivateIpAddresses.
type AssignPrivateIPAddressesInput struct {
	NetworkInterfaceID             string
	PrivateIPAddresses             []netip.Addr
	SecondaryPrivateIPAddressCount int // further ones to choose, the lowest free
}

// AssignPrivateIPAddresses adds secondary addresses to a network interface and
// gives those it added; an address the interface has already is none.
// Errors: InvalidNetworkInterfaceID.NotFound, InvalidParameterValue,
// InsufficientFreeAddressesInSubnet, PrivateIpAddressLimitExceeded.
func (tx *Tx) AssignPrivateIPAddresses(in AssignPrivateIPAddressesInput) ([]netip.Addr, error) {
	const action = "AssignPrivateIpAddresses"
	n, err := tx.networkInterface(action, in.NetworkInterfaceID)
	if err != nil {
		return nil, err
	}
	subnet, err := tx.subnet(action, n.SubnetID)
	if err != nil {
		return nil, err
	}
	changed := n.Clone()
	for _, a := range in.PrivateIPAddresses {
		if slices.Contains(changed.PrivateIPAddresses, a) {
			continue
		}
		if err := tx.claimAddress(action, subnet, n.ID, a, false); err != nil {
			return nil, err
		}
		changed.PrivateIPAddresses = append(changed.PrivateIPAddresses, a)
	}
	if err := checkAddressesToChoose(action, in.SecondaryPrivateIPAddressCount); err != nil {
		return nil, err
	}
	free, err := tx.chooseAddresses(action, subnet, in.SecondaryPrivateIPAddressCount, changed.PrivateIPAddresses)
	if err != nil {
		return nil, err
	}
	changed.PrivateIPAddresses = append(changed.PrivateIPAddresses, free...)
	if n.Attachment != nil {
		if instance, ok := tx.Instance(n.Attachment.InstanceID); ok {
			if err := tx.checkAddressCount(action, "PrivateIpAddresses", changed, instance); err != nil {
				return nil, err
			}
		}
	}
	added := slices.Clone(changed.PrivateIPAddresses[len(n.PrivateIPAddresses):])
	if len(added) > 0 {
		tx.put(changed)
		tx.did(action, n.ID)
	}
	return added, nil
}

// UnassignPrivateIPAddresses takes secondary addresses from a network
// interface. Errors: InvalidNetworkInterfaceID.NotFound, InvalidParameterValue
// for an address that is not on it, or the primary one.
func (tx *Tx) UnassignPrivateIPAddresses(interfaceID string, addresses []netip.Addr) error {
	const action = "UnassignPrivateIpAddresses"
	n, err := tx.networkInterface(action, interfaceID)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		switch slices.Index(n.PrivateIPAddresses, a) {
		case -1:
			return &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "PrivateIpAddresses",
				Message: fmt.Sprintf("Some of the specified addresses are not assigned to interface %s", n.ID),
				Summary: "The address is not on this network interface",
				Detail:  fmt.Sprintf("%s is not among the addresses of the %s.", a, tx.nameInterface(n)),
				Remedy:  "Name addresses that it has.",
			}
		case 0:
			return &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "PrivateIpAddresses",
				Message: fmt.Sprintf("Value (%s) for parameter privateIpAddress is invalid. The primary IP address of an interface cannot be unassigned.", a),
				Summary: "The primary private address stays for life",
				Detail:  fmt.Sprintf("%s is the primary address of the %s.", a, tx.nameInterface(n)),
				Remedy:  "Replace the network interface to change its primary address.",
			}
		}
	}
	changed := n.Clone()
	changed.PrivateIPAddresses = slices.DeleteFunc(changed.PrivateIPAddresses, func(a netip.Addr) bool {
		return slices.Contains(addresses, a)
	})
	if len(changed.PrivateIPAddresses) == len(n.PrivateIPAddresses) {
		return nil
	}
	tx.put(changed)
	tx.did(action, n.ID)
	return nil
}

// firstAddresses are the addresses of a new interface, the primary one first:
// those asked for, and the lowest free ones for the rest.
func (tx *Tx) firstAddresses(action string, subnet *ec2.Subnet, in CreateNetworkInterfaceInput, further []netip.Addr) ([]netip.Addr, error) {
	asked := slices.Concat(in.PrivateIPAddresses, further)
	seen := make(map[netip.Addr]bool, len(asked))
	for i, a := range asked {
		if seen[a] {
			return nil, &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "PrivateIpAddresses",
				Message: fmt.Sprintf("Value (%s) for parameter privateIpAddress is specified more than once.", a),
				Summary: "The same private address is asked for twice",
				Detail:  fmt.Sprintf("%s stands among the addresses more than once.", a),
				Remedy:  "Name each address once.",
			}
		}
		seen[a] = true
		if err := tx.claimAddress(action, subnet, "", a, i < min(1, len(in.PrivateIPAddresses))); err != nil {
			return nil, err
		}
	}
	if err := checkAddressesToChoose(action, in.SecondaryPrivateIPAddressCount); err != nil {
		return nil, err
	}
	wanted := in.SecondaryPrivateIPAddressCount
	if len(in.PrivateIPAddresses) > 0 {
		chosen, err := tx.chooseAddresses(action, subnet, wanted, asked)
		return append(asked, chosen...), err
	}
	chosen, err := tx.chooseAddresses(action, subnet, wanted+1, asked)
	if err != nil {
		return nil, err
	}
	return slices.Concat(chosen[:1], asked, chosen[1:]), nil
}

func checkAddressesToChoose(action string, n int) error {
	const most = 1 << 16 // no subnet has more
	if 0 <= n && n <= most {
		return nil
	}
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "SecondaryPrivateIpAddressCount",
		Message: fmt.Sprintf("Value (%d) for parameter secondaryPrivateIpAddressCount is invalid.", n),
		Summary: "This is no number of secondary private addresses",
		Detail:  fmt.Sprintf("%d addresses cannot be chosen.", n),
		Remedy:  fmt.Sprintf("Ask for 0 to %d.", most),
	}
}

// claimAddress judges whether an interface may have an address: inside the
// subnet, not reserved, not taken. owner is the interface that asks, empty when
// it is being made. EC2 words the refusal by action and rank of the address.
func (tx *Tx) claimAddress(action string, subnet *ec2.Subnet, owner string, a netip.Addr, primary bool) error {
	parameter := "PrivateIpAddresses"
	if action == "RunInstances" && primary {
		parameter = "PrivateIpAddress"
	}
	if !subnet.CIDRBlock.Contains(a) {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: parameter,
			Message: fmt.Sprintf("Address %s does not fall within the subnet's address range", a),
			Summary: "The private address lies outside the subnet",
			Detail:  fmt.Sprintf("%s is not within %s, the range of the %s.", a, subnet.CIDRBlock, tx.nameSubnet(subnet)),
			Remedy:  addressAdvice(subnet),
		}
	}
	if reserved, why := ec2.ReservedAddress(subnet.CIDRBlock, a); reserved {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: parameter,
			Message: fmt.Sprintf("Address %s is in subnet's reserved address range", a),
			Summary: "The private address is reserved",
			Detail:  fmt.Sprintf("In every subnet EC2 keeps the first four addresses and the last; in %s, %s is the %s.", subnet.CIDRBlock, a, why),
			Remedy:  addressAdvice(subnet),
		}
	}
	tx.makeWay(subnet.ID, a)
	k := addressKey(subnet.ID, a)
	var holders []ec2.Holder
	for n := range all[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, byAddress, k) {
		if n.ID != owner {
			holders = append(holders, tx.heldByInterface(n, ec2.ClaimAddress, k))
		}
	}
	if holders = tx.standing(holders); len(holders) == 0 {
		return nil
	}
	code, message := "InvalidIPAddress.InUse", "The specified address is already in use."
	switch {
	case action == "RunInstances":
		message = fmt.Sprintf("Address %s is in use.", a)
	case action == "AssignPrivateIpAddresses":
		code, message = "InvalidParameterValue", fmt.Sprintf("[%s] assigned, but move is not allowed.", a)
	case !primary:
		code, message = "InvalidParameterValue", fmt.Sprintf("%s is already assigned.", a)
	}
	return &ec2.Error{
		Action: action, Code: code, Parameter: parameter, Message: message,
		Summary: "The private address is taken",
		Detail:  fmt.Sprintf("%s belongs to the %s.", a, holders[0].Name),
		Remedy:  "Choose another address of the subnet, or leave the choice to EC2 by naming none.",
		Holders: holders,
	}
}

func addressAdvice(subnet *ec2.Subnet) string {
	first, last := ec2.UsableRange(subnet.CIDRBlock)
	return fmt.Sprintf("Choose an address from %s to %s.", first, last)
}

// chooseAddresses gives the n lowest free addresses of a subnet that are not
// among taken.
func (tx *Tx) chooseAddresses(action string, subnet *ec2.Subnet, n int, taken []netip.Addr) ([]netip.Addr, error) {
	if n <= 0 {
		return nil, nil
	}
	free := tx.lowestFree(subnet.ID, n, taken)
	if len(free) == n {
		tx.noteChosen(subnet.ID, free)
		return free, nil
	}
	var standing []ec2.Holder
	for i := range all[*ec2.NetworkInterface](tx.ReadTx, ec2.KindNetworkInterface, bySubnet, subnet.ID) {
		h := tx.heldByInterface(i, ec2.ClaimCapacity, "")
		for _, a := range i.PrivateIPAddresses {
			h.Claim.Key = addressKey(subnet.ID, a)
			switch {
			case tx.overlook == nil || !tx.overlook(h):
				if !slices.Contains(taken, a) {
					standing = append(standing, h)
				}
			case len(free) < n && !slices.Contains(taken, a) && !tx.shared(subnet.ID, a):
				free = append(free, a) // expected to come free
			}
		}
	}
	if len(free) == n {
		tx.noteChosen(subnet.ID, free)
		return free, nil
	}
	message := "The specified subnet does not have enough free addresses to satisfy the request."
	if action == "RunInstances" {
		message = fmt.Sprintf("There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", subnet.ID)
	}
	summary := "The subnet has no free address left"
	if len(free) > 0 {
		summary = "The subnet has too few free addresses left"
	}
	refusal := &ec2.Error{
		Action: action, Code: "InsufficientFreeAddressesInSubnet", Parameter: "SubnetId", Message: message,
		Summary: summary,
		Detail: fmt.Sprintf("The %s has room for %d addresses, and %d are free where %d are needed.",
			tx.nameSubnet(subnet), ec2.UsableAddresses(subnet.CIDRBlock), len(free), n),
		Remedy: "Use a larger subnet, or one more.",
	}
	if missing := n - len(free); missing <= len(standing) { // else it would not do if all of them let go
		refusal.Holders, refusal.Release = standing, missing
	}
	return nil, refusal
}

// shared reports whether more than one interface holds an address already.
func (tx *ReadTx) shared(subnetID string, a netip.Addr) bool {
	holders := 0
	for range all[*ec2.NetworkInterface](tx, ec2.KindNetworkInterface, byAddress, addressKey(subnetID, a)) {
		holders++
	}
	return holders > 1
}
