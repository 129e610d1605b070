package terraformcli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// addresses are what a configuration's source = "vpclab/vpclab" means: the first to
// Terraform, the second to OpenTofu.
var addresses = []string{
	"registry.terraform.io/vpclab/vpclab",
	"registry.opentofu.org/vpclab/vpclab",
}

// ProviderHost is the registry that this program reads into a provider source
// without a host name.
func (c *CLI) ProviderHost() string {
	if c.Product == OpenTofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// ConfigText is a CLI configuration that has both programs take the provider
// vpclab/vpclab from providerDir, a directory with an executable
// terraform-provider-vpclab, and all others from where they usually come. A
// providerDir that is not absolute counts from the working directory.
//
// Under such a configuration "init" is not needed for vpclab, and not of use: it would
// still ask the registry. Where a configuration has local modules, "get" is enough.
func ConfigText(providerDir string) (string, error) {
	dir, err := filepath.Abs(providerDir)
	if err != nil {
		return "", fmt.Errorf("the provider's directory %q: %w", providerDir, err)
	}
	var text strings.Builder
	text.WriteString("provider_installation {\n  dev_overrides {\n")
	for _, address := range addresses {
		fmt.Fprintf(&text, "    %q = %q\n", address, filepath.ToSlash(dir))
	}
	text.WriteString("  }\n  direct {}\n}\n")
	return text.String(), nil
}

// WriteConfig writes [ConfigText] for providerDir into dir, which is made where it
// does not exist, and returns the path of the file, for [CLI.Env].
func WriteConfig(dir, providerDir string) (string, error) {
	text, err := ConfigText(providerDir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("no directory for the CLI configuration: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, "vpclab.tfrc"))
	if err != nil {
		return "", fmt.Errorf("no absolute path for the CLI configuration: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("the CLI configuration: %w", err)
	}
	return path, nil
}

// Env is this process's environment as the program and the tests should see it, in
// the form of [os.Environ]. The user's own settings of Terraform and OpenTofu are
// gone: every TF_ variable (TF_VAR_x, TF_CLI_ARGS, TF_WORKSPACE, TF_DATA_DIR, TF_LOG and
// the rest) but TF_ACC and TF_ACC_x, which are terraform-plugin-testing's.
// In their place are CHECKPOINT_DISABLE, TF_IN_AUTOMATION, configFile as
// TF_CLI_CONFIG_FILE, and what has terraform-plugin-testing run this program:
// TF_ACC_TERRAFORM_PATH and TF_ACC_PROVIDER_HOST.
//
// An empty configFile means an empty configuration, not the user's.
func (c *CLI) Env(configFile string) []string {
	if configFile == "" {
		configFile = os.DevNull
	}
	return append(environ(configFile),
		"TF_ACC_TERRAFORM_PATH="+c.Path,
		"TF_ACC_PROVIDER_HOST="+c.ProviderHost(),
	)
}

// Setenv gives this very process the environment of [CLI.Env]. It is meant for a
// TestMain whose tests use terraform-plugin-testing, which reads its settings from
// there and starts the program with what it finds.
func (c *CLI) Setenv(configFile string) error {
	env := c.Env(configFile)
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); disturbs(name) {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		if name == "" { // Windows keeps a directory per drive in "=C:"
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// environ is this process's environment without the user's settings of the two
// programs, and with those that suit a run nobody watches.
func environ(configFile string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return disturbs(name)
	})
	return append(env,
		"CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1",
		"TF_CLI_CONFIG_FILE="+configFile,
	)
}

// disturbs reports whether an environment variable changes what Terraform or
// OpenTofu do or print.
func disturbs(name string) bool {
	switch name {
	case "CHECKPOINT_DISABLE",
		"TERRAFORM_CONFIG",                                  // TF_CLI_CONFIG_FILE's old name
		"TF_ACC_TERRAFORM_PATH", "TF_ACC_TERRAFORM_VERSION", // would bring in another program
		"TF_ACC_PROVIDER_HOST":
		return true
	case "TF_ACC":
		return false
	}
	if strings.HasPrefix(name, "TF_ACC_") {
		return false
	}
	return strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "TOFU_")
}
