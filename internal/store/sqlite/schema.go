package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waypost/internal/store"
)

const (
	applicationID = 0x57415950 // "WAYP"
	schemaVersion = 1
)

// schema is version 1. The blind values stand in the record, in order, and in a table of their own to be found by.
const schema = `
CREATE TABLE record (
	tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, state TEXT NOT NULL,
	due INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, blinds BLOB NOT NULL, sealed BLOB NOT NULL,
	PRIMARY KEY (tenant, kind, id)
) STRICT;
CREATE INDEX record_queue ON record (tenant, kind, state, due, id);
CREATE INDEX record_expiry ON record (expires, tenant, kind, id);
CREATE TABLE blind (
	tenant TEXT NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL, id TEXT NOT NULL,
	PRIMARY KEY (tenant, kind, value, id),
	FOREIGN KEY (tenant, kind, id) REFERENCES record (tenant, kind, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX blind_record ON blind (tenant, kind, id);
CREATE TABLE wrapkey (
	tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, bucket TEXT NOT NULL, wrapped BLOB NOT NULL,
	PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX wrapkey_bucket ON wrapkey (bucket, tenant, kind, id);
CREATE TABLE op (
	tenant TEXT NOT NULL, opid BLOB NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (tenant, opid)
) STRICT, WITHOUT ROWID;
CREATE INDEX op_at ON op (at);
CREATE TABLE trail_leaf (
	tenant TEXT NOT NULL, n INTEGER NOT NULL, leaf BLOB NOT NULL, PRIMARY KEY (tenant, n)
) STRICT;
CREATE TABLE trail_hash (
	tenant TEXT NOT NULL, pos INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (tenant, pos)
) STRICT, WITHOUT ROWID;
CREATE TABLE trail_note (
	tenant TEXT NOT NULL, size INTEGER NOT NULL, note BLOB NOT NULL, PRIMARY KEY (tenant, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE mark (
	name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`

// identify looks at the file through a connection that sets nothing, so that a foreign file stays as it was. A fresh
// file is a new one, or one whose maker was killed before it was a database.
func identify(ctx context.Context, path string) (fresh bool, err error) {
	db, err := sql.Open("sqlite", source(path, "mode=ro"))
	if err != nil {
		return false, err
	}
	app, version, made, err := identity(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		if code(err)&0xff == codeNotADB {
			return false, ErrForeign
		}
		return false, err
	}
	switch {
	case app == 0 && version == 0 && made == 0:
		return true, nil
	case app != applicationID:
		return false, ErrForeign
	case version > schemaVersion:
		return false, fmt.Errorf("%w: version %d, known is %d", ErrNewer, version, schemaVersion)
	case version < schemaVersion:
		return false, fmt.Errorf("%w: version %d", store.ErrDamaged, version)
	}
	return false, nil
}

func identity(ctx context.Context, db *sql.DB) (app, version, made int64, err error) {
	for _, p := range []struct {
		pragma string
		to     *int64
	}{{"PRAGMA application_id", &app}, {"PRAGMA user_version", &version}, {"PRAGMA schema_version", &made}} {
		if err := db.QueryRowContext(ctx, p.pragma).Scan(p.to); err != nil {
			return 0, 0, 0, err
		}
	}
	return app, version, made, nil
}

// build makes the tables in one transaction, unless they are there.
func (s *session) build() error {
	var version int64
	if err := s.row("PRAGMA user_version").Scan(&version); err != nil || version == schemaVersion {
		return err
	}
	if err := s.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := s.script(schema + fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", applicationID, schemaVersion))
	if err != nil {
		return errors.Join(err, s.script("ROLLBACK"))
	}
	return nil
}
