package rehearsal_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

const region = ec2.Region("us-west-3")

// counter is a source of randomness that never repeats itself.
type counter struct{ n uint64 }

func (c *counter) Read(p []byte) (int, error) {
	c.n++
	return copy(p, bytes.Repeat(binary.BigEndian.AppendUint64(nil, c.n), len(p)/8+1)), nil
}

// stage is a lab with two instances, two interfaces and a subnet that has one
// address left, and a rehearsal over it.
type stage struct {
	t         *testing.T
	world     *engine.World
	rehearsal *rehearsal.Rehearsal

	subnet, full string
	one, two     *ec2.Instance
	vip, spare   *ec2.NetworkInterface

	group   string
	guarded *ec2.NetworkInterface // the one that has the group
}

func (s *stage) Fork(context.Context) (*engine.World, error) { return s.world.Fork(), nil }

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, world: engine.New(engine.Env{
		Account:   "123456789012",
		Now:       func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Random:    &counter{},
		ManagedBy: "terraform",
	})}
	s.rehearsal = rehearsal.New(s)
	s.change(func(tx *engine.Tx) {
		vpc := must(tx.CreateVPC(engine.CreateVPCInput{CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}))
		subnet := func(block string) string {
			return must(tx.CreateSubnet(engine.CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: netip.MustParsePrefix(block)})).ID
		}
		s.subnet, s.full = subnet("10.0.1.0/24"), subnet("10.0.2.0/28")
		s.one = must(tx.RunInstances(instanceIn(s.subnet, "one")))
		s.two = must(tx.RunInstances(instanceIn(s.subnet, "two")))
		s.vip = must(tx.CreateNetworkInterface(interfaceIn(s.subnet, "vip", "10.0.1.50")))
		s.spare = must(tx.CreateNetworkInterface(interfaceIn(s.subnet, "spare")))
		s.group = must(tx.CreateSecurityGroup(engine.CreateSecurityGroupInput{GroupName: "guard", Description: "guard", VPCID: vpc.ID})).ID
		guarded := interfaceIn(s.subnet, "guarded")
		guarded.Groups = []string{s.group}
		s.guarded = must(tx.CreateNetworkInterface(guarded))
		for range ec2.UsableAddresses(netip.MustParsePrefix("10.0.2.0/28")) {
			must(tx.CreateNetworkInterface(interfaceIn(s.full, "")))
		}
	})
	return s
}

func instanceIn(subnet, name string) engine.RunInstancesInput {
	return engine.RunInstancesInput{ImageID: "ami-0123456789abcdef0", InstanceType: "t3.micro", SubnetID: subnet, Tags: ec2.Tags{"Name": name}}
}

func interfaceIn(subnet, name string, addresses ...string) engine.CreateNetworkInterfaceInput {
	in := engine.CreateNetworkInterfaceInput{SubnetID: subnet}
	if name != "" {
		in.Tags = ec2.Tags{"Name": name}
	}
	for _, a := range addresses {
		in.PrivateIPAddresses = append(in.PrivateIPAddresses, netip.MustParseAddr(a))
	}
	return in
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// change changes the lab itself.
func (s *stage) change(do func(*engine.Tx)) {
	s.t.Helper()
	tx := s.world.Begin()
	do(tx.In(region))
	tx.Commit()
	if violations := s.world.Check(); len(violations) > 0 {
		s.t.Fatalf("the lab is inconsistent: %v", violations)
	}
}

func (s *stage) attach(n *ec2.NetworkInterface, i *ec2.Instance) *ec2.Attachment {
	var a *ec2.Attachment
	s.change(func(tx *engine.Tx) { a = must(tx.AttachNetworkInterface(attachment(n, i, 1))) })
	return a
}

func attachment(n *ec2.NetworkInterface, i *ec2.Instance, device int) engine.AttachNetworkInterfaceInput {
	return engine.AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: i.ID, DeviceIndex: device}
}

// The steps of a plan.

func (s *stage) perform(step rehearsal.Step) error {
	step.Region = region
	if step.Holds == nil {
		step.Holds = func(*engine.ReadTx) []ec2.Ref { return nil }
	}
	return s.rehearsal.Perform(s.t.Context(), step)
}

func (s *stage) create(name string, play func(*engine.Tx) error) error {
	return s.perform(rehearsal.Step{Name: name, Play: play})
}

func (s *stage) update(ref ec2.Ref, play func(*engine.Tx) error) error {
	return s.perform(rehearsal.Step{Holds: holding(ref), Play: play})
}

func (s *stage) delete(ref ec2.Ref, play func(*engine.Tx) error) error {
	return s.perform(rehearsal.Step{Holds: holding(ref), Play: play, Removal: true})
}

func (s *stage) keep(ref ec2.Ref) error { return s.perform(rehearsal.Step{Holds: holding(ref)}) }

func (s *stage) vague(ref ec2.Ref) error {
	return s.perform(rehearsal.Step{Holds: holding(ref), Vague: true})
}

func holding(refs ...ec2.Ref) func(*engine.ReadTx) []ec2.Ref {
	return func(*engine.ReadTx) []ec2.Ref { return refs }
}

func attaching(n *ec2.NetworkInterface, i *ec2.Instance, device int) func(*engine.Tx) error {
	return func(tx *engine.Tx) error {
		_, err := tx.AttachNetworkInterface(attachment(n, i, device))
		return err
	}
}

func detaching(a *ec2.Attachment) func(*engine.Tx) error {
	return func(tx *engine.Tx) error { return tx.DetachNetworkInterface(a.ID) }
}

func creating(in engine.CreateNetworkInterfaceInput) func(*engine.Tx) error {
	return func(tx *engine.Tx) error {
		_, err := tx.CreateNetworkInterface(in)
		return err
	}
}

func attachmentRef(a *ec2.Attachment) ec2.Ref { return ec2.Ref{Kind: ec2.KindAttachment, ID: a.ID} }

func (s *stage) possible(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("the plan refuses what is possible: %v", err)
	}
}

func (s *stage) refused(err error, code string, words ...string) {
	s.t.Helper()
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok || refusal.Code != code {
		s.t.Fatalf("got %v, want a refusal with code %s", err, code)
	}
	for _, w := range words {
		if !strings.Contains(refusal.Explain(), w) {
			s.t.Errorf("the explanation does not mention %q:\n%s", w, refusal.Explain())
		}
	}
}

func TestPlanSeesWhatIsPlanned(t *testing.T) {
	s := newStage(t)
	var planned *ec2.NetworkInterface
	s.possible(s.create("new", func(tx *engine.Tx) (err error) {
		planned, err = tx.CreateNetworkInterface(interfaceIn(s.subnet, "new", "10.0.1.77"))
		return err
	}))
	if !s.rehearsal.Provisional(planned.ID) {
		t.Errorf("%s is not provisional", planned.ID)
	}
	s.possible(s.create("attachment", attaching(planned, s.one, 1)))
	err := s.create("another", creating(interfaceIn(s.subnet, "", "10.0.1.77")))
	s.refused(err, "InvalidIPAddress.InUse", `network interface "new"`)
	if refusal, _ := errors.AsType[*ec2.Error](err); strings.Contains(refusal.Explain(), planned.ID) {
		t.Errorf("a made-up id is shown:\n%s", refusal.Explain())
	}
	if _, exists := s.world.View().In(region).NetworkInterface(planned.ID); exists {
		t.Error("the plan has changed the lab")
	}
}

func TestWalkBeginsAnew(t *testing.T) {
	s := newStage(t)
	s.possible(s.create("x", attaching(s.vip, s.one, 1)))
	s.rehearsal.Begin()
	s.possible(s.create("x", attaching(s.vip, s.two, 1)))
}

// A holder in the lab may let go later in the plan, whatever the order.
func TestAdjournedVerdict(t *testing.T) {
	type test struct {
		name string
		// claim asks for what the holder has; hold is what is planned for the
		// holder.
		claim, hold func(*stage) error
		before      func(*stage)
		refused     string // the code, if the two cannot both be
	}
	var held *ec2.Attachment
	attached := func(s *stage) { held = s.attach(s.vip, s.one) }
	claimInterface := func(s *stage) error { return s.create("claimant", attaching(s.vip, s.two, 1)) }
	claimDevice := func(s *stage) error { return s.create("claimant", attaching(s.spare, s.one, 1)) }
	claimAddress := func(s *stage) error { return s.create("claimant", creating(interfaceIn(s.subnet, "", "10.0.1.50"))) }
	claimRoom := func(s *stage) error { return s.create("claimant", creating(interfaceIn(s.full, ""))) }
	first := func(s *stage) *ec2.NetworkInterface {
		for o := range s.world.View().Objects() {
			if n, ok := o.(*ec2.NetworkInterface); ok && n.SubnetID == s.full {
				return n
			}
		}
		panic("no interface in the full subnet")
	}
	deleting := func(n *ec2.NetworkInterface) func(*engine.Tx) error {
		return func(tx *engine.Tx) error { return tx.DeleteNetworkInterface(n.ID) }
	}
	for _, test := range []test{
		{
			name: "interface let go", before: attached, claim: claimInterface,
			hold: func(s *stage) error { return s.delete(attachmentRef(held), detaching(held)) },
		},
		{
			name: "interface kept", before: attached, claim: claimInterface,
			hold: func(s *stage) error { return s.keep(attachmentRef(held)) }, refused: "InvalidParameterValue",
		},
		{
			name: "interface perhaps let go", before: attached, claim: claimInterface,
			hold: func(s *stage) error { return s.vague(attachmentRef(held)) },
		},
		{
			name: "device index let go", before: attached, claim: claimDevice,
			hold: func(s *stage) error { return s.delete(attachmentRef(held), detaching(held)) },
		},
		{
			name: "device index kept", before: attached, claim: claimDevice,
			hold: func(s *stage) error { return s.keep(attachmentRef(held)) }, refused: "InvalidParameterValue",
		},
		{
			name: "address let go by deletion", claim: claimAddress,
			hold: func(s *stage) error { return s.delete(s.vip.Ref(), deleting(s.vip)) },
		},
		{
			name: "address kept by an update", claim: claimAddress,
			hold: func(s *stage) error {
				return s.update(s.vip.Ref(), func(tx *engine.Tx) error {
					return tx.SetTags(s.vip.Ref(), ec2.Tags{"Name": "still here"})
				})
			},
			refused: "InvalidIPAddress.InUse",
		},
		{
			name: "address let go by an update", claim: func(s *stage) error {
				return s.create("claimant", creating(interfaceIn(s.subnet, "", "10.0.1.60")))
			},
			before: func(s *stage) {
				s.change(func(tx *engine.Tx) {
					must(tx.AssignPrivateIPAddresses(engine.AssignPrivateIPAddressesInput{
						NetworkInterfaceID: s.vip.ID, PrivateIPAddresses: []netip.Addr{netip.MustParseAddr("10.0.1.60")},
					}))
				})
			},
			hold: func(s *stage) error {
				return s.update(s.vip.Ref(), func(tx *engine.Tx) error {
					return tx.UnassignPrivateIPAddresses(s.vip.ID, []netip.Addr{netip.MustParseAddr("10.0.1.60")})
				})
			},
		},
		{
			name: "room in a full subnet", claim: claimRoom,
			hold: func(s *stage) error { n := first(s); return s.delete(n.Ref(), deleting(n)) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, claimFirst := range []bool{true, false} {
				s := newStage(t)
				if test.before != nil {
					test.before(s)
				}
				steps := []func(*stage) error{test.hold, test.claim}
				if claimFirst {
					steps = []func(*stage) error{test.claim, test.hold}
				}
				s.possible(steps[0](s))
				err := steps[1](s)
				if test.refused == "" {
					s.possible(err)
				} else {
					s.refused(err, test.refused)
				}
			}
		})
	}
}

func TestSubnetIsFullWhenEveryHolderKeeps(t *testing.T) {
	s := newStage(t)
	s.possible(s.create("claimant", creating(interfaceIn(s.full, ""))))
	var err error
	for o := range s.world.View().Objects() {
		if n, ok := o.(*ec2.NetworkInterface); ok && n.SubnetID == s.full {
			s.possible(err)
			err = s.keep(n.Ref())
		}
	}
	s.refused(err, "InsufficientFreeAddressesInSubnet", "claimant")
}

func TestSwap(t *testing.T) {
	s := newStage(t)
	a, b := s.attach(s.vip, s.one), s.attach(s.spare, s.two)
	s.possible(s.delete(attachmentRef(a), detaching(a)))
	s.possible(s.create("a", attaching(s.vip, s.two, 1)))
	s.possible(s.delete(attachmentRef(b), detaching(b)))
	s.possible(s.create("b", attaching(s.spare, s.one, 1)))
}

// What nobody manages will not let go: the plan refuses at once.
func TestUnmanagedHolder(t *testing.T) {
	s := newStage(t)
	env := s.world.Env()
	env.ManagedBy = ""
	s.world = s.world.ForkWith(env)
	s.change(func(tx *engine.Tx) { must(tx.CreateNetworkInterface(interfaceIn(s.subnet, "by hand", "10.0.1.99"))) })
	s.refused(s.create("claimant", creating(interfaceIn(s.subnet, "", "10.0.1.99"))), "InvalidIPAddress.InUse", "by hand")
}

func TestPrimaryInterfaceStaysWithItsInstance(t *testing.T) {
	deleting := func(s *stage) error {
		primary, _ := s.world.View().In(region).PrimaryInterface(s.one.ID)
		return s.delete(attachmentRef(primary.Attachment), detaching(primary.Attachment))
	}
	t.Run("instance stays", func(t *testing.T) {
		s := newStage(t)
		s.possible(deleting(s))
		s.refused(s.keep(s.one.Ref()), "OperationNotPermitted", `instance "one"`)
	})
	t.Run("instance has been kept", func(t *testing.T) {
		s := newStage(t)
		s.possible(s.keep(s.one.Ref()))
		s.refused(deleting(s), "OperationNotPermitted", `instance "one"`)
	})
	t.Run("instance goes", func(t *testing.T) {
		s := newStage(t)
		s.possible(deleting(s))
		s.possible(s.delete(s.one.Ref(), func(tx *engine.Tx) error { return tx.TerminateInstances(s.one.ID) }))
	})
}

// The order in which a plan deletes does not matter.
func TestRemovalOverlooksDependents(t *testing.T) {
	s := newStage(t)
	s.possible(s.delete(ec2.Ref{Kind: ec2.KindSubnet, ID: s.subnet}, func(tx *engine.Tx) error { return tx.DeleteSubnet(s.subnet) }))
	s.possible(s.delete(s.vip.Ref(), func(tx *engine.Tx) error { return tx.DeleteNetworkInterface(s.vip.ID) }))
}

// What is planned to stay as it is holds what it depends on.
func TestRemovalWithADependentThatStays(t *testing.T) {
	deleting := func(s *stage) error {
		return s.delete(ec2.Ref{Kind: ec2.KindSecurityGroup, ID: s.group}, func(tx *engine.Tx) error { return tx.DeleteSecurityGroup(s.group) })
	}
	keeping := func(s *stage) error { return s.keep(s.guarded.Ref()) }
	touching := func(s *stage) error {
		return s.update(s.guarded.Ref(), func(tx *engine.Tx) error { return tx.SetTags(s.guarded.Ref(), ec2.Tags{"Name": "guarded"}) })
	}
	leaving := func(s *stage) error {
		return s.update(s.guarded.Ref(), func(tx *engine.Tx) error {
			vpc, _ := tx.VPC(s.guarded.VPCID)
			groups := []string{vpc.DefaultSecurityGroupID}
			return tx.ModifyNetworkInterfaceAttribute(engine.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: s.guarded.ID, Groups: &groups})
		})
	}
	going := func(s *stage) error {
		return s.delete(s.guarded.Ref(), func(tx *engine.Tx) error { return tx.DeleteNetworkInterface(s.guarded.ID) })
	}
	for name, test := range map[string]struct {
		dependent func(*stage) error
		refused   bool
	}{
		"kept":                           {keeping, true},
		"changed, and keeps it":          {touching, true},
		"changed, and lets go":           {leaving, false},
		"deleted":                        {going, false},
		"perhaps lets go":                {func(s *stage) error { return s.vague(s.guarded.Ref()) }, false},
		"not planned (-target, removed)": {func(*stage) error { return nil }, false},
	} {
		for _, dependentFirst := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				s := newStage(t)
				steps := []func(*stage) error{deleting, test.dependent}
				if dependentFirst {
					steps = []func(*stage) error{test.dependent, deleting}
				}
				s.possible(steps[0](s))
				if err := steps[1](s); test.refused {
					s.refused(err, "DependencyViolation", `network interface "guarded"`)
				} else {
					s.possible(err)
				}
			})
		}
	}
}

// Which address is chosen shows at apply only: one that is asked for by name is
// there as long as the subnet has room for all.
func TestChosenAddressMakesWay(t *testing.T) {
	s := newStage(t)
	for range 3 {
		s.possible(s.create("some address", creating(interfaceIn(s.subnet, ""))))
	}
	for _, a := range []string{"10.0.1.7", "10.0.1.8", "10.0.1.9", "10.0.1.10"} {
		s.possible(s.create("this address", creating(interfaceIn(s.subnet, "", a))))
	}
	s.refused(s.create("taken address", creating(interfaceIn(s.subnet, "", "10.0.1.8"))), "InvalidIPAddress.InUse")
}
