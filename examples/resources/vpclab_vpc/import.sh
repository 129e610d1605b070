terraform import vpclab_vpc.main vpc-0123456789abcdef0
