package core

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Base is what every model embeds.
type Base struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

func (b *Base) base() *Base { return b }

func (b *Base) setRegion(region ec2.Region) { b.Region = types.StringValue(string(region)) }

func base(model any) *Base { return model.(interface{ base() *Base }).base() }

// Tagged is what the model of a resource with tags embeds.
type Tagged struct {
	Tags    types.Map `tfsdk:"tags"`
	TagsAll types.Map `tfsdk:"tags_all"`
}

// tagsAll is planned from tags and default tags alone.
const tagsAll = "tags_all"

type taggable interface{ tagged() *Tagged }

func (t *Tagged) tagged() *Tagged { return t }

// AllTags are the tags the object gets: the resource's own over the provider's
// default tags.
func (t *Tagged) AllTags() ec2.Tags { return TagsOf(t.TagsAll) }

// readTags takes over the tags an object has. Those that come from the
// provider's default tags stay out of the resource's own, unless it repeats
// them.
//
// While some default tags are not known, a tag that is not the resource's own
// may be one of them.
func (t *Tagged) readTags(actual, defaults ec2.Tags, someUnknown bool) {
	own := TagsOf(t.Tags)
	shown := ec2.Tags{}
	for k, v := range actual {
		_, repeated := own[k]
		if is, isDefault := defaults[k]; repeated || isDefault && is != v {
			shown[k] = v
		}
	}
	for k, v := range actual {
		if _, isDefault := defaults[k]; !isDefault && !someUnknown {
			shown[k] = v
		}
	}
	t.TagsAll = tagMap(actual)
	if !shown.Equal(own) || t.Tags.IsUnknown() {
		t.Tags = tagMap(shown)
		if len(shown) == 0 {
			t.Tags = types.MapNull(types.StringType)
		}
	}
}

// mergedTags are the planned tags over the default ones, without those that are
// null; unknown when it is not known which they are.
func mergedTags(own types.Map, defaults ec2.Tags, someUnknown bool) types.Map {
	if own.IsUnknown() || someUnknown {
		return types.MapUnknown(types.StringType)
	}
	merged := map[string]attr.Value{}
	for k, v := range defaults {
		merged[k] = types.StringValue(v)
	}
	for k, v := range own.Elements() {
		if !v.IsNull() {
			merged[k] = v
		}
	}
	return types.MapValueMust(types.StringType, merged)
}

// TagsOf are the known elements of a map of strings.
func TagsOf(m types.Map) ec2.Tags {
	tags := ec2.Tags{}
	for k, v := range m.Elements() {
		if s, ok := v.(types.String); ok && !s.IsUnknown() && !s.IsNull() {
			tags[k] = s.ValueString()
		}
	}
	return tags
}

func tagMap(tags ec2.Tags) types.Map {
	elements := map[string]attr.Value{}
	for k, v := range tags {
		elements[k] = types.StringValue(v)
	}
	return types.MapValueMust(types.StringType, elements)
}

// withShared adds to a schema what the model's embedded structs stand for.
func withShared(s schema.Schema, model any) schema.Schema {
	s.Attributes = maps.Clone(s.Attributes)
	if _, ok := s.Attributes["id"]; !ok {
		s.Attributes["id"] = schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The id, by which the resource is imported too.",
			PlanModifiers:       []planmodifier.String{Minted},
		}
	}
	s.Attributes["region"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The region the resource is in. Defaults to the provider's.",
		PlanModifiers:       []planmodifier.String{ForceNew, Settled},
		Validators:          []validator.String{validRegion{}},
	}
	if _, ok := model.(taggable); ok {
		s.Attributes["tags"] = schema.MapAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Tags. Where the provider's `default_tags` have the same key, the value given here counts.",
		}
		s.Attributes[tagsAll] = schema.MapAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "All tags, the provider's `default_tags` included. To set tags, use `tags`.",
		}
	}
	for name, a := range s.Attributes {
		s.Attributes[name] = describeReplacement(a)
	}
	return s
}

// validRegion accepts every well-formed region name, whether AWS has the region
// or not.
type validRegion struct{}

func (validRegion) Description(context.Context) string { return "is the name of a region" }

func (v validRegion) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (validRegion) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := ec2.ParseRegion(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "This is not the name of a region", err.Error()+".")
	}
}

// planShared plans the attributes the core owns.
func (r *managed[M]) planShared(ctx context.Context, config tfsdk.Config, plan *tfsdk.Plan, diags *diag.Diagnostics) {
	var region types.String
	diags.Append(config.GetAttribute(ctx, path.Root("region"), &region)...)
	if region.IsNull() {
		diags.Append(plan.SetAttribute(ctx, path.Root("region"), string(r.Region))...)
	}
	if _, ok := any(new(M)).(taggable); ok {
		var own types.Map
		diags.Append(plan.GetAttribute(ctx, path.Root("tags"), &own)...)
		diags.Append(plan.SetAttribute(ctx, path.Root(tagsAll), mergedTags(own, r.DefaultTags, r.someTagsUnknown))...)
	}
}

// regionOf is the region a model is in.
func (r *managed[M]) regionOf(m *M) ec2.Region {
	if region := base(m).Region.ValueString(); region != "" {
		return ec2.Region(region)
	}
	return r.Region
}

// title is how a resource is called in another one's diagnostic.
func (r *managed[M]) title(m *M) string {
	title := "vpclab_" + r.Name()
	if t, ok := any(m).(taggable); ok {
		if name := t.tagged().AllTags().Name(); name != "" {
			return title + ` "` + name + `"`
		}
	}
	if id := base(m).ID.ValueString(); id != "" {
		return title + " " + id
	}
	return "another " + title
}

func attributeNames(s schema.Schema) []string { return slices.Sorted(maps.Keys(s.Attributes)) }

func blockNames(s schema.Schema) []string { return slices.Sorted(maps.Keys(s.Blocks)) }

// clone copies a model. Framework values are immutable, so a shallow copy will
// do as long as a model's slices are replaced and not written to.
func clone[M any](m *M) *M {
	c := *m
	return &c
}
