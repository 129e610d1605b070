package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func by(name string, values ...string) []Filter { return []Filter{{name, values}} }

func nameTags[T ec2.Object](objects []T) []string {
	var names []string
	for _, o := range objects {
		name := cmp.Or(o.Head().Tags.Name(), "-")
		if g, ok := any(o).(*ec2.SecurityGroup); ok {
			name = g.Name
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestDescribe(t *testing.T) {
	s := newScene(t)
	setUp := s.Begin().In(virginia)
	must(0, setUp.StopInstances(s.standby.ID))
	yes, off := true, false
	must(0, setUp.ModifyVPCAttribute(ModifyVPCAttributeInput{VPCID: s.main.ID, EnableDNSHostnames: &yes}))
	must(0, setUp.ModifyNetworkInterfaceAttribute(ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: s.data.ID, SourceDestCheck: &off}))
	must(setUp.In(paris).CreateVPC(CreateVPCInput{CIDRBlock: block("10.0.0.0/16"), Tags: named("paris")}))
	must(setUp.AuthorizeSecurityGroup(s.web.ID, false, []Rule{{RuleSpec: ec2.RuleSpec{IPProtocol: "-1", CIDRIPv4: block("192.0.2.0/24")}}}))
	setUp.Commit()
	tx := s.in(virginia)

	type row struct {
		filters []Filter
		want    string // names, joined by spaces; "-" has none
	}
	for kind, c := range map[string]struct {
		describe func(...Filter) ([]string, error)
		rows     []row
	}{
		"VPCs": {listing(tx.DescribeVPCs), []row{
			{nil, "main other"},
			{by("cidr", "10.0.0.0/16"), "main"},
			{by("cidr-block", "10.*"), "main other"},
			{by("is-default", "true"), ""},
			{by("isDefault", "false"), "main other"},
			{by("state", "available"), "main other"},
			{by("state", "pending"), ""},
			{by("vpc-id", s.main.ID, s.other.ID, s.main.ID, "vpc-0"), "main other"},
			{by("owner-id", account), "main other"},
			{by("dhcp-options-id", s.main.DHCPOptionsID), "main other"},
			{by("tag:Name", "m?in"), "main"},
			{by("tag:name", "main"), ""},
			{by("tag-key", "Name"), "main other"},
		}},
		"subnets": {listing(tx.DescribeSubnets), []row{
			{nil, "abroad back front tiny"},
			{by("vpc-id", s.main.ID), "back front tiny"},
			{append(by("vpc-id", s.main.ID), by("availability-zone", "us-east-1a")...), "front tiny"},
			{append(by("availabilityZone", "us-east-1a"), by("vpc-id", s.other.ID)...), "abroad"},
			{by("availability-zone-id", "use1-az2"), "back"},
			{by("cidr", "10.0.1.0/24", "10.0.3.0/28"), "front tiny"},
			{by("cidrBlock", "10.0.*"), "back front tiny"},
			{by("available-ip-address-count", "11"), "tiny"},
			{by("default-for-az", "true"), ""},
			{by("map-public-ip-on-launch", "false"), "abroad back front tiny"},
			{by("subnet-id", s.front.ID), "front"},
			{by("subnet-arn", s.front.ARN()), "front"},
			{by("state", "available"), "abroad back front tiny"},
		}},
		"groups": {listing(tx.DescribeSecurityGroups), []row{
			{nil, "app default default foreign web"},
			{by("group-name", "w*", "app"), "app web"},
			{by("group-id", s.web.ID), "web"},
			{by("vpc-id", s.other.ID), "default foreign"},
			{by("description", "default VPC security group"), "default default"},
			{by("ip-permission.group-id", s.web.ID), "app"},
			{by("ip-permission.group-name", "web"), "app"},
			{by("ip-permission.protocol", "tcp"), "app"},
			{by("ip-permission.from-port", "80"), "app"},
			{by("ip-permission.to-port", "-1"), ""},
			{by("ip-permission.cidr", "192.0.2.0/24"), "web"},
			{by("ip-permission.user-id", account), "app default default"},
			{by("egress.ip-permission.cidr", "0.0.0.0/0"), "app default default foreign web"},
			{by("egress.ip-permission.protocol", "tcp"), ""},
		}},
		"interfaces": {listing(tx.DescribeNetworkInterfaces), []row{
			{by("network-interface-id", s.busy.ID, s.data.ID), "busy data"},
			{by("status", "available"), "data"},
			{by("attachment.status", "detached"), "data"},
			{by("attachment.instance-id", s.server.ID), "- busy"},
			{by("attachment.attachment-id", s.busy.Attachment.ID), "busy"},
			{by("attachment.device-index", "1"), "busy"},
			{by("attachment.delete-on-termination", "false"), "busy"},
			{by("addresses.private-ip-address", "10.0.1.61"), "busy"},
			{by("private-ip-address", "10.0.1.5?"), "data"},
			{by("addresses.primary", "false"), "busy"},
			{append(by("subnet-id", s.front.ID), by("group-name", "default")...), "data"},
			{append(by("group-id", s.web.ID), by("tag-key", "Name")...), "busy"},
			{by("mac-address", s.data.MACAddress), "data"},
			{by("source-dest-check", "false"), "data"},
			{by("private-dns-name", "ip-10-0-1-50.ec2.internal"), "data"},
			{append(by("vpc-id", s.main.ID), by("availability-zone", "us-east-1b")...), "-"},
			{by("vpc-id", s.other.ID), ""},
			{by("association.public-ip", "*"), ""},
			{by("requester-id", "*"), ""},
			{append(by("interface-type", "interface"), by("tag:Name", "*")...), "busy data"},
			{append(by("description", "*"), by("owner-id", account)...), ""},
		}},
		"instances": {listing(tx.DescribeInstances), []row{
			{nil, "far server standby"},
			{by("instance-id", s.far.ID), "far"},
			{by("instance-state-name", "running"), "far server"},
			{by("instance-state-code", "80"), "standby"},
			{by("instance-type", "t3.*"), "far server standby"},
			{by("subnet-id", s.front.ID), "server standby"},
			{by("vpc-id", s.main.ID), "far server standby"},
			{by("availability-zone", "us-east-1b"), "far"},
			{by("private-ip-address", s.serverPrimary.PrivateIP().String()), "server"},
			{by("network-interface.addresses.private-ip-address", "10.0.1.61"), "server"},
			{by("network-interface.attachment.device-index", "1"), "server"},
			{by("instance.group-id", s.web.ID), "far server standby"},
			{by("instance.group-name", "app"), ""},
			{by("image-id", ami), "far server standby"},
			{by("architecture", "x86_64"), "far server standby"},
			{by("tag:Name", "s*"), "server standby"},
			{append(by("tag:Name", "s*"), by("tag:Name", "*r")...), "server"},
		}},
	} {
		for _, r := range c.rows {
			got, err := c.describe(r.filters...)
			want := strings.Split(r.want, " ")
			if r.want == "" {
				want = nil
			}
			if err != nil {
				t.Errorf("%s %v: %v", kind, r.filters, err)
			} else if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s %v: -want +got:\n%s", kind, r.filters, diff)
			}
		}
	}
}

func listing[T ec2.Object](describe func(...Filter) ([]T, error)) func(...Filter) ([]string, error) {
	return func(filters ...Filter) ([]string, error) {
		objects, err := describe(filters...)
		if !slices.IsSortedFunc(objects, func(a, b T) int { return strings.Compare(a.Head().ID, b.Head().ID) }) {
			panic("not sorted by id")
		}
		return nameTags(objects), err
	}
}

func TestDescribeAvailabilityZones(t *testing.T) {
	tx := newScene(t).in("eu-west-3")
	for _, c := range []struct {
		filters []Filter
		want    string
	}{
		{nil, "eu-west-3a eu-west-3b eu-west-3c"},
		{by("zone-name", "*b"), "eu-west-3b"},
		{by("zone-id", "euw3-az1"), "eu-west-3a"},
		{by("state", "available"), "eu-west-3a eu-west-3b eu-west-3c"},
		{by("opt-in-status", "opt-in-not-required"), "eu-west-3a eu-west-3b eu-west-3c"},
		{by("opt-in-status", "opted-in"), ""},
		{by("region-name", "eu-west-3"), "eu-west-3a eu-west-3b eu-west-3c"},
		{by("zone-type", "local-zone"), ""},
		{by("group-name", "eu-west-3-zg-1"), "eu-west-3a eu-west-3b eu-west-3c"},
		{by("message", "*"), ""},
	} {
		var got []string
		for _, z := range must(tx.DescribeAvailabilityZones(c.filters...)) {
			got = append(got, z.Name)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: got %q, want %q", c.filters, s, c.want)
		}
	}
	if _, err := tx.DescribeAvailabilityZones(by("tag:Name", "x")...); err == nil {
		t.Error("zones have no tags, and their filter passed")
	}
}

func TestDescribeRefusesUnknownFilters(t *testing.T) {
	tx := newScene(t).in(virginia)
	for _, c := range []struct{ name, near string }{
		{"subnet_id", `"subnet-id"`},
		{"availability_zone", `"availability-zone"`},
		{"name", `"tag-key"`},
		{"tag:", `"tag:KEY"`},
		{"attachment.device-inedx", `"attachment.device-index"`},
		{"", "names"},
	} {
		_, err := tx.DescribeNetworkInterfaces(by(c.name, "x")...)
		w := want{code: "InvalidParameterValue", parameter: "Filter", says: []string{c.near}}
		if c.name == "name" {
			w.says = nil
		}
		wantRefusal(t, tx, err, w)
		if refusal := err.(*ec2.Error); refusal.Message != "The filter '"+c.name+"' is invalid" {
			t.Errorf("got %q", refusal.Message)
		}
	}
	_, err := tx.DescribeSubnets(by("subnet-id")...)
	wantRefusal(t, tx, err, want{code: "InvalidParameterValue", parameter: "Filter", says: []string{"subnet-id"}})
}

// What an index finds is what a scan finds.
func TestIndexedFiltersAgreeWithScans(t *testing.T) {
	s := newScene(t)
	tx := s.in(virginia)
	all := must(tx.DescribeNetworkInterfaces())
	for _, name := range slices.Sorted(maps.Keys(interfaceProperties)) {
		values := map[string]bool{}
		for _, n := range all {
			for _, v := range interfaceProperties[name](tx, n) {
				values[v] = true
			}
		}
		for v := range values {
			indexed := must(tx.DescribeNetworkInterfaces(by(name, v)...))
			scanned := must(tx.DescribeNetworkInterfaces(by(name, v, `\**`)...))
			if diff := gocmp.Diff(nameTags(indexed), nameTags(scanned)); diff != "" || len(indexed) == 0 {
				t.Errorf("%s = %s: -indexed +scanned:\n%s", name, v, diff)
			}
		}
	}
}
