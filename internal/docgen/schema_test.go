package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// server is a provider's server that has schemas and nothing else.
type server struct {
	tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
	err        error
}

func (s server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.schemas, s.err
}

func (s server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return s.identities, s.err
}

func TestDescribe(t *testing.T) {
	const markdown = tfprotov6.StringKindMarkdown
	text := func(name string) *tfprotov6.SchemaAttribute {
		return &tfprotov6.SchemaAttribute{Name: name, Type: tftypes.String, Optional: true}
	}
	schemaWith := func(attributes ...*tfprotov6.SchemaAttribute) *tfprotov6.Schema {
		return &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: attributes}}
	}
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"b": tftypes.Bool, "a": tftypes.Map{ElementType: tftypes.Number}}}

	schemas := &tfprotov6.GetProviderSchemaResponse{
		Provider: schemaWith(text("region")),
		ResourceSchemas: map[string]*tfprotov6.Schema{"lab_thing": {Version: 3, Block: &tfprotov6.SchemaBlock{
			Description: "A *thing*.", DescriptionKind: markdown, Deprecated: true,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "id", Type: tftypes.String, Description: "The id.", DescriptionKind: markdown, Computed: true},
				{Name: "list", Type: tftypes.List{ElementType: object}, Required: true, Deprecated: true},
				{Name: "secret", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true},
				{Name: "nested", Optional: true, NestedType: &tfprotov6.SchemaObject{
					Nesting: tfprotov6.SchemaObjectNestingModeSet, Attributes: []*tfprotov6.SchemaAttribute{text("inner")},
				}},
			},
			BlockTypes: []*tfprotov6.SchemaNestedBlock{{
				TypeName: "part", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MinItems: 1, MaxItems: 2,
				Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{text("name")}},
			}},
		}}},
		DataSourceSchemas:        map[string]*tfprotov6.Schema{"lab_data": schemaWith()},
		EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"lab_ephemeral": schemaWith()},
		ListResourceSchemas:      map[string]*tfprotov6.Schema{"lab_thing": schemaWith(text("filter"))},
		ActionSchemas:            map[string]*tfprotov6.ActionSchema{"lab_stop": {Schema: schemaWith(text("id"))}},
		Functions: map[string]*tfprotov6.Function{"join": {
			Summary: "Joins.", Description: "Joins texts.", DeprecationMessage: "Use join.",
			Parameters:        []*tfprotov6.FunctionParameter{{Name: "by", Type: tftypes.String, Description: "What is between.", AllowNullValue: true}},
			VariadicParameter: &tfprotov6.FunctionParameter{Name: "texts", Type: tftypes.DynamicPseudoType},
			Return:            &tfprotov6.FunctionReturn{Type: tftypes.String},
		}},
	}
	identities := &tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{
		"lab_thing": {Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "id", Type: tftypes.String, RequiredForImport: true, Description: "The id."},
			{Name: "region", Type: tftypes.String, OptionalForImport: true},
		}},
	}}

	described, err := describe(t.Context(), server{schemas: schemas, identities: identities})
	if err != nil {
		t.Fatal(err)
	}
	want := `{
	  "format_version": "1.0",
	  "provider_schemas": {"vpclab": {
	    "provider": {"version": 0, "block": {
	      "attributes": {"region": {"type": "string", "description_kind": "plain", "optional": true}}, "description_kind": "plain"}},
	    "resource_schemas": {"lab_thing": {"version": 3, "block": {
	      "attributes": {
	        "id": {"type": "string", "description": "The id.", "description_kind": "markdown", "computed": true},
	        "list": {"type": ["list", ["object", {"a": ["map", "number"], "b": "bool"}]], "description_kind": "plain", "required": true, "deprecated": true},
	        "secret": {"type": "string", "description_kind": "plain", "optional": true, "sensitive": true, "write_only": true},
	        "nested": {"nested_type": {"attributes": {"inner": {"type": "string", "description_kind": "plain", "optional": true}},
	          "nesting_mode": "set"}, "description_kind": "plain", "optional": true}},
	      "block_types": {"part": {"nesting_mode": "list", "min_items": 1, "max_items": 2, "block": {
	        "attributes": {"name": {"type": "string", "description_kind": "plain", "optional": true}}, "description_kind": "plain"}}},
	      "description": "A *thing*.", "description_kind": "markdown", "deprecated": true}}},
	    "data_source_schemas": {"lab_data": {"version": 0, "block": {"description_kind": "plain"}}},
	    "ephemeral_resource_schemas": {"lab_ephemeral": {"version": 0, "block": {"description_kind": "plain"}}},
	    "list_resource_schemas": {"lab_thing": {"version": 0, "block": {
	      "attributes": {"filter": {"type": "string", "description_kind": "plain", "optional": true}}, "description_kind": "plain"}}},
	    "action_schemas": {"lab_stop": {"block": {
	      "attributes": {"id": {"type": "string", "description_kind": "plain", "optional": true}}, "description_kind": "plain"}}},
	    "functions": {"join": {
	      "summary": "Joins.", "description": "Joins texts.", "deprecation_message": "Use join.", "return_type": "string",
	      "parameters": [{"name": "by", "description": "What is between.", "is_nullable": true, "type": "string"}],
	      "variadic_parameter": {"name": "texts", "type": "dynamic"}}},
	    "resource_identity_schemas": {"lab_thing": {"version": 1, "attributes": {
	      "id": {"type": "string", "description": "The id.", "required_for_import": true},
	      "region": {"type": "string", "optional_for_import": true}}}}
	  }}
	}`
	got, err := json.Marshal(document(described))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, []byte(want)), decode(t, got)); diff != "" {
		t.Errorf("the schemas (-want +got):\n%s", diff)
	}
}

func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestDescribeFails(t *testing.T) {
	refused := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "No schema", Detail: "It is lost."}}
	fine := &tfprotov6.GetProviderSchemaResponse{Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}}
	for name, test := range map[string]struct {
		server server
		want   string
	}{
		"schemas":    {server{schemas: &tfprotov6.GetProviderSchemaResponse{Diagnostics: refused}}, "No schema: It is lost."},
		"identities": {server{schemas: fine, identities: &tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: refused}}, "No schema: It is lost."},
		"the call":   {server{err: errors.New("broken pipe")}, "broken pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := describe(t.Context(), test.server); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("describe() fails with %v, want %q", err, test.want)
			}
		})
	}
}
