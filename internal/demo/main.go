// Command demo runs the classic walkthrough with the real command line, from two
// instances to a network interface that has moved from one to the other, and tells what
// happens. It fails if anything is not as it says. Run it with "make demo".
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cli, err := terraformcli.Find(ctx)
	if err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "vpclab-demo-")
	if err != nil {
		return fmt.Errorf("no folder to work in: %w", err)
	}
	w := &walkthrough{
		ctx:      ctx,
		narrator: narrator{out: os.Stdout, colour: colourful(os.Stdout)},
		cli:      cli,
		example:  filepath.Join(root, "examples", "failover"),
		folder:   folder,
		provider: filepath.Join(folder, "bin", executable("terraform-provider-vpclab")),
	}
	if err := w.prepare(root); err != nil {
		os.RemoveAll(folder) // there is nothing in it to look at
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		return err
	}
	w.tell()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted. What there is so far lies in %s", folder)
	case w.err != nil:
		return fmt.Errorf("%w\nThe configuration, its state and its lab lie in %s, as they are now", w.err, folder)
	}
	return nil
}

// prepare builds the provider and writes the CLI configuration that has it used.
func (w *walkthrough) prepare(root string) error {
	w.say("Building the provider, which takes a minute or two the first time.")
	bin := filepath.Dir(w.provider)
	build := exec.CommandContext(w.ctx, "go", "build", "-o", bin+string(filepath.Separator), ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	config, err := terraformcli.WriteConfig(w.folder, bin)
	if err != nil {
		return err
	}
	w.config = config
	return nil
}

// moduleRoot is the directory of this repository's go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	if _, err := os.Stat(filepath.Join(root, "examples", "failover")); err != nil {
		return "", errors.New("run this from a checkout of terraform-provider-vpclab: the demo plays its examples/failover")
	}
	return root, nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
