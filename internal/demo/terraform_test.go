package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Terraform 1.11 prints without colour; OpenTofu prints the same but for its name.
const moved = `
Warning: Provider development overrides are in effect

The following provider development overrides are set in the CLI
configuration:
 - vpclab/vpclab in /tmp/bin

vpclab_vpc.main: Refreshing state... [id=vpc-03863855f50265f1c]

Terraform will perform the following actions:

  # vpclab_network_interface_attachment.service[0] must be replaced
-/+ resource "vpclab_network_interface_attachment" "service" {
      ~ id                   = "eni-attach-05311c245002c5976" -> (known after apply)
      ~ instance_id          = "i-031bf570fa21c4665" -> "i-0809cb9aa5ab9eebb" # forces replacement
        # (5 unchanged attributes hidden)
    }

Plan: 1 to add, 0 to change, 1 to destroy.
vpclab_network_interface_attachment.service[0]: Destroying... [id=eni-attach-05311c245002c5976]

Apply complete! Resources: 1 added, 0 changed, 1 destroyed.
`

const refused = moved + `
Error: The interface and the instance are in different Availability Zones

  with vpclab_network_interface_attachment.across_zones[0],
  on other_zone.tf line 23, in resource "vpclab_network_interface_attachment" "across_zones":

EC2: AttachNetworkInterface, InvalidParameterCombination: You may not

Error: And another one
`

func TestGist(t *testing.T) {
	want := strings.TrimPrefix(`
  # vpclab_network_interface_attachment.service[0] must be replaced
      ~ instance_id          = "i-031bf570fa21c4665" -> "i-0809cb9aa5ab9eebb" # forces replacement
Plan: 1 to add, 0 to change, 1 to destroy.
Apply complete! Resources: 1 added, 0 changed, 1 destroyed.`, "\n")
	if diff := cmp.Diff(want, gist(moved)); diff != "" {
		t.Errorf("gist (-want +got):\n%s", diff)
	}
	if got := gist("No changes. Your infrastructure matches the configuration.\n\nOpenTofu has compared\n"); got != "No changes. Your infrastructure matches the configuration." {
		t.Errorf("gist of an empty plan = %q", got)
	}
}

func TestRefusal(t *testing.T) {
	want := strings.TrimPrefix(`
Error: The interface and the instance are in different Availability Zones

  with vpclab_network_interface_attachment.across_zones[0],
  on other_zone.tf line 23, in resource "vpclab_network_interface_attachment" "across_zones":

EC2: AttachNetworkInterface, InvalidParameterCombination: You may not`, "\n")
	if diff := cmp.Diff(want, refusal(refused)); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
	if got := refusal(moved); got != "" {
		t.Errorf("the refusal of a plan that passes = %q", got)
	}
}

func TestNarrator(t *testing.T) {
	for _, c := range []struct {
		colour bool
		want   string
	}{
		{false, "\n1. A chapter\n\n  $ terraform plan\n  Error: No\n    because\n\n  Checked: so it is.\n\n"},
		{true, "\n\x1b[1m1. A chapter\x1b[0m\n\n  \x1b[1m$ terraform plan\x1b[0m\n  \x1b[31mError: No\x1b[0m\n    because\n\n  \x1b[32mChecked: so it is.\x1b[0m\n\n"},
	} {
		var out strings.Builder
		n := narrator{out: &out, colour: c.colour}
		n.chapter("A chapter")
		n.command("terraform plan")
		n.quote("Error: No\n  because\n")
		n.checked("so it is.")
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("colour %t (-want +got):\n%s", c.colour, diff)
		}
	}
}
