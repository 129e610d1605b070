package refinement

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

func TestMain(m *testing.M) {
	cli, err := terraformcli.Find(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cli.Setenv("")
	os.Exit(m.Run())
}

// Each configuration is the body of a resource that is to see, in its first plan,
// the ids of the named interfaces, none of which exists.
var references = map[string]struct {
	body string
	sees []string
}{
	"direct":         {`ref = test_interface.a.id`, []string{"a"}},
	"local":          {`ref = local.a`, []string{"a"}},
	"module output":  {`ref = module.m.id`, []string{"in module"}},
	"for_each":       {`ref = test_interface.each["x"].id`, []string{"each x"}},
	"for":            {`refs = [for i in test_interface.each : i.id]`, []string{"each x", "each y"}},
	"for map":        {`tags = { for k, i in test_interface.each : k => i.id }`, []string{"each x", "each y"}},
	"count":          {`ref = test_interface.counted[1].id`, []string{"counted 1"}},
	"splat":          {`refs = test_interface.counted[*].id`, []string{"counted 0", "counted 1"}},
	"one splat":      {`ref = one(test_interface.single[*].id)`, []string{"single"}},
	"one set":        {`ref = one(toset([test_interface.a.id]))`, []string{"a"}},
	"set":            {`refs = [test_interface.a.id, test_interface.b.id]`, []string{"a", "b"}},
	"set twice":      {`refs = [test_interface.a.id, test_interface.a.id, test_interface.b.id]`, []string{"a", "b"}},
	"set to list":    {`refs = tolist(toset([test_interface.a.id]))`, []string{"a"}},
	"conditional":    {`ref = local.yes ? test_interface.a.id : test_interface.b.id`, []string{"a"}},
	"template alone": {`ref = "${test_interface.a.id}"`, []string{"a"}},
	"lookup":         {`ref = lookup({ a = test_interface.a.id }, "a", "")`, []string{"a"}},
	"merge":          {`tags = merge({ a = test_interface.a.id }, { b = test_interface.b.id })`, []string{"a", "b"}},
	"concat":         {`refs = concat([test_interface.a.id], [test_interface.b.id])`, []string{"a", "b"}},
	"flatten":        {`refs = flatten([[test_interface.a.id], [[test_interface.b.id]]])`, []string{"a", "b"}},
	"element":        {`ref = element([test_interface.a.id, test_interface.b.id], 1)`, []string{"b"}},
	"map":            {`tags = { a = test_interface.a.id }`, []string{"a"}},
	"block":          {"item {\n ref = test_interface.a.id\n}\nitem {\n ref = test_interface.b.id\n}", []string{"a", "b"}},
	"set block":      {"attachment {\n ref = test_interface.a.id\n}\nattachment {\n ref = test_interface.b.id\n}", []string{"a", "b"}},
	"dynamic block":  {"dynamic \"item\" {\n for_each = [test_interface.a.id]\n content {\n ref = item.value\n}\n}", []string{"a"}},
	"objects":        {`objects = [{ ref = test_interface.a.id, index = 0 }, { ref = test_interface.b.id, index = 1 }]`, []string{"a", "b"}},
	"objects twice":  {`objects = [{ ref = test_interface.a.id, index = 0 }, { ref = test_interface.a.id, index = 0 }]`, []string{"a"}},
	"dynamic":        {`anything = test_interface.a.id`, []string{"a"}},
	"dynamic object": {`anything = { list = [test_interface.a.id, { b = test_interface.b.id }] }`, []string{"a", "b"}},
	"keys":           {`ref = test_interface.routes.id`, []string{"with routes"}},

	// What Terraform itself forgets, or what is not the id.
	"template before":     {`ref = "${test_interface.a.id}/x"`, nil},
	"template after":      {`ref = "x/${test_interface.a.id}"`, nil},
	"unknown conditional": {`ref = test_interface.a.id == terraform_data.x.id ? test_interface.a.id : test_interface.b.id`, nil},
	"another provider's":  {`ref = terraform_data.x.id`, nil},
	"keys of a map":       {`tags = test_interface.routes.routes`, nil},
	"upper":               {`ref = upper(test_interface.a.id)`, nil},
	"coalesce":            {`ref = coalesce(null, test_interface.a.id)`, nil},
	"try":                 {`ref = try(test_interface.a.id, "")`, nil},
	"distinct":            {`refs = distinct([test_interface.a.id, test_interface.b.id])`, nil},
}

const interfaces = `
locals {
  a   = test_interface.a.id
  yes = true
}

resource "terraform_data" "x" {}

module "m" {
  source = %q
  ref    = test_interface.a.id
}

resource "test_interface" "a" {
  name = "a"
}

resource "test_interface" "b" {
  name = "b"
}

resource "test_interface" "routes" {
  name = "with routes"
}

resource "test_interface" "each" {
  for_each = toset(["x", "y"])
  name     = "each ${each.key}"
}

resource "test_interface" "counted" {
  count = 2
  name  = "counted ${count.index}"
}

resource "test_interface" "single" {
  count = 1
  name  = "single"
}
`

const copies = `
resource "terraform_data" "copy" {
  input            = test_interface.a.id
  triggers_replace = [test_interface.a.id, test_interface.b.arn]
}
`

const module = `
variable "ref" {
  type = string
}

resource "test_interface" "this" {
  name = "in module"
  ref  = var.ref
}

output "id" {
  value = test_interface.this.id
}
`

func TestTerraform(t *testing.T) {
	t.Run("other ids in the second plan", func(t *testing.T) {
		account := newAccount()
		resource.UnitTest(t, resource.TestCase{Steps: []resource.TestStep{
			account.step(configuration(t, "")),
			account.step(nothing(t)),
		}})
		account.check(t)
	})
	t.Run("the same ids in the second plan", func(t *testing.T) {
		account := newAccount()
		account.stable = true
		resource.UnitTest(t, resource.TestCase{Steps: []resource.TestStep{
			account.step(configuration(t, copies)),
			account.step(nothing(t)),
		}})
		account.check(t)
	})
	// Why the ids should be the same: Terraform's own terraform_data, unlike the
	// resources of other providers, plans to have the very prefix that its input has.
	t.Run("terraform_data", func(t *testing.T) {
		account := newAccount()
		step := account.step(configuration(t, copies))
		step.ExpectError = regexp.MustCompile(`(?s)inconsistent final plan.*terraform_data\.copy`)
		resource.UnitTest(t, resource.TestCase{Steps: []resource.TestStep{step, account.step(nothing(t))}})
	})
}

// step has the provider of its own, instead of one of the test case's, for that
// has it begin with init.
func (a *account) step(dir string) resource.TestStep {
	return resource.TestStep{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"test": func() (tfprotov6.ProviderServer, error) { return a.serve(), nil },
		},
		ConfigDirectory: config.StaticDirectory(dir),
	}
}

// check compares what the first plan for each interface saw with what there was to
// be seen, and makes sure that apply met nothing but what is real.
func (a *account) check(t *testing.T) {
	t.Helper()
	planned := map[string]bool{}
	for _, s := range a.sights {
		reference, ok := references[s.name]
		if !ok || planned[s.name] {
			continue
		}
		planned[s.name] = true
		want := []string{}
		for _, name := range reference.sees {
			want = append(want, s.planned[name])
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, s.refs, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("in the first plan for %q (-want +got):\n%s", s.name, diff)
		}
	}
	for name := range references {
		if !planned[name] {
			t.Errorf("%q was not planned", name)
		}
	}
	for _, s := range a.surprise {
		t.Error("apply: " + s)
	}
}

// configuration returns a directory with all of the references, and more.
func configuration(t *testing.T, more string) string {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "module"), 0o755); err != nil {
		t.Fatal(err)
	}
	var root strings.Builder
	fmt.Fprintf(&root, interfaces, filepath.ToSlash(filepath.Join(dir, "module")))
	for name, reference := range references {
		label := strings.NewReplacer(" ", "_", "'", "").Replace(name)
		fmt.Fprintf(&root, "\nresource \"test_interface\" \"see_%s\" {\n  name = %q\n  %s\n}\n", label, name, reference.body)
	}
	root.WriteString(more)
	write(t, filepath.Join(dir, "main.tf"), root.String())
	write(t, filepath.Join(dir, "module", "main.tf"), module)
	return dir
}

// nothing returns a directory with an empty configuration. The test framework
// cannot clean up after for_each.
func nothing(t *testing.T) string {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.tf"), "")
	return dir
}

func write(t *testing.T, path, content string) {
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
