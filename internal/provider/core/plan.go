package core

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

// replacedKey is where the plan for a resource that is to be replaced leaves
// its state. Terraform hands it to the plan for the replacement, which is a
// create that must not collide with what it replaces.
const replacedKey = "replaced"

// ModifyPlan plays the planned change on the rehearsal.
func (r *managed[M]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Session == nil {
		return // the provider's configuration is not known yet
	}
	switch {
	case req.Plan.Raw.IsNull():
		r.planDelete(ctx, req, resp)
	case req.State.Raw.IsNull():
		r.planCreate(ctx, req, resp)
	default:
		r.planUpdate(ctx, req, resp)
	}
}

func (r *managed[M]) planDelete(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	prior := new(M)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.diagnose(r.rehearseDelete(ctx, prior))...)
}

// rehearseDelete plays the deletion of what the state describes.
func (r *managed[M]) rehearseDelete(ctx context.Context, prior *M) error {
	return r.Rehearsal.Perform(ctx, rehearsal.Step{
		Region:  r.regionOf(prior),
		Name:    r.title(prior),
		Holds:   func(tx *engine.ReadTx) []ec2.Ref { return r.holds(tx, prior) },
		Play:    func(tx *engine.Tx) error { return r.remove(tx, prior) },
		Removal: true,
	})
}

func (r *managed[M]) planCreate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.planShared(ctx, req.Config, &resp.Plan, &resp.Diagnostics)
	planned := new(M)
	resp.Diagnostics.Append(resp.Plan.Get(ctx, planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The planned private data stays with the object: once the replacement is
	// planned it has to forget what it replaces.
	replaced, diags := req.Private.GetKey(ctx, replacedKey)
	resp.Diagnostics.Append(diags...)
	if id := decodeID(replaced); id != "" {
		resp.Diagnostics.Append(r.rehearseReplaced(ctx, id, r.regionOf(planned))...)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, replacedKey, []byte(`""`))...)
	}
	if !r.placeable(req.Config) {
		return
	}
	played := clone(planned)
	err := r.Rehearsal.Perform(ctx, rehearsal.Step{
		Region: r.regionOf(planned),
		Name:   r.title(planned),
		Seed:   r.seed(planned, req.Config),
		Refers: slices.Sorted(maps.Keys(rawStrings(req.Config.Raw))),
		Holds:  func(*engine.ReadTx) []ec2.Ref { return nil },
		Play: func(tx *engine.Tx) error {
			*played = *clone(planned)
			return r.create(tx, played)
		},
	})
	if err != nil {
		resp.Diagnostics.Append(r.diagnose(err)...)
		return
	}
	resp.Diagnostics.Append(r.foretell(ctx, req.Config, nil, played, &resp.Plan)...)
}

// seed is what the ids of a new object follow from: what the configuration says
// of it. The plan and the plan that apply makes once more come to the same ids
// so, which others may have been promised.
func (r *managed[M]) seed(m *M, config tfsdk.Config) string {
	return fmt.Sprintf("%s %s %s", r.Name(), r.regionOf(m), config.Raw)
}

// planUpdate plans a change in place, or finds that it takes a replacement.
func (r *managed[M]) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.planShared(ctx, req.Config, &resp.Plan, &resp.Diagnostics)
	resp.Diagnostics.Append(r.keepSettled(ctx, req.Config, req.State, &resp.Plan)...)
	prior, planned := new(M), new(M)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	resp.Diagnostics.Append(resp.Plan.Get(ctx, planned)...)
	// What the configuration leaves to EC2 stays unless the rehearsal says
	// otherwise; it is no reason to replace anything.
	likely := tfsdk.Plan{Schema: resp.Plan.Schema, Raw: resp.Plan.Raw.Copy()}
	resp.Diagnostics.Append(keepComputed(ctx, req.Config, req.State, &likely)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, _ := json.Marshal(base(prior).ID.ValueString())
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, replacedKey, id)...)

	replaces, diags := r.replaces(ctx, req.State, likely, prior)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(replaces) > 0 {
		resp.RequiresReplace = replaces
		resp.Diagnostics.Append(r.diagnose(r.rehearseDelete(ctx, prior))...)
		return
	}
	played := clone(planned)
	step := rehearsal.Step{
		Region: r.regionOf(prior),
		Name:   r.title(planned),
		Refers: slices.Sorted(maps.Keys(rawStrings(req.Config.Raw))),
		Holds:  func(tx *engine.ReadTx) []ec2.Ref { return r.holds(tx, prior) },
	}
	switch {
	case likely.Raw.Equal(req.State.Raw):
		*played = *prior
	case !r.placeable(req.Config):
		step.Vague = true
	default:
		step.Play = func(tx *engine.Tx) error {
			*played = *clone(planned)
			return r.update(tx, prior, played)
		}
	}
	if err := r.Rehearsal.Perform(ctx, step); err != nil {
		resp.Diagnostics.Append(r.diagnose(err)...)
		return
	}
	if !step.Vague {
		resp.Diagnostics.Append(r.foretell(ctx, req.Config, &req.State, played, &resp.Plan)...)
	}
}

// rehearseReplaced takes out of the rehearsal what a replacement replaces. The
// plan for its removal has been judged already, or was forced by the user.
func (r *managed[M]) rehearseReplaced(ctx context.Context, id string, region ec2.Region) diag.Diagnostics {
	// The model is read as after an import.
	state := tfsdk.State{Schema: r.schema, Raw: tftypes.NewValue(r.schema.Type().TerraformType(ctx), nil)}
	diags := state.SetAttribute(ctx, path.Root("id"), id)
	old := new(M)
	diags.Append(state.Get(ctx, old)...)
	if diags.HasError() {
		return diags
	}
	err := r.Lab.View(ctx, func(tx *engine.ReadTx) error { return r.read(tx.In(region), old) })
	if err == nil {
		err = r.rehearseDelete(ctx, old)
	}
	if !isNotFound(err) {
		diags.Append(r.diagnose(err)...)
	}
	return diags
}

func decodeID(document []byte) (id string) {
	if len(document) > 0 {
		_ = json.Unmarshal(document, &id) // written by planUpdate
	}
	return id
}

// keepComputed gives computed attributes that are not configured the value they
// have.
func keepComputed(ctx context.Context, config tfsdk.Config, state tfsdk.State, plan *tfsdk.Plan) (diags diag.Diagnostics) {
	for name, attribute := range plan.Schema.GetAttributes() {
		var configured, planned, prior attr.Value
		diags.Append(config.GetAttribute(ctx, path.Root(name), &configured)...)
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &planned)...)
		diags.Append(state.GetAttribute(ctx, path.Root(name), &prior)...)
		if diags.HasError() {
			return diags
		}
		if attribute.IsComputed() && configured.IsNull() && planned.IsUnknown() && name != tagsAll {
			diags.Append(plan.SetAttribute(ctx, path.Root(name), prior)...)
		}
	}
	return diags
}

// keepSettled gives what never changes, and is not configured, the value it has.
func (r *managed[M]) keepSettled(ctx context.Context, config tfsdk.Config, state tfsdk.State, plan *tfsdk.Plan) (diags diag.Diagnostics) {
	for _, name := range attributeNames(r.schema) {
		if !r.marked(name, Settled) && !r.marked(name, Minted) {
			continue
		}
		var configured, prior, planned attr.Value
		diags.Append(config.GetAttribute(ctx, path.Root(name), &configured)...)
		diags.Append(state.GetAttribute(ctx, path.Root(name), &prior)...)
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &planned)...)
		if !diags.HasError() && planned.IsUnknown() && configured.IsNull() {
			diags.Append(plan.SetAttribute(ctx, path.Root(name), prior)...)
		}
	}
	return diags
}

// foretell writes into the plan what the rehearsal has shown: of a computed
// value that does not change, that it stays; of one that is settled, what it
// will be; of a new object's ids, those it was rehearsed with, which package
// refinement makes unknown again on the way to Terraform. The others remain
// unknown until apply.
func (r *managed[M]) foretell(ctx context.Context, config tfsdk.Config, state *tfsdk.State, played *M, plan *tfsdk.Plan) diag.Diagnostics {
	shown := tfsdk.State{Schema: plan.Schema, Raw: plan.Raw.Copy()}
	diags := shown.Set(ctx, played)
	names := slices.Concat(attributeNames(r.schema), blockNames(r.schema))
	for _, name := range names {
		if diags.HasError() {
			return diags
		}
		at := path.Root(name)
		var configured, planned, will, was attr.Value
		diags.Append(config.GetAttribute(ctx, at, &configured)...)
		diags.Append(plan.GetAttribute(ctx, at, &planned)...)
		diags.Append(shown.GetAttribute(ctx, at, &will)...)
		if IsFullyKnown(planned) || name == tagsAll || configured != nil && !configured.IsNull() && !IsFullyKnown(configured) {
			continue // there is nothing to tell, or it comes from elsewhere
		}
		if state != nil {
			diags.Append(state.GetAttribute(ctx, at, &was)...)
			if was.Equal(will) {
				diags.Append(plan.SetAttribute(ctx, at, was)...)
				continue
			}
		}
		_, isBlock := r.schema.Blocks[name]
		if r.marked(name, Settled) && !(isBlock && r.adopts(configured, will)) || state == nil && r.marked(name, Minted) {
			diags.Append(plan.SetAttribute(ctx, at, will)...)
		}
	}
	return diags
}

// adopts reports whether a block is to stand for an object that is there
// already. Another resource of this plan may be about to take it away, so there
// is no telling its id.
func (r *managed[M]) adopts(configured, will attr.Value) bool {
	said := stringsIn(configured)
	for s := range stringsIn(will) {
		if !said[s] && !r.Rehearsal.Provisional(s) {
			return true
		}
	}
	return false
}

// stringsIn are the known strings in a value.
func stringsIn(v attr.Value) map[string]bool {
	raw, err := v.ToTerraformValue(context.Background())
	if err != nil {
		return nil
	}
	return rawStrings(raw)
}

func rawStrings(raw tftypes.Value) map[string]bool {
	found := map[string]bool{}
	_ = tftypes.Walk(raw, func(_ *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		var s string
		if v.Type().Is(tftypes.String) && v.IsKnown() && !v.IsNull() && v.As(&s) == nil {
			found[s] = true
		}
		return true, nil
	})
	return found
}
