package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// inlineRuleModel is an element of a security group's ingress or egress. It
// stands for one EC2 rule per source.
type inlineRuleModel struct {
	CIDRBlocks     types.List   `tfsdk:"cidr_blocks"`
	Description    types.String `tfsdk:"description"`
	FromPort       types.Int64  `tfsdk:"from_port"`
	IPv6CIDRBlocks types.List   `tfsdk:"ipv6_cidr_blocks"`
	PrefixListIDs  types.List   `tfsdk:"prefix_list_ids"`
	Protocol       types.String `tfsdk:"protocol"`
	SecurityGroups types.Set    `tfsdk:"security_groups"`
	Self           types.Bool   `tfsdk:"self"`
	ToPort         types.Int64  `tfsdk:"to_port"`
}

// inlineRuleType makes ingress and egress attributes of objects, and no nested
// blocks, so that Terraform takes the block syntax and `= []` alike.
var inlineRuleType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"cidr_blocks":      types.ListType{ElemType: types.StringType},
	"description":      types.StringType,
	"from_port":        types.Int64Type,
	"ipv6_cidr_blocks": types.ListType{ElemType: types.StringType},
	"prefix_list_ids":  types.ListType{ElemType: types.StringType},
	"protocol":         types.StringType,
	"security_groups":  types.SetType{ElemType: types.StringType},
	"self":             types.BoolType,
	"to_port":          types.Int64Type,
}}

// aboutRules describes the fields, which have no place for descriptions of their own.
const aboutRules = " Written as blocks, or as a set of objects that have all fields; `[]` stands for no rules, " +
	"and without any the rules are left as they are. A rule has" +
	"\n  - `protocol`: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for every protocol;" +
	"\n  - `from_port` and `to_port`: the first and the last port, for ICMP the type and the code, for every protocol `0` and `0`;" +
	"\n  - `cidr_blocks`, `ipv6_cidr_blocks`, `prefix_list_ids`, `security_groups` (ids) or `self` (the group itself): the other side of the traffic;" +
	"\n  - `description`, of at most 255 characters."

// inlineRules takes the elements apart into the rules they stand for. groupID is
// the group's own id, for `self`.
func inlineRules(set types.Set, groupID string) []engine.Rule {
	var models []inlineRuleModel
	if set.ElementsAs(context.Background(), &models, false).HasError() {
		return nil // an element is unknown
	}
	var rules []engine.Rule
	for _, m := range models {
		rules = append(rules, m.rules(groupID)...)
	}
	return rules
}

func (m inlineRuleModel) rules(groupID string) []engine.Rule {
	var rules []engine.Rule
	add := func(set func(*ec2.RuleSpec)) {
		spec := ec2.RuleSpec{IPProtocol: m.Protocol.ValueString(), FromPort: int(m.FromPort.ValueInt64()), ToPort: int(m.ToPort.ValueInt64())}
		set(&spec)
		rules = append(rules, engine.Rule{RuleSpec: spec, Description: m.Description.ValueString()})
	}
	for _, s := range core.Strings(m.CIDRBlocks) {
		add(func(r *ec2.RuleSpec) { r.CIDRIPv4, _ = netip.ParsePrefix(s) })
	}
	for _, s := range core.Strings(m.IPv6CIDRBlocks) {
		add(func(r *ec2.RuleSpec) { r.CIDRIPv6, _ = netip.ParsePrefix(s) })
	}
	for _, s := range core.Strings(m.PrefixListIDs) {
		add(func(r *ec2.RuleSpec) { r.PrefixListID = s })
	}
	groups := core.Strings(m.SecurityGroups)
	if m.Self.ValueBool() && !slices.Contains(groups, groupID) {
		groups = append(groups, groupID)
	}
	for _, s := range groups {
		add(func(r *ec2.RuleSpec) { r.ReferencedGroupID = s })
	}
	return rules
}

// normal gives a rule in the form in which the world keeps it, so that two that
// mean the same are equal.
func normal(r engine.Rule) engine.Rule {
	if protocol, err := ec2.NormalizeProtocol(r.IPProtocol); err == nil {
		r.IPProtocol = protocol
	}
	if r.IPProtocol == ec2.ProtocolAll {
		r.FromPort, r.ToPort = -1, -1
	}
	r.Tags = nil
	return r
}

// ruleKey makes a rule comparable.
type ruleKey struct {
	ec2.RuleSpec
	description string
}

func keyOf(r engine.Rule) ruleKey {
	r = normal(r)
	return ruleKey{r.RuleSpec, r.Description}
}

func keysOf(rules []engine.Rule) map[ruleKey]bool {
	keys := map[ruleKey]bool{}
	for _, r := range rules {
		keys[keyOf(r)] = true
	}
	return keys
}

// syncRules gives the group exactly the wanted rules in one direction, and
// leaves those it has already alone.
func syncRules(tx *engine.Tx, groupID string, egress bool, wanted []engine.Rule) error {
	want := keysOf(wanted)
	has := map[ruleKey]bool{}
	var surplus []ec2.RuleSpec
	for _, r := range tx.SecurityGroupRules(groupID, egress) {
		k := ruleKey{r.RuleSpec, r.Description}
		if has[k] = true; !want[k] {
			surplus = append(surplus, r.RuleSpec)
		}
	}
	missing := slices.DeleteFunc(slices.Clone(wanted), func(r engine.Rule) bool { return has[keyOf(r)] })
	if len(surplus) > 0 {
		if err := tx.RevokeSecurityGroup(groupID, egress, surplus); err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err := tx.AuthorizeSecurityGroup(groupID, egress, missing)
	return err
}

// revokeAll takes all rules of one direction away.
func revokeAll(tx *engine.Tx, groupID string, egress bool) error {
	return syncRules(tx, groupID, egress, nil)
}

// readInlineRules gives the group's rules in the grouping the state has them in
// when that means the same; else grouped by protocol, ports and description.
func readInlineRules(known types.Set, actual []*ec2.SecurityGroupRule, groupID string) types.Set {
	is := map[ruleKey]bool{}
	for _, r := range actual {
		is[ruleKey{r.RuleSpec, r.Description}] = true
	}
	if !known.IsNull() && !known.IsUnknown() && maps.Equal(is, keysOf(inlineRules(known, groupID))) {
		return known
	}
	return groupRules(actual, groupID)
}

// groupRules puts rules together that differ in their source only.
func groupRules(rules []*ec2.SecurityGroupRule, groupID string) types.Set {
	type group struct {
		protocol, description string
		from, to              int
	}
	members := map[group][]*ec2.SecurityGroupRule{}
	for _, r := range rules {
		g := group{r.IPProtocol, r.Description, r.FromPort, r.ToPort}
		if r.IPProtocol == ec2.ProtocolAll {
			g.from, g.to = 0, 0
		}
		members[g] = append(members[g], r)
	}
	var elements []attr.Value
	for g, members := range members {
		var v4, v6, lists, groups []string
		self := false
		for _, r := range members {
			switch {
			case r.CIDRIPv4.IsValid():
				v4 = append(v4, r.CIDRIPv4.String())
			case r.CIDRIPv6.IsValid():
				v6 = append(v6, r.CIDRIPv6.String())
			case r.PrefixListID != "":
				lists = append(lists, r.PrefixListID)
			case r.ReferencedGroupID == groupID:
				self = true
			default:
				groups = append(groups, r.ReferencedGroupID)
			}
		}
		elements = append(elements, types.ObjectValueMust(inlineRuleType.AttrTypes, map[string]attr.Value{
			"cidr_blocks":      core.StringList(core.Sorted(v4)),
			"description":      types.StringValue(g.description),
			"from_port":        types.Int64Value(int64(g.from)),
			"ipv6_cidr_blocks": core.StringList(core.Sorted(v6)),
			"prefix_list_ids":  core.StringList(core.Sorted(lists)),
			"protocol":         types.StringValue(g.protocol),
			"security_groups":  core.StringSet(core.Sorted(groups)),
			"self":             types.BoolValue(self),
			"to_port":          types.Int64Value(int64(g.to)),
		}))
	}
	slices.SortFunc(elements, func(a, b attr.Value) int { return cmp.Compare(a.String(), b.String()) })
	return types.SetValueMust(inlineRuleType, elements)
}

// sameRules plans the rules as the state has them where the configuration says
// the same in other words: in another grouping, with another name of a protocol,
// or, after an import, with null for what is empty.
type sameRulesModifier struct{}

var sameRules planmodifier.Set = sameRulesModifier{}

func (sameRulesModifier) Description(context.Context) string {
	return "rules in other words are the same rules"
}

func (m sameRulesModifier) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameRulesModifier) PlanModifySet(ctx context.Context, req planmodifier.SetRequest, resp *planmodifier.SetResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsNull() || !core.IsFullyKnown(req.PlanValue) {
		return
	}
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	was, will := inlineRules(req.StateValue, id.ValueString()), inlineRules(req.PlanValue, id.ValueString())
	// A rule that stands there twice is for EC2 to refuse.
	if len(was) == len(will) && maps.Equal(keysOf(was), keysOf(will)) {
		resp.PlanValue = req.StateValue
	}
}

// nameSuffixLength is the length of what is added to name_prefix.
const nameSuffixLength = engine.UniqueSuffixLength

var madeUp = regexp.MustCompile(fmt.Sprintf(`^(.*)[0-9a-f]{%d}$`, nameSuffixLength))

func madeUpName(tx *engine.Tx, prefix string) string {
	return tx.UniqueName(cmp.Or(prefix, "terraform-"))
}

// checkNamePrefix judges a prefix as the name that is made of it will be judged.
func checkNamePrefix(prefix string) error {
	const longest = 255 - nameSuffixLength
	switch n := utf8.RuneCountInString(prefix); {
	case n > longest:
		return fmt.Errorf("a name_prefix has at most %d characters, to which %d are added; this one has %d", longest, nameSuffixLength, n)
	case prefix == "default":
		return nil // with something added, it is a name like any other
	}
	return ec2.CheckGroupName(prefix)
}

// namePrefix is the prefix of a name that was made up, else empty.
func namePrefix(name string) string {
	if m := madeUp.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// inlineRulesValidator judges rules as far as they are known.
type inlineRulesValidator struct{}

var validInlineRules validator.Set = inlineRulesValidator{}

func (inlineRulesValidator) Description(context.Context) string {
	return "each rule has a valid protocol, port range, source and description"
}

func (v inlineRulesValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (inlineRulesValidator) ValidateSet(ctx context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsNull() || object.IsUnknown() {
			continue
		}
		var m inlineRuleModel
		if diags := object.As(ctx, &m, objectAsOptions); diags.HasError() {
			resp.Diagnostics.Append(diags...)
			continue
		}
		if err := m.check(); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtSetValue(element), "The security group cannot have this rule", err.Error()+".")
		}
	}
}

func (m inlineRuleModel) check() error {
	if m.Protocol.IsNull() || m.FromPort.IsNull() || m.ToPort.IsNull() {
		return fmt.Errorf("a rule needs protocol, from_port and to_port")
	}
	for _, s := range core.Strings(m.CIDRBlocks) {
		if _, err := ec2.ParseIPv4CIDR(s); err != nil {
			return err
		}
	}
	for _, s := range core.Strings(m.IPv6CIDRBlocks) {
		if _, err := ec2.ParseIPv6CIDR(s); err != nil {
			return err
		}
	}
	for _, s := range core.Strings(m.PrefixListIDs) {
		if err := ec2.CheckID(ec2.PrefixManagedPrefixList, s); err != nil {
			return err
		}
	}
	for _, s := range core.Strings(m.SecurityGroups) {
		if err := ec2.CheckID(ec2.PrefixSecurityGroup, s); err != nil {
			return err
		}
	}
	if err := ec2.CheckRuleDescription(m.Description.ValueString()); err != nil {
		return err
	}
	if m.Protocol.IsUnknown() || m.FromPort.IsUnknown() || m.ToPort.IsUnknown() {
		return nil
	}
	if _, err := ec2.NormalizeProtocol(m.Protocol.ValueString()); err != nil {
		return err
	}
	return ec2.CheckPorts(m.Protocol.ValueString(), int(m.FromPort.ValueInt64()), int(m.ToPort.ValueInt64()))
}
