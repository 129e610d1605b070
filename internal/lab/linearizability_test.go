package lab_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/labtest"
)

// swap asks a register to take a value, or none to leave it as it is. The
// answer is the value it had.
type swap struct{ value string }

// register is a Name tag as the model sees it.
var register = porcupine.Model{
	Init: func() any { return "0" },
	Step: func(state, input, output any) (bool, any) {
		next := input.(swap).value
		if next == "" {
			next = state.(string)
		}
		return output == state, next
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) },
}

// What users of a lab see, through two labs on one file, could have happened
// one after the other in an order that agrees with the clock.
func TestHistoriesAreLinearizable(t *testing.T) {
	store := t.TempDir()
	labs := []*lab.Lab{
		labtest.OpenWith(t, lab.Options{Store: store}),
		labtest.OpenWith(t, lab.Options{Store: store}),
	}
	id := newVPC(t, labs[0], "0")

	const users, operations = 6, 40
	var mu sync.Mutex
	var history []porcupine.Operation
	var group sync.WaitGroup
	began := time.Now()
	for user := range users {
		l := labs[user%len(labs)]
		group.Go(func() {
			for i := range operations {
				o := porcupine.Operation{ClientId: user, Call: int64(time.Since(began))}
				var seen string
				var err error
				switch rand.N(4) {
				case 0, 1:
					o.Input = swap{fmt.Sprintf("%d.%d", user, i)}
					err = l.Update(t.Context(), func(tx *engine.Tx) (err error) {
						seen, err = rename(tx, id, o.Input.(swap).value)
						return err
					})
				case 2:
					o.Input = swap{}
					err = l.View(t.Context(), func(tx *engine.ReadTx) error {
						vpc, _ := tx.In(region).VPC(id)
						seen = vpc.Tags.Name()
						return nil
					})
				case 3:
					o.Input = swap{}
					var fork *engine.World
					if fork, err = l.Fork(t.Context()); err == nil {
						vpc, _ := fork.View().In(region).VPC(id)
						seen = vpc.Tags.Name()
					}
				}
				o.Output, o.Return = seen, int64(time.Since(began))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				history = append(history, o)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if result, info := porcupine.CheckOperationsVerbose(register, history, time.Minute); result != porcupine.Ok {
		t.Errorf("the history of %d operations is %s; longest partial orders: %v",
			len(history), result, info.PartialLinearizations())
	}
}
