package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func describeChanges(list []Change) []string {
	var out []string
	for _, c := range list {
		switch {
		case c.Before == nil:
			out = append(out, "+ "+string(c.Ref.Kind))
		case c.After == nil:
			out = append(out, "- "+string(c.Ref.Kind))
		default:
			out = append(out, "~ "+string(c.Ref.Kind))
		}
	}
	slices.Sort(out)
	return out
}

func TestCommitTellsWhatChanged(t *testing.T) {
	s := newScene(t)
	for _, c := range []struct {
		name string
		do   func(*Tx) error
		want []string
	}{
		{"a VPC comes with its default group", func(tx *Tx) error { return no(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.1.0.0/16")})) },
			[]string{"+ security-group", "+ security-group-rule", "+ security-group-rule", "+ vpc"}},
		{"an attachment changes the interface only", func(tx *Tx) error { return no(tx.AttachNetworkInterface(attachInput(s.data, s.server, 2))) },
			[]string{"~ network-interface"}},
		{"a move is one change", func(tx *Tx) error {
			must(0, tx.DetachNetworkInterface(s.busy.Attachment.ID))
			return no(tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 1)))
		}, []string{"~ network-interface"}},
		{"a termination", func(tx *Tx) error { return tx.TerminateInstances(s.server.ID) },
			[]string{"- network-interface", "~ instance", "~ network-interface"}},
		{"what is made and deleted again is none", func(tx *Tx) error {
			return tx.DeleteNetworkInterface(must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID})).ID)
		}, nil},
		{"the same tags are none", func(tx *Tx) error { return tx.SetTags(s.data.Ref(), named("data")) }, nil},
		{"the same attributes are none", func(tx *Tx) error {
			d := ""
			return tx.ModifyNetworkInterfaceAttribute(ModifyNetworkInterfaceAttributeInput{NetworkInterfaceID: s.data.ID, Description: &d})
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := s.fork()
			tx := w.Begin().In(virginia)
			must(0, c.do(tx))
			list := tx.Commit()
			if diff := cmp.Diff(c.want, describeChanges(list)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			// The list alone turns a world of before into this one.
			replayed := s.fork()
			var put []ec2.Object
			var removed []ec2.Ref
			for _, change := range list {
				if change.After != nil {
					put = append(put, change.After)
				} else {
					removed = append(removed, change.Ref)
				}
			}
			replayed.Load(put, removed)
			if diff := diffWorlds(w, replayed); diff != "" {
				t.Errorf("replayed: -want +got:\n%s", diff)
			}
			wantSound(t, replayed)
		})
	}
}

func TestAbortLeavesNothingBehind(t *testing.T) {
	s := newScene(t)
	before := s.fork()
	tx := s.Begin().In(virginia)
	must(0, tx.TerminateInstances(s.server.ID))
	must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.tiny.ID, SecondaryPrivateIPAddressCount: 5}))
	tx.Abort()
	tx.Abort()
	if diff := diffWorlds(before, s.World); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantSound(t, s.World)
}

func TestForksGoTheirOwnWay(t *testing.T) {
	s := newScene(t)
	before := s.fork()
	fork := s.fork()
	reading := s.in(virginia)
	tx := fork.Begin().In(virginia)
	must(0, tx.TerminateInstances(s.server.ID))
	must(0, tx.DeleteSubnet(s.tiny.ID))
	tx.Commit()
	if diff := diffWorlds(before, s.World); diff != "" {
		t.Errorf("the fork changed its origin: -want +got:\n%s", diff)
	}
	if _, ok := reading.Subnet(s.tiny.ID); !ok {
		t.Error("a transaction that reads saw a change made after it began")
	}
	tx = s.Begin().In(virginia)
	must(0, tx.DeleteNetworkInterface(s.data.ID))
	tx.Commit()
	if _, ok := fork.in(virginia).NetworkInterface(s.data.ID); !ok {
		t.Error("the origin changed its fork")
	}
	wantSound(t, fork)
	wantSound(t, s.World)
}

func TestTheSameEnvAndOperationsMakeTheSameWorld(t *testing.T) {
	if diff := diffWorlds(newScene(t).World, newScene(t).World); diff != "" {
		t.Errorf("-first +second:\n%s", diff)
	}
}

func TestLoadInAnyOrder(t *testing.T) {
	s := newScene(t)
	objects := contents(s.World)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		env, _ := newEnv("loaded")
		w := New(env)
		cut := random.IntN(len(objects) + 1)
		w.Load(objects[:cut], nil) // in two parts, so that parents may come last
		w.Load(objects[cut:], nil)
		if diff := diffWorlds(s.World, w); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
		wantSound(t, w)
		if t.Failed() {
			return
		}
	}
}

func TestLoadRemoves(t *testing.T) {
	s := newScene(t)
	w := s.fork()
	tx := w.Begin().In(virginia)
	must(0, tx.TerminateInstances(s.far.ID))
	must(0, tx.DeleteSubnet(s.back.ID))
	var removed []ec2.Ref
	var put []ec2.Object
	for _, c := range tx.Commit() {
		if c.After == nil {
			removed = append(removed, c.Ref)
		} else {
			put = append(put, c.After)
		}
	}
	removed = append(removed, ec2.Ref{Kind: ec2.KindVPC, ID: "vpc-0"}, ec2.Ref{Kind: "a kind of tomorrow", ID: "x-0"})
	loaded := s.fork()
	loaded.Load(put, removed)
	if diff := diffWorlds(w, loaded); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantSound(t, loaded)
}

func TestPresetIDs(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	preset := []string{"eni-attach-0123456789abcdef0", "i-0123456789abcdef0", "eni-0123456789abcdef0", "vpc-0123456789abcdef0"}
	tx.Preset(preset...)
	i := must(tx.RunInstances(RunInstancesInput{ImageID: ami, SubnetID: s.front.ID}))
	n, _ := tx.PrimaryInterface(i.ID)
	if got, want := []string{n.Attachment.ID, i.ID, n.ID}, preset[:3]; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	next := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID}))
	if slices.Contains(preset, next.ID) || ec2.CheckID(ec2.PrefixNetworkInterface, next.ID) != nil {
		t.Errorf("after the preset ids: got %s, want a fresh one", next.ID)
	}
	if got, want := tx.Minted(), []string{i.ID, n.ID, n.Attachment.ID, next.ID}; !slices.Equal(got, want) {
		t.Errorf("minted: got %v, want %v", got, want)
	}
}

func TestEvent(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	must(0, tx.DetachNetworkInterface(s.busy.Attachment.ID))
	must(tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 1)))
	event := tx.Event()
	want := []Action{{"DetachNetworkInterface", []string{s.busy.ID, s.server.ID}}, {"AttachNetworkInterface", []string{s.busy.ID, s.standby.ID}}}
	if diff := cmp.Diff(want, event.Actions); diff != "" || event.Actor != "terraform" || event.Time.IsZero() {
		t.Errorf("%s %s: -want +got:\n%s", event.Actor, event.Time, diff)
	}
}

func TestSetTags(t *testing.T) {
	s := newScene(t)
	rule := s.webInApp
	tx := s.Begin().In(virginia)
	for _, ref := range []ec2.Ref{s.main.Ref(), s.front.Ref(), s.web.Ref(), rule.Ref(), s.data.Ref(), s.server.Ref()} {
		must(0, tx.SetTags(ref, ec2.Tags{"k": "v"}))
		if o, _ := tx.Object(ref); !o.Head().Tags.Equal(ec2.Tags{"k": "v"}) {
			t.Errorf("%s: got tags %v", ref.Kind, o.Head().Tags)
		}
		must(0, tx.SetTags(ref, ec2.Tags{}))
		if o, _ := tx.Object(ref); o.Head().Tags != nil {
			t.Errorf("%s: got tags %v, want none", ref.Kind, o.Head().Tags)
		}
	}
	tx.DefaultVPC()
	for _, ref := range []ec2.Ref{{Kind: ec2.KindVPC, ID: "vpc-0"}, {Kind: ec2.KindAttachment, ID: s.busy.Attachment.ID}, {Kind: ec2.KindRegion, ID: string(virginia)}, {Kind: "x", ID: "x"}} {
		wantRefusal(t, tx.Reading(), tx.SetTags(ref, ec2.Tags{"k": "v"}), want{code: "InvalidID", parameter: "ResourceId", says: []string{ref.ID}})
	}
	wantRefusal(t, tx.Reading(), tx.SetTags(s.data.Ref(), ec2.Tags{"aws:k": "v"}), want{code: "InvalidParameterValue", parameter: "Tag", says: []string{"aws:k"}})
	tx.Commit()
	wantSound(t, s.World)
}

func TestManager(t *testing.T) {
	s := newScene(t)
	env := s.Env()
	env.ManagedBy = ""
	byHand := s.ForkWith(env)
	tx := byHand.Begin().In(virginia)
	i := must(tx.RunInstances(RunInstancesInput{ImageID: ami, SubnetID: s.front.ID}))
	own := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID}))
	toServer := must(tx.AttachNetworkInterface(attachInput(own, s.server, 2)))
	primary, _ := tx.PrimaryInterface(i.ID)
	attachment := func(id string) ec2.Ref { return ec2.Ref{Kind: ec2.KindAttachment, ID: id} }
	for _, c := range []struct {
		what string
		ref  ec2.Ref
		want string
	}{
		{"what Terraform made", s.data.Ref(), "terraform"},
		{"its attachment", attachment(s.busy.Attachment.ID), "terraform"},
		{"what a person made", i.Ref(), ""},
		{"its primary interface", primary.Ref(), ""},
		{"the attachment of that", attachment(primary.Attachment.ID), ""},
		{"a person's interface on Terraform's instance", attachment(toServer.ID), "terraform"},
		{"a default group", ec2.Ref{Kind: ec2.KindSecurityGroup, ID: s.main.DefaultSecurityGroupID}, ""},
		{"what is not there", ec2.Ref{Kind: ec2.KindVPC, ID: "vpc-0"}, ""},
	} {
		if got := tx.Manager(c.ref); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}
