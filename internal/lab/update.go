package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// Update runs fn on a transaction over the lab as it is, and makes what fn has
// changed durable. No other update, of any process, happens meanwhile. When
// Update returns nil the change is on disk and every later View shows it. When
// it returns an error, nothing was changed; an error of fn is returned as it
// is. A function that changes nothing writes nothing.
//
// Updates that come together share one commit of the journal. If it fails, all
// of them fail.
//
// The context ends the waiting for a turn. Once fn has run, its change is
// committed even if the context has ended by then, and Update says so.
//
// The transaction ends with fn: fn neither commits it nor keeps it, and does
// not call Update of the same lab, which would wait for itself.
func (l *Lab) Update(ctx context.Context, fn func(*engine.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{
		turn:   make(chan *engine.World),
		ran:    make(chan struct{}),
		result: make(chan error, 1),
	}
	if !l.queue.join(u, l.serve) {
		return ErrClosed
	}
	select {
	case world := <-u.turn:
		u.run(world, fn)
		return <-u.result
	case err := <-u.result: // the lock could not be had
		return err
	case <-ctx.Done():
		if !l.queue.leave(u) {
			// The turn has come in this very moment, or the end.
			select {
			case <-u.turn:
				close(u.ran)
			case <-u.result:
			}
		}
		return ctx.Err()
	}
}

// update is one call of Update. Its function runs in the goroutine of its
// caller, where it may panic; turn and ran pass the world there and back.
type update struct {
	turn   chan *engine.World
	ran    chan struct{} // closed after the function; guards what follows
	err    error         // of the function
	entry  journal.Entry // what it changed
	broken error         // the world cannot be trusted any more

	result chan error
}

func (u *update) run(world *engine.World, fn func(*engine.Tx) error) {
	defer close(u.ran) // also when fn panics, or ends its goroutine
	tx := world.Begin()
	defer tx.Abort()
	if u.err = fn(tx); u.err != nil {
		return
	}
	event := tx.Event()
	u.entry, u.broken = entry(tx.Commit(), event)
}

// entry is what lasts of a transaction. It has no objects if the transaction
// changed nothing.
func entry(changes []engine.Change, event engine.Event) (journal.Entry, error) {
	e := journal.Entry{Time: event.Time}
	for _, c := range changes {
		o := journal.Object{Ref: c.Ref}
		if c.After != nil {
			var err error
			if o.Document, err = engine.Encode(c.After); err != nil {
				return e, fmt.Errorf("%s %s: %w", c.Ref.Kind, c.Ref.ID, err)
			}
		}
		if c.Before != nil && c.After != nil {
			before, err := engine.Encode(c.Before)
			if err == nil && bytes.Equal(before, o.Document) {
				continue
			}
		}
		e.Objects = append(e.Objects, o)
	}
	var err error
	e.Event, err = json.Marshal(event)
	return e, err
}

// longestBatch is how many updates share a commit at most, so that other
// processes get their turn.
const longestBatch = 64

// serve gives the waiting updates their turns until nobody waits. It runs once
// at a time.
func (l *Lab) serve() {
	for {
		ctx, more := l.queue.next()
		if !more {
			return
		}
		var served []*update
		var reached *state
		err := l.journal.Write(ctx, func(w journal.Writer) (err error) {
			served, reached, err = l.batch(w)
			return err
		})
		switch {
		case err == nil:
			l.publish(reached)
		case len(served) == 0 && ctx.Err() == nil:
			// Nobody had a turn, and who waits now would not have one either.
			served = l.queue.takeAll()
		}
		for _, u := range served {
			if err != nil {
				u.err = err
			}
			u.result <- u.err
		}
	}
}

// batch runs the waiting updates one after the other on one world, which
// becomes the lab's when the journal has committed.
func (l *Lab) batch(w journal.Writer) (served []*update, reached *state, err error) {
	base := l.current.Load()
	delta, err := w.Read(base.revision)
	if err != nil {
		return nil, nil, err
	}
	if base, err = l.follow(base, delta); err != nil {
		return nil, nil, err
	}
	reached = &state{world: base.world.Fork(), revision: base.revision}
	for len(served) < longestBatch {
		u := l.queue.take()
		if u == nil {
			break
		}
		served = append(served, u)
		u.turn <- reached.world
		<-u.ran
		if u.broken != nil {
			return served, nil, u.broken
		}
		if len(u.entry.Objects) == 0 {
			continue
		}
		if reached.revision, err = w.Append(u.entry); err != nil {
			return served, nil, err
		}
	}
	return served, reached, nil
}
