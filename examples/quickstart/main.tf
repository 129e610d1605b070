terraform {
  required_providers { vpclab = { source = "vpclab/vpclab" } }
}
resource "vpclab_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "vpclab_network_interface" "service" { subnet_id = vpclab_subnet.a.id }
output "service" { value = vpclab_network_interface.service.private_ip }
