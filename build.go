package main

import (
	"os"
	"runtime/debug"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/cli"
)

// Which build this is. A release sets them with -ldflags "-X main.version=... -X
// main.commit=..."; otherwise Go knows.
var (
	version string
	commit  string
)

func currentBuild() cli.Build {
	b := cli.Build{Version: version, Commit: commit}
	b.Executable, _ = os.Executable() // without it the introduction is less helpful
	info, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" {
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "dev"
	}
	if ok && b.Commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	return b
}
