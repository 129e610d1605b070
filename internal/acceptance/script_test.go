package acceptance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

// The scripts in testdata. Besides testscript's own commands they have
//
//	[!] terraform ARGUMENT...  runs the Terraform or OpenTofu that was found
//	exits STATUS COMMAND...    runs a command, which has to end with that exit status
//	example NAME               puts the files of an example into the working directory
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			config, err := terraformcli.WriteConfig(filepath.Join(env.WorkDir, ".config"), bin)
			if err != nil {
				return err
			}
			env.Vars = append(environment(config), env.Vars...)
			env.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"terraform": func(ts *testscript.TestScript, neg bool, args []string) {
				switch err := ts.Exec(cli.Path, args...); {
				case err != nil && !neg:
					ts.Fatalf("terraform has failed: %v", err)
				case err == nil && neg:
					ts.Fatalf("terraform should have failed")
				}
			},
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				want, err := strconv.Atoi(args[0])
				if neg || err != nil || len(args) < 2 {
					ts.Fatalf("usage: exits STATUS COMMAND...")
				}
				name, got := args[1], 0
				if name == "terraform" {
					name = cli.Path
				}
				err = ts.Exec(name, args[2:]...)
				if exit, ok := errors.AsType[*exec.ExitError](err); ok {
					got, err = exit.ExitCode(), nil
				}
				if err != nil {
					ts.Fatalf("%v", err)
				}
				if got != want {
					ts.Fatalf("exit status %d, want %d", got, want)
				}
			},
			"example": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: example NAME")
				}
				ts.Check(copyExample(ts.MkAbs("."), args[0]))
			},
		},
	})
}
