package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// run plays steps in the lab. After each of them the framework demands an
// empty plan; after the last, destroying must leave the lab as it was found.
func (l *testLab) run(steps ...resource.TestStep) {
	l.t.Helper()
	resource.UnitTest(l.t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps:                    steps,
		CheckDestroy:             func(*terraform.State) error { return l.checkEmpty() },
	})
}

// checkEmpty reports what the lab holds besides default VPCs, in the regions
// the tests use.
func (l *testLab) checkEmpty() error {
	world, err := l.open(context.Background()).Fork(context.Background())
	if err != nil {
		return err
	}
	var left []string
	for _, region := range []ec2.Region{"us-west-3", "eu-west-1", "us-east-1"} {
		tx := world.View().In(region)
		interfaces, err1 := tx.DescribeNetworkInterfaces()
		instances, err2 := tx.DescribeInstances()
		subnets, err3 := tx.DescribeSubnets()
		groups, err4 := tx.DescribeSecurityGroups()
		vpcs, err5 := tx.DescribeVPCs()
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			return err
		}
		for _, n := range interfaces {
			left = append(left, n.ID)
		}
		for _, i := range instances {
			if i.State != ec2.InstanceTerminated {
				left = append(left, i.ID)
			}
		}
		for _, s := range subnets {
			if !s.DefaultForAZ {
				left = append(left, s.ID)
			}
		}
		for _, g := range groups {
			if v, ok := tx.VPC(g.VPCID); !ok || !v.IsDefault || g.Name != "default" {
				left = append(left, g.ID)
			}
		}
		for _, v := range vpcs {
			if !v.IsDefault {
				left = append(left, v.ID)
			}
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("destroy has left in the lab: %s", strings.Join(left, ", "))
	}
	return nil
}

// actions is what a plan does, by address: "create", "update", "delete", or
// "replace for" the attributes that make it so. A resource that is not named
// must stay as it is.
type actions map[string]string

func (want actions) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	got := actions{}
	for _, change := range req.Plan.ResourceChanges {
		if !strings.HasPrefix(change.Address, "vpclab_") {
			continue
		}
		switch a := change.Change.Actions; {
		case a.NoOp():
		case a.Replace():
			paths := map[string]bool{}
			for _, p := range change.Change.ReplacePaths {
				paths[fmt.Sprint(p.([]any)[0])] = true
			}
			got[change.Address] = strings.TrimSpace("replace for " + strings.Join(slices.Sorted(maps.Keys(paths)), ", "))
		default:
			got[change.Address] = string(a[0])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		resp.Error = fmt.Errorf("what the plan does (-want +got):\n%s", diff)
	}
}

// planned demands that a step's plan does just these things.
func planned(want actions) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{want}}
}

// refusal is a resource that no plan may accept: its type and arguments, and
// what the one diagnostic about it must say.
type refusal struct {
	kind      string // without "vpclab_"
	arguments string
	words     []string
}

func refused(kind, arguments string, words ...string) refusal { return refusal{kind, arguments, words} }

// refuse plans a configuration with all these resources at once, and demands
// one diagnostic for each of them and no other. The configuration without them
// is applied first if there is one, so that ids are known. Terraform does not
// plan what does not validate: cases of the two kinds do not go together.
func (l *testLab) refuse(configuration string, cases ...refusal) {
	l.t.Helper()
	without := resource.TestStep{Config: l.config(configuration)}
	with := resource.TestStep{Config: without.Config, PlanOnly: true, ExpectNonEmptyPlan: true}
	for i, c := range cases {
		with.Config += fmt.Sprintf("resource \"vpclab_%s\" \"case_%d\" {\n  %s\n}\n", c.kind, i, c.arguments)
	}
	steps := []resource.TestStep{with}
	if configuration != "" {
		steps = []resource.TestStep{without, with, without} // the last one is what is destroyed
	}
	refused := false
	resource.UnitTest(l.t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps:                    steps,
		ErrorCheck: func(err error) error {
			refused = true
			return checkDiagnostics(err, cases)
		},
	})
	if !refused {
		l.t.Error("the plan passes; it has to be refused")
	}
}

// checkDiagnostics compares Terraform's diagnostics with those the cases call
// for. Lines are broken anywhere, so only words count.
func checkDiagnostics(err error, cases []refusal) error {
	said := map[string][]string{}
	for _, diagnostic := range strings.Split(err.Error(), "\nError: ")[1:] {
		said[addressIn(diagnostic)] = append(said[addressIn(diagnostic)], strings.Join(strings.Fields(diagnostic), " "))
	}
	var wrong []error
	for i, c := range cases {
		address := fmt.Sprintf("vpclab_%s.case_%d", c.kind, i)
		if n := len(said[address]); n != 1 {
			wrong = append(wrong, fmt.Errorf("%s (%s): got %d diagnostics, want 1: %q", address, c.arguments, n, said[address]))
		}
		for _, diagnostic := range said[address] {
			for _, words := range c.words {
				if !strings.Contains(diagnostic, words) {
					wrong = append(wrong, fmt.Errorf("%s (%s):\n got  %s\n want %s", address, c.arguments, diagnostic, words))
				}
			}
		}
		delete(said, address)
	}
	for _, address := range slices.Sorted(maps.Keys(said)) {
		wrong = append(wrong, fmt.Errorf("unexpected at %q: %q", address, said[address]))
	}
	return errors.Join(wrong...)
}

var blockOf = regexp.MustCompile(`, in resource "(\w+)" "(\w+)":`)

// addressIn is the resource a diagnostic is about.
func addressIn(diagnostic string) string {
	if block := blockOf.FindStringSubmatch(diagnostic); block != nil {
		return block[1] + "." + block[2]
	}
	return ""
}

// imported are the steps that import a resource by its id, and by its id and
// region. Both must give the state there is, but for the attributes that only
// a configuration knows.
func imported(address string, ignored ...string) []resource.TestStep {
	plain := resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored}
	inRegion := importedFrom(address, "us-west-3")
	inRegion.ImportStateVerifyIgnore = ignored
	return []resource.TestStep{plain, inRegion}
}

// importedFrom imports a resource of a region.
func importedFrom(address, region string) resource.TestStep {
	return resource.TestStep{
		ResourceName: address, ImportState: true, ImportStateVerify: true,
		ImportStateIdFunc: func(s *terraform.State) (string, error) {
			r, ok := s.RootModule().Resources[address]
			if !ok {
				return "", fmt.Errorf("%s is not in the state", address)
			}
			return r.Primary.ID + "@" + region, nil
		},
	}
}

// shown is what a resource shows of itself: by attribute, a string, bool or int;
// nil for null; a set or list of values; a map; a ref; or any known value check.
type shown map[string]any

// The values of attributes besides Go's own.
type (
	set  []any
	list []any
	// ref is the value of another attribute, such as "vpclab_vpc.main.id".
	ref string
	// like is a pattern that matches the whole string.
	like string
)

// has demands that a resource shows these attributes.
func has(address string, want shown) statecheck.StateCheck { return stateOf{address, want, false} }

// hasOnly demands that a resource shows these attributes and has no other.
func hasOnly(address string, want shown) statecheck.StateCheck { return stateOf{address, want, true} }

type stateOf struct {
	address string
	want    shown
	all     bool
}

func (c stateOf) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	attributes := map[string]map[string]any{}
	for _, r := range req.State.Values.RootModule.Resources {
		attributes[r.Address] = r.AttributeValues
	}
	got, ok := attributes[c.address]
	if !ok {
		resp.Error = fmt.Errorf("%s is not in the state", c.address)
		return
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(c.want)) {
		value, ok := got[name]
		if !ok {
			wrong = append(wrong, fmt.Errorf("%s has no attribute %s", c.address, name))
			continue
		}
		want := wanted(c.want[name], attributes)
		if err := want.CheckValue(value); err != nil {
			wrong = append(wrong, fmt.Errorf("%s, %s: got %v, want %s (%w)", c.address, name, value, want, err))
		}
	}
	if c.all {
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if _, ok := c.want[name]; !ok {
				wrong = append(wrong, fmt.Errorf("%s, %s: got %v, and the test says nothing about it", c.address, name, got[name]))
			}
		}
	}
	resp.Error = errors.Join(wrong...)
}

// wanted makes a check of a value of shown.
func wanted(v any, attributes map[string]map[string]any) knownvalue.Check {
	all := func(values []any) []knownvalue.Check {
		checks := make([]knownvalue.Check, len(values))
		for i, v := range values {
			checks[i] = wanted(v, attributes)
		}
		return checks
	}
	switch v := v.(type) {
	case nil:
		return knownvalue.Null()
	case string:
		return knownvalue.StringExact(v)
	case bool:
		return knownvalue.Bool(v)
	case int:
		return knownvalue.Int64Exact(int64(v))
	case set:
		return knownvalue.SetExact(all(v))
	case list:
		return knownvalue.ListExact(all(v))
	case shown:
		fields := map[string]knownvalue.Check{}
		for name, v := range v {
			fields[name] = wanted(v, attributes)
		}
		return knownvalue.MapExact(fields)
	case like:
		return knownvalue.StringRegexp(regexp.MustCompile("^(?:" + string(v) + ")$"))
	case ref:
		i := strings.LastIndexByte(string(v), '.')
		s, ok := attributes[string(v[:i])][string(v[i+1:])].(string)
		if !ok {
			return knownvalue.StringFunc(func(string) error { return fmt.Errorf("there is no %s", v) })
		}
		return knownvalue.StringExact(s)
	case knownvalue.Check:
		return v
	}
	panic(fmt.Sprintf("no check for a %T", v))
}

// memory remembers the value of an attribute from step to step.
type memory struct{ value any }

// same demands the value there was before; the first one will do.
func (m *memory) same() knownvalue.Check { return remembered{m, false} }

// other demands a value unlike the one there was before.
func (m *memory) other() knownvalue.Check { return remembered{m, true} }

type remembered struct {
	memory *memory
	other  bool
}

func (r remembered) CheckValue(got any) error {
	before := r.memory.value
	r.memory.value = got
	if before != nil && cmp.Equal(before, got) == r.other {
		return fmt.Errorf("got %v", got)
	}
	return nil
}

func (r remembered) String() string {
	if r.other {
		return fmt.Sprintf("other than the step before (%v)", r.memory.value)
	}
	return "as in the step before"
}
