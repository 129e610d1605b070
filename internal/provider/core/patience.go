package core

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Timed is what the model of a resource with a timeouts block embeds.
type Timed struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t *Timed) timed() *Timed { return t }

// TimeoutsBlock is the block that goes with Timed.
func TimeoutsBlock(ctx context.Context, opts timeouts.Opts) schema.Block {
	const waits = `How long %s may wait for other resources to get out of the way: a duration such as "30s". Defaults to "15s".`
	opts.CreateDescription = fmt.Sprintf(waits, "creating")
	opts.UpdateDescription = fmt.Sprintf(waits, "changing")
	opts.DeleteDescription = fmt.Sprintf(waits, "destroying")
	opts.ReadDescription = "Without effect: reading never waits."
	block := timeouts.Block(ctx, opts).(schema.SingleNestedBlock)
	block.MarkdownDescription = "How long operations may wait for each other."
	return block
}

// patience is how long an operation waits for others: what the timeouts block
// says, else the session's.
func (r *managed[M]) patience(m *M, operation string) time.Duration {
	t, ok := any(m).(interface{ timed() *Timed })
	if !ok {
		return r.Patience
	}
	value := t.timed().Timeouts
	lookup := map[string]func(context.Context, time.Duration) (time.Duration, diag.Diagnostics){
		"create": value.Create,
		"update": value.Update,
		"delete": value.Delete,
	}[operation]
	patience, diags := lookup(context.Background(), r.Patience)
	if diags.HasError() {
		return r.Patience // validation has refused it; keep going with ours
	}
	return patience
}
