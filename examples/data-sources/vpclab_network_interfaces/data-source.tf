resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "vpclab_network_interface" "spare" {
  count = 2

  subnet_id = vpclab_subnet.a.id
}

# Those of the subnet that are not attached to an instance.
data "vpclab_network_interfaces" "free" {
  filter {
    name   = "subnet-id"
    values = [vpclab_subnet.a.id]
  }

  filter {
    name   = "status"
    values = ["available"]
  }

  depends_on = [vpclab_network_interface.spare]
}

output "free" {
  value = data.vpclab_network_interfaces.free.ids
}
