package engine

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// made creates a VPC from a seed and gives the ids that were minted.
func made(t *testing.T, w *World, seed string) []string {
	t.Helper()
	tx := w.Begin().In(virginia)
	tx.Seed(seed)
	must(tx.CreateVPC(CreateVPCInput{CIDRBlock: netip.MustParsePrefix("10.9.0.0/16")}))
	ids := tx.Minted()
	tx.Commit()
	return ids
}

// The same seed gives the same ids in the same world, so that what a plan made
// up is what apply comes to.
func TestSeededIDs(t *testing.T) {
	s := newScene(t)
	plan, apply := s.Fork(), s.Fork()
	planned := made(t, plan, "a VPC")
	if got := made(t, apply, "a VPC"); !slices.Equal(planned, got) {
		t.Errorf("apply: got %v, want %v", got, planned)
	}
	twin := made(t, plan, "a VPC")
	other := made(t, plan, "another VPC")
	for _, id := range planned {
		if slices.Contains(twin, id) || slices.Contains(other, id) {
			t.Errorf("%s was given twice", id)
		}
	}

	// A replacement is planned while the old VPC is there, and made when it is
	// gone.
	tx := apply.Begin().In(virginia)
	must(0, tx.DeleteVPC(planned[0]))
	tx.Commit()
	if got := made(t, apply, "a VPC"); !slices.Equal(got, twin) {
		t.Errorf("after deletion: got %v, want %v", got, twin)
	}
}

// An id stays spent in a world that is read back from a journal.
func TestSpentIDsLast(t *testing.T) {
	s := newScene(t)
	first := made(t, s.Fork(), "a VPC")
	reloaded := New(s.Env())
	reloaded.Load(slices.Collect(s.View().Objects()), []ec2.Ref{{Kind: ec2.KindVPC, ID: first[0]}})
	if again := made(t, reloaded, "a VPC"); slices.Contains(again, first[0]) {
		t.Errorf("%s was given twice", first[0])
	}
}

func TestAttachmentIDsAreNotGivenTwice(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	seen := map[string]bool{s.busy.Attachment.ID: true}
	must(0, tx.DetachNetworkInterface(s.busy.Attachment.ID))
	for range 3 {
		a := must(tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 2)))
		if seen[a.ID] {
			t.Errorf("%s was given twice", a.ID)
		}
		seen[a.ID] = true
		must(0, tx.DetachNetworkInterface(a.ID))
	}
}
