package rehearsal

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// adjourned is a clash whose verdict waits for the holders to be planned.
type adjourned struct {
	claimant string // the resource that asks for what they hold
	removal  bool   // whether it asks in order to go
	refusal  *ec2.Error
	holders  []ec2.Holder
	// claimants are the ids of the objects of the resource that asks.
	claimants []string
}

// follows says after which objects, given by their ids, an object is changed.
type follows map[string]map[string]bool

// add notes that an object is changed after others, and so after those that they
// are changed after.
func (f follows) add(id string, others []string) {
	if f[id] == nil {
		f[id] = map[string]bool{}
	}
	for _, other := range others {
		f[id][other] = true
		maps.Copy(f[id], f[other])
	}
}

// any reports whether an object is changed after one of several.
func (f follows) any(id string, others []string) bool {
	return slices.ContainsFunc(others, func(other string) bool { return other != id && f[id][other] })
}

// judge looks at the adjourned cases again after a step, and gives the refusal
// of the first that the step has settled against the claimant.
func (r *Rehearsal) judge(step Step) error {
	var err error
	tx := r.world.View().In(step.Region)
	r.cases = slices.DeleteFunc(r.cases, func(c *adjourned) bool {
		gone, possible, keeper, late := 0, 0, ec2.Holder{}, false
		for _, h := range c.holders {
			switch part := r.parts[h.Ref]; {
			case part == unplanned:
				possible++
			case part == changed && !tx.Holds(h) && r.after.any(h.ID, c.claimants):
				// It lets go when the claimant has been changed, which is too late.
				keeper, late = h, true
			case part == released, part == changed && !tx.Holds(h):
				gone++
			default:
				keeper, late = h, false
			}
		}
		switch need := c.refusal.MustRelease(); {
		case gone >= need:
			return true
		case gone+possible >= need:
			return false
		}
		if err == nil {
			err = c.refuse(keeper, late)
		}
		return true
	})
	return err
}

// refuse words the refusal for the resource that keeps what the claimant asked
// for, or that lets go of it too late.
func (c *adjourned) refuse(keeper ec2.Holder, late bool) error {
	refusal := *c.refusal
	refusal.Parameter = ""
	clash := "In this plan, %s is to have what the %s keeps. %s"
	switch {
	case late:
		clash = "In this plan, %s is to have what the %s lets go of only after that: it refers to the other, and Terraform changes what refers to a resource after the resource. %s"
		refusal.Remedy = "Make the two changes one after the other, in two runs."
	case c.removal:
		clash = "In this plan, %s is to be removed while the %s stays. %s"
	}
	refusal.Detail = fmt.Sprintf(clash, c.claimant, keeper.Name, c.refusal.Detail)
	return &refusal
}
