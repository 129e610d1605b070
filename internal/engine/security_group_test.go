package engine

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestCreateSecurityGroup(t *testing.T) {
	s := newScene(t)
	create := func(name, description, vpc string) func(*Tx) error {
		return func(tx *Tx) error {
			return no(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: name, Description: description, VPCID: vpc}))
		}
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	s.play(t, []op{
		{"a new name", create("db", "test", s.main.ID), want{}},
		{"a name another VPC has", create("web", "test", s.other.ID), want{}},
		{"a name in other letters", create("WEB", "test", s.main.ID), want{}},
		{"without a VPC it is the default one", create("web", "test", ""), want{}},
		{"a name with a slash", create("a/b", "test", s.main.ID), want{}},
		{"a name the VPC has", create("web", "test", s.main.ID), want{
			code: "InvalidGroup.Duplicate", parameter: "GroupName", says: []string{"\"web\"", "\"main\""},
			holders: []ec2.Holder{holds(ec2.KindSecurityGroup, s.web.ID, ec2.ClaimGroupName, s.main.ID+"/web")},
		}},
		{"the name default", create("default", "test", s.main.ID), bad("GroupName", "default")},
		{"a name like an id", create("sg-web", "test", s.main.ID), bad("GroupName", "sg-")},
		{"no name", create("", "test", s.main.ID), bad("GroupName")},
		{"no description", create("db", "", s.main.ID), bad("GroupDescription")},
		{"a description too long", create("db", strings.Repeat("x", 256), s.main.ID), bad("GroupDescription", "255", "256")},
		{"in a VPC that is not there", create("db", "test", "vpc-0"), want{code: "InvalidVpcID.NotFound", parameter: "VpcId", says: []string{"vpc-0"}}},
	})
}

func TestDeleteSecurityGroup(t *testing.T) {
	s := newScene(t)
	tx := s.in(virginia)
	standbyPrimary, _ := tx.PrimaryInterface(s.standby.ID)
	farPrimary, _ := tx.PrimaryInterface(s.far.ID)
	depends := func(kind ec2.Kind, id string) ec2.Holder { return holds(kind, id, ec2.ClaimDependency, s.web.ID) }
	s.play(t, []op{
		{"one nothing uses", func(tx *Tx) error { return tx.DeleteSecurityGroup(s.foreign.ID) }, want{}},
		{"one that refers to others and to itself", func(tx *Tx) error {
			must(tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{{RuleSpec: ec2.RuleSpec{IPProtocol: "all", ReferencedGroupID: s.app.ID}}}))
			return tx.DeleteSecurityGroup(s.app.ID)
		}, want{}},
		{"interfaces and a rule of another group use it", func(tx *Tx) error { return tx.DeleteSecurityGroup(s.web.ID) }, want{
			code: "DependencyViolation", parameter: "GroupId",
			says: []string{"security group \"web\"", "\"busy\"", "instance \"server\"", "instance \"standby\"", "instance \"far\"", "ingress rule", "\"app\""},
			holders: []ec2.Holder{
				depends(ec2.KindNetworkInterface, s.busy.ID), depends(ec2.KindNetworkInterface, s.serverPrimary.ID),
				depends(ec2.KindNetworkInterface, standbyPrimary.ID), depends(ec2.KindNetworkInterface, farPrimary.ID),
				depends(ec2.KindSecurityGroupRule, s.webInApp.ID),
			},
		}},
		{"a default group", func(tx *Tx) error { return tx.DeleteSecurityGroup(s.other.DefaultSecurityGroupID) },
			want{code: "CannotDelete", parameter: "GroupId", says: []string{"default", "\"other\""}}},
		{"one that is not there", func(tx *Tx) error { return tx.DeleteSecurityGroup("sg-0") }, want{code: "InvalidGroup.NotFound", parameter: "GroupId", says: []string{"sg-0"}}},
	})
}

func TestAuthorizeSecurityGroup(t *testing.T) {
	s := newScene(t)
	authorize := func(egress bool, rules ...Rule) func(*Tx) error {
		return func(tx *Tx) error { return no(tx.AuthorizeSecurityGroup(s.app.ID, egress, rules)) }
	}
	rule := func(protocol string, from, to int, source string) Rule {
		spec := ec2.RuleSpec{IPProtocol: protocol, FromPort: from, ToPort: to}
		switch {
		case strings.HasPrefix(source, "sg-"):
			spec.ReferencedGroupID = source
		case strings.HasPrefix(source, "pl-"):
			spec.PrefixListID = source
		case strings.Contains(source, ":"):
			spec.CIDRIPv6 = block(source)
		default:
			spec.CIDRIPv4 = block(source)
		}
		return Rule{RuleSpec: spec}
	}
	ports := func(n int) (rules []Rule) {
		for i := range n {
			rules = append(rules, rule("tcp", i, i, "10.0.0.0/8"))
		}
		return rules
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	twice := rule("tcp", 22, 22, "10.0.0.0/8")
	described := twice
	described.Description = "another"
	both := twice
	both.CIDRIPv6 = block("::/0")
	wrongFamily := Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: 1, ToPort: 1, CIDRIPv4: block("::/0")}}

	s.play(t, []op{
		{"ports of tcp", authorize(false, twice), want{}},
		{"the same in the other direction", authorize(true, rule("tcp", 80, 80, s.web.ID)), want{}},
		{"protocol 6 is tcp, beside another port", authorize(false, rule("6", 81, 81, s.web.ID)), want{}},
		{"itself", authorize(false, rule("-1", -1, -1, s.app.ID)), want{}},
		{"a prefix list", authorize(false, rule("udp", 53, 53, "pl-0123456789abcdef0")), want{}},
		{"sixty of a family", authorize(false, ports(59)...), want{}}, // the one for web counts too
		{"no rule at all", authorize(false), want{}},
		{"one more than sixty of a family", func(tx *Tx) error {
			must(tx.AuthorizeSecurityGroup(s.app.ID, false, ports(59)))
			must(tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{rule("tcp", 1, 2, "::/0")})) // the other family
			return nil
		}, want{}},
		{"far more than sixty, which no letting go could mend", authorize(false, ports(61)...), want{
			code: "RulesPerSecurityGroupLimitExceeded", parameter: "IpPermissions", says: []string{"\"app\"", "62", "60"},
			holders: nil,
		}},
		{"a rule there is", authorize(false, rule("TCP", 80, 80, s.web.ID)), want{
			code: "InvalidPermission.Duplicate", parameter: "IpPermissions", says: []string{"\"app\"", "80", s.web.ID},
			holders: []ec2.Holder{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRule, s.app.ID+"/ingress/tcp/80/80/"+s.web.ID)},
		}},
		{"a rule twice", authorize(false, twice, described), bad("IpPermissions", "TCP", "22", "10.0.0.0/8")},
		{"a rule twice, in other bits", authorize(false, twice, rule("tcp", 22, 22, "10.1.2.3/8")), bad("IpPermissions", "10.0.0.0/8")},
		{"two sources", authorize(false, both), bad("IpPermissions", "2")},
		{"no source", authorize(false, Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "-1"}}), bad("IpPermissions", "0")},
		{"a block of the other family", authorize(false, wrongFamily), bad("CidrIp", "::/0")},
		{"a protocol there is not", authorize(false, rule("tpc", 1, 1, "10.0.0.0/8")), bad("IpProtocol", "tpc")},
		{"ports with all protocols", authorize(false, rule("-1", 80, 80, "10.0.0.0/8")), bad("FromPort", "80")},
		{"ports downwards", authorize(false, rule("udp", 81, 80, "10.0.0.0/8")), bad("FromPort", "81", "80")},
		{"a port too high", authorize(false, rule("udp", 80, 65536, "10.0.0.0/8")), bad("FromPort", "65536")},
		{"an ICMP code too high", authorize(false, rule("icmp", 3, 65535, "10.0.0.0/8")), bad("FromPort", "65535")},
		{"a group of another VPC", authorize(false, rule("-1", 0, 0, s.foreign.ID)), want{
			code: "InvalidGroup.NotFound", parameter: "ReferencedGroupId", says: []string{"\"foreign\"", "\"other\"", "\"app\"", "\"main\""}}},
		{"a group that is not there", authorize(false, rule("-1", 0, 0, "sg-0")), want{code: "InvalidGroup.NotFound", parameter: "ReferencedGroupId", says: []string{"sg-0"}}},
		{"a prefix list's id badly formed", authorize(false, rule("-1", 0, 0, "pl-x")), want{code: "InvalidPrefixListId.Malformed", parameter: "PrefixListId", says: []string{"pl-x"}}},
		{"a reserved tag", authorize(false, Rule{RuleSpec: twice.RuleSpec, Tags: ec2.Tags{"aws:x": ""}}), bad("Tag", "aws:x")},
		{"a description too long", authorize(false, Rule{RuleSpec: twice.RuleSpec, Description: strings.Repeat("x", 256)}), bad("Description", "255")},
		{"in a group that is not there", func(tx *Tx) error { return no(tx.AuthorizeSecurityGroup("sg-0", false, nil)) }, want{code: "InvalidGroup.NotFound", parameter: "GroupId", says: []string{"sg-0"}}},
	})
}

func TestRuleQuotaNamesTheRulesInTheWay(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	var v4 []Rule
	for i := range 59 {
		v4 = append(v4, Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: i, ToPort: i, CIDRIPv4: anyIPv4}})
	}
	made := must(tx.AuthorizeSecurityGroup(s.app.ID, false, v4))
	v6 := Rule{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: 1, ToPort: 1, CIDRIPv6: netip.MustParsePrefix("::/0")}}
	must(tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{v6}))

	w := want{code: "RulesPerSecurityGroupLimitExceeded", parameter: "IpPermissions", says: []string{"\"app\"", "61 ingress rules for IPv4", "60"}, release: 1}
	slots := s.app.ID + "/ingress/IPv4"
	for _, r := range append(made, s.webInApp) {
		w.holders = append(w.holders, holds(ec2.KindSecurityGroupRule, r.ID, ec2.ClaimRuleSlots, slots))
	}
	wantRefusal(t, tx.Reading(), no(tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{{RuleSpec: ec2.RuleSpec{IPProtocol: "udp", FromPort: 1, ToPort: 1, CIDRIPv4: anyIPv4}}})), w)
}

func TestRevokeSecurityGroup(t *testing.T) {
	s := newScene(t)
	spec := s.webInApp.RuleSpec
	upper := spec
	upper.IPProtocol = "TCP"
	absent := spec
	absent.FromPort = 79
	s.play(t, []op{
		{"a rule there is", func(tx *Tx) error { return tx.RevokeSecurityGroup(s.app.ID, false, []ec2.RuleSpec{spec}) }, want{}},
		{"in other letters", func(tx *Tx) error { return tx.RevokeSecurityGroup(s.app.ID, false, []ec2.RuleSpec{upper}) }, want{}},
		{"the default egress rule as Terraform writes it", func(tx *Tx) error {
			return tx.RevokeSecurityGroup(s.app.ID, true, []ec2.RuleSpec{{IPProtocol: "all", CIDRIPv4: anyIPv4}})
		}, want{}},
		{"of two, one there is not", func(tx *Tx) error { return tx.RevokeSecurityGroup(s.app.ID, false, []ec2.RuleSpec{spec, absent}) },
			want{code: "InvalidPermission.NotFound", parameter: "IpPermissions", says: []string{"\"app\"", "79"}}},
		{"in the other direction", func(tx *Tx) error { return tx.RevokeSecurityGroup(s.app.ID, true, []ec2.RuleSpec{spec}) },
			want{code: "InvalidPermission.NotFound", parameter: "IpPermissions", says: []string{"\"app\"", "egress"}}},
		{"of a group that is not there", func(tx *Tx) error { return tx.RevokeSecurityGroup("sg-0", true, nil) },
			want{code: "InvalidGroup.NotFound", parameter: "GroupId", says: []string{"sg-0"}}},
	})
}

func TestMessageOfADuplicateRule(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	defer tx.Abort()
	for _, c := range []struct {
		spec ec2.RuleSpec
		want string
	}{
		{ec2.RuleSpec{IPProtocol: "tcp", FromPort: 22, ToPort: 22, CIDRIPv4: anyIPv4}, `the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists`},
		{ec2.RuleSpec{IPProtocol: "-1", CIDRIPv4: block("10.0.0.0/19")}, `the specified rule "peer: 10.0.0.0/19, ALL, ALLOW" already exists`},
	} {
		must(tx.AuthorizeSecurityGroup(s.web.ID, false, []Rule{{RuleSpec: c.spec}}))
		err := no(tx.AuthorizeSecurityGroup(s.web.ID, false, []Rule{{RuleSpec: c.spec}})).(*ec2.Error)
		if err.Message != c.want {
			t.Errorf("got  %s\nwant %s", err.Message, c.want)
		}
	}
}
