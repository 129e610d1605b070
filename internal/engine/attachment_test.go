package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func attachInput(n *ec2.NetworkInterface, i *ec2.Instance, device int) AttachNetworkInterfaceInput {
	return AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: i.ID, DeviceIndex: device}
}

func TestAttachNetworkInterface(t *testing.T) {
	s := newScene(t)
	setUp := s.Begin().In(virginia)
	create := func(subnet *ec2.Subnet, name string, count int) *ec2.NetworkInterface {
		return must(setUp.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnet.ID, SecondaryPrivateIPAddressCount: count, Tags: named(name)}))
	}
	elsewhere, abroad, crowded, third := create(s.back, "elsewhere", 0), create(s.abroad, "abroad", 0), create(s.front, "crowded", 4), create(s.front, "third", 0)
	run := func(kind, name string) *ec2.Instance {
		return must(setUp.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: kind, SubnetID: s.front.ID, Tags: named(name)}))
	}
	micro, cards := run("t3.micro", "micro"), run("p4d.24xlarge", "cards")
	must(setUp.AttachNetworkInterface(attachInput(third, micro, 1)))
	third, _ = setUp.NetworkInterface(third.ID)
	ended := run("t3.small", "ended")
	if err := setUp.TerminateInstances(ended.ID); err != nil {
		t.Fatal(err)
	}
	setUp.Commit()

	attach := func(n *ec2.NetworkInterface, i *ec2.Instance, device int) func(*Tx) error {
		return func(tx *Tx) error { return no(tx.AttachNetworkInterface(attachInput(n, i, device))) }
	}
	onCard := func(card, device int) func(*Tx) error {
		return func(tx *Tx) error {
			in := attachInput(s.data, cards, device)
			in.NetworkCardIndex = card
			return no(tx.AttachNetworkInterface(in))
		}
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	taken := bad("DeviceIndex", "\"server\"", "\"busy\"", "1", "2 is free")
	taken.holders = []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimDevice, s.server.ID+"/0/1")}
	inUse := bad("NetworkInterfaceId", "\"busy\"", "\"server\"", "1")
	inUse.holders = []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimInterface, s.busy.ID)}
	primaryInUse := bad("NetworkInterfaceId", "\"server\"", "device index 0")
	primaryInUse.holders = []ec2.Holder{holds(ec2.KindAttachment, s.serverPrimary.Attachment.ID, ec2.ClaimInterface, s.serverPrimary.ID)}
	zone := func(says ...string) want {
		return want{code: "InvalidParameterCombination", parameter: "InstanceId", says: says}
	}
	s.play(t, []op{
		{"hot, to a running instance", attach(s.data, s.server, 2), want{}},
		{"warm, to a stopped one", func(tx *Tx) error {
			must(0, tx.StopInstances(s.standby.ID))
			return attach(s.data, s.standby, 1)(tx)
		}, want{}},
		{"with the highest index of the type and a gap below", attach(s.data, s.standby, 2), want{}},
		{"from another VPC, in the same zone", attach(abroad, s.server, 2), want{}},
		{"on another network card", onCard(3, 1), want{}},
		{"after its detachment", func(tx *Tx) error {
			must(0, tx.DetachNetworkInterface(s.busy.Attachment.ID))
			return attach(s.busy, s.standby, 1)(tx)
		}, want{}},

		{"to another zone", attach(elsewhere, s.server, 2), zone("\"elsewhere\"", "us-east-1b", "\"server\"", "us-east-1a")},
		{"one that is attached", attach(s.busy, s.standby, 1), inUse},
		{"one that is attached there already", attach(s.busy, s.server, 1), inUse},
		{"a primary one", attach(s.serverPrimary, s.standby, 1), primaryInUse},
		{"at an index that is taken", attach(s.data, s.server, 1), taken},
		{"at index 0", attach(s.data, s.server, 0), bad("DeviceIndex", "\"server\"", "0")},
		{"at a negative index", attach(s.data, s.server, -1), bad("DeviceIndex", "\"server\"", "-1", "t3.small")},
		{"at an index the type does not have", attach(s.data, s.server, 3), bad("DeviceIndex", "\"server\"", "3", "t3.small")},
		{"on a card the type does not have", func(tx *Tx) error {
			in := attachInput(s.data, s.server, 1)
			in.NetworkCardIndex = 1
			return no(tx.AttachNetworkInterface(in))
		}, bad("NetworkCardIndex", "\"server\"", "t3.small", "one network card")},
		{"on a negative card", onCard(-1, 1), bad("NetworkCardIndex", "\"cards\"", "-1")},
		{"at index 0 of another card", onCard(1, 0), bad("DeviceIndex", "\"cards\"", "card 1")},
		{"one more than the type allows", attach(s.data, micro, 1), want{code: "InvalidParameterValue", parameter: "DeviceIndex", says: []string{"\"micro\"", "\"third\"", "larger instance type"},
			holders: []ec2.Holder{holds(ec2.KindAttachment, third.Attachment.ID, ec2.ClaimDevice, micro.ID+"/0/1")}}},
		{"with more addresses than the type allows", attach(crowded, s.server, 2), want{code: "PrivateIpAddressLimitExceeded", parameter: "InstanceId", says: []string{"\"crowded\"", "5", "\"server\"", "4"}}},
		{"to a terminated instance", attach(s.data, ended, 1), want{code: "InvalidInstanceID.NotFound", parameter: "InstanceId", says: []string{ended.ID}}},
		{"an interface that is not there", attach(&ec2.NetworkInterface{Header: ec2.Header{ID: "eni-0"}}, s.server, 1), want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
	})
}

// The limit is by count as well as by index: types with several cards have
// more indexes than slots on each.
func TestAttachmentLimitPerNetworkCard(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	i := must(tx.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "hpc7a.96xlarge", SubnetID: s.front.ID, Tags: named("twins")}))
	limits := must(ec2.LookupInstanceType("hpc7a.96xlarge"))
	most := limits.NetworkCards[1].MaximumNetworkInterfaces
	w := want{code: "AttachmentLimitExceeded", parameter: "InstanceId", says: []string{"\"twins\"", "network card 1"}, release: 1}
	for device := 1; ; device++ {
		n := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID}))
		in := attachInput(n, i, device)
		in.NetworkCardIndex = 1
		a, err := tx.AttachNetworkInterface(in)
		if device <= most {
			if err != nil {
				t.Fatal(err)
			}
			w.holders = append(w.holders, holds(ec2.KindAttachment, a.ID, ec2.ClaimSlots, i.ID+"/1"))
			continue
		}
		wantRefusal(t, tx.Reading(), err, w)
		return
	}
}

func TestDetachNetworkInterface(t *testing.T) {
	s := newScene(t)
	s.play(t, []op{
		{"a secondary one", func(tx *Tx) error { return tx.DetachNetworkInterface(s.busy.Attachment.ID) }, want{}},
		{"a secondary one of a stopped instance", func(tx *Tx) error {
			must(0, tx.StopInstances(s.server.ID))
			return tx.DetachNetworkInterface(s.busy.Attachment.ID)
		}, want{}},
		{"the primary one", func(tx *Tx) error { return tx.DetachNetworkInterface(s.serverPrimary.Attachment.ID) }, want{
			code: "OperationNotPermitted", parameter: "AttachmentId", says: []string{"primary", "\"server\""},
			holders: []ec2.Holder{holds(ec2.KindInstance, s.server.ID, ec2.ClaimInterface, s.serverPrimary.ID)},
		}},
		{"an attachment that is not there", func(tx *Tx) error { return tx.DetachNetworkInterface("eni-attach-0") },
			want{code: "InvalidAttachmentID.NotFound", parameter: "AttachmentId", says: []string{"eni-attach-0", "network interface attachment"}}},
	})
}

func TestDetachChangesNothingElse(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	must(0, tx.DetachNetworkInterface(s.busy.Attachment.ID))
	got, _ := tx.NetworkInterface(s.busy.ID)
	want := s.busy.Clone()
	want.Attachment = nil
	if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	must(tx.AttachNetworkInterface(attachInput(s.busy, s.standby, 2)))
	got, _ = tx.NetworkInterface(s.busy.ID)
	if got.Attachment.DeleteOnTermination {
		t.Error("an interface attached later is deleted on termination")
	}
	got = got.Clone()
	got.Attachment, want.Attachments = nil, want.Attachments+1
	if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
		t.Errorf("attached elsewhere: -want +got:\n%s", diff)
	}
}
