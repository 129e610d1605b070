package provider_test

import "testing"

func TestNetworkInterfacesDataSource(t *testing.T) {
	testReads(t, network+servers+
		data("network_interfaces", "of_web", filter("attachment.instance-id", "${vpclab_instance.web.id}"), afterServers)+
		data("network_interfaces", "spare", `tags = { Name = "spare" }`, afterServers)+
		data("network_interfaces", "all", afterServers)+
		data("network_interfaces", "none", filter("status", "available"), filter("subnet-id", "${vpclab_subnet.a.id}"), afterServers),
		shows("data.vpclab_network_interfaces.of_web", map[string]string{"id": "us-west-3", "ids.#": "2"}),
		shows("data.vpclab_network_interfaces.spare", map[string]string{"ids.#": "1", "tags.Name": "spare"}),
		same("data.vpclab_network_interfaces.spare ids.0", "vpclab_network_interface.spare id"),
		shows("data.vpclab_network_interfaces.all", map[string]string{"ids.#": "4"}),
		shows("data.vpclab_network_interfaces.none", map[string]string{"ids.#": "0"}),
	)
}
