// Package core is what every resource and data source of the provider has in
// common, written once: configuration, plan and apply, import, tags, timeouts,
// replacement, and the translation of EC2's errors into diagnostics.
//
// A resource is a schema, a model and four functions over a transaction, see
// [Resource]. The core decides which world they get: the lab at apply, the
// rehearsal at plan. Because plan and apply are the same code, the plan can be
// trusted.
package core

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// Resource is what is particular to a resource. M is its model, a struct with
// tfsdk tags that embeds [Base] and, if it has tags, [Tagged].
//
// Create and Update receive models that may have unknown values; they treat
// those as not set, and leave what is computed to Read, which follows.
type Resource[M any] interface {
	// Name is the type's name without the provider's, such as "subnet".
	Name() string
	// Schema is the resource's schema but for what Base and Tagged stand for,
	// which the core adds.
	Schema(context.Context) schema.Schema
	// Parameters tells which attribute a parameter of an EC2 action comes from,
	// so that a refusal can point at it.
	Parameters() Parameters

	// Create makes the object and sets the model's ID.
	Create(*engine.Tx, *M) error
	// Read fills the model from the object with the model's ID, or fails with
	// ErrGone.
	Read(*engine.ReadTx, *M) error
	// Update makes the object what the model says. Tags are not its business.
	Update(tx *engine.Tx, prior, model *M) error
	// Delete deletes the object. NotFound is no error to the core.
	Delete(*engine.Tx, *M) error

	// Object names the object that carries the resource's tags and that the
	// resource manages.
	Object(*M) ec2.Ref
}

// The following are interfaces a Resource may implement as well.
type (
	// Holder tells of objects a resource manages besides its Object.
	Holder[M any] interface {
		Holds(*engine.ReadTx, *M) []ec2.Ref
	}
	// Replacer tells which attributes' change replaces the resource where that
	// depends on more than the attribute. What the configuration leaves to EC2 is
	// in planned as it was before; an unknown value comes from elsewhere.
	Replacer[M any] interface {
		Replaces(prior, planned *M) path.Paths
	}
	// Placer names optional attributes and blocks without which an object
	// cannot be placed in the rehearsal. Required ones need no mention.
	Placer interface {
		Placing() []string
	}
	// Yielder lets go of what an update will give up, in a transaction of its
	// own, when the update has to wait for another resource that waits for it.
	Yielder[M any] interface {
		Yield(tx *engine.Tx, prior, model *M) error
	}
)

// managed makes a Terraform resource of a Resource.
type managed[M any] struct {
	Resource[M]
	*Session
	schema schema.Schema
}

var (
	_ resource.ResourceWithConfigure   = (*managed[struct{}])(nil)
	_ resource.ResourceWithModifyPlan  = (*managed[struct{}])(nil)
	_ resource.ResourceWithImportState = (*managed[struct{}])(nil)
)

// NewResource gives the constructor the framework wants.
func NewResource[M any](r Resource[M]) func() resource.Resource {
	return func() resource.Resource {
		return &managed[M]{Resource: r, schema: withShared(r.Schema(context.Background()), new(M))}
	}
}

func (r *managed[M]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.Name()
}

func (r *managed[M]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema
}

func (r *managed[M]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // validation comes before configuration
	}
	session, ok := req.ProviderData.(*Session)
	if !ok {
		resp.Diagnostics.AddError("The provider is misconfigured", fmt.Sprintf("A resource was configured with %T.", req.ProviderData))
		return
	}
	r.Session = session
}

// ImportState takes the object's id, with the region after an @ if it is not
// the provider's.
func (r *managed[M]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, region, err := r.importID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("This id cannot be imported", err.Error())
		return
	}
	if err := ec2.CheckID(idPrefixes[r.Object(new(M)).Kind], id); err != nil {
		resp.Diagnostics.AddError("This id cannot be imported", err.Error()+".")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), string(region))...)
}

func (r *managed[M]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	m := new(M)
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := r.Lab.View(ctx, func(tx *engine.ReadTx) error { return r.read(tx.In(r.regionOf(m)), m) })
	if isNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(r.diagnose(err)...)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// read fills the whole model from the world.
func (r *managed[M]) read(tx *engine.ReadTx, m *M) error {
	if err := r.Resource.Read(tx, m); err != nil {
		return err
	}
	base(m).setRegion(tx.Region())
	if t, ok := any(m).(taggable); ok {
		if object, ok := tx.Object(r.Object(m)); ok {
			t.tagged().readTags(object.Head().Tags, r.DefaultTags, r.someTagsUnknown)
		}
	}
	return nil
}

// create makes the object and fills the model.
func (r *managed[M]) create(tx *engine.Tx, m *M) error {
	if err := r.Resource.Create(tx, m); err != nil {
		return err
	}
	return r.read(tx.Reading(), m)
}

// update changes the object and fills the model.
func (r *managed[M]) update(tx *engine.Tx, prior, m *M) error {
	if err := r.Resource.Update(tx, prior, m); err != nil {
		return err
	}
	if t, ok := any(m).(taggable); ok {
		if err := tx.SetTags(r.Object(m), t.tagged().AllTags()); err != nil {
			return err
		}
	}
	return r.read(tx.Reading(), m)
}

// remove deletes the object; that it is gone already is as good.
func (r *managed[M]) remove(tx *engine.Tx, m *M) error {
	if err := r.Resource.Delete(tx, m); !isNotFound(err) {
		return err
	}
	return nil
}

// holds are the objects the resource manages.
func (r *managed[M]) holds(tx *engine.ReadTx, m *M) []ec2.Ref {
	refs := []ec2.Ref{r.Object(m)}
	if h, ok := r.Resource.(Holder[M]); ok {
		refs = append(refs, h.Holds(tx, m)...)
	}
	return refs
}
