package lab_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/memory"
)

// observed is a journal that counts its commits, and fails them if told to.
type observed struct {
	journal.Journal
	commits atomic.Int64
	ended   atomic.Int64 // writes that have ended one way or the other
	failure error
}

func (o *observed) Write(ctx context.Context, fn func(journal.Writer) error) error {
	appended := false
	err := o.Journal.Write(ctx, func(w journal.Writer) error {
		if err := fn(observedWriter{w, &appended}); err != nil {
			return err
		}
		return o.failure
	})
	if appended && err == nil {
		o.commits.Add(1)
	}
	o.ended.Add(1)
	return err
}

type observedWriter struct {
	journal.Writer
	appended *bool
}

func (w observedWriter) Append(e journal.Entry) (int64, error) {
	*w.appended = true
	return w.Writer.Append(e)
}

// inMemory gives a lab in memory, its journal, and another journal of the same
// lab, as another process would have.
func inMemory(t testing.TB) (*lab.Lab, *observed, journal.Journal) {
	t.Helper()
	store := memory.NewStore()
	o := &observed{Journal: store.Open(journal.Identity{Name: "test", Account: "123456789012"})}
	l, err := lab.New(t.Context(), o, lab.Options{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, o, store.Open(journal.Identity{})
}

// whileLocked holds a lab's lock through another journal until start has
// started what it will and all of that waits.
func whileLocked(t testing.TB, other journal.Journal, start func(*sync.WaitGroup)) {
	t.Helper()
	var group sync.WaitGroup
	err := other.Write(t.Context(), func(journal.Writer) error {
		start(&group)
		synctest.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	group.Wait()
}

func TestUpdatesShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, journal, other := inMemory(t)
		failure := errors.New("one of them fails")
		whileLocked(t, other, func(group *sync.WaitGroup) {
			for i := range 10 {
				group.Go(func() {
					var want error
					if i == 5 {
						want = failure
					}
					err := l.Update(t.Context(), func(tx *engine.Tx) error {
						if _, err := createVPC(tx, fmt.Sprint(i)); err != nil {
							return err
						}
						return want
					})
					if err != want {
						t.Errorf("update %d: %v, want %v", i, err, want)
					}
				})
			}
		})
		if got := journal.commits.Load(); got != 1 {
			t.Errorf("10 updates took %d commits, want 1", got)
		}
		wantNames(t, l, "0", "1", "2", "3", "4", "6", "7", "8", "9")
		if got := len(history(t, l)); got != 9 {
			t.Errorf("10 updates, one of which failed, left %d events, want 9", got)
		}
	})
}

func TestACommitThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, journal, other := inMemory(t)
		newVPC(t, l, "before")
		journal.failure = errors.New("the disk is on fire")
		whileLocked(t, other, func(group *sync.WaitGroup) {
			for i := range 3 {
				group.Go(func() {
					err := l.Update(t.Context(), func(tx *engine.Tx) error {
						_, err := createVPC(tx, fmt.Sprint(i))
						return err
					})
					if err != journal.failure {
						t.Errorf("update %d: %v, want %v", i, err, journal.failure)
					}
				})
			}
		})
		wantNames(t, l, "before")
		journal.failure = nil
		newVPC(t, l, "after")
		wantNames(t, l, "after", "before")
		wantHistory(t, l, "1 CreateVpc", "2 CreateVpc")
	})
}

func TestAnUpdateThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, journal, other := inMemory(t)
		create := func(ctx context.Context, name string) error {
			return l.Update(ctx, func(tx *engine.Tx) error {
				_, err := createVPC(tx, name)
				return err
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := create(ctx, "cancelled before"); err != context.Canceled {
			t.Errorf("cancelled before: %v", err)
		}
		whileLocked(t, other, func(group *sync.WaitGroup) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := create(ctx, "alone"); err != context.DeadlineExceeded {
				t.Errorf("one who waited alone: %v", err)
			}
			synctest.Wait()
			if journal.ended.Load() != 1 {
				t.Error("the lab waits for the lock although nobody needs it any more")
			}
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := create(ctx, "impatient"); err != context.DeadlineExceeded {
					t.Errorf("one who waited with others: %v", err)
				}
			})
			group.Go(func() {
				if err := create(t.Context(), "patient"); err != nil {
					t.Errorf("one who went on waiting: %v", err)
				}
			})
			time.Sleep(2 * time.Second)
		})
		wantNames(t, l, "patient")
		if got := journal.commits.Load(); got != 1 {
			t.Errorf("%d commits, want 1", got)
		}
	})
}

func TestAContextThatEndsTooLate(t *testing.T) {
	l, _, _ := inMemory(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Update(ctx, func(tx *engine.Tx) error {
		_, err := createVPC(tx, "a")
		cancel()
		return err
	})
	if err != nil {
		t.Errorf("an update that was committed fails with %v", err)
	}
	wantNames(t, l, "a")
}

func TestClosingWaitsForUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, other := inMemory(t)
		whileLocked(t, other, func(group *sync.WaitGroup) {
			group.Go(func() {
				err := l.Update(t.Context(), func(tx *engine.Tx) error {
					_, err := createVPC(tx, "a")
					return err
				})
				if err != nil {
					t.Errorf("an update that had begun fails with %v", err)
				}
			})
			synctest.Wait()
			group.Go(func() { l.Close() })
		})
		if revision, err := other.Revision(t.Context()); err != nil || revision != 1 {
			t.Errorf("the journal is at revision %d, %v; want 1", revision, err)
		}
	})
}

// A view is never held up, neither by an update that runs nor by one that
// waits.
func TestAViewDoesNotWait(t *testing.T) {
	l, err := lab.Open(t.Context(), lab.Options{Store: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	newVPC(t, l, "a")
	err = l.Update(t.Context(), func(tx *engine.Tx) error {
		if _, err := createVPC(tx, "b"); err != nil {
			return err
		}
		wantNames(t, l, "a")
		_, err := l.Fork(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, l, "a", "b")
}
