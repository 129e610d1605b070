package rehearsal_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

// BenchmarkPerform is what the rehearsal adds to the plan of one network
// interface when so many are planned already. It should not grow.
func BenchmarkPerform(b *testing.B) {
	for _, planned := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("planned=%d", planned), func(b *testing.B) {
			world := engine.New(engine.Env{Account: "123456789012", Now: engine.SystemEnv("").Now, Random: &counter{}, ManagedBy: "terraform"})
			r := rehearsal.New(fixed{world})
			var subnet string
			perform := func(seed string, play func(*engine.Tx) error) {
				step := rehearsal.Step{Region: region, Name: "one of many", Seed: seed, Holds: holding(), Play: play}
				if err := r.Perform(b.Context(), step); err != nil {
					b.Fatal(err)
				}
			}
			perform("network", func(tx *engine.Tx) error {
				vpc, err := tx.CreateVPC(engine.CreateVPCInput{CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")})
				if err != nil {
					return err
				}
				s, err := tx.CreateSubnet(engine.CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: vpc.CIDRBlock})
				if err == nil {
					subnet = s.ID
				}
				return err
			})
			for i := range planned {
				perform(fmt.Sprint("planned ", i), creating(interfaceIn(subnet, "")))
			}
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				// One more is planned and goes again, so that their number stays.
				var made *ec2.NetworkInterface
				n++
				perform(fmt.Sprint("measured ", n), func(tx *engine.Tx) (err error) {
					made, err = tx.CreateNetworkInterface(interfaceIn(subnet, ""))
					return err
				})
				perform("", func(tx *engine.Tx) error { return tx.DeleteNetworkInterface(made.ID) })
			}
		})
	}
}

// fixed is a lab that does not change.
type fixed struct{ world *engine.World }

func (f fixed) Fork(context.Context) (*engine.World, error) { return f.world.Fork(), nil }
