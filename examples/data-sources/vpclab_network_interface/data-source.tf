# In the default VPC.
resource "vpclab_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
}

# The network interface that was made with the instance.
data "vpclab_network_interface" "web" {
  id = vpclab_instance.web.primary_network_interface_id
}

output "mac_address" {
  value = data.vpclab_network_interface.web.mac_address
}
