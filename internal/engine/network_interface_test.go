package engine

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestCreateNetworkInterface(t *testing.T) {
	s := newScene(t)
	create := func(in CreateNetworkInterfaceInput) func(*Tx) error {
		return func(tx *Tx) error { return no(tx.CreateNetworkInterface(in)) }
	}
	at := func(list ...string) func(*Tx) error {
		return create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, PrivateIPAddresses: addrs(list...)})
	}
	with := func(groups ...string) func(*Tx) error {
		return create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, Groups: groups})
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	heldBy := func(n *ec2.NetworkInterface, a string) []ec2.Holder {
		return []ec2.Holder{holds(ec2.KindNetworkInterface, n.ID, ec2.ClaimAddress, s.front.ID+"/"+a)}
	}
	s.play(t, []op{
		{"nothing but a subnet", at(), want{}},
		{"the first and the last usable address", at("10.0.1.254", "10.0.1.7"), want{}},
		{"any number of secondary addresses", create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, SecondaryPrivateIPAddressCount: 200}), want{}},
		{"all addresses of a /28", create(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 10}), want{}},
		{"five security groups", with(append(s.groups(t, 3), s.web.ID, s.app.ID)...), want{}},
		{"a group twice is one", with(s.web.ID, s.web.ID, s.web.ID, s.web.ID, s.web.ID, s.web.ID), want{}},
		{"255 characters of description", create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, Description: strings.Repeat("é", 255)}), want{}},

		{"an address of another subnet", at("10.0.2.10"), bad("PrivateIpAddresses", "10.0.2.10", "10.0.1.0/24", "\"front\"")},
		{"an IPv6 address", at("2001:db8::1"), bad("PrivateIpAddresses", "2001:db8::1", "10.0.1.0/24")},
		{"an IPv4 address written as IPv6", at("::ffff:10.0.1.9"), bad("PrivateIpAddresses", "10.0.1.0/24")},
		{"no address at all", at2(s.front.ID, netip.Addr{}), bad("PrivateIpAddresses", "10.0.1.0/24")},
		{"the network address", at("10.0.1.0"), bad("PrivateIpAddresses", "10.0.1.0", "network address")},
		{"the router's", at("10.0.1.1"), bad("PrivateIpAddresses", "10.0.1.1", "router")},
		{"the DNS server's", at("10.0.1.2"), bad("PrivateIpAddresses", "10.0.1.2", "DNS")},
		{"the reserved one", at("10.0.1.3"), bad("PrivateIpAddresses", "10.0.1.3", "future")},
		{"the last", at("10.0.1.255"), bad("PrivateIpAddresses", "10.0.1.255", "broadcast")},
		{"a secondary address that is reserved", at("10.0.1.9", "10.0.1.3"), bad("PrivateIpAddresses", "10.0.1.3")},
		{"a primary address that is taken", at("10.0.1.61"), want{code: "InvalidIPAddress.InUse", parameter: "PrivateIpAddresses", says: []string{"10.0.1.61", "\"busy\""}, holders: heldBy(s.busy, "10.0.1.61")}},
		{"a secondary address that is taken", at("10.0.1.9", "10.0.1.50"), want{code: "InvalidParameterValue", parameter: "PrivateIpAddresses", says: []string{"10.0.1.50", "\"data\""}, holders: heldBy(s.data, "10.0.1.50")}},
		{"an address twice", at("10.0.1.9", "10.0.1.9"), bad("PrivateIpAddresses", "10.0.1.9")},
		{"a negative number of addresses", create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, SecondaryPrivateIPAddressCount: -1}), bad("SecondaryPrivateIpAddressCount", "-1")},
		{"more than an empty /28 has", create(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 11}), want{
			code: "InsufficientFreeAddressesInSubnet", parameter: "SubnetId", says: []string{"\"tiny\"", "11", "12"}}},
		{"six security groups", with(append(s.groups(t, 4), s.web.ID, s.app.ID)...), want{code: "SecurityGroupsPerInterfaceLimitExceeded", parameter: "Groups", says: []string{"6", "5"}}},
		{"a group of another VPC", with(s.web.ID, s.foreign.ID), want{code: "InvalidGroup.NotFound", parameter: "Groups", says: []string{"\"foreign\"", "\"other\"", "\"main\""}}},
		{"a group that is not there", with("sg-0"), want{code: "InvalidSecurityGroupID.NotFound", parameter: "Groups", says: []string{"sg-0"}}},
		{"a subnet that is not there", create(CreateNetworkInterfaceInput{SubnetID: "subnet-0"}), want{code: "InvalidSubnetID.NotFound", parameter: "SubnetId", says: []string{"subnet-0"}}},
		{"256 characters of description", create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, Description: strings.Repeat("é", 256)}), bad("Description", "256", "255")},
		{"a reserved tag", create(CreateNetworkInterfaceInput{SubnetID: s.front.ID, Tags: ec2.Tags{"AWS:x": ""}}), bad("Tag", "AWS:x")},
	})
}

func at2(subnetID string, list ...netip.Addr) func(*Tx) error {
	return func(tx *Tx) error {
		return no(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnetID, PrivateIPAddresses: list}))
	}
}

func TestANewNetworkInterface(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	got := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, Description: "d", SecondaryPrivateIPAddressCount: 1, Tags: ec2.Tags{}}))
	want := &ec2.NetworkInterface{
		Header: ec2.Header{ID: got.ID, Region: virginia, OwnerID: account, ManagedBy: "terraform"},
		VPCID:  s.main.ID, SubnetID: s.tiny.ID, AvailabilityZone: "us-east-1a",
		Description: "d", InterfaceType: "interface",
		MACAddress:         ec2.MACAddress(got.ID, 0),
		PrivateIPAddresses: addrs("10.0.3.4", "10.0.3.5"),
		Groups:             []string{s.main.DefaultSecurityGroupID},
		SourceDestCheck:    true,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAutomaticAddressesAreTheLowestFree(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	create := func(count int, list ...string) *ec2.NetworkInterface {
		return must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: count, PrivateIPAddresses: addrs(list...)}))
	}
	check := func(n *ec2.NetworkInterface, list ...string) {
		t.Helper()
		if !slices.Equal(n.PrivateIPAddresses, addrs(list...)) {
			t.Errorf("got %v, want %v", n.PrivateIPAddresses, list)
		}
	}
	check(create(0, "10.0.3.5"), "10.0.3.5")
	first := create(2)
	check(first, "10.0.3.4", "10.0.3.6", "10.0.3.7")
	check(create(2, "10.0.3.9"), "10.0.3.9", "10.0.3.8", "10.0.3.10")
	if err := tx.DeleteNetworkInterface(first.ID); err != nil {
		t.Fatal(err)
	}
	check(create(3), "10.0.3.4", "10.0.3.6", "10.0.3.7", "10.0.3.11")
	if got := tx.AvailableIPAddressCount(s.tiny.ID); got != 11-8 {
		t.Errorf("available addresses: got %d, want 3", got)
	}
}

func TestMACAddressesAreForLife(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	busy, _ := tx.NetworkInterface(s.busy.ID)
	if err := tx.DetachNetworkInterface(busy.Attachment.ID); err != nil {
		t.Fatal(err)
	}
	must(tx.AttachNetworkInterface(AttachNetworkInterfaceInput{NetworkInterfaceID: s.busy.ID, InstanceID: s.standby.ID, DeviceIndex: 2}))
	must(tx.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: s.busy.ID, SecondaryPrivateIPAddressCount: 1}))
	moved, _ := tx.NetworkInterface(s.busy.ID)
	if moved.MACAddress != busy.MACAddress {
		t.Errorf("MAC address: got %s, want %s as before", moved.MACAddress, busy.MACAddress)
	}
	// An interface whose id gives a MAC address that is taken gets another.
	other := moved.Clone()
	other.ID, other.PrivateIPAddresses, other.Attachment = "eni-0123456789abcdef0", addrs("10.0.1.99"), nil
	tx.put(other)
	next := "eni-0fedcba9876543210"
	other = other.Clone()
	other.MACAddress = ec2.MACAddress(next, 0)
	tx.put(other)
	if got, want := tx.freeMAC(next), ec2.MACAddress(next, 1); got != want {
		t.Errorf("MAC address of %s: got %s, want %s", next, got, want)
	}
}

func TestModifyNetworkInterfaceAttribute(t *testing.T) {
	s := newScene(t)
	modify := func(in ModifyNetworkInterfaceAttributeInput) func(*Tx) error {
		if in.NetworkInterfaceID == "" {
			in.NetworkInterfaceID = s.busy.ID
		}
		return func(tx *Tx) error { return tx.ModifyNetworkInterfaceAttribute(in) }
	}
	text, off := "new", false
	long := strings.Repeat("x", 256)
	groups := func(ids ...string) *[]string { return &ids }
	s.play(t, []op{
		{"all at once", modify(ModifyNetworkInterfaceAttributeInput{Description: &text, SourceDestCheck: &off, Groups: groups(s.app.ID, s.web.ID)}), want{}},
		{"nothing", modify(ModifyNetworkInterfaceAttributeInput{}), want{}},
		{"no groups", modify(ModifyNetworkInterfaceAttributeInput{Groups: groups()}), want{code: "InvalidParameterCombination", parameter: "Groups", says: []string{"\"busy\""}}},
		{"a group of another VPC", modify(ModifyNetworkInterfaceAttributeInput{Groups: groups(s.foreign.ID)}), want{code: "InvalidGroup.NotFound", parameter: "Groups", says: []string{"\"foreign\"", "\"main\""}}},
		{"a group that is not there", modify(ModifyNetworkInterfaceAttributeInput{Groups: groups("sg-0")}), want{code: "InvalidSecurityGroupID.NotFound", parameter: "Groups", says: []string{"sg-0"}}},
		{"a description too long", modify(ModifyNetworkInterfaceAttributeInput{Description: &long}), want{code: "InvalidParameterValue", parameter: "Description", says: []string{"256"}}},
		{"an interface that is not there", modify(ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: "eni-0", Description: &text}), want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
	})
}

func TestDeleteNetworkInterface(t *testing.T) {
	s := newScene(t)
	s.play(t, []op{
		{"a free one", func(tx *Tx) error { return tx.DeleteNetworkInterface(s.data.ID) }, want{}},
		{"one that is not there", func(tx *Tx) error { return tx.DeleteNetworkInterface("eni-0") }, want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
		{"an attached one", func(tx *Tx) error { return tx.DeleteNetworkInterface(s.busy.ID) }, want{
			code: "InvalidParameterValue", parameter: "NetworkInterfaceId", says: []string{"\"busy\"", "\"server\"", "device index 1"},
			holders: []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimInterface, s.busy.ID)},
		}},
	})
}

func TestAssignPrivateIPAddresses(t *testing.T) {
	s := newScene(t)
	assign := func(id string, count int, list ...string) func(*Tx) error {
		return func(tx *Tx) error {
			return no(tx.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: id, PrivateIPAddresses: addrs(list...), SecondaryPrivateIPAddressCount: count}))
		}
	}
	bad := func(says ...string) want {
		return want{code: "InvalidParameterValue", parameter: "PrivateIpAddresses", says: says}
	}
	taken := bad("10.0.1.50", "\"data\"")
	taken.holders = []ec2.Holder{holds(ec2.KindNetworkInterface, s.data.ID, ec2.ClaimAddress, s.front.ID+"/10.0.1.50")}
	limit := want{code: "PrivateIpAddressLimitExceeded", parameter: "PrivateIpAddresses", says: []string{"\"busy\"", "5", "\"server\"", "t3.small", "4"},
		holders: []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimPerENI, s.busy.ID), holds(ec2.KindInstance, s.server.ID, ec2.ClaimPerENI, s.busy.ID)}, release: 1}
	full := want{code: "InsufficientFreeAddressesInSubnet", parameter: "SubnetId", says: []string{"\"tiny\"", "11"}, release: 1}
	s.play(t, []op{
		{"as many as the type allows", assign(s.busy.ID, 1, "10.0.1.70"), want{}},
		{"any number where it is attached to nothing", assign(s.data.ID, 100), want{}},
		{"one it has", assign(s.busy.ID, 0, "10.0.1.61"), want{}},
		{"one more than the type allows", assign(s.busy.ID, 3), limit},
		{"one of another interface", assign(s.busy.ID, 0, "10.0.1.50"), taken},
		{"one of another subnet", assign(s.busy.ID, 0, "10.0.2.9"), bad("10.0.2.9", "\"front\"")},
		{"a reserved one", assign(s.busy.ID, 0, "10.0.1.255"), bad("10.0.1.255")},
		{"a negative number", assign(s.busy.ID, -1), want{code: "InvalidParameterValue", parameter: "SecondaryPrivateIpAddressCount", says: []string{"-1"}}},
		{"to an interface that is not there", assign("eni-0", 1), want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
	})
	t.Run("in a full subnet", func(t *testing.T) {
		tx := s.fork().Begin().In(virginia)
		n := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 10}))
		for _, a := range n.PrivateIPAddresses {
			full.holders = append(full.holders, holds(ec2.KindNetworkInterface, n.ID, ec2.ClaimCapacity, s.tiny.ID+"/"+a.String()))
		}
		own := full // nobody else holds any: nobody could let go
		own.holders, own.release = nil, 0
		wantRefusal(t, tx.Reading(), no(tx.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: n.ID, SecondaryPrivateIPAddressCount: 1})), own)
		wantRefusal(t, tx.Reading(), no(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID})), full)
		wantRefusal(t, tx.Reading(), no(tx.RunInstances(RunInstancesInput{ImageID: ami, SubnetID: s.tiny.ID})), full)
	})
}

func TestUnassignPrivateIPAddresses(t *testing.T) {
	s := newScene(t)
	unassign := func(id string, list ...string) func(*Tx) error {
		return func(tx *Tx) error { return tx.UnassignPrivateIPAddresses(id, addrs(list...)) }
	}
	bad := func(says ...string) want {
		return want{code: "InvalidParameterValue", parameter: "PrivateIpAddresses", says: says}
	}
	s.play(t, []op{
		{"a secondary one", unassign(s.busy.ID, "10.0.1.61"), want{}},
		{"none", unassign(s.busy.ID), want{}},
		{"the primary one", unassign(s.busy.ID, "10.0.1.60"), bad("10.0.1.60", "\"busy\"")},
		{"a secondary and the primary one", unassign(s.busy.ID, "10.0.1.61", "10.0.1.60"), bad("10.0.1.60", "\"busy\"")},
		{"one of another interface", unassign(s.busy.ID, "10.0.1.50"), bad("10.0.1.50", "\"busy\"")},
		{"of an interface that is not there", unassign("eni-0"), want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
	})
}
