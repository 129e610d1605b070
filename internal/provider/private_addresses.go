package provider

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// What a network interface's private_ip, private_ip_list, private_ips and
// private_ips_count say together.

// wantedAddresses are the addresses the configuration names, the primary one
// first: the first of the list, the address itself, or the lowest of the set.
func wantedAddresses(m *networkInterfaceModel) []netip.Addr {
	if list := core.Addresses(m.PrivateIPList); len(list) > 0 {
		return list
	}
	addresses := core.Addresses(m.PrivateIPs)
	slices.SortFunc(addresses, netip.Addr.Compare)
	if primary := core.Address(m.PrivateIP); primary.IsValid() {
		addresses = slices.DeleteFunc(addresses, func(a netip.Addr) bool { return a == primary })
		addresses = slices.Insert(addresses, 0, primary)
	}
	return addresses
}

// checkAddressArguments refuses arguments of which no interface could do
// justice to all, as far as they are known.
func checkAddressArguments(m *networkInterfaceModel) error {
	refuse := func(attribute, summary, detail string) error {
		return core.Reported{Diagnostic: diag.NewAttributeErrorDiagnostic(path.Root(attribute), summary, detail)}
	}
	primary, list, addresses := m.PrivateIP.ValueString(), core.Strings(m.PrivateIPList), core.Strings(m.PrivateIPs)
	if given(m.PrivateIP) && fullyGiven(m.PrivateIPList) && list[0] != primary {
		return refuse("private_ip", "private_ip is not the first of private_ip_list",
			fmt.Sprintf("The first address of private_ip_list, %s, is the primary one; private_ip is %s.\nLeave private_ip out.", list[0], primary))
	}
	if !fullyGiven(m.PrivateIPs) {
		return nil
	}
	if given(m.PrivateIP) && !slices.Contains(addresses, primary) {
		return refuse("private_ip", "private_ip is not among private_ips",
			fmt.Sprintf("private_ips are all addresses of the interface, the primary one included; %s is none of them.\nAdd it to private_ips.", primary))
	}
	if count := m.PrivateIPsCount.ValueInt64(); given(m.PrivateIPsCount) && int64(len(addresses)-1) > count {
		return refuse("private_ips_count", "private_ips has more addresses than private_ips_count allows",
			fmt.Sprintf("private_ips names a primary address and %d secondary addresses; private_ips_count is %d.\n"+
				"Raise private_ips_count, or leave it out.", len(addresses)-1, count))
	}
	return nil
}

// fullyGiven reports whether a set or list is there, has elements, and all of
// them are known.
func fullyGiven(v interface {
	attr.Value
	Elements() []attr.Value
}) bool {
	return len(v.Elements()) > 0 && !slices.ContainsFunc(v.Elements(), func(e attr.Value) bool { return !given(e) })
}

// addressArguments says at validation what [checkAddressArguments] finds, at
// the argument where it finds it.
type addressArguments struct{}

var validAddressArguments addressArguments

func (addressArguments) Description(context.Context) string { return "agrees with private_ips" }

func (v addressArguments) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v addressArguments) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	v.validate(ctx, req.Path, req.Config, &resp.Diagnostics)
}

func (v addressArguments) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	v.validate(ctx, req.Path, req.Config, &resp.Diagnostics)
}

func (addressArguments) validate(ctx context.Context, at path.Path, config tfsdk.Config, diags *diag.Diagnostics) {
	var m networkInterfaceModel
	diags.Append(config.GetAttribute(ctx, path.Root("private_ip"), &m.PrivateIP)...)
	diags.Append(config.GetAttribute(ctx, path.Root("private_ip_list"), &m.PrivateIPList)...)
	diags.Append(config.GetAttribute(ctx, path.Root("private_ips"), &m.PrivateIPs)...)
	diags.Append(config.GetAttribute(ctx, path.Root("private_ips_count"), &m.PrivateIPsCount)...)
	if diags.HasError() {
		return
	}
	if found, ok := checkAddressArguments(&m).(core.Reported); ok && found.Diagnostic.(diag.DiagnosticWithPath).Path().Equal(at) {
		diags.Append(found.Diagnostic)
	}
}

// readPrivateIPs gives all addresses, or those that are configured when
// private_ips_count explains the rest.
func readPrivateIPs(m *networkInterfaceModel, actual []string) types.Set {
	configured := core.Strings(m.PrivateIPs)
	explained := len(configured) > 0 && int(m.PrivateIPsCount.ValueInt64()) == len(actual)-1
	for _, a := range configured {
		explained = explained && slices.Contains(actual, a)
	}
	if explained {
		return m.PrivateIPs
	}
	return core.StringSet(actual)
}

// updateAddresses takes away what is not wanted any more, then adds what is new.
func updateAddresses(tx *engine.Tx, prior, m *networkInterfaceModel) error {
	n, ok := tx.NetworkInterface(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	surplus, missing, more := plannedAddresses(n, prior, m)
	if err := tx.UnassignPrivateIPAddresses(n.ID, surplus); err != nil {
		return err
	}
	_, err := tx.AssignPrivateIPAddresses(engine.AssignPrivateIPAddressesInput{
		NetworkInterfaceID:             n.ID,
		PrivateIPAddresses:             missing,
		SecondaryPrivateIPAddressCount: more,
	})
	return err
}

// yieldAddresses takes away what is not wanted any more.
func yieldAddresses(tx *engine.Tx, prior, m *networkInterfaceModel) error {
	n, ok := tx.NetworkInterface(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	surplus, _, _ := plannedAddresses(n, prior, m)
	return tx.UnassignPrivateIPAddresses(n.ID, surplus)
}

// plannedAddresses says which addresses to take away, which to add, and how many
// more to choose, for an interface to have those that are planned.
func plannedAddresses(n *ec2.NetworkInterface, prior, m *networkInterfaceModel) (surplus, missing []netip.Addr, more int) {
	switch {
	case changed(prior.PrivateIPList, m.PrivateIPList):
		surplus, missing = reorder(n.PrivateIPAddresses, core.Addresses(m.PrivateIPList))
	case changed(prior.PrivateIPs, m.PrivateIPs) || changed(prior.PrivateIPsCount, m.PrivateIPsCount):
		count := -1
		if given(m.PrivateIPsCount) {
			count = int(m.PrivateIPsCount.ValueInt64())
		}
		named := core.Addresses(m.PrivateIPs)
		slices.SortFunc(named, netip.Addr.Compare)
		surplus, missing, more = addressChange(n.PrivateIPAddresses, named, count)
	}
	return surplus, missing, more
}

// reorder says which addresses to take away, and which to add in this order,
// for an interface to have the wanted ones in theirs. What comes before the
// first difference stays.
func reorder(has, wanted []netip.Addr) (surplus, missing []netip.Addr) {
	same := 0
	for same < min(len(has), len(wanted)) && has[same] == wanted[same] {
		same++
	}
	return has[same:], wanted[same:]
}

// addressChange says which addresses to take away, which to add, and how many
// more to choose, for an interface to have the named ones and, with a count of 0
// or above, that many secondary ones in all. The primary one stays; of those
// that nobody names the first ones do, while the count has room for them.
func addressChange(has, named []netip.Addr, count int) (surplus, missing []netip.Addr, more int) {
	missing = slices.DeleteFunc(slices.Clone(named), func(a netip.Addr) bool { return slices.Contains(has, a) })
	if !slices.Contains(named, has[0]) {
		named = slices.Concat(has[:1], named)
	}
	room := max(0, count+1-len(named))
	for _, a := range has {
		switch {
		case slices.Contains(named, a):
		case room > 0:
			room--
		default:
			surplus = append(surplus, a)
		}
	}
	return surplus, missing, room
}
