package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

func TestMain(m *testing.M) {
	cli, err := terraformcli.Find(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cli.Setenv("")
	os.Exit(m.Run())
}

var protoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"vpclab": func() (tfprotov6.ProviderServer, error) { return provider.Server("test"), nil },
}

// testLab is a lab of a test's own. When the test ends, its world must be
// consistent.
type testLab struct {
	t     *testing.T
	store string
}

func newLab(t *testing.T) *testLab {
	l := &testLab{t: t, store: filepath.Join(t.TempDir(), "labs")}
	t.Cleanup(func() {
		world, err := l.open(context.Background()).Fork(context.Background())
		if err != nil {
			t.Errorf("opening the lab to check it: %v", err)
			return
		}
		for _, v := range world.Check() {
			t.Errorf("the lab is inconsistent: %s", v)
		}
	})
	return l
}

// config is the provider block for the lab, followed by a configuration.
func (l *testLab) config(configuration string) string {
	return fmt.Sprintf("provider \"vpclab\" {\n  region = \"us-west-3\"\n  store  = %q\n}\n%s", l.store, configuration)
}

func (l *testLab) open(ctx context.Context) *lab.Lab {
	opened, err := lab.Open(ctx, lab.Options{Store: l.store})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { opened.Close() })
	return opened
}

// change plays something on the lab behind Terraform's back.
func (l *testLab) change(do func(*engine.Tx) error) func() {
	return func() {
		l.t.Helper()
		err := l.open(l.t.Context()).Update(l.t.Context(), func(tx *engine.Tx) error { return do(tx.In("us-west-3")) })
		if err != nil {
			l.t.Fatal(err)
		}
	}
}
