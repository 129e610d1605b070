package engine

import (
	"fmt"
	"iter"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// oustedAttachment is an attachment that [Tx.Overlook] let an operation pass
// over: its interface is attached elsewhere by now, or gone, but whoever
// manages the attachment has not let go of it. An interface has one attachment
// only, so what came before is kept here. The table is empty but in a
// rehearsal, and not part of what lasts.
type oustedAttachment struct {
	networkInterface *ec2.NetworkInterface // as it was, attached
}

type oustedIndexer struct{ key func(*ec2.Attachment) string }

func (x oustedIndexer) FromObject(raw any) (bool, []byte, error) {
	return true, terminated(x.key(raw.(oustedAttachment).networkInterface.Attachment)), nil
}

func (oustedIndexer) FromArgs(args ...any) ([]byte, error) { return fromString(args) }

// oust keeps the attachment of an interface that is about to lose it to
// another claimant. A free interface loses nothing.
func (tx *Tx) oust(n *ec2.NetworkInterface) {
	if n.Attachment == nil {
		return
	}
	if err := tx.txn.Insert(tableOusted, oustedAttachment{n}); err != nil {
		panic(fmt.Sprintf("engine: ousted attachments: %v", err))
	}
}

func (tx *Tx) letGo(o oustedAttachment) {
	if err := tx.txn.Delete(tableOusted, o); err != nil {
		panic(fmt.Sprintf("engine: ousted attachments: %v", err))
	}
}

// letGoOf forgets the ousted attachments of an instance that is terminated.
func (tx *Tx) letGoOf(instanceID string) {
	for _, o := range slices.Collect(tx.oustedFrom(instanceID)) {
		tx.letGo(o)
	}
}

func (tx *ReadTx) ousted(attachmentID string) (oustedAttachment, bool) {
	raw, err := tx.txn.First(tableOusted, byID, attachmentID)
	if err != nil {
		panic(fmt.Sprintf("engine: ousted attachments: %v", err))
	}
	o, ok := raw.(oustedAttachment)
	if !ok || o.networkInterface.Region != tx.region {
		return oustedAttachment{}, false
	}
	return o, true
}

// oustedFrom are the ousted attachments of an instance.
func (tx *ReadTx) oustedFrom(instanceID string) iter.Seq[oustedAttachment] {
	return func(yield func(oustedAttachment) bool) {
		it, err := tx.txn.Get(tableOusted, byInstance, instanceID)
		if err != nil {
			panic(fmt.Sprintf("engine: ousted attachments: %v", err))
		}
		for raw := it.Next(); raw != nil; raw = it.Next() {
			if !yield(raw.(oustedAttachment)) {
				return
			}
		}
	}
}

// attachedOrOusted finds an attachment that stands, or that was ousted and has
// not been let go, with its interface as it is now or, once it is gone, was.
func (tx *ReadTx) attachedOrOusted(attachmentID string) (*ec2.NetworkInterface, *ec2.Attachment, bool) {
	if n, ok := tx.Attached(attachmentID); ok {
		return n, n.Attachment, true
	}
	o, ok := tx.ousted(attachmentID)
	if !ok {
		return nil, nil, false
	}
	if n, ok := tx.NetworkInterface(o.networkInterface.ID); ok {
		return n, o.networkInterface.Attachment, true
	}
	return o.networkInterface, o.networkInterface.Attachment, true
}
