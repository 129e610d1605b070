package core

import (
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The vocabulary between Terraform's values and the engine's. Null and unknown
// both become Go's zero value, which the engine takes as "not given".

// Optional gives a pointer to a value that is known, else nil.
func Optional[T any](v attr.Value, value func() T) *T {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	t := value()
	return &t
}

// Text gives a string, or null for the empty one.
func Text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// Strings are the known elements of a set or list of strings, in its order.
func Strings(v interface{ Elements() []attr.Value }) []string {
	var list []string
	for _, e := range v.Elements() {
		if s, ok := e.(interface {
			attr.Value
			ValueString() string
		}); ok && !s.IsNull() && !s.IsUnknown() {
			list = append(list, s.ValueString())
		}
	}
	return list
}

// Addresses are the IP addresses of a set or list of strings. What does not
// parse is left out: validation has reported it.
func Addresses(v interface{ Elements() []attr.Value }) []netip.Addr {
	var list []netip.Addr
	for _, s := range Strings(v) {
		if a, err := netip.ParseAddr(s); err == nil {
			list = append(list, a)
		}
	}
	return list
}

// Address is the IP address a string holds, or the zero one.
func Address(v interface{ ValueString() string }) netip.Addr {
	a, _ := netip.ParseAddr(v.ValueString())
	return a
}

// Prefix is the CIDR block a string holds, or the zero one.
func Prefix(v interface{ ValueString() string }) netip.Prefix {
	p, _ := netip.ParsePrefix(v.ValueString())
	return p
}

// StringSet makes a set of strings.
func StringSet(list []string) types.Set {
	return types.SetValueMust(types.StringType, stringValues(list))
}

// StringList makes a list of strings.
func StringList(list []string) types.List {
	return types.ListValueMust(types.StringType, stringValues(list))
}

func stringValues(list []string) []attr.Value {
	values := make([]attr.Value, len(list))
	for i, s := range list {
		values[i] = types.StringValue(s)
	}
	return values
}

// AddressStrings writes addresses out.
func AddressStrings(list []netip.Addr) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return out
}

// Sorted gives a sorted copy.
func Sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
