package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

var options = Options{Identity: journal.Identity{Name: "test", Account: "123456789012"}, LockTimeout: 50 * time.Millisecond}

func open(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// write changes n objects in one entry.
func write(j *Journal, n int) error {
	e := journal.Entry{Time: time.Unix(1, 0), Event: []byte(`{}`)}
	for i := range n {
		e.Objects = append(e.Objects, journal.Object{
			Ref:      ec2.Ref{Kind: ec2.KindVPC, ID: fmt.Sprintf("vpc-%08d", i)},
			Document: []byte(`{"padding":"` + strings.Repeat("x", 200) + `"}`),
		})
	}
	return j.Write(context.Background(), func(w journal.Writer) error {
		_, err := w.Append(e)
		return err
	})
}

// newLab makes a lab of 200 objects in a file and closes it.
func newLab(t testing.TB, path string) {
	t.Helper()
	j := open(t, path)
	if err := write(j, 200); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// execute runs SQL on a file, behind the journal's back.
func execute(t testing.TB, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path, contents string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
		t.Fatal(err)
	}
}

// overwrite puts bytes in the place of others.
func overwrite(t testing.TB, path string, offset, length int64, b byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(strings.Repeat(string(rune(b)), int(length))), offset); err != nil {
		t.Fatal(err)
	}
}

// listing gives the names below a directory with a digest of what they hold.
func listing(t testing.TB, directory string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	err := filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			out[path] = "directory"
			return err
		}
		contents, err := os.ReadFile(path)
		out[path] = fmt.Sprintf("%d bytes, %x", len(contents), sha256.Sum256(contents))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantUnchanged(t testing.TB, directory string, before map[string]string) {
	t.Helper()
	if diff := cmp.Diff(before, listing(t, directory)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestFilesThatAreNoLabs(t *testing.T) {
	const elsewhere = "choose another store or another lab name"
	const away = "move the file out of the way, or " + elsewhere
	const copied = "put a good copy in its place, or move it out of the way together with FILE-wal, if there is one, to begin with an empty lab"
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want string // the message, with FILE for the file's name; a part of it if it ends in "..."
	}{
		{"text", func(t *testing.T, path string) { writeFile(t, path, "resource \"vpclab_vpc\" {}\n") },
			"lab FILE: the file is not a SQLite database; " + away},
		{"much text", func(t *testing.T, path string) { writeFile(t, path, strings.Repeat("lorem ipsum ", 10_000)) },
			"lab FILE: the file is not a SQLite database; " + away},
		{"a directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "lab FILE: it is a directory, not a file; name a file in it, or a directory of labs without .db or .sqlite at the end"},
		{"below a file", func(t *testing.T, path string) { writeFile(t, filepath.Dir(path), "") },
			"lab FILE: a part of the path is a file, not a directory (stat FILE: not a directory); " + elsewhere},
		{"a database of another program", func(t *testing.T, path string) { execute(t, path, `CREATE TABLE lab (revision)`) },
			"lab FILE: the file is a SQLite database, but not of vpclab; " + away},
		{"an empty database of another program", func(t *testing.T, path string) { execute(t, path, `PRAGMA user_version = 7`) },
			"lab FILE: the file is a SQLite database, but not of vpclab; " + away},
		{"a newer format", func(t *testing.T, path string) {
			newLab(t, path)
			execute(t, path, `PRAGMA user_version = 2`)
		}, "lab FILE: the file has format 2, and this version of vpclab knows formats up to 1; update vpclab, or " + elsewhere},
		{"no format", func(t *testing.T, path string) {
			newLab(t, path)
			execute(t, path, `PRAGMA user_version = 0`)
		}, "lab FILE: the file is damaged (format 0); " + copied},
		{"a missing table", func(t *testing.T, path string) {
			newLab(t, path)
			execute(t, path, `DROP TABLE objects`)
		}, "lab FILE: the file is damaged (SQL logic error: no such table: objects (1)); " + copied},
		{"an empty table", func(t *testing.T, path string) {
			newLab(t, path)
			execute(t, path, `DELETE FROM lab`)
		}, "lab FILE: the file is damaged (its table lab is empty); " + copied},
		{"a truncated file", func(t *testing.T, path string) {
			newLab(t, path)
			if err := os.Truncate(path, 20_000); err != nil {
				t.Fatal(err)
			}
		}, "lab FILE: the file is damaged (database disk image is malformed (11)); " + copied},
		{"a file truncated to its first bytes", func(t *testing.T, path string) {
			newLab(t, path)
			if err := os.Truncate(path, 60); err != nil {
				t.Fatal(err)
			}
		}, "lab FILE: the file is damaged (database disk image is malformed (11)); " + copied},
		{"an overwritten beginning", func(t *testing.T, path string) {
			newLab(t, path)
			overwrite(t, path, 0, 4096, 'x')
		}, "lab FILE: the file is not a SQLite database; " + away},
		{"overwritten pages", func(t *testing.T, path string) {
			newLab(t, path)
			overwrite(t, path, 4096, 40_000, 'x')
		}, "lab FILE: the file is damaged (database disk image is malformed (11)); " + copied},
		{"pages of zeroes", func(t *testing.T, path string) {
			newLab(t, path)
			overwrite(t, path, 12_288, 40_000, 0)
		}, "lab FILE: the file is damaged (database disk image is malformed (11)); " + copied},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := t.TempDir()
			path := filepath.Join(directory, "labs", "x.db")
			if c.name != "below a file" {
				if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
			}
			c.make(t, path)
			before := listing(t, directory)

			// Whoever opens the file, reads all of it.
			j, err := Open(t.Context(), path, options)
			if err == nil {
				_, err = j.Read(t.Context(), 0)
				if writeErr := write(j, 1); err == nil && writeErr == nil {
					t.Error("the file was written to")
				}
				j.Close()
			}
			if err == nil {
				t.Fatal("the file was opened and read")
			}
			if _, ok := errors.AsType[*journal.Error](err); !ok {
				t.Errorf("the error is a %T", err)
			}
			if got := strings.ReplaceAll(err.Error(), path, "FILE"); got != c.want {
				t.Errorf("error\n got %s\nwant %s", got, c.want)
			}
			wantUnchanged(t, directory, before)
		})
	}
}

func TestReadingWritesNothing(t *testing.T) {
	directory := t.TempDir()
	existing := filepath.Join(directory, "existing.db")
	newLab(t, existing)
	for _, path := range []string{
		existing,
		filepath.Join(directory, "absent.db"),
		filepath.Join(directory, "no", "such", "directory", "absent.db"),
	} {
		before := listing(t, directory)
		j := open(t, path)
		if _, err := j.Read(t.Context(), 0); err != nil {
			t.Error(err)
		}
		if _, err := j.Events(t.Context(), journal.EventRange{}); err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		wantUnchanged(t, directory, before)
	}
}

func TestACleanCloseLeavesOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labs", "x.db")
	a, b := open(t, path), open(t, path)
	for _, j := range []*Journal{a, b, a} {
		if err := write(j, 10); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Read(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("the file is not in write-ahead logging mode: %v", err)
	}
	a.Close()
	b.Close()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("after a clean close: %v, %v; want x.db only", entries, err)
	}
}

func TestDirectoryOfItsOwn(t *testing.T) {
	ignoring := options
	ignoring.Ignore = true
	for _, c := range []struct {
		name    string
		prepare func(directory string) error
		want    bool
	}{
		{"new", func(string) error { return nil }, true},
		{"empty", func(d string) error { return os.Mkdir(d, 0o777) }, true},
		{"in use", func(d string) error {
			return errors.Join(os.Mkdir(d, 0o777), os.WriteFile(filepath.Join(d, "notes.txt"), nil, 0o666))
		}, false},
	} {
		directory := filepath.Join(t.TempDir(), "labs")
		if err := c.prepare(directory); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.db", "b.db"} {
			j, err := Open(t.Context(), filepath.Join(directory, name), ignoring)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(write(j, 1), j.Close()); err != nil {
				t.Fatal(err)
			}
		}
		contents, err := os.ReadFile(filepath.Join(directory, ".gitignore"))
		if (err == nil) != c.want || c.want && string(contents) != "*\n" {
			t.Errorf("%s: .gitignore holds %q, %v", c.name, contents, err)
		}
	}
}

func TestALabMadeByAnotherIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labs", "x.db")
	early := open(t, path)
	newLab(t, path)
	if revision, err := early.Revision(t.Context()); err != nil || revision != 1 {
		t.Errorf("revision %d, %v; want 1", revision, err)
	}
	if err := write(early, 1); err != nil {
		t.Error(err)
	}
}

func TestAnEmptyFileIsNoLabYet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	writeFile(t, path, "")
	j := open(t, path)
	if revision, err := j.Revision(t.Context()); err != nil || revision != 0 {
		t.Errorf("revision %d, %v; want 0", revision, err)
	}
	if err := write(j, 1); err != nil {
		t.Error(err)
	}
}

func TestDeletedWhileInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps a file that is open")
	}
	for name, replace := range map[string]func(path string){
		"deleted":  func(string) {},
		"replaced": func(path string) { newLab(t, path) },
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		newLab(t, path)
		j := open(t, path)
		if err := write(j, 1); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil {
				t.Fatal(err)
			}
		}
		replace(path)
		want := "lab " + path + ": the file was deleted or replaced while it was in use; try again: the next run opens what is there now"
		if _, err := j.Revision(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s, reading:\n got %v\nwant %s", name, err, want)
		}
		if err := write(j, 1); err == nil || err.Error() != want {
			t.Errorf("%s, writing:\n got %v\nwant %s", name, err, want)
		}
	}
}

func TestLockedTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	a, b := open(t, path), open(t, path)
	err := a.Write(t.Context(), func(journal.Writer) error {
		want := "lab " + path + ": another process has kept the file locked for 50ms (database is locked (5) (SQLITE_BUSY)); " +
			"wait until that process has finished, or end it, then try again"
		if err := write(b, 1); err == nil || err.Error() != want {
			t.Errorf("\n got %v\nwant %s", err, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := write(b, 1); err != nil {
		t.Error(err)
	}
}

func TestNoSpaceLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	newLab(t, path)
	j := open(t, path)
	if err := write(j, 1); err != nil {
		t.Fatal(err)
	}
	if err := j.writer.exec("PRAGMA max_page_count = 1"); err != nil { // no more than there are
		t.Fatal(err)
	}
	const want = "there is no space left where the file is (database or disk is full (13)); free some space and try again; the file holds what it held before"
	if err := write(j, 5000); err == nil || err.Error() != "lab "+path+": "+want {
		t.Errorf("\n got %v\nwant ... %s", err, want)
	}

	// A function that goes on all the same gets nothing through.
	err := j.Write(t.Context(), func(w journal.Writer) error {
		for i := range 5000 {
			o := journal.Object{Ref: ec2.Ref{Kind: ec2.KindSubnet, ID: fmt.Sprint(i)}, Document: []byte(strings.Repeat("x", 1000))}
			_, _ = w.Append(journal.Entry{Objects: []journal.Object{o}})
		}
		return nil
	})
	if err == nil {
		t.Error("a write for which there was no space succeeded")
	}
	if d, err := j.Read(t.Context(), 0); err != nil || d.Revision != 2 || len(d.Objects) != 200 {
		t.Errorf("afterwards: revision %d, %d objects, %v; want revision 2, 200 objects", d.Revision, len(d.Objects), err)
	}
	if err := j.writer.exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := write(j, 5000); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestAPersonCanReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	newLab(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		`PRAGMA integrity_check`: "ok",
		`SELECT name || ' ' || account || ' ' || created || ' ' || revision FROM lab`: "test 123456789012 1970-01-01T00:00:01.000000000Z 1",
		`SELECT count(*) FROM objects WHERE json_valid(document)`:                     "200",
		`SELECT time FROM events`: "1970-01-01T00:00:01.000000000Z",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", query, got, err, want)
		}
	}
}
