package engine

import (
	"errors"
	"maps"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// overlooking plays an operation as a rehearsal does: again and again, until
// every holder in its way is overlooked. It gives those.
func overlooking(t *testing.T, w *World, do func(*Tx) error) []ec2.Holder {
	t.Helper()
	overlooked := map[ec2.Holder]bool{}
	for range 10 {
		tx := w.Begin().In(virginia)
		tx.Overlook(func(h ec2.Holder) bool { return overlooked[h] })
		err := do(tx)
		if err == nil {
			tx.Commit()
			var list []ec2.Holder
			for h := range maps.Keys(overlooked) {
				list = append(list, h)
			}
			return list
		}
		tx.Abort()
		refusal, ok := errors.AsType[*ec2.Error](err)
		if !ok || len(refusal.Holders) == 0 {
			t.Fatalf("refused for good: %v", err)
		}
		for _, h := range refusal.Holders {
			overlooked[h] = true
		}
	}
	t.Fatal("refused although every holder is overlooked")
	return nil
}

// In each case one object claims what another holds; either may let go first.
func TestOverlookedClaims(t *testing.T) {
	s := newScene(t)
	setUp := s.Begin().In(virginia)
	full := must(setUp.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 10}))
	twins := must(setUp.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "hpc7a.96xlarge", SubnetID: s.front.ID, Tags: named("twins")}))
	var slots []string // both slots of a network card
	for device := 1; device <= 2; device++ {
		in := attachInput(must(setUp.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID})), twins, device)
		in.NetworkCardIndex = 1
		slots = append(slots, must(setUp.AttachNetworkInterface(in)).ID)
	}
	setUp.Commit()
	deleted := func(id *string) func(*Tx) error {
		return func(tx *Tx) error { return tx.DeleteNetworkInterface(*id) }
	}
	detached := func(id *string) func(*Tx) error {
		return func(tx *Tx) error { return tx.DetachNetworkInterface(*id) }
	}
	var claimant string // the id that the claim of the case made
	for _, c := range []struct {
		name            string
		claim           func(*Tx) error
		holder, claimed func(*Tx) error // how the holder lets go, and how the claimant does
	}{
		{"an address", func(tx *Tx) error {
			n, err := tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID, PrivateIPAddresses: addrs("10.0.1.50")})
			if err == nil {
				claimant = n.ID
			}
			return err
		}, deleted(&s.data.ID), deleted(&claimant)},
		{"a secondary address", func(tx *Tx) error {
			return no(tx.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: s.data.ID, PrivateIPAddresses: addrs("10.0.1.61")}))
		}, func(tx *Tx) error { return tx.UnassignPrivateIPAddresses(s.busy.ID, addrs("10.0.1.61")) },
			func(tx *Tx) error { return tx.UnassignPrivateIPAddresses(s.data.ID, addrs("10.0.1.61")) }},
		{"room in a full subnet", func(tx *Tx) error {
			n, err := tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 4})
			if err == nil {
				claimant = n.ID
			}
			return err
		}, deleted(&full.ID), deleted(&claimant)},
		{"a device index", func(tx *Tx) error {
			a, err := tx.AttachNetworkInterface(attachInput(s.data, s.server, 1))
			if err == nil {
				claimant = a.ID
			}
			return err
		}, detached(&s.busy.Attachment.ID), detached(&claimant)},
		{"an attachment slot", func(tx *Tx) error {
			in := attachInput(s.data, twins, 3)
			in.NetworkCardIndex = 1
			a, err := tx.AttachNetworkInterface(in)
			if err == nil {
				claimant = a.ID
			}
			return err
		}, func(tx *Tx) error {
			return errors.Join(tx.DetachNetworkInterface(slots[0]), tx.DetachNetworkInterface(slots[1]))
		}, detached(&claimant)},
		{"an interface", func(tx *Tx) error {
			a, err := tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 1))
			if err == nil {
				claimant = a.ID
			}
			return err
		}, detached(&s.busy.Attachment.ID), func(tx *Tx) error {
			return errors.Join(tx.DetachNetworkInterface(claimant), tx.DetachNetworkInterface(s.busy.Attachment.ID))
		}},
		{"a primary interface, to attach", func(tx *Tx) error {
			return no(tx.AttachNetworkInterface(attachInput(s.serverPrimary, s.standby, 1)))
		}, func(tx *Tx) error {
			return errors.Join(tx.TerminateInstances(s.server.ID), tx.DeleteNetworkInterface(s.data.ID), tx.TerminateInstances(s.standby.ID), tx.DeleteNetworkInterface(s.serverPrimary.ID))
		}, nil},
		{"a primary interface, to detach", func(tx *Tx) error { return tx.DetachNetworkInterface(s.serverPrimary.Attachment.ID) },
			func(tx *Tx) error {
				return errors.Join(tx.TerminateInstances(s.server.ID), tx.DeleteNetworkInterface(s.serverPrimary.ID))
			}, nil},
		{"an attached interface, to delete", func(tx *Tx) error { return tx.DeleteNetworkInterface(s.busy.ID) }, detached(&s.busy.Attachment.ID), nil},
		{"a CIDR block", func(tx *Tx) error {
			n, err := tx.CreateSubnet(CreateSubnetInput{VPCID: s.main.ID, CIDRBlock: block("10.0.3.0/27")})
			if err == nil {
				claimant = n.ID
			}
			return err
		}, func(tx *Tx) error { return errors.Join(tx.DeleteNetworkInterface(full.ID), tx.DeleteSubnet(s.tiny.ID)) }, func(tx *Tx) error { return tx.DeleteSubnet(claimant) }},
		{"a group's name", func(tx *Tx) error {
			g, err := tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: "app", Description: "new", VPCID: s.main.ID})
			if err == nil {
				claimant = g.ID
			}
			return err
		}, func(tx *Tx) error { return tx.DeleteSecurityGroup(s.app.ID) }, func(tx *Tx) error { return tx.DeleteSecurityGroup(claimant) }},
		{"a rule", func(tx *Tx) error {
			r, err := tx.AuthorizeSecurityGroup(s.app.ID, false, []Rule{{RuleSpec: s.webInApp.RuleSpec}})
			if err == nil {
				claimant = r[0].ID
			}
			return err
		}, func(tx *Tx) error {
			return tx.RevokeSecurityGroup(s.app.ID, false, []ec2.RuleSpec{s.webInApp.RuleSpec})
		}, nil},
		{"addresses beyond the type", func(tx *Tx) error {
			return no(tx.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: s.busy.ID, SecondaryPrivateIPAddressCount: 3}))
		}, detached(&s.busy.Attachment.ID), func(tx *Tx) error {
			n, _ := tx.NetworkInterface(s.busy.ID)
			return tx.UnassignPrivateIPAddresses(s.busy.ID, n.PrivateIPAddresses[2:])
		}},
		{"a group that is used, to delete", func(tx *Tx) error { return tx.DeleteSecurityGroup(s.web.ID) }, func(tx *Tx) error {
			n, _ := tx.PrimaryInterface(s.standby.ID)
			n2, _ := tx.PrimaryInterface(s.far.ID)
			for _, id := range []string{n.ID, n2.ID, s.busy.ID, s.serverPrimary.ID} {
				must(0, tx.ModifyNetworkInterfaceAttribute(ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: id, Groups: &[]string{s.app.ID}}))
			}
			return tx.RevokeSecurityGroup(s.app.ID, false, []ec2.RuleSpec{s.webInApp.RuleSpec})
		}, nil},
		{"a subnet that is used, to delete", func(tx *Tx) error { return tx.DeleteSubnet(s.tiny.ID) }, deleted(&full.ID), nil},
		{"a VPC that is used, to delete", func(tx *Tx) error { return tx.DeleteVPC(s.other.ID) },
			func(tx *Tx) error {
				return errors.Join(tx.DeleteSubnet(s.abroad.ID), tx.DeleteSecurityGroup(s.foreign.ID))
			}, nil},
	} {
		for first, letGo := range map[string]func(*Tx) error{"the holder lets go": c.holder, "the claimant lets go": c.claimed} {
			if letGo == nil {
				continue
			}
			t.Run(c.name+", "+first, func(t *testing.T) {
				w := s.fork()
				overlooked := overlooking(t, w, c.claim)
				for _, h := range overlooked {
					if !w.in(virginia).Holds(h) {
						t.Errorf("%v is overlooked and holds its claim no longer", h)
					}
				}
				if len(overlooked) > 0 && len(w.Check()) == 0 {
					t.Error("a world where two hold one claim passes Check")
				}
				tx := w.Begin().In(virginia)
				must(0, letGo(tx))
				tx.Commit()
				if first == "the holder lets go" {
					for _, h := range overlooked {
						if w.in(virginia).Holds(h) {
							t.Errorf("%v has let go and still holds its claim", h)
						}
					}
				}
				wantSound(t, w)
			})
		}
	}
}

func TestHolds(t *testing.T) {
	s := newScene(t)
	tx := s.in(virginia)
	busy, primary := s.busy.Attachment.ID, s.serverPrimary.Attachment.ID
	rule := s.app.ID + "/ingress/tcp/80/80/" + s.web.ID
	for _, c := range []struct {
		holder ec2.Holder
		want   bool
	}{
		{holds(ec2.KindAttachment, busy, ec2.ClaimInterface, s.busy.ID), true},
		{holds(ec2.KindAttachment, busy, ec2.ClaimInterface, s.data.ID), false},
		{holds(ec2.KindAttachment, busy, ec2.ClaimDevice, s.server.ID+"/0/1"), true},
		{holds(ec2.KindAttachment, busy, ec2.ClaimDevice, s.server.ID+"/0/2"), false},
		{holds(ec2.KindAttachment, busy, ec2.ClaimSlots, s.server.ID), true},
		{holds(ec2.KindAttachment, busy, ec2.ClaimSlots, s.server.ID+"/0"), true},
		{holds(ec2.KindAttachment, busy, ec2.ClaimSlots, s.server.ID+"/1"), false},
		{holds(ec2.KindAttachment, busy, ec2.ClaimSlots, s.standby.ID), false},
		{holds(ec2.KindAttachment, busy, ec2.ClaimPerENI, s.busy.ID), false},
		{holds(ec2.KindAttachment, busy, ec2.ClaimAddress, s.busy.ID), false},
		{holds(ec2.KindAttachment, "eni-attach-0", ec2.ClaimInterface, s.busy.ID), false},
		{holds(ec2.KindAttachment, primary, ec2.ClaimInterface, s.serverPrimary.ID), true},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimAddress, s.front.ID+"/10.0.1.61"), true},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimAddress, s.front.ID+"/10.0.1.6"), false},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimAddress, s.back.ID+"/10.0.1.61"), false},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimCapacity, s.front.ID+"/10.0.1.60"), true},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimDependency, s.front.ID), true},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimDependency, s.web.ID), true},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimDependency, s.app.ID), false},
		{holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimGroupName, s.app.ID), false},
		{holds(ec2.KindNetworkInterface, "eni-0", ec2.ClaimDependency, s.front.ID), false},
		{holds(ec2.KindSubnet, s.front.ID, ec2.ClaimCIDR, s.main.ID+"/10.0.1.0/24"), true},
		{holds(ec2.KindSubnet, s.front.ID, ec2.ClaimCIDR, s.main.ID+"/10.0.2.0/24"), false},
		{holds(ec2.KindSubnet, s.front.ID, ec2.ClaimDependency, s.main.ID), true},
		{holds(ec2.KindSubnet, s.front.ID, ec2.ClaimDependency, s.other.ID), false},
		{holds(ec2.KindSecurityGroup, s.web.ID, ec2.ClaimGroupName, s.main.ID+"/web"), true},
		{holds(ec2.KindSecurityGroup, s.web.ID, ec2.ClaimGroupName, s.main.ID+"/app"), false},
		{holds(ec2.KindSecurityGroup, s.web.ID, ec2.ClaimDependency, s.main.ID), true},
		{holds(ec2.KindSecurityGroup, "sg-0", ec2.ClaimDependency, s.main.ID), false},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRule, rule), true},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRule, rule+"0"), false},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRuleSlots, s.app.ID+"/ingress/IPv4"), true},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRuleSlots, s.app.ID+"/ingress/IPv6"), true},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimRuleSlots, s.app.ID+"/egress/IPv4"), false},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimDependency, s.web.ID), true},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimDependency, s.app.ID), false},
		{holds(ec2.KindSecurityGroupRule, s.webInApp.ID, ec2.ClaimAddress, s.web.ID), false},
		{holds(ec2.KindInstance, s.server.ID, ec2.ClaimInterface, s.serverPrimary.ID), true},
		{holds(ec2.KindInstance, s.server.ID, ec2.ClaimInterface, s.busy.ID), false},
		{holds(ec2.KindInstance, s.standby.ID, ec2.ClaimInterface, s.serverPrimary.ID), false},
		{holds(ec2.KindInstance, s.server.ID, ec2.ClaimDevice, s.server.ID+"/0/0"), false},
		{holds(ec2.KindVPC, s.main.ID, ec2.ClaimDependency, s.main.ID), false},
	} {
		if got := tx.Holds(c.holder); got != c.want {
			t.Errorf("%v: got %t, want %t", c.holder, got, c.want)
		}
	}
	change := s.Begin().In(virginia)
	must(0, change.TerminateInstances(s.server.ID))
	if change.Holds(holds(ec2.KindInstance, s.server.ID, ec2.ClaimInterface, s.serverPrimary.ID)) {
		t.Error("a terminated instance holds its primary interface")
	}
}

// While an attachment is overlooked, its interface belongs to another one. The
// overlooked one must not be forgotten before it has been let go.
func TestAnOustedAttachmentHoldsOn(t *testing.T) {
	s := newScene(t)
	old := holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimInterface, s.busy.ID)
	w := s.fork()
	overlooking(t, w, func(tx *Tx) error { return no(tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 1))) })
	if !w.in(virginia).Holds(old) {
		t.Fatal("the old attachment is forgotten")
	}
	if got := w.in(virginia).Manager(old.Ref); got != "terraform" {
		t.Errorf("its manager: got %q, want terraform", got)
	}
	fork := w.Fork()
	for name, letGo := range map[string]func(*Tx) error{
		"it is detached":             func(tx *Tx) error { return tx.DetachNetworkInterface(old.ID) },
		"its instance is terminated": func(tx *Tx) error { return tx.TerminateInstances(s.server.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			w := fork.Fork()
			tx := w.Begin().In(virginia)
			must(0, letGo(tx))
			if list := tx.Commit(); name == "it is detached" && len(list) > 0 {
				t.Errorf("that changed %v", describeChanges(list))
			}
			if w.in(virginia).Holds(old) {
				t.Error("it holds on")
			}
			if n, _ := w.in(virginia).NetworkInterface(s.busy.ID); n.Attachment == nil || n.Attachment.InstanceID != s.standby.ID {
				t.Errorf("the new attachment suffered: %+v", n.Attachment)
			}
			wantSound(t, w)
		})
	}
}
