package core

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// placeable reports whether the configuration tells all that the object needs
// for its place in the world: the required attributes, those of blocks
// included, and what the resource names as placing.
func (r *managed[M]) placeable(config tfsdk.Config) bool {
	var placing []string
	if p, ok := r.Resource.(Placer); ok {
		placing = p.Placing()
	}
	var configured map[string]tftypes.Value
	if config.Raw.As(&configured) != nil {
		return false
	}
	for name, attribute := range r.schema.Attributes {
		if (attribute.IsRequired() || slices.Contains(placing, name)) && !configured[name].IsFullyKnown() {
			return false
		}
	}
	for name, block := range r.schema.Blocks {
		if !placedBlock(configured[name], block) {
			return false
		}
	}
	return true
}

// placedBlock judges a kind of block by its required attributes.
func placedBlock(blocks tftypes.Value, block schema.Block) bool {
	if !blocks.IsKnown() {
		return false // a dynamic block over something unknown
	}
	var elements []tftypes.Value
	if blocks.As(&elements) != nil {
		return true // a single block, such as timeouts
	}
	var nested schema.NestedBlockObject
	switch b := block.(type) {
	case schema.ListNestedBlock:
		nested = b.NestedObject
	case schema.SetNestedBlock:
		nested = b.NestedObject
	}
	for _, element := range elements {
		var attributes map[string]tftypes.Value
		if element.As(&attributes) != nil {
			return false
		}
		for name, attribute := range nested.Attributes {
			if attribute.IsRequired() && !attributes[name].IsFullyKnown() {
				return false
			}
		}
	}
	return true
}

// IsFullyKnown reports whether a value and everything in it is known.
func IsFullyKnown(v attr.Value) bool {
	if v == nil || v.IsUnknown() {
		return false
	}
	raw, err := v.ToTerraformValue(context.Background())
	return err == nil && raw.IsFullyKnown()
}

// replaces gives the attributes whose change replaces the resource.
func (r *managed[M]) replaces(ctx context.Context, state tfsdk.State, likely tfsdk.Plan, prior *M) (path.Paths, diag.Diagnostics) {
	var paths path.Paths
	var diags diag.Diagnostics
	for _, name := range slices.Concat(attributeNames(r.schema), blockNames(r.schema)) {
		if !r.marked(name, ForceNew) {
			continue
		}
		var was, will attr.Value
		diags.Append(state.GetAttribute(ctx, path.Root(name), &was)...)
		diags.Append(likely.GetAttribute(ctx, path.Root(name), &will)...)
		if diags.HasError() {
			return nil, diags
		}
		if !sameValue(was, will) {
			paths.Append(path.Root(name))
		}
	}
	if x, ok := r.Resource.(Replacer[M]); ok {
		planned := new(M)
		if diags.Append(likely.Get(ctx, planned)...); !diags.HasError() {
			paths.Append(x.Replaces(prior, planned)...)
		}
	}
	return paths, diags
}

// sameValue compares two values; a list or set that is null and one that is
// empty count as the same.
func sameValue(a, b attr.Value) bool { return a.Equal(b) || isEmpty(a) && isEmpty(b) }

func isEmpty(v attr.Value) bool {
	if v.IsNull() {
		return true
	}
	switch v := v.(type) {
	case basetypes.ListValue:
		return !v.IsUnknown() && len(v.Elements()) == 0
	case basetypes.SetValue:
		return !v.IsUnknown() && len(v.Elements()) == 0
	}
	return false
}
