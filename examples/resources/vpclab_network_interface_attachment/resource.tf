resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "vpclab_instance" "web" {
  for_each = toset(["one", "two"])

  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = vpclab_subnet.a.id
}

resource "vpclab_network_interface" "service" {
  subnet_id   = vpclab_subnet.a.id
  private_ips = ["10.0.1.50"]
}

# Write "two" for "one" and apply: the interface moves, and 10.0.1.50 with it.
resource "vpclab_network_interface_attachment" "service" {
  network_interface_id = vpclab_network_interface.service.id
  instance_id          = vpclab_instance.web["one"].id
  device_index         = 1
}
