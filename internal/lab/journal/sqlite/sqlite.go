// Package sqlite is the journal in one SQLite file per lab, in write-ahead
// logging mode: readers never wait for the writer, and a commit costs one sync.
//
// A lab that was never written to has no file. The first entry makes it, in
// one transaction of SQLite's, so that of two processes which begin the same
// lab one comes second, and one that is killed leaves an empty file at worst,
// which counts as none.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// DefaultLockTimeout is how long a writer waits for writers of other
// processes. None of ours holds the lock longer than a moment.
const DefaultLockTimeout = 30 * time.Second

// readTimeout is how long a reader waits in the few moments when it has to:
// while the file is being made, or is being recovered after a crash.
const readTimeout = 10 * time.Second

// Options of a journal.
type Options struct {
	// Identity is what a new file is given.
	Identity journal.Identity
	// LockTimeout is DefaultLockTimeout if 0.
	LockTimeout time.Duration
	// Ignore has a new directory hold a .gitignore that keeps all of it out of
	// version control.
	Ignore bool
}

// Journal is a lab in a file.
type Journal struct {
	path    string // absolute
	options Options

	closed  chan struct{} // closed once
	closing sync.Once

	writing chan struct{} // holds one token while somebody writes; guards writer
	writer  *writer       // nil until the first Write

	mu      sync.Mutex             // guards opening, and retired
	reader  atomic.Pointer[reader] // nil while there is no lab
	retired []*reader              // former readers
}

var _ journal.Journal = (*Journal)(nil)

// Open opens the lab in a file. It makes neither file nor directory: a lab
// without a file is empty. A file that is none of ours, or cannot be used, is
// an error and stays as it is.
func Open(ctx context.Context, path string, o Options) (*Journal, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", path, err)
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = DefaultLockTimeout
	}
	j := &Journal{path: absolute, options: o, closed: make(chan struct{}), writing: make(chan struct{}, 1)}
	if _, err := j.Revision(ctx); err != nil {
		_ = j.Close() // nothing was written
		return nil, err
	}
	return j, nil
}

// Location is the name of the file.
func (j *Journal) Location() string { return j.path }

// Close closes the file. The last process to do so leaves nothing next to it.
func (j *Journal) Close() error {
	var err error
	j.closing.Do(func() {
		close(j.closed)
		j.writing <- struct{}{}
		if j.writer != nil {
			err = j.writer.close()
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if r := j.reader.Load(); r != nil {
			j.retired = append(j.retired, r)
		}
		for _, r := range j.retired {
			err = errors.Join(err, r.db.Close())
		}
	})
	return j.translate(err)
}

func (j *Journal) isClosed() bool {
	select {
	case <-j.closed:
		return true
	default:
		return false
	}
}

// stat looks at the file. There is none yet if both results are nil.
func (j *Journal) stat() (fs.FileInfo, error) {
	info, err := os.Stat(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, j.translate(err)
	case info.IsDir():
		return nil, j.problem(nil, "it is a directory, not a file", "name a file in it, or a directory of labs without .db or .sqlite at the end")
	case !info.Mode().IsRegular():
		return nil, j.problem(nil, "it is not a regular file", chooseAnother)
	}
	return info, nil
}

// open opens a database over the file. Parameters are those of
// https://www.sqlite.org/uri.html and of the driver, which applies pragmas to
// each of its connections.
func (j *Journal) open(parameters ...string) (*sql.DB, error) {
	slashed := filepath.ToSlash(j.path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter of Windows
	}
	name := "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?" + strings.Join(parameters, "&")
	return sql.Open("sqlite", name)
}
