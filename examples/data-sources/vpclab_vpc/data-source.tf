# Every region has a default VPC.
data "vpclab_vpc" "default" {
  default = true
}

output "cidr_block" {
  value = data.vpclab_vpc.default.cidr_block
}
