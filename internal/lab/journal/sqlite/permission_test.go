//go:build unix

package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// visitVariable names the file a process of this test visits.
const visitVariable = "VPCLAB_TEST_VISIT"

func TestMain(m *testing.M) {
	if path := os.Getenv(visitVariable); path != "" {
		visit(path)
		return
	}
	os.Exit(m.Run())
}

// visit uses a lab as a user may who is bound by permissions. It waits for a
// line on its input between one look and the next.
func visit(path string) {
	j, err := Open(context.Background(), path, options)
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	defer j.Close()
	look := func() {
		d, err := j.Read(context.Background(), 0)
		fmt.Printf("read: revision %d, %d objects, %v\n", d.Revision, len(d.Objects), err)
	}
	look()
	fmt.Println("write:", write(j, 1))
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	look()
}

// visitor is a process that visits a lab.
type visitor struct {
	in  io.WriteCloser
	out *bufio.Scanner
	cmd *exec.Cmd
}

// send starts a visitor. Root is above permissions, so the visitor is
// somebody else then, and the program must be where anybody may run it.
func send(t *testing.T, program, path string) visitor {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), visitVariable+"="+path)
	cmd.Dir = filepath.Dir(program)
	cmd.Stderr = os.Stderr
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return visitor{in, bufio.NewScanner(out), cmd}
}

// hear gives what the visitor says until it is ready, or until its end.
func (v visitor) hear() (said []string) {
	for v.out.Scan() && v.out.Text() != "ready" {
		said = append(said, v.out.Text())
	}
	return said
}

func (v visitor) end(t *testing.T) (said []string) {
	v.in.Close()
	said = v.hear()
	if err := v.cmd.Wait(); err != nil {
		t.Errorf("the visitor: %v", err)
	}
	return said
}

// publicProgram copies this test program to where anybody may run it, and
// gives a directory there.
func publicProgram(t *testing.T) (program, directory string) {
	t.Helper()
	root := t.TempDir()
	for d := root; d != filepath.Clean(os.TempDir()) && d != filepath.Dir(d); d = filepath.Dir(d) {
		if info, err := os.Stat(d); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	program = filepath.Join(root, "visitor")
	copyFile(t, os.Args[0], program, 0o755)
	return program, root
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	contents, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, contents, mode); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestPermissions(t *testing.T) {
	program, root := publicProgram(t)
	const cannotWrite = "lab FILE: the file or its directory cannot be written (CODE); make both writable, or choose another store or another lab name"
	for i, c := range []struct {
		name    string
		prepare func(t *testing.T, path string)
		want    []string // with FILE for the name of the file, CODE for SQLite's words
	}{
		{"a lab in a directory that cannot be written", func(t *testing.T, path string) {
			newLab(t, path)
			chmod(t, filepath.Dir(path), 0o555)
		}, []string{"read: revision 1, 200 objects, <nil>", "write: " + cannotWrite, "read: revision 1, 200 objects, <nil>"}},
		{"a lab that nobody may write", func(t *testing.T, path string) {
			newLab(t, path)
			chmod(t, path, 0o444)
			chmod(t, filepath.Dir(path), 0o777)
		}, []string{"read: revision 1, 200 objects, <nil>",
			"write: lab FILE: the file is write-protected; make it writable, or choose another store or another lab name",
			"read: revision 1, 200 objects, <nil>"}},
		{"a lab that was not closed, in a directory that cannot be written", func(t *testing.T, path string) {
			original := filepath.Join(t.TempDir(), "x.db")
			if err := write(open(t, original), 200); err != nil {
				t.Fatal(err)
			}
			if err := write(open(t, original), 200); err != nil {
				t.Fatal(err)
			}
			copyFile(t, original, path, 0o444)
			copyFile(t, original+"-wal", path+"-wal", 0o444)
			chmod(t, filepath.Dir(path), 0o555)
		}, []string{"open: lab FILE: the file was not closed properly, and what lies in FILE-wal cannot be put into it (CODE); " +
			"make the file and its directory writable, once, and try again"}},
		{"a lab that cannot be read", func(t *testing.T, path string) {
			newLab(t, path)
			chmod(t, path, 0)
			chmod(t, filepath.Dir(path), 0o777)
		}, []string{"open: " + cannotWrite}},
		{"a directory that cannot be searched", func(t *testing.T, path string) {
			newLab(t, path)
			chmod(t, filepath.Dir(path), 0)
		}, []string{"open: lab FILE: the file or its directory may not be used (stat FILE: permission denied); " +
			"change their permissions, or choose another store or another lab name"}},
		{"no lab, in a directory that cannot be written", func(t *testing.T, path string) {
			chmod(t, filepath.Dir(path), 0o555)
		}, []string{"read: revision 0, 0 objects, <nil>", "write: " + cannotWrite, "read: revision 0, 0 objects, <nil>"}},
		{"no directory, where none can be made", func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			chmod(t, filepath.Dir(filepath.Dir(path)), 0o555)
		}, []string{
			"read: revision 0, 0 objects, <nil>",
			"write: lab FILE: its directory cannot be made (mkdir DIRECTORY: permission denied); make it writable, or choose another store or another lab name",
			"read: revision 0, 0 objects, <nil>",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := filepath.Join(root, fmt.Sprint(i))
			path := filepath.Join(directory, "labs", "x.db")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, path)
			t.Cleanup(func() { // so that it can be removed
				_ = os.Chmod(directory, 0o755)
				_ = os.Chmod(filepath.Dir(path), 0o755)
			})
			before := names(directory)

			v := send(t, program, path)
			got := append(v.hear(), v.end(t)...)
			for i, line := range got {
				line = strings.ReplaceAll(line, path, "FILE")
				line = strings.ReplaceAll(line, filepath.Dir(path), "DIRECTORY")
				got[i] = sqliteWords(line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("the visitor says (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, names(directory)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

// sqliteWords puts CODE in the place of what SQLite says in parentheses, which
// depends on how it came to know.
func sqliteWords(line string) string {
	for _, words := range []string{"(unable to open database file", "(attempt to write a readonly database"} {
		if before, after, ok := strings.Cut(line, words); ok {
			_, after, _ = strings.Cut(after, "); ")
			return before + "(CODE); " + after
		}
	}
	return line
}

func names(directory string) (list []string) {
	_ = filepath.WalkDir(directory, func(path string, _ os.DirEntry, _ error) error {
		list = append(list, path)
		return nil
	})
	return list
}

// Somebody who may write changes a lab that another is looking at, who may
// not.
func TestALabThatCannotBeWrittenChanges(t *testing.T) {
	program, root := publicProgram(t)
	path := filepath.Join(root, "labs", "x.db")
	newLab(t, path)
	chmod(t, filepath.Dir(path), 0o555)
	v := send(t, program, path)
	v.hear()

	chmod(t, filepath.Dir(path), 0o755)
	j := open(t, path)
	err := j.Write(t.Context(), func(w journal.Writer) error {
		_, err := w.Append(journal.Entry{Event: []byte(`{}`)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	chmod(t, filepath.Dir(path), 0o555)
	t.Cleanup(func() { chmod(t, filepath.Dir(path), 0o755) })

	if diff := cmp.Diff([]string{"read: revision 2, 200 objects, <nil>"}, v.end(t)); diff != "" {
		t.Errorf("the visitor says (-want +got):\n%s", diff)
	}
}
