package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// A data source searches: its arguments, tags and filter blocks are criteria,
// each of them a filter of a Describe action. What an object does not have is
// "", 0, false or an empty collection, as in hashicorp/aws, so that conditions
// written for it hold here.

// searching is what the model of a data source that searches embeds.
type searching struct {
	core.Regional
	Filter   types.Set      `tfsdk:"filter"` // of filterModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type filterModel struct {
	Name   types.String `tfsdk:"name"`
	Values types.Set    `tfsdk:"values"`
}

// searchParameters is the map of parameters of every search.
var searchParameters = core.Parameters{"Filter": path.Root("filter")}

// searchSchema is the schema of a data source that has these attributes and
// whose model embeds searching.
func searchSchema(ctx context.Context, description string, attributes map[string]schema.Attribute) schema.Schema {
	return schema.Schema{
		MarkdownDescription: description,
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"filter": schema.SetNestedBlock{
				MarkdownDescription: "Narrows the search by a property that has no argument of its own. With several blocks, all have to match.",
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							Required:            true,
							MarkdownDescription: "The name of a filter of the EC2 API's Describe action, such as `vpc-id` or `tag:Name`.",
						},
						"values": schema.SetAttribute{
							ElementType:         types.StringType,
							Required:            true,
							MarkdownDescription: "The values, one of which has to match. `*` stands for any characters and `?` for one.",
						},
					},
				},
			},
			"timeouts": searchTimeouts(ctx),
		},
	}
}

// searchTimeouts is a block that hashicorp/aws has.
func searchTimeouts(ctx context.Context) schema.Block {
	const without = "Without effect: reading never waits."
	block := timeouts.BlockWithOpts(ctx, timeouts.Opts{ReadDescription: without}).(schema.SingleNestedBlock)
	block.MarkdownDescription = without
	return block
}

// argument is an attribute that picks when it is set, and shows what was found.
func argument(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description, Validators: validators}
}

// flag is an argument that picks when it is true.
func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, Computed: true, MarkdownDescription: description}
}

// tagsArgument picks by tags, and shows all tags of what was found.
func tagsArgument(description string) schema.MapAttribute {
	return schema.MapAttribute{ElementType: types.StringType, Optional: true, Computed: true, MarkdownDescription: description}
}

func shownString(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func shownBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func shownNumber(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func shownStringSet(description string) schema.SetAttribute {
	return schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

func shownStringList(description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

func shownObjects(element types.ObjectType, description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: element, Computed: true, MarkdownDescription: description}
}

// validID accepts ids with a prefix, and "", which stands for none.
func validID(noun string, prefix ec2.IDPrefix) validator.String {
	return rule{"This is not the id of " + noun, func(s string) error {
		if s == "" {
			return nil
		}
		return ec2.CheckID(prefix, s)
	}}
}

// criterion is something the configuration asks for.
type criterion struct {
	engine.Filter
	at   path.Path
	name string // as the configuration has it
}

func (c criterion) String() string {
	values := make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = fmt.Sprintf("%q", v)
	}
	return c.name + " = " + strings.Join(values, " or ")
}

// by is the criterion of an argument. An empty one is none.
func by(attribute, filter string, v types.String) []criterion {
	if v.ValueString() == "" {
		return nil
	}
	return []criterion{{engine.Filter{Name: filter, Values: []string{v.ValueString()}}, path.Root(attribute), attribute}}
}

// when is the criterion of a flag. One that is false is none.
func when(attribute, filter string, v types.Bool) []criterion {
	if !v.ValueBool() {
		return nil
	}
	return by(attribute, filter, types.StringValue("true"))
}

// byTags are the criteria of an argument that gives tags.
func byTags(attribute string, v types.Map) []criterion {
	tags := core.TagsOf(v)
	var criteria []criterion
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		at := path.Root(attribute).AtMapKey(key)
		criteria = append(criteria, criterion{engine.Filter{Name: "tag:" + key, Values: []string{tags[key]}}, at, at.String()})
	}
	return criteria
}

// byFilters are the criteria of the filter blocks.
func (s *searching) byFilters() []criterion {
	var blocks []filterModel
	s.Filter.ElementsAs(context.Background(), &blocks, false)
	var criteria []criterion
	for _, b := range blocks {
		name := b.Name.ValueString()
		filter := engine.Filter{Name: name, Values: core.Sorted(core.Strings(b.Values))}
		criteria = append(criteria, criterion{filter, path.Root("filter"), fmt.Sprintf("filter %q", name)})
	}
	slices.SortFunc(criteria, func(a, b criterion) int { return cmp.Compare(a.String(), b.String()) })
	return criteria
}

func filtersOf(criteria []criterion) []engine.Filter {
	filters := make([]engine.Filter, len(criteria))
	for i, c := range criteria {
		filters[i] = c.Filter
	}
	return filters
}

// lookup is the search for one object.
type lookup[T ec2.Object] struct {
	noun     string // "subnet"
	awsNoun  string // "EC2 Subnet", as hashicorp/aws has it in messages
	describe func(*engine.ReadTx, ...engine.Filter) ([]T, error)
	// facts tell an object from others, besides its id and Name tag.
	facts func(T) []string
}

// one gives the object that meets all criteria. That there is none, or more
// than one, is an error.
func (l lookup[T]) one(tx *engine.ReadTx, criteria []criterion) (T, error) {
	found, err := l.describe(tx, filtersOf(criteria)...)
	switch {
	case err == nil && len(found) == 0:
		err = l.noMatch(tx, criteria)
	case err == nil && len(found) > 1:
		err = l.severalMatch(tx, found)
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// noMatch says how many objects each criterion alone would leave, which shows
// the wrong one. It sits on the first that no object meets.
func (l lookup[T]) noMatch(tx *engine.ReadTx, criteria []criterion) error {
	var at *path.Path
	var asked []string
	for _, c := range criteria {
		found, err := l.describe(tx, c.Filter)
		if err != nil {
			return err
		}
		if len(found) == 0 && at == nil {
			at = &c.at
		}
		asked = append(asked, fmt.Sprintf("  - %s, which %s", c, l.have(len(found))))
	}
	detail := fmt.Sprintf("%s has no %s.", tx.Region(), l.noun)
	if len(asked) > 0 {
		detail = fmt.Sprintf("%s has no %s with\n%s", tx.Region(), l.noun, strings.Join(asked, "\n"))
	}
	detail += fmt.Sprintf("\n\nCheck the values, the provider's lab and the region; `terraform-provider-vpclab show` lists what the lab holds. "+
		"If this configuration makes the %[1]s, use the resource in place of the data source, or refer to the resource in the data source's arguments: "+
		"Terraform then makes the %[1]s before it looks for it.\n\nhashicorp/aws: no matching %[2]s found", l.noun, l.awsNoun)
	summary := fmt.Sprintf("No %s matches", l.noun)
	if at == nil {
		return core.Reported{Diagnostic: diag.NewErrorDiagnostic(summary, detail)}
	}
	return core.Reported{Diagnostic: diag.NewAttributeErrorDiagnostic(*at, summary, detail)}
}

func (l lookup[T]) have(n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("no %s has", l.noun)
	case 1:
		return fmt.Sprintf("1 %s has", l.noun)
	default:
		return fmt.Sprintf("%d %ss have", n, l.noun)
	}
}

func (l lookup[T]) severalMatch(tx *engine.ReadTx, found []T) error {
	const most = 10
	var matches []string
	for _, object := range found[:min(most, len(found))] {
		matches = append(matches, "  - "+l.name(object))
	}
	if more := len(found) - len(matches); more > 0 {
		matches = append(matches, fmt.Sprintf("  - and %d more", more))
	}
	detail := fmt.Sprintf("One %[1]s is looked for, and %[2]d in %[3]s match:\n%[4]s\n\n"+
		"Add an argument or a filter that only one of them meets, or give its id.\n\n"+
		"hashicorp/aws: multiple %[5]ss matched; use additional constraints to reduce matches to a single %[5]s",
		l.noun, len(found), tx.Region(), strings.Join(matches, "\n"), l.awsNoun)
	return core.Reported{Diagnostic: diag.NewErrorDiagnostic(fmt.Sprintf("More than one %s matches", l.noun), detail)}
}

// name is the object's id, Name tag and facts: `subnet-0123 "web" (10.0.1.0/24,
// us-west-3a)`.
func (l lookup[T]) name(object T) string {
	name := object.Head().ID
	if tag := object.Head().Tags.Name(); tag != "" {
		name += fmt.Sprintf(" %q", tag)
	}
	return fmt.Sprintf("%s (%s)", name, strings.Join(l.facts(object), ", "))
}

// shownTags are all tags of an object.
func shownTags(object ec2.Object) types.Map {
	tags := map[string]string{} // not nil, which would be null
	maps.Copy(tags, object.Head().Tags)
	shown, _ := types.MapValueFrom(context.Background(), types.StringType, tags)
	return shown
}
