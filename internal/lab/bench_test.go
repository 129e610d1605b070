package lab_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal/sqlite"
)

func openForBenchmark(b *testing.B, file string) (*lab.Lab, *observed) {
	b.Helper()
	identity := journal.Identity{Name: "bench", Account: ec2.AccountID("bench")}
	j, err := sqlite.Open(b.Context(), file, sqlite.Options{Identity: identity})
	if err != nil {
		b.Fatal(err)
	}
	o := &observed{Journal: j}
	l, err := lab.New(b.Context(), o, lab.Options{Name: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l, o
}

// BenchmarkUpdate makes a network interface durable.
func BenchmarkUpdate(b *testing.B) {
	for _, callers := range []int{1, 10} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l, journal := openForBenchmark(b, b.TempDir()+"/x.db")
			subnet := newSubnets(b, l, 1)[0]
			before := journal.commits.Load()
			var remaining atomic.Int64
			remaining.Store(int64(b.N))
			b.ResetTimer()
			var group sync.WaitGroup
			for range callers {
				group.Go(func() {
					for remaining.Add(-1) >= 0 {
						err := l.Update(b.Context(), func(tx *engine.Tx) error {
							_, err := tx.In(region).CreateNetworkInterface(engine.CreateNetworkInterfaceInput{SubnetID: subnet})
							return err
						})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(journal.commits.Load()-before)/float64(b.N), "commits/op")
		})
	}
}

// BenchmarkOpen opens a lab, reads all of it and closes it.
func BenchmarkOpen(b *testing.B) {
	for _, objects := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("objects=%d", objects), func(b *testing.B) {
			file := b.TempDir() + "/x.db"
			l, _ := openForBenchmark(b, file)
			fill(b, l, objects)
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				l, err := lab.Open(b.Context(), lab.Options{Store: file})
				if err != nil {
					b.Fatal(err)
				}
				if err := l.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkView looks one interface up.
func BenchmarkView(b *testing.B) {
	for _, objects := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("objects=%d", objects), func(b *testing.B) {
			l, _ := openForBenchmark(b, b.TempDir()+"/x.db")
			id := fill(b, l, objects)
			for b.Loop() {
				err := l.View(b.Context(), func(tx *engine.ReadTx) error {
					if _, ok := tx.In(region).NetworkInterface(id); !ok {
						return fmt.Errorf("there is no %s", id)
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCatchUp sees a change that another process made.
func BenchmarkCatchUp(b *testing.B) {
	file := b.TempDir() + "/x.db"
	here, _ := openForBenchmark(b, file)
	there, _ := openForBenchmark(b, file)
	fill(b, there, 10_000)
	id := newVPC(b, there, "0")
	names(b, here)
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		err := there.Update(b.Context(), func(tx *engine.Tx) error {
			_, err := rename(tx, id, fmt.Sprint("changed ", i))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		err = here.View(b.Context(), func(tx *engine.ReadTx) error {
			if vpc, _ := tx.In(region).VPC(id); vpc.Tags.Name() != fmt.Sprint("changed ", i) {
				return fmt.Errorf("the name is %s", vpc.Tags.Name())
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// newSubnets makes subnets of the largest size, each in a VPC of its own, and
// gives their ids.
func newSubnets(tb testing.TB, l *lab.Lab, n int) (ids []string) {
	tb.Helper()
	err := l.Update(tb.Context(), func(tx *engine.Tx) error {
		for range n {
			vpc, err := createVPC(tx, "bench")
			if err != nil {
				return err
			}
			subnet, err := tx.In(region).CreateSubnet(engine.CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")})
			if err != nil {
				return err
			}
			ids = append(ids, subnet.ID)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ids
}

// fill makes network interfaces until a lab has about so many objects, and
// gives the id of one.
func fill(tb testing.TB, l *lab.Lab, objects int) (id string) {
	tb.Helper()
	const perSubnet = 50_000
	for _, subnet := range newSubnets(tb, l, objects/perSubnet+1) {
		for todo := min(objects, perSubnet); todo > 0; todo -= 1000 {
			err := l.Update(tb.Context(), func(tx *engine.Tx) error {
				for range min(todo, 1000) {
					n, err := tx.In(region).CreateNetworkInterface(engine.CreateNetworkInterfaceInput{SubnetID: subnet})
					if err != nil {
						return err
					}
					id = n.ID
				}
				return nil
			})
			if err != nil {
				tb.Fatal(err)
			}
		}
		objects -= perSubnet
		if objects <= 0 {
			break
		}
	}
	return id
}
