package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// maxRulesPerGroup is EC2's default quota "Inbound or outbound rules per
// security group", which holds for each direction and each address family on
// its own (Amazon VPC User Guide, "Amazon VPC quotas").
const maxRulesPerGroup = 60

// Rule is one rule to authorize.
type Rule struct {
	ec2.RuleSpec
	Description string
	Tags        ec2.Tags
}

// AuthorizeSecurityGroup adds rules to a security group; it is
// AuthorizeSecurityGroupIngress or, with egress, AuthorizeSecurityGroupEgress.
// Errors: InvalidGroup.NotFound, InvalidPermission.Duplicate,
// InvalidParameterValue, RulesPerSecurityGroupLimitExceeded.
func (tx *Tx) AuthorizeSecurityGroup(groupID string, egress bool, rules []Rule) ([]*ec2.SecurityGroupRule, error) {
	action := "AuthorizeSecurityGroup" + directionTitle(egress)
	group, err := tx.group(action, "GroupId", groupID)
	if err != nil {
		return nil, err
	}
	rules = slices.Clone(rules)
	seen := map[string]bool{}
	for i, rule := range rules {
		if rule.RuleSpec, err = tx.checkRule(action, group, rule); err != nil {
			return nil, err
		}
		rules[i] = rule
		k := ruleKey(groupID, egress, rule.RuleSpec)
		if seen[k] {
			return nil, &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "IpPermissions",
				Message: "The same permission must not appear multiple times",
				Summary: "The same rule stands in the security group twice",
				Detail:  fmt.Sprintf("The %s rule %s appears more than once. The description does not tell rules apart.", direction(egress), ruleInWords(rule.RuleSpec)),
				Remedy:  "Remove one of them.",
			}
		}
		seen[k] = true
		if err := tx.ruleTaken(action, group, egress, rule.RuleSpec); err != nil {
			return nil, err
		}
	}
	if err := tx.checkRuleCount(action, group, egress, rules); err != nil {
		return nil, err
	}
	var made []*ec2.SecurityGroupRule
	for _, rule := range rules {
		object := &ec2.SecurityGroupRule{
			Header:      tx.header(ec2.PrefixSecurityGroupRule, rule.Tags),
			GroupID:     groupID,
			IsEgress:    egress,
			Description: rule.Description,
			RuleSpec:    rule.RuleSpec,
		}
		tx.put(object)
		made = append(made, object)
	}
	tx.did(action, groupID)
	return made, nil
}

// checkRule judges one rule and gives it in normal form.
func (tx *Tx) checkRule(action string, group *ec2.SecurityGroup, rule Rule) (ec2.RuleSpec, error) {
	spec := rule.RuleSpec
	const summary = "The security group cannot have this rule"
	protocol, err := ec2.NormalizeProtocol(spec.IPProtocol)
	if err != nil {
		return spec, invalid(action, "IpProtocol", summary, err)
	}
	spec.IPProtocol = protocol
	if err := ec2.CheckPorts(protocol, spec.FromPort, spec.ToPort); err != nil {
		refusal := invalid(action, "FromPort", summary, err)
		refusal.Message = portMessage(protocol, spec)
		return spec, refusal
	}
	if protocol == ec2.ProtocolAll {
		spec.FromPort, spec.ToPort = -1, -1
	}
	if spec, err = checkRuleSource(action, spec); err != nil {
		return spec, err
	}
	if err := ec2.CheckRuleDescription(rule.Description); err != nil {
		return spec, invalid(action, "Description", summary, err)
	}
	if err := checkTags(action, rule.Tags); err != nil {
		return spec, err
	}
	if id := spec.ReferencedGroupID; id != "" && id != group.ID {
		other, err := tx.group(action, "ReferencedGroupId", id)
		if err != nil {
			return spec, err
		}
		if other.VPCID != group.VPCID {
			return spec, &ec2.Error{
				Action: action, Code: "InvalidGroup.NotFound", Parameter: "ReferencedGroupId",
				Message: "You have specified two resources that belong to different networks.",
				Summary: "A rule cannot refer to a security group of another VPC",
				Detail: fmt.Sprintf("The %s is of the %s; the %s of the %s.",
					tx.nameGroup(other), tx.nameVPCByID(other.VPCID), tx.nameGroup(group), tx.nameVPCByID(group.VPCID)),
				Remedy: "Use a CIDR block, or a security group of the same VPC.",
			}
		}
	}
	return spec, nil
}

// portMessage is EC2's answer to ports that do not go with a protocol.
func portMessage(protocol string, spec ec2.RuleSpec) string {
	switch protocol {
	case ec2.ProtocolAll:
		return "You may not specify all protocols and specific ports. Please specify each protocol and port range combination individually, or all protocols and no port range."
	case "icmp", "icmpv6":
		if spec.FromPort < -1 || spec.FromPort > 255 {
			return fmt.Sprintf("ICMP type (%d) out of range", spec.FromPort)
		}
		return fmt.Sprintf("ICMP code (%d) out of range", spec.ToPort)
	case "tcp", "udp":
		if spec.FromPort == -1 || spec.ToPort == -1 {
			return "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
		}
	}
	return "Invalid TCP/UDP port range."
}

// checkRuleSource demands exactly one source of a rule, and gives the rule with
// its CIDR block as EC2 keeps it: without bits after the prefix length.
func checkRuleSource(action string, spec ec2.RuleSpec) (ec2.RuleSpec, error) {
	sources := 0
	for _, given := range []bool{spec.CIDRIPv4 != netip.Prefix{}, spec.CIDRIPv6 != netip.Prefix{}, spec.PrefixListID != "", spec.ReferencedGroupID != ""} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return spec, &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "IpPermissions",
			Message: "Invalid value for IpPermissions: exactly one source or destination must be specified",
			Summary: "A security group rule has exactly one source or destination",
			Detail:  fmt.Sprintf("This one has %d.", sources),
			Remedy:  "Give either an IPv4 CIDR block, an IPv6 CIDR block, a prefix list or a security group; make several rules for several sources.",
		}
	}
	for _, block := range []struct {
		parameter string
		prefix    *netip.Prefix
		ok        bool
	}{
		{"CidrIp", &spec.CIDRIPv4, spec.CIDRIPv4.IsValid() && spec.CIDRIPv4.Addr().Is4()},
		{"CidrIpv6", &spec.CIDRIPv6, spec.CIDRIPv6.IsValid() && spec.CIDRIPv6.Addr().Is6()},
	} {
		if *block.prefix == (netip.Prefix{}) {
			continue
		}
		if !block.ok {
			return spec, &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: block.parameter,
				Message: fmt.Sprintf("CIDR block %s is malformed", block.prefix),
				Summary: "The security group cannot have this rule",
				Detail:  fmt.Sprintf("%s is not a block of the address family that %s takes.", block.prefix, block.parameter),
			}
		}
		*block.prefix = block.prefix.Masked()
	}
	if spec.PrefixListID != "" {
		if err := ec2.CheckID(ec2.PrefixManagedPrefixList, spec.PrefixListID); err != nil {
			refusal := invalid(action, "PrefixListId", "The security group cannot have this rule", err)
			refusal.Code = "InvalidPrefixListId.Malformed"
			return spec, refusal
		}
	}
	return spec, nil
}

func (tx *Tx) ruleTaken(action string, group *ec2.SecurityGroup, egress bool, spec ec2.RuleSpec) error {
	var holders []ec2.Holder
	k := ruleKey(group.ID, egress, spec)
	for r := range all[*ec2.SecurityGroupRule](tx.ReadTx, ec2.KindSecurityGroupRule, bySpec, k) {
		holders = append(holders, tx.heldByRule(r, ec2.ClaimRule, k))
	}
	if holders = tx.standing(holders); len(holders) == 0 {
		return nil
	}
	return &ec2.Error{
		Action: action, Code: "InvalidPermission.Duplicate", Parameter: "IpPermissions",
		Message: fmt.Sprintf("the specified rule \"peer: %s, %s, ALLOW\" already exists", ruleSource(spec), protocolInWords(spec)),
		Summary: "The security group has this rule already",
		Detail:  fmt.Sprintf("The %s has the %s rule %s. The description does not tell rules apart.", tx.nameGroup(group), direction(egress), ruleInWords(spec)),
		Remedy:  "Keep one of the two rules.",
		Holders: holders,
	}
}

// The address families, each with a quota of its own.
const (
	familyIPv4 = "IPv4"
	familyIPv6 = "IPv6"
)

// families are those whose quota a rule counts against: one that refers to a
// group or a prefix list counts in both.
func families(spec ec2.RuleSpec) []string {
	switch {
	case spec.CIDRIPv4.IsValid():
		return []string{familyIPv4}
	case spec.CIDRIPv6.IsValid():
		return []string{familyIPv6}
	default:
		return []string{familyIPv4, familyIPv6}
	}
}

// checkRuleCount holds the quota against the rules a group has and those to
// come, family by family.
func (tx *Tx) checkRuleCount(action string, group *ec2.SecurityGroup, egress bool, more []Rule) error {
	for _, family := range []string{familyIPv4, familyIPv6} {
		coming := 0
		for _, rule := range more {
			if slices.Contains(families(rule.RuleSpec), family) {
				coming++
			}
		}
		var holders []ec2.Holder
		for _, r := range tx.SecurityGroupRules(group.ID, egress) {
			if slices.Contains(families(r.RuleSpec), family) {
				holders = append(holders, tx.heldByRule(r, ec2.ClaimRuleSlots, ruleSlotsKey(group.ID, egress, family)))
			}
		}
		standing := tx.standing(holders)
		over := len(standing) + coming - maxRulesPerGroup
		if coming == 0 || over <= 0 {
			continue
		}
		refusal := &ec2.Error{
			Action: action, Code: "RulesPerSecurityGroupLimitExceeded", Parameter: "IpPermissions",
			Message: "The maximum number of rules per security group has been reached.",
			Summary: "Too many rules for one security group",
			Detail: fmt.Sprintf("The %s would have %d %s rules for %s; it has at most %d in each direction and address family. A rule that refers to a security group or a prefix list counts in both families.",
				tx.nameGroup(group), len(standing)+coming, direction(egress), family, maxRulesPerGroup),
			Remedy: "Merge neighbouring CIDR blocks, or spread the rules over several groups.",
		}
		if over <= len(standing) { // else it would not do if all of them let go
			refusal.Holders, refusal.Release = standing, over
		}
		return refusal
	}
	return nil
}

// RevokeSecurityGroup takes rules out of a security group; it is
// RevokeSecurityGroupIngress or, with egress, RevokeSecurityGroupEgress.
// Errors: InvalidGroup.NotFound, InvalidPermission.NotFound.
func (tx *Tx) RevokeSecurityGroup(groupID string, egress bool, specs []ec2.RuleSpec) error {
	action := "RevokeSecurityGroup" + directionTitle(egress)
	group, err := tx.group(action, "GroupId", groupID)
	if err != nil {
		return err
	}
	rules := make([]ec2.Ref, len(specs))
	for i, spec := range specs {
		rule, ok := tx.first(ec2.KindSecurityGroupRule, bySpec, ruleKey(groupID, egress, normalRule(spec)))
		if !ok {
			return &ec2.Error{
				Action: action, Code: "InvalidPermission.NotFound", Parameter: "IpPermissions",
				Message: "The specified rule does not exist in this security group.",
				Summary: "The security group does not have this rule",
				Detail:  fmt.Sprintf("The %s has no %s rule %s.", tx.nameGroup(group), direction(egress), ruleInWords(spec)),
				Remedy:  "It may have been revoked already; a description does not tell rules apart.",
			}
		}
		rules[i] = rule.Ref()
	}
	for _, rule := range rules {
		tx.remove(rule)
	}
	tx.did(action, groupID)
	return nil
}

// normalRule gives a rule in the form the world keeps, or as it is when no rule
// of that form can exist.
func normalRule(spec ec2.RuleSpec) ec2.RuleSpec {
	if protocol, err := ec2.NormalizeProtocol(spec.IPProtocol); err == nil {
		spec.IPProtocol = protocol
	}
	if spec.IPProtocol == ec2.ProtocolAll {
		spec.FromPort, spec.ToPort = -1, -1
	}
	spec.CIDRIPv4, spec.CIDRIPv6 = spec.CIDRIPv4.Masked(), spec.CIDRIPv6.Masked()
	return spec
}

// SecurityGroupRules are the rules of a security group in one direction, in
// the order of their ids.
func (tx *ReadTx) SecurityGroupRules(groupID string, egress bool) []*ec2.SecurityGroupRule {
	var rules []*ec2.SecurityGroupRule
	for r := range all[*ec2.SecurityGroupRule](tx, ec2.KindSecurityGroupRule, byGroup, groupID) {
		if r.IsEgress == egress && r.Region == tx.region {
			rules = append(rules, r)
		}
	}
	return rules
}

func direction(egress bool) string {
	if egress {
		return "egress"
	}
	return "ingress"
}

func directionTitle(egress bool) string { return sentence(direction(egress)) }

func ruleSource(spec ec2.RuleSpec) string {
	for _, p := range []netip.Prefix{spec.CIDRIPv4, spec.CIDRIPv6} {
		if p.IsValid() {
			return p.String()
		}
	}
	return spec.PrefixListID + spec.ReferencedGroupID
}

// protocolInWords writes a rule's protocol and ports as EC2 does in its
// messages.
func protocolInWords(spec ec2.RuleSpec) string {
	if spec.IPProtocol == ec2.ProtocolAll {
		return "ALL"
	}
	return fmt.Sprintf("%s, from port: %d, to port: %d", strings.ToUpper(spec.IPProtocol), spec.FromPort, spec.ToPort)
}

func ruleInWords(spec ec2.RuleSpec) string {
	return fmt.Sprintf("(%s, %s)", protocolInWords(spec), ruleSource(spec))
}

// RulesReferring are the rules of a security group and those of other groups
// that refer to it.
func (tx *ReadTx) RulesReferring(groupID string) []*ec2.SecurityGroupRule {
	rules := slices.Collect(all[*ec2.SecurityGroupRule](tx, ec2.KindSecurityGroupRule, byGroup, groupID))
	for r := range all[*ec2.SecurityGroupRule](tx, ec2.KindSecurityGroupRule, byReference, groupID) {
		if r.GroupID != groupID {
			rules = append(rules, r)
		}
	}
	return rules
}
