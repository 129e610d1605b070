package engine

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// ReadTx reads one state of a world. Like a client of the EC2 API it looks at
// one region, see [ReadTx.In].
type ReadTx struct {
	txn    *memdb.Txn
	env    Env
	region ec2.Region
}

// Tx changes a world. It is used by one goroutine.
type Tx struct {
	*ReadTx
	ids      *mint
	log      *log
	overlook func(ec2.Holder) bool
}

// log collects the actions of a transaction, for its event.
type log struct{ actions []Action }

// In gives the same transaction, looking at a region.
func (tx *ReadTx) In(region ec2.Region) *ReadTx {
	c := *tx
	c.region = region
	return &c
}

// In gives the same transaction, looking at a region.
func (tx *Tx) In(region ec2.Region) *Tx {
	c := *tx
	c.ReadTx = tx.ReadTx.In(region)
	return &c
}

// Region is the region the transaction looks at.
func (tx *ReadTx) Region() ec2.Region { return tx.region }

// Account is the id of the account that owns everything in the world.
func (tx *ReadTx) Account() string { return tx.env.Account }

// Now is the time of the transaction, to the second as EC2 gives it.
func (tx *Tx) Now() time.Time { return tx.env.Now().UTC().Truncate(time.Second) }

// Reading is the transaction for a function that only reads; it sees what the
// transaction has changed so far.
func (tx *Tx) Reading() *ReadTx { return tx.ReadTx }

// Commit ends the transaction and tells what it changed, in no particular
// order. The world shows the changes from then on.
func (tx *Tx) Commit() []Change {
	list := changes(tx.txn.Changes())
	tx.txn.Commit()
	return list
}

// Abort ends the transaction and leaves the world as it was. It does nothing
// after Commit.
func (tx *Tx) Abort() { tx.txn.Abort() }

// Event tells what the transaction has done so far.
func (tx *Tx) Event() Event {
	return Event{Time: tx.env.Now().UTC(), Actor: tx.env.ManagedBy, Actions: slices.Clone(tx.log.actions)}
}

// Overlook makes the operations go on where a holder that expected reports true
// for stands in the way: both then hold the claim until one lets go, and
// [World.Check] finds fault until then. A rehearsal overlooks holders it expects
// to let go. Nothing else should.
func (tx *Tx) Overlook(expected func(ec2.Holder) bool) { tx.overlook = expected }

// Rehearsing reports whether the transaction plays a plan.
func (tx *Tx) Rehearsing() bool { return tx.env.Provisional != nil }

// standing are the holders that are not overlooked.
func (tx *Tx) standing(holders []ec2.Holder) []ec2.Holder {
	if tx.overlook == nil {
		return holders
	}
	return slices.DeleteFunc(slices.Clone(holders), tx.overlook)
}

// did notes an action for the transaction's event.
func (tx *Tx) did(action string, ids ...string) {
	tx.log.actions = append(tx.log.actions, Action{Name: action, IDs: ids})
}

// put inserts an object or replaces the one with its id.
func (tx *Tx) put(object ec2.Object) {
	ref := object.Ref()
	before, _ := tx.first(ref.Kind, byID, ref.ID)
	tx.insert(object)
	tx.account(before, object)
}

// insert is put without an eye to the free ranges.
func (tx *Tx) insert(object ec2.Object) {
	ref := object.Ref()
	if err := tx.txn.Insert(string(ref.Kind), object); err != nil {
		panic(fmt.Sprintf("engine: insert %s %s: %v", ref.Kind, ref.ID, err))
	}
}

// remove takes an object out. It does nothing when there is none.
func (tx *Tx) remove(ref ec2.Ref) {
	before, ok := tx.first(ref.Kind, byID, ref.ID)
	if !ok {
		return
	}
	if err := tx.txn.Delete(string(ref.Kind), before); err != nil {
		panic(fmt.Sprintf("engine: delete %s %s: %v", ref.Kind, ref.ID, err))
	}
	tx.spend(ref.ID)
	tx.account(before, nil)
}

// header begins a new object of the transaction's region.
func (tx *Tx) header(prefix ec2.IDPrefix, tags ec2.Tags) ec2.Header {
	return ec2.Header{
		ID:        tx.newID(prefix),
		Region:    tx.region,
		OwnerID:   tx.env.Account,
		ManagedBy: tx.env.ManagedBy,
		Tags:      ownTags(tags),
	}
}

// first finds the object with a key, the one with the lowest id where several
// share it. There is none of a kind that has no table, such as an attachment.
func (tx *ReadTx) first(kind ec2.Kind, index, key string) (ec2.Object, bool) {
	if !slices.Contains(kinds, kind) {
		return nil, false
	}
	raw, err := tx.txn.First(string(kind), index, key)
	if err != nil {
		panic(fmt.Sprintf("engine: %s by %s: %v", kind, index, err))
	}
	if raw == nil {
		return nil, false
	}
	return raw.(ec2.Object), true
}

// all iterates over the objects with a key, or over all when none is given, in
// the order of the index. The loop must not change the table: collect first.
func all[T ec2.Object](tx *ReadTx, kind ec2.Kind, index string, key ...string) iter.Seq[T] {
	return func(yield func(T) bool) {
		args := make([]any, len(key))
		for i, k := range key {
			args[i] = k
		}
		it, err := tx.txn.Get(string(kind), index, args...)
		if err != nil {
			panic(fmt.Sprintf("engine: %s by %s: %v", kind, index, err))
		}
		for raw := it.Next(); raw != nil; raw = it.Next() {
			if !yield(raw.(T)) {
				return
			}
		}
	}
}

// lookup finds an object of the transaction's region.
func lookup[T ec2.Object](tx *ReadTx, kind ec2.Kind, id string) (T, bool) {
	object, ok := tx.first(kind, byID, id)
	if !ok || object.Head().Region != tx.region {
		var zero T
		return zero, false
	}
	return object.(T), true
}
