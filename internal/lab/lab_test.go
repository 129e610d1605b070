package lab_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/labtest"
)

const region = "us-west-1"

// createVPC makes a VPC with a Name tag.
func createVPC(tx *engine.Tx, name string) (*ec2.VPC, error) {
	return tx.In(region).CreateVPC(engine.CreateVPCInput{
		CIDRBlock: netip.MustParsePrefix("10.0.0.0/16"),
		Tags:      ec2.Tags{"Name": name},
	})
}

// newVPC makes a VPC in a lab and gives its id.
func newVPC(t testing.TB, l *lab.Lab, name string) (id string) {
	t.Helper()
	err := l.Update(t.Context(), func(tx *engine.Tx) error {
		vpc, err := createVPC(tx, name)
		if err == nil {
			id = vpc.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// rename gives a VPC another Name tag, and gives the one it had.
func rename(tx *engine.Tx, id, name string) (before string, err error) {
	vpc, ok := tx.In(region).VPC(id)
	if !ok {
		return "", fmt.Errorf("there is no VPC %s", id)
	}
	return vpc.Tags.Name(), tx.In(region).SetTags(vpc.Ref(), ec2.Tags{"Name": name})
}

// names are the Name tags of all VPCs, sorted.
func names(t testing.TB, l *lab.Lab) []string {
	t.Helper()
	list := []string{}
	err := l.View(t.Context(), func(tx *engine.ReadTx) error {
		for o := range tx.Objects() {
			if o.Ref().Kind == ec2.KindVPC {
				list = append(list, o.Head().Tags.Name())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func wantNames(t testing.TB, l *lab.Lab, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), names(t, l)); diff != "" {
		t.Errorf("VPCs (-want +got):\n%s", diff)
	}
}

// history is what the lab's events tell, one line for each.
func history(t testing.TB, l *lab.Lab) []string {
	t.Helper()
	events, err := l.Events(t.Context(), lab.EventRange{})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, e := range events {
		line := fmt.Sprint(e.Revision)
		for _, a := range e.Actions {
			line += " " + a.Name
		}
		lines = append(lines, line)
	}
	return lines
}

func wantHistory(t testing.TB, l *lab.Lab, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), history(t, l)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestALabLasts(t *testing.T) {
	store := t.TempDir()
	l := labtest.OpenWith(t, lab.Options{Store: store, Name: "first"})
	wantNames(t, l)
	id := newVPC(t, l, "a")
	newVPC(t, l, "b")
	err := l.Update(t.Context(), func(tx *engine.Tx) error { return tx.In(region).DeleteVPC(id) })
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, l, "b")
	if l.Account() != ec2.AccountID("first") {
		t.Errorf("account %s, want %s", l.Account(), ec2.AccountID("first"))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	again := labtest.OpenWith(t, lab.Options{Store: store, Name: "first"})
	wantNames(t, again, "b")
	wantHistory(t, again, "1 CreateVpc", "2 CreateVpc", "3 DeleteVpc")
	newVPC(t, again, "c")
	wantNames(t, again, "b", "c")

	other := labtest.OpenWith(t, lab.Options{Store: store, Name: "second"})
	wantNames(t, other)
	if other.Account() == again.Account() {
		t.Error("two labs have the same account")
	}
}

func TestTwoLabsOnOneFile(t *testing.T) {
	store := t.TempDir()
	a := labtest.OpenWith(t, lab.Options{Store: store})
	b := labtest.OpenWith(t, lab.Options{Store: store})
	id := newVPC(t, a, "a1") // b has seen that there is no lab
	wantNames(t, b, "a1")
	newVPC(t, b, "b1")
	wantNames(t, a, "a1", "b1")
	err := b.Update(t.Context(), func(tx *engine.Tx) error { return tx.In(region).DeleteVPC(id) })
	if err != nil {
		t.Fatal(err)
	}
	newVPC(t, a, "a2") // catches up under the lock
	wantNames(t, a, "a2", "b1")
	wantNames(t, b, "a2", "b1")
}

func TestACopiedLabKeepsItsAccount(t *testing.T) {
	directory := t.TempDir()
	l := labtest.OpenWith(t, lab.Options{Store: directory, Name: "original"})
	newVPC(t, l, "a")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	early := labtest.OpenWith(t, lab.Options{Store: filepath.Join(directory, "copy.db")})
	contents, err := os.ReadFile(filepath.Join(directory, "original.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "copy.db"), contents, 0o666); err != nil {
		t.Fatal(err)
	}
	late := labtest.OpenWith(t, lab.Options{Store: filepath.Join(directory, "copy.db")})
	newVPC(t, early, "b")
	newVPC(t, late, "c")
	want := ec2.AccountID("original")
	for _, l := range []*lab.Lab{early, late} {
		if got := l.Account(); got != want {
			t.Errorf("account %s, want %s", got, want)
		}
		wantNames(t, l, "a", "b", "c")
		err := l.View(t.Context(), func(tx *engine.ReadTx) error {
			for o := range tx.Objects() {
				if got := o.Head().OwnerID; got != want {
					t.Errorf("%s is owned by %s, want %s", o.Ref().ID, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAFunctionThatFails(t *testing.T) {
	l := labtest.Open(t)
	newVPC(t, l, "a")
	failure := errors.New("as it is")
	err := l.Update(t.Context(), func(tx *engine.Tx) error {
		if _, err := createVPC(tx, "b"); err != nil {
			t.Error(err)
		}
		return failure
	})
	if err != failure {
		t.Errorf("the error became %v", err)
	}
	err = l.Update(t.Context(), func(tx *engine.Tx) error { return tx.In(region).DeleteVPC("vpc-0123456789abcdef0") })
	if refusal, ok := errors.AsType[*ec2.Error](err); !ok || refusal.Code != "InvalidVpcID.NotFound" {
		t.Errorf("the refusal became %v", err)
	}
	if err := l.View(t.Context(), func(*engine.ReadTx) error { return failure }); err != failure {
		t.Errorf("the error became %v", err)
	}
	wantNames(t, l, "a")
	wantHistory(t, l, "1 CreateVpc")
}

func TestAFunctionThatPanics(t *testing.T) {
	l := labtest.Open(t)
	func() {
		defer func() {
			if r := recover(); r != "oh" {
				t.Errorf("the panic became %v", r)
			}
		}()
		_ = l.Update(t.Context(), func(tx *engine.Tx) error {
			_, _ = createVPC(tx, "a")
			panic("oh")
		})
	}()
	done := make(chan struct{})
	go func() { // as t.Fatal in a function would
		defer close(done)
		_ = l.Update(t.Context(), func(tx *engine.Tx) error {
			_, _ = createVPC(tx, "a")
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	newVPC(t, l, "b")
	wantNames(t, l, "b")
}

func TestAFunctionThatChangesNothing(t *testing.T) {
	l := labtest.Open(t)
	id := newVPC(t, l, "a")
	for name, fn := range map[string]func(*engine.Tx) error{
		"does nothing": func(*engine.Tx) error { return nil },
		"makes and deletes": func(tx *engine.Tx) error {
			vpc, err := createVPC(tx, "b")
			if err != nil {
				return err
			}
			return tx.In(region).DeleteVPC(vpc.ID)
		},
		"changes and changes back": func(tx *engine.Tx) error {
			for _, name := range []string{"b", "a"} {
				if _, err := rename(tx, id, name); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		if err := l.Update(t.Context(), fn); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantNames(t, l, "a")
	wantHistory(t, l, "1 CreateVpc")
}

func TestAFork(t *testing.T) {
	l := labtest.Open(t)
	newVPC(t, l, "a")
	fork, err := l.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx := fork.Begin()
	if _, err := createVPC(tx, "rehearsed"); err != nil {
		t.Fatal(err)
	}
	tx.Commit()
	newVPC(t, l, "b")
	wantNames(t, l, "a", "b")
	count := 0
	for o := range fork.View().Objects() {
		if o.Ref().Kind == ec2.KindVPC {
			count++
		}
	}
	if count != 2 {
		t.Errorf("the fork has %d VPCs, want a and the rehearsed one", count)
	}
}

func TestEvents(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := labtest.OpenWith(t, lab.Options{Env: func(account string) engine.Env {
		env := engine.SystemEnv(account)
		env.Now = func() time.Time { return now }
		env.ManagedBy = "terraform"
		return env
	}})
	id := newVPC(t, l, "a")
	now = now.Add(time.Hour)
	newVPC(t, l, "b")
	events, err := l.Events(t.Context(), lab.EventRange{})
	if err != nil || len(events) != 2 {
		t.Fatalf("events: %v, %v", events, err)
	}
	want := lab.Event{Revision: 1, Event: engine.Event{
		Time:    now.Add(-time.Hour),
		Actor:   "terraform",
		Actions: []engine.Action{{Name: "CreateVpc", IDs: events[0].Actions[0].IDs}},
	}}
	if diff := cmp.Diff(want, events[0]); diff != "" {
		t.Errorf("the first event (-want +got):\n%s", diff)
	}
	if !slices.Contains(events[0].Actions[0].IDs, id) {
		t.Errorf("the first event names %v, want %s", events[0].Actions[0].IDs, id)
	}
	if last, err := l.Events(t.Context(), lab.EventRange{Last: 1}); err != nil || len(last) != 1 || last[0].Revision != 2 {
		t.Errorf("the last event: %v, %v", last, err)
	}
}

func TestAClosedLab(t *testing.T) {
	l, err := lab.Open(t.Context(), lab.Options{Store: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	watch := l.Watch(t.Context())
	for range 2 {
		if err := l.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	if _, open := <-watch; open {
		t.Error("a closed lab tells of changes")
	}
	if _, open := <-l.Watch(t.Context()); open {
		t.Error("a closed lab tells of changes")
	}
	view := l.View(t.Context(), func(*engine.ReadTx) error { return nil })
	update := l.Update(t.Context(), func(*engine.Tx) error { return nil })
	_, fork := l.Fork(t.Context())
	for what, err := range map[string]error{"View": view, "Update": update, "Fork": fork} {
		if !errors.Is(err, lab.ErrClosed) {
			t.Errorf("%s of a closed lab: %v, want %v", what, err, lab.ErrClosed)
		}
	}
}

func TestPlanningWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	look := func(name string) {
		t.Helper()
		l, err := lab.Open(t.Context(), lab.Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Fork(t.Context()); err != nil {
			t.Error(err)
		}
		names(t, l)
		history(t, l)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	look("new")
	if got := files(t); len(got) > 0 {
		t.Errorf("a look at a lab that does not exist made %v", got)
	}

	l := labtest.OpenWith(t, lab.Options{Store: lab.DefaultStore, Name: "old"})
	newVPC(t, l, "a")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{".vpclab", ".vpclab/.gitignore", ".vpclab/old.db"}
	look("old")
	look("new")
	if diff := cmp.Diff(want, files(t)); diff != "" {
		t.Errorf("files after a look (-want +got):\n%s", diff)
	}
}

// files are the names below the working directory.
func files(t testing.TB) (list []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		if path != "." {
			list = append(list, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestStores(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	working := t.TempDir()
	t.Chdir(working)
	if here, err := os.Getwd(); err == nil {
		working = here // symbolic links resolved
	}
	away := t.TempDir()
	for _, c := range []struct {
		store, name string
		want        string // the file, or the error
	}{
		{"", "", filepath.Join(working, ".vpclab", "default.db")},
		{"", "dev", filepath.Join(working, ".vpclab", "dev.db")},
		{"labs", "A-b_9", filepath.Join(working, "labs", "A-b_9.db")},
		{"labs/", "dev", filepath.Join(working, "labs", "dev.db")},
		{away, "dev", filepath.Join(away, "dev.db")},
		{filepath.Join(away, "x.db"), "dev", filepath.Join(away, "x.db")},
		{"some/x.sqlite", "", filepath.Join(working, "some", "x.sqlite")},
		{"sqlite:labs", "dev", filepath.Join(working, "labs", "dev.db")},
		{"sqlite:" + away, "dev", filepath.Join(away, "dev.db")},
		{"sqlite://" + away, "dev", filepath.Join(away, "dev.db")},
		{"file:" + filepath.Join(away, "x.db"), "dev", filepath.Join(away, "x.db")},
		{"FILE://" + filepath.Join(away, "x.db"), "dev", filepath.Join(away, "x.db")},
		{"~/labs", "dev", filepath.Join(home, "labs", "dev.db")},
		{"~", "dev", filepath.Join(home, "dev.db")},

		{"postgres://me:secret@host/db", "", "store: PostgreSQL stores are not in this version of vpclab yet; name a directory, or a file that ends in .db"},
		{"postgresql://host/db", "", "store: PostgreSQL stores are not in this version of vpclab yet; name a directory, or a file that ends in .db"},
		{"mysql://me:secret@host/db", "", `store: unknown scheme "mysql:"; known are "sqlite:", "file:" and "postgres:", and a directory is named without one`},
		{"memory:", "", `store: unknown scheme "memory:"; known are "sqlite:", "file:" and "postgres:", and a directory is named without one`},
		{"sqlite:", "", `store "sqlite:": no path follows "sqlite:"; name a directory or a file`},
		{"", "-dev", `lab name "-dev": ` + nameRule},
		{"", "a/b", `lab name "a/b": ` + nameRule},
		{"", "..", `lab name "..": ` + nameRule},
		{"", "zwölf", `lab name "zwölf": ` + nameRule},
		{"", "a\n", `lab name "a\n": ` + nameRule},
		{"", strings.Repeat("a", 65), `lab name "` + strings.Repeat("a", 65) + `": ` + nameRule},
	} {
		l, err := lab.Open(t.Context(), lab.Options{Store: c.store, Name: c.name})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = l.Location()
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		if got != c.want {
			t.Errorf("store %q, name %q:\n got %s\nwant %s", c.store, c.name, got, c.want)
		}
	}
}

const nameRule = "a name has 1 to 64 letters, digits, hyphens and underscores, and begins with a letter or a digit"
