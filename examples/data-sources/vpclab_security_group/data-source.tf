resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

# Every VPC comes with a group named default.
data "vpclab_security_group" "default" {
  name   = "default"
  vpc_id = vpclab_vpc.main.id
}

output "default_group" {
  value = data.vpclab_security_group.default.id
}
