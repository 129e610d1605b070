package ec2_test

import (
	"net/netip"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestDNSNames(t *testing.T) {
	for _, tt := range []struct {
		region          ec2.Region
		private, public string
	}{
		{"us-east-1", "ip-10-24-34-0.ec2.internal", "ec2-1-2-3-4.compute-1.amazonaws.com"},
		{"eu-west-1", "ip-10-24-34-0.eu-west-1.compute.internal", "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com"},
		{"us-gov-west-1", "ip-10-24-34-0.us-gov-west-1.compute.internal", "ec2-1-2-3-4.us-gov-west-1.compute.amazonaws.com"},
		{"cn-north-1", "ip-10-24-34-0.cn-north-1.compute.internal", "ec2-1-2-3-4.cn-north-1.compute.amazonaws.com.cn"},
	} {
		if got := ec2.PrivateDNSName(tt.region, netip.MustParseAddr("10.24.34.0")); got != tt.private {
			t.Errorf("private: got %s, want %s", got, tt.private)
		}
		if got := ec2.PublicDNSName(tt.region, netip.MustParseAddr("1.2.3.4")); got != tt.public {
			t.Errorf("public: got %s, want %s", got, tt.public)
		}
	}
}
