package ec2

import (
	"fmt"
	"net"
	"strconv"
)

// MACAddress returns the MAC address of an interface, which follows from its
// id: locally administered, unicast, in lower case with colons, such as
// "0a:7f:c8:43:55:ea". If another interface has that one, count attempt up
// from 0.
func MACAddress(interfaceID string, attempt int) string {
	sum := hashStrings("mac", interfaceID, strconv.Itoa(attempt))
	mac := net.HardwareAddr(sum[:6])
	mac[0] = mac[0]&^0b11 | 0b10
	return mac.String()
}

// ParseMAC returns a 48-bit MAC address in lower case with colons. Hyphens,
// dots and capitals are accepted.
func ParseMAC(s string) (string, error) {
	mac, err := net.ParseMAC(s)
	if err != nil || len(mac) != 6 {
		return "", fmt.Errorf("%q is not a MAC address, such as %q", s, "0a:7f:c8:43:55:ea")
	}
	return mac.String(), nil
}
