package provider_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// group is a security group of the VPC main.
func group(name string, arguments ...string) string {
	return fmt.Sprintf("resource \"vpclab_security_group\" %q {\n  name   = %q\n  vpc_id = vpclab_vpc.main.id\n  %s\n}\n",
		name, name, strings.Join(arguments, "\n  "))
}

// rule is an element of a group's ingress or egress as the state shows it.
func rule(protocol string, from, to int, with shown) knownvalue.Check {
	fields := shown{
		"protocol": protocol, "from_port": from, "to_port": to, "description": "",
		"cidr_blocks": list{}, "ipv6_cidr_blocks": list{}, "prefix_list_ids": list{}, "security_groups": set{}, "self": false,
	}
	for name, value := range with {
		fields[name] = value
	}
	return wanted(fields, nil)
}

// changeGroup plays something on the one security group of a name.
func (l *testLab) changeGroup(name string, do func(*engine.Tx, *ec2.SecurityGroup) error) func() {
	return l.change(func(tx *engine.Tx) error {
		groups, err := tx.DescribeSecurityGroups(engine.Filter{Name: "group-name", Values: []string{name}})
		if err != nil || len(groups) != 1 {
			return fmt.Errorf("got groups %v (%w), want one", groups, err)
		}
		return do(tx, groups[0])
	})
}

func ssh(from string) engine.Rule {
	return engine.Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: 22, ToPort: 22, CIDRIPv4: netip.MustParsePrefix(from)}}
}

func TestSecurityGroup(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	minimal := lab.config(mainVPC + `
resource "vpclab_security_group" "main" {
  name   = "main"
  vpc_id = vpclab_vpc.main.id
}
`)
	full := lab.config(mainVPC + `
resource "vpclab_security_group" "main" {
  name                   = "main"
  vpc_id                 = vpclab_vpc.main.id
  description            = "Managed by Terraform"
  region                 = "us-west-3"
  revoke_rules_on_delete = true
  tags                   = { Name = "main" }
  ingress {
    description = "web"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
  timeouts {
    create = "1m"
    delete = "1m"
  }
}
`)
	var groupID memory
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config: minimal,
				ConfigStateChecks: []statecheck.StateCheck{hasOnly("vpclab_security_group.main", shown{
					"id":                     groupID.same(),
					"region":                 "us-west-3",
					"arn":                    arn("security-group", "sg"),
					"description":            "Managed by Terraform",
					"egress":                 set{},
					"ingress":                set{},
					"name":                   "main",
					"name_prefix":            "",
					"owner_id":               account,
					"revoke_rules_on_delete": false,
					"tags":                   nil,
					"tags_all":               shown{},
					"timeouts":               nil,
					"vpc_id":                 ref("vpclab_vpc.main.id"),
				})},
			},
			{
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_security_group.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{
					"id": groupID.same(), "revoke_rules_on_delete": true, "tags_all": shown{"Name": "main"},
				})},
			},
		},
		// An import cannot know how the configuration writes the rules; TestSecurityGroupImport says
		// that it does not matter.
		imported("vpclab_security_group.main", "revoke_rules_on_delete", "ingress", "egress"),
		[]resource.TestStep{
			{
				// A rule too many, one too few, one with another description.
				PreConfig: lab.changeGroup("main", func(tx *engine.Tx, g *ec2.SecurityGroup) error {
					if _, err := tx.AuthorizeSecurityGroup(g.ID, false, []engine.Rule{ssh("0.0.0.0/0")}); err != nil {
						return err
					}
					for _, r := range tx.SecurityGroupRules(g.ID, true) {
						if r.CIDRIPv6.IsValid() {
							return tx.RevokeSecurityGroup(g.ID, true, []ec2.RuleSpec{r.RuleSpec})
						}
					}
					return nil
				}),
				Config:           full,
				ConfigPlanChecks: planned(actions{"vpclab_security_group.main": "update"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{
					"id": groupID.same(), "ingress": knownvalue.SetSizeExact(1), "egress": knownvalue.SetSizeExact(1),
				})},
			},
			{
				PreConfig: lab.changeGroup("main", func(tx *engine.Tx, g *ec2.SecurityGroup) error {
					return tx.DeleteSecurityGroup(g.ID)
				}),
				Config:            full,
				ConfigPlanChecks:  planned(actions{"vpclab_security_group.main": "create"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{"id": groupID.other()})},
			},
		},
	)...)
}

// TestSecurityGroupReplacement changes one argument of each group.
func TestSecurityGroupReplacement(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(name, prefix, description, vpc string) string {
		return lab.config(mainVPC + fmt.Sprintf(`
resource "vpclab_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}
resource "vpclab_security_group" "name" {
  name   = %q
  vpc_id = vpclab_vpc.main.id
}
resource "vpclab_security_group" "prefix" {
  name_prefix = %q
  vpc_id      = vpclab_vpc.main.id
}
resource "vpclab_security_group" "neither" {
  vpc_id = vpclab_vpc.main.id
}
resource "vpclab_security_group" "description" {
  description = %q
  vpc_id      = vpclab_vpc.main.id
}
resource "vpclab_security_group" "vpc" {
  name   = "vpc"
  vpc_id = vpclab_vpc.%s.id
}
`, name, prefix, description, vpc))
	}
	lab.run(
		resource.TestStep{
			Config: config("before", "before-", "before", "main"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_security_group.prefix", shown{"name": like("before-[0-9a-f]{26}"), "name_prefix": "before-"}),
				has("vpclab_security_group.neither", shown{"name": like("terraform-[0-9a-f]{26}"), "name_prefix": "terraform-"}),
			},
		},
		resource.TestStep{
			Config: config("after", "after-", "after", "other"),
			ConfigPlanChecks: planned(actions{
				"vpclab_security_group.name":        "replace for name",
				"vpclab_security_group.prefix":      "replace for name_prefix",
				"vpclab_security_group.description": "replace for description",
				"vpclab_security_group.vpc":         "replace for vpc_id",
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_security_group.prefix", shown{"name": like("after-[0-9a-f]{26}")}),
				has("vpclab_security_group.vpc", shown{"vpc_id": ref("vpclab_vpc.other.id")}),
			},
		},
	)
}

// TestSecurityGroupRules: the ways to write rules, and what becomes of them.
func TestSecurityGroupRules(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(arguments ...string) string {
		return lab.config(mainVPC + group("peer") + group("main", arguments...))
	}
	update := planned(actions{"vpclab_security_group.main": "update"})
	shows := func(attributes shown) []statecheck.StateCheck {
		return []statecheck.StateCheck{has("vpclab_security_group.main", attributes)}
	}
	blocks := `ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 81
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }
  ingress {
    protocol        = "TCP"
    from_port       = 22
    to_port         = 22
    self            = true
    security_groups = [vpclab_security_group.peer.id]
  }`
	// The same rules in other words, one source each.
	regrouped := `ingress {
    protocol    = "6"
    from_port   = 80
    to_port     = 81
    cidr_blocks = ["192.168.0.0/16"]
  }
  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 81
    cidr_blocks = ["10.0.0.0/8"]
  }
  dynamic "ingress" {
    for_each = [true, false]
    content {
      protocol        = "tcp"
      from_port       = 22
      to_port         = 22
      self            = ingress.value
      security_groups = ingress.value ? [] : [vpclab_security_group.peer.id]
    }
  }`
	attribute := `ingress = [{
    description      = "ping"
    protocol         = "icmp"
    from_port        = 8
    to_port          = 0
    cidr_blocks      = ["10.0.0.0/8"]
    ipv6_cidr_blocks = null
    prefix_list_ids  = []
    security_groups  = null
    self             = null
  }]`
	lab.run(
		resource.TestStep{
			Config: config(blocks),
			// Blocks become sets of objects in which what is not written is null.
			ConfigStateChecks: shows(shown{
				"ingress": knownvalue.SetSizeExact(2),
				"egress":  set{},
			}),
		},
		resource.TestStep{Config: config(regrouped), ConfigPlanChecks: planned(actions{})},
		resource.TestStep{Config: config(attribute), ConfigPlanChecks: update, ConfigStateChecks: shows(shown{
			"ingress": set{rule("icmp", 8, 0, shown{
				"description": "ping", "cidr_blocks": list{"10.0.0.0/8"},
				"ipv6_cidr_blocks": nil, "security_groups": nil, "self": nil,
			})},
		})},
		resource.TestStep{Config: config(strings.Replace(attribute, "ping", "echo", 1)), ConfigPlanChecks: update},
		// Without the argument the rules are left alone, whoever made them.
		resource.TestStep{
			PreConfig: lab.changeGroup("main", func(tx *engine.Tx, g *ec2.SecurityGroup) error {
				_, err := tx.AuthorizeSecurityGroup(g.ID, false, []engine.Rule{ssh("0.0.0.0/0"), ssh("10.0.0.0/8")})
				return err
			}),
			Config:           config(),
			ConfigPlanChecks: planned(actions{}),
		},
		resource.TestStep{
			Config:           config("revoke_rules_on_delete = true"),
			ConfigPlanChecks: update,
			ConfigStateChecks: shows(shown{"ingress": set{
				rule("icmp", 8, 0, shown{"description": "echo", "cidr_blocks": list{"10.0.0.0/8"}}),
				rule("tcp", 22, 22, shown{"cidr_blocks": list{"0.0.0.0/0", "10.0.0.0/8"}}),
			}}),
		},
		resource.TestStep{Config: config("ingress = []", "egress = []"), ConfigPlanChecks: update, ConfigStateChecks: shows(shown{"ingress": set{}})},
		resource.TestStep{
			Config: config(`egress {
    protocol    = "all"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol        = "50"
    from_port       = 0
    to_port         = 0
    prefix_list_ids = ["pl-0123456789abcdef0"]
  }`),
			ConfigPlanChecks:  update,
			ConfigStateChecks: shows(shown{"ingress": set{}, "egress": knownvalue.SetSizeExact(2)}),
		},
	)
}

// TestSecurityGroupImport: however the configuration writes its rules, they
// are those that an import finds.
func TestSecurityGroupImport(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.run(
		resource.TestStep{Config: lab.config(mainVPC + group("main", `ingress {
    protocol    = "6"
    from_port   = 80
    to_port     = 80
    self        = true
    cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
  }
  ingress {
    protocol    = "all"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/8"]
  }`))},
		resource.TestStep{
			ResourceName: "vpclab_security_group.main", ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			// revoke_rules_on_delete is the one thing to set: its default.
		},
	)
}

// TestSecurityGroupInDefaultVPC: without vpc_id a group is in the default VPC.
func TestSecurityGroupInDefaultVPC(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.run(resource.TestStep{
		Config: lab.config(`
resource "vpclab_security_group" "main" {
  name = "main"
}
data "vpclab_vpc" "default" {
  default = true
}
`),
		ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{"vpc_id": ref("data.vpclab_vpc.default.id")})},
	})
}

// TestSecurityGroupGivenUp: a group that is deleted after those that had it
// have been changed, which is what create_before_destroy is for.
func TestSecurityGroupGivenUp(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	const lasting = "lifecycle {\n    create_before_destroy = true\n  }"
	having := func(groups string) string {
		return house + interfaceIn("x", "a", "security_groups = ["+groups+"]") + instanceIn("y", "a", "vpc_security_group_ids = ["+groups+"]")
	}
	const kept = "vpclab_security_group.web.id"
	lab.run(
		resource.TestStep{Config: lab.config(having(kept+", vpclab_security_group.given_up.id") + group("given_up", lasting))},
		resource.TestStep{
			Config: lab.config(having(kept)),
			ConfigPlanChecks: planned(actions{
				"vpclab_security_group.given_up": "delete", "vpclab_network_interface.x": "update", "vpclab_instance.y": "update",
			}),
		},
	)
}

// TestSecurityGroupRevokesOnDelete: a group to which another one's rule refers
// cannot be deleted, unless it is to revoke such rules.
func TestSecurityGroupRevokesOnDelete(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(revoke string) string {
		return lab.config(mainVPC + group("a", "revoke_rules_on_delete = "+revoke, `ingress {
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    security_groups = [vpclab_security_group.b.id]
  }`) + group("b"))
	}
	referToEachOther := lab.changeGroup("a", func(tx *engine.Tx, a *ec2.SecurityGroup) error {
		b := tx.SecurityGroupRules(a.ID, false)[0].ReferencedGroupID
		back := engine.Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: 22, ToPort: 22, ReferencedGroupID: a.ID}}
		_, err := tx.AuthorizeSecurityGroup(b, false, []engine.Rule{back})
		return err
	})
	lab.run(
		resource.TestStep{Config: config("false")},
		resource.TestStep{
			PreConfig: referToEachOther,
			Config:    config("false"), Destroy: true,
			ExpectError: says("is still in use", `security group "a"`, "cannot be deleted while", `"b"`, "DeleteSecurityGroup, DependencyViolation"),
		},
		resource.TestStep{Config: config("true"), ConfigPlanChecks: planned(actions{"vpclab_security_group.a": "update"})},
	)
}

func TestSecurityGroupArgumentsRefused(t *testing.T) {
	t.Parallel()
	const summary = "The security group cannot have this rule"
	ingress := func(protocol string, from, to int, more ...string) string {
		return fmt.Sprintf("name = \"x\"\n  ingress {\n    protocol  = %q\n    from_port = %d\n    to_port   = %d\n    %s\n  }",
			protocol, from, to, strings.Join(more, "\n    "))
	}
	anywhere := `cidr_blocks = ["0.0.0.0/0"]`
	newLab(t).refuse("",
		refused("security_group", `name = "sg-web"`, "The security group cannot have this name", `cannot begin with "sg-"`),
		refused("security_group", `name = ""`, "The security group cannot have this name", "at least one character"),
		refused("security_group", `name = "default"`, "The security group cannot have this name", `the name "default" belongs to`),
		refused("security_group", fmt.Sprintf("name = %q", strings.Repeat("x", 256)), "at most 255 characters; this one has 256"),
		refused("security_group", "name = \"x\"\n  name_prefix = \"y\"", "name_prefix", "cannot be specified"),
		refused("security_group", `name_prefix = "sg-"`, "The security group cannot have a name with this prefix", `cannot begin with "sg-"`),
		refused("security_group", fmt.Sprintf("name_prefix = %q", strings.Repeat("x", 230)), "at most 229 characters, to which 26 are added; this one has 230"),
		refused("security_group", `description = ""`, "The security group cannot have this description", "at least one character"),
		refused("security_group", `description = "Größe"`, "The security group cannot have this description", `cannot have 'ö'`),
		refused("security_group", ingress("tcp", 0, 65536, anywhere), summary, "tcp ports go from 0 to 65535, not 0 to 65536"),
		refused("security_group", ingress("tcp", 90, 80, anywhere), summary, "did you mean 80 to 90?"),
		refused("security_group", ingress("-1", 22, 22, anywhere), summary, "all protocols have no ports"),
		refused("security_group", ingress("icmp", 256, 0, anywhere), summary, "the icmp type (the from port) is 256"),
		refused("security_group", ingress("gre", 0, 0, anywhere), summary, `EC2 does not know the protocol "gre" by name; write its number, "47"`),
		refused("security_group", ingress("http", 80, 80, anywhere), summary, `"http" is not a protocol`),
		refused("security_group", ingress("tcp", 80, 80, `cidr_blocks = ["10.0.0.1/8"]`), summary, `did you mean "10.0.0.0/8"?`),
		refused("security_group", ingress("tcp", 80, 80, `cidr_blocks = ["::/0"]`), summary, `"::/0" is not a valid IPv4 CIDR block`),
		refused("security_group", ingress("tcp", 80, 80, `ipv6_cidr_blocks = ["10.0.0.0/8"]`), summary, `"10.0.0.0/8" is not a valid IPv6 CIDR block`),
		refused("security_group", ingress("tcp", 80, 80, `prefix_list_ids = ["s3"]`), summary, `"s3" is not the id of a prefix list`),
		refused("security_group", ingress("tcp", 80, 80, `security_groups = ["web"]`), summary, `"web" is not the id of a security group`),
		refused("security_group", ingress("tcp", 80, 80, anywhere, `description = "a < b"`), summary, `the description of a rule cannot have '<'`),
		refused("security_group", strings.Replace(ingress("tcp", 80, 80, anywhere), "ingress {", "egress {", 1)+"\n  egress {\n    protocol = \"tcp\"\n  }",
			summary, "a rule needs protocol, from_port and to_port"),
	)
}

func TestSecurityGroupRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments ...string) string {
		return "vpc_id = vpclab_vpc.main.id\n  " + strings.Join(arguments, "\n  ")
	}
	web := func(more ...string) string {
		return "ingress {\n    protocol = \"tcp\"\n    from_port = 80\n    to_port = 80\n    " + strings.Join(more, "\n    ") + "\n  }"
	}
	newLab(t).refuse(mainVPC+group("there")+`
resource "vpclab_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}
resource "vpclab_security_group" "other" {
  vpc_id = vpclab_vpc.other.id
}
`,
		refused("security_group", in(web(`cidr_blocks = ["10.0.0.0/8", "10.0.0.0/8"]`)), "The same rule stands in the security group twice",
			"AuthorizeSecurityGroupIngress, InvalidParameterValue: The same permission must not appear multiple times"),
		refused("security_group", in(web(`cidr_blocks = ["10.0.0.0/8"]`), web(`cidr_blocks = ["10.0.0.0/8"]`, `description = "again"`)),
			"The same rule stands in the security group twice", "The description does not tell rules apart"),
		refused("security_group", in(web("security_groups = [vpclab_security_group.other.id]")), "A rule cannot refer to a security group of another VPC"),
		refused("security_group", in(web(`security_groups = ["sg-0123456789abcdef0"]`)), "There is no security group sg-0123456789abcdef0"),
		refused("security_group", in(web(`cidr_blocks = [for i in range(61) : "10.0.${i}.0/24"]`)), "Too many rules for one security group",
			"would have 61 ingress rules for IPv4", "RulesPerSecurityGroupLimitExceeded"),
		refused("security_group", `vpc_id = "vpc-0123456789abcdef0"`, "There is no VPC vpc-0123456789abcdef0", "CreateSecurityGroup, InvalidVpcID.NotFound"),
	)
}

// TestSecurityGroupNameTaken: the name is refused at the group that asks for
// it, or at the one that keeps it, whichever Terraform plans last.
func TestSecurityGroupNameTaken(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	there := resource.TestStep{Config: lab.config(mainVPC + group("there"))}
	again := strings.Replace(group("there"), `"there" {`, `"again" {`, 1)
	lab.run(
		there,
		resource.TestStep{
			Config: there.Config + again, PlanOnly: true,
			ExpectError: says("The VPC already has a security group of this name", `"there" is the name of the security group "there"`,
				"use name_prefix", "CreateSecurityGroup, InvalidGroup.Duplicate"),
		},
		// The name moves on in one apply.
		resource.TestStep{
			Config: lab.config(mainVPC + again + strings.Replace(group("there"), `"there"
  vpc`, `"new"
  vpc`, 1)),
			ConfigPlanChecks: planned(actions{"vpclab_security_group.there": "replace for name", "vpclab_security_group.again": "create"}),
		},
	)
}

func TestSecurityGroupUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(description string, port int, block string) string {
		return lab.config(mainVPC + group("peer") + fmt.Sprintf(`
resource "terraform_data" "given" {
  input = { name = "main", description = %q, port = %d, block = %q }
}
resource "terraform_data" "peer" {
  input = vpclab_security_group.peer.id
}
resource "vpclab_security_group" "main" {
  name        = terraform_data.given.output.name
  description = terraform_data.given.output.description
  vpc_id      = vpclab_vpc.main.id
  ingress {
    protocol        = "tcp"
    from_port       = terraform_data.given.output.port
    to_port         = terraform_data.given.output.port
    description     = terraform_data.given.output.name
    cidr_blocks     = [terraform_data.given.output.block]
    security_groups = [terraform_data.peer.output]
  }
}
`, description, port, block))
	}
	lab.run(
		resource.TestStep{
			Config: config("first", 80, "10.0.0.0/8"),
			ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{
				"name": "main", "description": "first", "ingress": knownvalue.SetSizeExact(1),
			})},
		},
		resource.TestStep{
			Config:            config("first", 81, "10.0.0.0/16"),
			ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{"description": "first"})},
		},
		resource.TestStep{
			Config:            config("second", 81, "10.0.0.0/16"),
			ConfigStateChecks: []statecheck.StateCheck{has("vpclab_security_group.main", shown{"description": "second"})},
		},
	)
}
