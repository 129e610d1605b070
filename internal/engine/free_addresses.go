package engine

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// freeRange is a run of free addresses of a subnet. The table of free ranges
// is derived from subnets and interfaces, and lets an address be found, taken
// and given back at the same cost in a subnet of any size.
type freeRange struct {
	subnetID    string
	first, last netip.Addr
}

type freeRangeIndexer struct{}

func (freeRangeIndexer) FromObject(raw any) (bool, []byte, error) {
	r := raw.(freeRange)
	return true, freeRangeKey(r.subnetID, r.first), nil
}

func (freeRangeIndexer) FromArgs(args ...any) ([]byte, error) {
	return freeRangeKey(args[0].(string), args[1].(netip.Addr)), nil
}

func freeRangeKey(subnetID string, first netip.Addr) []byte {
	return append(terminated(subnetID), first.AsSlice()...)
}

// account keeps the free ranges in step with one change to the world.
func (tx *Tx) account(before, after ec2.Object) {
	switch kindOf(before, after) {
	case ec2.KindSubnet:
		was, _ := before.(*ec2.Subnet)
		is, _ := after.(*ec2.Subnet)
		if was != nil && is != nil && was.CIDRBlock == is.CIDRBlock {
			return
		}
		if was != nil {
			for _, r := range slices.Collect(tx.freeRanges(was.ID)) {
				tx.deleteRange(r)
			}
		}
		if is != nil {
			tx.countFree(is)
		}
	case ec2.KindNetworkInterface:
		tx.accountAddresses(before, after)
	}
}

// countFree makes the free ranges of a subnet that has none yet. Interfaces may
// be there before their subnet, as a journal gives them.
func (tx *Tx) countFree(s *ec2.Subnet) {
	for _, r := range tx.unused(s) {
		tx.insertRange(r)
	}
}

func (tx *Tx) countAllFree() {
	for _, s := range slices.Collect(all[*ec2.Subnet](tx.ReadTx, ec2.KindSubnet, byID)) {
		tx.countFree(s)
	}
}

// unused are the free ranges of a subnet as they follow from its interfaces.
func (tx *ReadTx) unused(s *ec2.Subnet) []freeRange {
	first, last := ec2.UsableRange(s.CIDRBlock)
	if !first.IsValid() {
		return nil
	}
	var used []netip.Addr
	for n := range all[*ec2.NetworkInterface](tx, ec2.KindNetworkInterface, bySubnet, s.ID) {
		for _, a := range n.PrivateIPAddresses {
			if usable(s.CIDRBlock, a) {
				used = append(used, a)
			}
		}
	}
	slices.SortFunc(used, netip.Addr.Compare)
	var ranges []freeRange
	next := first
	for _, a := range slices.Compact(used) {
		if next.Less(a) {
			ranges = append(ranges, freeRange{s.ID, next, a.Prev()})
		}
		next = a.Next()
	}
	if !last.Less(next) {
		ranges = append(ranges, freeRange{s.ID, next, last})
	}
	return ranges
}

func (tx *Tx) accountAddresses(before, after ec2.Object) {
	was, had := addresses(before)
	is, has := addresses(after)
	if was == is && slices.Equal(had, has) {
		return
	}
	for _, a := range missingFrom(had, has, was != is) {
		tx.takeAddress(is, a)
	}
	for _, a := range missingFrom(has, had, was != is) {
		tx.freeAddress(was, a)
	}
}

// missingFrom are the addresses of list that are not among those of base, or
// all of them.
func missingFrom(base, list []netip.Addr, all bool) []netip.Addr {
	if all || len(base) == 0 {
		return list
	}
	known := make(map[netip.Addr]bool, len(base))
	for _, a := range base {
		known[a] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(a netip.Addr) bool { return known[a] })
}

func kindOf(before, after ec2.Object) ec2.Kind {
	if after != nil {
		return after.Ref().Kind
	}
	return before.Ref().Kind
}

func addresses(o ec2.Object) (subnetID string, list []netip.Addr) {
	if n, ok := o.(*ec2.NetworkInterface); ok {
		return n.SubnetID, n.PrivateIPAddresses
	}
	return "", nil
}

// freeRanges are the free ranges of a subnet in order.
func (tx *ReadTx) freeRanges(subnetID string) iter.Seq[freeRange] {
	return func(yield func(freeRange) bool) {
		it, err := tx.txn.LowerBound(tableFreeRange, byID, subnetID, netip.IPv4Unspecified())
		if err != nil {
			panic(fmt.Sprintf("engine: free ranges: %v", err))
		}
		for raw := it.Next(); raw != nil; raw = it.Next() {
			if r := raw.(freeRange); r.subnetID != subnetID || !yield(r) {
				return
			}
		}
	}
}

// AvailableIPAddressCount is the number of free addresses of a subnet, as in
// DescribeSubnets.
func (tx *ReadTx) AvailableIPAddressCount(subnetID string) int {
	n := 0
	for r := range tx.freeRanges(subnetID) {
		n += int(distance(r.first, r.last)) + 1
	}
	return n
}

// lowestFree are the n lowest free addresses of a subnet that are not among
// those taken already in the same request; fewer when there are not as many.
func (tx *ReadTx) lowestFree(subnetID string, n int, taken []netip.Addr) []netip.Addr {
	var found []netip.Addr
	for r := range tx.freeRanges(subnetID) {
		for a := r.first; len(found) < n; a = a.Next() {
			if !slices.Contains(taken, a) {
				found = append(found, a)
			}
			if a == r.last {
				break
			}
		}
		if len(found) == n {
			break
		}
	}
	return found
}

// rangeAround is the free range with the greatest first address that is not
// above a.
func (tx *ReadTx) rangeAround(subnetID string, a netip.Addr) (freeRange, bool) {
	it, err := tx.txn.ReverseLowerBound(tableFreeRange, byID, subnetID, a)
	if err != nil {
		panic(fmt.Sprintf("engine: free ranges: %v", err))
	}
	raw := it.Next()
	if raw == nil {
		return freeRange{}, false
	}
	r := raw.(freeRange)
	return r, r.subnetID == subnetID
}

// takeAddress does nothing for an address that is not free: in a rehearsal
// another interface may hold it already.
func (tx *Tx) takeAddress(subnetID string, a netip.Addr) {
	r, ok := tx.rangeAround(subnetID, a)
	if !ok || r.last.Less(a) {
		return
	}
	tx.deleteRange(r)
	if r.first.Less(a) {
		tx.insertRange(freeRange{subnetID, r.first, a.Prev()})
	}
	if a.Less(r.last) {
		tx.insertRange(freeRange{subnetID, a.Next(), r.last})
	}
}

// freeAddress does nothing for an address that another interface still holds,
// or of a subnet that a rehearsal has deleted already.
func (tx *Tx) freeAddress(subnetID string, a netip.Addr) {
	o, exists := tx.first(ec2.KindSubnet, byID, subnetID)
	if !exists || !usable(o.(*ec2.Subnet).CIDRBlock, a) {
		return
	}
	if _, held := tx.first(ec2.KindNetworkInterface, byAddress, addressKey(subnetID, a)); held {
		return
	}
	merged := freeRange{subnetID, a, a}
	if below, ok := tx.rangeAround(subnetID, a); ok && below.last.Next() == a {
		tx.deleteRange(below)
		merged.first = below.first
	}
	if above, ok := tx.rangeAround(subnetID, a.Next()); ok && above.first == a.Next() {
		tx.deleteRange(above)
		merged.last = above.last
	}
	tx.insertRange(merged)
}

// usable reports whether an interface may have an address of a subnet.
func usable(subnet netip.Prefix, a netip.Addr) bool {
	reserved, _ := ec2.ReservedAddress(subnet, a)
	return subnet.Contains(a) && !reserved
}

func (tx *Tx) insertRange(r freeRange) {
	if err := tx.txn.Insert(tableFreeRange, r); err != nil {
		panic(fmt.Sprintf("engine: free ranges: %v", err))
	}
}

func (tx *Tx) deleteRange(r freeRange) {
	if err := tx.txn.Delete(tableFreeRange, r); err != nil {
		panic(fmt.Sprintf("engine: free ranges: %v", err))
	}
}

// distance is how far b lies above a, both IPv4.
func distance(a, b netip.Addr) uint32 { return ec2.IPv4Number(b) - ec2.IPv4Number(a) }
