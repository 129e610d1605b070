// Package lab is a world that lasts: [Lab.View] looks at it, [Lab.Update]
// changes it, [Lab.Watch] tells when somebody has. Several processes may have
// the same lab open at once, and each sees what the others have committed.
package lab

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/sqlite"
)

// What a lab is called, and where it is, unless somebody says otherwise.
const (
	DefaultName  = "default"
	DefaultStore = ".vpclab"
)

// ErrClosed says that a lab was used after Close.
var ErrClosed = journal.ErrClosed

// Options say which lab to open.
type Options struct {
	// Store is where labs are: a directory, in which each lab is a file; the
	// name of a file that ends in .db or .sqlite, which is one lab; either of
	// them behind "sqlite:" or "file:". Empty means DefaultStore, in the
	// working directory.
	Store string
	// Name is the lab's: letters, digits, "-" and "_", at most 64 of them, the
	// first a letter or digit. Empty means DefaultName.
	Name string
	// Env makes what a world takes from outside, for the account that owns the
	// lab. Nil means engine.SystemEnv.
	Env func(account string) engine.Env
}

// Lab is one simulated account that lasts. Any number of goroutines may use
// it.
type Lab struct {
	journal journal.Journal
	env     func(account string) engine.Env

	current atomic.Pointer[state]
	loading sync.Mutex // held while reading what others wrote, so that one does it for all

	queue    queue
	watchers watchers
}

// state is a world as of a revision. Two states of one revision are the same.
type state struct {
	world    *engine.World
	revision int64
}

// Open opens a lab and reads it. It writes nothing: a lab that does not exist
// is empty until the first Update that changes something.
//
// A lab that cannot be used gives a [*journal.Error], which says why and what
// to do.
func Open(ctx context.Context, o Options) (*Lab, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if !validName.MatchString(o.Name) {
		return nil, fmt.Errorf("lab name %q: a name has 1 to 64 letters, digits, hyphens and underscores, and begins with a letter or a digit", o.Name)
	}
	place, err := resolve(o.Store, o.Name)
	if err != nil {
		return nil, err
	}
	identity := journal.Identity{Name: o.Name, Account: ec2.AccountID(o.Name)}
	j, err := sqlite.Open(ctx, place.file, sqlite.Options{Identity: identity, Ignore: place.inDirectory})
	if err != nil {
		return nil, err
	}
	return New(ctx, j, o)
}

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// New makes a lab of a journal, which it takes over: Close closes it, and so
// does a failure of New. Of the options, Store does not count.
func New(ctx context.Context, j journal.Journal, o Options) (*Lab, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	l := &Lab{journal: j, env: o.Env}
	if l.env == nil {
		l.env = engine.SystemEnv
	}
	l.current.Store(&state{world: engine.New(l.env(ec2.AccountID(o.Name)))})
	if _, err := l.latest(ctx); err != nil {
		_ = j.Close() // nothing was written
		return nil, err
	}
	return l, nil
}

// Account is the id of the account that owns the lab: 12 digits.
func (l *Lab) Account() string { return l.current.Load().world.Env().Account }

// Location says where the lab is, such as the name of its file.
func (l *Lab) Location() string { return l.journal.Location() }

// Close ends all watching, waits for the updates that have begun, and closes
// the journal. What comes later fails with ErrClosed.
func (l *Lab) Close() error {
	l.queue.close()
	l.watchers.close()
	return l.journal.Close()
}
