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

const mainVPC = `
resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}
`

func TestSubnet(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	minimal := lab.config(mainVPC + `
resource "vpclab_subnet" "main" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
`)
	full := lab.config(mainVPC + `
resource "vpclab_subnet" "main" {
  vpc_id                  = vpclab_vpc.main.id
  cidr_block              = "10.0.1.0/24"
  availability_zone_id    = "usw3-az1"
  map_public_ip_on_launch = true
  region                  = "us-west-3"
  tags                    = { Name = "main" }
  timeouts {
    create = "1m"
    delete = "1m"
  }
}
`)
	var subnetID memory
	subnet := shown{
		"id":                      subnetID.same(),
		"region":                  "us-west-3",
		"arn":                     arn("subnet", "subnet"),
		"availability_zone":       "us-west-3a",
		"availability_zone_id":    "usw3-az1",
		"cidr_block":              "10.0.1.0/24",
		"map_public_ip_on_launch": false,
		"owner_id":                account,
		"tags":                    nil,
		"tags_all":                shown{},
		"timeouts":                nil,
		"vpc_id":                  ref("vpclab_vpc.main.id"),
	}
	change := func(do func(tx *engine.Tx, s *ec2.Subnet) error) func() {
		return lab.change(func(tx *engine.Tx) error {
			subnets, err := tx.DescribeSubnets()
			if err != nil || len(subnets) != 1 {
				return fmt.Errorf("got subnets %v (%w), want one", subnets, err)
			}
			return do(tx, subnets[0])
		})
	}
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config:            minimal,
				ConfigStateChecks: []statecheck.StateCheck{hasOnly("vpclab_subnet.main", subnet)},
			},
			{
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_subnet.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_subnet.main", shown{
					"id": subnetID.same(), "map_public_ip_on_launch": true, "availability_zone": "us-west-3a", "tags_all": shown{"Name": "main"},
					"timeouts": shown{"create": "1m", "delete": "1m"},
				})},
			},
		},
		imported("vpclab_subnet.main"),
		[]resource.TestStep{
			{
				PreConfig: change(func(tx *engine.Tx, s *ec2.Subnet) error {
					if err := tx.ModifySubnetAttribute(s.ID, false); err != nil {
						return err
					}
					return tx.SetTags(s.Ref(), nil)
				}),
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_subnet.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_subnet.main", shown{
					"id": subnetID.same(), "map_public_ip_on_launch": true, "tags_all": shown{"Name": "main"},
				})},
			},
			{
				PreConfig:         change(func(tx *engine.Tx, s *ec2.Subnet) error { return tx.DeleteSubnet(s.ID) }),
				Config:            minimal,
				ConfigPlanChecks:  planned(actions{"vpclab_subnet.main": "create"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_subnet.main", shown{"id": subnetID.other(), "map_public_ip_on_launch": false})},
			},
		},
	)...)
}

// TestSubnetReplacement changes one argument of each subnet.
func TestSubnetReplacement(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(block, zone, zoneID, vpc string) string {
		return lab.config(mainVPC + fmt.Sprintf(`
resource "vpclab_vpc" "other" {
  cidr_block = "10.0.0.0/16"
}
resource "vpclab_subnet" "block" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = %q
}
resource "vpclab_subnet" "zone" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = %q
}
resource "vpclab_subnet" "zone_id" {
  vpc_id               = vpclab_vpc.main.id
  cidr_block           = "10.0.3.0/24"
  availability_zone_id = %q
}
resource "vpclab_subnet" "vpc" {
  vpc_id     = vpclab_vpc.%s.id
  cidr_block = "10.0.4.0/24"
}
`, block, zone, zoneID, vpc))
	}
	lab.run(
		resource.TestStep{Config: config("10.0.1.0/24", "us-west-3a", "usw3-az1", "main")},
		resource.TestStep{
			Config: config("10.0.9.0/24", "us-west-3c", "usw3-az2", "other"),
			ConfigPlanChecks: planned(actions{
				"vpclab_subnet.block":   "replace for cidr_block",
				"vpclab_subnet.zone":    "replace for availability_zone",
				"vpclab_subnet.zone_id": "replace for availability_zone_id",
				"vpclab_subnet.vpc":     "replace for vpc_id",
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_subnet.zone", shown{"availability_zone": "us-west-3c", "availability_zone_id": "usw3-az3"}),
				has("vpclab_subnet.zone_id", shown{"availability_zone": "us-west-3b", "availability_zone_id": "usw3-az2"}),
				has("vpclab_subnet.vpc", shown{"vpc_id": ref("vpclab_vpc.other.id")}),
			},
		},
	)
}

func TestSubnetArgumentsRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments string) string { return "vpc_id = \"vpc-0123456789abcdef0\"\n  " + arguments }
	newLab(t).refuse("",
		refused("subnet", in(`cidr_block = "10.0.1.0/15"`), "This is not an IPv4 CIDR block", `did you mean "10.0.0.0/15"?`),
		refused("subnet", in(`cidr_block = "10.0.1.0/29"`), "A subnet cannot have this CIDR block", "10.0.1.0/29 is too small for a subnet"),
		refused("subnet", in(`cidr_block = "ten"`), "This is not an IPv4 CIDR block", `"ten" is not a valid IPv4 CIDR block`),
		refused("subnet", in("cidr_block = \"10.0.1.0/24\"\n  availability_zone = \"us-west-3a\"\n  availability_zone_id = \"usw3-az1\""),
			"availability_zone", "availability_zone_id", "cannot be specified"),
		refused("subnet", in(""), `The argument "cidr_block" is required`),
		refused("subnet", in("cidr_block = \"10.0.1.0/24\"\n  timeouts {\n    create = \"soon\"\n  }"), `"soon"`),
	)
}

func TestSubnetRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments string) string { return "vpc_id = vpclab_vpc.main.id\n  " + arguments }
	newLab(t).refuse(mainVPC+`
resource "vpclab_subnet" "there" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
  tags       = { Name = "there" }
}
data "vpclab_vpc" "there" {
  default = true
}
`,
		refused("subnet", in(`cidr_block = "10.1.0.0/24"`), `The VPC "main"`, "cannot have a subnet 10.1.0.0/24",
			"outside the VPC's CIDR block 10.0.0.0/16", "CreateSubnet, InvalidSubnet.Range", `cidr_block = "10.1.0.0/24"`),
		refused("subnet", "vpc_id = data.vpclab_vpc.there.id\n  cidr_block = \"172.31.16.0/24\"", "The subnet overlaps another one of its VPC",
			"172.31.16.0/24 shares addresses with", "CreateSubnet, InvalidSubnet.Conflict"),
		refused("subnet", in("cidr_block = \"10.0.2.0/24\"\n  availability_zone = \"us-west-3z\""),
			"The region us-west-3 has no Availability Zone us-west-3z", "us-west-3a, us-west-3b and us-west-3c", `availability_zone = "us-west-3z"`),
		refused("subnet", in("cidr_block = \"10.0.2.0/24\"\n  availability_zone_id = \"use1-az1\""),
			"The region us-west-3 has no Availability Zone use1-az1", "usw3-az1", `availability_zone_id = "use1-az1"`),
		refused("subnet", "vpc_id = \"vpc-0123456789abcdef0\"\n  cidr_block = \"10.0.2.0/24\"",
			"There is no VPC vpc-0123456789abcdef0", "CreateSubnet, InvalidVpcID.NotFound", `vpc_id = "vpc-0123456789abcdef0"`),
	)
}

func TestSubnetUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(block, zone, public string) string {
		return lab.config(mainVPC + fmt.Sprintf(`
resource "terraform_data" "given" {
  input = { block = %q, zone = %q, public = %s }
}
resource "terraform_data" "vpc" {
  input = vpclab_vpc.main.id
}
resource "vpclab_subnet" "main" {
  vpc_id                  = terraform_data.vpc.output
  cidr_block              = terraform_data.given.output.block
  availability_zone       = terraform_data.given.output.zone
  map_public_ip_on_launch = terraform_data.given.output.public
}
resource "vpclab_network_interface" "inside" {
  subnet_id = vpclab_subnet.main.id
}
`, block, zone, public))
	}
	lab.run(
		resource.TestStep{
			Config: config("10.0.1.0/24", "us-west-3b", "true"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_subnet.main", shown{"cidr_block": "10.0.1.0/24", "availability_zone": "us-west-3b", "map_public_ip_on_launch": true}),
				has("vpclab_network_interface.inside", shown{"private_ip": "10.0.1.4"}),
			},
		},
		resource.TestStep{
			Config: config("10.0.2.0/24", "us-west-3c", "false"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_subnet.main", shown{"cidr_block": "10.0.2.0/24", "availability_zone": "us-west-3c", "map_public_ip_on_launch": false}),
				has("vpclab_network_interface.inside", shown{"private_ip": "10.0.2.4"}),
			},
		},
	)
}
