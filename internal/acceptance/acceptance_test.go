// Package acceptance tests the program as its users meet it: the real command line of
// Terraform or OpenTofu, the provider built as the README says, and folders with
// configurations in them.
package acceptance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/labtest"
	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

var (
	cli *terraformcli.CLI
	bin string // the directory of the provider's program
)

// root is the root of the repository.
var root = filepath.Join("..", "..")

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	var err error
	if cli, err = terraformcli.Find(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if bin, err = os.MkdirTemp("", "vpclab-bin-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(bin)
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

const program = "terraform-provider-vpclab"

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// environment is that of a person with a CLI configuration of ours, who has no settings
// that choose a lab or a region.
func environment(config string) []string {
	var env []string
	for _, entry := range cli.Env(config) {
		name, _, _ := strings.Cut(entry, "=")
		switch {
		case strings.HasPrefix(name, "VPCLAB_"), name == "AWS_REGION", name == "AWS_DEFAULT_REGION":
		default:
			env = append(env, entry)
		}
	}
	return append(env, "TF_CLI_ARGS=-no-color", "TF_INPUT=0")
}

// folder is a working folder with a configuration, and the lab in it.
type folder struct {
	t    *testing.T
	path string
	env  []string
}

// newFolder makes an empty folder where the provider of this repository is used. When
// the test ends, the lab that is in the folder by then must be consistent.
func newFolder(t *testing.T) *folder {
	t.Helper()
	return newFolderFor(t, bin)
}

// newFolderFor is newFolder with the provider in another directory.
func newFolderFor(t *testing.T, bin string) *folder {
	t.Helper()
	config, err := terraformcli.WriteConfig(t.TempDir(), bin)
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{t, t.TempDir(), environment(config)}
	t.Cleanup(func() { checkLab(t, filepath.Join(f.path, lab.DefaultStore)) })
	return f
}

// checkLab fails the test if the lab of a store breaks an invariant.
func checkLab(t *testing.T, store string) {
	l, err := lab.Open(context.Background(), lab.Options{Store: store})
	if err != nil {
		return // a test of what happens to a lab that cannot be used
	}
	defer l.Close()
	labtest.Check(t, l)
}

// write writes a file of the configuration.
func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.path, name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// copyExample copies an example, without what somebody who tried it in place has left.
func copyExample(dir, name string) error {
	from := filepath.Join(root, "examples", name)
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, relative)
		switch name := entry.Name(); {
		case relative == ".":
			return nil
		case strings.HasPrefix(name, "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.Mkdir(to, 0o755)
		case strings.Contains(name, ".tfstate"), strings.HasSuffix(name, ".tfplan"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// command is a command in the folder.
func (f *folder) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(f.t.Context(), name, args...)
	cmd.Dir = f.path
	cmd.Env = f.env
	return cmd
}

// run runs a command and gives all it prints and its exit status.
func (f *folder) run(name string, args ...string) (output string, status int) {
	f.t.Helper()
	out, err := f.command(name, args...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return string(out), 0
}

// terraform runs the command line that was found.
func (f *folder) terraform(args ...string) (output string, status int) {
	f.t.Helper()
	return f.run(cli.Path, args...)
}

// must runs terraform, which must succeed.
func (f *folder) must(args ...string) (output string) {
	f.t.Helper()
	output, status := f.terraform(args...)
	if status != 0 {
		f.t.Fatalf("terraform %s: exit status %d\n%s", strings.Join(args, " "), status, output)
	}
	return output
}

// apply applies, after which a plan must find nothing to do.
func (f *folder) apply(variables ...string) {
	f.t.Helper()
	f.must(append([]string{"apply", "-auto-approve"}, variables...)...)
	f.settled(variables...)
}

// settled plans, which must find nothing to do.
func (f *folder) settled(variables ...string) {
	f.t.Helper()
	output, status := f.terraform(append([]string{"plan", "-detailed-exitcode"}, variables...)...)
	if status != 0 {
		f.t.Fatalf("a plan should find nothing to do: exit status %d\n%s", status, output)
	}
}

// show is the lab in words.
func (f *folder) show(args ...string) string {
	f.t.Helper()
	output, status := f.run(filepath.Join(bin, executable(program)), append([]string{"show"}, args...)...)
	if status != 0 {
		f.t.Fatalf("show: exit status %d\n%s", status, output)
	}
	return output
}

// empty fails the test unless the lab is empty, terminated instances not counted.
func (f *folder) empty() {
	f.t.Helper()
	if got := f.show(); !strings.Contains(got, " is empty") {
		f.t.Errorf("the lab should be empty:\n%s", got)
	}
}
