package acceptance

import (
	"path/filepath"
	"testing"
)

// Every folder with a configuration of its own is valid, can be applied, needs nothing
// after that, can be destroyed, and passes the tests it brings along.
func TestExamples(t *testing.T) {
	configurations, err := filepath.Glob(filepath.Join(root, "examples", "*", "main.tf"))
	if err != nil || len(configurations) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, c := range configurations {
		name := filepath.Base(filepath.Dir(c))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			if err := copyExample(f.path, name); err != nil {
				t.Fatal(err)
			}
			f.must("fmt", "-check", "-diff")
			f.must("validate")
			f.apply()
			f.must("destroy", "-auto-approve")
			f.empty()
			tests, err := filepath.Glob(filepath.Join(f.path, "*.tftest.hcl"))
			if err != nil {
				t.Fatal(err)
			}
			if len(tests) > 0 {
				f.must("test")
				f.empty()
			}
		})
	}
}
