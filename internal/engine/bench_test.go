package engine

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// newCrowd makes a world of n network interfaces besides those of two
// instances, spread over subnets of 4,091 usable addresses, all free.
func newCrowd(b *testing.B, n int) (w *World, moved *ec2.NetworkInterface, instances [2]*ec2.Instance) {
	b.Helper()
	env, _ := newEnv("crowd")
	w = New(env)
	tx := w.Begin().In(virginia)
	var vpc *ec2.VPC
	var subnet *ec2.Subnet
	for i := range n {
		if i%40_000 == 0 {
			vpc = must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.0.0.0/16")}))
		}
		if i%4_000 == 0 {
			at := netip.PrefixFrom(ec2.IPv4Address(10<<24|uint32(i%40_000/4_000)<<12), 20)
			subnet = must(tx.CreateSubnet(CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: at}))
		}
		moved = must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnet.ID}))
	}
	for i := range instances {
		instances[i] = must(tx.RunInstances(RunInstancesInput{ImageID: ami, InstanceType: "t3.small", SubnetID: subnet.ID}))
	}
	must(tx.AttachNetworkInterface(attachInput(moved, instances[0], 1)))
	tx.Commit()
	return w, moved, instances
}

var sizes = []int{1_000, 10_000, 100_000}

// A move is a detachment and an attachment in one transaction. Its cost must
// not grow with the world.
func BenchmarkMove(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("interfaces=%d", n), func(b *testing.B) {
			w, moved, instances := newCrowd(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				tx := w.Begin().In(virginia)
				now, _ := tx.NetworkInterface(moved.ID)
				must(0, tx.DetachNetworkInterface(now.Attachment.ID))
				must(tx.AttachNetworkInterface(attachInput(moved, instances[(i+1)%2], 1)))
				tx.Commit()
			}
		})
	}
}

// An automatic address is found at the same cost in a subnet of any fullness.
func BenchmarkCreateNetworkInterface(b *testing.B) {
	for _, used := range []int{10, 10_000, 60_000} {
		b.Run(fmt.Sprintf("used=%d", used), func(b *testing.B) {
			env, _ := newEnv("used")
			w := New(env)
			tx := w.Begin().In(virginia)
			vpc := must(tx.CreateVPC(CreateVPCInput{CIDRBlock: block("10.0.0.0/16")}))
			subnet := must(tx.CreateSubnet(CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: block("10.0.0.0/16")}))
			for range used {
				must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnet.ID}))
			}
			tx.Commit()
			b.ReportAllocs()
			for b.Loop() {
				tx := w.Begin().In(virginia)
				must(tx.CreateNetworkInterface(CreateNetworkInterfaceInput{SubnetID: subnet.ID}))
				tx.Abort()
			}
		})
	}
}

var forked *World

func BenchmarkFork(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("interfaces=%d", n), func(b *testing.B) {
			w, _, _ := newCrowd(b, n)
			b.ReportAllocs()
			for b.Loop() {
				forked = w.Fork()
			}
		})
	}
}

// What a process pays that opens a lab.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("interfaces=%d", n), func(b *testing.B) {
			w, _, _ := newCrowd(b, n)
			objects := contents(w)
			for b.Loop() {
				New(w.Env()).Load(objects, nil)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("interfaces=%d", n), func(b *testing.B) {
			w, _, _ := newCrowd(b, n)
			for b.Loop() {
				wantSound(b, w)
			}
		})
	}
}

// A filter that an index answers, against one that looks at all interfaces.
func BenchmarkDescribe(b *testing.B) {
	for _, n := range sizes {
		w, moved, _ := newCrowd(b, n)
		for _, name := range []string{"network-interface-id", "private-ip-address"} {
			b.Run(fmt.Sprintf("%s/interfaces=%d", name, n), func(b *testing.B) {
				value := moved.ID
				if name == "private-ip-address" {
					value = moved.PrivateIP().String()
				}
				tx := w.in(virginia)
				for b.Loop() {
					must(tx.DescribeNetworkInterfaces(Filter{name, []string{value}}))
				}
			})
		}
	}
}
