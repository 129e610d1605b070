package engine

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Each case puts into the world what no operation would, and expects Check to
// say so of that object.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	s := newScene(t)
	vpc := func(change func(*ec2.VPC)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := *s.main
			change(&c)
			tx.put(&c)
			return c.Ref()
		}
	}
	subnet := func(change func(*ec2.Subnet)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := *s.tiny
			change(&c)
			tx.put(&c)
			return c.Ref()
		}
	}
	group := func(change func(*ec2.SecurityGroup)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := *s.app
			change(&c)
			tx.put(&c)
			return c.Ref()
		}
	}
	rule := func(change func(*ec2.SecurityGroupRule)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := *s.webInApp
			change(&c)
			tx.put(&c)
			return c.Ref()
		}
	}
	change := func(n *ec2.NetworkInterface, change func(*ec2.NetworkInterface)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := n.Clone()
			if n.Attachment != nil {
				a := *n.Attachment
				c.Attachment = &a
			}
			change(c)
			tx.put(c)
			return c.Ref()
		}
	}
	data := func(f func(*ec2.NetworkInterface)) func(*Tx) ec2.Ref { return change(s.data, f) }
	busy := func(f func(*ec2.NetworkInterface)) func(*Tx) ec2.Ref { return change(s.busy, f) }
	primary := func(f func(*ec2.NetworkInterface)) func(*Tx) ec2.Ref { return change(s.serverPrimary, f) }
	instance := func(f func(*ec2.Instance)) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			c := *s.server
			f(&c)
			tx.put(&c)
			return c.Ref()
		}
	}
	addresses := func(list ...string) func(*Tx) ec2.Ref {
		return data(func(n *ec2.NetworkInterface) { n.PrivateIPAddresses = addrs(list...) })
	}
	groups := func(ids ...string) func(*Tx) ec2.Ref {
		return data(func(n *ec2.NetworkInterface) { n.Groups = ids })
	}
	rules := func(n int, spec func(i int) ec2.RuleSpec) func(*Tx) ec2.Ref {
		return func(tx *Tx) ec2.Ref {
			for i := range n {
				tx.put(&ec2.SecurityGroupRule{Header: tx.header(ec2.PrefixSecurityGroupRule, nil), GroupID: s.app.ID, RuleSpec: spec(i)})
			}
			return s.app.Ref()
		}
	}
	const none = "-00000000000000000"

	for name, c := range map[string]struct {
		tamper func(*Tx) ec2.Ref
		says   string
	}{
		"another account":        {vpc(func(v *ec2.VPC) { v.OwnerID = "1" }), "account"},
		"no region":              {subnet(func(s *ec2.Subnet) { s.Region = "here" }), "region"},
		"another kind's id":      {subnet(func(s *ec2.Subnet) { s.ID = "vpc-0123456789abcdef0" }), "id of"},
		"reserved tags":          {vpc(func(v *ec2.VPC) { v.Tags = ec2.Tags{"aws:x": ""} }), "aws:x"},
		"a VPC too large":        {vpc(func(v *ec2.VPC) { v.CIDRBlock = block("10.0.0.0/8") }), "too large"},
		"a VPC with host bits":   {vpc(func(v *ec2.VPC) { v.CIDRBlock = block("10.0.0.1/16") }), "bits"},
		"no default group":       {vpc(func(v *ec2.VPC) { v.DefaultSecurityGroupID = s.web.ID }), "default security group"},
		"an unknown default VPC": {vpc(func(v *ec2.VPC) { v.IsDefault = true }), "default VPC"},
		"a record of a VPC that is not the default": {func(tx *Tx) ec2.Ref {
			r := &ec2.RegionRecord{Header: ec2.Header{ID: string(virginia), Region: virginia, OwnerID: account}, DefaultVPCID: s.main.ID}
			tx.put(r)
			return r.Ref()
		}, "default VPC"},
		"a record of another region": {func(tx *Tx) ec2.Ref {
			r := &ec2.RegionRecord{Header: ec2.Header{ID: string(paris), Region: virginia, OwnerID: account}}
			tx.put(r)
			return r.Ref()
		}, "us-east-1"},

		"a subnet of no VPC":         {subnet(func(s *ec2.Subnet) { s.VPCID = "vpc" + none }), "does not exist"},
		"a subnet outside its VPC":   {subnet(func(s *ec2.Subnet) { s.CIDRBlock = block("10.1.0.0/28") }), "outside"},
		"a subnet with host bits":    {subnet(func(s *ec2.Subnet) { s.CIDRBlock = block("10.0.3.1/28") }), "bits"},
		"a subnet too small":         {subnet(func(s *ec2.Subnet) { s.CIDRBlock = block("10.0.3.0/30") }), "too small"},
		"an IPv6 subnet":             {subnet(func(s *ec2.Subnet) { s.CIDRBlock = block("2001:db8::/28") }), "IPv4"},
		"subnets that overlap":       {subnet(func(n *ec2.Subnet) { n.CIDRBlock = block("10.0.1.0/28") }), "overlaps"},
		"a zone there is not":        {subnet(func(s *ec2.Subnet) { s.AvailabilityZone = "us-east-1z" }), "us-east-1z"},
		"another zone's id":          {subnet(func(s *ec2.Subnet) { s.AvailabilityZoneID = "use1-az9" }), "use1-az9"},
		"a default subnet elsewhere": {subnet(func(s *ec2.Subnet) { s.DefaultForAZ = true }), "default subnet"},

		"a group of no VPC":     {group(func(g *ec2.SecurityGroup) { g.VPCID = "vpc" + none }), "does not exist"},
		"a group's name twice":  {group(func(g *ec2.SecurityGroup) { g.Name = "web" }), "name web"},
		"a group named default": {group(func(g *ec2.SecurityGroup) { g.Name = "default" }), "default"},
		"61 rules of a family": {rules(60, func(i int) ec2.RuleSpec {
			return ec2.RuleSpec{IPProtocol: "tcp", FromPort: i, ToPort: i, CIDRIPv6: block("::/0")}
		}), "61 ingress rules for IPv6"},
		"a rule twice":             {rule(func(r *ec2.SecurityGroupRule) { r.ID = "sgr-0123456789abcdef0" }), "rule"},
		"a rule of no group":       {rule(func(r *ec2.SecurityGroupRule) { r.GroupID = "sg" + none }), "does not exist"},
		"a rule to no group":       {rule(func(r *ec2.SecurityGroupRule) { r.ReferencedGroupID = "sg" + none }), "not of its VPC"},
		"a rule to another VPC":    {rule(func(r *ec2.SecurityGroupRule) { r.ReferencedGroupID = s.foreign.ID }), "not of its VPC"},
		"a rule with two sources":  {rule(func(r *ec2.SecurityGroupRule) { r.CIDRIPv4 = anyIPv4 }), "source"},
		"a rule of no normal form": {rule(func(r *ec2.SecurityGroupRule) { r.IPProtocol = "TCP" }), "normal form"},
		"a rule without ports":     {rule(func(r *ec2.SecurityGroupRule) { r.ToPort = -1 }), "ports"},

		"an interface of no subnet":       {data(func(n *ec2.NetworkInterface) { n.SubnetID = "subnet" + none }), "does not exist"},
		"an interface in another VPC":     {data(func(n *ec2.NetworkInterface) { n.VPCID = s.other.ID }), s.other.ID},
		"an interface in another zone":    {data(func(n *ec2.NetworkInterface) { n.AvailabilityZone = "us-east-1b" }), "us-east-1b"},
		"no address":                      {addresses(), "no private address"},
		"an address outside the subnet":   {addresses("10.0.2.9"), "outside"},
		"an IPv6 address":                 {addresses("2001:db8::1"), "outside"},
		"a reserved address":              {addresses("10.0.1.1"), "router"},
		"an address twice":                {addresses("10.0.1.50", "10.0.1.50"), "twice"},
		"an address of another interface": {addresses("10.0.1.61"), "address 10.0.1.61"},
		"a global MAC address":            {data(func(n *ec2.NetworkInterface) { n.MACAddress = "00:11:22:33:44:55" }), "MAC"},
		"a multicast MAC address":         {data(func(n *ec2.NetworkInterface) { n.MACAddress = "03:11:22:33:44:55" }), "MAC"},
		"no MAC address":                  {data(func(n *ec2.NetworkInterface) { n.MACAddress = "" }), "MAC"},
		"a MAC address twice":             {data(func(n *ec2.NetworkInterface) { n.MACAddress = s.busy.MACAddress }), "MAC"},
		"no groups":                       {groups(), "0 security groups"},
		"six groups":                      {groups("sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6"), "6 security groups"},
		"a group twice":                   {groups(s.web.ID, s.web.ID), "twice"},
		"groups out of order":             {groups("sg-2", "sg-1"), "order"},
		"a group of another VPC":          {groups(s.foreign.ID), "not of its VPC"},

		"attached to no instance":            {busy(func(n *ec2.NetworkInterface) { n.Attachment.InstanceID = "i" + none }), "does not exist"},
		"attached across zones":              {busy(func(n *ec2.NetworkInterface) { n.Attachment.InstanceID = s.far.ID }), "us-east-1b"},
		"an attachment's id of another kind": {busy(func(n *ec2.NetworkInterface) { n.Attachment.ID = "eni" + none }), "id of"},
		"an attachment's id twice":           {busy(func(n *ec2.NetworkInterface) { n.Attachment.ID = s.serverPrimary.Attachment.ID }), "attachment"},
		"a device index twice":               {busy(func(n *ec2.NetworkInterface) { n.Attachment.DeviceIndex = 0 }), "device"},
		"a device index too high":            {busy(func(n *ec2.NetworkInterface) { n.Attachment.DeviceIndex = 3 }), "device index 3"},
		"a network card too high":            {busy(func(n *ec2.NetworkInterface) { n.Attachment.NetworkCardIndex = 1 }), "network card 1"},
		"addresses beyond the type": {busy(func(n *ec2.NetworkInterface) {
			n.PrivateIPAddresses = addrs("10.0.1.60", "10.0.1.61", "10.0.1.62", "10.0.1.63", "10.0.1.64")
		}), "5 addresses"},
		"deleted on termination though brought along": {busy(func(n *ec2.NetworkInterface) { n.Attachment.DeleteOnTermination = true }), "deleted on termination"},
		"made for another instance":                   {primary(func(n *ec2.NetworkInterface) { n.LaunchedWith = s.standby.ID }), "made for"},
		"made for an instance and detached":           {primary(func(n *ec2.NetworkInterface) { n.Attachment = nil }), "made for"},

		"an instance without a primary interface": {func(tx *Tx) ec2.Ref { tx.remove(s.serverPrimary.Ref()); return s.server.Ref() }, "no primary"},
		"an instance in another subnet":           {instance(func(i *ec2.Instance) { i.SubnetID = s.tiny.ID }), "not where"},
		"a terminated instance with interfaces":   {instance(func(i *ec2.Instance) { i.State = ec2.InstanceTerminated }), "2 network interfaces"},
		"an instance terminated at no time":       {instance(func(i *ec2.Instance) { i.State = ec2.InstanceTerminated }), "no time"},
		"a state there is not":                    {instance(func(i *ec2.Instance) { i.State = "pending" }), "pending"},
		"a type there is not":                     {instance(func(i *ec2.Instance) { i.InstanceType = "t3.smal" }), "t3.smal"},
		"interfaces beyond the type": {func(tx *Tx) ec2.Ref {
			for device := range 2 {
				n := s.data.Clone()
				n.ID, n.PrivateIPAddresses = tx.newID(ec2.PrefixNetworkInterface), []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 1, byte(90 + device)})}
				n.MACAddress = tx.freeMAC(n.ID)
				tx.attach(n, s.server.ID, 0, 2+device, false)
			}
			return s.server.Ref()
		}, "4 network interfaces"},
		"interfaces beyond the network card": {func(tx *Tx) ec2.Ref {
			i := must(tx.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "hpc7a.96xlarge", SubnetID: s.front.ID}))
			for device := range 3 {
				tx.attach(must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID})), i.ID, 1, 1+device, false)
			}
			return i.Ref()
		}, "on network card 1"},

		"a free range too many": {func(tx *Tx) ec2.Ref {
			tx.insertRange(freeRange{s.front.ID, addrs("10.0.1.60")[0], addrs("10.0.1.60")[0]})
			return s.front.Ref()
		}, "free addresses"},
		"a free range too few": {func(tx *Tx) ec2.Ref {
			for r := range tx.freeRanges(s.tiny.ID) {
				tx.deleteRange(r)
				break
			}
			return s.tiny.Ref()
		}, "free addresses"},
		"free ranges that touch": {func(tx *Tx) ec2.Ref {
			tx.deleteRange(freeRange{s.tiny.ID, addrs("10.0.3.4")[0], addrs("10.0.3.14")[0]})
			tx.insertRange(freeRange{s.tiny.ID, addrs("10.0.3.4")[0], addrs("10.0.3.9")[0]})
			tx.insertRange(freeRange{s.tiny.ID, addrs("10.0.3.10")[0], addrs("10.0.3.14")[0]})
			return s.tiny.Ref()
		}, "free addresses"},
		"a free range of no subnet": {func(tx *Tx) ec2.Ref {
			tx.insertRange(freeRange{"subnet" + none, addrs("10.0.3.4")[0], addrs("10.0.3.9")[0]})
			return ec2.Ref{Kind: ec2.KindSubnet, ID: "subnet" + none}
		}, "does not exist"},
		"an overlooked attachment": {func(tx *Tx) ec2.Ref {
			tx.oust(s.busy)
			return ec2.Ref{Kind: ec2.KindAttachment, ID: s.busy.Attachment.ID}
		}, "overlooked"},
	} {
		t.Run(name, func(t *testing.T) {
			w := s.fork()
			tx := w.Begin().In(virginia)
			ref := c.tamper(tx)
			tx.Commit()
			violations := w.Check()
			for _, v := range violations {
				if v.Ref == ref && strings.Contains(v.String(), c.says) {
					return
				}
			}
			t.Errorf("got %v, want one of %v that says %q", violations, ref, c.says)
		})
	}
}
