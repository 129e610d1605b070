package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below are the JSON that Terraform documents in "terraform providers
// schema". What is false, zero or empty is left out, except for a schema's version.
// A tftypes.Type is encoded as Terraform encodes a type.
type (
	providerSchema struct {
		Provider           *schema                    `json:"provider,omitempty"`
		Resources          map[string]*schema         `json:"resource_schemas,omitempty"`
		DataSources        map[string]*schema         `json:"data_source_schemas,omitempty"`
		EphemeralResources map[string]*schema         `json:"ephemeral_resource_schemas,omitempty"`
		ListResources      map[string]*schema         `json:"list_resource_schemas,omitempty"`
		Actions            map[string]*actionSchema   `json:"action_schemas,omitempty"`
		Functions          map[string]*function       `json:"functions,omitempty"`
		Identities         map[string]*identitySchema `json:"resource_identity_schemas,omitempty"`
	}

	schema struct {
		Version int64  `json:"version"`
		Block   *block `json:"block,omitempty"`
	}

	actionSchema struct {
		Block *block `json:"block,omitempty"`
	}

	block struct {
		Attributes map[string]*attribute `json:"attributes,omitempty"`
		BlockTypes map[string]*blockType `json:"block_types,omitempty"`
		description
		Deprecated bool `json:"deprecated,omitempty"`
	}

	attribute struct {
		Type       tftypes.Type `json:"type,omitempty"`
		NestedType *nestedType  `json:"nested_type,omitempty"`
		description
		Deprecated bool `json:"deprecated,omitempty"`
		Required   bool `json:"required,omitempty"`
		Optional   bool `json:"optional,omitempty"`
		Computed   bool `json:"computed,omitempty"`
		Sensitive  bool `json:"sensitive,omitempty"`
		WriteOnly  bool `json:"write_only,omitempty"`
	}

	nestedType struct {
		Attributes  map[string]*attribute `json:"attributes,omitempty"`
		NestingMode string                `json:"nesting_mode,omitempty"`
	}

	blockType struct {
		NestingMode string `json:"nesting_mode,omitempty"`
		Block       *block `json:"block,omitempty"`
		MinItems    int64  `json:"min_items,omitempty"`
		MaxItems    int64  `json:"max_items,omitempty"`
	}

	identitySchema struct {
		Version    int64                         `json:"version"`
		Attributes map[string]*identityAttribute `json:"attributes,omitempty"`
	}

	identityAttribute struct {
		Type              tftypes.Type `json:"type,omitempty"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}

	function struct {
		Description        string       `json:"description,omitempty"`
		Summary            string       `json:"summary,omitempty"`
		DeprecationMessage string       `json:"deprecation_message,omitempty"`
		ReturnType         tftypes.Type `json:"return_type"`
		Parameters         []*parameter `json:"parameters,omitempty"`
		VariadicParameter  *parameter   `json:"variadic_parameter,omitempty"`
	}

	parameter struct {
		Name        string       `json:"name,omitempty"`
		Description string       `json:"description,omitempty"`
		IsNullable  bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}

	description struct {
		Text string `json:"description,omitempty"`
		Kind string `json:"description_kind,omitempty"`
	}
)

// document is what is printed. Terraform names a provider by its full address;
// tfplugindocs looks for that only in the namespace "hashicorp", and else for the short
// name that Terraform 0.12 printed.
func document(s *providerSchema) any {
	return map[string]any{
		"format_version":   "1.0",
		"provider_schemas": map[string]any{"vpclab": s},
	}
}

// describe asks a server for all of its schemas.
func describe(ctx context.Context, server tfprotov6.ProviderServer) (*providerSchema, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("the provider's schemas: %w", err)
	}
	if err := refusal(schemas.Diagnostics); err != nil {
		return nil, fmt.Errorf("the provider's schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("the schemas of the resources' identities: %w", err)
	}
	if err := refusal(identities.Diagnostics); err != nil {
		return nil, fmt.Errorf("the schemas of the resources' identities: %w", err)
	}
	return &providerSchema{
		Provider:           schemaOf(schemas.Provider),
		Resources:          each(schemas.ResourceSchemas, schemaOf),
		DataSources:        each(schemas.DataSourceSchemas, schemaOf),
		EphemeralResources: each(schemas.EphemeralResourceSchemas, schemaOf),
		ListResources:      each(schemas.ListResourceSchemas, schemaOf),
		Actions:            each(schemas.ActionSchemas, actionOf),
		Functions:          each(schemas.Functions, functionOf),
		Identities:         each(identities.IdentitySchemas, identityOf),
	}, nil
}

func refusal(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}

func each[From, To any](all map[string]From, convert func(From) To) map[string]To {
	converted := make(map[string]To, len(all))
	for name, one := range all {
		converted[name] = convert(one)
	}
	return converted
}

func schemaOf(s *tfprotov6.Schema) *schema {
	return &schema{Version: s.Version, Block: blockOf(s.Block)}
}

func actionOf(a *tfprotov6.ActionSchema) *actionSchema {
	return &actionSchema{Block: blockOf(a.Schema.Block)}
}

func blockOf(b *tfprotov6.SchemaBlock) *block {
	converted := &block{
		Attributes:  attributesOf(b.Attributes),
		BlockTypes:  make(map[string]*blockType, len(b.BlockTypes)),
		description: descriptionOf(b.Description, b.DescriptionKind),
		Deprecated:  b.Deprecated,
	}
	for _, nested := range b.BlockTypes {
		converted.BlockTypes[nested.TypeName] = &blockType{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       blockOf(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return converted
}

func attributesOf(attributes []*tfprotov6.SchemaAttribute) map[string]*attribute {
	converted := make(map[string]*attribute, len(attributes))
	for _, a := range attributes {
		to := &attribute{
			Type:        a.Type,
			description: descriptionOf(a.Description, a.DescriptionKind),
			Deprecated:  a.Deprecated,
			Required:    a.Required,
			Optional:    a.Optional,
			Computed:    a.Computed,
			Sensitive:   a.Sensitive,
			WriteOnly:   a.WriteOnly,
		}
		if a.NestedType != nil {
			to.NestedType = &nestedType{
				Attributes:  attributesOf(a.NestedType.Attributes),
				NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		converted[a.Name] = to
	}
	return converted
}

func descriptionOf(text string, kind tfprotov6.StringKind) description {
	return description{Text: text, Kind: strings.ToLower(kind.String())}
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) *identitySchema {
	converted := &identitySchema{Version: s.Version, Attributes: make(map[string]*identityAttribute, len(s.IdentityAttributes))}
	for _, a := range s.IdentityAttributes {
		converted.Attributes[a.Name] = &identityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return converted
}

func functionOf(f *tfprotov6.Function) *function {
	converted := &function{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, parameterOf(p))
	}
	if f.VariadicParameter != nil {
		converted.VariadicParameter = parameterOf(f.VariadicParameter)
	}
	return converted
}

func parameterOf(p *tfprotov6.FunctionParameter) *parameter {
	return &parameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}
