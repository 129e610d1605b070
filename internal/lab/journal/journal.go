// Package journal is the contract of the place where a lab lasts: current
// objects, tombstones of those that are gone, and the events that made them
// so, counted by one revision. Implementations are in the packages below; what
// they all must do is spelled out in code by package journaltest.
package journal

import (
	"context"
	"errors"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Journal keeps one lab. Any number of goroutines may use it at once, and any
// number of processes may have the same lab open.
//
// Every operation but Close fails with [ErrClosed] after Close. A place that
// cannot be used gives an [*Error].
type Journal interface {
	// Revision is that of the newest entry, 0 while nothing was written. It is
	// cheap enough to ask before every look at the world.
	Revision(ctx context.Context) (int64, error)

	// Read gives what changed after a revision, as one consistent state: the
	// objects there are, and tombstones of those that are gone. It does not
	// wait for a writer.
	Read(ctx context.Context, since int64) (Delta, error)

	// Write waits until no other process and no other goroutine writes to the
	// lab, runs fn, and makes all that fn has appended durable at once. When
	// fn returns an error, panics or appends nothing, nothing is written. An
	// error of fn is returned as it is.
	//
	// The context ends the waiting only: once fn runs, its outcome does not
	// depend on the context any more.
	Write(ctx context.Context, fn func(Writer) error) error

	// Events gives what happened, oldest first.
	Events(ctx context.Context, which EventRange) ([]Event, error)

	// Location says in words a person can use where the journal is: a file
	// name, a URL without its password.
	Location() string

	// Close waits for a running Write.
	Close() error
}

// Writer is the journal seen by who holds its write lock. It is valid only
// until the function it was given to returns.
type Writer interface {
	// Read is as [Journal.Read], under the lock: what it leads to is newest,
	// and stays so until the lock is released. It shows what was appended.
	Read(since int64) (Delta, error)

	// Append adds an entry under the next revision, which it returns.
	Append(Entry) (revision int64, err error)
}

// Identity says whose lab a journal keeps. It is written with the first entry
// and stays.
type Identity struct {
	Name    string // of the lab
	Account string // 12 digits
}

// Object is an object as it lasts.
type Object struct {
	ec2.Ref
	// Revision is that of the entry which changed the object last. Append
	// does not look at it.
	Revision int64
	// Document is the object in JSON, nil for a tombstone: the object is gone.
	Document []byte
}

// Delta leads from one revision to a newer one.
type Delta struct {
	Identity Identity // of the lab; zero while nothing was written
	Revision int64    // what the delta leads to
	Objects  []Object // in no particular order, each once
}

// Entry is what one update of a lab changed.
type Entry struct {
	Time    time.Time
	Objects []Object
	Event   []byte // JSON
}

// Event tells what one update of a lab did.
type Event struct {
	Revision int64
	Time     time.Time // UTC
	Document []byte    // JSON
}

// EventRange chooses events.
type EventRange struct {
	After int64 // only events of greater revisions
	Last  int   // only so many, the newest; 0 means all
}

// ErrClosed says that the journal was used after Close.
var ErrClosed = errors.New("the lab has been closed")

// Error says why a journal cannot be used.
type Error struct {
	Location string // which journal
	Problem  string // what is wrong with it
	Remedy   string // what a person can do about it
	Err      error  // what the system said, if it said anything
}

// Error puts it all in one sentence.
func (e *Error) Error() string {
	text := "lab " + e.Location + ": " + e.Problem
	if e.Err != nil {
		text += " (" + e.Err.Error() + ")"
	}
	return text + "; " + e.Remedy
}

// Unwrap gives what the system said.
func (e *Error) Unwrap() error { return e.Err }
