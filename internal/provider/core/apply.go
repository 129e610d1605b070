package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/refinement"
)

func (r *managed[M]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	planned := new(M)
	resp.Diagnostics.Append(req.Plan.Get(ctx, planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The plan has promised ids; the object gets them.
	promised := refinement.Promised(ctx)
	var made *M
	err := r.change(ctx, r.patience(planned, "create"), planned, func(tx *engine.Tx) error {
		made = clone(planned)
		tx.Preset(promised...)
		return r.create(tx, made)
	}, nil)
	if err != nil {
		resp.Diagnostics.Append(r.diagnose(err)...)
		return
	}
	resp.Diagnostics.Append(saveState(ctx, made, req.Plan, req.Config, &resp.State)...)
}

func (r *managed[M]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	prior, planned := new(M), new(M)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var yield func(*engine.Tx) error
	if y, ok := r.Resource.(Yielder[M]); ok {
		yield = func(tx *engine.Tx) error { return y.Yield(tx, prior, planned) }
	}
	var changed *M
	err := r.change(ctx, r.patience(planned, "update"), planned, func(tx *engine.Tx) error {
		changed = clone(planned)
		return r.update(tx, prior, changed)
	}, yield)
	if err != nil {
		resp.Diagnostics.Append(r.diagnose(err)...)
		return
	}
	resp.Diagnostics.Append(saveState(ctx, changed, req.Plan, req.Config, &resp.State)...)
}

func (r *managed[M]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	m := new(M)
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := r.change(ctx, r.patience(m, "delete"), m, func(tx *engine.Tx) error { return r.remove(tx, m) }, nil)
	resp.Diagnostics.Append(r.diagnose(err)...)
}

// change updates the lab. When something that Terraform manages stands in the
// way, this run may be about to take it away: then change waits for it, for as
// long as patience lasts, after yielding what the change gives up anyway.
func (r *managed[M]) change(ctx context.Context, patience time.Duration, m *M, do, yield func(*engine.Tx) error) error {
	region := r.regionOf(m)
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer r.Rehearsal.Forget()
	news := r.Lab.Watch(waiting)
	for {
		mayClear := false
		var minted []string
		err := r.Lab.Update(ctx, func(tx *engine.Tx) error {
			tx = tx.In(region)
			err := do(tx)
			mayClear, minted = passing(tx.Reading(), err), tx.Minted()
			return err
		})
		if err == nil {
			r.Rehearsal.Real(minted)
		}
		if !mayClear {
			return err
		}
		if yield != nil {
			if yielded := r.Lab.Update(ctx, func(tx *engine.Tx) error { return yield(tx.In(region)) }); yielded != nil {
				return errors.Join(err, yielded)
			}
			yield = nil
			continue
		}
		select {
		case <-waiting.Done():
			if ctx.Err() != nil {
				return err // interrupted, and not out of patience
			}
			return stillHeld(err)
		case <-news:
		}
	}
}

// stillHeld adds to a refusal what to do when Terraform manages the holder but
// nothing has let go: in this run it comes too late, or the holder is left over
// from a run that was killed, or belongs to a configuration that shares the lab.
func stillHeld(err error) error {
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok {
		return err
	}
	var ids []string
	for _, h := range refusal.Holders {
		if !slices.Contains(ids, h.ID) {
			ids = append(ids, h.ID)
		}
	}
	explained := *refusal
	advice := fmt.Sprintf("Nothing in this run has let go of it. If no configuration has %s any more, as after a run that was killed, "+
		"adopt it with an import block or `terraform import ADDRESS %s`, and keep it or destroy it then.", strings.Join(ids, ", "), ids[0])
	if refusal.Holders[0].Claim.Kind == ec2.ClaimDependency {
		advice = "If this same run takes it away from them: Terraform deletes first and changes the others after. " +
			"Apply the two one after the other, or give what is deleted `lifecycle { create_before_destroy = true }`, which turns the order round. " +
			"Security group rules that nobody takes away go with `revoke_rules_on_delete = true`, or with `ingress = []` in an apply before."
	}
	explained.Remedy = strings.TrimSpace(refusal.Remedy + "\n" + advice)
	return &explained
}

// passing reports whether an error is of a kind that passes when another
// resource of the same run is changed or deleted.
func passing(tx *engine.ReadTx, err error) bool {
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok {
		return false
	}
	mayLetGo := 0
	for _, h := range refusal.Holders {
		if tx.Manager(h.Ref) != "" {
			mayLetGo++
		}
	}
	return mayLetGo > 0 && mayLetGo >= refusal.MustRelease()
}

// saveState writes what the world says. Where the plan has promised a computed
// value that another change has overtaken since, the promise is kept until the
// next refresh: Terraform insists on it.
func saveState[M any](ctx context.Context, m *M, plan tfsdk.Plan, config tfsdk.Config, state *tfsdk.State) diag.Diagnostics {
	diags := state.Set(ctx, m)
	for name, attribute := range plan.Schema.GetAttributes() {
		if !attribute.IsComputed() {
			continue
		}
		var configured, promised, is attr.Value
		diags.Append(config.GetAttribute(ctx, path.Root(name), &configured)...)
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &promised)...)
		diags.Append(state.GetAttribute(ctx, path.Root(name), &is)...)
		if diags.HasError() {
			return diags
		}
		if configured.IsNull() && IsFullyKnown(promised) && !promised.Equal(is) {
			diags.Append(state.SetAttribute(ctx, path.Root(name), promised)...)
		}
	}
	return diags
}
