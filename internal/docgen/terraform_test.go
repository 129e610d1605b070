package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

// Terraform prints the same, as far as it knows of such things.
func TestTerraformPrintsTheSame(t *testing.T) {
	cli, err := terraformcli.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := t.TempDir(), t.TempDir()
	run := func(cmd *exec.Cmd) []byte {
		t.Helper()
		out, err := cmd.Output()
		if err != nil {
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				out = exit.Stderr
			}
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
		return out
	}
	run(exec.Command("go", "build", "-o", bin+string(filepath.Separator), "github.com/vpclab/terraform-provider-vpclab"))
	config, err := terraformcli.WriteConfig(t.TempDir(), bin)
	if err != nil {
		t.Fatal(err)
	}
	const requirements = "terraform {\n  required_providers { vpclab = { source = \"vpclab/vpclab\" } }\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(requirements), 0o644); err != nil {
		t.Fatal(err)
	}
	terraform := exec.Command(cli.Path, "providers", "schema", "-json")
	terraform.Dir, terraform.Env = dir, cli.Env(config)
	printed := decode(t, run(terraform))

	described, err := describe(t.Context(), provider.Server("test"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(document(described))
	if err != nil {
		t.Fatal(err)
	}
	ours := decode(t, text)

	if got, want := ours["format_version"], printed["format_version"]; got != want {
		t.Errorf("format_version = %v, want %v", got, want)
	}
	want := printed["provider_schemas"].(map[string]any)[cli.ProviderHost()+"/vpclab/vpclab"].(map[string]any)
	got := ours["provider_schemas"].(map[string]any)["vpclab"].(map[string]any)
	for _, part := range []string{"provider", "resource_schemas", "data_source_schemas"} {
		if want[part] == nil {
			t.Errorf("%s %s prints no %s", cli.Product, cli.Version, part)
		}
	}
	withoutMessages(want)
	for part := range want {
		if diff := cmp.Diff(want[part], got[part]); diff != "" {
			t.Errorf("%s (-%s %s, +ours):\n%s", part, cli.Product, cli.Version, diff)
		}
	}
}

// withoutMessages leaves out the texts of deprecations, which OpenTofu prints, Terraform
// may not, and tfplugindocs does not show.
func withoutMessages(v any) {
	m, _ := v.(map[string]any)
	delete(m, "deprecation_message")
	for _, part := range m {
		withoutMessages(part)
	}
}
