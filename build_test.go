package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Releases set the version and the commit by the names of these variables.
func TestReleaseSetsVersion(t *testing.T) {
	releases, err := os.ReadFile(".goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-X main.version=", "-X main.commit="} {
		if !strings.Contains(string(releases), want) {
			t.Errorf(".goreleaser.yml does not set %s", want)
		}
	}
	defer func(v, c string) { version, commit = v, c }(version, commit)
	version, commit = "1.2.3", "0123456"
	if got := currentBuild(); got.Version != "1.2.3" || got.Commit != "0123456" {
		t.Errorf("a release says it is %+v", got)
	}
}

func TestBuildWithoutRelease(t *testing.T) {
	got := currentBuild()
	if !regexp.MustCompile(`^(dev|\d+\.\d+\.\d+\S*)$`).MatchString(got.Version) {
		t.Errorf("the version is %q, want a version, or dev", got.Version)
	}
	if got.Executable == "" {
		t.Error("the program does not know where it lies")
	}
}
