// Package terraformcli finds the Terraform or OpenTofu command line that the
// tests, the demo and the documentation run, and surrounds it with a
// configuration and an environment in which only this repository's provider
// counts. Where the machine has neither program it builds OpenTofu from source,
// once. Nothing here is part of the provider's binary.
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
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The values of [CLI.Product].
const (
	Terraform = "terraform"
	OpenTofu  = "opentofu"
)

// The oldest releases the tests and examples run on: the first with
// provider-defined functions. (Terraform 1.5.7, the last under the MPL and still
// what some package managers install, is older than that, and older than the
// refined unknown values of 1.6 on which every plan of this provider rests.)
const (
	oldestTerraform = "1.8"
	oldestOpenTofu  = "1.7"
)

// probeTimeout bounds one "terraform version", which takes a tenth of a second
// where the program is real, and for ever where it is a shim that asks a question.
const probeTimeout = 30 * time.Second

// A CLI is a Terraform or OpenTofu program that has been run and has said what it is.
type CLI struct {
	Path    string // absolute
	Product string // Terraform or OpenTofu
	Version string // as the program gives it, without a leading "v": "1.11.4", "1.12.0-dev"
}

// Find returns the program to use: the one $TF names (a path or a name), or else
// terraform or tofu from $PATH, or else an OpenTofu that it builds from source into
// the user's cache directory. The build takes some minutes and is done once; what
// happens meanwhile, and why a program on $PATH was passed over, goes to standard
// error.
//
// A program is only returned after it has told its version. When $TF names one that
// does not run or is too old, that is an error: nothing else is tried.
func Find(ctx context.Context) (*CLI, error) {
	if name := os.Getenv("TF"); name != "" {
		cli, err := fromTF(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("the environment variable TF is %q: %w; "+
				"set it to a terraform or tofu program, or unset it to have one found or built", name, err)
		}
		return cli, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := lookPath(name)
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		var cli *CLI
		if err == nil {
			cli, err = probe(ctx, path)
		}
		if err == nil {
			return cli, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		logf(os.Stderr, "passing over %s on PATH: %v", name, err)
	}
	return buildOpenTofu(ctx, os.Stderr)
}

// fromTF turns the value of $TF into a CLI.
func fromTF(ctx context.Context, name string) (*CLI, error) {
	path, err := lookPath(name)
	if err != nil {
		if _, dir := filepath.Split(name); dir != name && !filepath.IsAbs(name) {
			wd, _ := os.Getwd()
			return nil, fmt.Errorf("%w (a relative path counts from the working directory, here %s)", err, wd)
		}
		return nil, err
	}
	return probe(ctx, path)
}

// lookPath is exec.LookPath with an absolute result and without its prefix.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		if wrapped, ok := errors.AsType[*exec.Error](err); ok {
			err = wrapped.Err
		}
		return "", err
	}
	return filepath.Abs(path)
}

// firstLine is how both programs begin the output of "version". The output of
// "version -json" would be easier to read, but it is the same for both products and
// does not tell which of them is speaking.
var firstLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+)\.(\d+)(\S*)\s*$`)

// probe runs the program and reads what it is.
func probe(ctx context.Context, path string) (*CLI, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "version")
	// An empty configuration: the user's own may be broken, or name a missing file.
	cmd.Env = environ(os.DevNull)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // a shim's children may keep the pipes open
	if err := cmd.Run(); err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("no answer in %v", probeTimeout)
		}
		return nil, fmt.Errorf("%s does not run: %w%s", path, err, quoted(&stderr, &stdout))
	}
	match := firstLine.FindStringSubmatch(stdout.String())
	if match == nil {
		return nil, fmt.Errorf("%s is neither Terraform nor OpenTofu: its command \"version\" says nothing of either%s",
			path, quoted(&stdout, &stderr))
	}
	cli := &CLI{Path: path, Product: Terraform, Version: match[2] + "." + match[3] + match[4]}
	oldest := oldestTerraform
	if match[1] == "OpenTofu" {
		cli.Product, oldest = OpenTofu, oldestOpenTofu
	}
	if older(match[2], match[3], oldest) {
		return nil, fmt.Errorf("%s is %s %s, and the tests and examples need %s or newer", path, match[1], cli.Version, oldest)
	}
	return cli, nil
}

// older reports whether major.minor comes before oldest, which has that same form.
func older(major, minor, oldest string) bool {
	oldestMajor, oldestMinor, _ := strings.Cut(oldest, ".")
	if major != oldestMajor {
		return number(major) < number(oldestMajor)
	}
	return number(minor) < number(oldestMinor)
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// quoted is the end of what a program printed, fit to end an error message with.
func quoted(outputs ...*bytes.Buffer) string {
	const most = 2000
	for _, output := range outputs {
		text := strings.TrimSpace(output.String())
		if text == "" {
			continue
		}
		if len(text) > most {
			text = "... " + text[len(text)-most:]
		}
		return "\n  " + strings.ReplaceAll(text, "\n", "\n  ")
	}
	return ""
}

func logf(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "terraformcli: "+format+"\n", args...)
}
