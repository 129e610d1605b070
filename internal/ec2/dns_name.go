package ec2

import (
	"net/netip"
	"strings"
)

// PrivateDNSName returns the name the VPC's DNS server gives to a private IPv4
// address: "ip-10-24-34-0.ec2.internal" in us-east-1,
// "ip-10-24-34-0.eu-west-1.compute.internal" elsewhere.
func PrivateDNSName(region Region, a netip.Addr) string {
	if region == "us-east-1" {
		return "ip-" + hyphenated(a) + ".ec2.internal"
	}
	return "ip-" + hyphenated(a) + "." + string(region) + ".compute.internal"
}

// PublicDNSName returns the name AWS gives to a public IPv4 address:
// "ec2-1-2-3-4.compute-1.amazonaws.com" in us-east-1,
// "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com" elsewhere, and under
// amazonaws.com.cn in China.
func PublicDNSName(region Region, a netip.Addr) string {
	suffix := ".amazonaws.com"
	if region.Partition() == "aws-cn" {
		suffix = ".amazonaws.com.cn"
	}
	if region == "us-east-1" {
		return "ec2-" + hyphenated(a) + ".compute-1" + suffix
	}
	return "ec2-" + hyphenated(a) + "." + string(region) + ".compute" + suffix
}

func hyphenated(a netip.Addr) string { return strings.ReplaceAll(a.String(), ".", "-") }
