package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// name is what a person types to start the Terraform or OpenTofu in use.
func (w *walkthrough) name() string {
	return strings.TrimSuffix(filepath.Base(w.cli.Path), ".exe")
}

// terraform runs the program in the working folder and gives what it prints and its
// exit status.
func (w *walkthrough) terraform(args ...string) (output string, status int) {
	cmd := exec.CommandContext(w.ctx, w.cli.Path, args...)
	cmd.Dir = w.folder
	// What is run is what is shown; these make it print plain text and ask nothing.
	cmd.Env = append(environ(w.cli.Env(w.config)), "TF_CLI_ARGS=-no-color", "TF_INPUT=0")
	return w.output(cmd)
}

// output runs a program. Not being able to run it ends the walkthrough.
func (w *walkthrough) output(cmd *exec.Cmd) (output string, status int) {
	// An interrupt reaches the program too, which ends in its own way.
	cmd.Cancel = func() error { return nil }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), exit.ExitCode()
	}
	if err != nil {
		w.fail("%s: %v", filepath.Base(cmd.Path), err)
		return "", -1
	}
	return out.String(), 0
}

// environ is an environment without what would have the provider use another lab or
// region than the example's.
func environ(env []string) []string {
	var rest []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, "VPCLAB_") {
			rest = append(rest, entry)
		}
	}
	return rest
}

// gist is what matters of the output of plan and apply: what becomes of each resource,
// what forces a replacement, and the totals.
func gist(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		if gistLine.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var gistLine = regexp.MustCompile(`^  # \S+ (will|must) be |forces replacement$|^Plan: |^No changes\.|^(Apply|Destroy) complete!|^Removed `)

// refusal is the first error in the output of plan, from its summary to its end.
func refusal(output string) string {
	at := strings.Index(output, "\nError: ")
	if at < 0 {
		return ""
	}
	text := output[at+1:]
	if end := strings.Index(text, "\nError: "); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSpace(text)
}

// tail is the end of an output, to explain a failure with.
func tail(output string) string {
	const most = 3000
	output = strings.TrimSpace(output)
	if len(output) > most {
		output = "... " + output[len(output)-most:]
	}
	return fmt.Sprintf("It said:\n\n%s\n", output)
}
