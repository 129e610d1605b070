// Package journaltest spells out in code what every journal must do. An
// implementation passes if it passes [Run]; only tests import this package.
package journaltest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// Place is where one lab lasts. Every call opens the same lab once more, as
// another process would. What is open is closed by the suite.
type Place func(journal.Identity) (journal.Journal, error)

// Identity is the one the suite opens journals with.
var Identity = journal.Identity{Name: "contract", Account: "123456789012"}

// Run runs the suite. newPlace gives a place where no lab has been.
func Run(t *testing.T, newPlace func(testing.TB) Place) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"a new journal is empty", testNew},
		{"what was appended can be read", testAppend},
		{"a delta has what is newer, and nothing else", testDelta},
		{"a tombstone ends with the object's return", testReturn},
		{"entries of one write have revisions of their own", testEntries},
		{"documents last byte by byte", testDocuments},
		{"what was written is there when opened again", testReopen},
		{"a function that fails leaves nothing", testFailure},
		{"a function that panics leaves nothing and no lock", testPanic},
		{"a function that ends its goroutine leaves nothing and no lock", testGoexit},
		{"a function that appends nothing writes nothing", testNothing},
		{"a writer sees what others wrote", testCatchUp},
		{"a writer sees what it has appended", testOwnEntries},
		{"writers come one after the other", testExclusion},
		{"a reader does not wait for a writer", testReader},
		{"a reader sees whole entries", testSnapshots},
		{"who waits for the lock may give up", testGivingUp},
		{"the context does not matter once the function runs", testLateContext},
		{"events are kept in order", testEvents},
		{"the first to write says whose lab it is", testIdentity},
		{"a closed journal says so", testClosed},
		{"closing waits for the writer", testCloseWaits},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, newPlace(t)) })
	}
}

func open(t testing.TB, place Place) journal.Journal {
	t.Helper()
	return openAs(t, place, Identity)
}

func openAs(t testing.TB, place Place, identity journal.Identity) journal.Journal {
	t.Helper()
	j, err := place(identity)
	if err != nil {
		t.Fatalf("opening the journal: %v", err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("closing the journal: %v", err)
		}
	})
	return j
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func object(id, document string) journal.Object {
	return journal.Object{Ref: ec2.Ref{Kind: ec2.KindVPC, ID: id}, Document: []byte(document)}
}

func gone(id string) journal.Object {
	return journal.Object{Ref: ec2.Ref{Kind: ec2.KindVPC, ID: id}}
}

func entry(objects ...journal.Object) journal.Entry {
	return journal.Entry{Time: start, Objects: objects, Event: []byte(`{}`)}
}

func write(t testing.TB, j journal.Journal, entries ...journal.Entry) {
	t.Helper()
	err := j.Write(t.Context(), func(w journal.Writer) error {
		for _, e := range entries {
			if _, err := w.Append(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
}

// lines gives a delta's objects in words, sorted: `vpc-1@2 {"a":1}`, and
// `vpc-1@2 gone` for a tombstone.
func lines(d journal.Delta) []string {
	out := []string{}
	for _, o := range d.Objects {
		document := string(o.Document)
		if o.Document == nil {
			document = "gone"
		}
		out = append(out, fmt.Sprintf("%s@%d %s", o.ID, o.Revision, document))
	}
	slices.Sort(out)
	return out
}

func wantDelta(t testing.TB, j journal.Journal, since, revision int64, want ...string) {
	t.Helper()
	d, err := j.Read(t.Context(), since)
	if err != nil {
		t.Fatalf("reading since %d: %v", since, err)
	}
	if d.Revision != revision {
		t.Errorf("reading since %d leads to revision %d, want %d", since, d.Revision, revision)
	}
	if diff := cmp.Diff(append([]string{}, want...), lines(d)); diff != "" {
		t.Errorf("reading since %d (-want +got):\n%s", since, diff)
	}
}

func wantRevision(t testing.TB, j journal.Journal, want int64) {
	t.Helper()
	if got, err := j.Revision(t.Context()); err != nil || got != want {
		t.Errorf("the revision is %d, %v; want %d", got, err, want)
	}
}

func testNew(t *testing.T, place Place) {
	j := open(t, place)
	wantRevision(t, j, 0)
	wantDelta(t, j, 0, 0)
	if events, err := j.Events(t.Context(), journal.EventRange{}); err != nil || len(events) > 0 {
		t.Errorf("events of a new journal: %v, %v", events, err)
	}
	if d, _ := j.Read(t.Context(), 0); d.Identity != (journal.Identity{}) {
		t.Errorf("a new journal has the identity %v", d.Identity)
	}
	if j.Location() == "" {
		t.Error("the journal does not say where it is")
	}
}

func testAppend(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j, entry(object("vpc-1", `{"a":1}`), object("vpc-2", `{}`)))
	wantRevision(t, j, 1)
	wantDelta(t, j, 0, 1, `vpc-1@1 {"a":1}`, `vpc-2@1 {}`)

	other := journal.Object{Ref: ec2.Ref{Kind: ec2.KindSubnet, ID: "vpc-1"}, Document: []byte(`"of another kind"`)}
	write(t, j, entry(other))
	wantDelta(t, j, 0, 2, `vpc-1@1 {"a":1}`, `vpc-1@2 "of another kind"`, `vpc-2@1 {}`)
}

func testDelta(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j, entry(object("vpc-1", `1`), object("vpc-2", `1`), object("vpc-3", `1`)))
	write(t, j, entry(object("vpc-1", `2`)))
	write(t, j, entry(gone("vpc-2"), object("vpc-4", `3`)))
	wantDelta(t, j, 0, 3, `vpc-1@2 2`, `vpc-2@3 gone`, `vpc-3@1 1`, `vpc-4@3 3`)
	wantDelta(t, j, 1, 3, `vpc-1@2 2`, `vpc-2@3 gone`, `vpc-4@3 3`)
	wantDelta(t, j, 2, 3, `vpc-2@3 gone`, `vpc-4@3 3`)
	wantDelta(t, j, 3, 3)
}

func testReturn(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j, entry(object("vpc-1", `1`)))
	write(t, j, entry(gone("vpc-1")))
	wantDelta(t, j, 1, 2, `vpc-1@2 gone`)
	write(t, j, entry(object("vpc-1", `3`)))
	wantDelta(t, j, 1, 3, `vpc-1@3 3`)
	write(t, j, entry(gone("vpc-1")))
	wantDelta(t, j, 0, 4, `vpc-1@4 gone`)
	wantDelta(t, j, 1, 4, `vpc-1@4 gone`)
}

func testEntries(t *testing.T, place Place) {
	j := open(t, place)
	var revisions []int64
	err := j.Write(t.Context(), func(w journal.Writer) error {
		for _, e := range []journal.Entry{
			entry(object("vpc-1", `1`), object("vpc-2", `1`)),
			entry(object("vpc-1", `2`)),
			entry(gone("vpc-2")),
		} {
			revision, err := w.Append(e)
			if err != nil {
				return err
			}
			revisions = append(revisions, revision)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, revisions); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
	wantDelta(t, j, 0, 3, `vpc-1@2 2`, `vpc-2@3 gone`)
	wantDelta(t, j, 2, 3, `vpc-2@3 gone`)
}

func testDocuments(t *testing.T, place Place) {
	j := open(t, place)
	documents := []string{
		`{"name":"Zürich – 東京 🛰","nul":"\u0000","quote":"\"'` + "`" + `"}`,
		`{"long":"` + strings.Repeat("0123456789", 200_000) + `"}`,
		"  { \"spaces\" :\t[ 1 , 2 ] }\n",
	}
	for i, d := range documents {
		write(t, j, entry(object(fmt.Sprint("vpc-", i), d)))
	}
	again := open(t, place)
	var want []string
	for i, d := range documents {
		want = append(want, fmt.Sprintf("vpc-%d@%d %s", i, i+1, d))
	}
	wantDelta(t, again, 0, int64(len(documents)), want...)
}

func testReopen(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j, entry(object("vpc-1", `1`), object("vpc-2", `1`)))
	write(t, j, entry(gone("vpc-2")))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, place)
	wantRevision(t, again, 2)
	wantDelta(t, again, 0, 2, `vpc-1@1 1`, `vpc-2@2 gone`)
	wantDelta(t, again, 1, 2, `vpc-2@2 gone`)
	write(t, again, entry(object("vpc-1", `3`)))
	wantDelta(t, again, 0, 3, `vpc-1@3 3`, `vpc-2@2 gone`)
}

func testFailure(t *testing.T, place Place) {
	j := open(t, place)
	failure := errors.New("as it is")
	fail := func() {
		t.Helper()
		err := j.Write(t.Context(), func(w journal.Writer) error {
			if _, err := w.Append(entry(object("vpc-1", `"half"`), gone("vpc-2"))); err != nil {
				t.Error(err)
			}
			return failure
		})
		if err != failure {
			t.Errorf("the error of the function became %v", err)
		}
	}
	fail() // the very first write
	wantDelta(t, j, 0, 0)
	write(t, j, entry(object("vpc-1", `1`), object("vpc-2", `1`)))
	fail()
	wantDelta(t, j, 0, 1, `vpc-1@1 1`, `vpc-2@1 1`)
	write(t, j, entry(object("vpc-1", `2`)))
	wantDelta(t, open(t, place), 0, 2, `vpc-1@2 2`, `vpc-2@1 1`)
}

func testPanic(t *testing.T, place Place) {
	j := open(t, place)
	func() {
		defer func() {
			if r := recover(); r != "oh" {
				t.Errorf("the panic became %v", r)
			}
		}()
		_ = j.Write(t.Context(), func(w journal.Writer) error {
			_, _ = w.Append(entry(object("vpc-1", `1`)))
			panic("oh")
		})
	}()
	wantRevision(t, j, 0)
	write(t, open(t, place), entry(object("vpc-1", `"other"`)))
	wantDelta(t, j, 0, 1, `vpc-1@1 "other"`)
}

func testGoexit(t *testing.T, place Place) {
	j := open(t, place)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = j.Write(t.Context(), func(w journal.Writer) error {
			_, _ = w.Append(entry(object("vpc-1", `1`)))
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	wantRevision(t, j, 0)
	write(t, open(t, place), entry(object("vpc-1", `"other"`)))
	wantDelta(t, j, 0, 1, `vpc-1@1 "other"`)
}

func testNothing(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j)
	wantRevision(t, j, 0)
	write(t, j, entry(object("vpc-1", `1`)))
	write(t, j)
	wantRevision(t, j, 1)
}

func testCatchUp(t *testing.T, place Place) {
	a, b := open(t, place), open(t, place)
	wantRevision(t, b, 0)
	write(t, a, entry(object("vpc-1", `1`)))
	write(t, a, entry(object("vpc-2", `2`)))
	wantRevision(t, b, 2)
	err := b.Write(t.Context(), func(w journal.Writer) error {
		d, err := w.Read(1)
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]string{`vpc-2@2 2`}, lines(d)); d.Revision != 2 || diff != "" {
			t.Errorf("under the lock, since 1, revision %d (-want +got):\n%s", d.Revision, diff)
		}
		if d.Identity != Identity {
			t.Errorf("under the lock the identity is %v, want %v", d.Identity, Identity)
		}
		revision, err := w.Append(entry(object("vpc-1", `3`)))
		if revision != 3 {
			t.Errorf("the next revision is %d, want 3", revision)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantDelta(t, a, 2, 3, `vpc-1@3 3`)
}

func testOwnEntries(t *testing.T, place Place) {
	j := open(t, place)
	err := j.Write(t.Context(), func(w journal.Writer) error {
		if d, err := w.Read(0); err != nil || d.Revision != 0 || len(d.Objects) > 0 {
			t.Errorf("before the first entry: %v, %v", d, err)
		}
		if _, err := w.Append(entry(object("vpc-1", `1`))); err != nil {
			return err
		}
		d, err := w.Read(0)
		if diff := cmp.Diff([]string{`vpc-1@1 1`}, lines(d)); d.Revision != 1 || diff != "" {
			t.Errorf("after the first entry, revision %d (-want +got):\n%s", d.Revision, diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testExclusion(t *testing.T, place Place) {
	const users, turns = 4, 25
	var running atomic.Int32
	var group sync.WaitGroup
	for range users {
		j := open(t, place)
		group.Go(func() {
			for range turns {
				err := j.Write(t.Context(), func(w journal.Writer) error {
					if running.Add(1) > 1 {
						t.Error("two writers hold the lock")
					}
					defer running.Add(-1)
					d, err := w.Read(0)
					if err != nil {
						return err
					}
					n := 0
					for _, o := range d.Objects {
						if _, err := fmt.Sscan(string(o.Document), &n); err != nil {
							return err
						}
					}
					_, err = w.Append(entry(object("vpc-1", fmt.Sprint(n+1))))
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	const all = users * turns
	wantDelta(t, open(t, place), 0, all, fmt.Sprintf("vpc-1@%d %d", all, all))
}

func testReader(t *testing.T, place Place) {
	a, b := open(t, place), open(t, place)
	look := func(revision int64, want ...string) {
		t.Helper()
		for _, j := range []journal.Journal{a, b} {
			wantRevision(t, j, revision)
			wantDelta(t, j, 0, revision, want...)
		}
	}
	write(t, a, entry(object("vpc-1", `1`)))
	err := a.Write(t.Context(), func(w journal.Writer) error {
		look(1, `vpc-1@1 1`)
		if _, err := w.Append(entry(object("vpc-1", `2`))); err != nil {
			return err
		}
		look(1, `vpc-1@1 1`)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	look(2, `vpc-1@2 2`)
}

func testSnapshots(t *testing.T, place Place) {
	a, b := open(t, place), open(t, place)
	const entries = 100
	var group sync.WaitGroup
	var done atomic.Bool
	group.Go(func() {
		defer done.Store(true)
		for i := 1; i <= entries; i++ {
			// vpc-1 and vpc-2 always change together.
			write(t, a, entry(object("vpc-1", fmt.Sprint(i)), object("vpc-2", fmt.Sprint(i))))
		}
	})
	for since := int64(0); ; {
		last := done.Load()
		d, err := b.Read(t.Context(), since)
		if err != nil {
			t.Error(err)
			break
		}
		if d.Revision > since {
			want := []string{fmt.Sprintf("vpc-1@%d %d", d.Revision, d.Revision), fmt.Sprintf("vpc-2@%d %d", d.Revision, d.Revision)}
			if diff := cmp.Diff(want, lines(d)); diff != "" {
				t.Errorf("since %d (-want +got):\n%s", since, diff)
				break
			}
			since = d.Revision
		}
		if last {
			break
		}
	}
	group.Wait()
}

func testGivingUp(t *testing.T, place Place) {
	a, b := open(t, place), open(t, place)
	err := a.Write(t.Context(), func(w journal.Writer) error {
		for _, j := range []journal.Journal{a, b} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			err := j.Write(ctx, func(journal.Writer) error {
				t.Error("two writers hold the lock")
				return nil
			})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the wait ended with %v, want %v", err, context.DeadlineExceeded)
			}
		}
		_, err := w.Append(entry(object("vpc-1", `1`)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, b, entry(object("vpc-1", `2`)))
	wantDelta(t, a, 0, 2, `vpc-1@2 2`)
}

func testLateContext(t *testing.T, place Place) {
	j := open(t, place)
	ctx, cancel := context.WithCancel(t.Context())
	err := j.Write(ctx, func(w journal.Writer) error {
		cancel()
		if _, err := w.Read(0); err != nil {
			return err
		}
		_, err := w.Append(entry(object("vpc-1", `1`)))
		return err
	})
	if err != nil {
		t.Errorf("the write failed with %v", err)
	}
	wantDelta(t, j, 0, 1, `vpc-1@1 1`)
}

func testEvents(t *testing.T, place Place) {
	j := open(t, place)
	const n = 5
	for i := 1; i <= n; i++ {
		at := start.Add(time.Duration(i) * time.Second).In(time.FixedZone("elsewhere", 3600))
		e := journal.Entry{Time: at, Event: fmt.Appendf(nil, `{"n":%d}`, i), Objects: []journal.Object{object("vpc-1", fmt.Sprint(i))}}
		write(t, j, e)
	}
	for _, c := range []struct {
		which journal.EventRange
		want  []int64
	}{
		{journal.EventRange{}, []int64{1, 2, 3, 4, 5}},
		{journal.EventRange{After: 3}, []int64{4, 5}},
		{journal.EventRange{Last: 2}, []int64{4, 5}},
		{journal.EventRange{After: 1, Last: 2}, []int64{4, 5}},
		{journal.EventRange{After: 4, Last: 3}, []int64{5}},
		{journal.EventRange{After: 5}, nil},
		{journal.EventRange{After: 99}, nil},
	} {
		events, err := open(t, place).Events(t.Context(), c.which)
		if err != nil {
			t.Fatal(err)
		}
		var want []journal.Event
		for _, i := range c.want {
			want = append(want, journal.Event{
				Revision: i,
				Time:     start.Add(time.Duration(i) * time.Second),
				Document: fmt.Appendf(nil, `{"n":%d}`, i),
			})
		}
		if diff := cmp.Diff(want, events, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
			t.Errorf("events %+v (-want +got):\n%s", c.which, diff)
		}
	}
}

func testIdentity(t *testing.T, place Place) {
	second := journal.Identity{Name: "second", Account: "222222222222"}
	a, b := open(t, place), openAs(t, place, second)
	write(t, b, entry(object("vpc-1", `1`)))
	write(t, a, entry(object("vpc-1", `2`)))
	for _, j := range []journal.Journal{a, b, open(t, place)} {
		if d, err := j.Read(t.Context(), 0); err != nil || d.Identity != second {
			t.Errorf("the identity is %v, %v; want %v", d.Identity, err, second)
		}
	}
}

func testClosed(t *testing.T, place Place) {
	j := open(t, place)
	write(t, j, entry(object("vpc-1", `1`)))
	for range 2 {
		if err := j.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	_, revision := j.Revision(t.Context())
	_, read := j.Read(t.Context(), 0)
	_, events := j.Events(t.Context(), journal.EventRange{})
	write := j.Write(t.Context(), func(journal.Writer) error {
		t.Error("a closed journal runs a function")
		return nil
	})
	for operation, err := range map[string]error{"Revision": revision, "Read": read, "Events": events, "Write": write} {
		if !errors.Is(err, journal.ErrClosed) {
			t.Errorf("%s of a closed journal: %v, want %v", operation, err, journal.ErrClosed)
		}
	}
}

func testCloseWaits(t *testing.T, place Place) {
	j := open(t, place)
	writing, closed := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := j.Write(t.Context(), func(w journal.Writer) error {
			close(writing)
			select {
			case <-closed:
				t.Error("the journal was closed while a function ran")
			case <-time.After(20 * time.Millisecond):
			}
			_, err := w.Append(entry(object("vpc-1", `1`)))
			return err
		})
		if err != nil {
			t.Errorf("the write failed with %v", err)
		}
	})
	<-writing
	if err := j.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	close(closed)
	group.Wait()
	wantDelta(t, open(t, place), 0, 1, `vpc-1@1 1`)
}
