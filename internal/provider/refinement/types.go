package refinement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// A typeCache has the types of a server's resources and of their identities. The server
// is asked for its schemas once, when the first type is needed; only success is
// remembered.
type typeCache struct {
	server tfprotov6.ProviderServer

	mu         sync.Mutex
	resources  kinds[*tfprotov6.Schema]
	identities kinds[*tfprotov6.ResourceIdentitySchema]
}

func (t *typeCache) resource(ctx context.Context, name string) (cty.Type, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.resources.get(name, func() (map[string]*tfprotov6.Schema, []*tfprotov6.Diagnostic, error) {
		resp, err := t.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			return nil, nil, err
		}
		return resp.ResourceSchemas, resp.Diagnostics, nil
	})
}

func (t *typeCache) identity(ctx context.Context, name string) (cty.Type, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.identities.get(name, func() (map[string]*tfprotov6.ResourceIdentitySchema, []*tfprotov6.Diagnostic, error) {
		resp, err := t.server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
		if err != nil {
			return nil, nil, err
		}
		return resp.IdentitySchemas, resp.Diagnostics, nil
	})
}

// kinds are schemas of one kind by resource type, and the types made of them so far.
type kinds[S interface{ ValueType() tftypes.Type }] struct {
	schemas map[string]S
	types   map[string]cty.Type
}

func (k *kinds[S]) get(name string, schemas func() (map[string]S, []*tfprotov6.Diagnostic, error)) (cty.Type, error) {
	if typ, ok := k.types[name]; ok {
		return typ, nil
	}
	if k.schemas == nil {
		found, diagnostics, err := schemas()
		if err != nil {
			return cty.NilType, err
		}
		for _, d := range diagnostics {
			if d.Severity == tfprotov6.DiagnosticSeverityError {
				return cty.NilType, errors.New(d.Summary + ": " + d.Detail)
			}
		}
		k.schemas, k.types = found, map[string]cty.Type{}
	}
	schema, ok := k.schemas[name]
	if !ok {
		return cty.NilType, fmt.Errorf("the provider has no schema for it")
	}
	// Both libraries speak JSON about types.
	document, err := json.Marshal(schema.ValueType())
	if err != nil {
		return cty.NilType, err
	}
	var typ cty.Type
	if err := json.Unmarshal(document, &typ); err != nil {
		return cty.NilType, err
	}
	k.types[name] = typ
	return typ, nil
}
