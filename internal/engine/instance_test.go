package engine

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestRunInstances(t *testing.T) {
	s := newScene(t)
	run := func(change func(*RunInstancesInput)) func(*Tx) error {
		in := RunInstancesInput{ImageID: ami, InstanceType: "t3.small", SubnetID: s.front.ID}
		change(&in)
		return func(tx *Tx) error { return no(tx.RunInstances(in)) }
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	address := func(list ...string) func(*RunInstancesInput) {
		return func(in *RunInstancesInput) {
			in.PrivateIPAddress = netip.MustParseAddr(list[0])
			in.SecondaryPrivateIPAddresses = addrs(list[1:]...)
		}
	}
	secondary := func(list ...string) func(*RunInstancesInput) {
		return func(in *RunInstancesInput) { in.SecondaryPrivateIPAddresses = addrs(list...) }
	}
	taken := want{code: "InvalidIPAddress.InUse", parameter: "PrivateIpAddress", says: []string{"10.0.1.50", "\"data\""},
		holders: []ec2.Holder{holds(ec2.KindNetworkInterface, s.data.ID, ec2.ClaimAddress, s.front.ID+"/10.0.1.50")}}
	six := append(s.groups(t, 5), s.web.ID)
	s.play(t, []op{
		{"with an image and a subnet", run(func(*RunInstancesInput) {}), want{}},
		{"of the type EC2 takes for none", run(func(in *RunInstancesInput) { in.InstanceType = "" }), want{}},
		{"in the zone of its subnet", run(func(in *RunInstancesInput) { in.AvailabilityZone = "us-east-1a" }), want{}},
		{"without a subnet, in the default VPC", run(func(in *RunInstancesInput) { in.SubnetID = "" }), want{}},
		{"with a group of the default VPC by name", run(func(in *RunInstancesInput) { in.SubnetID, in.SecurityGroups = "", []string{"default"} }), want{}},
		{"with all the addresses the type allows", run(address("10.0.1.9", "10.0.1.10", "10.0.1.11", "10.0.1.12")), want{}},
		{"where the chosen primary address has to leave secondary ones alone", run(secondary("10.0.1.6", "10.0.1.7")), want{}},

		{"with no image", run(func(in *RunInstancesInput) { in.ImageID = "" }), want{code: "InvalidAMIID.Malformed", parameter: "ImageId"}},
		{"of a type there is not", run(func(in *RunInstancesInput) { in.InstanceType = "t3.smal" }), bad("InstanceType", "t3.smal", "t3.small")},
		{"in a zone there is not", run(func(in *RunInstancesInput) { in.AvailabilityZone = "us-east-1z" }), bad("AvailabilityZone", "us-east-1z", "us-east-1a")},
		{"in another zone than its subnet", run(func(in *RunInstancesInput) { in.AvailabilityZone = "us-east-1b" }), bad("AvailabilityZone", "us-east-1b", "us-east-1a", "\"front\"")},
		{"with a tenancy there is not", run(func(in *RunInstancesInput) { in.Tenancy = "shared" }), bad("Tenancy", "shared", "dedicated")},
		{"with an address that is taken", run(address("10.0.1.50")), taken},
		{"with a reserved address", run(address("10.0.1.2")), bad("PrivateIpAddress", "10.0.1.2", "DNS")},
		{"with an address twice", run(address("10.0.1.9", "10.0.1.9")), bad("PrivateIpAddresses", "10.0.1.9")},
		{"with one address too many", run(address("10.0.1.9", "10.0.1.10", "10.0.1.11", "10.0.1.12", "10.0.1.13")), want{code: "PrivateIpAddressLimitExceeded", parameter: "SecondaryPrivateIpAddresses", says: []string{"5", "4", "t3.small"}}},
		{"with six groups", run(func(in *RunInstancesInput) { in.SecurityGroupIDs = six }), want{code: "SecurityGroupsPerInstanceLimitExceeded", parameter: "SecurityGroupIds", says: []string{"6", "5"}}},
		{"with a group of another VPC", run(func(in *RunInstancesInput) { in.SecurityGroupIDs = []string{s.foreign.ID} }), want{code: "InvalidParameter", parameter: "SecurityGroupIds", says: []string{"\"foreign\"", "\"main\""}}},
		{"with a group that is not there", run(func(in *RunInstancesInput) { in.SecurityGroupIDs = []string{"sg-0"} }), want{code: "InvalidGroup.NotFound", parameter: "SecurityGroupIds", says: []string{"sg-0"}}},
		{"with a group's name outside the default VPC", run(func(in *RunInstancesInput) { in.SecurityGroups = []string{"default"} }), want{code: "InvalidParameterCombination", parameter: "SecurityGroups", says: []string{"\"main\""}}},
		{"in a subnet that is not there", run(func(in *RunInstancesInput) { in.SubnetID = "subnet-0" }), want{code: "InvalidSubnetID.NotFound", parameter: "SubnetId", says: []string{"subnet-0"}}},
		{"with a reserved tag", run(func(in *RunInstancesInput) { in.Tags = ec2.Tags{"aws:x": ""} }), bad("Tag", "aws:x")},
	})
}

func TestRunInstancesWithInterfaces(t *testing.T) {
	s := newScene(t)
	setUp := s.Begin().In(virginia)
	create := func(subnet *ec2.Subnet, name string, count int) *ec2.NetworkInterface {
		return must(setUp.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnet.ID, SecondaryPrivateIPAddressCount: count, Tags: named(name)}))
	}
	second, third, fourth := create(s.front, "second", 0), create(s.tiny, "third", 0), create(s.front, "fourth", 0)
	elsewhere, crowded := create(s.back, "elsewhere", 0), create(s.front, "crowded", 4)
	setUp.Commit()
	type at struct {
		n      *ec2.NetworkInterface
		device int
	}
	run := func(kind string, list ...at) func(*Tx) error {
		in := RunInstancesInput{ImageID: ami, InstanceType: kind}
		for _, a := range list {
			in.NetworkInterfaces = append(in.NetworkInterfaces, LaunchInterface{NetworkInterfaceID: a.n.ID, DeviceIndex: a.device})
		}
		return func(tx *Tx) error { return no(tx.RunInstances(in)) }
	}
	with := func(change func(*RunInstancesInput)) func(*Tx) error {
		in := RunInstancesInput{ImageID: ami, InstanceType: "t3.small", NetworkInterfaces: []LaunchInterface{{NetworkInterfaceID: s.data.ID}}}
		change(&in)
		return func(tx *Tx) error { return no(tx.RunInstances(in)) }
	}
	combination := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterCombination", parameter: parameter, says: says}
	}
	bad := func(parameter string, says ...string) want {
		return want{code: "InvalidParameterValue", parameter: parameter, says: says}
	}
	both := combination("NetworkInterfaces")
	s.play(t, []op{
		{"its primary one", run("t3.small", at{s.data, 0}), want{}},
		{"as many as the type allows, in any order", run("t3.small", at{second, 2}, at{s.data, 0}, at{third, 1}), want{}},
		{"in the zone they are in", with(func(in *RunInstancesInput) { in.AvailabilityZone = "us-east-1a" }), want{}},

		{"none at index 0", run("t3.small", at{s.data, 1}), want{code: "UnsupportedOperation", parameter: "DeviceIndex", says: []string{"index 0"}}},
		{"two at one index", run("t3.small", at{s.data, 0}, at{second, 1}, at{third, 1}), bad("DeviceIndex", "1", "\"second\"", "\"third\"")},
		{"one twice", run("t3.small", at{s.data, 0}, at{s.data, 1}), bad("NetworkInterfaceId", "\"data\"", "0 and 1")},
		{"one that is attached", run("t3.small", at{s.data, 0}, at{s.busy, 1}), want{code: "InvalidNetworkInterface.InUse", parameter: "NetworkInterfaceId", says: []string{"\"busy\"", "\"server\""},
			holders: []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimInterface, s.busy.ID)}}},
		{"one of another zone", run("t3.small", at{s.data, 0}, at{elsewhere, 1}), combination("NetworkInterfaceId", "\"elsewhere\"", "us-east-1b", "\"data\"", "us-east-1a")},
		{"one at an index the type does not have", run("t3.small", at{s.data, 0}, at{second, 3}), bad("DeviceIndex", "3", "t3.small")},
		{"one too many", run("t3.small", at{s.data, 0}, at{second, 1}, at{third, 2}, at{fourth, 3}), bad("DeviceIndex", "3", "t3.small")},
		{"one with too many addresses", run("t3.small", at{s.data, 0}, at{crowded, 1}), want{code: "PrivateIpAddressLimitExceeded", parameter: "NetworkInterfaceId", says: []string{"\"crowded\"", "5", "4"}}},
		{"one that is not there", run("t3.small", at{&ec2.NetworkInterface{Header: ec2.Header{ID: "eni-0"}}, 0}), want{code: "InvalidNetworkInterfaceID.NotFound", parameter: "NetworkInterfaceId", says: []string{"eni-0"}}},
		{"one to be deleted on termination", with(func(in *RunInstancesInput) { in.NetworkInterfaces[0].DeleteOnTermination = true }), combination("DeleteOnTermination", "\"data\"")},
		{"and a subnet", with(func(in *RunInstancesInput) { in.SubnetID = s.front.ID }), both},
		{"and an address", with(func(in *RunInstancesInput) { in.PrivateIPAddress = netip.MustParseAddr("10.0.1.9") }), both},
		{"and a group", with(func(in *RunInstancesInput) { in.SecurityGroupIDs = []string{s.web.ID} }), both},
		{"in another zone", with(func(in *RunInstancesInput) { in.AvailabilityZone = "us-east-1b" }), bad("AvailabilityZone", "us-east-1b", "us-east-1a")},
	})
}

func TestALaunchedInstance(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	got := must(tx.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "t3.small", SubnetID: s.tiny.ID, SecondaryPrivateIPAddresses: addrs("10.0.3.4")}))
	want := &ec2.Instance{
		Header:  ec2.Header{ID: got.ID, Region: virginia, OwnerID: account, ManagedBy: "terraform"},
		ImageID: ami, InstanceType: "t3.small", State: ec2.InstanceRunning,
		VPCID: s.main.ID, SubnetID: s.tiny.ID, AvailabilityZone: "us-east-1a",
		LaunchTime: got.LaunchTime, Tenancy: "default",
	}
	if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
		t.Errorf("instance: -want +got:\n%s", diff)
	}
	primary, ok := tx.PrimaryInterface(got.ID)
	if !ok {
		t.Fatal("the instance has no primary interface")
	}
	wantPrimary := &ec2.NetworkInterface{
		Header: ec2.Header{ID: primary.ID, Region: virginia, OwnerID: account, ManagedBy: "terraform"},
		VPCID:  s.main.ID, SubnetID: s.tiny.ID, AvailabilityZone: "us-east-1a",
		InterfaceType: "interface", MACAddress: primary.MACAddress,
		PrivateIPAddresses: addrs("10.0.3.5", "10.0.3.4"), // the chosen one leaves the one asked for alone
		Groups:             []string{s.main.DefaultSecurityGroupID}, SourceDestCheck: true, LaunchedWith: got.ID,
		Attachments: 1,
		Attachment:  &ec2.Attachment{ID: primary.Attachment.ID, InstanceID: got.ID, DeleteOnTermination: true, AttachTime: primary.Attachment.AttachTime},
	}
	if diff := cmp.Diff(wantPrimary, primary, comparePrefixes); diff != "" {
		t.Errorf("primary interface: -want +got:\n%s", diff)
	}
}

func TestInstanceStates(t *testing.T) {
	s := newScene(t)
	gone := want{code: "InvalidInstanceID.NotFound", parameter: "InstanceId", says: []string{s.server.ID}}
	protect := func(tx *Tx) {
		yes := true
		must(0, tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: s.standby.ID, DisableAPIStop: &yes, DisableAPITermination: &yes}))
	}
	setUp := s.Begin().In(virginia)
	protect(setUp)
	setUp.Commit()
	protected := func(argument string) want {
		return want{code: "OperationNotPermitted", parameter: "InstanceId", says: []string{"\"standby\"", argument}}
	}
	s.play(t, []op{
		{"stop", func(tx *Tx) error { return tx.StopInstances(s.server.ID) }, want{}},
		{"stop twice", func(tx *Tx) error { must(0, tx.StopInstances(s.server.ID)); return tx.StopInstances(s.server.ID) }, want{}},
		{"stop and start", func(tx *Tx) error { must(0, tx.StopInstances(s.server.ID)); return tx.StartInstances(s.server.ID) }, want{}},
		{"terminate", func(tx *Tx) error { return tx.TerminateInstances(s.server.ID) }, want{}},
		{"terminate a stopped one", func(tx *Tx) error { must(0, tx.StopInstances(s.server.ID)); return tx.TerminateInstances(s.server.ID) }, want{}},
		{"stop a protected one", func(tx *Tx) error { return tx.StopInstances(s.standby.ID) }, protected("disable_api_stop")},
		{"terminate a protected one", func(tx *Tx) error { return tx.TerminateInstances(s.standby.ID) }, protected("disable_api_termination")},
		{"stop none", func(tx *Tx) error { return tx.StopInstances("i-0") }, want{code: "InvalidInstanceID.NotFound", parameter: "InstanceId", says: []string{"i-0"}}},
	})
	tx := s.Begin().In(virginia)
	must(0, tx.TerminateInstances(s.server.ID))
	for name, err := range map[string]error{
		"terminate": tx.TerminateInstances(s.server.ID), "start": tx.StartInstances(s.server.ID), "stop": tx.StopInstances(s.server.ID),
		"modify": tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: s.server.ID}),
	} {
		t.Run(name+" a terminated one", func(t *testing.T) { wantRefusal(t, tx.Reading(), err, gone) })
	}
}

func TestTerminationTakesWhatTheLaunchMade(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	brought := must(tx.RunInstances(RunInstancesInput{ImageID: ami, NetworkInterfaces: []LaunchInterface{{NetworkInterfaceID: s.data.ID}}}))
	must(0, tx.TerminateInstances(brought.ID))
	must(0, tx.TerminateInstances(s.server.ID))
	if n, ok := tx.NetworkInterface(s.data.ID); !ok || n.Attachment != nil {
		t.Errorf("the interface brought along: got %+v, want it free", n)
	}
	if n, ok := tx.NetworkInterface(s.busy.ID); !ok || n.Attachment != nil {
		t.Errorf("the interface attached later: got %+v, want it free", n)
	}
	if n, ok := tx.NetworkInterface(s.serverPrimary.ID); ok {
		t.Errorf("the interface made at launch is still there: %+v", n)
	}
	i, ok := tx.Instance(s.server.ID)
	if !ok || i.State != ec2.InstanceTerminated || i.TerminationTime.IsZero() {
		t.Errorf("the instance: got %+v, want it terminated", i)
	}
	tx.Commit()
	wantSound(t, s.World)

	s.clock.now = s.clock.now.Add(time.Hour)
	if found := must(s.in(virginia).DescribeInstances(Filter{"instance-id", []string{s.server.ID}})); len(found) > 0 {
		t.Error("an instance is described an hour after its termination")
	}
	tx = s.Begin().In(virginia)
	must(0, tx.TerminateInstances(s.far.ID))
	if _, ok := tx.Instance(s.server.ID); ok {
		t.Error("an instance is kept an hour after its termination")
	}
	if _, ok := tx.Instance(s.far.ID); !ok {
		t.Error("an instance is gone right after its termination")
	}
}

func TestModifyInstanceAttribute(t *testing.T) {
	s := newScene(t)
	setUp := s.Begin().In(virginia)
	for _, i := range []*ec2.Instance{s.server, s.standby} {
		must(0, setUp.StopInstances(i.ID))
	}
	must(setUp.AssignPrivateIPAddresses(AssignPrivateIPAddressesInput{NetworkInterfaceID: s.busy.ID, SecondaryPrivateIPAddressCount: 1}))
	data := must(setUp.AttachNetworkInterface(attachInput(s.data, s.standby, 2)))
	setUp.Commit()
	resize := func(i *ec2.Instance, to string) func(*Tx) error {
		return func(tx *Tx) error {
			return tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: i.ID, InstanceType: &to})
		}
	}
	text := "aGVsbG8="
	s.play(t, []op{
		{"a larger type", resize(s.server, "m5.4xlarge"), want{}},
		{"the type it has", resize(s.far, "t3.small"), want{}},
		{"a smaller type that is large enough", resize(s.server, "t3a.small"), want{}},
		{"user data", func(tx *Tx) error {
			return tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: s.server.ID, UserData: &text})
		}, want{}},
		{"user data of a running one", func(tx *Tx) error {
			return tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: s.far.ID, UserData: &text})
		}, want{code: "IncorrectInstanceState", parameter: "InstanceId", says: []string{"\"far\"", "running"}}},
		{"the type of a running one", resize(s.far, "t3.large"), want{code: "IncorrectInstanceState", parameter: "InstanceId", says: []string{"\"far\"", "running"}}},
		{"a type there is not", resize(s.server, "t3.smal"), want{code: "InvalidParameterValue", parameter: "InstanceType", says: []string{"t3.small"}}},
		{"a type with too few addresses", resize(s.server, "t3.micro"), want{code: "PrivateIpAddressLimitExceeded", parameter: "InstanceType", says: []string{"\"busy\"", "3", "t3.micro", "2"},
			holders: []ec2.Holder{holds(ec2.KindAttachment, s.busy.Attachment.ID, ec2.ClaimPerENI, s.busy.ID), holds(ec2.KindInstance, s.server.ID, ec2.ClaimPerENI, s.busy.ID)}, release: 1}},
		{"a type without an index that is used", resize(s.standby, "t3.micro"), want{code: "InvalidParameterValue", parameter: "InstanceType", says: []string{"\"standby\"", "\"data\"", "device index 2", "t3.micro"},
			holders: []ec2.Holder{holds(ec2.KindAttachment, data.ID, ec2.ClaimDevice, s.standby.ID+"/0/2")}}},
	})
}
