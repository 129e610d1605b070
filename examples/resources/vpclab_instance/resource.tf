resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

# Its primary network interface is made with it, and goes with it.
resource "vpclab_instance" "web" {
  ami           = "ami-0123456789abcdef0" # any well-formed id will do
  instance_type = "t3.micro"
  subnet_id     = vpclab_subnet.a.id
  private_ip    = "10.0.1.10"

  tags = { Name = "web" }
}

# Its primary network interface was there before, and outlives it.
resource "vpclab_network_interface" "database" {
  subnet_id   = vpclab_subnet.a.id
  private_ips = ["10.0.1.20"]
}

resource "vpclab_instance" "database" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"

  primary_network_interface {
    network_interface_id = vpclab_network_interface.database.id
  }

  tags = { Name = "database" }
}
