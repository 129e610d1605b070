data "vpclab_availability_zones" "available" {
  state = "available"
}

resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

# A subnet in each of the region's first two zones.
resource "vpclab_subnet" "main" {
  count = 2

  vpc_id            = vpclab_vpc.main.id
  cidr_block        = cidrsubnet(vpclab_vpc.main.cidr_block, 8, count.index)
  availability_zone = data.vpclab_availability_zones.available.names[count.index]
}
