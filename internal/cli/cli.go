// Package cli is what a person types: the command line of the provider's program,
// for looking at a lab without Terraform. Each command has a file of its own.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// program is what the program is called in its own words.
const program = "terraform-provider-vpclab"

// The exit statuses.
const (
	exitFine  = 0
	exitError = 1
	exitUsage = 2 // what was typed makes no sense, and nothing was done
)

// Build says which build of the program this is.
type Build struct {
	Version    string // without a leading "v"
	Commit     string // of the source, in full; may be empty
	Executable string // the path of the program; may be empty
}

// commands are all commands of the program.
type commands struct {
	Show    showCommand    `cmd:"" help:"Show what is in a lab: its network interfaces, instances and subnets."`
	Version versionCommand `cmd:"" help:"Show which version this is."`
}

// Run runs one command line, which does not include the program's name, and gives the
// exit status. What was asked for goes to stdout; what went wrong goes to stderr.
func Run(ctx context.Context, args []string, build Build, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		if err := introduce(stdout, build); err != nil {
			return failed(stderr, err)
		}
		return exitFine
	}

	// A command that fails has printed nothing, and one that is asked for help has
	// done nothing else.
	var out bytes.Buffer
	helped := false
	parser, err := kong.New(&commands{},
		kong.Name(program),
		kong.Description("A VPC on your own machine, as a Terraform provider. Terraform starts this program by itself; the commands are for looking at what it keeps."),
		kong.Writers(&out, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(&out, (*io.Writer)(nil)),
		kong.Bind(build),
	)
	if err != nil {
		return failed(stderr, err)
	}
	command, err := parser.Parse(args)
	switch {
	case helped:
		err = nil
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\nRun \"%s --help\" for what it understands.\n", program, err, program)
		return exitUsage
	default:
		err = command.Run()
	}
	if err == nil {
		_, err = out.WriteTo(stdout)
	}
	if err != nil {
		return failed(stderr, err)
	}
	return exitFine
}

func failed(stderr io.Writer, err error) int {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(stderr, "%s: %v\n", program, err)
	return exitError
}
