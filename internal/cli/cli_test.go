package cli_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/cli"
)

// run runs a command line as a person would, without the environment variables that
// choose a lab.
func run(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	t.Setenv("VPCLAB_LAB", "")
	t.Setenv("VPCLAB_STORE", "")
	return runAsIs(t, args...)
}

func runAsIs(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	build := cli.Build{Version: "1.2.3", Commit: "0123456789abcdef0123456789abcdef01234567", Executable: filepath.FromSlash("/opt/vpclab/terraform-provider-vpclab")}
	var out, errs bytes.Buffer
	status = cli.Run(t.Context(), args, build, &out, &errs)
	return out.String(), errs.String(), status
}

func TestIntroduction(t *testing.T) {
	stdout, stderr, status := run(t)
	if status != 0 || stderr != "" {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	for _, want := range []string{
		"terraform-provider-vpclab 1.2.3: a VPC on your own machine, as a Terraform provider.",
		`"registry.terraform.io/vpclab/vpclab" = "` + filepath.ToSlash(filepath.Dir(filepath.FromSlash("/opt/vpclab/x"))) + `"`,
		"terraform-provider-vpclab show ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the introduction does not say %q:\n%s", want, stdout)
		}
	}
	for line := range strings.Lines(stdout) {
		if len(line) > 100 {
			t.Errorf("this line is longer than 100 columns: %s", line)
		}
	}
}

func TestVersion(t *testing.T) {
	stdout, stderr, status := run(t, "version")
	want := fmt.Sprintf("terraform-provider-vpclab 1.2.3 (commit 0123456789ab, %s, %s/%s)\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if stdout != want || stderr != "" || status != 0 {
		t.Errorf("status %d, stderr %q\n got %s\nwant %s", status, stderr, stdout, want)
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"--help", []string{"show ", "version "}},
		{"show --help", []string{"--lab=NAME", "$VPCLAB_LAB", "--store=PATH", "$VPCLAB_STORE", "--region=NAME", "--json", "--all"}},
	} {
		stdout, stderr, status := run(t, strings.Fields(c.args)...)
		if status != 0 || stderr != "" {
			t.Errorf("%s: status %d, stderr %q", c.args, status, stderr)
		}
		for _, want := range c.want {
			if !strings.Contains(stdout, want) {
				t.Errorf("%s does not mention %q:\n%s", c.args, want, stdout)
			}
		}
	}
}

func TestWrongUsage(t *testing.T) {
	const see = "\nRun \"terraform-provider-vpclab --help\" for what it understands.\n"
	for _, c := range []struct{ args, want string }{
		{"frobnicate", "terraform-provider-vpclab: unexpected argument frobnicate" + see},
		{"show everything", "terraform-provider-vpclab: unexpected argument everything" + see},
		{"show --jsn", "terraform-provider-vpclab: unknown flag --jsn, did you mean \"--json\"?" + see},
		{"show --region mars", "terraform-provider-vpclab: show: \"mars\" is not a region, such as \"us-east-1\"" + see},
		{"--json", "terraform-provider-vpclab: unknown flag --json" + see},
	} {
		t.Run(c.args, func(t *testing.T) {
			stdout, stderr, status := run(t, strings.Fields(c.args)...)
			if status != 2 || stdout != "" {
				t.Errorf("status %d, want 2; stdout %q", status, stdout)
			}
			if diff := cmp.Diff(c.want, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}
