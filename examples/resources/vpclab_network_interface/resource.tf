resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

# With addresses of its own choice, and its VPC's default security group.
resource "vpclab_network_interface" "service" {
  subnet_id   = vpclab_subnet.a.id
  description = "Moves between instances"
  private_ips = ["10.0.1.50", "10.0.1.51"]

  tags = { Name = "service" }
}
