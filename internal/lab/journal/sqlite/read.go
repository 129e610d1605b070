package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// reader is the file, open for reading.
type reader struct {
	db       *sql.DB
	file     fs.FileInfo
	revision *sql.Stmt
	// frozen says that SQLite was told that nobody writes to the file, and does
	// not look.
	frozen bool
}

const selectRevision = `SELECT revision FROM lab`

// Revision is that of the newest entry.
func (j *Journal) Revision(ctx context.Context) (revision int64, err error) {
	r, err := j.reading(ctx)
	if r == nil || err != nil {
		return 0, err
	}
	// The driver watches a context that can end at a cost which is greater
	// than that of the question.
	err = r.revision.QueryRowContext(context.WithoutCancel(ctx)).Scan(&revision)
	if err != nil {
		return 0, j.failed(err)
	}
	return revision, nil
}

// Read gives what changed after a revision.
func (j *Journal) Read(ctx context.Context, since int64) (delta journal.Delta, err error) {
	r, err := j.reading(ctx)
	if r == nil || err != nil {
		return delta, err
	}
	tx, err := r.db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return delta, j.failed(err)
	}
	defer tx.Rollback()
	delta, err = readDelta(tx.QueryContext, since)
	if err != nil {
		return journal.Delta{}, j.failed(err)
	}
	return delta, nil
}

// Events gives what happened.
func (j *Journal) Events(ctx context.Context, which journal.EventRange) ([]journal.Event, error) {
	r, err := j.reading(ctx)
	if r == nil || err != nil {
		return nil, err
	}
	limit := -1
	if which.Last > 0 {
		limit = which.Last
	}
	var events []journal.Event
	err = each(r.db.QueryContext,
		`SELECT * FROM (SELECT revision, time, document FROM events WHERE revision > ? ORDER BY revision DESC LIMIT ?) ORDER BY revision`,
		[]any{which.After, limit},
		func(rows *sql.Rows) error {
			var e journal.Event
			var at string
			if err := rows.Scan(&e.Revision, &at, &e.Document); err != nil {
				return err
			}
			if e.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
				return j.damaged(fmt.Errorf("event %d: %w", e.Revision, err))
			}
			events = append(events, e)
			return nil
		})
	if err != nil {
		return nil, j.failed(err)
	}
	return events, nil
}

// failed translates an error of an operation that Close may have cut short.
func (j *Journal) failed(err error) error {
	if j.isClosed() {
		return journal.ErrClosed
	}
	return j.translate(err)
}

// reading opens the file for reading, unless it is open. The result is nil
// while there is no lab.
func (j *Journal) reading(ctx context.Context) (*reader, error) {
	if j.isClosed() {
		return nil, journal.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	info, err := j.stat()
	if err != nil {
		return nil, err
	}
	r := j.reader.Load()
	if r != nil && info != nil && os.SameFile(info, r.file) && (!r.frozen || j.stillFrozen(r, info)) {
		return r, nil
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	switch r := j.reader.Load(); {
	case j.isClosed():
		return nil, journal.ErrClosed
	case r != nil && (info == nil || !os.SameFile(info, r.file)):
		return nil, j.replaced()
	case r != nil && r.frozen && !j.stillFrozen(r, info):
		j.retired = append(j.retired, r) // others may be reading from it
		j.reader.Store(nil)
	case r != nil:
		return r, nil
	}
	if info == nil || info.Size() == 0 {
		return nil, nil
	}
	r, err = j.openReader(ctx, info)
	if r != nil {
		j.reader.Store(r)
	}
	return r, err
}

// stillFrozen reports whether nobody has written to the file since it was
// opened as one that nobody writes to.
func (j *Journal) stillFrozen(r *reader, info fs.FileInfo) bool {
	_, logged := j.log()
	return !logged && info.Size() == r.file.Size() && info.ModTime().Equal(r.file.ModTime())
}

// writeProtected reports whether nobody at all may write to the file. Who could
// all the same, such as root, does not.
func writeProtected(info fs.FileInfo) bool { return info.Mode().Perm()&0o222 == 0 }

// log finds what was written and is not in the file itself yet.
func (j *Journal) log() (name string, found bool) {
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(j.path + suffix); err == nil && info.Size() > 0 {
			return j.path + suffix, true
		}
	}
	return "", false
}

// openReader opens the file as a reader who may help with housekeeping, which
// is what lets the last one leave a clean directory. Where that cannot be, and
// no log lies next to the file, nobody is writing to it, and it is read
// without looking for a writer.
func (j *Journal) openReader(ctx context.Context, info fs.FileInfo) (*reader, error) {
	log, logged := j.log()
	if logged || !writeProtected(info) {
		timeout := fmt.Sprintf("_pragma=busy_timeout(%d)", readTimeout.Milliseconds())
		r, err := j.tryReader(ctx, info, "mode=rw", timeout, "_pragma=query_only(1)")
		switch code := primary(err); {
		case code != sqlite3.SQLITE_CANTOPEN && code != sqlite3.SQLITE_READONLY:
			return r, j.translate(err)
		case logged:
			return nil, j.problem(err, "the file was not closed properly, and what lies in "+log+" cannot be put into it",
				"make the file and its directory writable, once, and try again")
		}
	}
	r, err := j.tryReader(ctx, info, "mode=ro", "immutable=1")
	if r != nil {
		r.frozen = true
	}
	return r, j.translate(err)
}

// tryReader opens the file with certain parameters. The result is nil if the
// file is blank.
func (j *Journal) tryReader(ctx context.Context, info fs.FileInfo, parameters ...string) (r *reader, err error) {
	db, err := j.open(parameters...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r == nil {
			db.Close()
		}
	}()
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	h, err := readHeader(ctx, db)
	if err != nil || h.blank() {
		return nil, err
	}
	if err := j.check(h); err != nil {
		return nil, err
	}
	revision, err := db.PrepareContext(ctx, selectRevision)
	if err != nil {
		return nil, err
	}
	return &reader{db: db, file: info, revision: revision}, nil
}

type query func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// readDelta runs inside a transaction, which makes its parts one state.
func readDelta(q query, since int64) (d journal.Delta, err error) {
	err = each(q, `SELECT name, account, revision FROM lab`, nil, func(rows *sql.Rows) error {
		return rows.Scan(&d.Identity.Name, &d.Identity.Account, &d.Revision)
	})
	if err != nil || d.Revision <= since {
		return d, err
	}
	err = each(q, `SELECT kind, id, revision, document FROM objects WHERE revision > ?`, []any{since}, func(rows *sql.Rows) error {
		var o journal.Object
		var kind string
		if err := rows.Scan(&kind, &o.ID, &o.Revision, &o.Document); err != nil {
			return err
		}
		o.Kind = ec2.Kind(kind)
		d.Objects = append(d.Objects, o)
		return nil
	})
	if err != nil {
		return d, err
	}
	err = each(q, `SELECT kind, id, revision FROM tombstones WHERE revision > ?`, []any{since}, func(rows *sql.Rows) error {
		var o journal.Object
		if err := rows.Scan(&o.Kind, &o.ID, &o.Revision); err != nil {
			return err
		}
		d.Objects = append(d.Objects, o)
		return nil
	})
	return d, err
}

// each runs a query and visits its rows. What is read is in memory or nearly,
// so nobody needs to interrupt it.
func each(q query, text string, args []any, visit func(*sql.Rows) error) error {
	rows, err := q(context.Background(), text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
