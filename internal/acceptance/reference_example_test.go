package acceptance

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// requirements is what the examples of resources and data sources leave out, as the
// provider's own page has it.
const requirements = `terraform {
  required_providers { vpclab = { source = "vpclab/vpclab" } }
}
`

// The provider, every resource and every data source has an example, and each can be
// applied as it is, needs nothing after that, and can be destroyed. What the import
// command of a resource's page imports needs no change.
func TestReferenceExamples(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Abs(filepath.Join(root, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	newFolder(t).must("fmt", "-check", "-diff", "-recursive", examples)

	example := func(path, provider string, check func(*folder)) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			text, err := os.ReadFile(filepath.Join(examples, filepath.FromSlash(path)))
			if err != nil {
				t.Fatal(err)
			}
			f.write("main.tf", string(text))
			f.write("requirements.tf", provider)
			f.apply()
			if check != nil {
				check(f)
			}
			f.must("destroy", "-auto-approve")
		})
	}
	example("provider/provider.tf", "", nil)
	types := providerTypes(t)
	for _, name := range types["data_source_schemas"] {
		example("data-sources/"+name+"/data-source.tf", requirements, nil)
	}
	for _, name := range types["resource_schemas"] {
		example("resources/"+name+"/resource.tf", requirements, func(f *folder) {
			f.importsAs(filepath.Join(examples, "resources", name, "import.sh"))
		})
	}
}

// providerTypes are the names of all resources, data sources and so on, by kind.
func providerTypes(t *testing.T) map[string][]string {
	t.Helper()
	f := newFolder(t)
	f.write("requirements.tf", requirements)
	var printed struct {
		Providers map[string]map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(f.must("providers", "schema", "-json")), &printed); err != nil {
		t.Fatal(err)
	}
	if len(printed.Providers) != 1 {
		t.Fatalf("there are %d providers, want one", len(printed.Providers))
	}
	types := map[string][]string{}
	for _, provider := range printed.Providers {
		for kind, schemas := range provider {
			types[kind] = slices.Sorted(maps.Keys(schemas))
		}
	}
	return types
}

// importsAs forgets a resource and imports it with the command in a file, its id put in
// place of the one there.
func (f *folder) importsAs(file string) {
	f.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		f.t.Fatal(err)
	}
	words := strings.Fields(string(text))
	if len(words) != 4 || words[0] != "terraform" || words[1] != "import" {
		f.t.Fatalf("%s should be one line, terraform import ADDRESS ID: %s", file, text)
	}
	address, sample := words[2], words[3]
	id := f.id(address)
	if !sameKind(id, sample) {
		f.t.Errorf("%s has the id %s, want one like %s", file, sample, id)
	}
	f.must("state", "rm", address)
	f.must("import", address, id)
	f.settled()
}

// id is the id of a resource in the state.
func (f *folder) id(address string) string {
	f.t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Values  struct{ ID string }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(f.must("show", "-json")), &state); err != nil {
		f.t.Fatal(err)
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address {
			return r.Values.ID
		}
	}
	f.t.Fatalf("there is no %s in the state", address)
	return ""
}

// sameKind reports whether two ids are of the same kind of object.
func sameKind(a, b string) bool {
	return len(a) == len(b) && strings.TrimRight(a, "0123456789abcdef") == strings.TrimRight(b, "0123456789abcdef")
}
