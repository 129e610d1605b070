package engine

import (
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestCreateVPC(t *testing.T) {
	create := func(cidr, tenancy string, tags ec2.Tags) func(*Tx) error {
		return func(tx *Tx) error {
			return no(tx.CreateVPC(CreateVPCInput{CIDRBlock: block(cidr), InstanceTenancy: tenancy, Tags: tags}))
		}
	}
	refused := func(says ...string) want { return want{code: "InvalidVpc.Range", parameter: "CidrBlock", says: says} }
	newScene(t).play(t, []op{
		{"the largest block, /16", create("10.1.0.0/16", "", nil), want{}},
		{"the smallest block, /28", create("10.1.0.16/28", "", nil), want{}},
		{"the block another VPC has", create("10.0.0.0/16", "dedicated", nil), want{}},
		{"/15 is too large", create("10.2.0.0/15", "", nil), refused("10.2.0.0/15", "/16")},
		{"/29 is too small", create("10.2.0.0/29", "", nil), refused("10.2.0.0/29", "/28")},
		{"bits after the prefix length", create("10.1.0.1/16", "", nil), refused("10.1.0.1/16", "10.1.0.0/16")},
		{"an IPv6 block", create("2001::/16", "", nil), refused("2001::/16", "IPv4")},
		{"no block", func(tx *Tx) error { return no(tx.CreateVPC(CreateVPCInput{})) }, refused("CIDR block")},
		{"a tenancy there is not", create("10.1.0.0/16", "host", nil), want{code: "InvalidParameterValue", parameter: "InstanceTenancy", says: []string{"host", "dedicated"}}},
		{"a reserved tag", create("10.1.0.0/16", "", ec2.Tags{"aws:x": ""}), want{code: "InvalidParameterValue", parameter: "Tag", says: []string{"aws:x"}}},
	})
}

func TestCreateVPCMakesADefaultGroup(t *testing.T) {
	s := newScene(t)
	tx := s.in(virginia)
	group, ok := tx.SecurityGroup(s.main.DefaultSecurityGroupID)
	if !ok || group.Name != "default" || group.VPCID != s.main.ID {
		t.Fatalf("default group: got %+v", group)
	}
	in, out := tx.SecurityGroupRules(group.ID, false), tx.SecurityGroupRules(group.ID, true)
	if len(in) != 1 || in[0].ReferencedGroupID != group.ID || in[0].IPProtocol != "-1" {
		t.Errorf("ingress: got %+v, want all from the group itself", in)
	}
	if len(out) != 1 || out[0].CIDRIPv4 != anyIPv4 || out[0].IPProtocol != "-1" {
		t.Errorf("egress: got %+v, want all to 0.0.0.0/0", out)
	}
}

func TestModifyVPC(t *testing.T) {
	s := newScene(t)
	yes := true
	gone := func(parameter string) want {
		return want{code: "InvalidVpcID.NotFound", parameter: parameter, says: []string{"vpc-00000000000000000"}}
	}
	const nowhere = "vpc-00000000000000000"
	s.play(t, []op{
		{"DNS hostnames", func(tx *Tx) error {
			return tx.ModifyVPCAttribute(ModifyVPCAttributeInput{VPCID: s.main.ID, EnableDNSHostnames: &yes})
		}, want{}},
		{"attributes of a VPC that is not there", func(tx *Tx) error {
			return tx.ModifyVPCAttribute(ModifyVPCAttributeInput{VPCID: nowhere, EnableDNSHostnames: &yes})
		}, gone("VpcId")},
		{"the tenancy it has", func(tx *Tx) error { return tx.ModifyVPCTenancy(s.main.ID, "default") }, want{}},
		{"default to dedicated", func(tx *Tx) error { return tx.ModifyVPCTenancy(s.main.ID, "dedicated") },
			want{code: "InvalidParameterValue", parameter: "InstanceTenancy", says: []string{"main", "default"}}},
		{"dedicated to default", func(tx *Tx) error {
			vpc := must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.1.0.0/16"), InstanceTenancy: "dedicated"}))
			return tx.ModifyVPCTenancy(vpc.ID, "default")
		}, want{}},
		{"the tenancy of a VPC that is not there", func(tx *Tx) error { return tx.ModifyVPCTenancy(nowhere, "default") }, gone("VpcId")},
	})
}

func TestDeleteVPC(t *testing.T) {
	s := newScene(t)
	depends := func(kind ec2.Kind, id string) ec2.Holder { return holds(kind, id, ec2.ClaimDependency, s.main.ID) }
	s.play(t, []op{
		{"an empty one", func(tx *Tx) error {
			return tx.DeleteVPC(must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.1.0.0/16")})).ID)
		}, want{}},
		{"one that is not there", func(tx *Tx) error { return tx.DeleteVPC("vpc-0") }, want{code: "InvalidVpcID.NotFound", parameter: "VpcId", says: []string{"vpc-0"}}},
		{"one with subnets and groups names all of them", func(tx *Tx) error { return tx.DeleteVPC(s.main.ID) }, want{
			code: "DependencyViolation", parameter: "VpcId",
			says: []string{"VPC \"main\"", "\"front\"", "\"back\"", "\"tiny\"", "\"web\"", "\"app\""},
			holders: []ec2.Holder{
				depends(ec2.KindSubnet, s.front.ID), depends(ec2.KindSubnet, s.back.ID), depends(ec2.KindSubnet, s.tiny.ID),
				depends(ec2.KindSecurityGroup, s.web.ID), depends(ec2.KindSecurityGroup, s.app.ID),
			},
		}},
	})
}

func TestCreateSubnet(t *testing.T) {
	s := newScene(t)
	create := func(cidr, zone, zoneID string) func(*Tx) error {
		return func(tx *Tx) error {
			return no(tx.CreateSubnet(CreateSubnetInput{VPCID: s.main.ID, CIDRBlock: block(cidr), AvailabilityZone: zone, AvailabilityZoneID: zoneID}))
		}
	}
	out := func(says ...string) want {
		return want{code: "InvalidSubnet.Range", parameter: "CidrBlock", says: append(says, "\"main\"")}
	}
	s.play(t, []op{
		{"next to its neighbours", create("10.0.0.0/24", "us-east-1c", ""), want{}},
		{"the smallest, right behind another", create("10.0.3.16/28", "", "use1-az6"), want{}},
		{"in the second half of the VPC", create("10.0.128.0/17", "", ""), want{}},
		{"/29 is too small", create("10.0.9.0/29", "", ""), out("10.0.9.0/29")},
		{"outside the VPC", create("10.9.2.0/24", "", ""), out("10.9.2.0/24", "10.0.0.0/16")},
		{"bits after the prefix length", create("10.0.9.1/24", "", ""), out("10.0.9.1/24", "10.0.9.0/24")},
		{"an IPv6 block", create("2001:db8::/24", "", ""), out("2001:db8::/24")},
		{"over a neighbour", create("10.0.1.128/25", "", ""), want{
			code: "InvalidSubnet.Conflict", parameter: "CidrBlock", says: []string{"10.0.1.128/25", "\"front\"", "\"main\""},
			holders: []ec2.Holder{holds(ec2.KindSubnet, s.front.ID, ec2.ClaimCIDR, s.main.ID+"/10.0.1.0/24")},
		}},
		{"over two neighbours", create("10.0.2.0/23", "", ""), want{
			code: "InvalidSubnet.Conflict", parameter: "CidrBlock", says: []string{"\"back\"", "\"tiny\""},
			holders: []ec2.Holder{
				holds(ec2.KindSubnet, s.back.ID, ec2.ClaimCIDR, s.main.ID+"/10.0.2.0/24"),
				holds(ec2.KindSubnet, s.tiny.ID, ec2.ClaimCIDR, s.main.ID+"/10.0.3.0/28"),
			},
		}},
		{"a zone there is not", create("10.0.9.0/24", "us-east-1z", ""), want{code: "InvalidParameterValue", parameter: "AvailabilityZone", says: []string{"us-east-1z", "us-east-1a"}}},
		{"a zone of another region", create("10.0.9.0/24", "eu-west-3a", ""), want{code: "InvalidParameterValue", parameter: "AvailabilityZone", says: []string{"eu-west-3a", "us-east-1"}}},
		{"a zone id there is not", create("10.0.9.0/24", "", "use1-az9"), want{code: "InvalidParameterValue", parameter: "AvailabilityZoneId", says: []string{"use1-az9", "use1-az1"}}},
		{"a zone and a zone id", create("10.0.9.0/24", "us-east-1a", "use1-az2"), want{code: "InvalidParameterCombination", parameter: "AvailabilityZoneId", says: []string{"us-east-1a", "use1-az2"}}},
		{"in a VPC that is not there", func(tx *Tx) error {
			return no(tx.CreateSubnet(CreateSubnetInput{VPCID: "vpc-0", CIDRBlock: block("10.0.9.0/24")}))
		}, want{code: "InvalidVpcID.NotFound", parameter: "VpcId", says: []string{"vpc-0"}}},
		{"the attribute of one that is not there", func(tx *Tx) error { return tx.ModifySubnetAttribute("subnet-0", true) },
			want{code: "InvalidSubnetID.NotFound", parameter: "SubnetId", says: []string{"subnet-0"}}},
		{"its attribute", func(tx *Tx) error { return tx.ModifySubnetAttribute(s.front.ID, true) }, want{}},
	})
}

func TestDeleteSubnet(t *testing.T) {
	s := newScene(t)
	farPrimary, _ := s.in(virginia).PrimaryInterface(s.far.ID)
	s.play(t, []op{
		{"an empty one", func(tx *Tx) error { return tx.DeleteSubnet(s.tiny.ID) }, want{}},
		{"one that is not there", func(tx *Tx) error { return tx.DeleteSubnet("subnet-0") }, want{code: "InvalidSubnetID.NotFound", parameter: "SubnetId", says: []string{"subnet-0"}}},
		{"one with an interface in it", func(tx *Tx) error { return tx.DeleteSubnet(s.back.ID) }, want{
			code: "DependencyViolation", parameter: "SubnetId", says: []string{"\"back\"", "instance \"far\""},
			holders: []ec2.Holder{holds(ec2.KindNetworkInterface, farPrimary.ID, ec2.ClaimDependency, s.back.ID)},
		}},
	})
}

func TestMessagesNameAtMostWhatIsReal(t *testing.T) {
	s := newScene(t)
	env := s.Env()
	env.Provisional = func(id string) bool { return id == s.front.ID }
	tx := s.ForkWith(env).Begin().In(virginia)
	err := no(tx.CreateSubnet(CreateSubnetInput{VPCID: s.main.ID, CIDRBlock: block("10.0.1.0/25")})).(*ec2.Error)
	if told := err.Explain(); strings.Contains(told, s.front.ID) || !strings.Contains(told, "10.0.1.0/24") || !strings.Contains(told, s.main.ID) {
		t.Errorf("got %q, want the CIDR block of the subnet and not its provisional id %s", told, s.front.ID)
	}
}
