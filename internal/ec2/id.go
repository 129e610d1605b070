package ec2

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// IDPrefix is the part of a resource id before its last hyphen. It says what
// kind of resource the id names.
type IDPrefix string

// The prefixes of EC2's resource ids.
const (
	PrefixNetworkInterface      IDPrefix = "eni"
	PrefixAttachment            IDPrefix = "eni-attach"
	PrefixInstance              IDPrefix = "i"
	PrefixReservation           IDPrefix = "r"
	PrefixSecurityGroup         IDPrefix = "sg"
	PrefixSecurityGroupRule     IDPrefix = "sgr"
	PrefixSubnet                IDPrefix = "subnet"
	PrefixVPC                   IDPrefix = "vpc"
	PrefixVPCCIDRAssociation    IDPrefix = "vpc-cidr-assoc"
	PrefixInternetGateway       IDPrefix = "igw"
	PrefixNATGateway            IDPrefix = "nat"
	PrefixRouteTable            IDPrefix = "rtb"
	PrefixRouteTableAssociation IDPrefix = "rtbassoc"
	PrefixNetworkACL            IDPrefix = "acl"
	PrefixDHCPOptions           IDPrefix = "dopt"
	PrefixManagedPrefixList     IDPrefix = "pl"
	PrefixAllocation            IDPrefix = "eipalloc"
	PrefixAssociation           IDPrefix = "eipassoc"
	PrefixImage                 IDPrefix = "ami"
	PrefixVolume                IDPrefix = "vol"
	PrefixKeyPair               IDPrefix = "key"
	PrefixPlacementGroup        IDPrefix = "pg"
	PrefixLaunchTemplate        IDPrefix = "lt"
)

// resourceNouns is what messages call a resource of each prefix.
var resourceNouns = map[IDPrefix]string{
	PrefixNetworkInterface:      "a network interface",
	PrefixAttachment:            "a network interface attachment",
	PrefixInstance:              "an instance",
	PrefixReservation:           "a reservation",
	PrefixSecurityGroup:         "a security group",
	PrefixSecurityGroupRule:     "a security group rule",
	PrefixSubnet:                "a subnet",
	PrefixVPC:                   "a VPC",
	PrefixVPCCIDRAssociation:    "a VPC CIDR block association",
	PrefixInternetGateway:       "an internet gateway",
	PrefixNATGateway:            "a NAT gateway",
	PrefixRouteTable:            "a route table",
	PrefixRouteTableAssociation: "a route table association",
	PrefixNetworkACL:            "a network ACL",
	PrefixDHCPOptions:           "a DHCP options set",
	PrefixManagedPrefixList:     "a prefix list",
	PrefixAllocation:            "an Elastic IP allocation",
	PrefixAssociation:           "an Elastic IP association",
	PrefixImage:                 "an image",
	PrefixVolume:                "a volume",
	PrefixKeyPair:               "a key pair",
	PrefixPlacementGroup:        "a placement group",
	PrefixLaunchTemplate:        "a launch template",
}

// An id ends in 17 hexadecimal digits. Those EC2 gave out before 2016 have 8,
// and are still valid.
const (
	idDigits      = 17
	shortIDDigits = 8
)

// NewID returns an id of 17 digits, 16 of them random. The first is 0, as in
// the ids EC2 gives out. It panics if random fails, which crypto/rand never
// does.
func NewID(prefix IDPrefix, random io.Reader) string {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic(fmt.Sprintf("ec2: no randomness for an id: %v", err))
	}
	return formatID(prefix, b)
}

// DeriveID returns the same id for the same prefix and seeds. It serves what a
// region has from the start, such as its default VPC.
func DeriveID(prefix IDPrefix, seed ...string) string {
	sum := hashStrings(append([]string{string(prefix)}, seed...)...)
	return formatID(prefix, [8]byte(sum[:8]))
}

func formatID(prefix IDPrefix, b [8]byte) string {
	return string(prefix) + "-0" + hex.EncodeToString(b[:])
}

// hashStrings hashes the length of each string with it, so that ("a", "bc")
// and ("ab", "c") differ.
func hashStrings(ss ...string) [sha256.Size]byte {
	var b []byte
	for _, s := range ss {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return sha256.Sum256(b)
}

// ParseID returns the prefix of an id: a prefix EC2 knows, a hyphen and 17 or
// 8 lower-case hexadecimal digits.
func ParseID(s string) (IDPrefix, error) {
	// Prefixes nest ("eni" and "eni-attach"), so the last hyphen counts.
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", fmt.Errorf("%q is not a resource id: one has a prefix and a hyphen, such as %q", s, exampleID(PrefixVPC))
	}
	prefix, digits := IDPrefix(s[:i]), s[i+1:]
	if _, ok := resourceNouns[prefix]; !ok {
		return "", fmt.Errorf("%q is not a resource id: there is no resource whose ids begin with %q", s, string(prefix)+"-")
	}
	if !validIDDigits(digits) {
		return "", fmt.Errorf("%q is not a resource id: %q has to be followed by %d (or, in old ids, %d) digits 0-9 and a-f, such as %q",
			s, string(prefix)+"-", idDigits, shortIDDigits, exampleID(prefix))
	}
	return prefix, nil
}

// CheckID returns an error unless s is an id with that prefix. If it is the id
// of something else, the error says of what.
func CheckID(prefix IDPrefix, s string) error {
	got, err := ParseID(s)
	switch noun := resourceNouns[prefix]; {
	case err != nil && !strings.HasPrefix(s, string(prefix)+"-"):
		return fmt.Errorf("%q is not the id of %s, such as %q", s, noun, exampleID(prefix))
	case err != nil:
		return err
	case got != prefix:
		return fmt.Errorf("%q is the id of %s; the id of %s is needed, such as %q", s, resourceNouns[got], noun, exampleID(prefix))
	}
	return nil
}

func validIDDigits(s string) bool {
	if len(s) != idDigits && len(s) != shortIDDigits {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

func exampleID(prefix IDPrefix) string { return string(prefix) + "-0123456789abcdef0" }

// AccountID returns the account id of a lab: 12 digits that follow from the
// lab's name, the first of them not 0.
func AccountID(lab string) string {
	const first, count = 100_000_000_000, 900_000_000_000
	sum := hashStrings("account", lab)
	return fmt.Sprint(first + binary.BigEndian.Uint64(sum[:8])%count)
}
