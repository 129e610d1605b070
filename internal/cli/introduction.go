package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// introduce says what the program is to somebody who has just started it.
func introduce(out io.Writer, build Build) error {
	dir := "/the/directory/of/this/program"
	if build.Executable != "" {
		dir = filepath.ToSlash(filepath.Dir(build.Executable))
	}
	_, err := fmt.Fprint(out, strings.NewReplacer("PROGRAM", program, "VERSION", build.Version, "DIR", dir).Replace(introduction))
	return err
}

const introduction = `PROGRAM VERSION: a VPC on your own machine, as a Terraform provider.

Terraform (or OpenTofu) starts this program by itself. To have it used as it lies here,
put this into ~/.terraformrc (~/.tofurc), or into a file that TF_CLI_CONFIG_FILE names:

  provider_installation {
    dev_overrides {
      "registry.terraform.io/vpclab/vpclab" = "DIR"
      "registry.opentofu.org/vpclab/vpclab" = "DIR"
    }
    direct {}
  }

Then terraform plan, apply and destroy work in any folder whose configuration has the
provider "vpclab/vpclab". What you can type here:

  PROGRAM show      what the lab of this folder holds
  PROGRAM version   which version this is
  PROGRAM --help    everything
`
