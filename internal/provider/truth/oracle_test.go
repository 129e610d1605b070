package truth

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// oracle says what EC2 would say of a configuration, by counting everything
// that there will be in the end. It is written apart from the engine and knows
// nothing of worlds, orders and claims; of package ec2 it takes the table of
// instance types.
type oracle struct {
	before, after configuration
	again         map[string]bool    // addresses that -replace names
	now           map[string]current // what interfaces and instances have, by name

	kept     map[string]bool // by name
	all      []claims
	verdicts []string
	// racy: whether it can be done depends on which of two changes is made first.
	racy bool
}

// current is what a state says of an interface or instance.
type current struct {
	addresses  []string // the primary one first
	privateIPs []string // an interface's private_ips, sorted
}

// zones of the region that the tests work in.
var zones = []string{"us-west-3a", "us-west-3b"}

// judge gives reasons why the change cannot be made, if there are any.
func judge(before, after configuration, again map[string]bool, now map[string]current) (impossible []string, racy bool) {
	o := &oracle{before: before, after: after, again: again, now: now, kept: map[string]bool{}}
	o.findKept()
	o.judgeSubnets()
	o.judgeGroups()
	o.judgeMembership()
	o.judgeAddresses()
	o.judgeAttachments()
	o.judgeOrder()
	return o.verdicts, o.racy
}

func (o *oracle) say(format string, args ...any) {
	o.verdicts = append(o.verdicts, fmt.Sprintf(format, args...))
}

// findKept finds which objects stay the same ones.
func (o *oracle) findKept() {
	keep := func(kind, name string, ok bool) {
		if ok && !o.again[kind+"."+name] {
			o.kept[name] = true
		}
	}
	for _, v := range o.after.vpcs {
		was, ok := o.before.vpc(v.name)
		keep(kindVPC, v.name, ok && was.cidr == v.cidr)
	}
	for _, s := range o.after.subnets {
		was, ok := o.before.subnet(s.name)
		keep(kindSubnet, s.name, ok && was == s && o.kept[s.vpc])
	}
	for _, g := range o.after.groups {
		was, ok := o.before.group(g.name)
		keep(kindGroup, g.name, ok && was.vpc == g.vpc && o.kept[g.vpc] && was.description == g.description && (g.groupName == "" || was.groupName == g.groupName))
	}
	for _, n := range o.after.interfaces {
		was, ok := o.before.networkInterface(n.name)
		keep(kindInterface, n.name, ok && was.subnet == n.subnet && o.kept[n.subnet] && o.keepsPrimary(n))
	}
	for _, i := range o.after.instances {
		was, ok := o.before.instance(i.name)
		if i.primary == "" && i.subnet == "" && (!ok || was.ami != i.ami) {
			o.racy = true // into the default VPC, of which the oracle knows nothing
		}
		switch {
		case !ok || was.ami != i.ami:
		case i.primary != "":
			keep(kindInstance, i.name, was.primary == i.primary && o.kept[i.primary])
		case was.primary != "":
			keep(kindInstance, i.name, true) // taking the block away changes nothing
		default:
			keep(kindInstance, i.name, i.subnet == was.subnet && o.kept[i.subnet] && (i.ip == "" || i.ip == o.now[i.name].addresses[0]))
		}
	}
	for _, a := range o.after.attachments {
		was, ok := o.before.attachment(a.name)
		keep(kindAttachment, a.name, ok && was == a && o.kept[a.networkInterface] && o.kept[a.instance])
	}
}

func (o *oracle) keepsPrimary(n networkInterface) bool {
	primary := o.now[n.name].addresses[0]
	switch {
	case len(n.ips) > 0:
		return slices.Contains(n.ips, primary)
	case n.ip != "":
		return n.ip == primary
	}
	return true
}

func (o *oracle) judgeSubnets() {
	blocks := map[string][]netip.Prefix{}
	for _, s := range o.after.subnets {
		p, v := netip.MustParsePrefix(s.cidr), must(o.after.vpc(s.vpc))
		if outer := netip.MustParsePrefix(v.cidr); !outer.Contains(p.Addr()) || p.Bits() < outer.Bits() {
			o.say("subnet %s lies outside its VPC", s.name)
		}
		if !slices.Contains(zones, s.zone) {
			o.say("subnet %s is in a zone that there is not", s.name)
		}
		for _, other := range blocks[s.vpc] {
			if other.Overlaps(p) {
				o.say("subnet %s overlaps another", s.name)
			}
		}
		blocks[s.vpc] = append(blocks[s.vpc], p)
	}
}

func must[T any](v T, ok bool) T {
	if !ok {
		panic("a reference to nothing")
	}
	return v
}

func (o *oracle) judgeGroups() {
	names := map[string]bool{}
	for _, g := range o.after.groups {
		if g.groupName == "default" {
			o.say("group %s cannot be called default", g.name)
		}
		if key := g.vpc + " " + g.groupName; g.groupName != "" {
			if names[key] {
				o.say("two groups of %s are called %s", g.vpc, g.groupName)
			}
			names[key] = true
		}
		// Groups are created before those that they replace are destroyed.
		if _, ok := find(o.before.groups, func(b group) bool { return b.vpc == g.vpc && b.groupName == g.groupName && !o.kept[b.name] }); ok && g.groupName != "" && !o.kept[g.name] {
			o.racy = true
		}
		for _, r := range g.rules {
			if r.peer != "" && must(o.after.group(r.peer)).vpc != g.vpc {
				o.say("group %s refers to a group of another VPC", g.name)
			}
		}
	}
}

// judgeMembership: the groups of interfaces and instances, and groups that go
// while somebody keeps them.
func (o *oracle) judgeMembership() {
	check := func(who, subnetName string, groups, before []string, kept bool) {
		if len(groups) == 0 && kept {
			groups = before // it keeps those it has
			for _, name := range groups {
				if !o.kept[name] {
					o.say("group %s goes while %s keeps it", name, who)
				}
			}
			return
		}
		vpc := must(o.after.subnet(subnetName)).vpc
		for _, name := range groups {
			if must(o.after.group(name)).vpc != vpc {
				o.say("group %s of %s is of another VPC", name, who)
			}
		}
		if len(groups) > 5 {
			o.say("%s has more than five groups", who)
		}
	}
	for _, n := range o.after.interfaces {
		was, _ := o.before.networkInterface(n.name)
		check(n.name, n.subnet, n.groups, was.groups, o.kept[n.name])
	}
	for _, i := range o.after.instances {
		if i.primary != "" || i.subnet == "" {
			continue
		}
		was, _ := o.before.instance(i.name)
		check(i.name, i.subnet, i.groups, was.groups, o.kept[i.name] && was.primary == "")
	}
}

// claims are the addresses that an interface or instance will have: those it
// names or keeps, and how many besides.
type claims struct {
	who, subnet string
	address     string // of the resource
	named       []string
	kept        []string // not named, and kept
	more        int
}

func (c claims) count() int { return len(c.named) + len(c.kept) + c.more }

func (o *oracle) claimsOf(n networkInterface) claims {
	c := claims{who: n.name, address: kindInterface + "." + n.name, subnet: n.subnet, named: slices.Clone(n.ips)}
	if n.ip != "" && !slices.Contains(c.named, n.ip) {
		c.named = append(c.named, n.ip)
	}
	if !o.kept[n.name] {
		c.more = max(0, n.count+1-len(c.named))
		if len(c.named) == 0 && c.more == 0 {
			c.more = 1
		}
		return c
	}
	has := o.now[n.name].addresses
	others := without(has, c.named)
	switch room := n.count + 1 - len(c.named); {
	case n.count < 0 && len(n.ips) > 0 && !slices.Equal(slices.Sorted(slices.Values(n.ips)), o.now[n.name].privateIPs):
		// it has what it names, and nothing else
	case n.count < 0:
		c.kept = others // the configuration leaves them alone
	case room <= len(others):
		c.kept = others[:max(0, room)]
	default:
		c.kept, c.more = others, room-len(others)
	}
	return c
}

func without(list, those []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(those, s) })
}

func (o *oracle) claimsOfInstance(i instance) claims {
	c := claims{who: i.name, address: kindInstance + "." + i.name, subnet: i.subnet}
	has := o.now[i.name].addresses
	switch {
	case !o.kept[i.name] && i.ip == "":
		c.named, c.more = slices.Clone(i.secondary), 1
	case !o.kept[i.name]:
		c.named = append([]string{i.ip}, i.secondary...)
	case len(i.secondary) == 0:
		c.kept = has
	default:
		c.named = append([]string{has[0]}, without(i.secondary, has[:1])...)
	}
	return c
}

// brought tells which interface an instance has instead of one of its own.
func (o *oracle) brought(i instance) string {
	if was, ok := o.before.instance(i.name); ok && o.kept[i.name] && was.primary != "" {
		return was.primary
	}
	return i.primary
}

func (o *oracle) judgeAddresses() {
	for _, n := range o.after.interfaces {
		o.all = append(o.all, o.claimsOf(n))
	}
	for _, i := range o.after.instances {
		if i.subnet != "" && o.brought(i) == "" {
			o.all = append(o.all, o.claimsOfInstance(i))
		}
	}
	taken, total, more := map[string]string{}, map[string]int{}, map[string]int{}
	for _, c := range o.all {
		p := netip.MustParsePrefix(must(o.after.subnet(c.subnet)).cidr)
		total[c.subnet] += c.count()
		more[c.subnet] += c.more
		for _, a := range slices.Concat(c.named, c.kept) {
			key := c.subnet + " " + a
			if other, ok := taken[key]; ok {
				o.say("%s and %s have %s", c.who, other, a)
			}
			taken[key] = c.who
			if !p.Contains(netip.MustParseAddr(a)) {
				o.say("%s of %s is not in its subnet", a, c.who)
			} else if n := offset(p, a); n < 4 || n == size(p)-1 {
				o.say("%s of %s is reserved", a, c.who)
			}
		}
	}
	for name, n := range total {
		if p := netip.MustParsePrefix(must(o.after.subnet(name)).cidr); n > size(p)-5 {
			o.say("subnet %s is too small for %d addresses", name, n)
		}
	}
	o.judgeRaces(more)
}

// judgeRaces finds where EC2 may give an interface just the address that
// another one, made later in the same run, asks for by name.
func (o *oracle) judgeRaces(more map[string]int) {
	low := map[string]int{} // addresses that are taken now, or may be chosen, below those that are named
	for _, c := range o.all {
		low[c.subnet] += c.more
	}
	for _, n := range o.before.interfaces {
		low[n.subnet] += len(o.now[n.name].addresses)
	}
	for _, i := range o.before.instances {
		low[i.subnet] += len(o.now[i.name].addresses)
	}
	for _, c := range o.all {
		p := netip.MustParsePrefix(must(o.after.subnet(c.subnet)).cidr)
		for _, a := range c.named {
			isNew := !slices.Contains(o.now[c.who].addresses, a) || !o.kept[c.who]
			if isNew && more[c.subnet] > 0 && (offset(p, a) < firstNamed(p) || low[c.subnet] > firstNamed(p)-4) {
				o.racy = true
			}
		}
	}
}

// judgeOrder finds what an interface would have to let go of before it can:
// Terraform changes it after the resources that it refers to.
func (o *oracle) judgeOrder() {
	depends := dependencies(o.after.declarations())
	late := map[string]int{}
	total := map[string]int{}
	for _, c := range o.all {
		total[c.subnet] += c.count()
	}
	for _, n := range o.after.interfaces {
		if !o.kept[n.name] {
			continue
		}
		was, _ := o.before.networkInterface(n.name)
		will := o.claimsOf(n)
		gives := without(o.now[n.name].addresses, slices.Concat(will.named, will.kept))
		for _, c := range o.all {
			if c.subnet != n.subnet || !depends[kindInterface+"."+n.name][c.address] {
				continue
			}
			late[c.subnet] += len(gives)
			for _, a := range c.named {
				if slices.Contains(gives, a) {
					o.say("%s asks for %s, which %s gives up after that", c.address, a, n.name)
				}
			}
		}
		for _, in := range n.inline {
			i := must(o.after.instance(in.instance))
			limits, _ := ec2.LookupInstanceType(i.typ)
			if o.kept[i.name] && len(was.inline) > 0 && was.inline[0].instance == i.name &&
				(was.inline[0].index >= limits.MaximumNetworkInterfaces || len(o.now[n.name].addresses) > limits.IPv4AddressesPerInterface) {
				o.say("%s is too small for %s as it is until then", i.name, n.name)
			}
		}
	}
	for name, n := range late {
		o.racy = o.racy || n > 0 && total[name]+n > size(netip.MustParsePrefix(must(o.after.subnet(name)).cidr))-5
	}
}

func size(p netip.Prefix) int { return 1 << (32 - p.Bits()) }

// offset is how far an address is from the first one of a block.
func offset(p netip.Prefix, a string) int {
	b, n := p.Addr().As4(), netip.MustParseAddr(a).As4()
	return int(n[2])<<8 + int(n[3]) - int(b[2])<<8 - int(b[3])
}

// firstNamed is the offset from which on the tests name addresses. Those that
// EC2 chooses are below it.
func firstNamed(p netip.Prefix) int { return size(p) * 11 / 16 }

func (o *oracle) zoneOf(n networkInterface) string { return must(o.after.subnet(n.subnet)).zone }

func (o *oracle) judgeAttachments() {
	type place struct {
		instance string
		index    int
	}
	attached, devices, number := map[string]string{}, map[place]string{}, map[string]int{}
	count := map[string]claims{}
	for _, n := range o.after.interfaces {
		count[n.name] = o.claimsOf(n)
	}
	zone := map[string]string{}
	limits := map[string]ec2.InstanceType{}
	for _, i := range o.after.instances {
		limits[i.name], _ = ec2.LookupInstanceType(i.typ)
		if i.subnet != "" {
			zone[i.name] = must(o.after.subnet(i.subnet)).zone
		}
		number[i.name] = 1
		if brought := o.brought(i); brought == "" {
			if i.subnet != "" && o.claimsOfInstance(i).count() > limits[i.name].IPv4AddressesPerInterface {
				o.say("%s has too many addresses for its type", i.name)
			}
			continue
		}
		number[i.name] = 0
	}
	attach := func(interfaceName, instanceName string, index int) {
		n, ok := o.after.networkInterface(interfaceName)
		if !ok || index == 0 && !o.kept[interfaceName] && o.kept[instanceName] {
			o.say("%s stays, and loses its primary interface", instanceName)
			return
		}
		if other, ok := attached[n.name]; ok {
			o.say("%s is attached to %s and %s", n.name, other, instanceName)
		}
		attached[n.name] = instanceName
		at := place{instanceName, index}
		if other, ok := devices[at]; ok {
			o.say("%s and %s have device index %d of %s", n.name, other, index, instanceName)
		}
		devices[at] = n.name
		number[instanceName]++
		if o.zoneOf(n) != zone[instanceName] {
			o.say("%s and %s are in different zones", n.name, instanceName)
		}
		if index >= limits[instanceName].MaximumNetworkInterfaces {
			o.say("%s has no device index %d", instanceName, index)
		}
		if count[n.name].count() > limits[instanceName].IPv4AddressesPerInterface {
			o.say("%s has too many addresses for the type of %s", n.name, instanceName)
		}
	}
	for _, i := range o.after.instances {
		if brought := o.brought(i); brought != "" {
			if n, ok := o.after.networkInterface(brought); ok {
				zone[i.name] = o.zoneOf(n)
			}
			attach(brought, i.name, 0)
		} else {
			devices[place{i.name, 0}] = i.name
		}
	}
	for _, a := range o.after.attachments {
		attach(a.networkInterface, a.instance, a.index)
	}
	for _, n := range o.after.interfaces {
		for _, in := range n.inline {
			attach(n.name, in.instance, in.index)
		}
	}
	for name, n := range number {
		if n > limits[name].MaximumNetworkInterfaces {
			o.say("%s has %d interfaces", name, n)
		}
	}
}
