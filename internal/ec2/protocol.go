package ec2

import (
	"fmt"
	"strconv"
	"strings"
)

// ProtocolAll stands for every protocol in a security group rule.
const ProtocolAll = "-1"

// protocolNames are the protocols EC2 knows by name; it answers with the name
// when asked with the number.
var protocolNames = map[int]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}

// unnamedProtocols are protocols people write by name and EC2 takes by number
// only, from the IANA registry of protocol numbers.
var unnamedProtocols = map[string]int{"igmp": 2, "ipip": 4, "gre": 47, "esp": 50, "ah": 51, "ospf": 89, "vrrp": 112, "sctp": 132}

// NormalizeProtocol returns the form in which EC2 shows the protocol of a
// rule: "tcp", "udp", "icmp", "icmpv6", "-1" for all, or a number from 0 to 255
// in decimal. It accepts any case, "all", and the numbers of the named
// protocols.
func NormalizeProtocol(s string) (string, error) {
	lower := strings.ToLower(s)
	switch lower {
	case "all", ProtocolAll:
		return ProtocolAll, nil
	case "tcp", "udp", "icmp", "icmpv6":
		return lower, nil
	}
	if n, err := strconv.Atoi(lower); err == nil && strconv.Itoa(n) == lower {
		if n < 0 || n > 255 {
			return "", fmt.Errorf("%q is not a protocol: numbers go from 0 to 255, and %q stands for all", s, ProtocolAll)
		}
		if name, ok := protocolNames[n]; ok {
			return name, nil
		}
		return lower, nil
	}
	if n, ok := unnamedProtocols[lower]; ok {
		return "", fmt.Errorf("EC2 does not know the protocol %q by name; write its number, %q", s, strconv.Itoa(n))
	}
	return "", fmt.Errorf("%q is not a protocol; write tcp, udp, icmp, icmpv6, %q for all, or a protocol number from 0 to 255", s, ProtocolAll)
}

// CheckPorts judges the ports of a rule against its protocol, in any form
// [NormalizeProtocol] accepts. For ICMP the ports are the type and the code,
// and -1 stands for all. With all protocols there are no ports: EC2 says -1 to
// -1, and Terraform's inline rules 0 to 0. EC2 ignores the ports of protocols it
// knows by number only.
func CheckPorts(protocol string, from, to int) error {
	p, err := NormalizeProtocol(protocol)
	if err != nil {
		return err
	}
	switch p {
	case ProtocolAll:
		if from != to || from != 0 && from != -1 {
			return fmt.Errorf("all protocols have no ports: with protocol %q leave out ports %s, or name the protocol they belong to", ProtocolAll, portRange(from, to))
		}
	case "tcp", "udp":
		switch {
		case !between(0, from, 65535) || !between(0, to, 65535):
			return fmt.Errorf("%s ports go from 0 to 65535, not %s; all ports are 0 to 65535", p, portRange(from, to))
		case from > to:
			return fmt.Errorf("a port range goes up, and %s goes down; did you mean %s?", portRange(from, to), portRange(to, from))
		}
	case "icmp", "icmpv6":
		switch {
		case !between(-1, from, 255):
			return fmt.Errorf("the %s type (the from port) is %d; it goes from 0 to 255, and -1 stands for all types", p, from)
		case !between(-1, to, 255):
			return fmt.Errorf("the %s code (the to port) is %d; it goes from 0 to 255, and -1 stands for all codes", p, to)
		case from == -1 && to != -1:
			return fmt.Errorf("the %s code %d belongs to no type: with all types (from port -1), the code (to port) has to be -1 too", p, to)
		}
	default:
		if !between(-1, from, 65535) || !between(-1, to, 65535) {
			return fmt.Errorf("ports go from -1 to 65535, not %s; protocol %s has none, so leave them out", portRange(from, to), p)
		}
	}
	return nil
}

func between(low, n, high int) bool { return low <= n && n <= high }

func portRange(from, to int) string { return fmt.Sprintf("%d to %d", from, to) }
