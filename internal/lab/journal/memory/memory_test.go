package memory_test

import (
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/journaltest"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/memory"
)

func TestContract(t *testing.T) {
	journaltest.Run(t, func(testing.TB) journaltest.Place {
		store := memory.NewStore()
		return func(identity journal.Identity) (journal.Journal, error) { return store.Open(identity), nil }
	})
}
