package truth

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// configuration is what a person writes, as a value: all the resources by kind.
// Names are unique among all of them. A slice inside an element is never written
// to, so that a configuration is copied by [configuration.clone].
type configuration struct {
	vpcs        []vpc
	subnets     []subnet
	groups      []group
	interfaces  []networkInterface
	instances   []instance
	attachments []attachment
}

type vpc struct {
	name, cidr string
	hostnames  bool
}

type subnet struct{ name, vpc, cidr, zone string }

type group struct {
	name, vpc   string
	groupName   string // made up when empty
	description string
	rules       []rule
}

// rule lets TCP in from a block, or from another group.
type rule struct {
	port       int
	from, peer string
}

type networkInterface struct {
	name, subnet string
	ips          []string // private_ips
	ip           string   // private_ip
	count        int      // private_ips_count; unset when negative
	groups       []string
	description  string
	unchecked    bool // source_dest_check = false
	inline       []inline
}

type inline struct {
	instance string
	index    int
}

type instance struct {
	name, typ, ami string
	subnet         string
	ip             string
	secondary      []string
	groups         []string
	primary        string // an interface, instead of the three before
	userData       string
}

type attachment struct {
	name, networkInterface, instance string
	index                            int
}

func (c configuration) clone() configuration {
	return configuration{
		slices.Clone(c.vpcs), slices.Clone(c.subnets), slices.Clone(c.groups),
		slices.Clone(c.interfaces), slices.Clone(c.instances), slices.Clone(c.attachments),
	}
}

func (c configuration) size() int {
	return len(c.vpcs) + len(c.subnets) + len(c.groups) + len(c.interfaces) + len(c.instances) + len(c.attachments)
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var zero T
	return zero, false
}

func (c configuration) vpc(name string) (vpc, bool) {
	return find(c.vpcs, func(v vpc) bool { return v.name == name })
}

func (c configuration) subnet(name string) (subnet, bool) {
	return find(c.subnets, func(s subnet) bool { return s.name == name })
}

func (c configuration) group(name string) (group, bool) {
	return find(c.groups, func(g group) bool { return g.name == name })
}

func (c configuration) networkInterface(name string) (networkInterface, bool) {
	return find(c.interfaces, func(n networkInterface) bool { return n.name == name })
}

func (c configuration) instance(name string) (instance, bool) {
	return find(c.instances, func(i instance) bool { return i.name == name })
}

func (c configuration) attachment(name string) (attachment, bool) {
	return find(c.attachments, func(a attachment) bool { return a.name == name })
}

// declaration is a resource as Terraform sees it: arguments and blocks by name,
// made of ref, string, int, bool, and slices and maps of those.
type declaration struct {
	kind, name string
	arguments  map[string]any
	blocks     map[string][]map[string]any
}

func (d declaration) address() string { return d.kind + "." + d.name }

// ref is a reference to an attribute of another resource.
type ref struct{ kind, name, attribute string }

func (r ref) address() string { return r.kind + "." + r.name }

const (
	kindVPC        = "vpclab_vpc"
	kindSubnet     = "vpclab_subnet"
	kindGroup      = "vpclab_security_group"
	kindInterface  = "vpclab_network_interface"
	kindInstance   = "vpclab_instance"
	kindAttachment = "vpclab_network_interface_attachment"
)

func idOf(kind, name string) ref { return ref{kind, name, "id"} }

func idsOf(kind string, names []string) []any {
	refs := make([]any, len(names))
	for i, name := range names {
		refs[i] = idOf(kind, name)
	}
	return refs
}

func literals(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}

// declarations are the resources as Terraform sees them.
func (c configuration) declarations() (list []declaration) {
	add := func(kind, name string, arguments map[string]any, blocks map[string][]map[string]any) {
		if kind != kindAttachment {
			arguments["tags"] = map[string]any{"Name": name}
		}
		maps.DeleteFunc(arguments, func(_ string, v any) bool {
			list, isList := v.([]any)
			return v == "" || isList && len(list) == 0
		})
		list = append(list, declaration{kind, name, arguments, blocks})
	}
	for _, v := range c.vpcs {
		add(kindVPC, v.name, map[string]any{"cidr_block": v.cidr, "enable_dns_hostnames": v.hostnames}, nil)
	}
	for _, s := range c.subnets {
		add(kindSubnet, s.name, map[string]any{"vpc_id": idOf(kindVPC, s.vpc), "cidr_block": s.cidr, "availability_zone": s.zone}, nil)
	}
	for _, g := range c.groups {
		rules := make([]any, len(g.rules))
		for i, r := range g.rules {
			rules[i] = map[string]any{"protocol": "tcp", "from_port": r.port, "to_port": r.port, "self": false, "description": "",
				"cidr_blocks": literals(nonEmpty(r.from)), "security_groups": idsOf(kindGroup, nonEmpty(r.peer)),
				"ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{}}
		}
		arguments := map[string]any{"vpc_id": idOf(kindVPC, g.vpc), "name": g.groupName, "description": g.description}
		add(kindGroup, g.name, arguments, nil)
		arguments["ingress"] = rules // none is not the same as not said
	}
	for _, n := range c.interfaces {
		arguments := map[string]any{
			"subnet_id": idOf(kindSubnet, n.subnet), "private_ips": literals(n.ips), "private_ip": n.ip,
			"security_groups": idsOf(kindGroup, n.groups), "description": n.description,
		}
		if n.count >= 0 {
			arguments["private_ips_count"] = n.count
		}
		if n.unchecked {
			arguments["source_dest_check"] = false
		}
		var blocks []map[string]any
		for _, in := range n.inline {
			blocks = append(blocks, map[string]any{"instance": idOf(kindInstance, in.instance), "device_index": in.index})
		}
		add(kindInterface, n.name, arguments, map[string][]map[string]any{"attachment": blocks})
	}
	for _, i := range c.instances {
		arguments := map[string]any{"ami": i.ami, "instance_type": i.typ, "user_data": i.userData}
		blocks := map[string][]map[string]any{}
		if i.primary != "" {
			blocks["primary_network_interface"] = []map[string]any{{"network_interface_id": idOf(kindInterface, i.primary)}}
		} else if i.subnet != "" {
			arguments["subnet_id"] = idOf(kindSubnet, i.subnet)
			arguments["private_ip"] = i.ip
			arguments["secondary_private_ips"] = literals(i.secondary)
			arguments["vpc_security_group_ids"] = idsOf(kindGroup, i.groups)
		}
		add(kindInstance, i.name, arguments, blocks)
	}
	for _, a := range c.attachments {
		add(kindAttachment, a.name, map[string]any{
			"network_interface_id": idOf(kindInterface, a.networkInterface),
			"instance_id":          idOf(kindInstance, a.instance), "device_index": a.index,
		}, nil)
	}
	return list
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// references are the addresses of the resources that a declaration refers to.
func (d declaration) references() []string {
	found := map[string]bool{}
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case ref:
			found[v.address()] = true
		case []any:
			for _, e := range v {
				visit(e)
			}
		case map[string]any:
			for _, e := range v {
				visit(e)
			}
		}
	}
	visit(d.arguments)
	for _, list := range d.blocks {
		for _, b := range list {
			visit(b)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// evaluate gives the configuration of a resource as a value.
func (b block) evaluate(arguments map[string]any, blocks map[string][]map[string]any, scope func(ref) cty.Value) cty.Value {
	values := map[string]cty.Value{}
	for name, a := range b.attributes {
		values[name] = evaluate(arguments[name], a.typ, scope)
	}
	for name, n := range b.blocks {
		typ := b.typ.AttributeType(name)
		if !typ.IsCollectionType() {
			values[name] = cty.NullVal(typ)
			continue
		}
		var elements []cty.Value
		for _, arguments := range blocks[name] {
			elements = append(elements, n.evaluate(arguments, nil, scope))
		}
		values[name] = collection(typ, elements)
	}
	return cty.ObjectVal(values)
}

func evaluate(v any, typ cty.Type, scope func(ref) cty.Value) cty.Value {
	switch v := v.(type) {
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case int:
		return cty.NumberIntVal(int64(v))
	case ref:
		return scope(v)
	case []any:
		elements := make([]cty.Value, len(v))
		for i, e := range v {
			elements[i] = evaluate(e, typ.ElementType(), scope)
		}
		return collection(typ, elements)
	case map[string]any:
		values := map[string]cty.Value{}
		for name, e := range v {
			element := cty.String
			if typ.IsObjectType() {
				element = typ.AttributeType(name)
			}
			values[name] = evaluate(e, element, scope)
		}
		if typ.IsObjectType() {
			return cty.ObjectVal(values)
		}
		return cty.MapVal(values)
	}
	return cty.NullVal(typ)
}

// String writes the configuration down in Terraform's language.
func (c configuration) String() string {
	var b strings.Builder
	for _, d := range c.declarations() {
		fmt.Fprintf(&b, "resource %q %q {\n", d.kind, d.name)
		writeArguments(&b, "  ", d.arguments)
		for _, name := range slices.Sorted(maps.Keys(d.blocks)) {
			for _, block := range d.blocks[name] {
				fmt.Fprintf(&b, "  %s {\n", name)
				writeArguments(&b, "    ", block)
				b.WriteString("  }\n")
			}
		}
		if d.kind == kindGroup {
			b.WriteString("  lifecycle { create_before_destroy = true }\n")
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func writeArguments(b *strings.Builder, indent string, arguments map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		fmt.Fprintf(b, "%s%s = %s\n", indent, name, expression(arguments[name]))
	}
}

func expression(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case ref:
		return v.address() + "." + v.attribute
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = expression(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" = "+expression(v[name]))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return fmt.Sprint(v)
}
