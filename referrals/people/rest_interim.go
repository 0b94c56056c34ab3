package people

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
)

type act struct {
	tenant, actor  string
	role           Role
	action, reason string
}

type outcome = trail.Outcome

type record struct {
	kind, id string
	rev      int64
	expires  time.Time
	blind    [][]byte
	schema   uint16
	content  vault.Secret[[]byte]
}

type change struct {
	destroy bool
	rec     record
}

// Safe is what this room needs of the records.
type Safe interface {
	Write(ctx context.Context, a act, op [16]byte, changes ...change) error
	Read(ctx context.Context, a act, kind, id string) (record, error)
	Find(ctx context.Context, a act, kind string, blind [][]byte) ([]record, error)
	Note(ctx context.Context, a act, o outcome, kind, id string) error
}

func keep(b []byte) vault.Secret[[]byte] { return vault.Keep(b) }

func translate(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
