package engine

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Violation is an invariant of the world that does not hold.
type Violation struct {
	Ref     ec2.Ref
	Message string
}

func (v Violation) String() string { return fmt.Sprintf("%s %s: %s", v.Ref.Kind, v.Ref.ID, v.Message) }

// Check holds the whole world against every invariant and gives those that do
// not hold: none, unless an operation is wrong, a file was tampered with or,
// in a rehearsal, two objects still hold one claim.
func (w *World) Check() []Violation {
	c := &checker{ReadTx: w.View()}
	for o := range c.Objects() {
		c.region = o.Head().Region
		c.header(o)
		switch o := o.(type) {
		case *ec2.RegionRecord:
			c.regionRecord(o)
		case *ec2.VPC:
			c.vpc(o)
		case *ec2.Subnet:
			c.subnet(o)
		case *ec2.SecurityGroup:
			c.group(o)
		case *ec2.SecurityGroupRule:
			c.rule(o)
		case *ec2.NetworkInterface:
			c.networkInterface(o)
		case *ec2.Instance:
			c.instance(o)
		}
	}
	c.derived()
	return c.violations
}

type checker struct {
	*ReadTx
	violations []Violation
}

func (c *checker) report(o ec2.Object, format string, args ...any) {
	c.reportRef(o.Ref(), format, args...)
}

func (c *checker) reportRef(ref ec2.Ref, format string, args ...any) {
	c.violations = append(c.violations, Violation{ref, fmt.Sprintf(format, args...)})
}

func (c *checker) header(o ec2.Object) {
	h := o.Head()
	if h.OwnerID != c.env.Account {
		c.report(o, "belongs to account %s, not %s", h.OwnerID, c.env.Account)
	}
	if _, err := ec2.ParseRegion(string(h.Region)); err != nil {
		c.report(o, "%v", err)
	}
	if prefix, ok := idPrefixes[o.Ref().Kind]; ok {
		if err := ec2.CheckID(prefix, h.ID); err != nil {
			c.report(o, "%v", err)
		}
	}
	if err := ec2.CheckTags(h.Tags); err != nil {
		c.report(o, "%v", err)
	}
}

var idPrefixes = map[ec2.Kind]ec2.IDPrefix{
	ec2.KindVPC:               ec2.PrefixVPC,
	ec2.KindSubnet:            ec2.PrefixSubnet,
	ec2.KindSecurityGroup:     ec2.PrefixSecurityGroup,
	ec2.KindSecurityGroupRule: ec2.PrefixSecurityGroupRule,
	ec2.KindInstance:          ec2.PrefixInstance,
	ec2.KindNetworkInterface:  ec2.PrefixNetworkInterface,
}

func (c *checker) regionRecord(r *ec2.RegionRecord) {
	if r.ID != string(r.Region) {
		c.report(r, "stands for region %s", r.Region)
	}
	if v, ok := c.VPC(r.DefaultVPCID); ok && !v.IsDefault {
		c.report(r, "names %s, which is not a default VPC", v.ID)
	}
}

func (c *checker) vpc(v *ec2.VPC) {
	if err := checkIPv4Block(v.CIDRBlock); err != nil {
		c.report(v, "%v", err)
	} else if err := ec2.CheckVPCCIDR(v.CIDRBlock); err != nil {
		c.report(v, "%v", err)
	}
	if g, ok := c.SecurityGroup(v.DefaultSecurityGroupID); !ok || g.Name != defaultGroupName || g.VPCID != v.ID {
		c.report(v, "has no default security group %s", v.DefaultSecurityGroupID)
	}
	if r, ok := lookup[*ec2.RegionRecord](c.ReadTx, ec2.KindRegion, string(v.Region)); v.IsDefault && (!ok || r.DefaultVPCID != v.ID) {
		c.report(v, "is a default VPC that the region does not know of")
	}
}

func (c *checker) subnet(s *ec2.Subnet) {
	vpc, ok := c.VPC(s.VPCID)
	if !ok {
		c.report(s, "is in VPC %s, which does not exist", s.VPCID)
		return
	}
	if err := checkIPv4Block(s.CIDRBlock); err != nil {
		c.report(s, "%v", err)
	} else if err := ec2.CheckSubnetCIDR(vpc.CIDRBlock, s.CIDRBlock); err != nil {
		c.report(s, "%v", err)
	}
	for other := range all[*ec2.Subnet](c.ReadTx, ec2.KindSubnet, byVPC, s.VPCID) {
		if other.ID != s.ID && other.CIDRBlock.Overlaps(s.CIDRBlock) {
			c.report(s, "overlaps %s", other.ID)
		}
	}
	if zone, err := s.Region.Zone(s.AvailabilityZone); err != nil {
		c.report(s, "%v", err)
	} else if zone.ID != s.AvailabilityZoneID {
		c.report(s, "is in %s, which is %s, not %s", zone.Name, zone.ID, s.AvailabilityZoneID)
	}
	if s.DefaultForAZ && !vpc.IsDefault {
		c.report(s, "is a default subnet, but %s is not a default VPC", vpc.ID)
	}
	c.freeRangesOf(s)
}

// freeRangesOf holds the derived free ranges of a subnet against those that
// follow from its interfaces.
func (c *checker) freeRangesOf(s *ec2.Subnet) {
	want := c.unused(s)
	if got := slices.Collect(c.freeRanges(s.ID)); !slices.Equal(got, want) {
		c.report(s, "keeps %d ranges of free addresses that are not the %d its interfaces leave", len(got), len(want))
	}
}

// derived holds the tables that do not last against the objects.
func (c *checker) derived() {
	reported := ""
	for raw := range c.rows(tableFreeRange) {
		r := raw.(freeRange)
		if _, ok := c.first(ec2.KindSubnet, byID, r.subnetID); !ok && r.subnetID != reported {
			c.reportRef(ec2.Ref{Kind: ec2.KindSubnet, ID: r.subnetID}, "has free addresses but does not exist")
			reported = r.subnetID
		}
	}
	for raw := range c.rows(tableOusted) {
		n := raw.(oustedAttachment).networkInterface
		c.reportRef(ec2.Ref{Kind: ec2.KindAttachment, ID: n.Attachment.ID}, "was overlooked and has not let go of %s", n.ID)
	}
}

func (c *checker) rows(table string) iter.Seq[any] {
	return func(yield func(any) bool) {
		it, err := c.txn.Get(table, byID)
		if err != nil {
			panic(fmt.Sprintf("engine: %s: %v", table, err))
		}
		for raw := it.Next(); raw != nil; raw = it.Next() {
			if !yield(raw) {
				return
			}
		}
	}
}

func (c *checker) group(g *ec2.SecurityGroup) {
	vpc, ok := c.VPC(g.VPCID)
	if !ok {
		c.report(g, "is in VPC %s, which does not exist", g.VPCID)
	}
	if err := ec2.CheckGroupName(g.Name); err != nil && (!ok || vpc.DefaultSecurityGroupID != g.ID) {
		c.report(g, "%v", err)
	}
	c.unique(g, ec2.KindSecurityGroup, byName, key(g.VPCID, g.Name), "name "+g.Name)
	for _, egress := range []bool{false, true} {
		counts := map[string]int{}
		for _, r := range c.SecurityGroupRules(g.ID, egress) {
			for _, family := range families(r.RuleSpec) {
				counts[family]++
			}
		}
		for _, family := range []string{familyIPv4, familyIPv6} {
			if counts[family] > maxRulesPerGroup {
				c.report(g, "has %d %s rules for %s", counts[family], direction(egress), family)
			}
		}
	}
}

func (c *checker) rule(r *ec2.SecurityGroupRule) {
	g, ok := c.SecurityGroup(r.GroupID)
	if !ok {
		c.report(r, "is in security group %s, which does not exist", r.GroupID)
		return
	}
	if id := r.ReferencedGroupID; id != "" {
		if other, ok := c.SecurityGroup(id); !ok || other.VPCID != g.VPCID {
			c.report(r, "refers to security group %s, which is not of its VPC", id)
		}
	}
	if _, err := checkRuleSource("", r.RuleSpec); err != nil {
		c.report(r, "%v", err)
	} else if r.RuleSpec != normalRule(r.RuleSpec) {
		c.report(r, "is not in normal form: %s", ruleInWords(r.RuleSpec))
	} else if err := ec2.CheckPorts(r.IPProtocol, r.FromPort, r.ToPort); err != nil {
		c.report(r, "%v", err)
	}
	c.unique(r, ec2.KindSecurityGroupRule, bySpec, ruleKey(r.GroupID, r.IsEgress, r.RuleSpec), "rule "+ruleInWords(r.RuleSpec))
}

func (c *checker) networkInterface(n *ec2.NetworkInterface) {
	subnet, ok := c.Subnet(n.SubnetID)
	if !ok {
		c.report(n, "is in subnet %s, which does not exist", n.SubnetID)
		return
	}
	if n.VPCID != subnet.VPCID || n.AvailabilityZone != subnet.AvailabilityZone {
		c.report(n, "is in %s, %s, but its subnet in %s, %s", n.VPCID, n.AvailabilityZone, subnet.VPCID, subnet.AvailabilityZone)
	}
	if len(n.PrivateIPAddresses) == 0 {
		c.report(n, "has no private address")
	}
	if distinct(n.PrivateIPAddresses) < len(n.PrivateIPAddresses) {
		c.report(n, "has a private address twice")
	}
	for _, a := range n.PrivateIPAddresses {
		if !subnet.CIDRBlock.Contains(a) {
			c.report(n, "has %s, outside %s", a, subnet.CIDRBlock)
		} else if reserved, why := ec2.ReservedAddress(subnet.CIDRBlock, a); reserved {
			c.report(n, "has %s, the subnet's %s", a, why)
		}
		c.unique(n, ec2.KindNetworkInterface, byAddress, addressKey(n.SubnetID, a), "address "+a.String())
	}
	if mac, err := ec2.ParseMAC(n.MACAddress); err != nil || !strings.ContainsRune("26ae", rune(mac[1])) {
		c.report(n, "has MAC address %s, which is not locally administered and unicast", n.MACAddress)
	}
	c.unique(n, ec2.KindNetworkInterface, byMAC, n.MACAddress, "MAC address "+n.MACAddress)
	if !slices.IsSorted(n.Groups) || distinct(n.Groups) < len(n.Groups) {
		c.report(n, "has security groups out of order or twice")
	}
	if len(n.Groups) < 1 || len(n.Groups) > maxGroupsPerInterface {
		c.report(n, "has %d security groups", len(n.Groups))
	}
	for _, id := range n.Groups {
		if g, ok := c.SecurityGroup(id); !ok || g.VPCID != n.VPCID {
			c.report(n, "has security group %s, which is not of its VPC", id)
		}
	}
	if n.Attachment != nil {
		c.attachment(n)
	} else if n.LaunchedWith != "" { // it is deleted with its instance
		c.report(n, "was made for instance %s but is not attached to it", n.LaunchedWith)
	}
}

func (c *checker) attachment(n *ec2.NetworkInterface) {
	a := n.Attachment
	instance, ok := c.Instance(a.InstanceID)
	if !ok || instance.State == ec2.InstanceTerminated {
		c.report(n, "is attached to instance %s, which does not exist", a.InstanceID)
		return
	}
	if instance.AvailabilityZone != n.AvailabilityZone {
		c.report(n, "is in %s but attached to an instance in %s", n.AvailabilityZone, instance.AvailabilityZone)
	}
	if err := ec2.CheckID(ec2.PrefixAttachment, a.ID); err != nil {
		c.report(n, "%v", err)
	}
	c.unique(n, ec2.KindNetworkInterface, byAttachment, a.ID, "attachment "+a.ID)
	c.unique(n, ec2.KindNetworkInterface, byDevice, deviceKey(a.InstanceID, a.NetworkCardIndex, a.DeviceIndex), "device")
	if limits, err := ec2.LookupInstanceType(instance.InstanceType); err == nil { // else reported with the instance
		tx := &Tx{ReadTx: c.ReadTx}
		if err := tx.checkDeviceIndex("", instance, limits, a.NetworkCardIndex, a.DeviceIndex); err != nil {
			c.report(n, "is attached at device index %d of network card %d, which a %s does not have", a.DeviceIndex, a.NetworkCardIndex, limits.Name)
		}
		if len(n.PrivateIPAddresses) > limits.IPv4AddressesPerInterface {
			c.report(n, "has %d addresses, too many for a %s", len(n.PrivateIPAddresses), limits.Name)
		}
	}
	if a.DeleteOnTermination != (n.LaunchedWith != "") || n.LaunchedWith != "" && (n.LaunchedWith != a.InstanceID || !a.Primary()) {
		c.report(n, "is deleted on termination: %t, made for instance: %q, attached to %s at device index %d", a.DeleteOnTermination, n.LaunchedWith, a.InstanceID, a.DeviceIndex)
	}
}

func (c *checker) instance(i *ec2.Instance) {
	interfaces, onCard := 0, map[int]int{}
	for n := range c.InterfacesOf(i.ID) {
		interfaces++
		onCard[n.Attachment.NetworkCardIndex]++
	}
	switch i.State {
	case ec2.InstanceTerminated:
		if interfaces > 0 {
			c.report(i, "is terminated but has %d network interfaces", interfaces)
		}
		if i.TerminationTime.IsZero() {
			c.report(i, "was terminated at no time")
		}
		return
	case ec2.InstanceRunning, ec2.InstanceStopped:
	default:
		c.report(i, "is in the state %q", i.State)
	}
	if primary, ok := c.PrimaryInterface(i.ID); !ok {
		c.report(i, "has no primary network interface")
	} else if primary.SubnetID != i.SubnetID || primary.VPCID != i.VPCID || primary.AvailabilityZone != i.AvailabilityZone {
		c.report(i, "is not where its primary network interface %s is", primary.ID)
	}
	limits, err := ec2.LookupInstanceType(i.InstanceType)
	if err != nil {
		c.report(i, "%v", err)
		return
	}
	if interfaces > limits.MaximumNetworkInterfaces {
		c.report(i, "has %d network interfaces, too many for a %s", interfaces, i.InstanceType)
	}
	for card, facts := range limits.NetworkCards {
		if onCard[card] > facts.MaximumNetworkInterfaces {
			c.report(i, "has %d network interfaces on network card %d, too many for a %s", onCard[card], card, i.InstanceType)
		}
	}
}

func distinct[T comparable](list []T) int {
	set := make(map[T]bool, len(list))
	for _, x := range list {
		set[x] = true
	}
	return len(set)
}

// unique reports an object whose key in an index is not its own alone.
func (c *checker) unique(o ec2.Object, kind ec2.Kind, index, key, what string) {
	n := 0
	for range all[ec2.Object](c.ReadTx, kind, index, key) {
		n++
	}
	if n != 1 {
		c.report(o, "does not have its %s to itself: %d have it", what, n)
	}
}
