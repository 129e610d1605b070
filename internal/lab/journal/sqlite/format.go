package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What marks a file as a lab of ours (https://www.sqlite.org/fileformat.html,
// "Application ID" and "User version"): the letters "vpcl", and the version of
// the tables below. A version that older programs cannot work with counts one
// up.
const (
	applicationID = 0x7670636c
	formatVersion = 1
)

// tables are plain enough to be read with any sqlite3 of the last ten years.
var tables = fmt.Sprintf(`
CREATE TABLE lab (
  only     INTEGER PRIMARY KEY CHECK (only = 1),
  name     TEXT    NOT NULL,
  account  TEXT    NOT NULL,
  created  TEXT    NOT NULL,
  revision INTEGER NOT NULL  -- of the newest event
);
CREATE TABLE objects (
  kind     TEXT    NOT NULL,
  id       TEXT    NOT NULL,
  revision INTEGER NOT NULL, -- of the event that changed the object last
  document TEXT    NOT NULL, -- JSON
  PRIMARY KEY (kind, id)
);
CREATE INDEX objects_by_revision ON objects (revision);
CREATE TABLE tombstones (
  kind     TEXT    NOT NULL,
  id       TEXT    NOT NULL,
  revision INTEGER NOT NULL, -- of the event that removed the object
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX tombstones_by_revision ON tombstones (revision);
CREATE TABLE events (
  revision INTEGER PRIMARY KEY,
  time     TEXT    NOT NULL,
  document TEXT    NOT NULL  -- JSON
);
PRAGMA application_id = %d;
PRAGMA user_version = %d;
`, applicationID, formatVersion)

// timeFormat sorts as text.
const timeFormat = "2006-01-02T15:04:05.000000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// header is what a file says about itself.
type header struct{ application, version, pages int64 }

// queryer is a database or one connection to it.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readHeader(ctx context.Context, q queryer) (h header, err error) {
	err = q.QueryRowContext(ctx, `SELECT application_id, user_version, page_count
		FROM pragma_application_id, pragma_user_version, pragma_page_count`).Scan(&h.application, &h.version, &h.pages)
	return h, err
}

// blank reports whether there is nothing in the file: who made it has not
// written to it yet, or never came to it.
func (h header) blank() bool { return h == header{} }
