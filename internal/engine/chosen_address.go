package engine

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// chosenAddress is the key of an address that was chosen, and not asked for, in
// a rehearsal. Apply may choose otherwise, depending on what it makes first: the
// interface has some address of the subnet, but no claim to this one. The table
// is empty but in a rehearsal.
type chosenAddress string

// noteChosen notes addresses that were chosen.
func (tx *Tx) noteChosen(subnetID string, addresses []netip.Addr) {
	if tx.env.Provisional == nil {
		return
	}
	for _, a := range addresses {
		if err := tx.txn.Insert(tableChosen, chosenAddress(addressKey(subnetID, a))); err != nil {
			panic(fmt.Sprintf("engine: chosen addresses: %v", err))
		}
	}
}

// makeWay gives the interface for which an address was chosen in this rehearsal
// another one, because somebody asks for it by name. Without another free one it
// stays, and the address is taken.
func (tx *Tx) makeWay(subnetID string, a netip.Addr) {
	k := addressKey(subnetID, a)
	row, err := tx.txn.First(tableChosen, byID, k)
	if err != nil {
		panic(fmt.Sprintf("engine: chosen addresses: %v", err))
	}
	if row == nil {
		return
	}
	other := tx.lowestFree(subnetID, 1, nil)
	holder, held := tx.first(ec2.KindNetworkInterface, byAddress, k)
	if held && len(other) == 0 {
		return
	}
	if err := tx.txn.Delete(tableChosen, row); err != nil {
		panic(fmt.Sprintf("engine: chosen addresses: %v", err))
	}
	if !held {
		return
	}
	moved := holder.(*ec2.NetworkInterface).Clone()
	moved.PrivateIPAddresses[slices.Index(moved.PrivateIPAddresses, a)] = other[0]
	tx.put(moved)
	tx.noteChosen(subnetID, other)
}
