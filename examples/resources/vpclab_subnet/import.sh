terraform import vpclab_subnet.a subnet-0123456789abcdef0
