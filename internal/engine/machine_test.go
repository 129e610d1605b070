package engine

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// machine plays random operations, good and bad, on a world of two regions.
type machine struct {
	w     *World
	clock *clock
	// overlook plays them as a rehearsal that expects every holder to let go.
	overlook bool
}

func newMachine(overlook bool) *machine {
	env, clock := newEnv("machine")
	return &machine{New(env), clock, overlook}
}

// pick draws the id of an object of a kind, now and then of one that is not
// there.
func (m *machine) pick(t *rapid.T, prefix ec2.IDPrefix, kind ec2.Kind) string {
	var ids []string
	for o := range all[ec2.Object](m.w.View(), kind, byID) {
		ids = append(ids, o.Ref().ID)
	}
	if len(ids) == 0 || rapid.IntRange(0, 19).Draw(t, "nowhere") == 0 {
		return string(prefix) + "-0123456789abcdef0"
	}
	return rapid.SampledFrom(ids).Draw(t, string(kind))
}

func (m *machine) instance(t *rapid.T) string { return m.pick(t, ec2.PrefixInstance, ec2.KindInstance) }
func (m *machine) group(t *rapid.T) string {
	return m.pick(t, ec2.PrefixSecurityGroup, ec2.KindSecurityGroup)
}
func (m *machine) subnet(t *rapid.T) string { return m.pick(t, ec2.PrefixSubnet, ec2.KindSubnet) }
func (m *machine) vpc(t *rapid.T) string    { return m.pick(t, ec2.PrefixVPC, ec2.KindVPC) }
func (m *machine) networkInterface(t *rapid.T) string {
	return m.pick(t, ec2.PrefixNetworkInterface, ec2.KindNetworkInterface)
}

func (m *machine) attachment(t *rapid.T) string {
	id := m.networkInterface(t)
	if o, ok := m.w.View().first(ec2.KindNetworkInterface, byID, id); ok && o.(*ec2.NetworkInterface).Attachment != nil {
		return o.(*ec2.NetworkInterface).Attachment.ID
	}
	for raw := range (&checker{ReadTx: m.w.View()}).rows(tableOusted) {
		return raw.(oustedAttachment).networkInterface.Attachment.ID
	}
	return "eni-attach-0123456789abcdef0"
}

func (m *machine) groups(t *rapid.T) []string {
	var ids []string
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		ids = append(ids, m.group(t))
	}
	return ids
}

// block draws from few blocks, so that they meet.
func drawBlock(t *rapid.T) netip.Prefix {
	return block(rapid.SampledFrom([]string{"10.0.0.0/24", "10.0.0.0/28", "10.0.0.16/28", "10.0.0.32/27", "10.0.0.128/25", "10.1.0.0/28", "10.0.0.0/29", "10.0.0.1/28", "10.0.0.0/8"}).Draw(t, "block"))
}

func drawAddress(t *rapid.T) netip.Addr {
	return ec2.IPv4Address(10<<24 | rapid.Uint32Range(0, 70).Draw(t, "address"))
}

func drawAddresses(t *rapid.T) []netip.Addr {
	var list []netip.Addr
	for range rapid.IntRange(0, 3).Draw(t, "addresses") {
		list = append(list, drawAddress(t))
	}
	return list
}

func drawTags(t *rapid.T) ec2.Tags {
	return rapid.SampledFrom([]ec2.Tags{nil, {"Name": "a"}, {"Name": "b", "x": ""}, {"aws:x": ""}}).Draw(t, "tags")
}

func drawSpec(t *rapid.T, m *machine) ec2.RuleSpec {
	spec := ec2.RuleSpec{IPProtocol: rapid.SampledFrom([]string{"tcp", "6", "-1", "all", "icmp", "50", "x"}).Draw(t, "protocol")}
	spec.FromPort = rapid.IntRange(-1, 2).Draw(t, "from")
	spec.ToPort = rapid.IntRange(-1, 2).Draw(t, "to")
	switch rapid.IntRange(0, 4).Draw(t, "source") {
	case 0:
		spec.CIDRIPv4 = drawBlock(t)
	case 1:
		spec.CIDRIPv6 = block("2001:db8::1/32")
	case 2, 3:
		spec.ReferencedGroupID = m.group(t)
	}
	return spec
}

var drawType = rapid.SampledFrom([]string{"", "t3.micro", "t3.small", "m5.4xlarge", "hpc7a.96xlarge", "x"})

// operations are all operations, each drawing its own input.
func (m *machine) operations() map[string]func(*rapid.T) func(*Tx) error {
	pointer := func(t *rapid.T) *bool {
		return rapid.SampledFrom([]*bool{nil, new(bool), func() *bool { b := true; return &b }()}).Draw(t, "flag")
	}
	return map[string]func(*rapid.T) func(*Tx) error{
		"CreateVPC": func(t *rapid.T) func(*Tx) error {
			in := CreateVPCInput{CIDRBlock: drawBlock(t), Tags: drawTags(t)}
			return func(tx *Tx) error { return no(tx.CreateVPC(in)) }
		},
		"DefaultVPC": func(*rapid.T) func(*Tx) error {
			return func(tx *Tx) error { tx.DefaultVPC(); return nil }
		},
		"ModifyVPCAttribute": func(t *rapid.T) func(*Tx) error {
			in := ModifyVPCAttributeInput{m.vpc(t), pointer(t), pointer(t)}
			return func(tx *Tx) error { return tx.ModifyVPCAttribute(in) }
		},
		"ModifyVPCTenancy": func(t *rapid.T) func(*Tx) error {
			id := m.vpc(t)
			return func(tx *Tx) error { return tx.ModifyVPCTenancy(id, "default") }
		},
		"DeleteVPC": func(t *rapid.T) func(*Tx) error {
			id := m.vpc(t)
			return func(tx *Tx) error { return tx.DeleteVPC(id) }
		},
		"CreateSubnet": func(t *rapid.T) func(*Tx) error {
			in := CreateSubnetInput{VPCID: m.vpc(t), CIDRBlock: drawBlock(t), Tags: drawTags(t)}
			in.AvailabilityZone = rapid.SampledFrom([]string{"", "us-east-1a", "us-east-1b", "eu-west-3a"}).Draw(t, "zone")
			return func(tx *Tx) error { return no(tx.CreateSubnet(in)) }
		},
		"ModifySubnetAttribute": func(t *rapid.T) func(*Tx) error {
			id, flag := m.subnet(t), rapid.Bool().Draw(t, "flag")
			return func(tx *Tx) error { return tx.ModifySubnetAttribute(id, flag) }
		},
		"DeleteSubnet": func(t *rapid.T) func(*Tx) error {
			id := m.subnet(t)
			return func(tx *Tx) error { return tx.DeleteSubnet(id) }
		},
		"CreateSecurityGroup": func(t *rapid.T) func(*Tx) error {
			in := CreateSecurityGroupInput{GroupName: rapid.SampledFrom([]string{"a", "b", "default"}).Draw(t, "name"), Description: "test", VPCID: m.vpc(t), Tags: drawTags(t)}
			return func(tx *Tx) error { return no(tx.CreateSecurityGroup(in)) }
		},
		"DeleteSecurityGroup": func(t *rapid.T) func(*Tx) error {
			id := m.group(t)
			return func(tx *Tx) error { return tx.DeleteSecurityGroup(id) }
		},
		"AuthorizeSecurityGroup": func(t *rapid.T) func(*Tx) error {
			id, egress, rules := m.group(t), rapid.Bool().Draw(t, "egress"), []Rule{}
			for range rapid.IntRange(0, 2).Draw(t, "rules") {
				rules = append(rules, Rule{RuleSpec: drawSpec(t, m), Tags: drawTags(t)})
			}
			return func(tx *Tx) error { return no(tx.AuthorizeSecurityGroup(id, egress, rules)) }
		},
		"RevokeSecurityGroup": func(t *rapid.T) func(*Tx) error {
			id, egress, specs := m.group(t), rapid.Bool().Draw(t, "egress"), []ec2.RuleSpec{drawSpec(t, m)}
			for r := range all[*ec2.SecurityGroupRule](m.w.View(), ec2.KindSecurityGroupRule, byGroup, id) {
				if rapid.Bool().Draw(t, "one there is") {
					egress, specs = r.IsEgress, []ec2.RuleSpec{r.RuleSpec}
				}
			}
			return func(tx *Tx) error { return tx.RevokeSecurityGroup(id, egress, specs) }
		},
		"CreateNetworkInterface": func(t *rapid.T) func(*Tx) error {
			in := CreateNetworkInterfaceInput{SubnetID: m.subnet(t), PrivateIPAddresses: drawAddresses(t), Groups: m.groups(t), Tags: drawTags(t)}
			in.SecondaryPrivateIPAddressCount = rapid.IntRange(-1, 4).Draw(t, "count")
			return func(tx *Tx) error {
				model := freeByModel(tx.ReadTx, in.SubnetID)
				n, err := tx.CreateNetworkInterface(in)
				if err != nil || len(model) < in.SecondaryPrivateIPAddressCount+1 { // the rest was overlooked
					return err
				}
				model = slices.DeleteFunc(model, func(a netip.Addr) bool { return slices.Contains(in.PrivateIPAddresses, a) })
				chosen := slices.DeleteFunc(slices.Clone(n.PrivateIPAddresses), func(a netip.Addr) bool { return slices.Contains(in.PrivateIPAddresses, a) })
				if k := min(len(chosen), len(model)); !slices.Equal(chosen[:k], model[:k]) {
					panic(fmt.Sprintf("chosen %v, free by the model %v", chosen, model))
				}
				return nil
			}
		},
		"ModifyNetworkInterfaceAttribute": func(t *rapid.T) func(*Tx) error {
			in := ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: m.networkInterface(t), SourceDestCheck: pointer(t)}
			if groups := m.groups(t); rapid.Bool().Draw(t, "with groups") {
				in.Groups = &groups
			}
			return func(tx *Tx) error { return tx.ModifyNetworkInterfaceAttribute(in) }
		},
		"DeleteNetworkInterface": func(t *rapid.T) func(*Tx) error {
			id := m.networkInterface(t)
			return func(tx *Tx) error { return tx.DeleteNetworkInterface(id) }
		},
		"AssignPrivateIPAddresses": func(t *rapid.T) func(*Tx) error {
			in := AssignPrivateIPAddressesInput{m.networkInterface(t), drawAddresses(t), rapid.IntRange(-1, 4).Draw(t, "count")}
			return func(tx *Tx) error { return no(tx.AssignPrivateIPAddresses(in)) }
		},
		"UnassignPrivateIPAddresses": func(t *rapid.T) func(*Tx) error {
			id, list := m.networkInterface(t), drawAddresses(t)
			if o, ok := m.w.View().first(ec2.KindNetworkInterface, byID, id); ok && rapid.Bool().Draw(t, "all it has") {
				list = o.(*ec2.NetworkInterface).SecondaryPrivateIPs()
			}
			return func(tx *Tx) error { return tx.UnassignPrivateIPAddresses(id, list) }
		},
		"AttachNetworkInterface": func(t *rapid.T) func(*Tx) error {
			in := AttachNetworkInterfaceInput{m.networkInterface(t), m.instance(t), rapid.IntRange(-1, 4).Draw(t, "device"), rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "card")}
			return func(tx *Tx) error { return no(tx.AttachNetworkInterface(in)) }
		},
		"DetachNetworkInterface": func(t *rapid.T) func(*Tx) error {
			id := m.attachment(t)
			return func(tx *Tx) error { return tx.DetachNetworkInterface(id) }
		},
		"RunInstances": func(t *rapid.T) func(*Tx) error {
			in := RunInstancesInput{ImageID: ami, InstanceType: drawType.Draw(t, "type"), SubnetID: m.subnet(t), SecurityGroupIDs: m.groups(t), SecondaryPrivateIPAddresses: drawAddresses(t), Tags: drawTags(t)}
			in.DisableAPITermination = rapid.IntRange(0, 9).Draw(t, "protect") == 0
			return func(tx *Tx) error { return no(tx.RunInstances(in)) }
		},
		"RunInstances with interfaces": func(t *rapid.T) func(*Tx) error {
			in := RunInstancesInput{ImageID: ami, InstanceType: drawType.Draw(t, "type")}
			for device := range rapid.IntRange(1, 3).Draw(t, "interfaces") {
				in.NetworkInterfaces = append(in.NetworkInterfaces, LaunchInterface{NetworkInterfaceID: m.networkInterface(t), DeviceIndex: device})
			}
			return func(tx *Tx) error { return no(tx.RunInstances(in)) }
		},
		"StopInstances": func(t *rapid.T) func(*Tx) error {
			id := m.instance(t)
			return func(tx *Tx) error { return tx.StopInstances(id) }
		},
		"StartInstances": func(t *rapid.T) func(*Tx) error {
			id := m.instance(t)
			return func(tx *Tx) error { return tx.StartInstances(id) }
		},
		"TerminateInstances": func(t *rapid.T) func(*Tx) error {
			id := m.instance(t)
			m.clock.now = m.clock.now.Add(terminatedVisible / 4)
			return func(tx *Tx) error { return tx.TerminateInstances(id) }
		},
		"ModifyInstanceAttribute": func(t *rapid.T) func(*Tx) error {
			in := ModifyInstanceAttributeInput{InstanceID: m.instance(t), DisableAPIStop: pointer(t), DisableAPITermination: pointer(t)}
			if kind := drawType.Draw(t, "type"); kind != "" {
				in.InstanceType = &kind
			}
			return func(tx *Tx) error { return tx.ModifyInstanceAttribute(in) }
		},
		"SetTags": func(t *rapid.T) func(*Tx) error {
			ref, tags := ec2.Ref{Kind: ec2.KindNetworkInterface, ID: m.networkInterface(t)}, drawTags(t)
			return func(tx *Tx) error { return tx.SetTags(ref, tags) }
		},
	}
}

// freeByModel counts through a subnet's addresses one by one.
func freeByModel(tx *ReadTx, subnetID string) []netip.Addr {
	o, ok := tx.first(ec2.KindSubnet, byID, subnetID)
	if !ok {
		return nil
	}
	used := map[netip.Addr]bool{}
	for n := range all[*ec2.NetworkInterface](tx, ec2.KindNetworkInterface, byID) {
		if n.SubnetID == subnetID {
			for _, a := range n.PrivateIPAddresses {
				used[a] = true
			}
		}
	}
	var free []netip.Addr
	first, last := ec2.UsableRange(o.(*ec2.Subnet).CIDRBlock)
	for a := first; !last.Less(a); a = a.Next() {
		if !used[a] {
			free = append(free, a)
		}
	}
	return free
}

// step plays one operation in a transaction of its own.
func (m *machine) step(t *rapid.T, do func(*Tx) error) {
	region := rapid.SampledFrom([]ec2.Region{virginia, virginia, virginia, paris}).Draw(t, "region")
	tx := m.w.Begin().In(region)
	if m.overlook {
		tx.Overlook(func(ec2.Holder) bool { return true })
	}
	err := do(tx)
	if err == nil {
		tx.Commit()
		return
	}
	defer tx.Abort()
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok || refusal.Code == "" || refusal.Summary == "" || refusal.Detail == "" || strings.Contains(refusal.Explain(), "%!") {
		t.Fatalf("badly refused: %#v", err)
	}
	if refusal.Release > len(refusal.Holders) {
		t.Fatalf("%d of %d holders are to let go: %v", refusal.Release, len(refusal.Holders), err)
	}
	for _, h := range refusal.Holders {
		if m.overlook {
			t.Fatalf("%v was to be overlooked: %v", h, err)
		}
		if !tx.Holds(h) && h.Claim.Kind != ec2.ClaimPerENI {
			t.Fatalf("%v does not hold its claim: %v", h, err)
		}
	}
	if list := changes(tx.txn.Changes()); len(list) > 0 {
		t.Fatalf("the refused operation changed %v: %v", describeChanges(list), err)
	}
}

func (m *machine) freeRangesAgree(t *rapid.T) {
	for s := range all[*ec2.Subnet](m.w.View(), ec2.KindSubnet, byID) {
		if s.CIDRBlock.Bits() < 24 {
			continue // default subnets, which Check judges
		}
		want := freeByModel(m.w.View(), s.ID)
		var got []netip.Addr
		for r := range m.w.View().freeRanges(s.ID) {
			for a := r.first; !r.last.Less(a); a = a.Next() {
				got = append(got, a)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("free addresses of %s: got %v, want %v", s.CIDRBlock, got, want)
		}
	}
}

func (m *machine) actions(after func(*rapid.T)) map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){"": after}
	for name, draw := range m.operations() {
		actions[name] = func(t *rapid.T) { m.step(t, draw(t)) }
	}
	return actions
}

func TestRandomOperationsKeepTheWorldSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(false)
		t.Repeat(m.actions(func(t *rapid.T) {
			for _, v := range m.w.Check() {
				t.Fatalf("violation: %s", v)
			}
			m.freeRangesAgree(t)
		}))
	})
}

// With every holder overlooked a world may be unsound, but not broken: nothing
// panics, the free ranges agree with the interfaces, and once everything has
// let go, nothing is left.
func TestOverlookingEverythingBreaksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(true)
		t.Repeat(m.actions(func(t *rapid.T) {
			m.w.Check()
			m.freeRangesAgree(t)
		}))
		for _, region := range []ec2.Region{virginia, paris} {
			m.tearDown(t, region)
		}
		for _, v := range m.w.Check() {
			t.Fatalf("after all has let go: %s", v)
		}
		for o := range m.w.View().Objects() {
			if i, ok := o.(*ec2.Instance); !ok || i.State != ec2.InstanceTerminated {
				if o.Ref().Kind != ec2.KindRegion {
					t.Fatalf("left over: %+v", o)
				}
			}
		}
	})
}

// tearDown deletes a region's objects in the order EC2 demands, and overlooks
// nothing.
func (m *machine) tearDown(t *rapid.T, region ec2.Region) {
	tx := m.w.Begin().In(region)
	check := func(err error) {
		if err != nil {
			t.Fatalf("tear down: %v", err)
		}
	}
	off := false
	for _, i := range must(tx.DescribeInstances()) {
		if i.State != ec2.InstanceTerminated {
			check(tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: i.ID, DisableAPITermination: &off}))
			check(tx.TerminateInstances(i.ID))
		}
	}
	for _, n := range must(tx.DescribeNetworkInterfaces()) {
		check(tx.DeleteNetworkInterface(n.ID))
	}
	for _, s := range must(tx.DescribeSubnets()) {
		check(tx.DeleteSubnet(s.ID))
	}
	for _, g := range must(tx.DescribeSecurityGroups()) {
		for _, egress := range []bool{false, true} {
			for _, r := range tx.SecurityGroupRules(g.ID, egress) {
				check(tx.RevokeSecurityGroup(g.ID, egress, []ec2.RuleSpec{r.RuleSpec}))
			}
		}
	}
	for _, g := range must(tx.DescribeSecurityGroups()) {
		if g.Name != "default" {
			check(tx.DeleteSecurityGroup(g.ID))
		}
	}
	for _, v := range must(tx.DescribeVPCs()) {
		check(tx.DeleteVPC(v.ID))
	}
	tx.Commit()
}
