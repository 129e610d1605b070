# The default VPC has a default subnet in each Availability Zone.
data "vpclab_subnet" "a" {
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "vpclab_network_interface" "service" {
  subnet_id = data.vpclab_subnet.a.id
}
