package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The demo, as make demo runs it, for somebody whose temporary folder has a space in its
// name and who has settings of their own.
func TestDemo(t *testing.T) {
	t.Parallel()
	temp := filepath.Join(t.TempDir(), "a b")
	if err := os.Mkdir(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	demo := exec.CommandContext(t.Context(), "go", "run", "./internal/demo")
	demo.Dir = root
	demo.Env = append(environment(""), "TF="+cli.Path, "TMPDIR="+temp, "TEMP="+temp, "TMP="+temp,
		"VPCLAB_LAB=mine", "VPCLAB_STORE=/nowhere", "TF_VAR_attached_to=nobody", "AWS_REGION=eu-west-1")
	out, err := demo.CombinedOutput()
	if err != nil {
		t.Fatalf("the demo: %v\n%s", err, out)
	}
	text := string(out)

	table := regexp.MustCompile(`(?m)^  (?:made|attached to one|detached|attached to two) +(eni-\w+ +10\.0\.1\.50 +(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) +(\S.*)$`).FindAllStringSubmatch(text, -1)
	where := []string{"-", "one, index 1", "-", "two, index 1"}
	if len(table) != len(where) {
		t.Fatalf("the demo should show the interface at %d points:\n%s", len(where), text)
	}
	for i, row := range table {
		if row[1] != table[0][1] || row[2] != where[i] {
			t.Errorf("row %d of the table is %q, want %s attached to %q", i+1, row[0], table[0][1], where[i])
		}
	}
	for _, want := range []string{
		"there are two network interfaces, both primary, both in use",
		"EC2: AttachNetworkInterface, InvalidParameterCombination",
		"EC2: DetachNetworkInterface, OperationNotPermitted",
		"Destroy complete!",
		"is empty",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the demo does not say %q", want)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("the demo colours what is no terminal")
	}
	left, err := filepath.Glob(filepath.Join(temp, "vpclab-demo-*", "main.tf"))
	if err != nil || len(left) != 1 {
		t.Fatalf("the demo should leave one folder with a configuration: %v, %v", left, err)
	}
	if folder := filepath.Dir(left[0]); !strings.Contains(text, "cd '"+folder+"'") {
		t.Errorf("the demo does not say where the configuration lies: %s", folder)
	}
	if t.Failed() {
		t.Log(text)
	}
}
