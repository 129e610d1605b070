// Package labtest opens labs for tests, which only tests import: each lab is
// in a directory of its own, and every invariant of its world is checked when
// the test ends.
package labtest

import (
	"context"
	"errors"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
)

// Open opens an empty lab that lasts as long as the test.
func Open(t testing.TB) *lab.Lab {
	t.Helper()
	return OpenWith(t, lab.Options{})
}

// OpenWith opens a lab. Without a store it is in a directory of the test's.
func OpenWith(t testing.TB, o lab.Options) *lab.Lab {
	t.Helper()
	if o.Store == "" {
		o.Store = t.TempDir()
	}
	l, err := lab.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkAndClose(t, l, o) })
	return l
}

// checkAndClose opens a lab again that the test has closed.
func checkAndClose(t testing.TB, l *lab.Lab, o lab.Options) {
	t.Helper()
	err := l.View(context.Background(), func(*engine.ReadTx) error { return nil })
	if errors.Is(err, lab.ErrClosed) {
		o.Store = l.Location()
		if l, err = lab.Open(context.Background(), o); err != nil {
			t.Errorf("opening the lab to check it: %v", err)
			return
		}
	}
	Check(t, l)
	if err := l.Close(); err != nil {
		t.Errorf("closing the lab: %v", err)
	}
}

// Check fails the test if the lab's world breaks an invariant.
func Check(t testing.TB, l *lab.Lab) {
	t.Helper()
	world, err := l.Fork(context.Background())
	if err != nil {
		t.Errorf("checking the lab: %v", err)
		return
	}
	for _, violation := range world.Check() {
		t.Errorf("the lab breaks an invariant: %v", violation)
	}
}
