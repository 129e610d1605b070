package provider_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

const web = "vpclab_instance.web"

// changeInstance plays something on the instance with a Name tag.
func (l *testLab) changeInstance(name string, do func(*engine.Tx, *ec2.Instance) error) func() {
	return l.change(func(tx *engine.Tx) error {
		i, err := instanceNamed(tx, name)
		if err != nil {
			return err
		}
		return do(tx, i)
	})
}

func TestInstance(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	minimal := lab.config(house + instanceIn("web", "a"))
	full := lab.config(house + instanceIn("web", "a",
		`availability_zone       = "us-west-3a"`,
		`private_ip              = "10.0.1.4"`,
		`secondary_private_ips   = ["10.0.1.60", "10.0.1.61"]`,
		`vpc_security_group_ids  = [vpclab_security_group.web.id]`,
		`source_dest_check       = false`,
		`disable_api_stop        = false`,
		`disable_api_termination = false`,
		`force_destroy           = true`,
		`tenancy                 = "default"`,
		`region                  = "us-west-3"`,
		"timeouts {\n    create = \"1m\"\n    read = \"1m\"\n    update = \"1m\"\n    delete = \"1m\"\n  }"))
	update := planned(actions{web: "update"})
	var instanceID, primaryID memory
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config: minimal,
				ConfigStateChecks: []statecheck.StateCheck{hasOnly(web, shown{
					"id":                           instanceID.same(),
					"region":                       "us-west-3",
					"ami":                          "ami-0123456789abcdef0",
					"arn":                          arn("instance", "i"),
					"availability_zone":            "us-west-3a",
					"disable_api_stop":             false,
					"disable_api_termination":      false,
					"force_destroy":                false,
					"instance_state":               "running",
					"instance_type":                "t3.small",
					"key_name":                     "",
					"network_interface":            set{},
					"primary_network_interface":    list{},
					"primary_network_interface_id": primaryID.same(),
					"private_dns":                  "ip-10-0-1-4.us-west-3.compute.internal",
					"private_ip":                   "10.0.1.4",
					"secondary_private_ips":        set{},
					"security_groups":              set{},
					"source_dest_check":            true,
					"subnet_id":                    ref("vpclab_subnet.a.id"),
					"tags":                         shown{"Name": "web"},
					"tags_all":                     shown{"Name": "web"},
					"tenancy":                      "default",
					"timeouts":                     nil,
					"user_data":                    nil,
					"user_data_base64":             nil,
					"user_data_replace_on_change":  false,
					"vpc_security_group_ids":       set{ref("vpclab_vpc.main.default_security_group_id")},
				})},
			},
			{
				Config:           full,
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(web, shown{
					"id": instanceID.same(), "primary_network_interface_id": primaryID.same(),
					"secondary_private_ips":  set{"10.0.1.60", "10.0.1.61"},
					"vpc_security_group_ids": set{ref("vpclab_security_group.web.id")},
					"source_dest_check":      false,
				})},
			},
		},
		imported(web, "force_destroy"),
		[]resource.TestStep{
			{
				PreConfig: lab.changeInstance("web", func(tx *engine.Tx, i *ec2.Instance) error {
					primary, _ := tx.PrimaryInterface(i.ID)
					on := true
					if err := tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{
						NetworkInterfaceID: primary.ID, SourceDestCheck: &on,
					}); err != nil {
						return err
					}
					if err := tx.UnassignPrivateIPAddresses(primary.ID, addresses("10.0.1.61")); err != nil {
						return err
					}
					_, err := tx.AssignPrivateIPAddresses(engine.AssignPrivateIPAddressesInput{
						NetworkInterfaceID: primary.ID, PrivateIPAddresses: addresses("10.0.1.99"),
					})
					return err
				}),
				Config:           full,
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(web, shown{
					"id": instanceID.same(), "secondary_private_ips": set{"10.0.1.60", "10.0.1.61"}, "source_dest_check": false,
				})},
			},
			{
				Config: lab.config(house + instanceIn("web", "a", "secondary_private_ips = []")),
				// What is no longer given stays, but for what has a default.
				ConfigPlanChecks: update,
				ConfigStateChecks: []statecheck.StateCheck{has(web, shown{
					"id": instanceID.same(), "secondary_private_ips": set{}, "source_dest_check": true,
					"vpc_security_group_ids": set{ref("vpclab_security_group.web.id")},
				})},
			},
			{ // stopped: no drift
				PreConfig:         lab.changeInstance("web", func(tx *engine.Tx, i *ec2.Instance) error { return tx.StopInstances(i.ID) }),
				Config:            minimal,
				ConfigPlanChecks:  planned(actions{}),
				ConfigStateChecks: []statecheck.StateCheck{has(web, shown{"id": instanceID.same(), "instance_state": "stopped"})},
			},
			{ // terminated: gone
				PreConfig:        lab.changeInstance("web", func(tx *engine.Tx, i *ec2.Instance) error { return tx.TerminateInstances(i.ID) }),
				Config:           minimal,
				ConfigPlanChecks: planned(actions{web: "create"}),
				ConfigStateChecks: []statecheck.StateCheck{has(web, shown{
					"id": instanceID.other(), "primary_network_interface_id": primaryID.other(), "instance_state": "running",
				})},
			},
		},
	)...)
}

// TestInstanceReplacement changes one argument of each instance.
func TestInstanceReplacement(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(ami, zone, key, address, subnet, tenancy string) string {
		instance := func(name, arguments string) string {
			return fmt.Sprintf("resource \"vpclab_instance\" %q {\n  instance_type = \"t3.micro\"\n  %s\n}\n", name, arguments)
		}
		const image, inA = "ami = \"ami-0123456789abcdef0\"\n  ", "subnet_id = vpclab_subnet.a.id\n  "
		return lab.config(house +
			instance("ami", inA+fmt.Sprintf("ami = %q", ami)) +
			instance("zone", image+fmt.Sprintf("availability_zone = %q", zone)) +
			instance("key", image+inA+fmt.Sprintf("key_name = %q", key)) +
			instance("address", image+inA+fmt.Sprintf("private_ip = %q", address)) +
			instance("subnet", image+fmt.Sprintf("subnet_id = vpclab_subnet.%s.id", subnet)) +
			instance("tenancy", image+inA+fmt.Sprintf("tenancy = %q", tenancy)))
	}
	lab.run(
		resource.TestStep{Config: config("ami-0123456789abcdef0", "us-west-3a", "before", "10.0.1.50", "a", "default")},
		resource.TestStep{
			Config: config("ami-0fedcba9876543210", "us-west-3b", "after", "10.0.1.51", "a2", "dedicated"),
			ConfigPlanChecks: planned(actions{
				"vpclab_instance.ami":     "replace for ami",
				"vpclab_instance.zone":    "replace for availability_zone",
				"vpclab_instance.key":     "replace for key_name",
				"vpclab_instance.address": "replace for private_ip",
				"vpclab_instance.subnet":  "replace for subnet_id",
				"vpclab_instance.tenancy": "replace for tenancy",
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_instance.zone", shown{"availability_zone": "us-west-3b", "private_ip": like(`172\.31\..*`)}),
				has("vpclab_instance.address", shown{"private_ip": "10.0.1.51"}),
			},
		},
		// Instances without these arguments stay as they are.
		resource.TestStep{
			Config: strings.NewReplacer(
				`availability_zone = "us-west-3b"`, "", `key_name = "after"`, "", `private_ip = "10.0.1.51"`, "", `tenancy = "dedicated"`, "",
			).Replace(config("ami-0fedcba9876543210", "us-west-3b", "after", "10.0.1.51", "a2", "dedicated")),
			ConfigPlanChecks: planned(actions{}),
		},
	)
}

// TestInstanceType: the type changes in place, unless the image would not run
// on the new one.
func TestInstanceType(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(instanceType string) string {
		return lab.config(pair + strings.Replace(instanceIn("web", "a"), "t3.small", instanceType, 1) + attach("vip", "vip", "web", "1"))
	}
	var instanceID, primaryID, attachmentID memory
	shows := func(id, primary, attachment knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			has(web, shown{"id": id, "primary_network_interface_id": primary, "instance_state": "running"}),
			has("vpclab_network_interface_attachment.vip", shown{"id": attachment, "instance_id": ref(web + ".id")}),
		}
	}
	lab.run(
		resource.TestStep{Config: config("t3.small"), ConfigStateChecks: shows(instanceID.same(), primaryID.same(), attachmentID.same())},
		resource.TestStep{ // stopped or not, it runs afterwards
			PreConfig:         lab.changeInstance("web", func(tx *engine.Tx, i *ec2.Instance) error { return tx.StopInstances(i.ID) }),
			Config:            config("m5.large"),
			ConfigPlanChecks:  planned(actions{web: "update"}),
			ConfigStateChecks: shows(instanceID.same(), primaryID.same(), attachmentID.same()),
		},
		resource.TestStep{
			Config: config("t4g.small"),
			ConfigPlanChecks: planned(actions{
				web: "replace for instance_type", "vpclab_network_interface_attachment.vip": "replace for instance_id",
			}),
			ConfigStateChecks: shows(instanceID.other(), primaryID.other(), attachmentID.other()),
		},
		resource.TestStep{ // changed by hand
			PreConfig: lab.changeInstance("web", func(tx *engine.Tx, i *ec2.Instance) error {
				large := "t4g.large"
				if err := tx.StopInstances(i.ID); err != nil {
					return err
				}
				return tx.ModifyInstanceAttribute(engine.ModifyInstanceAttributeInput{InstanceID: i.ID, InstanceType: &large})
			}),
			Config:            config("t4g.small"),
			ConfigPlanChecks:  planned(actions{web: "update"}),
			ConfigStateChecks: shows(instanceID.same(), primaryID.same(), attachmentID.same()),
		},
	)
}

// TestInstanceUserData: it changes in place, or replaces the instance if it is
// to do so. The form it is written in does not matter.
func TestInstanceUserData(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(arguments ...string) string { return lab.config(house + instanceIn("web", "a", arguments...)) }
	replacing := func(argument string) string { return config(argument, "user_data_replace_on_change = true") }
	update := planned(actions{web: "update"})
	var instanceID memory
	shows := func(id knownvalue.Check, text, encoded any) []statecheck.StateCheck {
		return []statecheck.StateCheck{has(web, shown{"id": id, "user_data": text, "user_data_base64": encoded})}
	}
	lab.run(slices.Concat(
		[]resource.TestStep{
			{Config: config(`user_data = "hello"`), ConfigStateChecks: shows(instanceID.same(), "hello", nil)},
			{Config: config(`user_data = "world"`), ConfigPlanChecks: update, ConfigStateChecks: shows(instanceID.same(), "world", nil)},
		},
		imported(web),
		[]resource.TestStep{
			{Config: config(`user_data_base64 = "aGVsbG8="`), ConfigPlanChecks: update, ConfigStateChecks: shows(instanceID.same(), nil, "aGVsbG8=")},
			{Config: config(), ConfigPlanChecks: planned(actions{}), ConfigStateChecks: shows(instanceID.same(), nil, "aGVsbG8=")},
			// The same data as text.
			{Config: replacing(`user_data = "hello"`), ConfigPlanChecks: update, ConfigStateChecks: shows(instanceID.same(), "hello", nil)},
			{
				Config:            replacing(`user_data = "world"`),
				ConfigPlanChecks:  planned(actions{web: "replace for user_data"}),
				ConfigStateChecks: shows(instanceID.other(), "world", nil),
			},
			{
				Config:            replacing(`user_data_base64 = "/w=="`),
				ConfigPlanChecks:  planned(actions{web: "replace for user_data_base64"}),
				ConfigStateChecks: shows(instanceID.other(), nil, "/w=="),
			},
		},
		imported(web, "user_data_replace_on_change"),
		[]resource.TestStep{
			{Config: config(`user_data = ""`), ConfigPlanChecks: update, ConfigStateChecks: shows(instanceID.same(), "", nil)},
			{Config: config(`user_data_base64 = ""`), ConfigPlanChecks: update, ConfigStateChecks: shows(instanceID.same(), nil, "")},
		},
	)...)
}

// TestInstanceProtection: a protected instance is not destroyed, unless it is
// to be destroyed by force.
func TestInstanceProtection(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	protected := house + instanceIn("web", "a", "disable_api_termination = true", "disable_api_stop = true")
	forced := strings.Replace(protected, "disable_api_stop = true", "disable_api_stop = true\n  force_destroy = true", 1)
	lab.run(
		resource.TestStep{Config: lab.config(protected)},
		resource.TestStep{
			Config: lab.config(protected), Destroy: true,
			ExpectError: says("The instance is protected against being terminated", `instance "web"`, "disable_api_termination",
				"Set disable_api_termination to false and apply that first", "TerminateInstances, OperationNotPermitted"),
		},
		resource.TestStep{
			Config: lab.config(strings.Replace(protected, "t3.small", "t3.large", 1)), PlanOnly: true,
			ExpectError: says("The instance is protected against being stopped", "StopInstances, OperationNotPermitted"),
		},
		resource.TestStep{Config: lab.config(forced), ConfigPlanChecks: planned(actions{web: "update"})},
	)
}

// TestInstanceInDefaultVPC: without a subnet an instance goes to the default
// VPC, where the rules are the same.
func TestInstanceInDefaultVPC(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(zone, subnet string) string {
		return lab.config(fmt.Sprintf(`
resource "vpclab_instance" "first" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
}
resource "vpclab_instance" "web" {
  ami               = "ami-0123456789abcdef0"
  instance_type     = "t3.small"
  availability_zone = %q
  security_groups   = [vpclab_security_group.web.name]
}
resource "vpclab_security_group" "web" {
  name = "web"
}
data "vpclab_subnet" "there" {
  availability_zone = %q
  default_for_az    = true
}
resource "vpclab_network_interface" "vip" {
  subnet_id = data.vpclab_subnet.there.id
}
`, zone, subnet)) + attach("vip", "vip", "web", "1")
	}
	lab.run(
		resource.TestStep{
			Config: config("us-west-3b", "us-west-3b"),
			ConfigStateChecks: []statecheck.StateCheck{
				has("vpclab_instance.first", shown{"availability_zone": "us-west-3a", "private_ip": "172.31.0.4", "security_groups": set{"default"}}),
				has(web, shown{
					"availability_zone": "us-west-3b", "private_ip": like(`172\.31\.16\.\d+`), "subnet_id": ref("data.vpclab_subnet.there.id"),
					"security_groups": set{"web"}, "vpc_security_group_ids": set{ref("vpclab_security_group.web.id")},
				}),
			},
		},
		resource.TestStep{
			Config: config("us-west-3b", "us-west-3c"), PlanOnly: true,
			ExpectError: says("The interface and the instance are in different Availability Zones"),
		},
	)
}

// TestInstanceWithPrimaryInterface: an interface the instance brings along
// stays when the instance goes, and what is said of it is the interface's.
func TestInstanceWithPrimaryInterface(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	own := func(arguments ...string) string {
		return interfaceIn("own", "a", append(arguments, `private_ips = ["10.0.1.50"]`)...)
	}
	var interfaceID, mac, instanceID memory
	shows := func(id knownvalue.Check, check bool) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			has("vpclab_network_interface.own", shown{"id": interfaceID.same(), "mac_address": mac.same()}),
			has(web, shown{
				"id": id, "private_ip": "10.0.1.50", "subnet_id": ref("vpclab_subnet.a.id"), "source_dest_check": check,
				"primary_network_interface_id": ref("vpclab_network_interface.own.id"),
				"primary_network_interface": list{shown{
					"network_interface_id": ref("vpclab_network_interface.own.id"), "delete_on_termination": false,
				}},
			}),
		}
	}
	lab.run(slices.Concat(
		[]resource.TestStep{
			{
				Config:            lab.config(house + own("source_dest_check = false") + launchedWith("web", "own")),
				ConfigStateChecks: shows(instanceID.same(), false),
			},
		},
		imported(web, "primary_network_interface"),
		[]resource.TestStep{
			{
				Config:           lab.config(house + own() + launchedWith("web", "own")),
				ConfigPlanChecks: planned(actions{"vpclab_network_interface.own": "update"}),
			},
			{
				Config:            lab.config(house + own() + strings.Replace(launchedWith("web", "own"), "ami-01", "ami-02", 1)),
				ConfigPlanChecks:  planned(actions{web: "replace for ami"}),
				ConfigStateChecks: shows(instanceID.other(), true),
			},
			{
				Config: lab.config(house + own() + interfaceIn("other", "a") +
					strings.Replace(launchedWith("web", "other"), "ami-01", "ami-02", 1)),
				ConfigPlanChecks: planned(actions{web: "replace for primary_network_interface", "vpclab_network_interface.other": "create"}),
			},
			{
				Config:           lab.config(house + own() + interfaceIn("other", "a")),
				ConfigPlanChecks: planned(actions{web: "delete"}),
				ConfigStateChecks: []statecheck.StateCheck{
					has("vpclab_network_interface.own", shown{"id": interfaceID.same(), "mac_address": mac.same()}),
				},
			},
		},
	)...)
}

// TestInstanceWithInterfaces: the deprecated blocks that bring several along.
func TestInstanceWithInterfaces(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	block := func(eni, index string) string {
		return "network_interface {\n    network_interface_id = vpclab_network_interface." + eni + ".id\n    device_index = " + index + "\n  }"
	}
	launched := func(blocks ...string) string {
		return lab.config(house + interfaceIn("x", "a") + interfaceIn("y", "a") + interfaceIn("z", "a") +
			strings.Replace(instanceIn("web", "a", blocks...), "subnet_id     = vpclab_subnet.a.id", "", 1))
	}
	var instanceID memory
	lab.run(
		resource.TestStep{
			Config: launched(block("x", "0"), block("y", "1")),
			ConfigStateChecks: []statecheck.StateCheck{has(web, shown{
				"id": instanceID.same(), "primary_network_interface_id": ref("vpclab_network_interface.x.id"),
				"network_interface": set{
					shown{"network_interface_id": ref("vpclab_network_interface.x.id"), "device_index": 0, "network_card_index": 0, "delete_on_termination": false},
					shown{"network_interface_id": ref("vpclab_network_interface.y.id"), "device_index": 1, "network_card_index": 0, "delete_on_termination": false},
				},
			})},
		},
		resource.TestStep{
			Config:            launched(block("x", "0"), block("z", "1")),
			ConfigPlanChecks:  planned(actions{web: "replace for network_interface"}),
			ConfigStateChecks: []statecheck.StateCheck{has(web, shown{"id": instanceID.other()})},
		},
	)
}

func TestInstanceArgumentsRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments ...string) string {
		return "ami = \"ami-0123456789abcdef0\"\n  instance_type = \"t3.small\"\n  " + strings.Join(arguments, "\n  ")
	}
	primary := "primary_network_interface {\n    network_interface_id = \"eni-0123456789abcdef0\"\n  }"
	newLab(t).refuse("",
		refused("instance", "ami = \"ami-0123456789abcdef0\"\n  instance_type = \"t3.smal\"", "There is no such instance type", `"t3.small"`),
		refused("instance", "ami = \"ami-0123456789abcdef0\"", `The argument "instance_type" is required`),
		refused("instance", `instance_type = "t3.small"`, `The argument "ami" is required`),
		refused("instance", in(`private_ip = "10.0.1"`), "This is not an IPv4 address"),
		refused("instance", in(`secondary_private_ips = ["::1"]`), "This is not an IPv4 address"),
		refused("instance", in(`vpc_security_group_ids = []`), "A network interface needs a security group"),
		refused("instance", in(`tenancy = "shared"`), `"shared"`, `"dedicated"`),
		refused("instance", in(fmt.Sprintf("user_data = %q", strings.Repeat("x", 16<<10+1))), "The user data is too long", "16385 bytes; EC2 takes 16384 at most"),
		refused("instance", in(fmt.Sprintf("user_data_base64 = %q", base64.StdEncoding.EncodeToString(make([]byte, 16<<10+1)))), "The user data is too long", "16385 bytes"),
		refused("instance", in(`user_data_base64 = "hello!"`), "This is not base64", "base64encode"),
		refused("instance", in(`user_data_base64 = "aGVsbG8="`, `user_data = "hello"`), "user_data_base64", "cannot be specified"),
		refused("instance", in(primary, primary), "primary_network_interface", "at most 1"),
		refused("instance", in(primary, `subnet_id = "subnet-0123456789abcdef0"`), "subnet_id", "primary_network_interface", "cannot be specified"),
		refused("instance", in(primary, `source_dest_check = true`), "source_dest_check", "primary_network_interface", "cannot be specified"),
		refused("instance", in(primary, `vpc_security_group_ids = ["sg-0123456789abcdef0"]`), "vpc_security_group_ids", "cannot be specified"),
	)
}

// TestInstanceRefused has what plan_refusal_test.go leaves out.
func TestInstanceRefused(t *testing.T) {
	t.Parallel()
	in := func(arguments ...string) string {
		return "ami = \"ami-0123456789abcdef0\"\n  instance_type = \"t3.small\"\n  " + strings.Join(arguments, "\n  ")
	}
	block := func(eni, index, more string) string {
		return "network_interface {\n    network_interface_id = vpclab_network_interface." + eni + ".id\n    device_index = " + index + "\n    " + more + "\n  }"
	}
	newLab(t).refuse(house+interfaceIn("x", "a")+interfaceIn("y", "a"),
		refused("instance", strings.Replace(in(), "ami-0123456789abcdef0", "debian", 1), "This is not the id of an image", `"debian"`, "RunInstances, InvalidAMIID.Malformed", `ami = "debian"`),
		refused("instance", in(`availability_zone = "us-east-1a"`), "The region us-west-3 has no Availability Zone us-east-1a", `availability_zone = "us-east-1a"`),
		refused("instance", in(`availability_zone = "us-west-3b"`, "subnet_id = vpclab_subnet.a.id"),
			"The instance and its subnet are in different Availability Zones", "us-west-3b", "us-west-3a", `availability_zone = "us-west-3b"`),
		refused("instance", in("subnet_id = vpclab_subnet.a.id", "security_groups = [vpclab_security_group.web.id]"),
			"Security groups go by name in the default VPC only", "Use vpc_security_group_ids, with ids"),
		refused("instance", in("subnet_id = vpclab_subnet.a.id", `private_ip = "10.0.1.60"`, `secondary_private_ips = ["10.0.1.60"]`),
			"The same private address is asked for twice"),
		refused("instance", in("subnet_id = vpclab_subnet.a.id", `secondary_private_ips = ["10.0.1.61", "10.0.1.62", "10.0.1.63", "10.0.1.64"]`),
			"Too many private addresses", "t3.small", "4 per interface", "secondary_private_ips ="),
		refused("instance", in(block("x", "1", "")), "The instance has no primary network interface", "RunInstances, UnsupportedOperation"),
		refused("instance", in(block("x", "0", ""), block("y", "0", "")), "Two interfaces of the instance have device index 0"),
		refused("instance", in(block("x", "0", "delete_on_termination = true")), "An existing network interface outlives the instance",
			"RunInstances, InvalidParameterCombination"),
	)
}

func TestInstanceUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(image, instanceType, address, key, data string, check bool) string {
		return lab.config(house + fmt.Sprintf(`
resource "terraform_data" "given" {
  input = { image = %q, type = %q, address = %q, key = %q, data = %q, check = %t, tenancy = "default" }
}
resource "terraform_data" "ids" {
  input = { subnet = vpclab_subnet.a.id, group = vpclab_security_group.web.id }
}
resource "vpclab_instance" "web" {
  ami                     = terraform_data.given.output.image
  instance_type           = terraform_data.given.output.type
  subnet_id               = terraform_data.ids.output.subnet
  availability_zone       = vpclab_subnet.a.availability_zone
  private_ip              = terraform_data.given.output.address
  secondary_private_ips   = [replace(terraform_data.given.output.address, "1.5", "1.6")]
  vpc_security_group_ids  = [terraform_data.ids.output.group]
  source_dest_check       = terraform_data.given.output.check
  key_name                = terraform_data.given.output.key
  tenancy                 = terraform_data.given.output.tenancy
  user_data               = terraform_data.given.output.data
  disable_api_stop        = terraform_data.given.output.check
  disable_api_termination = terraform_data.given.output.check
  force_destroy           = true
}
resource "vpclab_instance" "default" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  key_name      = terraform_data.given.output.key
  user_data_base64 = base64encode(terraform_data.given.output.data)
  user_data_replace_on_change = true
}
`, image, instanceType, address, key, data, check))
	}
	var instanceID memory
	shows := func(id knownvalue.Check, instanceType, address, key, data string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			has(web, shown{
				"id": id, "instance_type": instanceType, "private_ip": address, "key_name": key, "user_data": data,
				"secondary_private_ips": set{strings.Replace(address, "1.5", "1.6", 1)},
			}),
			has("vpclab_instance.default", shown{"key_name": key, "user_data_base64": base64.StdEncoding.EncodeToString([]byte(data))}),
		}
	}
	lab.run(
		resource.TestStep{
			Config:            config("ami-0123456789abcdef0", "t3.small", "10.0.1.50", "first", "hello", false),
			ConfigStateChecks: shows(instanceID.same(), "t3.small", "10.0.1.50", "first", "hello"),
		},
		resource.TestStep{
			Config:            config("ami-0fedcba9876543210", "t3.large", "10.0.1.51", "second", "world", true),
			ConfigStateChecks: shows(instanceID.other(), "t3.large", "10.0.1.51", "second", "world"),
		},
	)
}
