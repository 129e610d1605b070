# Failover with a network interface, part one: a network with two instances in it.
#
#   terraform apply                          the service is on instance one
#   terraform apply -var attached_to=two     it has moved to instance two
#   terraform apply -var attached_to=none    it is on neither
#   terraform plan -var attached_to=three    refused: three is in another zone
#   terraform destroy

terraform {
  required_providers {
    vpclab = {
      source = "vpclab/vpclab"
    }
  }
}

provider "vpclab" {
  region = "us-east-1"
}

resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "failover" }
}

# A subnet lies in one Availability Zone, and what is in it stays there.
resource "vpclab_subnet" "a" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "a" }
}

# Each instance comes with a network interface of its own: the primary one, device
# index 0, which it keeps for life.
resource "vpclab_instance" "one" {
  ami           = "ami-0123456789abcdef0" # any well-formed id will do
  instance_type = "t3.micro"              # has room for two network interfaces
  subnet_id     = vpclab_subnet.a.id
  tags          = { Name = "one" }
}

resource "vpclab_instance" "two" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = vpclab_subnet.a.id
  tags          = { Name = "two" }
}
