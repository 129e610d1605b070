package lab_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/memory"
)

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.NewStore()
		labs := make([]*lab.Lab, 2)
		for i := range labs {
			l, err := lab.New(t.Context(), store.Open(journal.Identity{Name: "test", Account: "123456789012"}), lab.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			labs[i] = l
		}
		here, there := labs[0], labs[1]

		newVPC(t, here, "before")
		ctx, cancel := context.WithCancel(t.Context())
		first, second := here.Watch(ctx), here.Watch(t.Context())
		quiet := func(why string) {
			t.Helper()
			time.Sleep(time.Second)
			for _, w := range []<-chan int64{first, second} {
				select {
				case revision, open := <-w:
					t.Errorf("%s: told of revision %d, %v", why, revision, open)
				default:
				}
			}
		}
		quiet("nothing has happened")

		newVPC(t, here, "here")
		for _, w := range []<-chan int64{first, second} {
			select {
			case revision := <-w:
				if revision != 2 {
					t.Errorf("told of revision %d, want 2", revision)
				}
			default:
				t.Error("not told at once of what this process did")
			}
		}
		quiet("told already")

		began := time.Now() // of the bubble
		newVPC(t, there, "there")
		if revision := <-first; revision != 3 {
			t.Errorf("told of revision %d, want 3", revision)
		}
		if waited := time.Since(began); waited > 100*time.Millisecond {
			t.Errorf("told after %s of what another process did", waited)
		}
		<-second

		for range 5 {
			newVPC(t, here, "many")
		}
		if revision := <-first; revision != 8 {
			t.Errorf("told of revision %d, want the newest, 8", revision)
		}
		<-second

		err := here.Update(t.Context(), func(*engine.Tx) error { return nil })
		if err != nil {
			t.Error(err)
		}
		quiet("nothing was changed")

		cancel()
		if _, open := <-first; open {
			t.Error("the channel is open after the end of its context")
		}
		newVPC(t, there, "later")
		if revision := <-second; revision != 9 {
			t.Errorf("told of revision %d, want 9", revision)
		}
	})
}

// Nobody asks the journal while nobody watches.
func TestNoPollingWithoutWatchers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &asked{Journal: memory.NewStore().Open(journal.Identity{Name: "test", Account: "123456789012"})}
		l, err := lab.New(t.Context(), j, lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range l.Watch(ctx) {
			t.Error("told of something")
		}
		synctest.Wait()
		before := j.times
		if before < 10 {
			t.Errorf("asked %d times in a second of watching", before)
		}
		time.Sleep(time.Minute)
		if j.times != before {
			t.Errorf("asked %d times in a minute in which nobody watched", j.times-before)
		}
	})
}

// asked counts how often the revision was asked for.
type asked struct {
	journal.Journal
	times int
}

func (a *asked) Revision(ctx context.Context) (int64, error) {
	a.times++
	return a.Journal.Revision(ctx)
}
