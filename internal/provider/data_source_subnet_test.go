package provider_test

import "testing"

func TestSubnetDataSource(t *testing.T) {
	testReads(t, network+servers+
		data("subnet", "id", "id = vpclab_subnet.a.id", afterServers)+
		data("subnet", "arguments", "vpc_id = vpclab_vpc.main.id", `availability_zone = "us-west-3b"`, afterServers)+
		data("subnet", "zone_id", "vpc_id = vpclab_vpc.main.id", `availability_zone_id = "usw3-az2"`, `id = ""`, afterServers)+
		data("subnet", "cidr", `cidr_block = "10.0.1.0/24"`, afterServers)+
		data("subnet", "filter", filter("cidr-block", "10.0.1.*", "10.7.*"), filter("vpc-id", "vpc-*"), "timeouts {\n read = \"1m\"\n }", afterServers),
		same("data.vpclab_subnet.arguments id", "vpclab_subnet.b id"),
		same("data.vpclab_subnet.zone_id id", "vpclab_subnet.b id"),
		same("data.vpclab_subnet.cidr id", "vpclab_subnet.a id"),
		same("data.vpclab_subnet.filter id", "vpclab_subnet.a id"),
		same("data.vpclab_subnet.id arn", "vpclab_subnet.a arn"),
		same("data.vpclab_subnet.id vpc_id", "vpclab_vpc.main id"),
		same("data.vpclab_subnet.id owner_id", "vpclab_subnet.a owner_id"),
		shows("data.vpclab_subnet.id", map[string]string{
			"cidr_block": "10.0.1.0/24", "availability_zone": "us-west-3a", "availability_zone_id": "usw3-az1",
			"available_ip_address_count": "248", "default_for_az": "false", "map_public_ip_on_launch": "false",
			"outpost_arn": "", "ipv6_native": "false", "private_dns_hostname_type_on_launch": "ip-name", "state": "available", "tags.%": "0",
		}),
	)
}
