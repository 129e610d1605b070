package terraformcli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// openTofuVersion is the release that is built, the one that
// internal/tools/opentofu/go.mod requires.
const openTofuVersion = "1.12.6"

// progressEvery is how often a running build, or the wait for another's, says that
// it still is.
const progressEvery = 30 * time.Second

// buildOpenTofu returns the OpenTofu in the user's cache directory, building it there
// if it is missing or does not run. Only a program that has run gets its final name, so
// a build that is killed, at any moment, leaves nothing that a later call takes for
// finished. Processes that want it at the same time wait for the one that builds.
func buildOpenTofu(ctx context.Context, log io.Writer) (*CLI, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("neither terraform nor tofu is on PATH, and there is nowhere to build OpenTofu: %w", err)
	}
	dir := filepath.Join(cache, "vpclab", "tofu-"+openTofuVersion)
	program := filepath.Join(dir, executable("tofu"))
	if cli, err := probe(ctx, program); err == nil {
		return cli, nil
	}

	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("no directory to build OpenTofu in: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"), func(waited time.Duration) {
		logf(log, "another process is building OpenTofu; waiting for it (%s)", inWords(waited))
	})
	if err != nil {
		return nil, fmt.Errorf("waiting to build OpenTofu: %w", err)
	}
	defer unlock()
	if cli, err := probe(ctx, program); err == nil {
		return cli, nil // the process we waited for has built it
	}

	module, err := openTofuModule(ctx)
	if err != nil {
		return nil, fmt.Errorf("neither terraform nor tofu is on PATH, and OpenTofu cannot be built: %w", err)
	}
	removeAbandoned(dir)
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return nil, fmt.Errorf("no directory to build OpenTofu in: %w", err)
	}
	defer os.RemoveAll(work)

	logf(log, "neither terraform nor tofu is on PATH: building OpenTofu %s from source, "+
		"once, into %s; this takes some minutes", openTofuVersion, dir)
	began := time.Now()
	built := filepath.Join(work, executable("tofu"))
	if err := goBuild(ctx, log, module, built); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("building OpenTofu %s was broken off: %w", openTofuVersion, context.Cause(ctx))
		}
		return nil, fmt.Errorf("building OpenTofu %s in %s: %w; or install terraform or tofu, "+
			"and put it on PATH or name it in the environment variable TF", openTofuVersion, module, err)
	}
	if _, err := probe(ctx, built); err != nil {
		return nil, fmt.Errorf("OpenTofu %s was built, but does not work: %w", openTofuVersion, err)
	}
	if err := os.Rename(built, program); err != nil {
		return nil, fmt.Errorf("OpenTofu %s was built, but cannot be put in place: %w", openTofuVersion, err)
	}
	logf(log, "built OpenTofu %s in %s", openTofuVersion, inWords(time.Since(began)))
	return probe(ctx, program)
}

// removeAbandoned removes the directories that killed builds have left in dir. It is
// called under the lock, so no other process is using them; where there is no lock, they
// are left until they are older than any build takes.
func removeAbandoned(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "build-*")) // fails on a malformed pattern only
	for _, old := range left {
		if info, err := os.Stat(old); err == nil && (lockExcludes || time.Since(info.ModTime()) > 2*time.Hour) {
			os.RemoveAll(old)
		}
	}
}

// goBuild builds the program as its makers release it (CGO_ENABLED, -trimpath, and
// without "-dev" behind the version), telling log every now and then that it is at it.
func goBuild(ctx context.Context, log io.Writer, module, output string) error {
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "build",
		"-mod=readonly", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no",
		"-o", output, "github.com/opentofu/opentofu/cmd/tofu")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that go ends its compilers
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for began := time.Now(); ; {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("go build: %w%s", err, quoted(&printed))
			}
			return nil
		case <-tick.C:
			logf(log, "still building OpenTofu (%s)", inWords(time.Since(began)))
		}
	}
}

// openTofuModule finds internal/tools/opentofu from the working directory, which has to
// be in this repository, as it is in every test, "go run" and make recipe.
func openTofuModule(ctx context.Context) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "env", "GOMOD")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("there is no go on PATH either; install Go, terraform or tofu")
		}
		return "", fmt.Errorf("go env GOMOD: %w%s", err, quoted(&stderr))
	}
	gomod := strings.TrimSpace(string(out))
	dir := filepath.Join(filepath.Dir(gomod), "internal", "tools", "opentofu")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		wd, _ := os.Getwd()
		return "", fmt.Errorf("%s is not in a checkout of terraform-provider-vpclab, which says how to build it; "+
			"run this from one, or install terraform or tofu", wd)
	}
	return dir, nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func inWords(d time.Duration) string { return d.Round(time.Second).String() }
