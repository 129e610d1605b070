// Package refinement lets a plan refer to objects that have no id yet. Towards
// the provider an id that a plan has minted is a plain string; towards Terraform
// it is an unknown string, not null, that is known to begin with that whole id,
// and so reaches every resource that refers to the object. A wrapper around the
// provider's protocol server translates between the two.
package refinement

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// IDs knows which ids a plan has made up. Terraform plans every resource once more
// during apply. The ids of that plan may be others, but had better be the same: the
// built-in terraform_data plans to have the prefix of whatever it copies, and fails
// if it is then given another id.
type IDs interface {
	// Provisional reports whether the id was minted by a plan and belongs to no
	// object of the lab (yet). It is asked about all kinds of strings, many times
	// per plan and from several goroutines.
	//
	// It has to be false from the moment an apply has created the object: by then
	// Terraform knows the id, and would take one that becomes unknown again for an
	// inconsistent plan.
	Provisional(id string) bool
}

// Wrap returns a server that differs from the given one in two calls.
//
// PlanResourceChange. In the request's configuration, proposed new state and prior
// state, an unknown string becomes the known string that is its prefix, if that is
// provisional. In the response's planned state and planned identity, a provisional
// string becomes unknown again, and not null. It is provisional if ids says so, or
// if it ends in "/" and an id of which ids says so, as ARNs do. A map with such a
// key is unknown as a whole.
//
// The response has the string for a prefix if nothing has mentioned the id since
// ConfigureProvider: this is the plan that makes the object. Only
// there does Terraform allow a prefix to change from one plan to the next. What
// merely refers to the object, in configured and in computed attributes, is
// unknown without a prefix.
//
// Elements of a set that are the same provisional string are one to the provider,
// and as many as configured to Terraform.
//
// ApplyResourceChange. The context carries the ids that the plan has promised; see
// [Promised].
//
// A value that cannot be translated is an error diagnostic. The result implements
// those of the optional interfaces of tfprotov6 that the given server does.
func Wrap(server tfprotov6.ProviderServer, ids IDs) tfprotov6.ProviderServer {
	wrapped := &wrapper{ProviderServer: server, ids: ids, types: typeCache{server: server}}
	// Terraform is told that a call is not supported by the lack of its method.
	lists, hasLists := server.(tfprotov6.ListResourceServer)
	actions, hasActions := server.(tfprotov6.ActionServer)
	stores, hasStores := server.(tfprotov6.StateStoreServer)
	switch {
	case hasLists && hasActions && hasStores:
		return struct {
			*wrapper
			tfprotov6.ListResourceServer
			tfprotov6.ActionServer
			tfprotov6.StateStoreServer
		}{wrapped, lists, actions, stores}
	case hasLists && hasActions:
		return struct {
			*wrapper
			tfprotov6.ListResourceServer
			tfprotov6.ActionServer
		}{wrapped, lists, actions}
	case hasLists && hasStores:
		return struct {
			*wrapper
			tfprotov6.ListResourceServer
			tfprotov6.StateStoreServer
		}{wrapped, lists, stores}
	case hasActions && hasStores:
		return struct {
			*wrapper
			tfprotov6.ActionServer
			tfprotov6.StateStoreServer
		}{wrapped, actions, stores}
	case hasLists:
		return struct {
			*wrapper
			tfprotov6.ListResourceServer
		}{wrapped, lists}
	case hasActions:
		return struct {
			*wrapper
			tfprotov6.ActionServer
		}{wrapped, actions}
	case hasStores:
		return struct {
			*wrapper
			tfprotov6.StateStoreServer
		}{wrapped, stores}
	}
	return wrapped
}

type wrapper struct {
	tfprotov6.ProviderServer
	ids   IDs
	types typeCache
	told  told
}

// ConfigureProvider begins a walk of Terraform's.
func (w *wrapper) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	w.told.forget()
	return w.ProviderServer.ConfigureProvider(ctx, req)
}

func (w *wrapper) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	typ := func() (cty.Type, error) { return w.types.resource(ctx, req.TypeName) }
	known := *req // the caller's request stays as it is
	for _, part := range []struct {
		name  string
		value **tfprotov6.DynamicValue
	}{
		{"the configuration", &known.Config},
		{"the proposed new state", &known.ProposedNewState},
		{"the prior state", &known.PriorState},
	} {
		var err error
		if *part.value, err = reveal(*part.value, typ, w.ids, func(id string) { w.told.add(id) }); err != nil {
			return &tfprotov6.PlanResourceChangeResponse{
				Diagnostics: []*tfprotov6.Diagnostic{untranslatable(part.name, req.TypeName, err)},
			}, nil
		}
	}

	resp, err := w.ProviderServer.PlanResourceChange(ctx, &known)
	if err != nil || resp == nil {
		return resp, err
	}
	var config *tfprotov6.DynamicValue // if the provider has not seen it as it is
	if known.Config != req.Config {
		config = req.Config
	}
	promises := w.told.first()
	if resp.PlannedState, err = conceal(resp.PlannedState, typ, w.ids, promises, config); err != nil {
		resp.Diagnostics = append(resp.Diagnostics, untranslatable("the planned state", req.TypeName, err))
	}
	if identity := resp.PlannedIdentity; identity != nil {
		typ := func() (cty.Type, error) { return w.types.identity(ctx, req.TypeName) }
		if identity.IdentityData, err = conceal(identity.IdentityData, typ, w.ids, promises, nil); err != nil {
			resp.Diagnostics = append(resp.Diagnostics, untranslatable("the planned identity", req.TypeName, err))
		}
	}
	return resp, nil
}

func (w *wrapper) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return w.ProviderServer.ApplyResourceChange(withPromised(ctx, req.PlannedState), req)
}

func untranslatable(value, resource string, err error) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Cannot see through a plan",
		Detail: "In planning a change of " + resource + ", " + value + " could not be translated: " + err.Error() +
			".\n\nThis is a defect of the provider or of Terraform, not of the configuration.",
	}
}
