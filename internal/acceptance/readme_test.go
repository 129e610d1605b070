package acceptance

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// readme is the README, in the parts that a reader copies.
type readme struct {
	text                  string
	cliConfiguration      string
	configuration         string
	commands              []string // to type in the folder with the configuration
	sqliteFile, sqliteAsk string
}

func readREADME(t *testing.T) readme {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := readme{text: string(text)}
	for _, block := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(r.text, -1) {
		language, body := block[1], block[2]
		switch {
		case strings.HasPrefix(body, "provider_installation"):
			r.cliConfiguration = body
		case language == "hcl" && strings.Contains(body, "required_providers"):
			r.configuration = body
		case strings.HasPrefix(body, "terraform plan\n"):
			r.commands = strings.Split(strings.TrimSpace(body), "\n")
		case strings.HasPrefix(body, "sqlite3 "):
			ask := regexp.MustCompile(`^sqlite3 (\S+) "(.*)"\n$`).FindStringSubmatch(body)
			if ask == nil {
				t.Fatalf("the README's question to sqlite3 is not of the form that this test understands: %s", body)
			}
			r.sqliteFile, r.sqliteAsk = ask[1], ask[2]
		}
	}
	if r.cliConfiguration == "" || r.configuration == "" || len(r.commands) == 0 || r.sqliteAsk == "" {
		t.Fatalf("the README lacks something to copy: %+v", r)
	}
	return r
}

// Somebody follows the README by hand: install, configure, paste, plan, apply, destroy.
func TestREADME(t *testing.T) {
	t.Parallel()
	r := readREADME(t)
	if got := strings.Count(r.configuration, "\n"); got != 10 {
		t.Errorf("the README promises ten lines to paste, and they are %d", got)
	}
	example, err := os.ReadFile(filepath.Join(root, "examples", "quickstart", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if string(example) != r.configuration {
		t.Errorf("examples/quickstart/main.tf should be what the README says to paste. It is\n%s\nand the README has\n%s", example, r.configuration)
	}

	gobin := filepath.Join(t.TempDir(), "bin")
	config := filepath.Join(t.TempDir(), "terraformrc")
	printed := makeInstall(t, gobin)
	wanted := strings.ReplaceAll(r.cliConfiguration, "/home/you/go/bin", filepath.ToSlash(gobin))
	if !strings.Contains(printed, wanted) {
		t.Errorf("make install should print what the README has:\n%s\nIt printed\n%s", wanted, printed)
	}
	if err := os.WriteFile(config, []byte(wanted), 0o644); err != nil {
		t.Fatal(err)
	}

	f := newFolder(t)
	f.env = environment(config)
	f.write("main.tf", r.configuration)
	var typed []string
	for _, line := range r.commands {
		words := strings.Fields(line)
		typed = append(typed, words[1])
		switch words[0] {
		case program:
			output, status := f.run(filepath.Join(gobin, executable(program)), words[1:]...)
			if status != 0 || !strings.Contains(output, "1 network interface, 0 instances, 1 subnet") {
				t.Errorf("%s: exit status %d\n%s", line, status, output)
			}
			f.askSQLite(r)
		case "terraform":
			if words[1] == "apply" || words[1] == "destroy" {
				words = append(words, "-auto-approve") // instead of typing yes
			}
			f.must(words[1:]...)
			if words[1] == "apply" {
				f.settled()
				f.refusesOutside(r.configuration)
			}
		default:
			t.Fatalf("the README says to run %q, and this test does not know how", line)
		}
	}
	if want := []string{"plan", "apply", "show", "destroy"}; !slices.Equal(typed, want) {
		t.Errorf("the README says to run %q, want %q", typed, want)
	}
	f.empty()
}

// makeInstall is make install, into a directory, as somebody would type it.
func makeInstall(t *testing.T, gobin string) string {
	t.Helper()
	cmd := exec.Command("make", "install")
	cmd.Dir = root
	for _, entry := range os.Environ() {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS": // of the make that runs this test
		default:
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "GOBIN="+gobin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make install: %v\n%s", err, out)
	}
	return string(out)
}

// refusesOutside makes the change that the README suggests to see a refusal.
func (f *folder) refusesOutside(configuration string) {
	f.t.Helper()
	changed := strings.ReplaceAll(configuration, "10.0.1.0/24", "10.9.1.0/24")
	if changed == configuration {
		f.t.Fatal("the README's configuration has no 10.0.1.0/24 to change")
	}
	f.write("main.tf", changed)
	output, status := f.terraform("plan")
	if status == 0 || !strings.Contains(output, "InvalidSubnet.Range") {
		f.t.Errorf("a subnet outside its VPC should be refused at plan: exit status %d\n%s", status, output)
	}
	f.write("main.tf", configuration)
	f.settled()
}

// askSQLite asks what the README has sqlite3 asked.
func (f *folder) askSQLite(r readme) {
	f.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.path, filepath.FromSlash(r.sqliteFile)))
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close()
	var id, document string
	if err := db.QueryRow(r.sqliteAsk).Scan(&id, &document); err != nil {
		f.t.Fatalf("%s: %v", r.sqliteAsk, err)
	}
	if !strings.HasPrefix(id, "eni-") || !strings.Contains(document, `"10.0.1.4"`) {
		f.t.Errorf("%s gives %s and %s, want the network interface", r.sqliteAsk, id, document)
	}
}

// Every file and every program option that the README and CONTRIBUTING.md name is there.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(link[1]))); err != nil {
				t.Errorf("%s links to %s: %v", name, link[1], err)
			}
		}
		makefile, err := os.ReadFile(filepath.Join(root, "GNUmakefile"))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)").FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(makefile), "\n"+target[1]+":") {
				t.Errorf("%s names make %s, which the makefile does not have", name, target[1])
			}
		}
	}
	if runtime.GOOS == "windows" {
		return // where no file is executable
	}
	if info, err := os.Stat(filepath.Join(root, ".ci", "run")); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf(".ci/run should be there and executable: %v", err)
	}
}
