package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// network is what the cases below stand on: a VPC with a subnet in each of two
// zones, and another VPC.
const network = `
resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}
resource "vpclab_vpc" "other" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "other" }
}
resource "vpclab_subnet" "a" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-west-3a"
}
resource "vpclab_subnet" "b" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "us-west-3b"
}
resource "vpclab_security_group" "main" {
  name   = "main"
  vpc_id = vpclab_vpc.main.id
}
resource "vpclab_security_group" "other" {
  name   = "other"
  vpc_id = vpclab_vpc.other.id
}
`

// The vocabulary of the cases.

func instanceIn(name, subnet string, arguments ...string) string {
	return `
resource "vpclab_instance" "` + name + `" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = vpclab_subnet.` + subnet + `.id
  tags          = { Name = "` + name + `" }
  ` + strings.Join(arguments, "\n  ") + `
}
`
}

func interfaceIn(name, subnet string, arguments ...string) string {
	return `
resource "vpclab_network_interface" "` + name + `" {
  subnet_id = vpclab_subnet.` + subnet + `.id
  tags      = { Name = "` + name + `" }
  ` + strings.Join(arguments, "\n  ") + `
}
`
}

func attach(name, eni, instance, index string) string {
	return `
resource "vpclab_network_interface_attachment" "` + name + `" {
  network_interface_id = vpclab_network_interface.` + eni + `.id
  instance_id          = vpclab_instance.` + instance + `.id
  device_index         = ` + index + `
}
`
}

func inline(instance, index string) string {
	return "attachment {\n    instance     = vpclab_instance." + instance + ".id\n    device_index = " + index + "\n  }"
}

func launchedWith(name, eni string) string {
	return `
resource "vpclab_instance" "` + name + `" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  tags          = { Name = "` + name + `" }
  primary_network_interface {
    network_interface_id = vpclab_network_interface.` + eni + `.id
  }
}
`
}

// planCase is a configuration and what its plan must say. Without refusals the
// plan must pass, apply must succeed, and the next plan must be empty.
type planCase struct {
	name     string
	before   string   // applied first, so that its ids are known
	after    string   // planned
	refusals []string // words of the diagnostics, in any order
}

func runPlanCases(t *testing.T, cases []planCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t)
			var steps []resource.TestStep
			if c.before != "" {
				steps = append(steps, resource.TestStep{Config: lab.config(network + c.before)})
			}
			if len(c.refusals) == 0 {
				steps = append(steps, resource.TestStep{Config: lab.config(network + c.after)})
			}
			for _, words := range c.refusals {
				steps = append(steps, resource.TestStep{
					Config:      lab.config(network + c.after),
					PlanOnly:    true,
					ExpectError: wrapped(words),
				})
			}
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: protoV6ProviderFactories, Steps: steps})
		})
	}
}

// wrapped matches words wherever Terraform has broken the line.
func wrapped(words string) *regexp.Regexp {
	fields := strings.Fields(words)
	for i, f := range fields {
		fields[i] = regexp.QuoteMeta(f)
	}
	return regexp.MustCompile(strings.Join(fields, `\s+`))
}

// TestRefusedAtPlan has a case for every rule that a plan is held against,
// where ids are known from an earlier apply.
func TestRefusedAtPlan(t *testing.T) {
	t.Parallel()
	servers := instanceIn("one", "a") + instanceIn("two", "a") + instanceIn("far", "b") + interfaceIn("vip", "a", `private_ips = ["10.0.1.50"]`)
	attached := servers + attach("vip", "vip", "one", "1")
	runPlanCases(t, []planCase{
		{
			name: "attachment across zones", before: servers, after: servers + attach("vip", "vip", "far", "1"),
			refusals: []string{
				"The interface and the instance are in different Availability Zones",
				`network interface "vip"`, `instance "far"`, "us-west-3a", "us-west-3b",
				"AttachNetworkInterface, InvalidParameterCombination: You may not attach",
				"instance_id = vpclab_instance.far.id",
			},
		},
		{
			name: "move across zones", before: attached, after: servers + attach("vip", "vip", "far", "1"),
			refusals: []string{"different Availability Zones"},
		},
		{
			name: "inline attachment across zones", before: servers,
			after:    strings.Replace(servers, `["10.0.1.50"]`, "[\"10.0.1.50\"]\n"+inline("far", "1"), 1),
			refusals: []string{"different Availability Zones", `instance "far"`},
		},
		{
			name: "attachment at index 0", before: servers, after: servers + attach("vip", "vip", "one", "0"),
			refusals: []string{"Device index 0 belongs to the instance's primary network interface", "device_index = 0"},
		},
		{
			name: "device index taken", before: attached + interfaceIn("more", "a"),
			after:    attached + interfaceIn("more", "a") + attach("more", "more", "one", "1"),
			refusals: []string{"Device index 1 of the instance is taken", `network interface "vip"`, "Device index 2 is free"},
		},
		{
			name: "interface in use", before: attached, after: attached + attach("again", "vip", "two", "1"),
			refusals: []string{"The network interface is attached already", `instance "one"`, "currently in use"},
		},
		{
			name: "interface in use by its inline block", before: servers + interfaceIn("more", "a", inline("one", "1")),
			after:    servers + interfaceIn("more", "a", inline("one", "1")) + attach("again", "more", "two", "1"),
			refusals: []string{"The network interface is attached already"},
		},
		{
			name:   "more interfaces than the type allows",
			before: attached + interfaceIn("x", "a") + interfaceIn("y", "a") + attach("x", "x", "one", "2"),
			after: attached + interfaceIn("x", "a") + interfaceIn("y", "a") + attach("x", "x", "one", "2") +
				attach("y", "y", "one", "3"),
			refusals: []string{"t3.small", "at most 3 network interfaces"},
		},
		{
			name: "smaller type than the interfaces need", before: attached + interfaceIn("x", "a") + attach("x", "x", "one", "2"),
			after: strings.Replace(attached+interfaceIn("x", "a")+attach("x", "x", "one", "2"),
				`instance_type = "t3.small"`, `instance_type = "t3.micro"`, 1),
			refusals: []string{"t3.micro"},
		},
		{
			name: "address outside the subnet", before: servers, after: servers + interfaceIn("x", "a", `private_ips = ["10.0.2.50"]`),
			refusals: []string{"The private address lies outside the subnet", "10.0.2.50 is not within 10.0.1.0/24", `private_ips = ["10.0.2.50"]`},
		},
		{
			name: "reserved address", before: servers, after: servers + interfaceIn("x", "a", `private_ips = ["10.0.1.2"]`),
			refusals: []string{"The private address is reserved", "10.0.1.2 is the DNS server"},
		},
		{
			name: "address taken by an interface", before: servers, after: servers + interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`),
			refusals: []string{"The private address is taken", `network interface "vip"`, "CreateNetworkInterface, InvalidIPAddress.InUse"},
		},
		{
			name: "address taken, instance", before: servers, after: servers + instanceIn("x", "a", `private_ip = "10.0.1.50"`),
			refusals: []string{"The private address is taken", `network interface "vip"`, "RunInstances, InvalidIPAddress.InUse"},
		},
		{
			name: "group of another VPC", before: servers,
			after:    servers + interfaceIn("x", "a", "security_groups = [vpclab_security_group.other.id]"),
			refusals: []string{"The security group belongs to another VPC", `VPC "other"`, `VPC "main"`},
		},
		{
			name: "brought interface deleted while its instance stays", before: interfaceIn("own", "a") + launchedWith("bound", "own"),
			after: `
resource "vpclab_instance" "bound" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  tags          = { Name = "bound" }
}
`,
			refusals: []string{"An instance's primary network interface cannot be detached", `instance "bound"`, "OperationNotPermitted"},
		},
		{
			name:     "group deleted while an interface keeps it",
			before:   groupOf("main", "leaving") + interfaceIn("x", "a", "security_groups = [vpclab_security_group.leaving.id]"),
			after:    interfaceIn("x", "a"),
			refusals: []string{"still in use", `network interface "x"`, "DependencyViolation"},
		},
		{
			name:     "smaller type, whose interface moves to an index it has only after that",
			before:   servers + interfaceIn("more", "a", inline("one", "2")),
			after:    strings.Replace(servers, `"t3.small"`, `"t3.micro"`, 1) + interfaceIn("more", "a", inline("one", "1")),
			refusals: []string{"The instance has no device index 2", "lets go of only after that", "in two runs"},
		},
		{
			name:     "address that an interface gives up only after the instance it is attached to has been launched with it",
			before:   interfaceIn("x", "a", `private_ips = ["10.0.1.60", "10.0.1.61"]`),
			after:    instanceIn("new", "a", `private_ip = "10.0.1.61"`) + interfaceIn("x", "a", `private_ips = ["10.0.1.60"]`, inline("new", "1")),
			refusals: []string{"The private address is taken", "lets go of only after that"},
		},
		{
			name: "primary interface attached elsewhere", before: servers + interfaceIn("own", "a") + launchedWith("bound", "own"),
			after:    servers + interfaceIn("own", "a") + launchedWith("bound", "own") + attach("own", "own", "one", "1"),
			refusals: []string{"The network interface is attached already", `instance "bound"`},
		},
	})
}

// TestPossibleAtPlan has a near miss for the rules above, and what a plan must
// not refuse although a claim is held when it begins.
func TestPossibleAtPlan(t *testing.T) {
	t.Parallel()
	servers := instanceIn("one", "a") + instanceIn("two", "a") + interfaceIn("vip", "a", `private_ips = ["10.0.1.50"]`)
	two := servers + interfaceIn("vip2", "a")
	runPlanCases(t, []planCase{
		{name: "attach", before: servers, after: servers + attach("vip", "vip", "one", "1")},
		{name: "move", before: servers + attach("vip", "vip", "one", "1"), after: servers + attach("vip", "vip", "two", "1")},
		{name: "detach", before: servers + attach("vip", "vip", "one", "1"), after: servers},
		{
			name:   "move by another attachment resource",
			before: servers + attach("vip", "vip", "one", "1"), after: servers + attach("standby", "vip", "two", "1"),
		},
		{
			name:   "swap by attachments",
			before: two + attach("x", "vip", "one", "1") + attach("y", "vip2", "two", "1"),
			after:  two + attach("x", "vip", "two", "1") + attach("y", "vip2", "one", "1"),
		},
		{
			name: "swap in place",
			before: instanceIn("one", "a") + instanceIn("two", "a") +
				interfaceIn("x", "a", inline("one", "1")) + interfaceIn("y", "a", inline("two", "1")),
			after: instanceIn("one", "a") + instanceIn("two", "a") +
				interfaceIn("x", "a", inline("two", "1")) + interfaceIn("y", "a", inline("one", "1")),
		},
		{
			name: "inline move", before: instanceIn("one", "a") + instanceIn("two", "a") + interfaceIn("x", "a", inline("one", "1")),
			after: instanceIn("one", "a") + instanceIn("two", "a") + interfaceIn("x", "a", inline("two", "1")),
		},
		{
			name: "inline block removed", before: instanceIn("one", "a") + interfaceIn("x", "a", inline("one", "1")),
			after: instanceIn("one", "a") + interfaceIn("x", "a"),
		},
		{
			name: "address handed on", before: interfaceIn("x", "a", `private_ips = ["10.0.1.50", "10.0.1.51"]`),
			after: interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`) + interfaceIn("y", "a", `private_ips = ["10.0.1.51"]`),
		},
		{
			name: "address of a deleted interface", before: interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`),
			after: interfaceIn("y", "a", `private_ips = ["10.0.1.50"]`),
		},
		{
			name:   "secondary addresses swapped by two interfaces",
			before: interfaceIn("x", "a", `private_ips = ["10.0.1.50", "10.0.1.60"]`) + interfaceIn("y", "a", `private_ips = ["10.0.1.51", "10.0.1.61"]`),
			after:  interfaceIn("x", "a", `private_ips = ["10.0.1.50", "10.0.1.61"]`) + interfaceIn("y", "a", `private_ips = ["10.0.1.51", "10.0.1.60"]`),
		},
		{
			name:   "secondary addresses swapped by two instances",
			before: instanceIn("one", "a", `secondary_private_ips = ["10.0.1.60"]`) + instanceIn("two", "a", `secondary_private_ips = ["10.0.1.61"]`),
			after:  instanceIn("one", "a", `secondary_private_ips = ["10.0.1.61"]`) + instanceIn("two", "a", `secondary_private_ips = ["10.0.1.60"]`),
		},
		{
			name:   "attachment turned into a block",
			before: servers + attach("vip", "vip", "one", "1"),
			after:  strings.Replace(servers, `["10.0.1.50"]`, "[\"10.0.1.50\"]\n"+inline("one", "1"), 1),
		},
		{
			name: "instance replaced under an attachment", before: servers + attach("vip", "vip", "one", "1"),
			after: strings.Replace(servers, "ami-0123456789abcdef0", "ami-0fedcba9876543210", 1) + attach("vip", "vip", "one", "1"),
		},
		{
			name:   "brought interface and its instance deleted",
			before: interfaceIn("own", "a") + launchedWith("bound", "own"), after: interfaceIn("own", "a"),
		},
		{
			name:   "instance with an interface of its own replaced",
			before: interfaceIn("own", "a") + launchedWith("bound", "own"),
			after: interfaceIn("own", "a") + strings.Replace(launchedWith("bound", "own"),
				"ami-0123456789abcdef0", "ami-0fedcba9876543210", 1),
		},
		{
			name:   "a larger type and more addresses on its interfaces",
			before: instanceIn("one", "a") + interfaceIn("x", "a", "private_ips_count = 3") + attach("x", "x", "one", "1"),
			after: strings.Replace(instanceIn("one", "a"), "t3.small", "t3.large", 1) + interfaceIn("x", "a", "private_ips_count = 8") +
				attach("x", "x", "one", "1"),
		},
		{
			name:   "a larger type and more addresses of its own",
			before: instanceIn("one", "a", `secondary_private_ips = ["10.0.1.60"]`),
			after: strings.Replace(instanceIn("one", "a", `secondary_private_ips = ["10.0.1.61", "10.0.1.62", "10.0.1.63", "10.0.1.64"]`),
				"t3.small", "t3.large", 1),
		},
		{
			name: "subnet replaced with all that is in it", before: servers + attach("vip", "vip", "one", "1"),
			after: instanceIn("one", "c") + instanceIn("two", "c") + interfaceIn("vip", "c", `private_ips = ["10.0.3.50"]`) + attach("vip", "vip", "one", "1") + `
resource "vpclab_subnet" "c" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "us-west-3a"
}
`,
		},
	})
}
