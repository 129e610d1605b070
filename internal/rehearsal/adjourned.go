package rehearsal

import (
	"fmt"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// adjourned is a clash whose verdict waits for the holders to be planned.
type adjourned struct {
	claimant string // the resource that asks for what they hold
	removal  bool   // whether it asks in order to go
	refusal  *ec2.Error
	holders  []ec2.Holder
}

// judge looks at the adjourned cases again after a step, and gives the refusal
// of the first that the step has settled against the claimant.
func (r *Rehearsal) judge(step Step) error {
	var err error
	tx := r.world.View().In(step.Region)
	r.cases = slices.DeleteFunc(r.cases, func(c *adjourned) bool {
		gone, possible, keeper := 0, 0, ec2.Holder{}
		for _, h := range c.holders {
			switch part := r.parts[h.Ref]; {
			case part == unplanned:
				possible++
			case part == released, part == changed && !tx.Holds(h):
				gone++
			default:
				keeper = h
			}
		}
		switch need := c.refusal.MustRelease(); {
		case gone >= need:
			return true
		case gone+possible >= need:
			return false
		}
		if err == nil {
			err = c.refuse(keeper)
		}
		return true
	})
	return err
}

// refuse words the refusal for the resource that keeps what the claimant asked
// for.
func (c *adjourned) refuse(keeper ec2.Holder) error {
	refusal := *c.refusal
	refusal.Parameter = ""
	clash := "In this plan, %s is to have what the %s keeps. %s"
	if c.removal {
		clash = "In this plan, %s is to be removed while the %s stays. %s"
	}
	refusal.Detail = fmt.Sprintf(clash, c.claimant, keeper.Name, c.refusal.Detail)
	return &refusal
}
