package terraformcli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWriteConfig(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for it")
	t.Chdir(t.TempDir())
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	path, err := WriteConfig(dir, "bin")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `provider_installation {
  dev_overrides {
    "registry.terraform.io/vpclab/vpclab" = "WD/bin"
    "registry.opentofu.org/vpclab/vpclab" = "WD/bin"
  }
  direct {}
}
`
	want = strings.ReplaceAll(want, "WD", filepath.ToSlash(wd))
	if string(got) != want {
		t.Errorf("the CLI configuration is\n%s\nwant\n%s", got, want)
	}
}

// userSettings are what a user may have in the environment, set for the test.
func userSettings(t *testing.T) {
	for name, value := range map[string]string{
		"TF_CLI_CONFIG_FILE":       "/no/such/file",
		"TERRAFORM_CONFIG":         "/no/such/file",
		"TF_DATA_DIR":              "/elsewhere",
		"TF_WORKSPACE":             "production",
		"TF_CLI_ARGS":              "-no-color",
		"TF_CLI_ARGS_plan":         "-target=nothing",
		"TF_LOG":                   "trace",
		"TF_LOG_PATH":              "/elsewhere/log",
		"TF_VAR_region":            "mars",
		"TF_REATTACH_PROVIDERS":    "{}",
		"TF_ACC_TERRAFORM_VERSION": "1.0.0",
		"TF_ACC_PROVIDER_HOST":     "example.com",
		"TF_ACC_LOG_PATH":          "/tmp/acc.log",
		"TF_ACC":                   "1",
		"EDITOR":                   "ed",
	} {
		t.Setenv(name, value)
	}
}

func TestEnv(t *testing.T) {
	userSettings(t)
	cli := &CLI{Path: "/opt/tofu", Product: OpenTofu, Version: "1.12.6"}
	got := slices.DeleteFunc(cli.Env("/tmp/vpclab.tfrc"), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return name != "EDITOR" && name != "CHECKPOINT_DISABLE" &&
			!strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "TERRAFORM_")
	})
	slices.Sort(got)
	want := []string{
		"CHECKPOINT_DISABLE=1",
		"EDITOR=ed",
		"TF_ACC=1",
		"TF_ACC_LOG_PATH=/tmp/acc.log",
		"TF_ACC_PROVIDER_HOST=registry.opentofu.org",
		"TF_ACC_TERRAFORM_PATH=/opt/tofu",
		"TF_CLI_CONFIG_FILE=/tmp/vpclab.tfrc",
		"TF_IN_AUTOMATION=1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Env() has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSetenv(t *testing.T) {
	userSettings(t)
	cli := &CLI{Path: "/opt/terraform", Product: Terraform, Version: "1.11.4"}
	want := cli.Env("")
	for _, name := range []string{"CHECKPOINT_DISABLE", "TF_IN_AUTOMATION", "TF_ACC_TERRAFORM_PATH"} {
		t.Setenv(name, "") // to have it put back afterwards
	}
	if err := cli.Setenv(""); err != nil {
		t.Fatal(err)
	}
	got := os.Environ()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("after Setenv the environment is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := os.Getenv("TF_CLI_CONFIG_FILE"); got != os.DevNull {
		t.Errorf("without a configuration TF_CLI_CONFIG_FILE = %q, want the empty file %q", got, os.DevNull)
	}
}

func TestProviderHost(t *testing.T) {
	for product, want := range map[string]string{
		Terraform: "registry.terraform.io",
		OpenTofu:  "registry.opentofu.org",
	} {
		if got := (&CLI{Product: product}).ProviderHost(); got != want {
			t.Errorf("the host for %s = %q, want %q", product, got, want)
		}
	}
}
