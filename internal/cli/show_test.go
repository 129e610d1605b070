package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/labtest"
)

// world is a lab to fill, in a store of its own.
type world struct {
	t     *testing.T
	store string
	lab   *lab.Lab
}

func newWorld(t *testing.T) *world {
	store := t.TempDir()
	env := func(account string) engine.Env {
		return engine.Env{
			Account: account,
			Now:     func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) },
			Random:  rand.NewChaCha8([32]byte{}),
		}
	}
	return &world{t, store, labtest.OpenWith(t, lab.Options{Store: store, Env: env})}
}

// fill changes the lab in a region.
func (w *world) fill(region ec2.Region, do func(*filler)) {
	w.t.Helper()
	err := w.lab.Update(w.t.Context(), func(tx *engine.Tx) error {
		do(&filler{w.t, tx.In(region)})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// filler puts objects into a lab by name.
type filler struct {
	t  *testing.T
	tx *engine.Tx
}

func must[T any](f *filler, v T, err error) T {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func (f *filler) named(name string) ec2.Tags {
	if name == "" {
		return nil
	}
	return ec2.Tags{"Name": name}
}

func (f *filler) vpc(name, cidr string) *ec2.VPC {
	f.t.Helper()
	v, err := f.tx.CreateVPC(engine.CreateVPCInput{CIDRBlock: netip.MustParsePrefix(cidr), Tags: f.named(name)})
	return must(f, v, err)
}

func (f *filler) subnet(v *ec2.VPC, name, cidr, zone string) *ec2.Subnet {
	f.t.Helper()
	s, err := f.tx.CreateSubnet(engine.CreateSubnetInput{VPCID: v.ID, CIDRBlock: netip.MustParsePrefix(cidr), AvailabilityZone: zone, Tags: f.named(name)})
	return must(f, s, err)
}

func (f *filler) group(v *ec2.VPC, name string) *ec2.SecurityGroup {
	f.t.Helper()
	g, err := f.tx.CreateSecurityGroup(engine.CreateSecurityGroupInput{VPCID: v.ID, GroupName: name, Description: "of a test"})
	return must(f, g, err)
}

func (f *filler) instance(s *ec2.Subnet, name string) *ec2.Instance {
	f.t.Helper()
	i, err := f.tx.RunInstances(engine.RunInstancesInput{ImageID: "ami-0123456789abcdef0", InstanceType: "m5.large", SubnetID: s.ID, Tags: f.named(name)})
	return must(f, i, err)
}

func (f *filler) networkInterface(s *ec2.Subnet, name string, groups []string, addresses ...string) *ec2.NetworkInterface {
	f.t.Helper()
	in := engine.CreateNetworkInterfaceInput{SubnetID: s.ID, Description: "made by hand", Groups: groups, Tags: f.named(name)}
	for _, a := range addresses {
		in.PrivateIPAddresses = append(in.PrivateIPAddresses, netip.MustParseAddr(a))
	}
	n, err := f.tx.CreateNetworkInterface(in)
	return must(f, n, err)
}

func (f *filler) attach(n *ec2.NetworkInterface, i *ec2.Instance, index int) {
	f.t.Helper()
	a, err := f.tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: i.ID, DeviceIndex: index})
	must(f, a, err)
}

var (
	anyID  = regexp.MustCompile(`\b(vpc|subnet|sg|i|eni|eni-attach)-[0-9a-f]{17}\b`)
	anyMAC = regexp.MustCompile(`\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b`)
)

// canonical replaces what is made up, ids and MAC addresses, by numbers of the same
// width in the order of their appearance, and the file of the lab by LAB.
func (w *world) canonical(text string) string {
	seen := map[string]string{}
	count := map[string]int{}
	number := func(kind, id, format string) string {
		if _, ok := seen[id]; !ok {
			count[kind]++
			seen[id] = fmt.Sprintf(format, count[kind])
		}
		return seen[id]
	}
	text = anyID.ReplaceAllStringFunc(text, func(id string) string {
		prefix := id[:strings.LastIndex(id, "-")]
		return number(prefix, id, prefix+"-%017d")
	})
	text = anyMAC.ReplaceAllStringFunc(text, func(mac string) string { return number("mac", mac, "02:00:00:00:00:%02d") })
	location, _ := json.Marshal(w.lab.Location())
	return strings.NewReplacer(string(location), `"LAB"`, w.lab.Location(), "LAB", w.lab.Account(), "ACCOUNT").Replace(text)
}

func (w *world) show(args ...string) string {
	w.t.Helper()
	stdout, stderr, status := run(w.t, append([]string{"show", "--store", w.store}, args...)...)
	if status != 0 || stderr != "" {
		w.t.Fatalf("show %q: status %d, stderr %q", args, status, stderr)
	}
	return w.canonical(stdout)
}

func (w *world) expect(want string, args ...string) {
	w.t.Helper()
	got := w.show(args...)
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		w.t.Errorf("show %q (-want +got):\n%s", args, diff)
	}
}

// failover fills a lab with what the walkthrough has in the end.
func failover(w *world) {
	w.fill("us-east-1", func(f *filler) {
		v := f.vpc("failover", "10.0.0.0/16")
		a := f.subnet(v, "a", "10.0.1.0/24", "us-east-1a")
		b := f.subnet(v, "b", "10.0.2.0/24", "us-east-1b")
		web := f.group(v, "web")
		f.instance(a, "one")
		two := f.instance(a, "two")
		f.instance(b, "three")
		service := f.networkInterface(a, "service", []string{web.ID}, "10.0.1.50")
		f.attach(service, two, 1)
	})
}

func TestShow(t *testing.T) {
	w := newWorld(t)
	failover(w)
	w.expect(`
Lab LAB, account ACCOUNT

VPC failover (vpc-00000000000000001), 10.0.0.0/16 in us-east-1
4 network interfaces, 3 instances, 2 subnets

  NETWORK INTERFACE      NAME     STATUS  PRIVATE IP  MAC                ATTACHED TO     GROUPS
  in subnet a (subnet-00000000000000001), us-east-1a
  eni-00000000000000001  -        in-use  10.0.1.4    02:00:00:00:00:01  one, index 0    default
  eni-00000000000000002  -        in-use  10.0.1.5    02:00:00:00:00:02  two, index 0    default
  eni-00000000000000003  service  in-use  10.0.1.50   02:00:00:00:00:03  two, index 1    web
  in subnet b (subnet-00000000000000002), us-east-1b
  eni-00000000000000004  -        in-use  10.0.2.4    02:00:00:00:00:04  three, index 0  default

  INSTANCE             NAME   STATE    TYPE      ZONE        PRIVATE IP
  i-00000000000000001  one    running  m5.large  us-east-1a  10.0.1.4
  i-00000000000000002  two    running  m5.large  us-east-1a  10.0.1.5
  i-00000000000000003  three  running  m5.large  us-east-1b  10.0.2.4

  SUBNET                    NAME  CIDR         ZONE        FREE ADDRESSES
  subnet-00000000000000001  a     10.0.1.0/24  us-east-1a  248
  subnet-00000000000000002  b     10.0.2.0/24  us-east-1b  250
`)
	for line := range strings.Lines(w.show()) {
		if len(line) > 100 {
			t.Errorf("this line is longer than 100 columns: %s", line)
		}
	}
}

// Names that do not tell instances apart, several addresses and groups, no names at
// all, several regions.
func TestShowLessTidy(t *testing.T) {
	w := newWorld(t)
	w.fill("eu-west-1", func(f *filler) {
		v := f.vpc("", "172.16.0.0/16")
		s := f.subnet(v, "", "172.16.0.0/20", "eu-west-1c")
		first, second := f.group(v, "first"), f.group(v, "second")
		twin := f.instance(s, "twin")
		f.instance(s, "twin")
		n := f.networkInterface(s, "many", []string{first.ID, second.ID}, "172.16.0.100", "172.16.0.9")
		f.attach(n, twin, 2)
	})
	w.fill("us-east-1", func(f *filler) { f.vpc("bare", "10.0.0.0/16") })
	w.expect(`
Lab LAB, account ACCOUNT

VPC vpc-00000000000000001, 172.16.0.0/16 in eu-west-1
3 network interfaces, 2 instances, 1 subnet

  NETWORK INTERFACE      NAME  STATUS  PRIVATE IP    MAC                ATTACHED TO          GROUPS
  in subnet subnet-00000000000000001, eu-west-1c
  eni-00000000000000001  -     in-use  172.16.0.4    02:00:00:00:00:01  i-00000000000000001  default
                                                                        index 0
  eni-00000000000000002  -     in-use  172.16.0.5    02:00:00:00:00:02  i-00000000000000002  default
                                                                        index 0
  eni-00000000000000003  many  in-use  172.16.0.100  02:00:00:00:00:03  i-00000000000000001  first
                                       172.16.0.9                       index 2              second

  INSTANCE             NAME  STATE    TYPE      ZONE        PRIVATE IP
  i-00000000000000001  twin  running  m5.large  eu-west-1c  172.16.0.4
  i-00000000000000002  twin  running  m5.large  eu-west-1c  172.16.0.5

  SUBNET                    NAME  CIDR           ZONE        FREE ADDRESSES
  subnet-00000000000000001  -     172.16.0.0/20  eu-west-1c  4087

VPC bare (vpc-00000000000000002), 10.0.0.0/16 in us-east-1
0 network interfaces, 0 instances, 0 subnets
`)
	w.expect(`
Lab LAB, account ACCOUNT

VPC bare (vpc-00000000000000001), 10.0.0.0/16 in us-east-1
0 network interfaces, 0 instances, 0 subnets
`, "--region", "us-east-1")
}

func TestShowTerminated(t *testing.T) {
	w := newWorld(t)
	w.fill("us-east-1", func(f *filler) {
		v := f.vpc("", "10.0.0.0/16")
		s := f.subnet(v, "", "10.0.0.0/24", "us-east-1a")
		for _, err := range []error{f.tx.TerminateInstances(f.instance(s, "gone").ID), f.tx.DeleteSubnet(s.ID), f.tx.DeleteVPC(v.ID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	w.expect("Lab LAB is empty, but for 1 terminated instance (see --all).\n")
	w.expect(`
Lab LAB, account ACCOUNT

VPC vpc-00000000000000001 in us-east-1, deleted
0 network interfaces, 1 instance, 0 subnets

  INSTANCE             NAME  STATE       TYPE      ZONE        PRIVATE IP
  i-00000000000000001  gone  terminated  m5.large  us-east-1a  -
`, "--all")
	w.expect("Lab LAB has nothing in eu-west-1.\n", "--region", "eu-west-1")
	if got := w.show("--json"); !strings.Contains(got, `"instances": []`) {
		t.Errorf("without --all the JSON should have no terminated instance:\n%s", got)
	}
	if got := w.show("--json", "--all"); !strings.Contains(got, `"state": "terminated"`) || !strings.Contains(got, `"network_interface_ids": []`) {
		t.Errorf("with --all the JSON should have the terminated instance, without interfaces:\n%s", got)
	}
}

func TestShowNothing(t *testing.T) {
	w := newWorld(t)
	w.expect("There is no lab LAB yet: terraform apply makes it.\n")
	w.expect(`
{
  "account_id": "ACCOUNT",
  "location": "LAB",
  "vpcs": [],
  "subnets": [],
  "security_groups": [],
  "instances": [],
  "network_interfaces": []
}
`, "--json")
	if entries, err := os.ReadDir(w.store); err != nil || len(entries) > 0 {
		t.Errorf("looking at a lab that does not exist has left %v (%v)", entries, err)
	}
}

// The shape that scripts rely on, with one object of each kind.
func TestShowJSON(t *testing.T) {
	w := newWorld(t)
	w.fill("us-east-1", func(f *filler) {
		v := f.vpc("only", "10.0.0.0/16")
		s := f.subnet(v, "", "10.0.0.0/24", "us-east-1a")
		f.instance(s, "one")
	})
	w.expect(`
{
  "account_id": "ACCOUNT",
  "location": "LAB",
  "vpcs": [
    {
      "vpc_id": "vpc-00000000000000001",
      "region": "us-east-1",
      "cidr_block": "10.0.0.0/16",
      "is_default": false,
      "tags": {
        "Name": "only"
      }
    }
  ],
  "subnets": [
    {
      "subnet_id": "subnet-00000000000000001",
      "region": "us-east-1",
      "vpc_id": "vpc-00000000000000001",
      "availability_zone": "us-east-1a",
      "availability_zone_id": "use1-az1",
      "cidr_block": "10.0.0.0/24",
      "available_ip_address_count": 250,
      "map_public_ip_on_launch": false,
      "default_for_az": false,
      "tags": {}
    }
  ],
  "security_groups": [
    {
      "group_id": "sg-00000000000000001",
      "region": "us-east-1",
      "vpc_id": "vpc-00000000000000001",
      "group_name": "default",
      "description": "default VPC security group",
      "tags": {}
    }
  ],
  "instances": [
    {
      "instance_id": "i-00000000000000001",
      "region": "us-east-1",
      "vpc_id": "vpc-00000000000000001",
      "subnet_id": "subnet-00000000000000001",
      "availability_zone": "us-east-1a",
      "state": "running",
      "instance_type": "m5.large",
      "image_id": "ami-0123456789abcdef0",
      "launch_time": "2026-02-03T04:05:06Z",
      "private_ip_address": "10.0.0.4",
      "network_interface_ids": [
        "eni-00000000000000001"
      ],
      "tags": {
        "Name": "one"
      }
    }
  ],
  "network_interfaces": [
    {
      "network_interface_id": "eni-00000000000000001",
      "region": "us-east-1",
      "vpc_id": "vpc-00000000000000001",
      "subnet_id": "subnet-00000000000000001",
      "availability_zone": "us-east-1a",
      "status": "in-use",
      "interface_type": "interface",
      "description": "",
      "mac_address": "02:00:00:00:00:01",
      "private_ip_address": "10.0.0.4",
      "private_ip_addresses": [
        {
          "private_ip_address": "10.0.0.4",
          "primary": true
        }
      ],
      "groups": [
        {
          "group_id": "sg-00000000000000001",
          "group_name": "default"
        }
      ],
      "source_dest_check": true,
      "attachment": {
        "attachment_id": "eni-attach-00000000000000001",
        "instance_id": "i-00000000000000001",
        "device_index": 0,
        "network_card_index": 0,
        "delete_on_termination": true,
        "attach_time": "2026-02-03T04:05:06Z"
      },
      "tags": {}
    }
  ]
}
`, "--json")
}

// The order of what is listed does not depend on when it was made, nor on its id.
func TestShowIsSorted(t *testing.T) {
	w := newWorld(t)
	w.fill("us-east-1", func(f *filler) {
		v := f.vpc("", "10.0.0.0/16")
		late := f.subnet(v, "", "10.0.10.0/24", "us-east-1a")
		early := f.subnet(v, "", "10.0.9.0/24", "us-east-1b")
		for _, s := range []*ec2.Subnet{late, early} {
			prefix := strings.TrimSuffix(s.CIDRBlock.Addr().String(), "0")
			for _, host := range []string{"100", "9", "20"} {
				f.networkInterface(s, "", nil, prefix+host)
			}
		}
	})
	var got []string
	for line := range strings.Lines(w.show("--region", "us-east-1")) {
		if fields := strings.Fields(line); len(fields) > 3 && strings.HasPrefix(fields[0], "eni-") {
			got = append(got, fields[3])
		}
	}
	want := []string{"10.0.9.9", "10.0.9.20", "10.0.9.100", "10.0.10.9", "10.0.10.20", "10.0.10.100"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

func TestShowWhichLab(t *testing.T) {
	w := newWorld(t)
	failover(w)
	for _, c := range []struct {
		name       string
		lab, store string // environment variables
		args       []string
		want       string
		wantErr    string
	}{
		{name: "by environment", store: w.store, want: "VPC failover"},
		{name: "another lab by environment", store: w.store, lab: "other", want: "There is no lab " + filepath.Join(w.store, "other.db")},
		{name: "flags come first", store: "/elsewhere", lab: "other", args: []string{"--store", w.store, "--lab", "default"}, want: "VPC failover"},
		{name: "one file", args: []string{"--store", filepath.Join(w.store, "default.db")}, want: "VPC failover"},
		{name: "a name that is none", args: []string{"--lab", "../default"}, wantErr: "lab name \"../default\": a name has"},
		{name: "a store that is none", args: []string{"--store", "ftp://example.com"}, wantErr: "unknown scheme"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("VPCLAB_LAB", c.lab)
			t.Setenv("VPCLAB_STORE", c.store)
			stdout, stderr, status := runAsIs(t, append([]string{"show"}, c.args...)...)
			if c.wantErr != "" {
				if status != 1 || stdout != "" || !strings.Contains(stderr, c.wantErr) {
					t.Errorf("status %d, stdout %q, stderr %q, want status 1 and %q", status, stdout, stderr, c.wantErr)
				}
				return
			}
			if status != 0 || !strings.Contains(stdout, c.want) {
				t.Errorf("status %d, stderr %q, stdout\n%s\nwant %q in it", status, stderr, stdout, c.want)
			}
		})
	}
}

func TestShowDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lab.db")
	document := []byte(strings.Repeat("This is no lab. ", 400))
	if err := os.WriteFile(file, document, 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := run(t, "show", "--store", file)
	want := "terraform-provider-vpclab: lab " + file + ": the file is not a SQLite database; move the file out of the way, or choose another store or another lab name\n"
	if status != 1 || stdout != "" || stderr != want {
		t.Errorf("status %d, stdout %q, stderr\n got %s\nwant %s", status, stdout, stderr, want)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != string(document) {
		t.Errorf("show has changed the file (%v)", err)
	}
}
