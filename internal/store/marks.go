package store

import (
	"context"

	"waypost/internal/trail"
)

// Marks is what an engine offers beside Store: a place for a few small named values that belong to the database as a
// whole, such as the state of the keyring it was last used with. They rest in every backup; Export leaves them out.
type Marks interface {
	// Mark returns one value or ErrNotFound.
	Mark(ctx context.Context, name string) ([]byte, error)
	// PutMark keeps a value of 1 to MarkLimit bytes in the place of an older one. Nil means it is durable.
	PutMark(ctx context.Context, name string, value []byte) error
}

// MarkLimit is the most bytes of one mark.
const MarkLimit = 256

// CheckMark says whether a mark may have that name and value.
func CheckMark(name string, value []byte) error {
	if !trail.IsCode(name) {
		return invalid("name of a mark is not a code")
	}
	if len(value) < 1 || len(value) > MarkLimit {
		return invalid("mark of %d bytes", len(value))
	}
	return nil
}
