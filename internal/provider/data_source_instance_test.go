package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestInstanceDataSource(t *testing.T) {
	web := "data.vpclab_instance.web"
	testReads(t, network+servers+
		data("instance", "web", "instance_id = vpclab_instance.web.id", "get_user_data = true")+
		data("instance", "tags", `instance_tags = { Name = "db" }`, afterServers)+
		data("instance", "filter", filter("network-interface.addresses.private-ip-address", "10.0.1.51"), filter("instance-state-name", "running"), afterServers),
		same("data.vpclab_instance.tags id", "vpclab_instance.db id"),
		same("data.vpclab_instance.filter id", "vpclab_instance.web id"),
		same(web+" arn", "vpclab_instance.web arn"),
		same(web+" network_interface_id", "vpclab_instance.web primary_network_interface_id"),
		same(web+" private_dns", "vpclab_instance.web private_dns"),
		same(web+" subnet_id", "vpclab_subnet.a id"),
		same(web+" vpc_security_group_ids.0", "vpclab_vpc.main default_security_group_id"),
		shows(web, map[string]string{
			"ami": "ami-0123456789abcdef0", "availability_zone": "us-west-3a", "instance_state": "running", "instance_type": "t3.small",
			"private_ip": "10.0.1.10", "public_ip": "", "secondary_private_ips.#": "0", "security_groups.#": "0", "source_dest_check": "true",
			"tags.Name": "web", "tenancy": "default", "private_dns_name_options.0.hostname_type": "ip-name",
			"user_data":        "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", // of "hello"
			"user_data_base64": "aGVsbG8=",
		}),
		shows("data.vpclab_instance.tags", map[string]string{"user_data": "", "user_data_base64": "", "instance_tags.Name": "db"}),
	)
}

// TestTerminatedInstanceDataSource: a terminated instance is found for an hour,
// without what it gave back.
func TestTerminatedInstanceDataSource(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			{Config: lab.config(network + instanceIn("web", "a"))},
			{
				Config: lab.config(network + data("instance", "web", `tags = { Name = "web" }`)),
				// The plan reads before the apply terminates.
				Check: shows("data.vpclab_instance.web", map[string]string{"instance_state": "running"}),
			},
			{
				Config: lab.config(network + data("instance", "web", `tags = { Name = "web" }`)),
				Check: shows("data.vpclab_instance.web", map[string]string{
					"instance_state": "terminated", "private_ip": "", "network_interface_id": "", "vpc_security_group_ids.#": "0",
				}),
			},
		},
	})
}
