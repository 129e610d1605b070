package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestRefusedAtFirstPlan has a case for every rule that a plan is held against
// when nothing has been applied yet and no id is known.
func TestRefusedAtFirstPlan(t *testing.T) {
	t.Parallel()
	pair := instanceIn("one", "a") + instanceIn("two", "a")
	runPlanCases(t, []planCase{
		// Zones.
		{
			name:  "attachment across zones",
			after: instanceIn("far", "b") + interfaceIn("vip", "a", `private_ips = ["10.0.1.50"]`) + attach("vip", "vip", "far", "1"),
			refusals: []string{
				"The interface and the instance are in different Availability Zones",
				`network interface "vip" (10.0.1.50 in subnet 10.0.1.0/24) lives in us-west-3a`,
				`instance "far" (subnet 10.0.2.0/24 in us-west-3b)`,
				"instance_id = vpclab_instance.far.id",
			},
		},
		{
			name:     "inline attachment across zones",
			after:    instanceIn("far", "b") + interfaceIn("vip", "a", inline("far", "1")),
			refusals: []string{"different Availability Zones", `instance "far"`},
		},
		{
			name:     "primary interface of another zone",
			after:    interfaceIn("own", "a") + strings.Replace(launchedWith("bound", "own"), "tags", "availability_zone = \"us-west-3b\"\n  tags", 1),
			refusals: []string{"The instance and its subnet are in different Availability Zones", "us-west-3a", "us-west-3b"},
		},
		{
			name:     "instance in another zone than its subnet",
			after:    instanceIn("one", "a", `availability_zone = "us-west-3b"`),
			refusals: []string{"The instance and its subnet are in different Availability Zones", `availability_zone = "us-west-3b"`},
		},
		{
			name:     "zone of another region",
			after:    subnetOf("main", "x", "10.0.9.0/24", `availability_zone = "us-east-1a"`),
			refusals: []string{"The region us-west-3 has no Availability Zone us-east-1a"},
		},

		// Claims.
		{
			name: "device index twice",
			after: pair + interfaceIn("x", "a") + interfaceIn("y", "a") + attach("x", "x", "one", "1") +
				attach("y", "y", "one", "1"),
			refusals: []string{"Device index 1 of the instance is taken", `instance "one"`},
		},
		{
			name:     "interface attached twice",
			after:    pair + interfaceIn("x", "a") + attach("x", "x", "one", "1") + attach("y", "x", "two", "1"),
			refusals: []string{"The network interface is attached already", `network interface "x"`},
		},
		{
			name:     "interface attached inline and by a resource",
			after:    pair + interfaceIn("x", "a", inline("one", "1")) + attach("y", "x", "two", "1"),
			refusals: []string{"The network interface is attached already", `instance "one"`},
		},
		{
			name:     "primary interface of two instances",
			after:    interfaceIn("own", "a") + launchedWith("one", "own") + launchedWith("two", "own"),
			refusals: []string{"The network interface is attached already", "RunInstances, InvalidNetworkInterface.InUse"},
		},
		{
			name:     "primary interface attached as well",
			after:    pair + interfaceIn("own", "a") + launchedWith("bound", "own") + attach("x", "own", "one", "1"),
			refusals: []string{"The network interface is attached already"},
		},
		{
			name: "interface attached by count",
			after: pair + interfaceIn("x", "a") + strings.Replace(attach("x", "x", "one", "count.index + 1"),
				"network_interface_id", "count = 2\n  network_interface_id", 1),
			refusals: []string{"The network interface is attached already"},
		},
		{
			name:     "address of two interfaces",
			after:    interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`) + interfaceIn("y", "a", `private_ips = ["10.0.1.50"]`),
			refusals: []string{"The private address is taken", "10.0.1.50"},
		},
		{
			name:     "address of an interface and an instance",
			after:    interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`) + instanceIn("y", "a", `private_ip = "10.0.1.50"`),
			refusals: []string{"The private address is taken"},
		},
		{
			name:     "group name twice",
			after:    groupOf("main", "x", `name = "twin"`) + groupOf("main", "y", `name = "twin"`),
			refusals: []string{"The VPC already has a security group of this name", `VPC "main"`},
		},

		// Limits.
		{
			name: "more interfaces than the type allows",
			after: pair + interfaceIn("x", "a") + interfaceIn("y", "a") + interfaceIn("z", "a") + attach("x", "x", "one", "1") +
				attach("y", "y", "one", "2") + attach("z", "z", "one", "3"),
			refusals: []string{"t3.small", "at most 3 network interfaces"},
		},
		{
			name: "more addresses than the type allows",
			after: pair + interfaceIn("x", "a", `private_ips = ["10.0.1.50", "10.0.1.51", "10.0.1.52", "10.0.1.53", "10.0.1.54"]`) +
				attach("x", "x", "one", "1"),
			refusals: []string{"Too many private addresses", "which allows 4 per interface"},
		},
		{
			name:     "six security groups",
			after:    groups(6) + interfaceIn("x", "a", "security_groups = vpclab_security_group.many[*].id"),
			refusals: []string{"Too many security groups", "at most 5"},
		},
		{
			name:     "61 rules",
			after:    groupOf("main", "x", manyRules(61)),
			refusals: []string{"Too many rules for one security group", "at most 60"},
		},
		{
			name:     "twelve interfaces in a subnet of eleven",
			after:    subnetOf("main", "tiny", "10.0.9.0/28") + counted(interfaceIn("x", "tiny"), 12),
			refusals: []string{"The subnet has no free address left", "11 addresses"},
		},

		// Belonging.
		{
			name:     "group of another VPC on an interface",
			after:    interfaceIn("x", "a", "security_groups = [vpclab_security_group.other.id]"),
			refusals: []string{"The security group belongs to another VPC", `VPC "other"`, `VPC "main"`},
		},
		{
			name:     "group of another VPC on an instance",
			after:    instanceIn("x", "a", "vpc_security_group_ids = [vpclab_security_group.other.id]"),
			refusals: []string{"The security group belongs to another VPC", `VPC "other"`},
		},
		{
			name:     "address outside the subnet",
			after:    interfaceIn("x", "a", `private_ips = ["10.0.2.50"]`),
			refusals: []string{"The private address lies outside the subnet", "10.0.2.50 is not within 10.0.1.0/24"},
		},
		{
			name:     "reserved address",
			after:    instanceIn("x", "a", `private_ip = "10.0.1.255"`),
			refusals: []string{"The private address is reserved", "broadcast"},
		},
		{
			name:     "subnet outside the VPC",
			after:    subnetOf("main", "x", "10.1.9.0/24"),
			refusals: []string{`VPC "main"`, "10.1.9.0/24", "InvalidSubnet.Range"},
		},
		{
			name:     "overlapping subnets",
			after:    subnetOf("main", "x", "10.0.1.128/25"),
			refusals: []string{"The subnet overlaps another one of its VPC", "10.0.1.128/25"},
		},

		{
			name:     "null among the rules",
			after:    groupOf("main", "x", "ingress = [null]"),
			refusals: []string{"An element is null"},
		},
		{
			name:     "null among the addresses",
			after:    interfaceIn("x", "a", `private_ips = ["10.0.1.50", null]`),
			refusals: []string{"An element is null"},
		},
		{
			name:     "more addresses than there are numbers",
			after:    interfaceIn("x", "a", "private_ips_count = 9223372036854775807"),
			refusals: []string{"This is no number of secondary private addresses"},
		},
		{
			name:     "group names outside the default VPC",
			after:    instanceIn("x", "a", `security_groups = ["default"]`),
			refusals: []string{"Security groups go by name in the default VPC only", "vpc_security_group_ids"},
		},

		// The primary interface.
		{
			name:     "attachment at index 0",
			after:    pair + interfaceIn("x", "a") + attach("x", "x", "one", "0"),
			refusals: []string{"Device index 0 belongs to the instance's primary network interface", "device_index = 0"},
		},
		{
			name:     "inline attachment at index 0",
			after:    pair + interfaceIn("x", "a", inline("one", "0")),
			refusals: []string{"Device index 0 belongs to the instance's primary network interface"},
		},
	})
}

// TestPossibleAtFirstPlan has a near miss for each of the rules above, and the
// ways in which an id reaches the resource that refers to it.
func TestPossibleAtFirstPlan(t *testing.T) {
	t.Parallel()
	pair := instanceIn("one", "a") + instanceIn("two", "a")
	runPlanCases(t, []planCase{
		{name: "attachment", after: pair + interfaceIn("vip", "a") + attach("vip", "vip", "one", "1")},
		{name: "inline attachment", after: pair + interfaceIn("vip", "a", inline("two", "1"))},
		{name: "two interfaces at two indexes", after: pair + interfaceIn("x", "a", inline("one", "1")) + interfaceIn("y", "a", inline("one", "2"))},
		{name: "primary interface brought along", after: interfaceIn("own", "a") + launchedWith("bound", "own")},
		{
			name: "as many addresses as the type allows",
			after: pair + interfaceIn("x", "a", `private_ips = ["10.0.1.50", "10.0.1.51", "10.0.1.52", "10.0.1.53"]`) +
				attach("x", "x", "one", "1"),
		},
		{name: "five security groups", after: groups(5) + interfaceIn("x", "a", "security_groups = vpclab_security_group.many[*].id")},
		{name: "60 rules", after: groupOf("main", "x", manyRules(60))},
		{name: "eleven interfaces in a subnet of eleven", after: subnetOf("main", "tiny", "10.0.9.0/28") + counted(interfaceIn("x", "tiny"), 11)},
		{name: "the same address in two VPCs", after: subnetOf("other", "twin", "10.1.1.0/24") + interfaceIn("x", "twin", `private_ips = ["10.1.1.50"]`) + interfaceIn("y", "a", `private_ips = ["10.0.1.50"]`)},
		{name: "the same group name in two VPCs", after: groupOf("main", "x", `name = "twin"`) + groupOf("other", "y", `name = "twin"`)},
		{name: "neighbouring subnets", after: subnetOf("main", "x", "10.0.3.0/25") + subnetOf("main", "y", "10.0.3.128/25")},
		{name: "default VPC", after: `
resource "vpclab_instance" "x" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
}
`},
		{
			name: "ids kept by another provider",
			after: pair + `
resource "terraform_data" "kept" {
  count            = 2
  input            = [vpclab_instance.one.id, vpclab_subnet.a.id]
  triggers_replace = [vpclab_vpc.main.default_security_group_id]
}
`,
		},
		{
			name: "unknown for real",
			after: pair + interfaceIn("x", "a") + `
resource "terraform_data" "far" {
  input = vpclab_instance.one.id
}
resource "vpclab_network_interface_attachment" "x" {
  network_interface_id = vpclab_network_interface.x.id
  instance_id          = terraform_data.far.output
  device_index         = 1
}
`,
		},
		{
			name: "references by local, index, conditional, splat and one()",
			after: pair + interfaceIn("x", "a") + `
locals {
  instances = { one = vpclab_instance.one.id, two = vpclab_instance.two.id }
  chosen    = true ? local.instances["two"] : local.instances["one"]
}
resource "vpclab_network_interface" "many" {
  count     = 1
  subnet_id = { a = vpclab_subnet.a.id }["a"]
}
resource "vpclab_network_interface_attachment" "x" {
  network_interface_id = one(vpclab_network_interface.many[*].id)
  instance_id          = local.chosen
  device_index         = 1
}
`,
		},
	})
}

// More of the vocabulary of the cases.

func subnetOf(vpc, name, block string, arguments ...string) string {
	return fmt.Sprintf(`
resource "vpclab_subnet" %q {
  vpc_id     = vpclab_vpc.%s.id
  cidr_block = %q
  %s
}
`, name, vpc, block, strings.Join(arguments, "\n  "))
}

func groupOf(vpc, name string, arguments ...string) string {
	return fmt.Sprintf(`
resource "vpclab_security_group" %q {
  vpc_id = vpclab_vpc.%s.id
  %s
}
`, name, vpc, strings.Join(arguments, "\n  "))
}

func groups(n int) string { return groupOf("main", "many", fmt.Sprintf("count = %d", n)) }

func counted(resource string, n int) string {
	return strings.Replace(resource, "{\n", fmt.Sprintf("{\n  count = %d\n", n), 1)
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "ingress {\n    protocol    = \"tcp\"\n    from_port   = %d\n    to_port     = %d\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }\n  ", 1000+i, 1000+i)
	}
	return b.String()
}
