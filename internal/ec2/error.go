package ec2

import (
	"fmt"
	"slices"
	"strings"
)

// Error is a refusal in EC2's words, with what EC2 leaves out: the facts that
// clash, who stands in the way, and what to do instead.
type Error struct {
	// Action is the EC2 API action that was refused, such as
	// "AttachNetworkInterface".
	Action string
	// Code is EC2's error code, such as "InvalidParameterCombination".
	Code string
	// Message is what EC2 itself says under that code.
	Message string
	// Parameter names the request parameter at fault in the spelling of the
	// API ("DeviceIndex", "PrivateIpAddresses"). Empty when the request as a
	// whole is at fault.
	Parameter string

	// Summary says in plain words what cannot be.
	Summary string
	// Detail gives the facts that clash.
	Detail string
	// Remedy says what to do instead.
	Remedy string

	// Holders are the objects that stand in the way by holding something the
	// operation needs. The operation becomes possible once Release of them
	// let go (0 means all).
	Holders []Holder
	Release int
}

// Error gives EC2's own form, the one a reader can search the web for.
func (e *Error) Error() string {
	return fmt.Sprintf("%s, %s: %s", e.Action, e.Code, e.Message)
}

// Explain gives what a person needs in order to go on: the facts, who stands in
// the way, the remedy.
func (e *Error) Explain() string {
	parts := slices.DeleteFunc([]string{e.Detail, e.Remedy}, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n")
}

// NotFound reports whether the error says that the object asked for does not
// exist, which EC2 spells with the suffix ".NotFound".
func (e *Error) NotFound() bool { return strings.HasSuffix(e.Code, ".NotFound") }

// MustRelease is how many of the holders have to let go.
func (e *Error) MustRelease() int {
	if e.Release == 0 {
		return len(e.Holders)
	}
	return e.Release
}

// Holder is an object that holds a claim another one asks for.
type Holder struct {
	Ref
	Claim Claim
	// Name is how a reader would name the holder: its Name tag, address or id.
	Name string
}

// ClaimKind says what kind of thing can be held by one object only, or by a
// limited number of them.
type ClaimKind string

// The claims of the simulated VPC.
const (
	ClaimAddress    ClaimKind = "private address"   // of a subnet; Key is "subnet-id/address"
	ClaimCapacity   ClaimKind = "free address"      // of a subnet that has none left, one holder per address; Key is "subnet-id/address"
	ClaimInterface  ClaimKind = "network interface" // to be attached once, or, held by an instance, to stay its primary one; Key is its id
	ClaimDevice     ClaimKind = "device index"      // of an instance; Key is "instance-id/card/index"
	ClaimSlots      ClaimKind = "attachment slot"   // of an instance, limited by its type; Key is "instance-id", or "instance-id/card" for one network card
	ClaimCIDR       ClaimKind = "CIDR block"        // in a VPC; Key is "vpc-id/cidr"
	ClaimGroupName  ClaimKind = "group name"        // in a VPC; Key is "vpc-id/name"
	ClaimRule       ClaimKind = "rule"              // in a security group; Key is "group-id/direction/protocol/from/to/source"
	ClaimRuleSlots  ClaimKind = "rule slot"         // of a security group; Key is "group-id/direction/family", the family "IPv4" or "IPv6"
	ClaimDependency ClaimKind = "dependency"        // on an object to be deleted; Key is its id
	ClaimPerENI     ClaimKind = "address slot"      // of an attached interface, limited by the instance's type and held while there are more; Key is the interface's id
)

// Claim is something held.
type Claim struct {
	Kind ClaimKind
	Key  string
}
