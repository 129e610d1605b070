package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// mint makes the ids of one transaction.
type mint struct {
	preset []string
	minted []string

	seed   string
	serial int // tells apart what was made from the same seed; -1 until the first id
}

// Preset gives the transaction ids to use for the objects it is going to make,
// in order per prefix. Apply uses it to make what the plan has promised.
func (tx *Tx) Preset(ids ...string) { tx.ids.preset = append(tx.ids.preset, ids...) }

// Seed makes the ids follow from a text, instead of from randomness: the same
// text in the same lab gives the same ids, as long as no object has or had them.
// A plan uses it, so that the ids it makes up are the ones that apply, which
// plans once more, comes to.
func (tx *Tx) Seed(text string) { tx.ids.seed, tx.ids.serial = text, -1 }

// Minted are the ids the transaction has made so far, in order.
func (tx *Tx) Minted() []string { return slices.Clone(tx.ids.minted) }

// newID makes the id of a new object. The first one of a transaction must be
// that of an object of its own, by which it shows whether the seed was used
// before.
func (tx *Tx) newID(prefix ec2.IDPrefix) string {
	id, ok := tx.presetID(prefix)
	if !ok {
		id = tx.freshID(prefix)
	}
	tx.ids.minted = append(tx.ids.minted, id)
	return id
}

func (tx *Tx) freshID(prefix ec2.IDPrefix) string {
	m := tx.ids
	if m.seed == "" {
		return ec2.NewID(prefix, tx.env.Random)
	}
	derived := func() string {
		return ec2.DeriveID(prefix, tx.env.Account, m.seed, strconv.Itoa(m.serial), strconv.Itoa(len(m.minted)))
	}
	if m.serial >= 0 {
		return derived()
	}
	for m.serial = 0; tx.spent(derived()); m.serial++ {
	}
	return derived()
}

// newAttachmentID makes the id of an attachment, which follows from the
// interface and how often it has been attached.
func (tx *Tx) newAttachmentID(n *ec2.NetworkInterface) string {
	id, ok := tx.presetID(ec2.PrefixAttachment)
	if !ok {
		id = ec2.DeriveID(ec2.PrefixAttachment, n.ID, strconv.Itoa(n.Attachments))
	}
	tx.ids.minted = append(tx.ids.minted, id)
	return id
}

// presetID takes the next id that was given for a prefix.
func (tx *Tx) presetID(prefix ec2.IDPrefix) (string, bool) {
	m := tx.ids
	for i, id := range m.preset {
		if hasPrefix(id, prefix) {
			m.preset = slices.Delete(slices.Clone(m.preset), i, i+1)
			return id, !tx.exists(id)
		}
	}
	return "", false
}

// hasPrefix tells eni-0123 from eni-attach-0123.
func hasPrefix(id string, prefix ec2.IDPrefix) bool {
	rest, ok := strings.CutPrefix(id, string(prefix)+"-")
	return ok && !strings.Contains(rest, "-")
}

// spent reports whether an object has the id, or had it, or will have it when a
// plan that is being made is applied.
func (tx *ReadTx) spent(id string) bool {
	if tx.provisional(id) || tx.exists(id) {
		return true
	}
	raw, err := tx.txn.First(tableSpent, byID, id)
	if err != nil {
		panic(fmt.Sprintf("engine: spent ids: %v", err))
	}
	return raw != nil
}

// exists reports whether an object of any region has the id.
func (tx *ReadTx) exists(id string) bool {
	for _, kind := range kinds {
		if _, ok := tx.first(kind, byID, id); ok {
			return true
		}
	}
	return false
}

// spentID is the id of an object that is gone. EC2 never gives an id twice.
type spentID string

// spend notes the id of an object that is gone.
func (tx *Tx) spend(id string) {
	if err := tx.txn.Insert(tableSpent, spentID(id)); err != nil {
		panic(fmt.Sprintf("engine: spent ids: %v", err))
	}
}
