package truth

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// author writes configurations and changes them.
//
// What it leaves out, on purpose:
//   - An address that EC2 chooses may be exactly the one that another resource of
//     the same run asks for by name, if it is made first. EC2 has the same race.
//     So addresses are named at the upper end of a subnet and chosen from below.
//   - Terraform deletes, and deletes in order to replace, before it updates what
//     no longer refers to the object. For a security group that is in use EC2
//     refuses that, in every order of the plan. So security groups have
//     create_before_destroy here, as AWS users are told to write, and a name of
//     their own is not carried over from one to its replacement.
type author struct {
	t     *rapid.T
	c     configuration
	names int
}

func (a *author) name(prefix string) string {
	a.names++
	return fmt.Sprintf("%s%d", prefix, a.names)
}

// below draws a number from 0 to n-1, each as likely as the others, which
// rapid.IntRange does not. It shrinks to 0.
func (a *author) below(n int, label string) int {
	return rapid.Custom(func(t *rapid.T) int {
		drawn := 0
		for range bits.Len(uint(n)) + 3 {
			drawn *= 2
			if rapid.Bool().Draw(t, "bit") {
				drawn++
			}
		}
		return drawn % n
	}).Draw(a.t, label)
}

func (a *author) chance(percent int, label string) bool {
	return a.below(100, label) >= 100-percent
}

func pick[T any](a *author, list []T, label string) T { return list[a.below(len(list), label)] }

// some picks up to n elements, each once.
func some[T comparable](a *author, list []T, n int, label string) []T {
	var picked []T
	if len(list) == 0 {
		return nil
	}
	for range rapid.IntRange(0, n).Draw(a.t, label) {
		if e := pick(a, list, label); !slices.Contains(picked, e) {
			picked = append(picked, e)
		}
	}
	return picked
}

// An edit changes the configuration, or does nothing where it has nothing to
// work on.
type edit struct {
	name   string
	weight int
	do     func(*author)
}

// additions make resources; changes change those there are.
var additions = []edit{
	{"a VPC", 1, (*author).addVPC},
	{"a subnet", 3, (*author).addSubnet},
	{"a group", 3, (*author).addGroup},
	{"an interface", 8, (*author).addInterface},
	{"an instance", 7, (*author).addInstance},
	{"an attachment", 8, (*author).addAttachment},
}

var changes = []edit{
	{"remove", 4, (*author).remove},
	{"change a VPC", 1, (*author).changeVPC},
	{"change a subnet", 1, (*author).changeSubnet},
	{"change a group", 3, (*author).changeGroup},
	{"change addresses", 5, (*author).changeAddresses},
	{"change an interface", 3, (*author).changeInterface},
	{"move an interface inline", 4, (*author).changeInline},
	{"change an instance", 4, (*author).changeInstance},
	{"change the addresses of an instance", 2, (*author).changeSecondary},
	{"move an attachment", 5, (*author).changeAttachment},
	{"swap two attachments", 4, (*author).swapAttachments},
	{"swap two inline attachments", 4, (*author).swapInline},
	{"swap two addresses", 3, (*author).swapAddresses},
	{"say an attachment in the other way", 3, (*author).rephrase},
	{"hand an address on", 4, (*author).handOn},
	{"bring another interface", 1, (*author).changePrimary},
}

func (a *author) edit(edits ...edit) string {
	var choice []int
	for i, e := range edits {
		for range e.weight {
			choice = append(choice, i)
		}
	}
	e := edits[pick(a, choice, "edit")]
	e.do(a)
	return e.name
}

var vpcBlocks = []string{"10.0.0.0/16", "10.1.0.0/16", "10.0.0.0/16"}

func (a *author) addVPC() {
	if len(a.c.vpcs) < 2 {
		a.c.vpcs = append(a.c.vpcs, vpc{a.name("vpc"), vpcBlocks[a.below(3, "block")], false})
	}
}

func (a *author) addSubnet() {
	if len(a.c.vpcs) == 0 {
		a.addVPC()
	}
	v := pick(a, a.c.vpcs, "vpc")
	a.c.subnets = append(a.c.subnets, subnet{a.name("net"), v.name, a.subnetBlock(v), a.zone()})
}

func (a *author) subnetBlock(v vpc) string {
	second := strings.Split(v.cidr, ".")[1]
	if a.chance(2, "elsewhere") {
		second = "9"
	}
	return "10." + second + "." + pick(a, []string{"0.0/28", "0.16/28", "0.32/27", "1.0/24", "2.0/24", "0.0/24"}, "block")
}

func (a *author) zone() string {
	if a.chance(2, "nowhere") {
		return "us-east-1a"
	}
	return pick(a, zones, "zone")
}

func (a *author) addGroup() {
	if len(a.c.vpcs) == 0 {
		a.addVPC()
	}
	g := group{name: a.name("grp"), vpc: pick(a, a.c.vpcs, "vpc").name}
	if a.chance(40, "named") {
		g.groupName = pick(a, []string{"web", "db", "app"}, "group name")
	}
	g.rules = a.rules(g)
	a.c.groups = append(a.c.groups, g)
}

// rules draws rules for a group, which may refer to groups made before it.
func (a *author) rules(g group) (rules []rule) {
	var peers []string
	for _, other := range a.c.groups {
		if other.name == g.name {
			break
		}
		if other.vpc == g.vpc || a.chance(5, "other VPC") {
			peers = append(peers, other.name)
		}
	}
	for i := range a.below(3, "rules") {
		r := rule{port: 80 + i + a.below(2, "port")*10}
		if len(peers) > 0 && a.chance(60, "peer") {
			r.peer = pick(a, peers, "peer")
		} else {
			r.from = "10.0.0.0/8"
		}
		rules = append(rules, r)
	}
	return rules
}

func (a *author) groupsFor(subnetName string) []string {
	vpc := must(a.c.subnet(subnetName)).vpc
	var names []string
	for _, g := range a.c.groups {
		if g.vpc == vpc || a.chance(2, "other VPC") {
			names = append(names, g.name)
		}
	}
	return some(a, names, 2, "groups")
}

// address draws one that may be named, now and then one that may not.
func (a *author) address(subnetName string) string {
	p := netip.MustParsePrefix(must(a.c.subnet(subnetName)).cidr)
	n := firstNamed(p) + a.below(min(5, size(p)-2-firstNamed(p))+1, "address")
	if a.chance(2, "bad address") {
		n = pick(a, []int{0, 3, size(p) - 1, size(p) + 20}, "bad address")
	}
	b := p.Addr().As4()
	n += int(b[2])<<8 + int(b[3])
	return netip.AddrFrom4([4]byte{b[0], b[1], byte(n >> 8), byte(n)}).String()
}

func (a *author) addressesIn(subnetName string, n int) (list []string) {
	for range a.below(n+1, "addresses") {
		if x := a.address(subnetName); !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

func (a *author) drawAddresses(n *networkInterface) {
	n.ips, n.ip, n.count = nil, "", -1
	switch a.below(6, "form") {
	case 1:
		n.ip = a.address(n.subnet)
	case 2:
		n.count = a.below(4, "count")
	case 3, 4:
		n.ips = a.addressesIn(n.subnet, 4)
	case 5:
		n.ips = a.addressesIn(n.subnet, 2)
		n.count = max(0, len(n.ips)-1) + a.below(3, "more")
	}
}

func (a *author) addInterface() {
	if len(a.c.subnets) == 0 {
		a.addSubnet()
	}
	n := networkInterface{name: a.name("eni"), subnet: pick(a, a.c.subnets, "subnet").name}
	a.drawAddresses(&n)
	n.groups = a.groupsFor(n.subnet)
	if a.chance(25, "inline") {
		n.inline = a.drawInline(n)
	}
	a.c.interfaces = append(a.c.interfaces, n)
}

func (a *author) index() int {
	return pick(a, []int{1, 1, 1, 1, 2, 2, 2, 1, 3, 0}, "index")
}

// instancesFor are the names of instances that an interface may be attached to:
// those of its zone, as a rule, that do not need it.
func (a *author) instancesFor(n networkInterface) (names []string) {
	zone := must(a.c.subnet(n.subnet)).zone
	for _, i := range a.c.instances {
		if i.subnet == "" && i.primary == "" {
			continue // its interface has been forgotten
		}
		at := i.subnet
		if i.primary != "" {
			own := must(a.c.networkInterface(i.primary))
			if n.name == own.name || len(own.inline) > 0 {
				continue
			}
			at = own.subnet
		}
		if must(a.c.subnet(at)).zone == zone || a.chance(5, "other zone") {
			names = append(names, i.name)
		}
	}
	return names
}

func (a *author) drawInline(n networkInterface) []inline {
	names := a.instancesFor(n)
	if len(names) == 0 || a.isPrimary(n.name) {
		return nil // an instance that needs the interface cannot come before it
	}
	return []inline{{pick(a, names, "instance"), a.index()}}
}

func (a *author) isPrimary(name string) bool {
	return slices.ContainsFunc(a.c.instances, func(i instance) bool { return i.primary == name })
}

var instanceTypes = []string{"t3.micro", "t3.small", "t3.small", "t3.medium", "m5.4xlarge"}

var images = []string{"ami-0123456789abcdef0", "ami-0fedcba9876543210"}

func (a *author) addInstance() {
	if len(a.c.subnets) == 0 {
		a.addSubnet()
	}
	i := instance{name: a.name("srv"), typ: pick(a, instanceTypes, "type"), ami: images[0]}
	if free := a.unattached(); len(free) > 0 && a.chance(30, "primary") {
		i.primary = pick(a, free, "primary")
	} else {
		i.subnet = pick(a, a.c.subnets, "subnet").name
		i.groups = a.groupsFor(i.subnet)
		if a.chance(30, "address") {
			i.ip = a.address(i.subnet)
		}
		if a.chance(30, "secondary") {
			i.secondary = slices.DeleteFunc(a.addressesIn(i.subnet, 2), func(s string) bool { return s == i.ip })
		}
	}
	a.c.instances = append(a.c.instances, i)
}

// unattached are interfaces for an instance to bring along; now and then one
// that is in use.
func (a *author) unattached() (names []string) {
	for _, n := range a.c.interfaces {
		used := a.isPrimary(n.name) || slices.ContainsFunc(a.c.attachments, func(x attachment) bool { return x.networkInterface == n.name })
		if len(n.inline) == 0 && (!used || a.chance(5, "used")) {
			names = append(names, n.name)
		}
	}
	return names
}

func (a *author) addAttachment() {
	free := a.unattached()
	if len(free) == 0 {
		if a.addInterface(); len(a.c.interfaces[len(a.c.interfaces)-1].inline) > 0 {
			return
		}
		free = []string{a.c.interfaces[len(a.c.interfaces)-1].name}
	}
	n := must(a.c.networkInterface(pick(a, free, "interface")))
	if names := a.instancesFor(n); len(names) > 0 {
		a.c.attachments = append(a.c.attachments, attachment{a.name("att"), n.name, pick(a, names, "instance"), a.index()})
	}
}

// remove takes a resource away, and what cannot be without it. What can refers
// to it no longer.
func (a *author) remove() {
	type victim struct{ kind, name string }
	var all []victim
	for _, v := range a.c.vpcs[min(1, len(a.c.vpcs)):] {
		all = append(all, victim{kindVPC, v.name})
	}
	for _, s := range a.c.subnets {
		all = append(all, victim{kindSubnet, s.name})
	}
	for _, g := range a.c.groups {
		all = append(all, victim{kindGroup, g.name}, victim{kindGroup, g.name})
	}
	for _, n := range a.c.interfaces {
		all = append(all, victim{kindInterface, n.name}, victim{kindInterface, n.name})
	}
	for _, i := range a.c.instances {
		all = append(all, victim{kindInstance, i.name}, victim{kindInstance, i.name})
	}
	for _, x := range a.c.attachments {
		all = append(all, victim{kindAttachment, x.name}, victim{kindAttachment, x.name})
	}
	if len(all) == 0 {
		return
	}
	switch v := pick(a, all, "victim"); v.kind {
	case kindVPC:
		a.removeVPC(v.name)
	case kindSubnet:
		a.removeSubnet(v.name)
	case kindGroup:
		a.removeGroup(v.name)
	case kindInterface:
		a.removeInterface(v.name)
	case kindInstance:
		a.removeInstance(v.name)
	case kindAttachment:
		a.c.attachments = slices.DeleteFunc(a.c.attachments, func(x attachment) bool { return x.name == v.name })
	}
}

func (a *author) removeVPC(name string) {
	for _, s := range slices.Clone(a.c.subnets) {
		if s.vpc == name {
			a.removeSubnet(s.name)
		}
	}
	for _, g := range slices.Clone(a.c.groups) {
		if g.vpc == name {
			a.removeGroup(g.name)
		}
	}
	a.c.vpcs = slices.DeleteFunc(a.c.vpcs, func(v vpc) bool { return v.name == name })
}

func (a *author) removeSubnet(name string) {
	for _, i := range slices.Clone(a.c.instances) {
		if i.subnet == name {
			a.removeInstance(i.name)
		}
	}
	for _, n := range slices.Clone(a.c.interfaces) {
		if n.subnet == name {
			a.removeInterfaceWithInstance(n.name)
		}
	}
	a.c.subnets = slices.DeleteFunc(a.c.subnets, func(s subnet) bool { return s.name == name })
}

func (a *author) removeGroup(name string) {
	for i := range a.c.interfaces {
		a.c.interfaces[i].groups = without(a.c.interfaces[i].groups, []string{name})
	}
	for i := range a.c.instances {
		a.c.instances[i].groups = without(a.c.instances[i].groups, []string{name})
	}
	for i, g := range a.c.groups {
		a.c.groups[i].rules = slices.DeleteFunc(slices.Clone(g.rules), func(r rule) bool { return r.peer == name })
	}
	a.c.groups = slices.DeleteFunc(a.c.groups, func(g group) bool { return g.name == name })
}

func (a *author) removeInstance(name string) {
	a.c.attachments = slices.DeleteFunc(a.c.attachments, func(x attachment) bool { return x.instance == name })
	for i, n := range a.c.interfaces {
		a.c.interfaces[i].inline = slices.DeleteFunc(slices.Clone(n.inline), func(in inline) bool { return in.instance == name })
	}
	a.c.instances = slices.DeleteFunc(a.c.instances, func(i instance) bool { return i.name == name })
}

// removeInterface takes an interface away; an instance that has it for its
// primary one goes too, unless the author forgets about that.
func (a *author) removeInterface(name string) {
	if a.isPrimary(name) && a.chance(30, "forget") {
		a.c.attachments = slices.DeleteFunc(a.c.attachments, func(x attachment) bool { return x.networkInterface == name })
		a.c.interfaces = slices.DeleteFunc(a.c.interfaces, func(n networkInterface) bool { return n.name == name })
		for i := range a.c.instances {
			if a.c.instances[i].primary == name {
				a.c.instances[i].primary = ""
			}
		}
		return
	}
	a.removeInterfaceWithInstance(name)
}

func (a *author) removeInterfaceWithInstance(name string) {
	for _, i := range slices.Clone(a.c.instances) {
		if i.primary == name {
			a.removeInstance(i.name)
		}
	}
	a.c.attachments = slices.DeleteFunc(a.c.attachments, func(x attachment) bool { return x.networkInterface == name })
	a.c.interfaces = slices.DeleteFunc(a.c.interfaces, func(n networkInterface) bool { return n.name == name })
}

// one picks an element to change.
func one[T any](a *author, list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[a.below(len(list), "which")]
}

func (a *author) changeVPC() {
	if v := one(a, a.c.vpcs); v != nil {
		v.hostnames = !v.hostnames
	}
}

func (a *author) changeSubnet() {
	s := one(a, a.c.subnets)
	switch {
	case s == nil:
	case a.chance(50, "zone"):
		s.zone = a.zone()
	default:
		before := netip.MustParsePrefix(s.cidr)
		s.cidr = a.subnetBlock(must(a.c.vpc(s.vpc)))
		a.renumber(s.name, before, netip.MustParsePrefix(s.cidr))
	}
}

// renumber moves the named addresses of a subnet into its new block, as far as
// they have a place there.
func (a *author) renumber(name string, before, after netip.Prefix) {
	move := func(list []string) []string {
		var moved []string
		for _, s := range list {
			n := firstNamed(after) + max(0, offset(before, s)-firstNamed(before))
			b := after.Addr().As4()
			n += int(b[2])<<8 + int(b[3])
			moved = append(moved, netip.AddrFrom4([4]byte{b[0], b[1], byte(n >> 8), byte(n)}).String())
		}
		return moved
	}
	for i, n := range a.c.interfaces {
		if n.subnet == name {
			a.c.interfaces[i].ips = move(n.ips)
			a.c.interfaces[i].ip = strings.Join(move(nonEmpty(n.ip)), "")
		}
	}
	for i, x := range a.c.instances {
		if x.subnet == name {
			a.c.instances[i].secondary = move(x.secondary)
			a.c.instances[i].ip = strings.Join(move(nonEmpty(x.ip)), "")
		}
	}
}

func (a *author) changeGroup() {
	g := one(a, a.c.groups)
	switch {
	case g == nil:
	case a.chance(30, "replace"):
		g.description = pick(a, []string{"one", "two"}, "description")
		if g.groupName != "" {
			g.groupName = a.name("renamed")
		}
	default:
		g.rules = a.rules(*g)
	}
}

func (a *author) changeAddresses() {
	if n := one(a, a.c.interfaces); n != nil {
		switch a.below(5, "how") {
		case 0:
			a.drawAddresses(n)
		case 1:
			n.count = max(0, len(n.ips)-1) + a.below(4, "count")
		case 2:
			if x := a.address(n.subnet); n.ip == "" && !slices.Contains(n.ips, x) && len(n.ips) > 0 {
				n.ips = append(slices.Clone(n.ips), x)
				n.count = -1
			}
		case 3:
			if len(n.ips) > 1 {
				n.ips = without(n.ips, []string{pick(a, n.ips, "address")})
				n.count = -1
			}
		case 4:
			n.count = -1
		}
	}
}

func (a *author) changeInterface() {
	if n := one(a, a.c.interfaces); n != nil {
		switch a.below(4, "what") {
		case 0:
			n.groups = a.groupsFor(n.subnet)
		case 1:
			n.description = pick(a, []string{"", "one", "two"}, "description")
		case 2:
			n.unchecked = !n.unchecked
		case 3:
			n.subnet = pick(a, a.c.subnets, "subnet").name
			n.groups = a.groupsFor(n.subnet)
			a.drawAddresses(n)
		}
	}
}

func (a *author) changeInline() {
	if n := one(a, a.c.interfaces); n != nil {
		switch {
		case len(n.inline) > 0 && a.chance(25, "detach"):
			n.inline = nil
		case len(n.inline) > 0 && a.chance(30, "index"):
			n.inline = []inline{{n.inline[0].instance, a.index()}}
		case len(n.inline) > 0 || !slices.ContainsFunc(a.c.attachments, func(x attachment) bool { return x.networkInterface == n.name }):
			n.inline = a.drawInline(*n)
		}
	}
}

func (a *author) changeInstance() {
	if i := one(a, a.c.instances); i != nil {
		switch a.below(6, "what") {
		case 0, 1:
			i.typ = pick(a, instanceTypes, "type")
		case 2:
			i.ami = pick(a, images, "image")
		case 3:
			i.userData = pick(a, []string{"", "one", "two"}, "user data")
		case 4:
			if i.subnet != "" {
				i.groups = a.groupsFor(i.subnet)
			}
		case 5:
			if i.subnet != "" {
				i.subnet = pick(a, a.c.subnets, "subnet").name
				i.ip, i.secondary, i.groups = "", nil, a.groupsFor(i.subnet)
			}
		}
	}
}

func (a *author) changeSecondary() {
	if i := one(a, a.c.instances); i != nil && i.subnet != "" {
		i.secondary = slices.DeleteFunc(a.addressesIn(i.subnet, 2), func(s string) bool { return s == i.ip })
	}
}

func (a *author) changeAttachment() {
	x := one(a, a.c.attachments)
	if x == nil {
		return
	}
	n := must(a.c.networkInterface(x.networkInterface))
	names := a.instancesFor(n)
	switch {
	case len(names) > 0 && a.chance(60, "instance"):
		x.instance = pick(a, names, "instance")
	case a.chance(50, "index"):
		x.index = a.index()
	default:
		if free := a.unattached(); len(free) > 0 {
			x.networkInterface = pick(a, free, "interface")
		}
	}
}

func (a *author) swapAttachments() {
	x, y := one(a, a.c.attachments), one(a, a.c.attachments)
	switch {
	case x == nil:
	case a.chance(50, "interfaces"):
		x.networkInterface, y.networkInterface = y.networkInterface, x.networkInterface
	default:
		x.instance, y.instance, x.index, y.index = y.instance, x.instance, y.index, x.index
	}
}

func (a *author) swapInline() {
	var attached []int
	for i, n := range a.c.interfaces {
		if len(n.inline) > 0 {
			attached = append(attached, i)
		}
	}
	if len(attached) > 0 {
		x, y := &a.c.interfaces[pick(a, attached, "one")], &a.c.interfaces[pick(a, attached, "other")]
		x.inline, y.inline = y.inline, x.inline
	}
}

// swapAddresses has two interfaces of a subnet change places but for their
// lowest addresses, which are the primary ones of those that are new.
func (a *author) swapAddresses() {
	type pair struct{ x, y *networkInterface }
	var pairs []pair
	for i := range a.c.interfaces {
		for j := range i {
			if x, y := &a.c.interfaces[i], &a.c.interfaces[j]; x.subnet == y.subnet && len(x.ips) > 0 && len(y.ips) > 0 && len(x.ips)+len(y.ips) > 2 {
				pairs = append(pairs, pair{x, y})
			}
		}
	}
	if len(pairs) == 0 {
		return
	}
	p := pick(a, pairs, "pair")
	lowest := func(list []string) string {
		return slices.MinFunc(list, func(a, b string) int { return netip.MustParseAddr(a).Compare(netip.MustParseAddr(b)) })
	}
	px, py := lowest(p.x.ips), lowest(p.y.ips)
	sx, sy := without(p.x.ips, []string{px}), without(p.y.ips, []string{py})
	p.x.ips, p.y.ips = append([]string{px}, sy...), append([]string{py}, sx...)
	p.x.count, p.y.count = -1, -1
}

// rephrase makes an inline attachment of an attachment, or the other way round.
func (a *author) rephrase() {
	if i := a.below(len(a.c.attachments)+1, "attachment") - 1; i >= 0 {
		x := a.c.attachments[i]
		if a.isPrimary(x.networkInterface) {
			return
		}
		for j, n := range a.c.interfaces {
			if n.name == x.networkInterface && slices.Contains(a.instancesFor(n), x.instance) {
				a.c.interfaces[j].inline = []inline{{x.instance, x.index}}
				a.c.attachments = slices.Delete(slices.Clone(a.c.attachments), i, i+1)
			}
		}
		return
	}
	for j, n := range a.c.interfaces {
		if len(n.inline) > 0 && a.chance(50, "this") {
			a.c.attachments = append(a.c.attachments, attachment{a.name("att"), n.name, n.inline[0].instance, n.inline[0].index})
			a.c.interfaces[j].inline = nil
			return
		}
	}
}

// handOn gives an address of one interface to another, old or new, or to a new
// instance.
func (a *author) handOn() {
	x := one(a, a.c.interfaces)
	if x == nil || len(x.ips) < 1 {
		return
	}
	address := pick(a, x.ips, "address")
	from := x.subnet
	if len(x.ips) > 1 {
		x.ips, x.count = without(x.ips, []string{address}), -1
	} else {
		a.removeInterfaceWithInstance(x.name)
	}
	switch a.below(3, "to") {
	case 0:
		a.c.interfaces = append(a.c.interfaces, networkInterface{name: a.name("eni"), subnet: from, ips: []string{address}, count: -1})
	case 1:
		a.c.instances = append(a.c.instances, instance{name: a.name("srv"), subnet: from, ip: address, typ: "t3.small", ami: images[0]})
	case 2:
		if y := one(a, a.c.interfaces); y != nil && y.subnet == from && len(y.ips) > 0 && !slices.Contains(y.ips, address) {
			y.ips, y.count = append(slices.Clone(y.ips), address), -1
		}
	}
}

func (a *author) changePrimary() {
	i := one(a, a.c.instances)
	if i == nil || i.primary == "" {
		return
	}
	if free := a.unattached(); len(free) > 0 {
		i.primary = pick(a, free, "primary")
	}
}
