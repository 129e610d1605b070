package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

const (
	account  = "123456789012"
	virginia = ec2.Region("us-east-1")
	paris    = ec2.Region("eu-west-3")
	ami      = "ami-0123456789abcdef0"
)

// stream gives the same bytes for the same seed.
type stream struct {
	seed string
	n    uint64
	rest bytes.Buffer
}

func (s *stream) Read(p []byte) (int, error) {
	for s.rest.Len() < len(p) {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.seed), s.n))
		s.n++
		s.rest.Write(sum[:])
	}
	return s.rest.Read(p)
}

// clock goes on by a second whenever it is read.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

func newEnv(seed string) (Env, *clock) {
	c := &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	return Env{Account: account, Now: c.Now, Random: io.Reader(&stream{seed: seed}), ManagedBy: "terraform"}, c
}

// scene is a small lab in us-east-1. Instances are t3.small: 3 interfaces of
// 4 addresses each.
//
//	VPC main 10.0.0.0/16   subnet front 10.0.1.0/24 us-east-1a: instances server, standby; interfaces
//	                                    data 10.0.1.50, free; busy 10.0.1.60 + .61, on server at index 1
//	                       subnet back 10.0.2.0/24 us-east-1b: instance far
//	                       subnet tiny 10.0.3.0/28 us-east-1a, empty
//	                       groups web, app (which lets web in); busy and server have web
//	VPC other 10.9.0.0/16  subnet abroad 10.9.1.0/24 us-east-1a; group foreign
type scene struct {
	*World
	clock                     *clock
	main, other               *ec2.VPC
	front, back, tiny, abroad *ec2.Subnet
	web, app, foreign         *ec2.SecurityGroup
	webInApp                  *ec2.SecurityGroupRule
	server, standby, far      *ec2.Instance
	data, busy, serverPrimary *ec2.NetworkInterface
}

func newScene(t testing.TB) *scene {
	t.Helper()
	env, clock := newEnv("scene")
	s := &scene{World: New(env), clock: clock}
	tx := s.Begin().In(virginia)
	s.main = must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.0.0.0/16"), Tags: named("main")}))
	s.other = must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.9.0.0/16"), Tags: named("other")}))
	subnet := func(vpc *ec2.VPC, cidr, zone, name string) *ec2.Subnet {
		return must(tx.CreateSubnet(CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: block(cidr), AvailabilityZone: zone, Tags: named(name)}))
	}
	s.front = subnet(s.main, "10.0.1.0/24", "us-east-1a", "front")
	s.back = subnet(s.main, "10.0.2.0/24", "us-east-1b", "back")
	s.tiny = subnet(s.main, "10.0.3.0/28", "us-east-1a", "tiny")
	s.abroad = subnet(s.other, "10.9.1.0/24", "us-east-1a", "abroad")
	group := func(vpc *ec2.VPC, name string) *ec2.SecurityGroup {
		return must(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: name, Description: "test", VPCID: vpc.ID}))
	}
	s.web, s.app, s.foreign = group(s.main, "web"), group(s.main, "app"), group(s.other, "foreign")
	s.webInApp = must(tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{{RuleSpec: ec2.RuleSpec{IPProtocol: "tcp", FromPort: 80, ToPort: 80, ReferencedGroupID: s.web.ID}}}))[0]
	instance := func(subnet *ec2.Subnet, name string) *ec2.Instance {
		return must(tx.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "t3.small", SubnetID: subnet.ID, SecurityGroupIDs: []string{s.web.ID}, Tags: named(name)}))
	}
	s.server, s.standby, s.far = instance(s.front, "server"), instance(s.front, "standby"), instance(s.back, "far")
	s.data = must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID, PrivateIPAddresses: addrs("10.0.1.50"), Tags: named("data")}))
	s.busy = must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID, PrivateIPAddresses: addrs("10.0.1.60", "10.0.1.61"), Groups: []string{s.web.ID}, Tags: named("busy")}))
	must(tx.AttachNetworkInterface(AttachNetworkInterfaceInput{NetworkInterfaceID: s.busy.ID, InstanceID: s.server.ID, DeviceIndex: 1}))
	s.busy, _ = tx.NetworkInterface(s.busy.ID)
	s.serverPrimary, _ = tx.PrimaryInterface(s.server.ID)
	tx.Commit()
	wantSound(t, s.World)
	return s
}

// groups makes more security groups in the VPC main.
func (s *scene) groups(t *testing.T, n int) (ids []string) {
	t.Helper()
	tx := s.Begin().In(virginia)
	defer tx.Commit()
	for range n {
		name := ec2.NewID("g", s.Env().Random)
		ids = append(ids, must(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: name, Description: "test", VPCID: s.main.ID})).ID)
	}
	return ids
}

func (s *scene) fork() *World { return s.Fork() }

func (w *World) in(region ec2.Region) *ReadTx { return w.View().In(region) }

// want is what a case expects: a refusal, or none when code is empty.
type want struct {
	code      string
	parameter string
	says      []string     // stand in summary or detail: both sides of the clash
	holders   []ec2.Holder // without names
	release   int
}

// op is one case of an operation.
type op struct {
	name string
	do   func(tx *Tx) error
	want want
}

// play runs each case on a fork of the scene. A refused operation must have
// changed nothing, an accepted one must leave a sound world.
func (s *scene) play(t *testing.T, cases []op) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := s.fork()
			tx := w.Begin().In(virginia)
			err := c.do(tx)
			if c.want.code == "" {
				if err != nil {
					t.Fatalf("refused: %v\n%+v", err, err)
				}
				tx.Commit()
				wantSound(t, w)
				return
			}
			wantRefusal(t, tx.Reading(), err, c.want)
			if got := changes(tx.txn.Changes()); len(got) > 0 {
				t.Errorf("the refused operation changed %v", got)
			}
			tx.Abort()
		})
	}
}

func wantRefusal(t *testing.T, tx *ReadTx, err error, w want) {
	t.Helper()
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok {
		t.Fatalf("got error %v, want %s", err, w.code)
	}
	if refusal.Code != w.code || refusal.Parameter != w.parameter {
		t.Errorf("got %s on %s, want %s on %s: %s", refusal.Code, refusal.Parameter, w.code, w.parameter, refusal.Message)
	}
	for part, text := range map[string]string{"action": refusal.Action, "message": refusal.Message, "summary": refusal.Summary, "detail": refusal.Detail} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("the refusal has no %s: %+v", part, refusal)
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "..") && !strings.Contains(text, "...") {
			t.Errorf("the %s is badly formed: %q", part, text)
		}
	}
	told := refusal.Summary + "\n" + refusal.Explain()
	for _, words := range w.says {
		if !strings.Contains(told, words) {
			t.Errorf("the refusal does not say %q:\n%s", words, told)
		}
	}
	byID := cmpopts.SortSlices(func(a, b ec2.Holder) int { return strings.Compare(a.ID+a.Claim.Key, b.ID+b.Claim.Key) })
	if diff := cmp.Diff(w.holders, refusal.Holders, byID, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(ec2.Holder{}, "Name")); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
	if refusal.Release != w.release {
		t.Errorf("release: got %d, want %d", refusal.Release, w.release)
	}
	for _, h := range refusal.Holders {
		if !tx.Holds(h) && h.Claim.Kind != ec2.ClaimPerENI { // held from when it was overlooked
			t.Errorf("%v stands in the way but does not hold its claim", h)
		}
		if h.Name == "" {
			t.Errorf("%v has no name", h)
		}
	}
}

func wantSound(t testing.TB, w *World) {
	t.Helper()
	for _, v := range w.Check() {
		t.Errorf("violation: %s", v)
	}
}

// contents are the objects of a world, ordered.
func contents(w *World) []ec2.Object { return slices.Collect(w.View().Objects()) }

func diffWorlds(want, got *World) string {
	return cmp.Diff(contents(want), contents(got), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}))
}

// comparePrefixes lets go-cmp look at addresses.
var comparePrefixes = cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func no(_ any, err error) error { return err }

func block(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func addrs(list ...string) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, s := range list {
		out[i] = netip.MustParseAddr(s)
	}
	return out
}

func named(name string) ec2.Tags { return ec2.Tags{"Name": name} }

func holds(kind ec2.Kind, id string, claim ec2.ClaimKind, key string) ec2.Holder {
	return ec2.Holder{Ref: ec2.Ref{Kind: kind, ID: id}, Claim: ec2.Claim{Kind: claim, Key: key}}
}
