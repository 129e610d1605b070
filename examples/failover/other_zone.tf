# Part three: a third instance, in another Availability Zone. It cannot take over: a
# network interface never leaves its zone, and the plan says so when attached_to is
# "three".

resource "vpclab_subnet" "b" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "us-east-1b"
  tags              = { Name = "b" }
}

resource "vpclab_instance" "three" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = vpclab_subnet.b.id
  tags          = { Name = "three" }
}

resource "vpclab_network_interface_attachment" "across_zones" {
  count = var.attached_to == "three" ? 1 : 0

  network_interface_id = vpclab_network_interface.service.id
  instance_id          = vpclab_instance.three.id
  device_index         = 1
}
