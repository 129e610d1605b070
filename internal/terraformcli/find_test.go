package terraformcli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake writes an executable shell script. The tools it may call come from the system's
// directories, whatever PATH the test has set.
func fake(t *testing.T, path, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs these tests find are shell scripts")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// says is the script of a program that answers "version" as the real ones do.
func says(version string) string {
	return fmt.Sprintf("[ \"$*\" = version ] || exit 2\necho '%s'\necho on linux_amd64\n", version)
}

// machine gives the test an empty PATH, an empty cache directory and no TF_ settings, and
// returns the directory that PATH consists of.
func machine(t *testing.T) (bin string) {
	t.Helper()
	home := t.TempDir()
	bin = filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); disturbs(name) || name == "TF" {
			t.Setenv(name, "") // to have it put back afterwards
			os.Unsetenv(name)
		}
	}
	return bin
}

func TestFindOrder(t *testing.T) {
	const (
		terraform = "Terraform v1.11.4"
		tofu      = "OpenTofu v1.12.6"
	)
	tests := map[string]struct {
		onPath map[string]string // program -> script
		tf     string
		want   CLI // Path relative to the PATH directory
	}{
		"terraform before tofu": {
			onPath: map[string]string{"terraform": says(terraform), "tofu": says(tofu)},
			want:   CLI{"terraform", Terraform, "1.11.4"},
		},
		"tofu where there is no terraform": {
			onPath: map[string]string{"tofu": says(tofu)},
			want:   CLI{"tofu", OpenTofu, "1.12.6"},
		},
		"TF names a program": {
			onPath: map[string]string{"terraform": says(terraform), "tofu": says(tofu)},
			tf:     "tofu",
			want:   CLI{"tofu", OpenTofu, "1.12.6"},
		},
		"TF is a path": {
			onPath: map[string]string{"terraform": says(terraform), "elsewhere/my-terraform": says("Terraform v1.15.0-dev")},
			tf:     "BIN/elsewhere/my-terraform",
			want:   CLI{"elsewhere/my-terraform", Terraform, "1.15.0-dev"},
		},
		"a program says what it is, not its name": {
			onPath: map[string]string{"terraform": says(tofu)},
			want:   CLI{"terraform", OpenTofu, "1.12.6"},
		},
		"a shim without a version behind it is passed over": {
			onPath: map[string]string{"terraform": "echo 'Version could not be resolved' >&2; exit 1\n", "tofu": says(tofu)},
			want:   CLI{"tofu", OpenTofu, "1.12.6"},
		},
		"an old program is passed over": {
			onPath: map[string]string{"terraform": says("Terraform v1.5.7"), "tofu": says("OpenTofu v1.7.0")},
			want:   CLI{"tofu", OpenTofu, "1.7.0"},
		},
		"1.10 is newer than 1.8": {
			onPath: map[string]string{"terraform": says("Terraform v1.10.0")},
			want:   CLI{"terraform", Terraform, "1.10.0"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bin := machine(t)
			for program, script := range test.onPath {
				fake(t, filepath.Join(bin, program), script)
			}
			t.Setenv("TF", strings.ReplaceAll(test.tf, "BIN", bin))

			got, err := Find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			test.want.Path = filepath.Join(bin, test.want.Path)
			if *got != test.want {
				t.Errorf("Find() = %+v, want %+v", *got, test.want)
			}
		})
	}
}

func TestFindSaysWhatIsWrongWithTF(t *testing.T) {
	tests := map[string]struct {
		tf, script string
		want       []string
	}{
		"no such name":   {tf: "no-such-program", want: []string{`TF is "no-such-program"`, "not found"}},
		"no such path":   {tf: "/no/such/terraform", want: []string{"/no/such/terraform", "no such file"}},
		"relative path":  {tf: "./here/terraform", want: []string{"./here/terraform", "working directory", "terraformcli"}},
		"does not run":   {tf: "BIN/sick", script: "echo 'missing libfoo.so' >&2; exit 127\n", want: []string{"does not run", "missing libfoo.so"}},
		"something else": {tf: "BIN/ls", script: "echo 'ls (coreutils) 9.1'\n", want: []string{"neither Terraform nor OpenTofu", "coreutils"}},
		"too old":        {tf: "BIN/terraform", script: says("Terraform v1.5.7"), want: []string{"Terraform 1.5.7", "1.8 or newer"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bin := machine(t)
			fake(t, filepath.Join(bin, "terraform"), says("Terraform v1.11.4")) // must not be fallen back to
			tf := strings.ReplaceAll(test.tf, "BIN", bin)
			if test.script != "" {
				fake(t, tf, test.script)
			}
			t.Setenv("TF", tf)

			cli, err := Find(t.Context())
			if err == nil {
				t.Fatalf("Find() = %+v, want an error", *cli)
			}
			for _, want := range append(test.want, "unset it") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestFindIgnoresTheUsersConfiguration(t *testing.T) {
	bin := machine(t)
	t.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(bin, "missing.tfrc"))
	t.Setenv("TF_CLI_ARGS", "-json")
	fake(t, filepath.Join(bin, "terraform"), `
[ -z "$TF_CLI_ARGS" ] || exit 1
[ -r "$TF_CLI_CONFIG_FILE" ] || exit 1
`+says("Terraform v1.11.4"))

	if _, err := Find(t.Context()); err != nil {
		t.Error(err)
	}
}
