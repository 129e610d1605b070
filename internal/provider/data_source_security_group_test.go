package provider_test

import "testing"

func TestSecurityGroupDataSource(t *testing.T) {
	testReads(t, network+`
resource "vpclab_security_group" "web" {
  name        = "web"
  description = "the web"
  vpc_id      = vpclab_vpc.main.id
  tags        = { Name = "front", tier = "1" }
}
`+
		data("security_group", "id", "id = vpclab_security_group.web.id")+
		data("security_group", "name", `name = "w*"`, "depends_on = [vpclab_security_group.web]")+
		data("security_group", "tags", `tags = { tier = "1" }`, "depends_on = [vpclab_security_group.web]")+
		data("security_group", "default", `name = "default"`, "vpc_id = vpclab_vpc.main.id"),
		same("data.vpclab_security_group.name id", "vpclab_security_group.web id"),
		same("data.vpclab_security_group.tags id", "vpclab_security_group.web id"),
		same("data.vpclab_security_group.default id", "vpclab_vpc.main default_security_group_id"),
		same("data.vpclab_security_group.id arn", "vpclab_security_group.web arn"),
		same("data.vpclab_security_group.id vpc_id", "vpclab_vpc.main id"),
		shows("data.vpclab_security_group.id", map[string]string{"name": "web", "description": "the web", "tags.Name": "front"}),
		shows("data.vpclab_security_group.tags", map[string]string{"tags.%": "2", "tags.Name": "front"}),
	)
}
