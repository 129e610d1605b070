package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestDefaultVPC(t *testing.T) {
	for _, region := range []ec2.Region{virginia, paris, "us-west-1", "xx-lesson-7"} {
		t.Run(string(region), func(t *testing.T) {
			env, _ := newEnv("default")
			w := New(env)
			tx := w.Begin().In(region)
			vpc, ok := tx.DefaultVPC()
			if !ok || !vpc.IsDefault || vpc.CIDRBlock != block("172.31.0.0/16") {
				t.Fatalf("got %+v", vpc)
			}
			again, _ := tx.DefaultVPC()
			if again.ID != vpc.ID {
				t.Errorf("asked again: got %s, want %s", again.ID, vpc.ID)
			}
			subnets := must(tx.DescribeSubnets(Filter{"vpc-id", []string{vpc.ID}}))
			zones := region.Zones()
			if len(subnets) != len(zones) {
				t.Errorf("got %d subnets, want one for each of %d zones", len(subnets), len(zones))
			}
			var got []string
			for _, s := range subnets {
				if s.CIDRBlock.Bits() != 20 || !s.DefaultForAZ || !s.MapPublicIPOnLaunch {
					t.Errorf("default subnet: got %+v", s)
				}
				got = append(got, s.AvailabilityZone)
			}
			slices.Sort(got)
			for i, z := range zones {
				if got[i] != z.Name {
					t.Errorf("zones: got %v, want %v", got, zones)
				}
			}
			tx.Commit()
			wantSound(t, w)
		})
	}
}

func TestDefaultVPCIDsFollowFromAccountAndRegion(t *testing.T) {
	ids := func(seed string, region ec2.Region) []string {
		env, _ := newEnv(seed)
		w := New(env)
		tx := w.Begin().In(region)
		tx.DefaultVPC()
		tx.Commit()
		var ids []string
		for _, o := range contents(w) {
			ids = append(ids, o.Ref().ID)
		}
		return ids
	}
	if a, b := ids("a", virginia), ids("b", virginia); !slices.Equal(a, b) {
		t.Errorf("in one region: got %v and %v", a, b)
	}
	if a, b := ids("a", virginia), ids("a", paris); slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) }) {
		t.Errorf("in two regions: got %v and %v, want them apart", a, b)
	}
}

func TestWhatNeedsTheDefaultVPCMakesIt(t *testing.T) {
	env, _ := newEnv("default")
	w := New(env)
	tx := w.Fork().Begin().In(virginia)
	vpc, _ := tx.DefaultVPC()
	subnets := must(tx.DescribeSubnets())
	address := func(tx *Tx) error {
		return no(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnets[0].ID, Groups: []string{vpc.DefaultSecurityGroupID}}))
	}
	for name, do := range map[string]func(*Tx) error{
		"an instance without a subnet": func(tx *Tx) error { return no(tx.RunInstances(RunInstancesInput{ImageID: ami})) },
		"an instance in a zone": func(tx *Tx) error {
			return no(tx.RunInstances(RunInstancesInput{ImageID: ami, AvailabilityZone: "us-east-1c"}))
		},
		"a group without a VPC": func(tx *Tx) error {
			return no(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: "x", Description: "x"}))
		},
		"the id of its subnet and of its group": address,
		"the id of the VPC": func(tx *Tx) error {
			return no(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: "x", Description: "x", VPCID: vpc.ID}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := w.Fork()
			tx := w.Begin().In(virginia)
			must(0, do(tx))
			tx.Commit()
			if _, ok := w.in(virginia).VPC(vpc.ID); !ok {
				t.Error("there is no default VPC")
			}
			wantSound(t, w)
		})
	}
	if _, ok := w.in(virginia).VPC(vpc.ID); ok {
		t.Error("there is a default VPC before anything needed it")
	}
}

func TestADeletedDefaultVPCStaysDeleted(t *testing.T) {
	env, _ := newEnv("default")
	w := New(env)
	tx := w.Begin().In(virginia)
	vpc, _ := tx.DefaultVPC()
	n := must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: must(tx.DescribeSubnets())[0].ID}))
	wantRefusal(t, tx.Reading(), tx.DeleteVPC(vpc.ID), want{code: "DependencyViolation", parameter: "VpcId", says: []string{"172.31.0.0/16"},
		holders: []ec2.Holder{holds(ec2.KindSubnet, n.SubnetID, ec2.ClaimDependency, vpc.ID)}})
	must(0, tx.DeleteNetworkInterface(n.ID))
	must(0, tx.DeleteVPC(vpc.ID))
	if _, ok := tx.DefaultVPC(); ok {
		t.Error("the region grew another default VPC")
	}
	wantRefusal(t, tx.Reading(), no(tx.RunInstances(RunInstancesInput{ImageID: ami})), want{code: "VPCIdNotSpecified", parameter: "SubnetId", says: []string{"us-east-1"}})
	wantRefusal(t, tx.Reading(), no(tx.CreateSecurityGroup(CreateSecurityGroupInput{GroupName: "x", Description: "x"})), want{code: "VPCIdNotSpecified", parameter: "VpcId", says: []string{"us-east-1"}})
	wantRefusal(t, tx.Reading(), tx.DeleteVPC(vpc.ID), want{code: "InvalidVpcID.NotFound", parameter: "VpcId", says: []string{vpc.ID}})
	if _, ok := tx.In(paris).DefaultVPC(); !ok {
		t.Error("another region lost its default VPC")
	}
	tx.Commit()
	wantSound(t, w)
}

func TestADeletedDefaultSubnet(t *testing.T) {
	env, _ := newEnv("default")
	tx := New(env).Begin().In(virginia)
	tx.DefaultVPC()
	for _, s := range must(tx.DescribeSubnets(Filter{"availability-zone", []string{"us-east-1a"}})) {
		must(0, tx.DeleteSubnet(s.ID))
	}
	wantRefusal(t, tx.Reading(), no(tx.RunInstances(RunInstancesInput{ImageID: ami, AvailabilityZone: "us-east-1a"})),
		want{code: "MissingInput", parameter: "SubnetId", says: []string{"us-east-1a", "172.31.0.0/16"}})
	if i := must(tx.RunInstances(RunInstancesInput{ImageID: ami})); i.AvailabilityZone != "us-east-1b" {
		t.Errorf("without a zone: got %s, want the first that has a default subnet, us-east-1b", i.AvailabilityZone)
	}
}

func TestAnotherRegionsObjectsAreNotFound(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(paris)
	defer tx.Abort()
	found := map[string]bool{}
	_, found["VPC"] = tx.VPC(s.main.ID)
	_, found["subnet"] = tx.Subnet(s.front.ID)
	_, found["group"] = tx.SecurityGroup(s.web.ID)
	_, found["interface"] = tx.NetworkInterface(s.data.ID)
	_, found["instance"] = tx.Instance(s.server.ID)
	_, found["attachment"] = tx.Attached(s.busy.Attachment.ID)
	_, found["primary interface"] = tx.PrimaryInterface(s.server.ID)
	_, found["object"] = tx.Object(s.data.Ref())
	found["rules"] = len(tx.SecurityGroupRules(s.app.ID, false)) > 0
	found["interfaces of an instance"] = len(slices.Collect(tx.InterfacesOf(s.server.ID))) > 0
	found["holder"] = tx.Holds(holds(ec2.KindNetworkInterface, s.busy.ID, ec2.ClaimAddress, s.front.ID+"/10.0.1.60"))
	found["manager"] = tx.Manager(s.data.Ref()) != ""
	found["described"] = len(must(tx.DescribeNetworkInterfaces(Filter{"network-interface-id", []string{s.data.ID}}))) > 0
	for what, ok := range found {
		if ok {
			t.Errorf("%s of us-east-1 found in eu-west-3", what)
		}
	}
	yes := true
	for name, err := range map[string]error{
		"InvalidVpcID.NotFound":              no(tx.CreateSubnet(CreateSubnetInput{VPCID: s.main.ID, CIDRBlock: block("10.0.9.0/24")})),
		"InvalidSubnetID.NotFound":           no(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: s.front.ID})),
		"InvalidGroup.NotFound":              tx.DeleteSecurityGroup(s.web.ID),
		"InvalidNetworkInterfaceID.NotFound": tx.DeleteNetworkInterface(s.data.ID),
		"InvalidInstanceID.NotFound":         tx.ModifyInstanceAttribute(ModifyInstanceAttributeInput{InstanceID: s.server.ID, DisableAPIStop: &yes}),
		"InvalidAttachmentID.NotFound":       tx.DetachNetworkInterface(s.busy.Attachment.ID),
		"InvalidID":                          tx.SetTags(s.data.Ref(), named("x")),
	} {
		if refusal, ok := err.(*ec2.Error); !ok || refusal.Code != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

func TestGroupsByNameInTheDefaultVPC(t *testing.T) {
	s := newScene(t)
	tx := s.Begin().In(virginia)
	vpc, _ := tx.DefaultVPC()
	in := RunInstancesInput{ImageID: ami, SecurityGroups: []string{"default"}}
	i := must(tx.RunInstances(in))
	primary, _ := tx.PrimaryInterface(i.ID)
	if want := []string{vpc.DefaultSecurityGroupID}; !slices.Equal(primary.Groups, want) {
		t.Errorf("got %v, want %v", primary.Groups, want)
	}
	in.SecurityGroups = []string{"foreign"}
	_, err := tx.RunInstances(in)
	if refusal, ok := errors.AsType[*ec2.Error](err); !ok || refusal.Code != "InvalidGroup.NotFound" || !strings.Contains(refusal.Summary, "foreign") {
		t.Errorf("a name that is not there: got %v", err)
	}
}
