//go:build unix

package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
)

const many = 60

// manyInterfaces is a configuration whose apply takes long enough to be disturbed.
var manyInterfaces = fmt.Sprintf(`
terraform {
  required_providers { vpclab = { source = "vpclab/vpclab" } }
}
resource "vpclab_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "vpclab_network_interface" "many" {
  count       = %d
  subnet_id   = vpclab_subnet.a.id
  private_ips = [cidrhost(vpclab_subnet.a.cidr_block, 10 + count.index)]
}
`, many)

// The provider is killed in the middle of an apply. What it has made by then lasts, and
// the lab is sound. What Terraform was told of is in its state; what was made in the
// last moment is not, and is adopted by an import. Then the next apply finishes.
func TestKilledProvider(t *testing.T) {
	t.Parallel()
	providers := newRegister(t)
	f := newFolderFor(t, providers.bin)
	f.write("main.tf", manyInterfaces)
	f.disturb(func(*exec.Cmd) error { return providers.killLast() })
	checkLab(t, filepath.Join(f.path, lab.DefaultStore))

	for address, id := range f.orphans() {
		t.Logf("%s (%s) was made and not told of", id, address)
		host, err := strconv.Atoi(strings.TrimPrefix(address, "10.0.1."))
		if err != nil {
			t.Fatal(err)
		}
		f.must("import", fmt.Sprintf("vpclab_network_interface.many[%d]", host-10), id)
	}
	f.finishes()
}

// A person who loses patience interrupts: Terraform finishes what it has begun, and
// knows of all there is.
func TestInterruptedApply(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("main.tf", manyInterfaces)
	f.disturb(func(apply *exec.Cmd) error { return syscall.Kill(-apply.Process.Pid, syscall.SIGINT) })
	if orphans := f.orphans(); len(orphans) > 0 {
		t.Errorf("after an interrupt Terraform does not know of %v", orphans)
	}
	f.finishes()
}

// disturb applies and does something to the apply in its midst, which has to make it
// fail. An apply that is over too soon is undone and begun anew.
func (f *folder) disturb(how func(apply *exec.Cmd) error) {
	f.t.Helper()
	const attempts = 10
	for range attempts {
		apply := f.command(cli.Path, "apply", "-auto-approve")
		apply.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does
		var printed strings.Builder
		apply.Stdout, apply.Stderr = &printed, &printed
		if err := apply.Start(); err != nil {
			f.t.Fatal(err)
		}
		ended := make(chan struct{})
		var failure error
		go func() {
			failure = apply.Wait()
			close(ended)
		}()
		f.waitForInterfaces(10, ended)
		disturbed := false
		select {
		case <-ended:
		default:
			disturbed = how(apply) == nil
			<-ended
		}
		if failure != nil && disturbed {
			return
		}
		if failure != nil {
			f.t.Fatalf("the apply has failed by itself: %v\n%s", failure, &printed)
		}
		f.must("destroy", "-auto-approve")
	}
	f.t.Fatalf("%d applies were over before they could be disturbed", attempts)
}

// waitForInterfaces waits until the folder's lab has so many network interfaces, or the
// apply that makes them has ended.
func (f *folder) waitForInterfaces(n int, ended <-chan struct{}) {
	f.t.Helper()
	l, err := lab.Open(f.t.Context(), lab.Options{Store: filepath.Join(f.path, lab.DefaultStore)})
	if err != nil {
		f.t.Fatal(err)
	}
	defer l.Close()
	for {
		found := 0
		err := l.View(f.t.Context(), func(tx *engine.ReadTx) error {
			interfaces, err := tx.In("us-east-1").DescribeNetworkInterfaces()
			found = len(interfaces)
			return err
		})
		if err != nil {
			f.t.Fatal(err)
		}
		if found >= n {
			return
		}
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// finishes applies what is left to do, and cleans up.
func (f *folder) finishes() {
	f.t.Helper()
	f.apply()
	want := fmt.Sprintf("%d network interfaces, 0 instances, 1 subnet\n", many)
	if got := f.show(); !strings.Contains(got, want) {
		f.t.Errorf("the lab should have %s%s", want, got)
	}
	f.must("destroy", "-auto-approve")
	f.empty()
}

// orphans are the network interfaces that the lab has and the state has not: ids by
// primary private address.
func (f *folder) orphans() map[string]string {
	f.t.Helper()
	var held struct {
		NetworkInterfaces []struct {
			ID        string `json:"network_interface_id"`
			PrivateIP string `json:"private_ip_address"`
		} `json:"network_interfaces"`
	}
	if err := json.Unmarshal([]byte(f.show("--json")), &held); err != nil {
		f.t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join(f.path, "terraform.tfstate"))
	if err != nil {
		f.t.Fatal(err)
	}
	orphans := map[string]string{}
	for _, n := range held.NetworkInterfaces {
		if !strings.Contains(string(state), n.ID) {
			orphans[n.PrivateIP] = n.ID
		}
	}
	return orphans
}

// register is a directory with a program that starts the provider and notes its
// process id first.
type register struct {
	bin  string
	file string
}

func newRegister(t *testing.T) *register {
	dir := t.TempDir()
	r := &register{bin: filepath.Join(dir, "bin"), file: filepath.Join(dir, "processes")}
	script := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", r.file, filepath.Join(bin, program))
	if err := os.MkdirAll(r.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.bin, program), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return r
}

// killLast kills the provider that was started last.
func (r *register) killLast() error {
	text, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	processes := strings.Fields(string(text))
	id, err := strconv.Atoi(processes[len(processes)-1])
	if err != nil {
		return err
	}
	return syscall.Kill(id, syscall.SIGKILL)
}
