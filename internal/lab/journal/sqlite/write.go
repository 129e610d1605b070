package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// writer is the one connection a journal writes through.
type writer struct {
	db         *sql.DB
	conn       *sql.Conn
	file       fs.FileInfo // nil until the file is known to exist
	statements map[string]*sql.Stmt
	// settled says that the file is in the journal mode it will stay in.
	settled bool
}

// Write runs fn under the lab's write lock.
func (j *Journal) Write(ctx context.Context, fn func(journal.Writer) error) error {
	select {
	case <-j.closed:
		return journal.ErrClosed
	default:
	}
	select {
	case j.writing <- struct{}{}:
		defer func() { <-j.writing }()
	case <-j.closed:
		return journal.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if j.isClosed() {
		return journal.ErrClosed
	}
	t, err := j.begin(ctx)
	if err != nil {
		return j.translate(err)
	}
	defer t.end() // rolls back, unless committed
	if err := t.look(); err != nil {
		return j.translate(err)
	}
	if err := fn(t); err != nil {
		return err
	}
	return j.translate(t.commit())
}

// begin takes the write lock.
func (j *Journal) begin(ctx context.Context) (*transaction, error) {
	err := j.whileBusy(ctx, func() error {
		if err := j.openWriter(ctx); err != nil {
			return err
		}
		return j.writer.exec("BEGIN IMMEDIATE")
	})
	if err == nil {
		return &transaction{writer: j.writer, journal: j}, nil
	}
	if w := j.writer; w != nil {
		// What is wrong with the file may have been put right by the next time.
		j.writer = nil
		err = errors.Join(err, w.close())
	}
	return nil, err
}

// look finds out what the file holds, now that nobody else can change it.
func (t *transaction) look() error {
	j := t.journal
	info, err := j.stat()
	if err != nil {
		return err
	}
	if t.file == nil {
		t.file = info
	}
	if r := j.reader.Load(); info == nil || !os.SameFile(info, t.file) || r != nil && !os.SameFile(info, r.file) {
		return j.replaced()
	}
	if info.Size() == 0 {
		t.unmade = true
		return nil
	}
	h, err := readHeader(context.Background(), t.conn)
	if err != nil {
		return err
	}
	if err := j.check(h); err != nil {
		return err
	}
	t.found, err = t.selectRevision()
	t.revision = t.found
	return err
}

// openWriter opens the file for writing. If there is none it makes an empty
// one, and its directory if need be.
func (j *Journal) openWriter(ctx context.Context) error {
	if j.writer != nil {
		return nil
	}
	// Reading first finds out what is wrong with a file without touching it.
	if _, err := j.reading(ctx); err != nil {
		return err
	}
	info, err := j.stat()
	if err != nil {
		return err
	}
	if info == nil {
		if err := j.makeDirectory(); err != nil {
			return err
		}
	} else if writeProtected(info) {
		return j.problem(nil, "the file is write-protected", "make it writable, or "+chooseAnother)
	}
	db, err := j.open("mode=rwc", "_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	conn, err := db.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return errors.Join(err, db.Close())
	}
	j.writer = &writer{db: db, conn: conn, statements: make(map[string]*sql.Stmt)}
	return nil
}

func (j *Journal) makeDirectory() error {
	directory := filepath.Dir(j.path)
	if err := os.MkdirAll(directory, 0o777); err != nil {
		return err
	}
	if !j.options.Ignore {
		return nil
	}
	entries, err := os.ReadDir(directory)
	if err != nil || len(entries) > 0 {
		return nil // not a new directory; whether it can be used will be seen
	}
	f, err := os.OpenFile(filepath.Join(directory, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString("*\n")
	return errors.Join(err, f.Close())
}

// whileBusy repeats what fails because another process holds a lock. SQLite
// could do so itself, but would sleep up to a tenth of a second where a commit
// takes a few milliseconds.
func (j *Journal) whileBusy(ctx context.Context, try func() error) error {
	const longest = 10 * time.Millisecond
	giveUp := time.Now().Add(j.options.LockTimeout)
	for wait := 200 * time.Microsecond; ; wait = min(2*wait, longest) {
		err := try()
		if code := primary(err); code != sqlite3.SQLITE_BUSY && code != sqlite3.SQLITE_PROTOCOL {
			return err
		}
		if time.Now().After(giveUp) {
			return j.locked(err, j.options.LockTimeout)
		}
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-j.closed:
			return journal.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// transaction is the journal under its write lock.
type transaction struct {
	*writer
	journal  *Journal
	unmade   bool  // the file has no tables yet
	found    int64 // the revision at the beginning
	revision int64
	err      error // the first failure to append
	ended    bool
}

// Read gives what changed after a revision.
func (t *transaction) Read(since int64) (journal.Delta, error) {
	if t.unmade || t.revision <= since {
		return journal.Delta{Revision: t.revision}, nil
	}
	delta, err := readDelta(t.conn.QueryContext, since)
	return delta, t.journal.translate(err)
}

// Append adds an entry. After a failure nothing can be added any more: SQLite
// may have ended the transaction by itself.
func (t *transaction) Append(e journal.Entry) (int64, error) {
	if t.err == nil {
		t.err = t.journal.translate(t.append(e))
	}
	return t.revision, t.err
}

func (t *transaction) append(e journal.Entry) error {
	at := formatTime(e.Time)
	if t.unmade {
		if err := t.exec(tables); err != nil {
			return err
		}
		id := t.journal.options.Identity
		if err := t.run(`INSERT INTO lab VALUES (1, ?, ?, ?, 0)`, id.Name, id.Account, at); err != nil {
			return err
		}
		t.unmade = false
	}
	t.revision++
	for _, o := range e.Objects {
		if err := t.put(o); err != nil {
			return err
		}
	}
	if err := t.run(`INSERT INTO events VALUES (?, ?, ?)`, t.revision, at, string(e.Event)); err != nil {
		return err
	}
	return t.run(`UPDATE lab SET revision = ?`, t.revision)
}

func (t *transaction) put(o journal.Object) error {
	kind := string(o.Kind)
	if o.Document == nil {
		if err := t.run(`DELETE FROM objects WHERE kind = ? AND id = ?`, kind, o.ID); err != nil {
			return err
		}
		return t.run(`INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)`, kind, o.ID, t.revision)
	}
	if err := t.run(`DELETE FROM tombstones WHERE kind = ? AND id = ?`, kind, o.ID); err != nil {
		return err
	}
	return t.run(`INSERT INTO objects VALUES (?, ?, ?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, document = excluded.document`,
		kind, o.ID, t.revision, string(o.Document))
}

func (t *transaction) commit() error {
	if t.err != nil || t.revision == t.found {
		return t.err
	}
	// In the rollback mode a file begins in, a commit waits for readers.
	err := t.journal.whileBusy(context.Background(), func() error { return t.exec("COMMIT") })
	if err != nil {
		return err
	}
	t.ended = true
	t.settle()
	return nil
}

func (t *transaction) end() {
	if !t.ended {
		t.ended = true
		// Where SQLite has rolled back by itself, this fails and need not
		// succeed.
		_ = t.exec("ROLLBACK")
	}
}

// settle puts a new file into write-ahead logging mode. If others are at it
// just then, the next commit will.
func (w *writer) settle() {
	if w.settled {
		return
	}
	var mode string
	err := w.conn.QueryRowContext(context.Background(), "PRAGMA journal_mode = WAL").Scan(&mode)
	w.settled = err == nil
}

func (w *writer) selectRevision() (revision int64, err error) {
	s, err := w.prepared(selectRevision)
	if err != nil {
		return 0, err
	}
	err = s.QueryRow().Scan(&revision)
	return revision, err
}

// exec runs statements that are not worth keeping.
func (w *writer) exec(text string) error {
	_, err := w.conn.ExecContext(context.Background(), text)
	return err
}

// run runs a statement that will be needed again.
func (w *writer) run(text string, args ...any) error {
	s, err := w.prepared(text)
	if err != nil {
		return err
	}
	_, err = s.Exec(args...)
	return err
}

func (w *writer) prepared(text string) (*sql.Stmt, error) {
	if s, ok := w.statements[text]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), text)
	if err == nil {
		w.statements[text] = s
	}
	return s, err
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.statements {
		errs = append(errs, s.Close()) // one left open would keep the file open
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}
