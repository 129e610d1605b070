package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// configWithTags is config with default tags, given as an expression.
func (l *testLab) configWithTags(tags, configuration string) string {
	return strings.Replace(l.config(configuration), "\n}\n", "\n  default_tags {\n    tags = "+tags+"\n  }\n}\n", 1)
}

// tagged is one of each resource with tags, given as an expression.
func tagged(tags string) string {
	return fmt.Sprintf(`
resource "vpclab_vpc" "x" {
  cidr_block = "10.0.0.0/16"
  tags       = %[1]s
}
resource "vpclab_subnet" "x" {
  vpc_id     = vpclab_vpc.x.id
  cidr_block = "10.0.1.0/24"
  tags       = %[1]s
}
resource "vpclab_security_group" "x" {
  vpc_id = vpclab_vpc.x.id
  tags   = %[1]s
}
resource "vpclab_network_interface" "x" {
  subnet_id = vpclab_subnet.x.id
  tags      = %[1]s
}
resource "vpclab_instance" "x" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = vpclab_subnet.x.id
  tags          = %[1]s
}
`, tags)
}

var taggedResources = []string{"vpclab_vpc.x", "vpclab_subnet.x", "vpclab_security_group.x", "vpclab_network_interface.x", "vpclab_instance.x"}

// onTagged is an action on each of them.
func onTagged(action string) resource.ConfigPlanChecks {
	plan := actions{}
	for _, address := range taggedResources {
		plan[address] = action
	}
	return planned(plan)
}

// tagsOfAll are the tags that each of them must show.
func tagsOfAll(tags, all any) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, address := range taggedResources {
		checks = append(checks, has(address, shown{"tags": tags, "tags_all": all}))
	}
	return checks
}

// checkTags demands these tags of each object in the lab.
func (l *testLab) checkTags(want ec2.Tags) func() {
	return l.change(func(tx *engine.Tx) error {
		interfaces, err := tx.DescribeNetworkInterfaces(engine.Filter{Name: "status", Values: []string{"available"}})
		if err != nil {
			return err
		}
		instances, err := tx.DescribeInstances()
		if err != nil {
			return err
		}
		if len(interfaces) != 1 || len(instances) != 1 {
			return fmt.Errorf("got %d interfaces and %d instances, want one of each", len(interfaces), len(instances))
		}
		for _, object := range []ec2.Object{interfaces[0], instances[0]} {
			if got := object.Head().Tags; !got.Equal(want) {
				return fmt.Errorf("%s: got tags %v, want %v", object.Ref().ID, got, want)
			}
		}
		return nil
	})
}

// TestTags: of every resource that has them.
func TestTags(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	const defaults = `{ Team = "network", Stage = "test" }`
	lab.run(
		resource.TestStep{
			Config:            lab.config(tagged("null")),
			ConfigStateChecks: tagsOfAll(nil, shown{}),
		},
		resource.TestStep{
			Config:            lab.config(tagged(`{ Name = "x", Empty = "" }`)),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(shown{"Name": "x", "Empty": ""}, shown{"Name": "x", "Empty": ""}),
		},
		resource.TestStep{
			// The resource's own tags go over the default ones; a null one is none.
			Config:            lab.configWithTags(defaults, tagged(`{ Name = "x", Stage = "live", Gone = null }`)),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(shown{"Name": "x", "Stage": "live", "Gone": nil}, shown{"Name": "x", "Team": "network", "Stage": "live"}),
		},
		resource.TestStep{
			PreConfig: lab.checkTags(ec2.Tags{"Name": "x", "Team": "network", "Stage": "live"}),
			// Repeating a default tag is no change of what the object has.
			Config:            lab.configWithTags(defaults, tagged(`{ Name = "x", Stage = "test", Team = "network" }`)),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(shown{"Name": "x", "Stage": "test", "Team": "network"}, shown{"Name": "x", "Team": "network", "Stage": "test"}),
		},
		resource.TestStep{
			Config:            lab.configWithTags(`{ Team = "platform" }`, tagged(`{}`)),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(shown{}, shown{"Team": "platform"}),
		},
		resource.TestStep{
			Config:            lab.configWithTags(`{ Owner = "somebody" }`, tagged(`{}`)),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(shown{}, shown{"Owner": "somebody"}),
		},
		resource.TestStep{
			Config:            lab.config(tagged("null")),
			ConfigPlanChecks:  onTagged("update"),
			ConfigStateChecks: tagsOfAll(nil, shown{}),
		},
	)
}

// TestTagsChangedByHand: what the tags are not, they become again.
func TestTagsChangedByHand(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := lab.configWithTags(`{ Team = "network" }`, mainVPC)
	retag := func(tags ec2.Tags) func() {
		return lab.change(func(tx *engine.Tx) error {
			vpcs, err := tx.DescribeVPCs()
			if err != nil || len(vpcs) != 1 {
				return fmt.Errorf("got VPCs %v (%w), want one", vpcs, err)
			}
			return tx.SetTags(vpcs[0].Ref(), tags)
		})
	}
	steps := []resource.TestStep{{Config: config}}
	for _, tags := range []ec2.Tags{
		nil,
		{"Name": "main"},
		{"Team": "network"},
		{"Name": "main", "Team": "platform"},
		{"Name": "other", "Team": "network"},
		{"Name": "main", "Team": "network", "More": "of them"},
	} {
		steps = append(steps, resource.TestStep{
			PreConfig:        retag(tags),
			Config:           config,
			ConfigPlanChecks: planned(actions{"vpclab_vpc.main": "update"}),
			ConfigStateChecks: []statecheck.StateCheck{has("vpclab_vpc.main", shown{
				"tags": shown{"Name": "main"}, "tags_all": shown{"Name": "main", "Team": "network"},
			})},
		})
	}
	lab.run(append(steps, imported("vpclab_vpc.main")...)...)
}

// TestTagsUnknown: tags, and default tags, that come from elsewhere.
func TestTagsUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(owner string) string {
		return lab.configWithTags(`{ Team = "network", Owner = terraform_data.given.output }`, fmt.Sprintf(`
resource "terraform_data" "given" {
  input = %q
}
resource "vpclab_vpc" "element" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = terraform_data.given.output }
}
resource "vpclab_vpc" "all" {
  cidr_block = "10.1.0.0/16"
  tags       = { for k in [terraform_data.given.output] : k => "x" }
}
resource "vpclab_vpc" "none" {
  cidr_block = "10.2.0.0/16"
}
`, owner))
	}
	shows := func(owner string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			has("vpclab_vpc.element", shown{"tags_all": shown{"Name": owner, "Team": "network", "Owner": owner}}),
			has("vpclab_vpc.all", shown{"tags_all": shown{owner: "x", "Team": "network", "Owner": owner}}),
			has("vpclab_vpc.none", shown{"tags_all": shown{"Team": "network", "Owner": owner}}),
		}
	}
	lab.run(
		resource.TestStep{Config: config("first"), ConfigStateChecks: shows("first")},
		resource.TestStep{Config: config("second"), ConfigStateChecks: shows("second")},
	)
}

func TestTagsRefused(t *testing.T) {
	t.Parallel()
	with := func(tags string) string { return "cidr_block = \"10.0.0.0/16\"\n  tags = " + tags }
	const summary = "These tags cannot be"
	newLab(t).refuse("",
		refused("vpc", with(`{ for i in range(51) : "key${i}" => "x" }`), summary, "a resource has at most 50 tags; these are 51", "tags ="),
		refused("vpc", with(`{ "" = "x" }`), summary, "a tag's key has to have at least one character"),
		refused("vpc", with(`{ "aws:cloudformation:stack-name" = "x" }`), summary, `the tag key "aws:cloudformation:stack-name" is reserved`),
		refused("vpc", with(fmt.Sprintf("{ %s = \"x\" }", strings.Repeat("k", 129))), summary, "a tag's key has at most 128 characters"),
		refused("vpc", with(fmt.Sprintf("{ x = %q }", strings.Repeat("v", 257))), summary, "a tag's value has at most 256 characters"),
	)
}
