package engine

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func() string { return rapid.String().Draw(t, "text") }
		flag := func() bool { return rapid.Bool().Draw(t, "flag") }
		number := func() int { return rapid.IntRange(-1, 65535).Draw(t, "number") }
		moment := func() time.Time {
			return time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), 0).UTC()
		}
		address := func() netip.Addr { return ec2.IPv4Address(rapid.Uint32().Draw(t, "address")) }
		prefix := func() netip.Prefix {
			return netip.PrefixFrom(address(), rapid.IntRange(0, 32).Draw(t, "bits")).Masked()
		}
		head := ec2.Header{ID: "x" + text(), Region: ec2.Region(text()), OwnerID: text(), ManagedBy: text()}
		if tags := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "tags"); len(tags) > 0 {
			head.Tags = tags
		}
		spec := ec2.RuleSpec{IPProtocol: text(), FromPort: number(), ToPort: number(), PrefixListID: text(), ReferencedGroupID: text()}
		if flag() {
			spec.CIDRIPv4 = prefix()
		}
		if flag() {
			spec.CIDRIPv6 = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 15: byte(number())}), 128)
		}
		n := &ec2.NetworkInterface{
			Header: head, VPCID: text(), SubnetID: text(), AvailabilityZone: text(), Description: text(), InterfaceType: text(), MACAddress: text(),
			PrivateIPAddresses: []netip.Addr{address(), address()}, Groups: []string{text()}, SourceDestCheck: flag(), LaunchedWith: text(),
		}
		if flag() {
			n.Attachment = &ec2.Attachment{ID: text(), InstanceID: text(), DeviceIndex: number(), NetworkCardIndex: number(), DeleteOnTermination: flag(), AttachTime: moment()}
		}
		i := &ec2.Instance{
			Header: head, ImageID: text(), InstanceType: text(), State: ec2.InstanceState(text()), VPCID: text(), SubnetID: text(), AvailabilityZone: text(),
			LaunchTime: moment(), KeyName: text(), Tenancy: text(), DisableAPITermination: flag(), DisableAPIStop: flag(), UserData: text(),
		}
		if flag() {
			i.TerminationTime = moment()
		}
		objects := []ec2.Object{
			&ec2.RegionRecord{Header: head, DefaultVPCID: text()},
			&ec2.VPC{Header: head, CIDRBlock: prefix(), IsDefault: flag(), InstanceTenancy: text(), EnableDNSSupport: flag(), EnableDNSHostnames: flag(),
				DefaultSecurityGroupID: text(), MainRouteTableID: text(), DefaultNetworkACLID: text(), DHCPOptionsID: text()},
			&ec2.Subnet{Header: head, VPCID: text(), CIDRBlock: prefix(), AvailabilityZone: text(), AvailabilityZoneID: text(), DefaultForAZ: flag(), MapPublicIPOnLaunch: flag()},
			&ec2.SecurityGroup{Header: head, VPCID: text(), Name: text(), Description: text()},
			&ec2.SecurityGroupRule{Header: head, GroupID: text(), IsEgress: flag(), Description: text(), RuleSpec: spec},
			i, n,
		}
		if len(objects) != len(kinds) {
			t.Fatalf("%d kinds are tried, %d there are", len(objects), len(kinds))
		}
		for _, o := range objects {
			document, err := Encode(o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(o.Ref().Kind, document)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(o, got, comparePrefixes); diff != "" {
				t.Fatalf("%s: -encoded +decoded:\n%s", o.Ref().Kind, diff)
			}
			again, err := Encode(got)
			if err != nil || string(again) != string(document) {
				t.Fatalf("encoded again: got %s, %v, want %s", again, err, document)
			}
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		kind     ec2.Kind
		document string
	}{
		{"a kind of tomorrow", "{}"},
		{ec2.KindAttachment, `{"id":"eni-attach-0"}`},
		{ec2.KindVPC, ""},
		{ec2.KindVPC, "null"},
		{ec2.KindVPC, "{}"},
		{ec2.KindVPC, `{"id":"vpc-0","cidr_block":"10.0.0.0/33"}`},
		{ec2.KindNetworkInterface, `{"id":"eni-0","private_ip_addresses":[]}`},
		{ec2.KindInstance, `[]`},
	} {
		if o, err := Decode(c.kind, []byte(c.document)); err == nil {
			t.Errorf("%s %s: got %+v, want an error", c.kind, c.document, o)
		}
	}
}

// FuzzDecode puts whatever can be decoded into a world. Check may find fault
// with it; nothing may panic.
func FuzzDecode(f *testing.F) {
	env, _ := newEnv("decode")
	for _, seed := range []string{
		`{"id":"vpc-0","region":"us-east-1","cidr_block":"10.0.0.0/16"}`,
		`{"id":"subnet-0","region":"us-east-1","vpc_id":"vpc-0","cidr_block":"10.0.0.0/31"}`,
		`{"id":"eni-0","region":"us-east-1","subnet_id":"subnet-0","private_ip_addresses":["10.0.0.0","::1"],"attachment":{"id":"x"}}`,
		`{"id":"i-0","region":"us-east-1","state":"terminated"}`,
	} {
		for kind := range kinds {
			f.Add(kind, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, document []byte) {
		if kind < 0 || kind >= len(kinds) {
			return
		}
		o, err := Decode(kinds[kind], document)
		if err != nil {
			return
		}
		w := New(env)
		subnet := &ec2.Subnet{Header: ec2.Header{ID: "subnet-0", Region: virginia, OwnerID: account}, VPCID: "vpc-0", CIDRBlock: block("10.0.0.0/28")}
		w.Load([]ec2.Object{subnet}, nil)
		w.Load([]ec2.Object{o}, nil)
		_ = fmt.Sprint(w.Check())
		w.Load([]ec2.Object{subnet}, []ec2.Ref{o.Ref()})
	})
}
