package refinement

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

const typeName = "test_interface"

// Ids that a plan of the account has made up, and one of the lab.
const (
	idA   = "eni-0aaaaaaaaaaaaaaaa"
	idB   = "eni-0bbbbbbbbbbbbbbbb"
	realR = "eni-0eeeeeeeeeeeeeeee"
)

// prefixed is what Terraform knows of an id that was promised.
func prefixed(id string) cty.Value {
	return cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull(id).NewValue()
}

var unknown = cty.UnknownVal(cty.String)

// A client plays Terraform, for one resource at a time.
type client struct {
	t       testing.TB
	account *account
	server  tfprotov6.ProviderServer
	typ     cty.Type
}

// newClient has a server whose plan has made up idA and idB, and has told so.
func newClient(t testing.TB) *client {
	account := newAccount()
	account.made[idA], account.made[idB] = true, true
	c := &client{t: t, account: account, server: account.serve()}
	cache := typeCache{server: c.server}
	typ, err := cache.resource(t.Context(), typeName)
	if err != nil {
		t.Fatal(err)
	}
	c.typ = typ
	first := innermost(c.server).told.first()
	first(idA)
	first(idB)
	return c
}

func innermost(server tfprotov6.ProviderServer) *wrapper {
	return server.(struct {
		*wrapper
		tfprotov6.ListResourceServer
		tfprotov6.ActionServer
		tfprotov6.StateStoreServer
	}).wrapper
}

// object is a resource's value with the given attributes and blocks, and without
// the others.
func (c *client) object(given map[string]cty.Value) cty.Value {
	values := map[string]cty.Value{}
	for name, typ := range c.typ.AttributeTypes() {
		switch name {
		case "item":
			values[name] = cty.ListValEmpty(typ.ElementType())
		case "attachment":
			values[name] = cty.SetValEmpty(typ.ElementType())
		default:
			values[name] = cty.NullVal(typ)
		}
	}
	for name, value := range given {
		values[name] = value
	}
	return cty.ObjectVal(values)
}

// with changes attributes of an object.
func with(object cty.Value, changes map[string]cty.Value) cty.Value {
	values := object.AsValueMap()
	for name, value := range changes {
		values[name] = value
	}
	return cty.ObjectVal(values)
}

func (c *client) encode(v cty.Value) *tfprotov6.DynamicValue {
	c.t.Helper()
	value, err := encode(v, c.typ)
	if err != nil {
		c.t.Fatal(err)
	}
	return value
}

func (c *client) decode(value *tfprotov6.DynamicValue) cty.Value {
	c.t.Helper()
	v, err := decode(value, c.typ)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// create is the request for the plan of a new resource. As Terraform does, it
// proposes to compute what can be.
func (c *client) create(config cty.Value) *tfprotov6.PlanResourceChangeRequest {
	c.t.Helper()
	proposed := with(config, map[string]cty.Value{
		"id": unknown, "arn": unknown, "routes": cty.UnknownVal(cty.Map(cty.String)),
	})
	proposed, _ = cty.Transform(proposed, func(path cty.Path, v cty.Value) (cty.Value, error) {
		if len(path) == 3 && v.IsNull() && path[2].(cty.GetAttrStep).Name == "attachment_id" {
			return unknown, nil
		}
		return v, nil
	})
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: c.encode(config), ProposedNewState: c.encode(proposed), PriorState: c.encode(cty.NullVal(c.typ)),
	}
}

// plan returns the planned state, and what the provider has seen of the rest.
func (c *client) plan(req *tfprotov6.PlanResourceChangeRequest) (planned cty.Value, resp *tfprotov6.PlanResourceChangeResponse, saw []string) {
	c.t.Helper()
	resp, err := c.server.PlanResourceChange(c.t.Context(), req)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		c.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
	return c.decode(resp.PlannedState), resp, c.account.sights[len(c.account.sights)-1].refs
}

func same(t *testing.T, what string, got, want cty.Value) {
	t.Helper()
	if !got.RawEquals(want) {
		t.Errorf("%s\n got %#v\nwant %#v", what, got, want)
	}
}

func object(ref cty.Value, index int64) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"ref": ref, "index": cty.NumberIntVal(index)})
}

func item(ref cty.Value) cty.Value { return cty.ObjectVal(map[string]cty.Value{"ref": ref}) }

func attached(ref, id cty.Value) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"ref": ref, "attachment_id": id})
}

// What is configured reaches the provider with the ids in it, and comes back to
// Terraform without them.
func TestPlanReferences(t *testing.T) {
	a, b := prefixed(idA), prefixed(idB)
	realPrefix, text := prefixed(realR), cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull("arn:aws").NewValue()
	for name, test := range map[string]struct {
		attribute string
		config    cty.Value
		saw       []string
		planned   cty.Value
	}{
		"nothing":                {"ref", cty.NullVal(cty.String), nil, cty.NullVal(cty.String)},
		"known":                  {"ref", cty.StringVal(realR), []string{realR}, cty.StringVal(realR)},
		"unknown":                {"ref", unknown, nil, unknown},
		"id":                     {"ref", a, []string{idA}, unpromised},
		"ARN":                    {"ref", prefixed(arnPrefix + idA), []string{arnPrefix + idA}, unpromised},
		"id, perhaps null":       {"ref", cty.UnknownVal(cty.String).Refine().StringPrefixFull(idA).NewValue(), []string{idA}, unpromised},
		"something's prefix":     {"ref", text, nil, unknown},
		"another provider's":     {"ref", realPrefix, nil, unknown},
		"the beginning of an id": {"ref", prefixed(idA[:12]), nil, unknown},
		"more than an id":        {"ref", prefixed(idA + "/x"), nil, unknown},

		"set":                 {"refs", cty.SetVal([]cty.Value{a, b, cty.StringVal(realR)}), []string{idA, idB, realR}, cty.SetVal([]cty.Value{unpromised, unpromised, cty.StringVal(realR)})},
		"set, unknown":        {"refs", cty.UnknownVal(cty.Set(cty.String)), nil, cty.UnknownVal(cty.Set(cty.String))},
		"set, partly unknown": {"refs", cty.SetVal([]cty.Value{a, unknown}), []string{idA}, cty.SetVal([]cty.Value{unpromised, unknown})},
		"set, twice the same": {"refs", cty.SetVal([]cty.Value{a, a, b}), []string{idA, idB}, cty.SetVal([]cty.Value{unpromised, unpromised, unpromised})},
		"map":                 {"tags", cty.MapVal(map[string]cty.Value{"a": a, "n": cty.NullVal(cty.String)}), []string{idA}, cty.MapVal(map[string]cty.Value{"a": unpromised, "n": cty.NullVal(cty.String)})},
		"objects": {"objects", cty.SetVal([]cty.Value{object(a, 0), object(b, 1)}), []string{idA, idB},
			cty.SetVal([]cty.Value{object(unpromised, 0), object(unpromised, 1)})},
		"objects, twice the same": {"objects", cty.SetVal([]cty.Value{object(a, 0), object(a, 0)}), []string{idA},
			cty.SetVal([]cty.Value{object(unpromised, 0), object(unpromised, 0)})},
		"list block": {"item", cty.ListVal([]cty.Value{item(a), item(unknown), item(a)}), []string{idA, idA},
			cty.ListVal([]cty.Value{item(unpromised), item(unknown), item(unpromised)})},
		"dynamic":         {"anything", a, []string{idA}, unpromised},
		"dynamic unknown": {"anything", cty.DynamicVal, nil, cty.DynamicVal},
		"dynamic object": {"anything", cty.ObjectVal(map[string]cty.Value{"x": cty.TupleVal([]cty.Value{a, cty.True})}), []string{idA},
			cty.ObjectVal(map[string]cty.Value{"x": cty.TupleVal([]cty.Value{unpromised, cty.True})})},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			req := c.create(c.object(map[string]cty.Value{"name": cty.StringVal("new"), test.attribute: test.config}))
			sent := *req
			planned, _, saw := c.plan(req)
			if diff := cmp.Diff(test.saw, saw, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("what the provider saw (-want +got):\n%s", diff)
			}
			same(t, "planned", planned.GetAttr(test.attribute), test.planned)
			if req.Config != sent.Config || req.ProposedNewState != sent.ProposedNewState || req.PriorState != sent.PriorState {
				t.Error("the request was changed")
			}
		})
	}
}

// What the plan makes is promised, once.
func TestPlanPromises(t *testing.T) {
	c := newClient(t)
	config := c.object(map[string]cty.Value{
		"name": cty.StringVal("with routes"),
		"ref":  prefixed(idA),
		"attachment": cty.SetVal([]cty.Value{
			attached(prefixed(idA), cty.NullVal(cty.String)), attached(prefixed(idB), cty.NullVal(cty.String)),
		}),
	})
	planned, resp, saw := c.plan(c.create(config))
	if diff := cmp.Diff([]string{idA, idA, idB}, saw); diff != "" {
		t.Errorf("what the provider saw (-want +got):\n%s", diff)
	}
	id := c.account.planned["with routes"]
	same(t, "id", planned.GetAttr("id"), prefixed(id))
	same(t, "arn", planned.GetAttr("arn"), prefixed(arnPrefix+id))
	same(t, "routes", planned.GetAttr("routes"), cty.UnknownVal(cty.Map(cty.String)).RefineNotNull())
	var attachments []string
	for _, at := range planned.GetAttr("attachment").AsValueSlice() {
		same(t, "attachment.ref", at.GetAttr("ref"), unpromised)
		attachments = append(attachments, at.GetAttr("attachment_id").Range().StringPrefix())
	}
	identity, err := decode(resp.PlannedIdentity.IdentityData, cty.Object(map[string]cty.Type{"id": cty.String}))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "identity", identity.GetAttr("id"), prefixed(id))

	var promised []string
	server := Wrap(applyFunc(func(ctx context.Context) { promised = Promised(ctx) }), c.account)
	if _, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PlannedState: resp.PlannedState}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{}, append(attachments, id)...), promised, sorted); diff != "" {
		t.Errorf("promised (-want +got):\n%s", diff)
	}

	planned, _, _ = c.plan(c.create(c.object(map[string]cty.Value{"name": cty.StringVal("next"), "ref": planned.GetAttr("id")})))
	same(t, "ref of the next", planned.GetAttr("ref"), unpromised)
}

var sorted = cmpopts.SortSlices(strings.Compare)

// A plan after ConfigureProvider may make up the same ids.
func TestPlanAgain(t *testing.T) {
	c := newClient(t)
	c.account.stable = true
	config := c.object(map[string]cty.Value{"name": cty.StringVal("again")})
	first, _, _ := c.plan(c.create(config))
	if _, err := c.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &tfprotov6.DynamicValue{MsgPack: []byte{0x80}}}); err != nil {
		t.Fatal(err)
	}
	second, _, _ := c.plan(c.create(config))
	same(t, "second plan", second, first)
	if !first.GetAttr("id").Range().DefinitelyNotNull() || first.GetAttr("id").Range().StringPrefix() == "" {
		t.Errorf("no id is promised: %#v", first)
	}
}

// What a plan is told is nothing that it makes, even if nobody has heard of it.
func TestPlanReferencesAfterConfigure(t *testing.T) {
	c := newClient(t)
	innermost(c.server).told.forget()
	planned, _, _ := c.plan(c.create(c.object(map[string]cty.Value{"name": cty.StringVal("x"), "ref": prefixed(idA)})))
	same(t, "ref", planned.GetAttr("ref"), unpromised)
}

// What exists keeps its known id, while it is given something that does not.
func TestPlanUpdate(t *testing.T) {
	c := newClient(t)
	prior := c.object(map[string]cty.Value{
		"id": cty.StringVal(realR), "arn": cty.StringVal(arnPrefix + realR), "name": cty.StringVal("old"),
		"refs": cty.SetVal([]cty.Value{cty.StringVal(realR)}),
	})
	config := with(prior, map[string]cty.Value{
		"id": cty.NullVal(cty.String), "arn": cty.NullVal(cty.String),
		"refs": cty.SetVal([]cty.Value{cty.StringVal(realR), prefixed(idA)}),
	})
	proposed := with(prior, map[string]cty.Value{"refs": config.GetAttr("refs")})
	planned, resp, saw := c.plan(&tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: c.encode(config), ProposedNewState: c.encode(proposed), PriorState: c.encode(prior),
		PriorIdentity: &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{
			MsgPack: slices.Concat([]byte{0x81, 0xa2}, []byte("id"), []byte{0xa0 + byte(len(realR))}, []byte(realR)),
		}},
	})
	if diff := cmp.Diff([]string{idA, realR}, saw); diff != "" {
		t.Errorf("what the provider saw (-want +got):\n%s", diff)
	}
	same(t, "planned", planned, with(proposed, map[string]cty.Value{
		"refs": cty.SetVal([]cty.Value{cty.StringVal(realR), unpromised}), "routes": cty.UnknownVal(cty.Map(cty.String)),
	}))
	if resp.PlannedIdentity == nil {
		t.Error("no planned identity")
	}
}

func TestPromised(t *testing.T) {
	typ := cty.Object(map[string]cty.Type{"a": cty.String, "b": cty.List(cty.String), "c": cty.DynamicPseudoType, "d": cty.Map(cty.Number)})
	planned, err := encode(cty.ObjectVal(map[string]cty.Value{
		"a": prefixed(idB),
		"b": cty.ListVal([]cty.Value{
			prefixed(idA), prefixed(idB), cty.StringVal(realR), unknown,
			prefixed("arn:aws"), prefixed(arnPrefix + idA), prefixed("eni-attach-0123456789abcdef0"),
		}),
		"c": cty.TupleVal([]cty.Value{prefixed("i-0123456789abcdef0")}),
		"d": cty.MapVal(map[string]cty.Value{idA: cty.UnknownVal(cty.Number).Refine().NumberRangeLowerBound(cty.MustParseNumberVal("0.1"), true).NewValue()}),
	}), typ)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		planned *tfprotov6.DynamicValue
		want    []string
	}{
		"ids":     {planned, []string{idB, idA, "eni-attach-0123456789abcdef0", "i-0123456789abcdef0"}},
		"nothing": {&tfprotov6.DynamicValue{MsgPack: []byte{0xc0}}, nil},
		"nil":     {nil, nil},
		"JSON":    {&tfprotov6.DynamicValue{JSON: []byte(`{"a":"` + idA + `"}`)}, nil},
		"damaged": {&tfprotov6.DynamicValue{MsgPack: planned.MsgPack[:12]}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			called := false
			server := Wrap(applyFunc(func(ctx context.Context) {
				called = true
				if diff := cmp.Diff(test.want, Promised(ctx)); diff != "" {
					t.Errorf("promised (-want +got):\n%s", diff)
				}
			}), newAccount())
			if _, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{PlannedState: test.planned}); err != nil || !called {
				t.Errorf("called: %t; error: %v", called, err)
			}
		})
	}
	if got := Promised(t.Context()); got != nil {
		t.Errorf("outside an apply %q are promised", got)
	}
}

// A stub is a server that answers two calls.
type stub struct {
	tfprotov6.ProviderServer
	plan  func(*tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse
	apply func(context.Context)
}

func (s stub) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return s.plan(req), nil
}

func (s stub) ApplyResourceChange(ctx context.Context, _ *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	s.apply(ctx)
	return &tfprotov6.ApplyResourceChangeResponse{}, nil
}

func applyFunc(apply func(context.Context)) stub { return stub{apply: apply} }

// Values without a provisional id are passed on as they are.
func TestPlanUntouched(t *testing.T) {
	c := newClient(t)
	for name, value := range map[string]*tfprotov6.DynamicValue{
		"nil":   nil,
		"empty": {},
		"null":  {MsgPack: []byte{0xc0}},
		"known": c.encode(c.object(map[string]cty.Value{"ref": cty.StringVal(realR)})),
		"unknown": c.encode(c.object(map[string]cty.Value{
			"ref": unknown, "tags": cty.UnknownVal(cty.Map(cty.String)).RefineNotNull(), "refs": cty.SetVal([]cty.Value{prefixed(realR)}),
		})),
		"damaged":     {MsgPack: []byte{0x81, 0xa3, 'r', 'e', 'f', 0xd9, 0xff}},
		"not msgpack": {MsgPack: []byte{0xc1}},
	} {
		t.Run(name, func(t *testing.T) {
			server := Wrap(stub{plan: func(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
				if req.Config != value || req.ProposedNewState != value || req.PriorState != value {
					t.Error("the request has another value")
				}
				return &tfprotov6.PlanResourceChangeResponse{PlannedState: value}
			}}, c.account)
			resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{Config: value, ProposedNewState: value, PriorState: value})
			if err != nil || resp.PlannedState != value || resp.Diagnostics != nil {
				t.Errorf("the response has another value: %v, error: %v", resp, err)
			}
		})
	}
}

func TestPlanDamaged(t *testing.T) {
	c := newClient(t)
	whole := c.encode(c.object(map[string]cty.Value{
		"ref": prefixed(idA), "tags": cty.MapVal(map[string]cty.Value{"x": cty.StringVal("y")}),
	})).MsgPack
	known := c.encode(c.object(map[string]cty.Value{"anything": cty.StringVal(idA)})).MsgPack
	for name, test := range map[string]struct {
		req, resp []byte
		typeName  string
		want      string
	}{
		"configuration cut":        {whole[:len(whole)-2], nil, typeName, "the configuration"},
		"configuration of another": {append([]byte{0x81, 0xa1, 'x'}, refinedBytes(idA)...), nil, typeName, "the configuration"},
		"unknown resource":         {whole, nil, "test_nothing", "no schema"},
		"planned state cut":        {nil, known[:len(known)-4], typeName, "the planned state"},
		"not an object":            {nil, append([]byte{0xa0 + byte(len(idA))}, idA...), typeName, "the planned state"},
	} {
		t.Run(name, func(t *testing.T) {
			called := false
			server := Wrap(stub{
				ProviderServer: c.account.unwrapped(),
				plan: func(*tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
					called = true
					return &tfprotov6.PlanResourceChangeResponse{PlannedState: &tfprotov6.DynamicValue{MsgPack: test.resp}}
				},
			}, c.account)
			resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: test.typeName, Config: &tfprotov6.DynamicValue{MsgPack: test.req},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError ||
				!strings.Contains(resp.Diagnostics[0].Detail, test.want) {
				t.Errorf("got the diagnostics %v, want one with %q", resp.Diagnostics, test.want)
			}
			if called != (test.req == nil) {
				t.Errorf("the provider was asked: %t", called)
			}
			if resp.PlannedState != nil {
				t.Error("there is a planned state")
			}
		})
	}
}

func refinedBytes(prefix string) []byte {
	value, _ := encode(prefixed(prefix), cty.String)
	return value.MsgPack
}

// A document of JSON is decoded before one of msgpack, as tfprotov6 does.
func TestPlanJSON(t *testing.T) {
	c := newClient(t)
	document, err := ctyjson.Marshal(c.object(map[string]cty.Value{"ref": cty.StringVal(idA), "name": cty.StringVal("x")}), c.typ)
	if err != nil {
		t.Fatal(err)
	}
	value := &tfprotov6.DynamicValue{JSON: document, MsgPack: []byte{0xc1}}
	server := Wrap(stub{
		ProviderServer: c.account.unwrapped(),
		plan: func(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
			if req.Config != value {
				t.Error("the request has another value")
			}
			return &tfprotov6.PlanResourceChangeResponse{PlannedState: value}
		},
	}, c.account)
	resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, Config: value})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics, err)
	}
	planned := c.decode(resp.PlannedState)
	same(t, "ref", planned.GetAttr("ref"), prefixed(idA))
	same(t, "name", planned.GetAttr("name"), cty.StringVal("x"))
}

// A server has the optional calls that the one it wraps has.
func TestWrapOptional(t *testing.T) {
	type (
		server  = tfprotov6.ProviderServer
		lists   = tfprotov6.ListResourceServer
		actions = tfprotov6.ActionServer
		stores  = tfprotov6.StateStoreServer
	)
	for _, inner := range []server{
		struct{ server }{},
		struct {
			server
			lists
		}{},
		struct {
			server
			actions
		}{},
		struct {
			server
			stores
		}{},
		struct {
			server
			lists
			actions
		}{},
		struct {
			server
			lists
			stores
		}{},
		struct {
			server
			actions
			stores
		}{},
		struct {
			server
			lists
			actions
			stores
		}{},
		newAccount().unwrapped(),
	} {
		wrapped := Wrap(inner, newAccount())
		if got, want := optional(wrapped), optional(inner); got != want {
			t.Errorf("%T: has list resources, actions, state stores: %t, want %t", inner, got, want)
		}
	}
}

func optional(server tfprotov6.ProviderServer) (has [3]bool) {
	_, has[0] = server.(tfprotov6.ListResourceServer)
	_, has[1] = server.(tfprotov6.ActionServer)
	_, has[2] = server.(tfprotov6.StateStoreServer)
	return has
}

// No method of the framework's server is lost.
func TestWrapMethods(t *testing.T) {
	inner, wrapped := reflect.TypeOf(newAccount().unwrapped()), reflect.TypeOf(newAccount().serve())
	for i := range inner.NumMethod() {
		name := inner.Method(i).Name
		if _, ok := wrapped.MethodByName(name); !ok {
			t.Errorf("%s is lost", name)
		}
	}
}

func TestPlanConcurrently(t *testing.T) {
	c := newClient(t)
	req := c.create(c.object(map[string]cty.Value{
		"name": cty.StringVal("one of many"), "refs": cty.SetVal([]cty.Value{prefixed(idA), prefixed(idB)}),
	}))
	var mu sync.Mutex
	ids := map[string]bool{}
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			resp, err := c.server.PlanResourceChange(t.Context(), req)
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Error(resp, err)
				return
			}
			v, err := decode(resp.PlannedState, c.typ)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[v.GetAttr("id").Range().StringPrefix()] = true
		})
	}
	group.Wait()
	if len(ids) != 40 || ids[""] {
		t.Errorf("%d ids are promised, want 40", len(ids))
	}
}
