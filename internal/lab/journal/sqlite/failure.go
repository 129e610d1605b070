package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

const (
	chooseAnother = "choose another store or another lab name"
	moveAway      = "move the file out of the way, or " + chooseAnother
)

func (j *Journal) problem(err error, problem, remedy string) error {
	return &journal.Error{Location: j.path, Problem: problem, Remedy: remedy, Err: err}
}

func (j *Journal) foreign() error {
	return j.problem(nil, "the file is a SQLite database, but not of vpclab", moveAway)
}

func (j *Journal) newer(version int64) error {
	return j.problem(nil,
		fmt.Sprintf("the file has format %d, and this version of vpclab knows formats up to %d", version, formatVersion),
		"update vpclab, or "+chooseAnother)
}

func (j *Journal) replaced() error {
	return j.problem(nil, "the file was deleted or replaced while it was in use", "try again: the next run opens what is there now")
}

func (j *Journal) damaged(err error) error {
	return j.problem(err, "the file is damaged",
		"put a good copy in its place, or move it out of the way together with "+j.path+"-wal, if there is one, to begin with an empty lab")
}

func (j *Journal) locked(err error, after time.Duration) error {
	return j.problem(err, fmt.Sprintf("another process has kept the file locked for %s", after),
		"wait until that process has finished, or end it, then try again")
}

// check turns what a file says about itself into an error, unless the file is
// one of ours.
func (j *Journal) check(h header) error {
	switch {
	case h.application != applicationID:
		return j.foreign()
	case h.version > formatVersion:
		return j.newer(h.version)
	case h.version < 1:
		return j.damaged(fmt.Errorf("format %d", h.version))
	default:
		return nil
	}
}

// translate says what an error of SQLite or of the file system means for the
// lab.
func (j *Journal) translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, journal.ErrClosed) {
		return err
	}
	if _, done := errors.AsType[*journal.Error](err); done {
		return err
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return j.translatePath(pathError)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return j.damaged(errors.New("its table lab is empty"))
	}
	switch primary(err) {
	case sqlite3.SQLITE_NOTADB:
		return j.problem(nil, "the file is not a SQLite database", moveAway)
	case sqlite3.SQLITE_CORRUPT:
		return j.damaged(err)
	case sqlite3.SQLITE_FULL:
		return j.problem(err, "there is no space left where the file is", "free some space and try again; the file holds what it held before")
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL:
		return j.locked(err, readTimeout)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return j.problem(err, "the file or its directory cannot be written",
			"make both writable, or "+chooseAnother)
	case sqlite3.SQLITE_IOERR:
		return j.problem(err, "the file could not be read or written", "see whether the disk is full or failing, then try again")
	case sqlite3.SQLITE_ERROR:
		// The statements are right, so the tables are not.
		return j.damaged(err)
	default:
		return j.problem(err, "the file cannot be used", moveAway)
	}
}

func (j *Journal) translatePath(err *fs.PathError) error {
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return j.problem(err, "a part of the path is a file, not a directory", chooseAnother)
	case errors.Is(err, syscall.ENOSPC):
		return j.problem(err, "there is no space left where the file would be", "free some space and try again")
	case err.Op == "mkdir":
		return j.problem(err, "its directory cannot be made", "make it writable, or "+chooseAnother)
	case errors.Is(err, fs.ErrPermission):
		return j.problem(err, "the file or its directory may not be used", "change their permissions, or "+chooseAnother)
	default:
		return j.problem(err, "the file cannot be used", chooseAnother)
	}
}

// primary is SQLite's result code without the part that tells more
// (https://www.sqlite.org/rescode.html), 0 if the error is not SQLite's.
func primary(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}
