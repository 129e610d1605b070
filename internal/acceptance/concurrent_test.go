package acceptance

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Two people, each with a folder and a state of their own, apply to one lab at once.
func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	const interfaces = 40
	store := filepath.Join(t.TempDir(), "shared")
	t.Cleanup(func() { checkLab(t, store) })
	var folders []*folder
	for i := range 2 {
		f := newFolder(t)
		f.write("main.tf", fmt.Sprintf(`
terraform {
  required_providers { vpclab = { source = "vpclab/vpclab" } }
}
provider "vpclab" {
  store = %q
}
resource "vpclab_vpc" "main" {
  cidr_block = "10.%d.0.0/16"
  tags       = { Name = "of-%[2]d" }
}
resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.%[2]d.1.0/24"
}
resource "vpclab_network_interface" "many" {
  count     = %[3]d
  subnet_id = vpclab_subnet.a.id
}
`, filepath.ToSlash(store), i, interfaces))
		folders = append(folders, f)
	}
	together := func(args ...string) {
		t.Helper()
		var both sync.WaitGroup
		for _, f := range folders {
			both.Go(func() {
				if output, status := f.terraform(args...); status != 0 {
					t.Errorf("terraform %s: exit status %d\n%s", strings.Join(args, " "), status, output)
				}
			})
		}
		both.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}

	together("apply", "-auto-approve")
	for i, f := range folders {
		f.settled()
		got := f.show("--store", store)
		want := fmt.Sprintf("VPC of-%d (", i)
		if !strings.Contains(got, want) || strings.Count(got, fmt.Sprintf("%d network interfaces, 0 instances, 1 subnet\n", interfaces)) != 2 {
			t.Errorf("the lab should have two VPCs with %d interfaces each, one of them %q:\n%s", interfaces, want, got)
		}
	}
	together("destroy", "-auto-approve")
	if got := folders[0].show("--store", store); !strings.Contains(got, "is empty") {
		t.Errorf("the lab should be empty:\n%s", got)
	}
}
