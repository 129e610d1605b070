package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestVPCDataSource(t *testing.T) {
	testReads(t, network+
		data("vpc", "id", "id = vpclab_vpc.main.id")+
		data("vpc", "tag", `tags = { Name = "oth*" }`, "depends_on = [vpclab_vpc.main, vpclab_vpc.other]")+
		data("vpc", "arguments", "cidr_block = vpclab_vpc.main.cidr_block", "default = false", `state = "available"`,
			"dhcp_options_id = vpclab_vpc.main.dhcp_options_id"),
		same("data.vpclab_vpc.tag id", "vpclab_vpc.other id"),
		same("data.vpclab_vpc.arguments id", "vpclab_vpc.main id"),
		same("data.vpclab_vpc.id arn", "vpclab_vpc.main arn"),
		same("data.vpclab_vpc.id owner_id", "vpclab_vpc.main owner_id"),
		same("data.vpclab_vpc.id main_route_table_id", "vpclab_vpc.main main_route_table_id"),
		same("data.vpclab_vpc.id dhcp_options_id", "vpclab_vpc.main dhcp_options_id"),
		shows("data.vpclab_vpc.id", map[string]string{
			"cidr_block": "10.0.0.0/16", "default": "false", "enable_dns_support": "true", "enable_dns_hostnames": "false",
			"instance_tenancy": "default", "state": "available", "tags.%": "1", "tags.Name": "main", "ipv6_cidr_block": "",
			"cidr_block_associations.#": "1", "cidr_block_associations.0.cidr_block": "10.0.0.0/16",
			"cidr_block_associations.0.state": "associated",
		}),
	)
}

// TestDefaultVPCDataSource: in an empty lab the default VPC is not made yet,
// and yet has the ids that it is going to have.
func TestDefaultVPCDataSource(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lookups := data("vpc", "default", "default = true") +
		data("subnet", "default", `availability_zone = "us-west-3b"`, "default_for_az = true") +
		data("security_group", "default", "vpc_id = data.vpclab_vpc.default.id", `name = "default"`)
	launch := `
resource "vpclab_instance" "x" {
  ami               = "ami-0123456789abcdef0"
  instance_type     = "t3.small"
  availability_zone = "us-west-3b"
}
resource "vpclab_security_group" "x" {}
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: lab.config(lookups + launch),
				Check: resource.ComposeAggregateTestCheckFunc(
					same("data.vpclab_vpc.default id", "vpclab_security_group.x vpc_id"),
					same("data.vpclab_subnet.default id", "vpclab_instance.x subnet_id"),
					same("data.vpclab_subnet.default vpc_id", "data.vpclab_vpc.default id"),
					same("data.vpclab_security_group.default id", "vpclab_instance.x vpc_security_group_ids.0"),
					shows("data.vpclab_vpc.default", map[string]string{
						"cidr_block": "172.31.0.0/16", "default": "true", "enable_dns_hostnames": "true", "tags.%": "0",
					}),
					shows("data.vpclab_subnet.default", map[string]string{
						"cidr_block": "172.31.16.0/20", "default_for_az": "true", "map_public_ip_on_launch": "true",
						"available_ip_address_count": "4091",
					}),
				),
			},
			{
				Config: lab.config(lookups + launch),
				Check:  resource.TestCheckResourceAttr("data.vpclab_subnet.default", "available_ip_address_count", "4090"),
			},
		},
	})
}
