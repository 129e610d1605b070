package ec2_test

import (
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestARN(t *testing.T) {
	for _, tt := range []struct {
		region         ec2.Region
		resource, want string
	}{
		{"us-east-1", "network-interface/eni-0123456789abcdef0", "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-0123456789abcdef0"},
		{"us-west-3", "vpc/vpc-0123456789abcdef0", "arn:aws:ec2:us-west-3:123456789012:vpc/vpc-0123456789abcdef0"},
		{"cn-north-1", "instance/i-0123456789abcdef0", "arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-0123456789abcdef0"},
		{"us-gov-east-1", "subnet/subnet-0123456789abcdef0", "arn:aws-us-gov:ec2:us-gov-east-1:123456789012:subnet/subnet-0123456789abcdef0"},
	} {
		if got := ec2.ARN(tt.region, "123456789012", tt.resource); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
