//go:build unix

package lab_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/labtest"
)

// What this test program is to be in another process.
const (
	roleVariable  = "VPCLAB_TEST_ROLE"
	storeVariable = "VPCLAB_TEST_STORE"
)

var roles = map[string]func(*lab.Lab) error{
	"counter": func(l *lab.Lab) error { return count(context.Background(), l) },
	"creator": create,
}

func TestMain(m *testing.M) {
	role, ok := roles[os.Getenv(roleVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	l, err := lab.Open(context.Background(), lab.Options{Store: os.Getenv(storeVariable)})
	if err == nil {
		err = role(l)
		l.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is this test program in another process.
func process(t testing.TB, role, store string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, storeVariable+"="+store)
	cmd.Stderr = os.Stderr
	return cmd
}

// turns is how often each user of a lab counts one up in it.
const turns = 25

// count counts one up in a VPC's Name tag, which it makes if there is none.
func count(ctx context.Context, l *lab.Lab) error {
	for range turns {
		err := l.Update(ctx, func(tx *engine.Tx) error {
			for o := range tx.Objects() {
				if vpc, ok := o.(*ec2.VPC); ok {
					n := 0
					if _, err := fmt.Sscan(vpc.Tags.Name(), &n); err != nil {
						return err
					}
					_, err := rename(tx, vpc.ID, fmt.Sprint(n+1))
					return err
				}
			}
			_, err := createVPC(tx, "1")
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Several processes begin the same lab at the same moment, and each has
// several users.
func TestProcessesOnOneLab(t *testing.T) {
	store := filepath.Join(t.TempDir(), "labs")
	here := labtest.OpenWith(t, lab.Options{Store: store})
	watch := here.Watch(t.Context())
	const processes, users = 3, 4
	var group sync.WaitGroup
	for range processes {
		group.Go(func() {
			if err := process(t, "counter", store).Run(); err != nil {
				t.Errorf("another process: %v", err)
			}
		})
	}
	for range users {
		group.Go(func() {
			if err := count(t.Context(), here); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	const all = (processes + users) * turns
	wantNames(t, here, fmt.Sprint(all))
	if got := len(history(t, here)); got != all {
		t.Errorf("%d events, want %d", got, all)
	}
	for revision := range watch {
		if revision == all {
			break
		}
	}
	if entries, err := os.ReadDir(store); err != nil || len(entries) > 4 {
		t.Errorf("the store holds %v, %v", entries, err)
	}
}

// create makes VPCs, each with a subnet in the same update, in several
// goroutines until it is killed. Once an update is done it says so.
func create(l *lab.Lab) error {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				id, err := createPair(l)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(id)
			}
		})
	}
	group.Wait()
	return nil
}

// createPair makes a VPC and a subnet in it.
func createPair(l *lab.Lab) (vpcID string, err error) {
	err = l.Update(context.Background(), func(tx *engine.Tx) error {
		vpc, err := createVPC(tx, "one of a pair")
		if err != nil {
			return err
		}
		vpcID = vpc.ID
		_, err = tx.In(region).CreateSubnet(engine.CreateSubnetInput{VPCID: vpc.ID, CIDRBlock: vpc.CIDRBlock})
		return err
	})
	return vpcID, err
}

func TestKilledInTheMidstOfWriting(t *testing.T) {
	lasting := filepath.Join(t.TempDir(), "labs")
	var acknowledged []string
	for round := range 12 {
		// Every other round begins a new lab, and kills while it is being
		// made.
		store, known := lasting, acknowledged
		if round%2 == 1 {
			store, known = filepath.Join(t.TempDir(), "labs"), nil
		}
		known = append(known, killed(t, store, round%2 == 1)...)
		if store == lasting {
			acknowledged = known
		}
		wantWhole(t, store, known)
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged in any round")
	}
}

// killed lets a process create objects in a store and kills it, after a random
// time that begins with its first word, or with its start. It gives the ids of
// the VPCs that the process has reported.
func killed(t *testing.T, store string, soon bool) (reported []string) {
	t.Helper()
	cmd := process(t, "creator", store)
	cmd.Stderr = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if soon {
		// The first thing to be seen of a lab is its directory.
		for range 10_000 {
			if _, err := os.Stat(store); err == nil {
				break
			}
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(rand.N(10 * time.Millisecond))
		_ = cmd.Process.Kill()
	}
	// What comes before the end of a line was reported only in part.
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if len(reported) == 0 && !soon {
			time.AfterFunc(rand.N(80*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
		reported = append(reported, strings.TrimSpace(line))
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	return reported
}

// wantWhole opens a lab and wants every VPC that was reported, and all of
// every VPC.
func wantWhole(t *testing.T, store string, reported []string) {
	t.Helper()
	l, err := lab.Open(t.Context(), lab.Options{Store: store})
	if err != nil {
		t.Fatalf("after %d VPCs: %v", len(reported), err)
	}
	defer l.Close()
	labtest.Check(t, l)
	vpcs, subnets := 0, make(map[string]int)
	err = l.View(t.Context(), func(tx *engine.ReadTx) error {
		for _, id := range reported {
			if _, ok := tx.In(region).VPC(id); !ok {
				t.Errorf("VPC %s was reported and is not there", id)
			}
		}
		for o := range tx.Objects() {
			switch o := o.(type) {
			case *ec2.VPC:
				vpcs++
			case *ec2.Subnet:
				subnets[o.VPCID]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if events := len(history(t, l)); len(subnets) != vpcs || events != vpcs {
		t.Errorf("%d VPCs, %d of which have a subnet, and %d events; want the same number of each", vpcs, len(subnets), events)
	}
	if _, err := createPair(l); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
