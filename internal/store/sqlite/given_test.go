package sqlite_test

import (
	"fmt"
	"strings"

	"waypost/internal/store"
	"waypost/internal/store/conform"
)

func kilobyte(id string) store.Batch {
	b := one(id)
	b.Ops[0].Rec.Sealed = []byte(strings.Repeat("s", 1024))
	b.Keys = []store.KeyOp{{Key: b.Ops[0].Rec.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: []byte("w")}}}
	return b.Ready()
}

// looked is an entry of the trail and nothing else.
func looked(id string) store.Batch {
	b := one(id)
	b.Ops = nil
	return b.Ready()
}

func erasing(id string) store.Batch {
	key := conform.Record("practice-a", id, 1, "").Key
	b := store.Batch{Tenant: "practice-a", Ops: []store.Op{conform.Gone(key, 1)}, Keys: []store.KeyOp{{Key: key}},
		Trail: [][]byte{conform.Entry(conform.At(), "case.erase")}}
	copy(b.ID[:], fmt.Sprintf("e%15s", id))
	return b.Ready()
}
