// Package truth tests that plans tell the truth: what is planned without error
// can be applied, leaves nothing to plan and can be destroyed again; and what is
// refused cannot be had. Configurations are generated, the core of Terraform is
// played in process, and what is possible is said by an oracle of its own.
package truth

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
)

// TestMain has few configurations tried, unless -rapid.checks=N says how many.
func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		if err := flag.Set("rapid.checks", "12"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestPlanTellsTheTruth is the promise of the provider, tried on configurations
// that are generated, applied, changed and destroyed.
func TestPlanTellsTheTruth(t *testing.T) {
	count := statistics{Edits: map[string]int{}}
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) { newScene(rt, folder, &count).play() })
	t.Logf("%+v", count)
}

// statistics tell what the generator came up with.
type statistics struct {
	Cases, Plans, Refused, Applied, Changes, Resources int
	Edits                                              map[string]int
}

// patience is how long an apply may take. Waiting for each other takes changes
// milliseconds; the provider would wait longer, for what will never be.
const patience = 10 * time.Second

// scene is a lab in which a configuration is applied, changed and destroyed.
type scene struct {
	t         *rapid.T
	ctx       context.Context
	count     *statistics
	lab       *lab.Lab
	terraform *terraform
	author    author
	applied   configuration
	told      []string // what has happened
}

func newScene(t *rapid.T, folder string, count *statistics) *scene {
	store, err := os.MkdirTemp(folder, "")
	s := &scene{t: t, ctx: t.Context(), count: count, author: author{t: t}}
	if err == nil {
		s.lab, err = lab.Open(s.ctx, lab.Options{Store: filepath.Join(store, "labs")})
	}
	if err == nil {
		s.terraform, err = newTerraform(s.ctx, filepath.Join(store, "labs"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.lab.Close(); os.RemoveAll(store) })
	return s
}

func (s *scene) play() {
	s.count.Cases++
	for range 2 + s.author.below(4, "steps") {
		again := s.write()
		s.run(again)
	}
	s.author.c = configuration{}
	s.run(nil)
	s.checkEmpty()
}

// write changes the configuration. One that is impossible is kept now and then.
func (s *scene) write() (again map[string]bool) {
	a := &s.author
	edits, number := slices.Concat(additions, changes, changes, changes), 1+a.below(10, "edits")
	if len(s.terraform.state) == 0 {
		edits, number = additions, 8+a.below(24, "edits")
	}
	if there := slices.Sorted(maps.Keys(s.terraform.state)); len(there) > 0 && a.chance(20, "again") {
		again = map[string]bool{pick(a, there, "again"): true}
	}
	wild := a.chance(40, "wild")
	for range number {
		before := a.c.clone()
		name := a.edit(edits...)
		impossible, racy := judge(s.applied, a.c, again, s.terraform.current())
		if racy || len(impossible) > 0 && !(wild && a.chance(40, "keep")) || a.c.size() > 30 {
			a.c = before
			name += " (reverted)"
		}
		s.count.Edits[name]++
	}
	if _, racy := judge(s.applied, a.c, again, s.terraform.current()); racy {
		return nil // nothing was left of the edits, and what is there cannot be made again
	}
	return again
}

func (s *scene) random() *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(s.t, "order"), 0))
}

// run plans and applies the configuration; what is refused is forgotten.
func (s *scene) run(again map[string]bool) {
	config := s.author.c
	s.told = append(s.told, fmt.Sprintf("=== configuration, -replace=%q\n%s", slices.Sorted(maps.Keys(again)), config))
	impossible, racy := judge(s.applied, config, again, s.terraform.current())
	if racy {
		return // with the -replace
	}
	s.count.Plans++
	s.count.Resources += config.size()
	declarations := config.declarations()
	changes, err := s.terraform.plan(s.ctx, declarations, again, s.random())
	refusal, isRefused := errors.AsType[*refused](err)
	switch {
	case isRefused && len(impossible) > 0:
		s.count.Refused++
		s.told = append(s.told, "=== refused, rightly: "+refusal.Error())
		s.author.c = s.applied.clone()
		return
	case isRefused:
		s.fail("the plan refuses what is possible", err)
	case err != nil:
		s.fail("the plan fails", err)
	case len(impossible) > 0:
		s.fail("the plan accepts what is impossible", errors.New(strings.Join(impossible, "; ")))
	}
	s.tellPlan(changes)
	s.count.Applied++
	if err := s.terraform.apply(s.ctx, changes, patience, s.random()); err != nil {
		s.fail("what was planned cannot be applied", err)
	}
	s.applied = config.clone()
	changes, err = s.terraform.plan(s.ctx, declarations, nil, s.random())
	if err != nil {
		s.fail("the next plan fails", err)
	}
	for _, address := range slices.Sorted(maps.Keys(changes)) {
		if c := changes[address]; c.action != noop {
			s.tellPlan(changes)
			s.fail("the next plan is not empty", fmt.Errorf("%s: %s\nfrom %#v\nto %#v", address, c.action, c.prior.value, c.planned))
		}
	}
	s.checkWorld()
}

func (s *scene) tellPlan(changes map[string]*change) {
	s.told = append(s.told, "=== plan")
	for _, address := range slices.Sorted(maps.Keys(changes)) {
		if changes[address].action != noop {
			s.count.Changes++
			s.told = append(s.told, fmt.Sprintf("  %s: %s", address, changes[address].action))
		}
	}
}

func (s *scene) fail(what string, err error) {
	s.t.Helper()
	s.t.Fatalf("%s: %v\n\n%s\n=== calls\n%s", what, err, strings.Join(s.told, "\n"), strings.Join(s.terraform.log, "\n"))
}

func (s *scene) checkWorld() {
	world, err := s.lab.Fork(s.ctx)
	if err != nil {
		s.fail("the lab cannot be read", err)
	}
	for _, v := range world.Check() {
		s.fail("the lab is inconsistent", errors.New(v.String()))
	}
}

// checkEmpty: nothing is left but terminated instances.
func (s *scene) checkEmpty() {
	err := s.lab.View(s.ctx, func(tx *engine.ReadTx) error {
		for o := range tx.Objects() {
			if i, ok := o.(*ec2.Instance); !ok || i.State != ec2.InstanceTerminated {
				return fmt.Errorf("%s %s", o.Ref().Kind, o.Ref().ID)
			}
		}
		return nil
	})
	if err != nil {
		s.fail("destroy has left something", err)
	}
}

// current is what the state says of addresses.
func (t *terraform) current() map[string]current {
	now := map[string]current{}
	for address, o := range t.state {
		switch kind, name, _ := strings.Cut(address, "."); kind {
		case kindInterface:
			now[name] = current{stringsOf(o.value.GetAttr("private_ip_list")), slices.Sorted(slices.Values(stringsOf(o.value.GetAttr("private_ips"))))}
		case kindInstance:
			now[name] = current{addresses: append([]string{o.value.GetAttr("private_ip").AsString()}, stringsOf(o.value.GetAttr("secondary_private_ips"))...)}
		}
	}
	return now
}

func stringsOf(v cty.Value) (list []string) {
	for _, e := range v.AsValueSlice() {
		list = append(list, e.AsString())
	}
	return list
}
