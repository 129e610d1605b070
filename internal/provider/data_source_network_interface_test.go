package provider_test

import "testing"

func TestNetworkInterfaceDataSource(t *testing.T) {
	vip, primary := "data.vpclab_network_interface.vip", "data.vpclab_network_interface.primary"
	testReads(t, network+servers+
		data("network_interface", "vip", "id = vpclab_network_interface.vip.id", afterServers)+
		data("network_interface", "spare", `tags = { Name = "sp*e" }`, afterServers)+
		data("network_interface", "primary", filter("attachment.instance-id", "${vpclab_instance.web.id}"),
			filter("attachment.device-index", "0"), afterServers),
		same(vip+" arn", "vpclab_network_interface.vip arn"),
		same(vip+" mac_address", "vpclab_network_interface.vip mac_address"),
		same(vip+" owner_id", "vpclab_network_interface.vip owner_id"),
		same(vip+" subnet_id", "vpclab_subnet.a id"),
		same(vip+" vpc_id", "vpclab_vpc.main id"),
		same(vip+" attachment.0.attachment_id", "vpclab_network_interface_attachment.vip attachment_id"),
		same(vip+" attachment.0.instance_id", "vpclab_instance.web id"),
		same(vip+" attachment.0.instance_owner_id", "vpclab_network_interface.vip owner_id"),
		same(vip+" security_groups.0", "vpclab_vpc.main default_security_group_id"),
		shows(vip, map[string]string{
			"attachment.#": "1", "attachment.0.device_index": "1", "attachment.0.network_card_index": "0", "association.#": "0",
			"availability_zone": "us-west-3a", "description": "moves", "interface_type": "interface", "ipv6_addresses.#": "0",
			"private_ip": "10.0.1.50", "private_ips.#": "2", "private_ips.0": "10.0.1.50", "private_ips.1": "10.0.1.51",
			"tags.Name": "vip", "outpost_arn": "",
		}),
		same("data.vpclab_network_interface.spare id", "vpclab_network_interface.spare id"),
		shows("data.vpclab_network_interface.spare", map[string]string{"attachment.#": "0", "description": "", "tags.Name": "spare"}),
		same(primary+" id", "vpclab_instance.web primary_network_interface_id"),
		shows(primary, map[string]string{"private_ip": "10.0.1.10"}),
	)
}
