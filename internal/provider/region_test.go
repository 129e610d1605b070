package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// TestRegionOfResource: a resource may be in another region than the
// provider's, with all that belongs to it.
func TestRegionOfResource(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	elsewhere := strings.ReplaceAll(strings.ReplaceAll(house+instanceIn("one", "a")+interfaceIn("vip", "a")+attach("vip", "vip", "one", "1"),
		`" {`, "\" {\n  region = \"eu-west-1\""), "us-west-3", "eu-west-1")
	zone := "eu-west-1a"
	checks := []statecheck.StateCheck{
		has("vpclab_instance.one", shown{"availability_zone": zone, "private_dns": like(`ip-10-0-1-[45]\.eu-west-1\.compute\.internal`)}),
		has("vpclab_subnet.a", shown{"availability_zone": zone, "availability_zone_id": "euw1-az1"}),
	}
	for _, kind := range []string{"vpc.main", "subnet.a", "security_group.web", "instance.one", "network_interface.vip", "network_interface_attachment.vip"} {
		checks = append(checks, has("vpclab_"+kind, shown{"region": "eu-west-1"}))
	}
	lab.run(
		resource.TestStep{Config: lab.config(elsewhere), ConfigStateChecks: checks},
		importedFrom("vpclab_network_interface.vip", "eu-west-1"),
		resource.TestStep{
			Config:      lab.config(strings.Replace(elsewhere, "resource \"vpclab_network_interface\" \"vip\" {\n  region = \"eu-west-1\"", "resource \"vpclab_network_interface\" \"vip\" {", 1)),
			PlanOnly:    true,
			ExpectError: says("There is no subnet subnet-", "belong to another lab or region", "CreateNetworkInterface, InvalidSubnetID.NotFound"),
		},
		resource.TestStep{Config: lab.config(elsewhere)},
	)
}

// TestRegionOfProvider: the configuration goes before the environment.
func TestRegionOfProvider(t *testing.T) {
	lab := newLab(t)
	provider := func(region string) string {
		return fmt.Sprintf("provider \"vpclab\" {\n  store = %q\n  %s\n}\n", lab.store, region)
	}
	const vpc = "resource \"vpclab_vpc\" \"x\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n"
	in := func(region string) []statecheck.StateCheck {
		return []statecheck.StateCheck{has("vpclab_vpc.x", shown{"region": region})}
	}
	for _, name := range []string{"VPCLAB_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	env := func(name, region string) func() { return func() { t.Setenv(name, region) } }
	lab.run(
		resource.TestStep{Config: provider("") + vpc, ConfigStateChecks: in("us-east-1")},
		resource.TestStep{PreConfig: env("AWS_DEFAULT_REGION", "eu-west-1"), Config: provider("") + vpc, ConfigStateChecks: in("eu-west-1")},
		resource.TestStep{PreConfig: env("AWS_REGION", "us-east-1"), Config: provider("") + vpc, ConfigStateChecks: in("us-east-1")},
		resource.TestStep{PreConfig: env("VPCLAB_REGION", "us-west-3"), Config: provider("") + vpc, ConfigStateChecks: in("us-west-3")},
		resource.TestStep{Config: provider(`region = "eu-west-1"`) + vpc, ConfigStateChecks: in("eu-west-1")},
		resource.TestStep{
			Config: provider(`region = "eu-west-1a"`) + vpc, PlanOnly: true,
			ExpectError: says("region", `"eu-west-1a" is an Availability Zone; its region is "eu-west-1"`),
		},
		resource.TestStep{
			PreConfig: env("VPCLAB_REGION", "Europe"), Config: provider("") + vpc, PlanOnly: true,
			ExpectError: says("This is not the name of a region", `"Europe" is not a region`),
		},
		resource.TestStep{Config: provider(`region = "eu-west-1"`) + vpc},
	)
}

// TestTwoLabs: two providers with a lab each know nothing of each other. The
// second one has a name of its own, because two aliases would be one process
// here and not in Terraform.
func TestTwoLabs(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(vpc string) string {
		return lab.config(fmt.Sprintf(`
provider "blue" {
  region = "us-west-3"
  store  = %q
  lab    = "blue"
}
resource "vpclab_vpc" "here" {
  cidr_block = "10.0.0.0/16"
}
resource "vpclab_vpc" "there" {
  provider   = blue
  cidr_block = "10.0.0.0/16"
}
resource "vpclab_subnet" "there" {
  provider   = blue
  vpc_id     = vpclab_vpc.%s.id
  cidr_block = "10.0.1.0/24"
}
`, lab.store, vpc))
	}
	there := resource.TestStep{
		Config: config("there"),
		ConfigStateChecks: []statecheck.StateCheck{
			has("vpclab_vpc.here", shown{"owner_id": account}),
			has("vpclab_vpc.there", shown{"owner_id": ec2.AccountID("blue")}),
			has("vpclab_subnet.there", shown{"vpc_id": ref("vpclab_vpc.there.id")}),
		},
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"vpclab": protoV6ProviderFactories["vpclab"],
			"blue":   protoV6ProviderFactories["vpclab"],
		},
		Steps: []resource.TestStep{
			there,
			{
				Config: config("here"), PlanOnly: true,
				ExpectError: says("There is no VPC vpc-", "belong to another lab or region"),
			},
			there,
		},
		CheckDestroy: func(*terraform.State) error { return lab.checkEmpty() },
	})
}
