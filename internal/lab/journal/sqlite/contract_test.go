package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/journaltest"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/sqlite"
)

func TestContract(t *testing.T) {
	journaltest.Run(t, func(t testing.TB) journaltest.Place {
		// A name with everything in it that means something in a URI.
		path := filepath.Join(t.TempDir(), "100% of a lab?", "what #1 = a&b.db")
		return func(identity journal.Identity) (journal.Journal, error) {
			return sqlite.Open(t.Context(), path, sqlite.Options{Identity: identity})
		}
	})
}
