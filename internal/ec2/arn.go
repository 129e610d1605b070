package ec2

// ARN returns the Amazon Resource Name of an EC2 resource. The resource is its
// kind and id, such as "network-interface/eni-0123456789abcdef0".
func ARN(region Region, account, resource string) string {
	return "arn:" + region.Partition() + ":ec2:" + string(region) + ":" + account + ":" + resource
}
