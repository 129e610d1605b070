package ec2_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestParseIPv4CIDR(t *testing.T) {
	for _, tt := range []struct{ cidr, err string }{
		{"10.0.0.0/16", ""},
		{"0.0.0.0/0", ""},
		{"203.0.113.7/32", ""},
		{"10.0.0.1/16", `"10.0.0.1/16" is not a valid IPv4 CIDR block; did you mean "10.0.0.0/16"?`},
		{"10.0.0.0", `"10.0.0.0" is not a valid IPv4 CIDR block: it has no prefix length; a single address is "10.0.0.0/32"`},
		{"10.0.0.0/33", `"10.0.0.0/33" is not a valid IPv4 CIDR block: its prefix length has to be a number from 0 to 32`},
		{"10.0.0.0/255.255.0.0", `"10.0.0.0/255.255.0.0" is not a valid IPv4 CIDR block: its prefix length has to be a number from 0 to 32`},
		{"10.0.0.0/", `"10.0.0.0/" is not a valid IPv4 CIDR block: its prefix length has to be a number from 0 to 32`},
		{"10.0/16", `"10.0/16" is not a valid IPv4 CIDR block, such as "10.0.0.0/16"`},
		{"010.0.0.0/16", `"010.0.0.0/16" is not a valid IPv4 CIDR block, such as "10.0.0.0/16"`},
		{"2001:db8::/56", `"2001:db8::/56" is not a valid IPv4 CIDR block, such as "10.0.0.0/16": its address is of the other family`},
		{"2001:db8::", `"2001:db8::" is not a valid IPv4 CIDR block: it has no prefix length, as in "10.0.0.0/16"`},
		{"::ffff:10.0.0.0/112", `"::ffff:10.0.0.0/112" is not a valid IPv4 CIDR block: it is an IPv4 address written as IPv6`},
		{"", `"" is not a valid IPv4 CIDR block, such as "10.0.0.0/16"`},
	} {
		t.Run(tt.cidr, func(t *testing.T) {
			got, err := ec2.ParseIPv4CIDR(tt.cidr)
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if err == nil && got.String() != tt.cidr {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestParseIPv6CIDR(t *testing.T) {
	for _, tt := range []struct{ cidr, want, err string }{
		{cidr: "2001:db8::/56", want: "2001:db8::/56"},
		{cidr: "::/0", want: "::/0"},
		{cidr: "2001:DB8:0:0:0:0:0:0/56", want: "2001:db8::/56"},
		{cidr: "2001:db8::1/56", err: `"2001:db8::1/56" is not a valid IPv6 CIDR block; did you mean "2001:db8::/56"?`},
		{cidr: "2001:db8::1", err: `"2001:db8::1" is not a valid IPv6 CIDR block: it has no prefix length; a single address is "2001:db8::1/128"`},
		{cidr: "2001:db8::/129", err: `"2001:db8::/129" is not a valid IPv6 CIDR block: its prefix length has to be a number from 0 to 128`},
		{cidr: "fe80::%eth0/64", err: `"fe80::%eth0/64" is not a valid IPv6 CIDR block: it has a zone, "%eth0"`},
		{cidr: "::ffff:10.0.0.0/104", err: `"::ffff:10.0.0.0/104" is not a valid IPv6 CIDR block: it is an IPv4 address written as IPv6`},
		{cidr: "10.0.0.0/16", err: `"10.0.0.0/16" is not a valid IPv6 CIDR block, such as "2001:db8::/56": its address is of the other family`},
	} {
		t.Run(tt.cidr, func(t *testing.T) {
			got, err := ec2.ParseIPv6CIDR(tt.cidr)
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if err == nil && got.String() != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCheckVPCCIDR(t *testing.T) {
	for _, tt := range []struct{ cidr, want string }{
		{"10.0.0.0/16", ""},
		{"10.0.0.16/28", ""},
		{"203.0.113.0/24", ""}, // public ranges are allowed
		{"10.0.0.0/15", "10.0.0.0/15 is too large for a VPC, which has a prefix length of /16 to /28; the largest at this address is 10.0.0.0/16"},
		{"10.0.0.24/29", "10.0.0.24/29 is too small for a VPC, which has a prefix length of /16 to /28; the smallest at this address is 10.0.0.16/28"},
	} {
		if diff := cmp.Diff(tt.want, message(ec2.CheckVPCCIDR(netip.MustParsePrefix(tt.cidr)))); diff != "" {
			t.Errorf("%s: error (-want +got):\n%s", tt.cidr, diff)
		}
	}
}

func TestCheckSubnetCIDR(t *testing.T) {
	for _, tt := range []struct{ vpc, subnet, want string }{
		{"10.0.0.0/16", "10.0.0.0/24", ""},
		{"10.0.0.0/16", "10.0.255.240/28", ""},
		{"10.0.0.0/16", "10.0.0.0/16", ""},
		{"10.0.0.0/16", "10.1.0.0/24", "10.1.0.0/24 is outside the VPC's CIDR block 10.0.0.0/16"},
		{"10.0.0.0/20", "10.0.0.0/16", "10.0.0.0/16 is larger than the VPC's CIDR block 10.0.0.0/20"},
		{"10.0.0.0/16", "10.0.0.0/29", "10.0.0.0/29 is too small for a subnet, which has a prefix length of /16 to /28; the smallest at this address is 10.0.0.0/28"},
		{"10.0.0.0/16", "10.0.0.0/8", "10.0.0.0/8 is too large for a subnet, which has a prefix length of /16 to /28; the largest at this address is 10.0.0.0/16"},
	} {
		got := message(ec2.CheckSubnetCIDR(netip.MustParsePrefix(tt.vpc), netip.MustParsePrefix(tt.subnet)))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s in %s: error (-want +got):\n%s", tt.subnet, tt.vpc, diff)
		}
	}
}

func TestReservedAddress(t *testing.T) {
	for _, tt := range []struct{ subnet, address, want string }{
		{"10.0.0.128/26", "10.0.0.127", ""},
		{"10.0.0.128/26", "10.0.0.128", "network address"},
		{"10.0.0.128/26", "10.0.0.129", "VPC router"},
		{"10.0.0.128/26", "10.0.0.130", "DNS server"},
		{"10.0.0.128/26", "10.0.0.131", "reserved for future use"},
		{"10.0.0.128/26", "10.0.0.132", ""},
		{"10.0.0.128/26", "10.0.0.190", ""},
		{"10.0.0.128/26", "10.0.0.191", "broadcast address"},
		{"10.0.0.128/26", "10.0.0.192", ""},
		{"10.0.0.0/16", "10.0.255.255", "broadcast address"},
		{"10.0.0.0/16", "10.0.1.0", ""},
		{"255.255.255.240/28", "255.255.255.255", "broadcast address"},
		{"2001:db8::/64", "2001:db8::1", ""},
	} {
		reserved, why := ec2.ReservedAddress(netip.MustParsePrefix(tt.subnet), netip.MustParseAddr(tt.address))
		if why != tt.want || reserved != (tt.want != "") {
			t.Errorf("%s in %s: got %v %q, want %q", tt.address, tt.subnet, reserved, why, tt.want)
		}
	}
}

func TestUsableRange(t *testing.T) {
	for _, tt := range []struct {
		subnet, first, last string
		addresses           int
	}{
		{"10.0.0.0/16", "10.0.0.4", "10.0.255.254", 65531},
		{"10.0.1.0/24", "10.0.1.4", "10.0.1.254", 251},
		{"10.0.0.16/28", "10.0.0.20", "10.0.0.30", 11},
		{"10.0.0.8/29", "10.0.0.12", "10.0.0.14", 3},
		{"10.0.0.8/30", "invalid IP", "invalid IP", 0},
		{"10.0.0.8/32", "invalid IP", "invalid IP", 0},
		{"128.0.0.0/4", "128.0.0.4", "143.255.255.254", 1<<28 - 5},
		{"2001:db8::/64", "invalid IP", "invalid IP", 0},
	} {
		subnet := netip.MustParsePrefix(tt.subnet)
		first, last := ec2.UsableRange(subnet)
		if first.String() != tt.first || last.String() != tt.last {
			t.Errorf("%s: got %s to %s, want %s to %s", subnet, first, last, tt.first, tt.last)
		}
		if got := ec2.UsableAddresses(subnet); got != tt.addresses {
			t.Errorf("%s: got %d addresses, want %d", subnet, got, tt.addresses)
		}
	}
}

// The usable range, the count and the reserved addresses say the same thing.
func TestEveryAddressOfSubnet(t *testing.T) {
	for _, cidr := range []string{"10.0.0.0/28", "10.0.0.128/26", "192.168.3.0/24"} {
		subnet := netip.MustParsePrefix(cidr)
		first, last := ec2.UsableRange(subnet)
		usable := 0
		for a := subnet.Addr(); subnet.Contains(a); a = a.Next() {
			reserved, why := ec2.ReservedAddress(subnet, a)
			inRange := first.Compare(a) <= 0 && a.Compare(last) <= 0
			if reserved == inRange {
				t.Errorf("%s in %s: in the range %v, reserved %q", a, subnet, inRange, why)
			}
			if !reserved {
				usable++
			}
		}
		if want := ec2.UsableAddresses(subnet); usable != want {
			t.Errorf("%s has %d addresses that are not reserved, want %d", subnet, usable, want)
		}
	}
}

func FuzzParseIPv4CIDR(f *testing.F) {
	for _, s := range []string{"10.0.0.0/16", "10.0.0.1/16", "10.0.0.0", "010.0.0.0/8", "::ffff:10.0.0.0/112", "10.0.0.0/016", "/", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ec2.ParseIPv4CIDR(s)
		if err != nil {
			return
		}
		if p.String() != s || p != p.Masked() || !p.Addr().Is4() {
			t.Errorf("ParseIPv4CIDR(%q) = %s", s, p)
		}
		if err := ec2.CheckVPCCIDR(p); (err == nil) != (p.Bits() >= 16 && p.Bits() <= 28) {
			t.Errorf("CheckVPCCIDR(%s): %v", p, err)
		}
		first, last := ec2.UsableRange(p)
		if first.IsValid() && (!p.Contains(first) || !p.Contains(last) || last.Less(first)) {
			t.Errorf("UsableRange(%s) = %s, %s", p, first, last)
		}
	})
}

func FuzzParseIPv6CIDR(f *testing.F) {
	for _, s := range []string{"2001:db8::/56", "2001:DB8:0::/56", "fe80::%eth0/64", "fe80::%eth0", "::ffff:10.0.0.0/104", "::/0", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ec2.ParseIPv6CIDR(s)
		if err != nil {
			return
		}
		if again, err := ec2.ParseIPv6CIDR(p.String()); err != nil || again != p {
			t.Errorf("ParseIPv6CIDR(%q) = %s, which parses as %s, %v", s, p, again, err)
		}
		if p != p.Masked() || !p.Addr().Is6() {
			t.Errorf("ParseIPv6CIDR(%q) = %s", s, p)
		}
		if n := ec2.UsableAddresses(p); n != 0 {
			t.Errorf("%s has %d usable IPv4 addresses", p, n)
		}
	})
}
