package provider_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

const attachment = "vpclab_network_interface_attachment.vip"

// pair is two servers and an interface that one of them may have.
var pair = house + instanceIn("one", "a") + instanceIn("two", "a") + interfaceIn("vip", "a", `private_ips = ["10.0.1.50"]`)

// TestNetworkInterfaceAttachment moves an interface by an attachment of its
// own. Each move replaces the attachment; the interface stays the same.
func TestNetworkInterfaceAttachment(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	var attachmentID, interfaceID, mac memory
	config := func(instance, index string) string { return lab.config(pair + attach("vip", "vip", instance, index)) }
	moved := func(instance string, index int) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			has(attachment, shown{"id": attachmentID.other(), "instance_id": ref("vpclab_instance." + instance + ".id"), "device_index": index}),
			has("vpclab_network_interface.vip", shown{"id": interfaceID.same(), "mac_address": mac.same(), "private_ip": "10.0.1.50"}),
		}
	}
	lab.run(slices.Concat(
		[]resource.TestStep{{
			Config: config("one", "1"),
			ConfigStateChecks: []statecheck.StateCheck{
				hasOnly(attachment, shown{
					"id":                   attachmentID.same(),
					"region":               "us-west-3",
					"attachment_id":        ref(attachment + ".id"),
					"device_index":         1,
					"instance_id":          ref("vpclab_instance.one.id"),
					"network_card_index":   0,
					"network_interface_id": ref("vpclab_network_interface.vip.id"),
					"status":               "attached",
				}),
				has(attachment, shown{"id": id("eni-attach")}),
				has("vpclab_network_interface.vip", shown{"id": interfaceID.same(), "mac_address": mac.same()}),
			},
		}},
		imported(attachment),
		[]resource.TestStep{
			{
				Config:            config("one", "2"),
				ConfigPlanChecks:  planned(actions{attachment: "replace for device_index"}),
				ConfigStateChecks: moved("one", 2),
			},
			{
				Config:            config("two", "2"),
				ConfigPlanChecks:  planned(actions{attachment: "replace for instance_id"}),
				ConfigStateChecks: moved("two", 2),
			},
			{ // detached by hand
				PreConfig: lab.changeInterface("vip", func(tx *engine.Tx, n *ec2.NetworkInterface) error {
					return tx.DetachNetworkInterface(n.Attachment.ID)
				}),
				Config:            config("two", "2"),
				ConfigPlanChecks:  planned(actions{attachment: "create"}),
				ConfigStateChecks: moved("two", 2),
			},
			{ // its instance terminated by hand
				PreConfig: lab.change(func(tx *engine.Tx) error {
					two, err := instanceNamed(tx, "two")
					if err != nil {
						return err
					}
					return tx.TerminateInstances(two.ID)
				}),
				Config:            config("two", "2"),
				ConfigPlanChecks:  planned(actions{attachment: "create", "vpclab_instance.two": "create"}),
				ConfigStateChecks: moved("two", 2),
			},
			{ // its interface deleted by hand
				PreConfig: lab.changeInterface("vip", func(tx *engine.Tx, n *ec2.NetworkInterface) error {
					if err := tx.DetachNetworkInterface(n.Attachment.ID); err != nil {
						return err
					}
					return tx.DeleteNetworkInterface(n.ID)
				}),
				Config:           config("two", "2"),
				ConfigPlanChecks: planned(actions{attachment: "create", "vpclab_network_interface.vip": "create"}),
				ConfigStateChecks: []statecheck.StateCheck{
					has("vpclab_network_interface.vip", shown{"id": interfaceID.other(), "private_ip": "10.0.1.50"}),
				},
			},
			{
				Config:            lab.config(pair),
				ConfigPlanChecks:  planned(actions{attachment: "delete"}),
				ConfigStateChecks: []statecheck.StateCheck{has("vpclab_network_interface.vip", shown{"id": interfaceID.same()})},
			},
		},
	)...)
}

// TestNetworkInterfaceAttachmentTakesOver: an interface goes from its inline
// block to an attachment of its own and back, and to another interface's place.
func TestNetworkInterfaceAttachmentTakesOver(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	servers := house + instanceIn("one", "a") + instanceIn("two", "a")
	lab.run(
		resource.TestStep{Config: lab.config(servers + interfaceIn("vip", "a", inline("one", "1")))},
		resource.TestStep{
			Config:           lab.config(servers + interfaceIn("vip", "a") + attach("vip", "vip", "two", "1")),
			ConfigPlanChecks: planned(actions{attachment: "create", "vpclab_network_interface.vip": "update"}),
			ConfigStateChecks: []statecheck.StateCheck{
				has(attachment, shown{"instance_id": ref("vpclab_instance.two.id")}),
				has("vpclab_network_interface.vip", shown{"attachment": set{}}),
			},
		},
		resource.TestStep{
			Config: lab.config(servers + interfaceIn("vip", "a") + interfaceIn("other", "a") + attach("vip", "other", "two", "1")),
			ConfigPlanChecks: planned(actions{
				attachment: "replace for network_interface_id", "vpclab_network_interface.other": "create",
			}),
		},
		resource.TestStep{
			Config:           lab.config(servers + interfaceIn("vip", "a", inline("two", "1")) + interfaceIn("other", "a")),
			ConfigPlanChecks: planned(actions{attachment: "delete", "vpclab_network_interface.vip": "update"}),
		},
	)
}

func TestNetworkInterfaceAttachmentUnknown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := func(instance, index string) string {
		return lab.config(pair + `
resource "terraform_data" "given" {
  input = {
    instance  = vpclab_instance.` + instance + `.id
    interface = vpclab_network_interface.vip.id
    index     = ` + index + `
  }
}
resource "vpclab_network_interface_attachment" "vip" {
  network_interface_id = terraform_data.given.output.interface
  instance_id          = terraform_data.given.output.instance
  device_index         = terraform_data.given.output.index
  network_card_index   = terraform_data.given.output.index - terraform_data.given.output.index
}
`)
	}
	shows := func(instance string, index int) []statecheck.StateCheck {
		return []statecheck.StateCheck{has(attachment, shown{"instance_id": ref("vpclab_instance." + instance + ".id"), "device_index": index})}
	}
	lab.run(
		resource.TestStep{Config: config("one", "1"), ConfigStateChecks: shows("one", 1)},
		resource.TestStep{Config: config("two", "1"), ConfigStateChecks: shows("two", 1)},
		resource.TestStep{Config: config("two", "2"), ConfigStateChecks: shows("two", 2)},
	)
}

// TestNetworkInterfaceAttachmentRefused has what plan_refusal_test.go leaves
// out.
func TestNetworkInterfaceAttachmentRefused(t *testing.T) {
	t.Parallel()
	with := func(eni, instance, index, more string) string {
		return "network_interface_id = " + eni + "\n  instance_id = " + instance + "\n  device_index = " + index + "\n  " + more
	}
	const eni, instance = "vpclab_network_interface.vip.id", "vpclab_instance.one.id"
	newLab(t).refuse(pair,
		refused("network_interface_attachment", with(`"eni-0123456789abcdef0"`, instance, "1", ""),
			"There is no network interface eni-0123456789abcdef0", "AttachNetworkInterface, InvalidNetworkInterfaceID.NotFound", "network_interface_id ="),
		refused("network_interface_attachment", with(eni, `"i-0123456789abcdef0"`, "1", ""),
			"There is no instance i-0123456789abcdef0", "AttachNetworkInterface, InvalidInstanceID.NotFound", "instance_id ="),
		refused("network_interface_attachment", with(eni, instance, "3", ""), "The instance has no device index 3", "at most 3 network interfaces", "device_index = 3"),
		refused("network_interface_attachment", with(eni, instance, "-1", ""), "The instance has no device index -1", "device_index = -1"),
		refused("network_interface_attachment", with(eni, instance, "1", "network_card_index = 1"), "The instance has no network card 1",
			"one network card (index 0)", "network_card_index = 1"),
	)
}
