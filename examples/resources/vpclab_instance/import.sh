terraform import vpclab_instance.web i-0123456789abcdef0
