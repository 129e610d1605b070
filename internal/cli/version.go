package cli

import (
	"fmt"
	"io"
	"runtime"
)

type versionCommand struct{}

// Run prints one line, the version as its second word.
func (versionCommand) Run(out io.Writer, build Build) error {
	commit := ""
	if build.Commit != "" {
		commit = fmt.Sprintf("commit %.12s, ", build.Commit)
	}
	_, err := fmt.Fprintf(out, "%s %s (%s%s, %s/%s)\n", program, build.Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
