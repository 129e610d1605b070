package provider_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// account is the id of the account behind a lab that is called "default".
var account = ec2.AccountID("default")

// arn matches the ARN of an object of the tests' region.
func arn(kind, prefix string) like {
	return like(fmt.Sprintf("arn:aws:ec2:us-west-3:%s:%s/%s", account, kind, id(prefix)))
}

// id matches an id as EC2 gives them out.
func id(prefix string) like { return like(prefix + "-0[0-9a-f]{16}") }

func TestVPC(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	minimal := lab.config(`
resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
`)
	full := lab.config(`
resource "vpclab_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  region               = "us-west-3"
  enable_dns_hostnames = true
  enable_dns_support   = false
  instance_tenancy     = "default"
  tags                 = { Name = "main" }
}
`)
	var vpcID memory
	vpc := shown{
		"id":                        vpcID.same(),
		"region":                    "us-west-3",
		"arn":                       arn("vpc", "vpc"),
		"cidr_block":                "10.0.0.0/16",
		"default_network_acl_id":    id("acl"),
		"default_route_table_id":    id("rtb"),
		"default_security_group_id": id("sg"),
		"dhcp_options_id":           id("dopt"),
		"enable_dns_hostnames":      false,
		"enable_dns_support":        true,
		"instance_tenancy":          "default",
		"main_route_table_id":       ref("vpclab_vpc.main.default_route_table_id"),
		"owner_id":                  account,
		"tags":                      nil,
		"tags_all":                  shown{},
	}
	change := func(do func(tx *engine.Tx, v *ec2.VPC) error) func() {
		return lab.change(func(tx *engine.Tx) error {
			vpcs, err := tx.DescribeVPCs()
			if err != nil || len(vpcs) != 1 {
				return fmt.Errorf("got VPCs %v (%w), want one", vpcs, err)
			}
			return do(tx, vpcs[0])
		})
	}
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config:            minimal,
				ConfigPlanChecks:  planned(actions{"vpclab_vpc.main": "create"}),
				ConfigStateChecks: []statecheck.StateCheck{hasOnly("vpclab_vpc.main", vpc)},
			},
			{
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_vpc.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_vpc.main", shown{
					"id": vpcID.same(), "enable_dns_hostnames": true, "enable_dns_support": false,
					"tags": shown{"Name": "main"}, "tags_all": shown{"Name": "main"},
				})},
			},
		},
		imported("vpclab_vpc.main"),
		[]resource.TestStep{
			{
				PreConfig: change(func(tx *engine.Tx, v *ec2.VPC) error {
					off, on := false, true
					attributes := engine.ModifyVPCAttributeInput{VPCID: v.ID, EnableDNSHostnames: &off, EnableDNSSupport: &on}
					if err := tx.ModifyVPCAttribute(attributes); err != nil {
						return err
					}
					return tx.SetTags(v.Ref(), ec2.Tags{"Name": "renamed", "Owner": "somebody"})
				}),
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_vpc.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_vpc.main", shown{
					"id": vpcID.same(), "enable_dns_hostnames": true, "enable_dns_support": false, "tags_all": shown{"Name": "main"},
				})},
			},
			{
				PreConfig:        change(func(tx *engine.Tx, v *ec2.VPC) error { return tx.DeleteVPC(v.ID) }),
				Config:           minimal,
				ConfigPlanChecks: planned(actions{"vpclab_vpc.main": "create"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_vpc.main", shown{
					"id": vpcID.other(), "enable_dns_hostnames": false, "enable_dns_support": true,
				})},
			},
		},
	)...)
}

// TestVPCReplacement changes one argument of each VPC.
func TestVPCReplacement(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(block, region, shared, dedicated string) string {
		return lab.config(fmt.Sprintf(`
resource "vpclab_vpc" "block" {
  cidr_block = %q
}
resource "vpclab_vpc" "region" {
  cidr_block = "10.1.0.0/16"
  region     = %q
}
resource "vpclab_vpc" "shared" {
  cidr_block       = "10.2.0.0/16"
  instance_tenancy = %q
}
resource "vpclab_vpc" "dedicated" {
  cidr_block       = "10.3.0.0/16"
  instance_tenancy = %q
}
`, block, region, shared, dedicated))
	}
	lab.run(
		resource.TestStep{Config: config("10.0.0.0/16", "us-west-3", "default", "dedicated")},
		resource.TestStep{
			Config: config("10.9.0.0/16", "eu-west-1", "dedicated", "default"),
			ConfigPlanChecks: planned(actions{
				"vpclab_vpc.block":     "replace for cidr_block",
				"vpclab_vpc.region":    "replace for region",
				"vpclab_vpc.shared":    "replace for instance_tenancy",
				"vpclab_vpc.dedicated": "update",
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_vpc.region", shown{"region": "eu-west-1", "arn": like("arn:aws:ec2:eu-west-1:.*")}),
				has("vpclab_vpc.dedicated", shown{"instance_tenancy": "default"}),
			},
		},
	)
}

func TestVPCArgumentsRefused(t *testing.T) {
	t.Parallel()
	newLab(t).refuse("",
		refused("vpc", `cidr_block = "10.0.0.0/15"`, "A VPC cannot have this CIDR block", "10.0.0.0/15 is too large for a VPC", "/16 to /28"),
		refused("vpc", `cidr_block = "10.0.0.0/29"`, "A VPC cannot have this CIDR block", "10.0.0.0/29 is too small for a VPC"),
		refused("vpc", `cidr_block = "10.0.0.1/16"`, "This is not an IPv4 CIDR block", `did you mean "10.0.0.0/16"?`),
		refused("vpc", `cidr_block = "2001:db8::/56"`, "This is not an IPv4 CIDR block", "of the other family"),
		refused("vpc", `cidr_block = "10.0.0.0"`, "This is not an IPv4 CIDR block", "it has no prefix length"),
		refused("vpc", `cidr_block = ""`, "This is not an IPv4 CIDR block"),
		refused("vpc", "", `The argument "cidr_block" is required`),
		refused("vpc", "cidr_block = \"10.0.0.0/16\"\n  instance_tenancy = \"host\"", `"default"`, `"dedicated"`, `"host"`),
		refused("vpc", "cidr_block = \"10.0.0.0/16\"\n  region = \"us-west-3a\"", "This is not the name of a region", `"us-west-3a" is an Availability Zone; its region is "us-west-3"`),
		refused("vpc", "cidr_block = \"10.0.0.0/16\"\n  region = \"\"", "This is not the name of a region"),
		refused("vpc", "cidr_block = \"10.0.0.0/16\"\n  tags = \"x\"", "map of string required"),
		refused("vpc", "cidr_block = \"10.0.0.0/16\"\n  tags_all = {}", "tags_all", "read-only"),
	)
}

// TestVPCUnknown: arguments that come from elsewhere are not known at plan.
func TestVPCUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(block, hostnames string) string {
		return lab.config(fmt.Sprintf(`
resource "terraform_data" "given" {
  input = { block = %q, hostnames = %s, tenancy = "default", tags = { Name = "main" } }
}
resource "vpclab_vpc" "main" {
  cidr_block           = terraform_data.given.output.block
  enable_dns_hostnames = terraform_data.given.output.hostnames
  enable_dns_support   = terraform_data.given.output.hostnames
  instance_tenancy     = terraform_data.given.output.tenancy
  tags                 = terraform_data.given.output.tags
}
resource "vpclab_subnet" "inside" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = cidrsubnet(vpclab_vpc.main.cidr_block, 8, 1)
}
`, block, hostnames))
	}
	lab.run(
		resource.TestStep{
			Config: config("10.0.0.0/16", "true"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_vpc.main", shown{"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": true, "tags_all": shown{"Name": "main"}}),
				has("vpclab_subnet.inside", shown{"cidr_block": "10.0.1.0/24"}),
			},
		},
		resource.TestStep{
			Config: config("10.8.0.0/16", "false"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_vpc.main", shown{"cidr_block": "10.8.0.0/16", "enable_dns_hostnames": false}),
				has("vpclab_subnet.inside", shown{"cidr_block": "10.8.1.0/24"}),
			},
		},
	)
}
