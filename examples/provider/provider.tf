terraform {
  required_providers {
    vpclab = {
      source = "vpclab/vpclab"
    }
  }
}

provider "vpclab" {
  region = "us-east-1"

  default_tags {
    tags = { Project = "trial" }
  }
}

resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "vpclab_subnet" "a" {
  vpc_id            = vpclab_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
}
