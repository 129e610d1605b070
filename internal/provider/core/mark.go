package core

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// A Mark stands among the plan modifiers of an attribute and tells the core
// how to plan it. It does nothing on its own: what becomes of an attribute
// depends on what the rehearsal shows.
type Mark string

const (
	// ForceNew: a change of the attribute replaces the resource.
	ForceNew Mark = "changing it replaces the resource"
	// Settled: what the rehearsal gives it is what apply will give it. An
	// attribute, other than a block, keeps that for life.
	Settled Mark = "known as soon as it is planned"
	// Minted: the attribute is an id that is made with the resource, or
	// follows from one, and stays for life.
	Minted Mark = "made together with the resource"
)

var (
	_ planmodifier.String = ForceNew
	_ planmodifier.Bool   = ForceNew
	_ planmodifier.Int64  = ForceNew
	_ planmodifier.List   = ForceNew
	_ planmodifier.Set    = ForceNew
	_ planmodifier.Object = ForceNew
)

// Description says what the mark means.
func (m Mark) Description(context.Context) string { return string(m) }

// MarkdownDescription says what the mark means.
func (m Mark) MarkdownDescription(context.Context) string { return string(m) }

// PlanModifyString leaves the plan to the core.
func (Mark) PlanModifyString(context.Context, planmodifier.StringRequest, *planmodifier.StringResponse) {
}

// PlanModifyBool leaves the plan to the core.
func (Mark) PlanModifyBool(context.Context, planmodifier.BoolRequest, *planmodifier.BoolResponse) {}

// PlanModifyInt64 leaves the plan to the core.
func (Mark) PlanModifyInt64(context.Context, planmodifier.Int64Request, *planmodifier.Int64Response) {
}

// PlanModifyList leaves the plan to the core.
func (Mark) PlanModifyList(context.Context, planmodifier.ListRequest, *planmodifier.ListResponse) {}

// PlanModifySet leaves the plan to the core.
func (Mark) PlanModifySet(context.Context, planmodifier.SetRequest, *planmodifier.SetResponse) {}

// PlanModifyObject leaves the plan to the core.
func (Mark) PlanModifyObject(context.Context, planmodifier.ObjectRequest, *planmodifier.ObjectResponse) {
}

// marked reports whether a top-level attribute or block carries a mark.
func (r *managed[M]) marked(name string, mark Mark) bool {
	switch a := r.schema.Attributes[name].(type) {
	case schema.StringAttribute:
		return among(a.PlanModifiers, mark)
	case schema.BoolAttribute:
		return among(a.PlanModifiers, mark)
	case schema.Int64Attribute:
		return among(a.PlanModifiers, mark)
	case schema.ListAttribute:
		return among(a.PlanModifiers, mark)
	case schema.SetAttribute:
		return among(a.PlanModifiers, mark)
	}
	switch b := r.schema.Blocks[name].(type) {
	case schema.ListNestedBlock:
		return among(b.PlanModifiers, mark)
	case schema.SetNestedBlock:
		return among(b.PlanModifiers, mark)
	}
	return false
}

// describeReplacement tells the reader of an attribute's description when a
// change of it replaces the resource.
func describeReplacement(attribute schema.Attribute) schema.Attribute {
	// The types of attributes have these fields in common, and no method to set them.
	a := reflect.New(reflect.TypeOf(attribute)).Elem()
	a.Set(reflect.ValueOf(attribute))
	modifiers := a.FieldByName("PlanModifiers")
	for i := range modifiers.Len() {
		if modifiers.Index(i).Interface() == any(ForceNew) {
			text := a.FieldByName("MarkdownDescription")
			text.SetString(text.String() + " Changing it replaces the resource.")
		}
	}
	return a.Interface().(schema.Attribute)
}

func among[T any](modifiers []T, mark Mark) bool {
	for _, m := range modifiers {
		if any(m) == any(mark) {
			return true
		}
	}
	return false
}
