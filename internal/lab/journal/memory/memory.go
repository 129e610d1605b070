// Package memory is a journal that lasts as long as the process. Tests use it
// where files are not the point.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// Store is one lab's memory. Any number of journals may be open on it, as any
// number of processes may have one file open.
type Store struct {
	writing chan struct{} // holds one token while somebody writes

	mu    sync.RWMutex // guards lasts
	lasts contents
}

type contents struct {
	identity journal.Identity
	revision int64
	objects  map[ec2.Ref]journal.Object
	events   []journal.Event
}

// NewStore makes an empty store.
func NewStore() *Store { return &Store{writing: make(chan struct{}, 1)} }

// Open gives a journal on the store. The identity counts if it is the first to
// write.
func (s *Store) Open(identity journal.Identity) *Journal {
	return &Journal{store: s, identity: identity, closed: make(chan struct{})}
}

// Journal is one user's view of a store.
type Journal struct {
	store    *Store
	identity journal.Identity

	closing sync.Once
	closed  chan struct{}
	inUse   sync.RWMutex // held for reading by writers, which Close waits for
}

var _ journal.Journal = (*Journal)(nil)

// Location is always "memory".
func (j *Journal) Location() string { return "memory" }

// Revision is that of the newest entry.
func (j *Journal) Revision(ctx context.Context) (int64, error) {
	if err := j.usable(ctx); err != nil {
		return 0, err
	}
	j.store.mu.RLock()
	defer j.store.mu.RUnlock()
	return j.store.lasts.revision, nil
}

// Read gives what changed after a revision.
func (j *Journal) Read(ctx context.Context, since int64) (journal.Delta, error) {
	if err := j.usable(ctx); err != nil {
		return journal.Delta{}, err
	}
	j.store.mu.RLock()
	defer j.store.mu.RUnlock()
	return j.store.lasts.since(since), nil
}

// Events gives what happened.
func (j *Journal) Events(ctx context.Context, which journal.EventRange) ([]journal.Event, error) {
	if err := j.usable(ctx); err != nil {
		return nil, err
	}
	j.store.mu.RLock()
	defer j.store.mu.RUnlock()
	events := j.store.lasts.events
	first, _ := slices.BinarySearchFunc(events, which.After+1, func(e journal.Event, revision int64) int {
		return cmp.Compare(e.Revision, revision)
	})
	events = events[first:]
	if which.Last > 0 && len(events) > which.Last {
		events = events[len(events)-which.Last:]
	}
	return append([]journal.Event(nil), events...), nil
}

// Write runs fn under the store's write lock.
func (j *Journal) Write(ctx context.Context, fn func(journal.Writer) error) error {
	j.inUse.RLock()
	defer j.inUse.RUnlock()
	if err := j.usable(ctx); err != nil {
		return err
	}
	select {
	case j.store.writing <- struct{}{}:
	case <-j.closed:
		return journal.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-j.store.writing }()

	draft := j.store.lasts // only the holder of the lock changes it
	draft.objects = maps.Clone(draft.objects)
	if draft.objects == nil {
		draft.objects = make(map[ec2.Ref]journal.Object)
	}
	if draft.revision == 0 {
		draft.identity = j.identity
	}
	if err := fn((*writer)(&draft)); err != nil {
		return err
	}
	j.store.mu.Lock()
	defer j.store.mu.Unlock()
	if draft.revision > j.store.lasts.revision {
		j.store.lasts = draft
	}
	return nil
}

// Close ends this user's view; the store lasts.
func (j *Journal) Close() error {
	j.closing.Do(func() { close(j.closed) })
	j.inUse.Lock()
	defer j.inUse.Unlock()
	return nil
}

func (j *Journal) usable(ctx context.Context) error {
	select {
	case <-j.closed:
		return journal.ErrClosed
	default:
		return ctx.Err()
	}
}

func (c *contents) since(since int64) journal.Delta {
	delta := journal.Delta{Revision: c.revision}
	if c.revision > 0 {
		delta.Identity = c.identity
	}
	for _, o := range c.objects {
		if o.Revision > since {
			delta.Objects = append(delta.Objects, o)
		}
	}
	return delta
}

type writer contents

func (w *writer) Read(since int64) (journal.Delta, error) {
	return (*contents)(w).since(since), nil
}

func (w *writer) Append(e journal.Entry) (int64, error) {
	w.revision++
	for _, o := range e.Objects {
		o.Revision = w.revision
		o.Document = bytes.Clone(o.Document)
		w.objects[o.Ref] = o
	}
	// A failed draft may have written behind the end of the array; nobody
	// reads there.
	w.events = append(w.events, journal.Event{
		Revision: w.revision,
		Time:     e.Time.UTC(),
		Document: bytes.Clone(e.Event),
	})
	return w.revision, nil
}
