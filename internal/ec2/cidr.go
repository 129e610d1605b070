package ec2

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
)

// EC2 takes VPCs and subnets of 16 to 65,536 IPv4 addresses.
const (
	minPrefixBits = 16
	maxPrefixBits = 28
)

// reservedAddresses is how many addresses of every subnet EC2 keeps: the first
// four and the last.
const reservedAddresses = 5

// ParseIPv4CIDR parses a block such as "10.0.0.0/16". No bit may be set after
// the prefix length.
func ParseIPv4CIDR(s string) (netip.Prefix, error) {
	return parseCIDR(s, "IPv4", "10.0.0.0/16", netip.Addr.Is4)
}

// ParseIPv6CIDR parses a block such as "2001:db8::/56", in any spelling of
// IPv6. No bit may be set after the prefix length.
func ParseIPv6CIDR(s string) (netip.Prefix, error) {
	return parseCIDR(s, "IPv6", "2001:db8::/56", netip.Addr.Is6)
}

func parseCIDR(s, family, example string, isFamily func(netip.Addr) bool) (netip.Prefix, error) {
	invalid := fmt.Sprintf("%q is not a valid %s CIDR block", s, family)
	address, _, hasLength := strings.Cut(s, "/")
	p, err := netip.ParsePrefix(s)
	if err != nil {
		switch addr, addrErr := netip.ParseAddr(address); {
		case addrErr != nil:
			return netip.Prefix{}, fmt.Errorf("%s, such as %q", invalid, example)
		case !hasLength && isFamily(addr) && addr.Zone() == "":
			return netip.Prefix{}, fmt.Errorf("%s: it has no prefix length; a single address is %q", invalid, netip.PrefixFrom(addr, addr.BitLen()))
		case !hasLength:
			return netip.Prefix{}, fmt.Errorf("%s: it has no prefix length, as in %q", invalid, example)
		case addr.Zone() != "":
			return netip.Prefix{}, fmt.Errorf("%s: it has a zone, %q", invalid, "%"+addr.Zone())
		default:
			return netip.Prefix{}, fmt.Errorf("%s: its prefix length has to be a number from 0 to %d", invalid, addr.BitLen())
		}
	}
	switch network := p.Masked(); {
	case p.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%s: it is an IPv4 address written as IPv6", invalid)
	case !isFamily(p.Addr()):
		return netip.Prefix{}, fmt.Errorf("%s, such as %q: its address is of the other family", invalid, example)
	case network != p:
		return netip.Prefix{}, fmt.Errorf("%s; did you mean %q?", invalid, network)
	}
	return p, nil
}

// CheckVPCCIDR judges the size of a VPC's IPv4 block.
func CheckVPCCIDR(vpc netip.Prefix) error { return checkSize("VPC", vpc) }

// CheckSubnetSize judges the size of a subnet's IPv4 block, which can be done
// before its VPC is known.
func CheckSubnetSize(subnet netip.Prefix) error { return checkSize("subnet", subnet) }

func checkSize(what string, p netip.Prefix) error {
	switch bits := p.Bits(); {
	case bits < minPrefixBits:
		return fmt.Errorf("%s is too large for a %s, which has a prefix length of /%d to /%d; the largest at this address is %s",
			p, what, minPrefixBits, maxPrefixBits, netip.PrefixFrom(p.Addr(), minPrefixBits))
	case bits > maxPrefixBits:
		return fmt.Errorf("%s is too small for a %s, which has a prefix length of /%d to /%d; the smallest at this address is %s",
			p, what, minPrefixBits, maxPrefixBits, netip.PrefixFrom(p.Addr(), maxPrefixBits).Masked())
	}
	return nil
}

// CheckSubnetCIDR judges a subnet's IPv4 block: its size, and that it lies in
// the VPC's. That no other subnet has a part of it is for the VPC to say.
func CheckSubnetCIDR(vpc, subnet netip.Prefix) error {
	if err := CheckSubnetSize(subnet); err != nil {
		return err
	}
	switch {
	case !vpc.Overlaps(subnet):
		return fmt.Errorf("%s is outside the VPC's CIDR block %s", subnet, vpc)
	case subnet.Bits() < vpc.Bits():
		return fmt.Errorf("%s is larger than the VPC's CIDR block %s", subnet, vpc)
	}
	return nil
}

// ReservedAddress reports whether EC2 keeps an address of a subnet for itself,
// and what for: the first four addresses and the last. An address outside the
// subnet is not reserved.
func ReservedAddress(subnet netip.Prefix, a netip.Addr) (reserved bool, why string) {
	if !subnet.Addr().Is4() || !subnet.Contains(a) {
		return false, ""
	}
	first, last := bounds(subnet)
	switch IPv4Number(a) {
	case first:
		return true, "network address"
	case first + 1:
		return true, "VPC router"
	case first + 2:
		return true, "DNS server"
	case first + 3:
		return true, "reserved for future use"
	case last:
		return true, "broadcast address"
	}
	return false, ""
}

// UsableRange returns the first and the last address of a subnet that an
// interface may have; both are zero if there is none.
func UsableRange(subnet netip.Prefix) (first, last netip.Addr) {
	if UsableAddresses(subnet) == 0 {
		return netip.Addr{}, netip.Addr{}
	}
	from, to := bounds(subnet)
	return IPv4Address(from + reservedAddresses - 1), IPv4Address(to - 1)
}

// UsableAddresses counts the IPv4 addresses of a subnet that interfaces may
// have.
func UsableAddresses(subnet netip.Prefix) int {
	if !subnet.Addr().Is4() {
		return 0
	}
	return max(0, 1<<(32-subnet.Bits())-reservedAddresses)
}

// bounds returns the first and the last address of an IPv4 block.
func bounds(p netip.Prefix) (first, last uint32) {
	first = IPv4Number(p.Masked().Addr())
	return first, first | uint32(1<<(32-p.Bits())-1)
}

// IPv4Number is an IPv4 address as a number, in the order of addresses.
func IPv4Number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

// IPv4Address is the inverse of [IPv4Number].
func IPv4Address(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}
