package lab

import (
	"context"
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// View shows the lab as it is, with all that any process had committed when
// View was called. It never waits for an update. An error of fn is returned as
// it is.
func (l *Lab) View(ctx context.Context, fn func(*engine.ReadTx) error) error {
	s, err := l.latest(ctx)
	if err != nil {
		return err
	}
	return fn(s.world.View())
}

// Fork gives the lab as it is as a world of its own, which may be changed and
// leaves the lab alone.
func (l *Lab) Fork(ctx context.Context) (*engine.World, error) {
	s, err := l.latest(ctx)
	if err != nil {
		return nil, err
	}
	return s.world.Fork(), nil
}

// latest is the state of the journal's revision or of a newer one. It reads
// only what is newer than the state at hand.
func (l *Lab) latest(ctx context.Context) (*state, error) {
	revision, err := l.journal.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if s := l.current.Load(); s.revision >= revision {
		return s, nil
	}
	l.loading.Lock()
	defer l.loading.Unlock()
	s := l.current.Load()
	if s.revision >= revision {
		return s, nil
	}
	delta, err := l.journal.Read(ctx, s.revision)
	if err != nil {
		return nil, err
	}
	return l.follow(s, delta)
}

// follow brings the lab from a state to where a delta leads.
func (l *Lab) follow(from *state, delta journal.Delta) (*state, error) {
	if delta.Revision <= from.revision {
		return from, nil
	}
	objects := make([]ec2.Object, 0, len(delta.Objects))
	var removed []ec2.Ref
	for _, o := range delta.Objects {
		if o.Document == nil {
			removed = append(removed, o.Ref)
			continue
		}
		object, err := engine.Decode(o.Kind, o.Document)
		if err == nil && object.Ref() != o.Ref {
			err = fmt.Errorf("the document is that of %s %s", object.Ref().Kind, object.Ref().ID)
		}
		if err != nil {
			return nil, &journal.Error{
				Location: l.Location(),
				Problem:  fmt.Sprintf("%s %s, last changed by revision %d, cannot be understood", o.Kind, o.ID, o.Revision),
				Remedy:   "if another version of vpclab wrote it, use that version; if the lab is damaged, put a good copy in its place",
				Err:      err,
			}
		}
		objects = append(objects, object)
	}

	world := from.world.Fork()
	if account := delta.Identity.Account; account != world.Env().Account {
		// The lab is not of the name it was opened by: its file was copied.
		world = world.ForkWith(l.env(account))
	}
	world.Load(objects, removed)
	next := &state{world: world, revision: delta.Revision}
	l.publish(next)
	return next, nil
}

// publish shows a state that the journal has, unless a newer one is shown.
func (l *Lab) publish(next *state) {
	for {
		shown := l.current.Load()
		if shown.revision >= next.revision {
			return
		}
		if l.current.CompareAndSwap(shown, next) {
			l.watchers.tell(next.revision)
			return
		}
	}
}
