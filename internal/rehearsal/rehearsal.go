// Package rehearsal holds the world as a plan will leave it: a fork of the lab
// on which every planned change is played with the very operations that apply
// will use. What the rehearsal refuses, the plan refuses.
//
// Terraform plans in an order of its own, so a claim may still be held by an
// object that a later step of the same plan lets go. The verdict on such a
// clash is adjourned until that object has been planned.
package rehearsal

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// Lab is where a rehearsal begins: with a fork of the world as it is.
type Lab interface {
	Fork(ctx context.Context) (*engine.World, error)
}

// Rehearsal is the stage for one walk of Terraform. Any number of goroutines
// may use it.
type Rehearsal struct {
	lab Lab

	mu     sync.Mutex
	base   *engine.World    // the lab as the walk found it; nil until something is played
	world  *engine.World    // the same with what has been planned
	minted map[string]bool  // ids made for plans, and for nothing real yet
	trying *engine.Tx       // while a step is played
	parts  map[ec2.Ref]part // what this walk has planned for objects of the lab
	after  follows          // what is changed only after what
	cases  []*adjourned
}

// part is what a walk has planned for an object.
type part int

const (
	unplanned part = iota // not yet, or not by Terraform
	kept                  // it stays as it is
	changed               // it holds what the rehearsal shows
	released              // it goes, or may let go of anything
)

// New makes a rehearsal over a lab.
func New(lab Lab) *Rehearsal { return &Rehearsal{lab: lab, minted: map[string]bool{}} }

// Begin begins a walk: nothing has been planned.
func (r *Rehearsal) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	r.minted = map[string]bool{}
}

// Forget throws away what has been planned, because the lab has changed. Ids
// that were made up remain so until [Rehearsal.Real]: their objects may be about
// to be made.
func (r *Rehearsal) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
}

func (r *Rehearsal) forget() { r.base, r.world, r.parts, r.after, r.cases = nil, nil, nil, nil, nil }

// Provisional reports whether an id was made up for a plan and names nothing in
// the lab.
func (r *Rehearsal) Provisional(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.minted[id]
}

// Real tells that apply has made objects with these ids.
func (r *Rehearsal) Real(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		delete(r.minted, id)
	}
}

// Step is the planned change of one resource.
type Step struct {
	Region ec2.Region
	// Name is how the resource is called when another one stands in its way.
	Name string
	// Seed is what new ids follow from, see [engine.Tx.Seed].
	Seed string
	// Holds are the objects of the lab that the resource manages up to now.
	// Once the step has been played, they hold what they hold.
	Holds func(*engine.ReadTx) []ec2.Ref
	// Refers are the ids in the resource's configuration: Terraform changes it
	// after the resources that they belong to. Other words among them do no harm.
	Refers []string
	// Play is the change. Nil for a resource that stays as it is.
	Play func(*engine.Tx) error
	// Vague tells that the change hangs on values that are not known: it is
	// not played, and what Holds gives may let go of anything.
	Vague bool
	// Removal tells that the step deletes: what depends on the objects may be
	// deleted or changed by a later step, and stands in the way only once it is
	// planned to stay as it is.
	Removal bool
}

// Perform plays a step. It fails with the [*ec2.Error] of the operation that
// EC2 would refuse, or, when the step keeps what an earlier step of the plan
// needs, with that step's error.
func (r *Rehearsal) Perform(ctx context.Context, step Step) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fork(ctx); err != nil {
		return err
	}
	holds := step.Holds(r.base.View().In(step.Region))
	for _, ref := range holds {
		r.after.add(ref.ID, step.Refers)
	}
	var refused error
	part := changed
	switch {
	case step.Vague:
		part = released
	case step.Play == nil:
		part = kept
	default:
		refused = r.play(step, holds)
		if step.Removal {
			part = released
		}
	}
	for _, ref := range holds {
		r.parts[ref] = part
	}
	return errors.Join(refused, r.judge(step))
}

// fork forks the lab when the walk needs the world for the first time.
func (r *Rehearsal) fork(ctx context.Context) error {
	if r.base != nil {
		return nil
	}
	base, err := r.lab.Fork(ctx)
	if err != nil {
		return err
	}
	r.parts, r.after = map[ec2.Ref]part{}, follows{}
	env := base.Env()
	env.Provisional = func(id string) bool {
		return r.minted[id] || r.trying != nil && slices.Contains(r.trying.Minted(), id)
	}
	r.base, r.world = base, base.ForkWith(env)
	return nil
}

// play runs the step's change until nothing but holders that may let go stands
// in its way.
func (r *Rehearsal) play(step Step, holds []ec2.Ref) error {
	overlooked := map[ec2.Holder]bool{}
	var cases []*adjourned
	defer func() { r.trying = nil }()
	for {
		tx := r.world.Begin()
		tx.Seed(step.Seed)
		r.trying = tx
		tx.Overlook(func(h ec2.Holder) bool {
			return overlooked[h] || step.Removal && h.Claim.Kind == ec2.ClaimDependency && !r.answers(tx.Reading().In(step.Region), h)
		})
		err := step.Play(tx.In(step.Region))
		if err == nil {
			for _, id := range tx.Minted() {
				r.minted[id] = true
				r.after.add(id, step.Refers)
			}
			claimants := tx.Minted()
			for _, ref := range holds {
				claimants = append(claimants, ref.ID)
			}
			for _, c := range cases {
				c.claimants = claimants
			}
			tx.Commit()
			r.cases = append(r.cases, cases...)
			return nil
		}
		refusal, ok := errors.AsType[*ec2.Error](err)
		var expected []ec2.Holder
		if ok {
			expected = r.expected(tx.Reading().In(step.Region), refusal.Holders, holds)
		}
		tx.Abort()
		if len(expected) == 0 || len(expected) < refusal.MustRelease() {
			return err
		}
		for _, h := range expected {
			overlooked[h] = true
		}
		cases = append(cases, &adjourned{claimant: step.Name, removal: step.Removal, refusal: refusal, holders: expected})
	}
}

// answers reports whether what depends on an object that is to go has a say in
// that: it stays as far as is known, and Terraform has planned it in this walk or
// may do so yet. Dependents that are going, or that nobody manages, do not stand
// in the way of a planned removal.
func (r *Rehearsal) answers(tx *engine.ReadTx, h ec2.Holder) bool {
	return r.parts[h.Ref] != released && !r.minted[h.ID] && tx.Manager(h.Ref) != ""
}

// expected picks the holders that may still let go: objects of the lab that
// Terraform manages and that this walk has not planned yet. What the step itself
// holds it has had its chance to let go of.
func (r *Rehearsal) expected(tx *engine.ReadTx, holders []ec2.Holder, own []ec2.Ref) []ec2.Holder {
	var expected []ec2.Holder
	for _, h := range holders {
		part := r.parts[h.Ref]
		if (part == unplanned || part == released) && !slices.Contains(own, h.Ref) && !r.minted[h.ID] && tx.Manager(h.Ref) != "" {
			expected = append(expected, h)
		}
	}
	return expected
}
