package terraformcli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A fakeGo stands in for the go command: it knows "go env GOMOD", and its "go build"
// writes a program that does what product says, after doing what before says. It keeps a
// tally of its builds.
type fakeGo struct {
	t      *testing.T
	bin    string
	tally  string
	module string
}

func newFakeGo(t *testing.T, bin string) *fakeGo {
	root := t.TempDir()
	g := &fakeGo{
		t: t, bin: bin,
		tally:  filepath.Join(root, "builds"),
		module: filepath.Join(root, "internal", "tools", "opentofu"),
	}
	if err := os.MkdirAll(g.module, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(root, "go.mod"), filepath.Join(g.module, "go.mod")} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g.builds("", says("OpenTofu v"+openTofuVersion))
	return g
}

func (g *fakeGo) builds(before, product string) {
	root := filepath.Dir(g.tally)
	fake(g.t, filepath.Join(g.bin, "go"), `
if [ "$*" = "env GOMOD" ]; then echo '`+root+`/go.mod'; exit; fi
[ "$1" = build ] && [ "$PWD" = '`+g.module+`' ] || { echo "unexpected: go $*" >&2; exit 2; }
echo build >> '`+g.tally+`'
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
printf '#!/bin/sh\n' > "$out"
chmod +x "$out"
`+before+`
cat >> "$out" <<'PROGRAM'
`+product+`
PROGRAM
`)
}

func (g *fakeGo) count() int {
	tally, err := os.ReadFile(g.tally)
	if err != nil && !os.IsNotExist(err) {
		g.t.Fatal(err)
	}
	return strings.Count(string(tally), "build")
}

// cached is what the cache directory holds besides the lock.
func cached(t *testing.T) (names []string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(cache, "vpclab", "tofu-*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); name != "lock" {
			names = append(names, name)
		}
	}
	return names
}

func TestFindBuildsOpenTofuOnce(t *testing.T) {
	bin := machine(t)
	compiler := newFakeGo(t, bin)
	compiler.builds("sleep 0.5", says("OpenTofu v"+openTofuVersion))

	var everyone sync.WaitGroup
	for range 4 { // as the test binaries of four packages would
		everyone.Go(func() {
			cli, err := Find(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if cli.Product != OpenTofu || cli.Version != openTofuVersion || !filepath.IsAbs(cli.Path) {
				t.Errorf("Find() = %+v, want OpenTofu %s", *cli, openTofuVersion)
			}
		})
	}
	everyone.Wait()
	if got := compiler.count(); got != 1 {
		t.Errorf("OpenTofu was built %d times, want once", got)
	}
	if got := cached(t); len(got) != 1 {
		t.Errorf("the cache directory holds %q, want only the program", got)
	}

	if err := os.Remove(filepath.Join(bin, "go")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if _, err := Find(t.Context()); err != nil {
		t.Errorf("once built, OpenTofu should be found without go and from any directory: %v", err)
	}
}

func TestFindSaysThatItBuilds(t *testing.T) {
	newFakeGo(t, machine(t))
	var log strings.Builder
	if _, err := buildOpenTofu(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^terraformcli: neither terraform nor tofu is on PATH: building OpenTofu 1\.\d+\.\d+ .*some minutes
terraformcli: built OpenTofu 1\.\d+\.\d+ in \d+s
$`)
	if !want.MatchString(log.String()) {
		t.Errorf("it said\n%s\nwant a match of\n%s", log.String(), want)
	}
}

func TestBuildInterrupted(t *testing.T) {
	bin := machine(t)
	compiler := newFakeGo(t, bin)
	compiler.builds("exec sleep 60", "")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for compiler.count() == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if cli, err := buildOpenTofu(ctx, io.Discard); err == nil {
		t.Fatalf("an interrupted build gave %+v", *cli)
	}
	if got := cached(t); len(got) != 0 {
		t.Errorf("an interrupted build left %q", got)
	}

	compiler.builds("", says("OpenTofu v"+openTofuVersion))
	if _, err := Find(t.Context()); err != nil {
		t.Errorf("the build after an interrupted one: %v", err)
	}
}

// A build that got no chance to clean up, and a program that a failing disk or another
// machine has left: neither may be in the way.
func TestBuildAfterWreckage(t *testing.T) {
	bin := machine(t)
	compiler := newFakeGo(t, bin)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "vpclab", "tofu-"+openTofuVersion)
	fake(t, filepath.Join(dir, "tofu"), "exit 1\n")
	fake(t, filepath.Join(dir, "build-1", "tofu"), "exit 1\n")

	if _, err := Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := compiler.count(); got != 1 {
		t.Errorf("OpenTofu was built %d times, want once", got)
	}
	if got := cached(t); len(got) != 1 || got[0] != "tofu" {
		t.Errorf("the cache directory holds %q, want only tofu", got)
	}
}

func TestBuildFails(t *testing.T) {
	tests := map[string]struct {
		prepare func(*fakeGo)
		want    []string
	}{
		"the compiler refuses": {
			prepare: func(g *fakeGo) { g.builds("echo 'go.mod requires go >= 1.99' >&2; exit 1", "") },
			want:    []string{"requires go >= 1.99", "install terraform or tofu", "TF"},
		},
		"the program does not work": {
			prepare: func(g *fakeGo) { g.builds("", "echo 'Segmentation fault' >&2; exit 139") },
			want:    []string{"was built, but does not work", "Segmentation fault"},
		},
		"no go": {
			prepare: func(g *fakeGo) { os.Remove(filepath.Join(g.bin, "go")) },
			want:    []string{"neither terraform nor tofu is on PATH", "no go on PATH"},
		},
		"not in the repository": {
			prepare: func(g *fakeGo) { os.RemoveAll(g.module) },
			want:    []string{"not in a checkout of terraform-provider-vpclab"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.prepare(newFakeGo(t, machine(t)))
			cli, err := Find(t.Context())
			if err == nil {
				t.Fatalf("Find() = %+v, want an error", *cli)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
			if got := cached(t); len(got) != 0 {
				t.Errorf("a failed build left %q", got)
			}
		})
	}
}

// The version that names the cache directory is the one that the module builds.
func TestOpenTofuVersion(t *testing.T) {
	gomod, err := os.ReadFile(filepath.Join("..", "tools", "opentofu", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`\sgithub\.com/opentofu/opentofu v(\S+)`).FindSubmatch(gomod)
	if match == nil {
		t.Fatal("internal/tools/opentofu/go.mod does not require OpenTofu")
	}
	if got := string(match[1]); got != openTofuVersion {
		t.Errorf("internal/tools/opentofu/go.mod requires OpenTofu %s, and openTofuVersion is %s: make them the same", got, openTofuVersion)
	}
}
