package lab_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// What is wrong with a file as such is tested where files are, in
// journal/sqlite; here it is what is wrong with its contents.
func TestContentsThatCannotBeUnderstood(t *testing.T) {
	const remedy = "; if another version of vpclab wrote it, use that version; if the lab is damaged, put a good copy in its place"
	for _, c := range []struct {
		name, statement string
		want            string // with FILE for the file's name, ID for the VPC's id
	}{
		{"no JSON", `UPDATE objects SET document = '{"id": "vpc-' WHERE kind = 'vpc'`,
			"lab FILE: vpc ID, last changed by revision 1, cannot be understood (vpc: unexpected end of JSON input)" + remedy},
		{"an address that is none", `UPDATE objects SET document = json_set(document, '$.cidr_block', 'ten') WHERE kind = 'vpc'`,
			`lab FILE: vpc ID, last changed by revision 1, cannot be understood (vpc: netip.ParsePrefix("ten"): no '/')` + remedy},
		{"another object", `UPDATE objects SET document = json_set(document, '$.id', 'vpc-other') WHERE kind = 'vpc'`,
			"lab FILE: vpc ID, last changed by revision 1, cannot be understood (the document is that of vpc vpc-other)" + remedy},
		{"an unknown kind", `UPDATE objects SET kind = 'quantum-gateway' WHERE kind = 'vpc'`,
			`lab FILE: quantum-gateway ID, last changed by revision 1, cannot be understood (unknown kind of object "quantum-gateway")` + remedy},
		{"nothing", `UPDATE objects SET document = '' WHERE kind = 'vpc'`,
			"lab FILE: vpc ID, last changed by revision 1, cannot be understood (vpc: unexpected end of JSON input)" + remedy},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.db")
			l, err := lab.Open(t.Context(), lab.Options{Store: file})
			if err != nil {
				t.Fatal(err)
			}
			id := newVPC(t, l, "a")
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(c.statement); err != nil {
				t.Fatal(err)
			}

			_, err = lab.Open(t.Context(), lab.Options{Store: file})
			if _, ok := errors.AsType[*journal.Error](err); !ok {
				t.Fatalf("the lab was opened, or the error is a %T: %v", err, err)
			}
			got := strings.NewReplacer(file, "FILE", id, "ID").Replace(err.Error())
			if got != c.want {
				t.Errorf("error\n got %s\nwant %s", got, c.want)
			}
		})
	}
}
