package provider_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

// block is a schema as `terraform providers schema -json` writes it.
type block struct {
	Attributes map[string]attribute   `json:"attributes"`
	BlockTypes map[string]nestedBlock `json:"block_types"`
}

type nestedBlock struct {
	NestingMode string `json:"nesting_mode"`
	Block       block  `json:"block"`
}

type attribute struct {
	Type     any  `json:"type"`
	Required bool `json:"required"`
	Optional bool `json:"optional"`
	Computed bool `json:"computed"`
}

func (a attribute) mode() string {
	var words []string
	for _, mode := range []struct {
		word string
		is   bool
	}{{"required", a.Required}, {"optional", a.Optional}, {"computed", a.Computed}} {
		if mode.is {
			words = append(words, mode.word)
		}
	}
	return strings.Join(words, "+")
}

// awsSchemas are those of hashicorp/aws, by "resource" or "data" and the name
// without "aws_".
func awsSchemas(t *testing.T) map[string]block {
	t.Helper()
	var file struct {
		Resources   map[string]struct{ Block block } `json:"resource_schemas"`
		DataSources map[string]struct{ Block block } `json:"data_source_schemas"`
	}
	document, err := os.ReadFile("testdata/aws_schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(document, &file); err != nil {
		t.Fatal(err)
	}
	schemas := map[string]block{}
	for name, s := range file.Resources {
		schemas["resource "+strings.TrimPrefix(name, "aws_")] = s.Block
	}
	for name, s := range file.DataSources {
		schemas["data "+strings.TrimPrefix(name, "aws_")] = s.Block
	}
	return schemas
}

// otherModes are the attributes whose mode is not that of hashicorp/aws, with
// theirs, ours, and why. Those of every resource stand under "resource" alone.
var otherModes = map[string][3]string{
	"resource id":       {"optional+computed", "computed", "an id cannot be chosen; the old SDK made it optional everywhere"},
	"resource tags_all": {"optional+computed", "computed", "what is set there has no effect"},

	"data availability_zones id":  {"optional+computed", "computed", "an id cannot be chosen; the old SDK made it optional everywhere"},
	"data network_interfaces id":  {"optional+computed", "computed", "an id cannot be chosen; the old SDK made it optional everywhere"},
	"data subnet ipv6_cidr_block": {"optional+computed", "computed", "there are no IPv6 blocks to look for"},

	"resource instance ami":                                     {"optional+computed", "required", "there are no launch templates to take it from"},
	"resource instance instance_type":                           {"optional+computed", "required", "there are no launch templates to take it from"},
	"resource instance force_destroy":                           {"optional", "optional+computed", "the framework wants a default computed"},
	"resource instance source_dest_check":                       {"optional", "optional+computed", "an interface brought along decides; theirs goes back and forth then"},
	"resource instance user_data_replace_on_change":             {"optional", "optional+computed", "the framework wants a default computed"},
	"resource instance network_interface.delete_on_termination": {"optional", "optional+computed", "the framework wants a default computed"},
	"resource instance network_interface.network_card_index":    {"optional", "optional+computed", "the framework wants a default computed"},

	"resource network_interface interface_type":          {"optional+computed", "computed", "there are plain interfaces only"},
	"resource network_interface private_ip_list_enabled": {"optional", "optional+computed", "the framework wants a default computed"},
	"resource network_interface source_dest_check":       {"optional", "optional+computed", "the framework wants a default computed"},

	"resource security_group description":            {"optional", "optional+computed", "the framework wants a default computed"},
	"resource security_group revoke_rules_on_delete": {"optional", "optional+computed", "the framework wants a default computed"},

	"resource subnet cidr_block":              {"optional+computed", "required", "there is no IPAM to take it from"},
	"resource subnet map_public_ip_on_launch": {"optional", "optional+computed", "the framework wants a default computed"},

	"resource vpc cidr_block":         {"optional+computed", "required", "there is no IPAM to take it from"},
	"resource vpc enable_dns_support": {"optional", "optional+computed", "the framework wants a default computed"},
	"resource vpc instance_tenancy":   {"optional", "optional+computed", "the framework wants a default computed"},
}

// TestSchemasAgreeWithAWS: what the schemas have is what hashicorp/aws has
// under that name. They may have less.
func TestSchemasAgreeWithAWS(t *testing.T) {
	t.Parallel()
	aws := awsSchemas(t)
	met := map[string]bool{}
	ours := ourSchemas(t)
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		theirs, ok := aws[name]
		if !ok {
			t.Errorf("%s: hashicorp/aws has nothing of that name", name)
			continue
		}
		agree(t, name, "", ours[name].block, theirs, met)
	}
	for at := range otherModes {
		if !met[at] {
			t.Errorf("%s: the modes agree, and the table says they do not", at)
		}
	}
}

func agree(t *testing.T, name, prefix string, ours, theirs block, met map[string]bool) {
	t.Helper()
	kind, _, _ := strings.Cut(name, " ")
	for _, a := range slices.Sorted(maps.Keys(ours.Attributes)) {
		at := name + " " + prefix + a
		got, want := ours.Attributes[a], theirs.Attributes[a]
		if diff := cmp.Diff(want.Type, got.Type); diff != "" {
			t.Errorf("%s: type (-hashicorp/aws +vpclab):\n%s", at, diff)
		}
		if got.mode() == want.mode() {
			continue
		}
		entry := at
		if _, ok := otherModes[entry]; !ok {
			entry = kind + " " + prefix + a
		}
		met[entry] = true
		if known := otherModes[entry]; known[0] != want.mode() || known[1] != got.mode() {
			t.Errorf("%s: got mode %q where hashicorp/aws has %q; the table has %q for %q", at, got.mode(), want.mode(), known[1], known[0])
		}
	}
	for _, b := range slices.Sorted(maps.Keys(ours.BlockTypes)) {
		got, want := ours.BlockTypes[b], theirs.BlockTypes[b]
		if got.NestingMode != want.NestingMode {
			t.Errorf("%s %s%s: got nesting mode %q, want %q", name, prefix, b, got.NestingMode, want.NestingMode)
		}
		agree(t, name, prefix+b+".", got.Block, want.Block, met)
	}
}

// TestDescriptions: everything a reader of the documentation meets is
// described, in sentences.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for name, s := range ourSchemas(t) {
		for _, at := range slices.Sorted(maps.Keys(s.descriptions)) {
			if !strings.HasSuffix(s.descriptions[at], ".") {
				t.Errorf("%s %s: got description %q, want sentences", name, at, s.descriptions[at])
			}
		}
	}
}

// ourSchema is a schema in the form of hashicorp/aws's, and its descriptions
// by path.
type ourSchema struct {
	block
	descriptions map[string]string
}

// anyAttribute is what attributes of resources and of data sources have in
// common.
type anyAttribute interface {
	GetType() attr.Type
	GetMarkdownDescription() string
	GetDescription() string
	IsRequired() bool
	IsOptional() bool
	IsComputed() bool
}

func ourSchemas(t *testing.T) map[string]ourSchema {
	t.Helper()
	schemas := map[string]ourSchema{}
	eachResource(t, func(name string, _ resource.Resource, s schema.Schema) {
		schemas["resource "+name] = describe(t, s.MarkdownDescription, s.Attributes, s.Blocks)
	})
	eachDataSource(t, func(name string, _ datasource.DataSource, s dataschema.Schema) {
		schemas["data "+name] = describe(t, s.MarkdownDescription, s.Attributes, s.Blocks)
	})
	return schemas
}

func describe[A anyAttribute, B any](t *testing.T, description string, attributes map[string]A, blocks map[string]B) ourSchema {
	t.Helper()
	s := ourSchema{block: block{Attributes: map[string]attribute{}, BlockTypes: map[string]nestedBlock{}}, descriptions: map[string]string{"": description}}
	for name, a := range attributes {
		s.Attributes[name] = attribute{Type: typeName(a.GetType()), Required: a.IsRequired(), Optional: a.IsOptional(), Computed: a.IsComputed()}
		s.descriptions[name] = a.GetMarkdownDescription() + a.GetDescription()
	}
	for name, b := range blocks {
		var nested ourSchema
		mode := ""
		switch b := any(b).(type) {
		case schema.ListNestedBlock:
			mode, nested = "list", describe(t, b.MarkdownDescription, b.NestedObject.Attributes, b.NestedObject.Blocks)
		case schema.SetNestedBlock:
			mode, nested = "set", describe(t, b.MarkdownDescription, b.NestedObject.Attributes, b.NestedObject.Blocks)
		case schema.SingleNestedBlock:
			mode, nested = "single", describe(t, b.MarkdownDescription, b.Attributes, b.Blocks)
		case dataschema.ListNestedBlock:
			mode, nested = "list", describe(t, b.MarkdownDescription, b.NestedObject.Attributes, b.NestedObject.Blocks)
		case dataschema.SetNestedBlock:
			mode, nested = "set", describe(t, b.MarkdownDescription, b.NestedObject.Attributes, b.NestedObject.Blocks)
		case dataschema.SingleNestedBlock:
			mode, nested = "single", describe(t, b.MarkdownDescription, b.Attributes, b.Blocks)
		default:
			t.Fatalf("block %s: the test does not know a %T", name, b)
		}
		s.BlockTypes[name] = nestedBlock{NestingMode: mode, Block: nested.block}
		for at, description := range nested.descriptions {
			s.descriptions[strings.TrimSuffix(name+"."+at, ".")] = description
		}
	}
	return s
}

// typeName is a type as Terraform writes it in JSON.
func typeName(t attr.Type) any {
	// A collection of objects, too, has an element type.
	if c, ok := t.(attr.TypeWithElementType); ok {
		kind, _, _ := strings.Cut(strings.TrimPrefix(t.TerraformType(context.Background()).String(), "tftypes."), "[")
		return []any{strings.ToLower(kind), typeName(c.ElementType())}
	}
	if o, ok := t.(attr.TypeWithAttributeTypes); ok {
		fields := map[string]any{}
		for name, field := range o.AttributeTypes() {
			fields[name] = typeName(field)
		}
		return []any{"object", fields}
	}
	return strings.ToLower(strings.TrimPrefix(t.TerraformType(context.Background()).String(), "tftypes."))
}

// TestModelsFitSchemas reads each resource and data source as it is when
// nothing is known of it. Whatever else may be wrong then, its model and its
// schema have to fit.
func TestModelsFitSchemas(t *testing.T) {
	t.Parallel()
	lab := newLab(t).open(t.Context())
	session := &core.Session{Lab: lab, Rehearsal: rehearsal.New(lab), Region: "us-west-3"}
	fits := func(name string, diags diag.Diagnostics) {
		for _, d := range diags {
			if strings.Contains(d.Summary(), "Conversion Error") {
				t.Errorf("%s: %s: %s", name, d.Summary(), d.Detail())
			}
		}
	}
	ctx := t.Context()
	eachResource(t, func(name string, r resource.Resource, s schema.Schema) {
		r.(resource.ResourceWithConfigure).Configure(ctx, resource.ConfigureRequest{ProviderData: session}, &resource.ConfigureResponse{})
		state := tfsdk.State{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(ctx), nil)}
		imported := resource.ImportStateResponse{State: state}
		id := map[string]string{
			"instance": "i", "network_interface": "eni", "network_interface_attachment": "eni-attach", "security_group": "sg", "subnet": "subnet", "vpc": "vpc",
		}[name] + "-0123456789abcdef0"
		r.(resource.ResourceWithImportState).ImportState(ctx, resource.ImportStateRequest{ID: id}, &imported)
		read := resource.ReadResponse{State: imported.State}
		r.Read(ctx, resource.ReadRequest{State: imported.State}, &read)
		fits(name, slices.Concat(imported.Diagnostics, read.Diagnostics))
		if !read.State.Raw.IsNull() || read.Diagnostics.HasError() {
			t.Errorf("%s: got state %s (%v) of what does not exist, want none", name, read.State.Raw, read.Diagnostics)
		}
	})
	eachDataSource(t, func(name string, d datasource.DataSource, s dataschema.Schema) {
		d.(datasource.DataSourceWithConfigure).Configure(ctx, datasource.ConfigureRequest{ProviderData: session}, &datasource.ConfigureResponse{})
		config := tfsdk.Config{Schema: s, Raw: emptyOf(s.Type().TerraformType(ctx))}
		read := datasource.ReadResponse{State: tfsdk.State{Schema: s, Raw: config.Raw.Copy()}}
		d.Read(ctx, datasource.ReadRequest{Config: config}, &read)
		fits("data "+name, read.Diagnostics)
	})
}

// emptyOf is a configuration without arguments.
func emptyOf(t tftypes.Type) tftypes.Value {
	fields := map[string]tftypes.Value{}
	for name, field := range t.(tftypes.Object).AttributeTypes {
		fields[name] = tftypes.NewValue(field, nil)
	}
	return tftypes.NewValue(t, fields)
}

func eachResource(t *testing.T, do func(name string, r resource.Resource, s schema.Schema)) {
	t.Helper()
	for _, newResource := range provider.New("test").Resources(t.Context()) {
		r := newResource()
		var metadata resource.MetadataResponse
		r.Metadata(t.Context(), resource.MetadataRequest{}, &metadata)
		var got resource.SchemaResponse
		r.Schema(t.Context(), resource.SchemaRequest{}, &got)
		if got.Diagnostics.HasError() {
			t.Errorf("%s: %v", metadata.TypeName, got.Diagnostics)
		}
		do(strings.TrimPrefix(metadata.TypeName, "_"), r, got.Schema)
	}
}

func eachDataSource(t *testing.T, do func(name string, d datasource.DataSource, s dataschema.Schema)) {
	t.Helper()
	for _, newDataSource := range provider.New("test").DataSources(t.Context()) {
		d := newDataSource()
		var metadata datasource.MetadataResponse
		d.Metadata(t.Context(), datasource.MetadataRequest{}, &metadata)
		var got datasource.SchemaResponse
		d.Schema(t.Context(), datasource.SchemaRequest{}, &got)
		if got.Diagnostics.HasError() {
			t.Errorf("data %s: %v", metadata.TypeName, got.Diagnostics)
		}
		do(strings.TrimPrefix(metadata.TypeName, "_"), d, got.Schema)
	}
}

// TestProviderSchema: the provider's own arguments are described too.
func TestProviderSchema(t *testing.T) {
	t.Parallel()
	var got frameworkprovider.SchemaResponse
	provider.New("test").Schema(t.Context(), frameworkprovider.SchemaRequest{}, &got)
	if diags := got.Schema.ValidateImplementation(t.Context()); got.Diagnostics.HasError() || diags.HasError() {
		t.Errorf("%v %v", got.Diagnostics, diags)
	}
	for name, a := range got.Schema.Attributes {
		if d := a.GetMarkdownDescription(); !strings.HasSuffix(d, ".") {
			t.Errorf("%s: got description %q, want sentences", name, d)
		}
	}
}
