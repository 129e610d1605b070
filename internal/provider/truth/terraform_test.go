package truth

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
)

// terraform plays the core of Terraform: the calls it makes, in the orders it
// may make them in, and what it checks of the answers. It has one state.
type terraform struct {
	store   string
	schemas map[string]block
	config  block

	// Plans and applies are made by different processes, which know of each other
	// what is in the lab.
	planner, applier tfprotov6.ProviderServer

	state map[string]*object // by address
	log   []string           // the calls so far
	mu    sync.Mutex         // guards state and log during apply
}

// object is what a state keeps of a resource.
type object struct {
	value   cty.Value
	private []byte
	// depends are the resources it refers to, also through others, as of its last
	// change and as of now.
	depends map[string]bool
}

// action is what a plan does to a resource.
type action string

const (
	noop      action = "stays"
	create    action = "create"
	update    action = "update"
	replace   action = "replace"
	terminate action = "delete"
)

type change struct {
	address     string
	declaration declaration // none for a delete
	action      action
	prior       *object // refreshed; nil for a create
	planned     cty.Value
	// gone is the planned private data of the deletion, or of the first half of a
	// replacement.
	gone    []byte
	depends map[string]bool // of the configuration
}

func (c *change) kind() string { return c.address[:strings.IndexByte(c.address, '.')] }

// A walk ends with the first problem of these kinds.
type (
	// refused is an error diagnostic.
	refused struct{ address, text string }
	// broken is an answer that Terraform takes for a defect of the provider.
	broken struct{ address, text string }
)

func (r *refused) Error() string { return r.address + ": " + r.text }
func (b *broken) Error() string {
	return b.address + ": the provider does not keep to the protocol: " + b.text
}

// newTerraform is Terraform before its first run in a lab of its own.
func newTerraform(ctx context.Context, store string) (*terraform, error) {
	t := &terraform{store: store, schemas: map[string]block{}, planner: provider.Server("test"), applier: provider.Server("test")}
	resp, err := t.planner.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	for name, s := range resp.ResourceSchemas {
		t.schemas[name] = newBlock(s.Block)
	}
	t.config = newBlock(resp.Provider.Block)
	t.state = map[string]*object{}
	return t, nil
}

func (t *terraform) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log = append(t.log, fmt.Sprintf(format, args...))
}

// begin begins a walk.
func (t *terraform) begin(ctx context.Context, server tfprotov6.ProviderServer, walk string) error {
	t.note("%s:", walk)
	none := func(ref) cty.Value { panic("the provider's configuration has no references") }
	config := t.config.evaluate(map[string]any{"region": "us-west-3", "store": t.store}, nil, none)
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: encode(config, t.config.typ)})
	if err != nil {
		return err
	}
	return diagnosed("provider", resp.Diagnostics)
}

func diagnosed(address string, diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return &refused{address, strings.TrimSpace(d.Summary + "\n" + d.Detail)}
		}
	}
	return nil
}

// plan plans to have what the declarations say, and nothing else.
func (t *terraform) plan(ctx context.Context, declarations []declaration, again map[string]bool, random *rand.Rand) (map[string]*change, error) {
	if err := t.begin(ctx, t.planner, "plan"); err != nil {
		return nil, err
	}
	changes := map[string]*change{}
	depends := dependencies(declarations)
	scope := func(r ref) cty.Value { return changes[r.address()].planned.GetAttr(r.attribute) }
	for _, step := range t.planOrder(declarations, random) {
		c := &change{address: step.address, depends: depends[step.address]}
		changes[c.address] = c
		var err error
		if c.prior, err = t.refresh(ctx, c.address); err != nil {
			return changes, err
		}
		if step.declaration == nil {
			err = t.planDelete(ctx, c)
		} else {
			c.declaration = *step.declaration
			if c.prior != nil {
				maps.Copy(c.prior.depends, c.depends)
			}
			err = t.planChange(ctx, c, again[c.address], scope)
		}
		if err != nil {
			return changes, err
		}
	}
	return changes, nil
}

type planStep struct {
	address     string
	declaration *declaration // nil for what is not declared any more
}

// planOrder is an order in which every resource comes after those it refers to,
// and what is not declared any more anywhere.
func (t *terraform) planOrder(declarations []declaration, random *rand.Rand) (order []planStep) {
	open := map[string]planStep{}
	for i, d := range declarations {
		open[d.address()] = planStep{d.address(), &declarations[i]}
	}
	for _, address := range slices.Sorted(maps.Keys(t.state)) {
		if _, ok := open[address]; !ok {
			open[address] = planStep{address: address}
		}
	}
	for len(open) > 0 {
		var ready []planStep
		for _, address := range slices.Sorted(maps.Keys(open)) {
			step := open[address]
			waits := step.declaration != nil && slices.ContainsFunc(step.declaration.references(), func(r string) bool { _, ok := open[r]; return ok })
			if !waits {
				ready = append(ready, step)
			}
		}
		chosen := ready[random.IntN(len(ready))]
		order = append(order, chosen)
		delete(open, chosen.address)
	}
	return order
}

// dependencies are the resources that each refers to, also through others.
func dependencies(declarations []declaration) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	direct := map[string][]string{}
	for _, d := range declarations {
		direct[d.address()] = d.references()
	}
	var visit func(string) map[string]bool
	visit = func(address string) map[string]bool {
		if found, ok := all[address]; ok {
			return found
		}
		found := map[string]bool{}
		for _, r := range direct[address] {
			found[r] = true
			maps.Copy(found, visit(r))
		}
		all[address] = found
		return found
	}
	for _, d := range declarations {
		visit(d.address())
	}
	return all
}

func (t *terraform) refresh(ctx context.Context, address string) (*object, error) {
	o := t.state[address]
	if o == nil {
		return nil, nil
	}
	kind := address[:strings.IndexByte(address, '.')]
	typ := t.schemas[kind].typ
	resp, err := t.planner.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: encode(o.value, typ), Private: o.private})
	if err != nil {
		return nil, err
	}
	if err := diagnosed(address, resp.Diagnostics); err != nil {
		return nil, err
	}
	value, err := decode(resp.NewState, typ)
	if err == nil && value.IsNull() {
		err = &broken{address, "it is gone, and nobody has touched it"}
	}
	return &object{value, resp.Private, maps.Clone(o.depends)}, err
}

func (t *terraform) planDelete(ctx context.Context, c *change) error {
	t.note("  PlanResourceChange %s: delete", c.address)
	typ := t.schemas[c.kind()].typ
	null := cty.NullVal(typ)
	c.action, c.planned = terminate, null
	resp, err := t.planner.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: c.kind(), PriorState: encode(c.prior.value, typ), ProposedNewState: encode(null, typ), Config: encode(null, typ), PriorPrivate: c.prior.private,
	})
	if err != nil {
		return err
	}
	c.gone = resp.PlannedPrivate
	return diagnosed(c.address, resp.Diagnostics)
}

func (t *terraform) planChange(ctx context.Context, c *change, again bool, scope func(ref) cty.Value) error {
	schema := t.schemas[c.kind()]
	config := schema.evaluate(c.declaration.arguments, c.declaration.blocks, scope)
	validation, err := t.planner.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: c.kind(), Config: encode(config, schema.typ)})
	if err != nil {
		return err
	}
	if err := diagnosed(c.address, validation.Diagnostics); err != nil {
		return err
	}
	c.action = create
	prior := cty.NullVal(schema.typ)
	var private []byte
	if c.prior != nil {
		c.action, prior, private = update, c.prior.value, c.prior.private
	}
	resp, err := t.planOne(ctx, t.planner, c.address, prior, config, private)
	if err != nil {
		return err
	}
	if c.planned, err = decode(resp.PlannedState, schema.typ); err != nil {
		return err
	}
	if faults := schema.checkPlan(c.address, prior, config, c.planned); len(faults) > 0 {
		return &broken{c.address, strings.Join(faults, "\n")}
	}
	switch {
	case c.prior != nil && (again || replaces(resp, prior, c.planned)):
		c.action, c.gone = replace, resp.PlannedPrivate
		prior = cty.NullVal(schema.typ)
		if resp, err = t.planOne(ctx, t.planner, c.address, prior, config, c.gone); err != nil {
			return err
		}
		if c.planned, err = decode(resp.PlannedState, schema.typ); err != nil {
			return err
		}
		if faults := schema.checkPlan(c.address, prior, config, c.planned); len(faults) > 0 {
			return &broken{c.address, strings.Join(faults, "\n")}
		}
	case c.prior != nil && c.planned.RawEquals(prior):
		c.action = noop
	}
	return nil
}

// planOne makes the call. With private data and no prior state it is the second
// half of a replacement.
func (t *terraform) planOne(ctx context.Context, server tfprotov6.ProviderServer, address string, prior, config cty.Value, private []byte) (*tfprotov6.PlanResourceChangeResponse, error) {
	kind := address[:strings.IndexByte(address, '.')]
	schema := t.schemas[kind]
	what := "change"
	if prior.IsNull() {
		what = "create"
	}
	t.note("  PlanResourceChange %s: %s", address, what)
	resp, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: encode(prior, schema.typ), Config: encode(config, schema.typ),
		ProposedNewState: encode(schema.proposedNew(prior, config), schema.typ), PriorPrivate: private,
	})
	if err != nil {
		return nil, err
	}
	return resp, diagnosed(address, resp.Diagnostics)
}

// replaces reports whether one of the attributes that require replacement does
// change, or may.
func replaces(resp *tfprotov6.PlanResourceChangeResponse, prior, planned cty.Value) bool {
	for _, at := range resp.RequiresReplace {
		name := strings.Trim(strings.TrimPrefix(at.String(), "AttributeName("), `")`)
		if !planned.GetAttr(name).RawEquals(prior.GetAttr(name)) {
			return true
		}
	}
	return false
}

// parallelism is how many changes Terraform makes at a time.
const parallelism = 10

// apply makes the planned changes.
func (t *terraform) apply(ctx context.Context, changes map[string]*change, patience time.Duration, random *rand.Rand) error {
	if err := t.begin(ctx, t.applier, "apply"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	waits := applyOrder(changes)
	nodes := slices.SortedFunc(maps.Keys(waits), compareNodes)
	random.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	done := map[node]chan struct{}{}
	for _, n := range nodes {
		done[n] = make(chan struct{})
	}
	slots := make(chan struct{}, parallelism)
	var group sync.WaitGroup
	var once sync.Once
	var first error
	for _, n := range nodes {
		group.Go(func() {
			for _, before := range waits[n] {
				select {
				case <-done[before]:
				case <-ctx.Done():
					return
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			if err := t.applyNode(ctx, n, changes[n.address]); err != nil {
				once.Do(func() { first = err })
				cancel() // the others need not wait for what will not come
				return
			}
			close(done[n])
		})
	}
	group.Wait()
	return first
}

// node is a change, or the half of a replacement, that Terraform applies.
type node struct {
	address string
	destroy bool
}

func compareNodes(a, b node) int {
	if a.address == b.address && a.destroy != b.destroy {
		if a.destroy {
			return -1
		}
		return 1
	}
	return strings.Compare(a.address, b.address)
}

// applyOrder says which nodes each one waits for. A dependent is destroyed before
// what it depends on, and created or updated after it; what had depended on
// something is created or updated after that is destroyed, or, with
// create_before_destroy, before. Security groups have create_before_destroy, and
// so has what they depend on.
func applyOrder(changes map[string]*change) map[node][]node {
	waits := map[node][]node{}
	cbd := map[string]bool{}
	for address, c := range changes {
		if c.kind() == kindGroup {
			cbd[address] = true
			for _, depends := range []map[string]bool{c.depends, c.had()} {
				maps.Copy(cbd, depends)
			}
		}
		if c.action != terminate {
			waits[node{address, false}] = nil
		}
		if c.action == terminate || c.action == replace {
			waits[node{address, true}] = nil
		}
	}
	after := func(later, earlier node) {
		_, ok1 := waits[later]
		_, ok2 := waits[earlier]
		if ok1 && ok2 && later != earlier {
			waits[later] = append(waits[later], earlier)
		}
	}
	// creators are ordered with regard to destroyers unless they do nothing.
	creation := func(creator, destroyer node) {
		switch {
		case changes[creator.address] == nil || changes[creator.address].action == noop:
		case cbd[destroyer.address]:
			after(destroyer, creator)
		default:
			after(creator, destroyer)
		}
	}
	for address, c := range changes {
		creator, destroyer := node{address, false}, node{address, true}
		creation(creator, destroyer)
		for d := range c.depends {
			after(creator, node{d, false})
		}
		for d := range c.had() {
			creation(creator, node{d, true})
			after(node{d, true}, destroyer)
			creation(node{d, false}, destroyer)
		}
	}
	return waits
}

// had are the dependencies in the state.
func (c *change) had() map[string]bool {
	if c.prior == nil {
		return nil
	}
	return c.prior.depends
}

func (t *terraform) applyNode(ctx context.Context, n node, c *change) error {
	schema := t.schemas[c.kind()]
	null := cty.NullVal(schema.typ)
	if n.destroy {
		t.note("  ApplyResourceChange %s: delete", c.address)
		resp, err := t.applier.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: c.kind(), PriorState: encode(c.prior.value, schema.typ), PlannedState: encode(null, schema.typ), Config: encode(null, schema.typ), PlannedPrivate: c.gone,
		})
		if err != nil {
			return err
		}
		if err := diagnosed(c.address, resp.Diagnostics); err != nil {
			return err
		}
		t.note("  ApplyResourceChange %s: deleted", c.address)
		t.mu.Lock()
		defer t.mu.Unlock()
		if c.action == terminate {
			delete(t.state, c.address)
		}
		return nil
	}
	if c.action == noop {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.state[c.address] = c.prior
		return nil
	}
	config := schema.evaluate(c.declaration.arguments, c.declaration.blocks, func(r ref) cty.Value {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.state[r.address()].value.GetAttr(r.attribute)
	})
	prior := null
	var private []byte
	if c.action == update {
		prior, private = c.prior.value, c.prior.private
	}
	again, err := t.planOne(ctx, t.applier, c.address, prior, config, private)
	if err != nil {
		return err
	}
	planned, err := decode(again.PlannedState, schema.typ)
	if err != nil {
		return err
	}
	faults := slices.Concat(schema.checkPlan(c.address, prior, config, planned), checkKept(c.address, c.planned, planned))
	if c.action == update && replaces(again, prior, planned) {
		faults = append(faults, "planned again, the update is a replacement")
	}
	if len(faults) > 0 {
		return &broken{c.address, "the second plan does not keep to the first:\n" + strings.Join(faults, "\n")}
	}
	if c.action == update && planned.RawEquals(prior) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.state[c.address] = &object{prior, private, c.depends}
		return nil
	}
	t.note("  ApplyResourceChange %s: %s", c.address, c.action)
	resp, err := t.applier.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: c.kind(), PriorState: encode(prior, schema.typ), PlannedState: again.PlannedState, Config: encode(config, schema.typ), PlannedPrivate: again.PlannedPrivate,
	})
	if err != nil {
		return err
	}
	if err := diagnosed(c.address, resp.Diagnostics); err != nil {
		return err
	}
	value, err := decode(resp.NewState, schema.typ)
	if err != nil {
		return err
	}
	faults = checkKept(c.address, planned, value)
	if !value.IsWhollyKnown() {
		faults = append(faults, fmt.Sprintf("%#v is not wholly known", value))
	}
	if len(faults) > 0 {
		return &broken{c.address, "what was applied does not keep to the plan:\n" + strings.Join(faults, "\n")}
	}
	t.note("  ApplyResourceChange %s: done", c.address)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state[c.address] = &object{value, resp.Private, c.depends}
	return nil
}
