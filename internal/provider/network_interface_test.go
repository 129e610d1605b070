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

// house is a VPC with two subnets in one zone and a security group.
const house = mainVPC + `
resource "vpclab_subnet" "a" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-west-3a"
}
resource "vpclab_subnet" "a2" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "us-west-3a"
}
resource "vpclab_security_group" "web" {
  name   = "web"
  vpc_id = vpclab_vpc.main.id
}
`

// changeInterface plays something on the interface with a Name tag.
func (l *testLab) changeInterface(name string, do func(*engine.Tx, *ec2.NetworkInterface) error) func() {
	return l.change(func(tx *engine.Tx) error {
		interfaces, err := tx.DescribeNetworkInterfaces(engine.Filter{Name: "tag:Name", Values: []string{name}})
		if err != nil || len(interfaces) != 1 {
			return fmt.Errorf("got interfaces %v (%w), want one", interfaces, err)
		}
		return do(tx, interfaces[0])
	})
}

func addresses(list ...string) []netip.Addr {
	var parsed []netip.Addr
	for _, s := range list {
		parsed = append(parsed, netip.MustParseAddr(s))
	}
	return parsed
}

func TestNetworkInterface(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	const address = "vpclab_network_interface.x"
	update := planned(actions{address: "update"})
	minimal := lab.config(house + `
resource "vpclab_network_interface" "x" {
  subnet_id = vpclab_subnet.a.id
}
`)
	full := lab.config(house + interfaceIn("x", "a",
		`private_ips       = ["10.0.1.4", "10.0.1.50"]`,
		`security_groups   = [vpclab_security_group.web.id]`,
		`source_dest_check = false`,
		`description       = "moves"`,
		`region            = "us-west-3"`))
	var interfaceID, mac memory
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config: minimal,
				ConfigStateChecks: []statecheck.StateCheck{hasOnly(address, shown{
					"id":                      interfaceID.same(),
					"region":                  "us-west-3",
					"arn":                     arn("network-interface", "eni"),
					"attachment":              set{},
					"description":             nil,
					"interface_type":          "interface",
					"mac_address":             mac.same(),
					"owner_id":                account,
					"private_dns_name":        "",
					"private_ip":              "10.0.1.4",
					"private_ip_list":         list{"10.0.1.4"},
					"private_ip_list_enabled": false,
					"private_ips":             set{"10.0.1.4"},
					"private_ips_count":       0,
					"security_groups":         set{ref("vpclab_vpc.main.default_security_group_id")},
					"source_dest_check":       true,
					"subnet_id":               ref("vpclab_subnet.a.id"),
					"tags":                    nil,
					"tags_all":                shown{},
				})},
			},
			{
				Config:           full,
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(address, shown{
					"id":                interfaceID.same(),
					"mac_address":       mac.same(),
					"description":       "moves",
					"private_ip":        "10.0.1.4",
					"private_ip_list":   list{"10.0.1.4", "10.0.1.50"},
					"private_ips":       set{"10.0.1.4", "10.0.1.50"},
					"private_ips_count": 1,
					"security_groups":   set{ref("vpclab_security_group.web.id")},
					"source_dest_check": false,
					"tags_all":          shown{"Name": "x"},
				})},
			},
		},
		imported(address),
		[]resource.TestStep{
			{
				PreConfig: lab.changeInterface("x", func(tx *engine.Tx, n *ec2.NetworkInterface) error {
					on, description, groups := true, "seized", []string{}
					for _, r := range []engine.ModifyNetworkInterfaceAttributeInput{
						{NetworkInterfaceID: n.ID, SourceDestCheck: &on},
						{NetworkInterfaceID: n.ID, Description: &description},
					} {
						if err := tx.ModifyNetworkInterfaceAttribute(r); err != nil {
							return err
						}
					}
					v, _ := tx.VPC(n.VPCID)
					groups = append(groups, v.DefaultSecurityGroupID)
					err := tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: n.ID, Groups: &groups})
					if err != nil {
						return err
					}
					if err := tx.UnassignPrivateIPAddresses(n.ID, addresses("10.0.1.50")); err != nil {
						return err
					}
					_, err = tx.AssignPrivateIPAddresses(engine.AssignPrivateIPAddressesInput{NetworkInterfaceID: n.ID, PrivateIPAddresses: addresses("10.0.1.99")})
					return err
				}),
				Config:           full,
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(address, shown{
					"id":                interfaceID.same(),
					"description":       "moves",
					"private_ip_list":   list{"10.0.1.4", "10.0.1.50"},
					"security_groups":   set{ref("vpclab_security_group.web.id")},
					"source_dest_check": false,
				})},
			},
			{
				// What is no longer given stays, but for what has a default or is none of EC2's to choose.
				Config:           minimal,
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(address, shown{
					"id":                interfaceID.same(),
					"description":       nil,
					"private_ip_list":   list{"10.0.1.4", "10.0.1.50"},
					"security_groups":   set{ref("vpclab_security_group.web.id")},
					"source_dest_check": true,
					"tags":              nil,
				})},
			},
			{
				PreConfig: lab.change(func(tx *engine.Tx) error {
					interfaces, err := tx.DescribeNetworkInterfaces()
					if err != nil || len(interfaces) != 1 {
						return fmt.Errorf("got interfaces %v (%w), want one", interfaces, err)
					}
					return tx.DeleteNetworkInterface(interfaces[0].ID)
				}),
				Config:            minimal,
				ConfigPlanChecks:  planned(actions{address: "create"}),
				ConfigStateChecks: []statecheck.StateCheck{has(address, shown{"id": interfaceID.other(), "mac_address": mac.other()})},
			},
		},
	)...)
}

// addressStep is a step of the tests of addresses: the arguments, what the
// plan does, and the addresses afterwards, the primary one first.
type addressStep struct {
	arguments string
	action    string
	want      list
}

func runAddressSteps(t *testing.T, steps []addressStep) {
	t.Parallel()
	lab := newLab(t)
	const address = "vpclab_network_interface.x"
	var interfaceID memory
	var run []resource.TestStep
	for _, s := range steps {
		plan := actions{address: s.action}
		if s.action == "" {
			plan = actions{}
		}
		if run == nil {
			for _, there := range []string{"vpclab_vpc.main", "vpclab_subnet.a", "vpclab_subnet.a2", "vpclab_security_group.web"} {
				plan[there] = "create"
			}
		}
		kept := interfaceID.same()
		if strings.HasPrefix(s.action, "replace") {
			kept = interfaceID.other()
		}
		run = append(run, resource.TestStep{
			Config:           lab.config(house + interfaceIn("x", "a", s.arguments)),
			ConfigPlanChecks: planned(plan),
			ConfigStateChecks: []statecheck.StateCheck{has(address, shown{
				"id": kept, "private_ip": s.want[0], "private_ip_list": s.want, "private_ips_count": len(s.want) - 1,
			})},
		})
	}
	lab.run(run...)
}

func TestNetworkInterfacePrivateIPs(t *testing.T) {
	runAddressSteps(t, []addressStep{
		// The primary one is the lowest, or the one that was primary before.
		{`private_ips = ["10.0.1.51", "10.0.1.50"]`, "create", list{"10.0.1.50", "10.0.1.51"}},
		{`private_ips = ["10.0.1.40", "10.0.1.50"]`, "update", list{"10.0.1.50", "10.0.1.40"}},
		{`private_ips = ["10.0.1.50"]`, "update", list{"10.0.1.50"}},
		{``, "", list{"10.0.1.50"}},
		{`private_ips = ["10.0.1.40", "10.0.1.60"]`, "replace for private_ips", list{"10.0.1.40", "10.0.1.60"}},
		{`private_ip = "10.0.1.60"`, "replace for private_ip", list{"10.0.1.60"}},
		{"private_ip = \"10.0.1.60\"\n  private_ips = [\"10.0.1.40\", \"10.0.1.60\"]", "update", list{"10.0.1.60", "10.0.1.40"}},
	})
}

func TestNetworkInterfacePrivateIPsCount(t *testing.T) {
	runAddressSteps(t, []addressStep{
		{`private_ips_count = 2`, "create", list{"10.0.1.4", "10.0.1.5", "10.0.1.6"}},
		{`private_ips_count = 3`, "update", list{"10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.7"}},
		{`private_ips_count = 1`, "update", list{"10.0.1.4", "10.0.1.5"}},
		{``, "", list{"10.0.1.4", "10.0.1.5"}},
		{"private_ips = [\"10.0.1.4\"]\n  private_ips_count = 2", "update", list{"10.0.1.4", "10.0.1.5", "10.0.1.6"}},
		// Those that are named stay; of the others, the last ones go.
		{"private_ips = [\"10.0.1.4\", \"10.0.1.60\"]\n  private_ips_count = 3", "update", list{"10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.60"}},
		{"private_ips = [\"10.0.1.4\", \"10.0.1.60\"]\n  private_ips_count = 1", "update", list{"10.0.1.4", "10.0.1.60"}},
		{`private_ips_count = 0`, "update", list{"10.0.1.4"}},
	})
}

func TestNetworkInterfacePrivateIPList(t *testing.T) {
	enabled := func(addresses string) string {
		return "private_ip_list_enabled = true\n  private_ip_list = [" + addresses + "]"
	}
	runAddressSteps(t, []addressStep{
		{enabled(`"10.0.1.60", "10.0.1.50"`), "create", list{"10.0.1.60", "10.0.1.50"}},
		{enabled(`"10.0.1.60", "10.0.1.40", "10.0.1.50"`), "update", list{"10.0.1.60", "10.0.1.40", "10.0.1.50"}},
		{enabled(`"10.0.1.60", "10.0.1.50", "10.0.1.40"`), "update", list{"10.0.1.60", "10.0.1.50", "10.0.1.40"}},
		{enabled(`"10.0.1.60"`), "update", list{"10.0.1.60"}},
		{enabled(`"10.0.1.50", "10.0.1.60"`), "replace for private_ip_list", list{"10.0.1.50", "10.0.1.60"}},
		{`private_ips = ["10.0.1.50", "10.0.1.60"]`, "update", list{"10.0.1.50", "10.0.1.60"}},
	})
}

// TestNetworkInterfaceReplacement changes one argument of each interface.
func TestNetworkInterfaceReplacement(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(subnet string, groups, description string) string {
		return lab.config(house + interfaceIn("subnet", subnet) +
			interfaceIn("groups", "a", groups) + interfaceIn("described", "a", description))
	}
	lab.run(
		resource.TestStep{Config: config("a", "security_groups = [vpclab_security_group.web.id]", `description = "x"`)},
		resource.TestStep{
			Config: config("a2", "security_groups = [vpclab_security_group.web.id, vpclab_vpc.main.default_security_group_id]", `description = ""`),
			ConfigPlanChecks: planned(actions{
				"vpclab_network_interface.subnet":    "replace for subnet_id",
				"vpclab_network_interface.groups":    "update",
				"vpclab_network_interface.described": "update",
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_network_interface.subnet", shown{"subnet_id": ref("vpclab_subnet.a2.id"), "private_ip": "10.0.2.4"}),
				has("vpclab_network_interface.groups", shown{"security_groups": knownvalue.SetSizeExact(2)}),
				has("vpclab_network_interface.described", shown{"description": ""}),
			},
		},
		// Groups that are not given are left alone.
		resource.TestStep{
			Config:           config("a2", "", ""),
			ConfigPlanChecks: planned(actions{"vpclab_network_interface.described": "update"}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_network_interface.groups", shown{"security_groups": knownvalue.SetSizeExact(2)}),
			},
		},
	)
}

// TestNetworkInterfaceDNSName: the VPC decides whether there is one.
func TestNetworkInterfaceDNSName(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.run(resource.TestStep{
		Config: lab.config(strings.Replace(house, `"10.0.0.0/16"`, "\"10.0.0.0/16\"\n  enable_dns_hostnames = true", 1) + interfaceIn("x", "a")),
		ConfigStateChecks: []statecheck.StateCheck{
			has("vpclab_network_interface.x", shown{"private_dns_name": "ip-10-0-1-4.us-west-3.compute.internal"}),
		},
	})
}

// TestNetworkInterfaceInlineAttachment moves an interface about with its own
// block. It stays the same interface.
func TestNetworkInterfaceInlineAttachment(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	const address = "vpclab_network_interface.x"
	servers := instanceIn("one", "a") + instanceIn("two", "a")
	attachedTo := func(instance, index string) string {
		return lab.config(house + servers + interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`, inline(instance, index)))
	}
	update := planned(actions{address: "update"})
	var interfaceID, mac, attachmentID memory
	shows := func(instance string, index int, attachment knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{has(address, shown{
			"id": interfaceID.same(), "mac_address": mac.same(), "private_ip": "10.0.1.50",
			"attachment": set{shown{
				"attachment_id": attachment, "device_index": index, "instance": ref("vpclab_instance." + instance + ".id"), "network_card_index": 0,
			}},
		})}
	}
	detached := func(tx *engine.Tx, n *ec2.NetworkInterface) error { return tx.DetachNetworkInterface(n.Attachment.ID) }
	lab.run(
		resource.TestStep{Config: lab.config(house + servers + interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`)), ConfigStateChecks: []statecheck.StateCheck{
			has(address, shown{"id": interfaceID.same(), "mac_address": mac.same(), "attachment": set{}}),
		}},
		resource.TestStep{Config: attachedTo("one", "1"), ConfigPlanChecks: update, ConfigStateChecks: shows("one", 1, attachmentID.same())},
		resource.TestStep{Config: attachedTo("one", "2"), ConfigPlanChecks: update, ConfigStateChecks: shows("one", 2, attachmentID.other())},
		resource.TestStep{Config: attachedTo("two", "1"), ConfigPlanChecks: update, ConfigStateChecks: shows("two", 1, attachmentID.other())},
		resource.TestStep{
			PreConfig: lab.changeInterface("x", detached),
			Config:    attachedTo("two", "1"), ConfigPlanChecks: update, ConfigStateChecks: shows("two", 1, attachmentID.other()),
		},
		resource.TestStep{ // moved by hand
			PreConfig: lab.changeInterface("x", func(tx *engine.Tx, n *ec2.NetworkInterface) error {
				one, err := instanceNamed(tx, "one")
				if err != nil {
					return err
				}
				if err := detached(tx, n); err != nil {
					return err
				}
				_, err = tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: one.ID, DeviceIndex: 2})
				return err
			}),
			Config: attachedTo("two", "1"), ConfigPlanChecks: update, ConfigStateChecks: shows("two", 1, attachmentID.other()),
		},
		resource.TestStep{
			Config:           lab.config(house + servers + interfaceIn("x", "a", `private_ips = ["10.0.1.50"]`)),
			ConfigPlanChecks: update,
			ConfigStateChecks: []statecheck.StateCheck{
				has(address, shown{"id": interfaceID.same(), "mac_address": mac.same(), "attachment": set{}}),
			},
		},
		// Deleted while it is attached, by whomever: it is detached first.
		resource.TestStep{
			PreConfig: lab.changeInterface("x", func(tx *engine.Tx, n *ec2.NetworkInterface) error {
				one, err := instanceNamed(tx, "one")
				if err != nil {
					return err
				}
				_, err = tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: one.ID, DeviceIndex: 1})
				return err
			}),
			Config:           lab.config(house + servers),
			ConfigPlanChecks: planned(actions{address: "delete"}),
		},
	)
}

// instanceNamed finds the running or stopped instance with a Name tag.
func instanceNamed(tx *engine.Tx, name string) (*ec2.Instance, error) {
	instances, err := tx.DescribeInstances(
		engine.Filter{Name: "tag:Name", Values: []string{name}},
		engine.Filter{Name: "instance-state-name", Values: []string{"running", "stopped"}})
	if err != nil || len(instances) != 1 {
		return nil, fmt.Errorf("got instances %v (%w), want one", instances, err)
	}
	return instances[0], nil
}

func TestNetworkInterfaceArgumentsRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments string) string { return "subnet_id = \"subnet-0123456789abcdef0\"\n  " + arguments }
	block := func(index string) string {
		return "attachment {\n    instance = \"i-0123456789abcdef0\"\n    device_index = " + index + "\n  }"
	}
	newLab(t).refuse("",
		refused("network_interface", in(`private_ips = ["10.0.1.256"]`), "This is not an IPv4 address", `"10.0.1.256" is not an IPv4 address such as`),
		refused("network_interface", in(`private_ips = ["2001:db8::1"]`), "This is not an IPv4 address"),
		refused("network_interface", in(`private_ips = []`), "An interface has at least one private address"),
		refused("network_interface", in(`private_ip = "10.0.1.0/24"`), "This is not an IPv4 address"),
		refused("network_interface", in(`private_ip_list = ["here"]`), "This is not an IPv4 address"),
		refused("network_interface", in(`private_ip_list = ["10.0.1.50", "10.0.1.50"]`), "10.0.1.50"),
		refused("network_interface", in("private_ip_list = [\"10.0.1.50\"]\n  private_ips = [\"10.0.1.50\"]"), "private_ip_list", "private_ips", "cannot be specified"),
		refused("network_interface", in("private_ip_list = [\"10.0.1.50\"]\n  private_ips_count = 1"), "private_ip_list", "private_ips_count", "cannot be specified"),
		refused("network_interface", in(`private_ips_count = -1`), "private_ips_count", "at least 0"),
		refused("network_interface", in("private_ips = [\"10.0.1.50\", \"10.0.1.51\", \"10.0.1.52\"]\n  private_ips_count = 1"),
			"private_ips has more addresses than private_ips_count", "2 secondary addresses", "private_ips_count is 1"),
		refused("network_interface", in("private_ip = \"10.0.1.49\"\n  private_ips = [\"10.0.1.50\"]"),
			"private_ip is not among private_ips", "10.0.1.49"),
		refused("network_interface", in("private_ip = \"10.0.1.49\"\n  private_ip_list = [\"10.0.1.50\", \"10.0.1.49\"]"),
			"private_ip is not the first of private_ip_list", "10.0.1.50"),
		refused("network_interface", in(`security_groups = []`), "A network interface needs a security group"),
		refused("network_interface", in(fmt.Sprintf("description = %q", strings.Repeat("x", 256))), "description", "255"),
		refused("network_interface", in(block("1")+"\n  "+block("2")), "attachment", "at most 1"),
		refused("network_interface", in("attachment {\n    instance = \"i-0123456789abcdef0\"\n  }"), `The argument "device_index" is required`),
		refused("network_interface", "", `The argument "subnet_id" is required`),
	)
}

func TestNetworkInterfaceUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(address, description string, count int) string {
		return lab.config(house + instanceIn("one", "a") + fmt.Sprintf(`
resource "terraform_data" "given" {
  input = { address = %q, description = %q, count = %d, check = false, index = 2 }
}
resource "terraform_data" "ids" {
  input = { subnet = vpclab_subnet.a.id, group = vpclab_security_group.web.id, instance = vpclab_instance.one.id }
}
resource "vpclab_network_interface" "x" {
  subnet_id         = terraform_data.ids.output.subnet
  private_ips       = [terraform_data.given.output.address]
  private_ips_count = terraform_data.given.output.count
  security_groups   = [terraform_data.ids.output.group]
  description       = terraform_data.given.output.description
  source_dest_check = terraform_data.given.output.check
  attachment {
    instance     = terraform_data.ids.output.instance
    device_index = terraform_data.given.output.index
  }
}
resource "vpclab_network_interface" "list" {
  subnet_id               = vpclab_subnet.a.id
  private_ip_list_enabled = true
  private_ip_list         = [terraform_data.given.output.address == "10.0.1.50" ? "10.0.1.60" : "10.0.1.61"]
}
resource "vpclab_network_interface" "address" {
  subnet_id  = vpclab_subnet.a2.id
  private_ip = replace(terraform_data.given.output.address, "10.0.1.", "10.0.2.")
}
`, address, description, count))
	}
	lab.run(
		resource.TestStep{
			Config: config("10.0.1.50", "first", 1),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_network_interface.x", shown{
					"private_ip": "10.0.1.50", "private_ips_count": 1, "description": "first", "source_dest_check": false,
					"security_groups": set{ref("vpclab_security_group.web.id")}, "attachment": knownvalue.SetSizeExact(1),
				}),
				has("vpclab_network_interface.list", shown{"private_ip": "10.0.1.60"}),
				has("vpclab_network_interface.address", shown{"private_ip": "10.0.2.50"}),
			},
		},
		resource.TestStep{
			Config: config("10.0.1.51", "second", 2),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_network_interface.x", shown{"private_ip": "10.0.1.51", "private_ips_count": 2, "description": "second"}),
				has("vpclab_network_interface.list", shown{"private_ip": "10.0.1.61"}),
				has("vpclab_network_interface.address", shown{"private_ip": "10.0.2.51"}),
			},
		},
	)
}
