package trail

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ReadHashes reads stored hashes by position, as a store's TrailHashes does.
type ReadHashes func(pos []int64) ([]Hash, error)

func (read ReadHashes) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(pos []int64) ([]tlog.Hash, error) {
		got, err := read(pos)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(got))
		for i := range got {
			out[i] = tlog.Hash(got[i])
		}
		return out, nil
	})
}

// ProveEntry shows that leaf n stands in the log of this size, without showing any other entry.
func ProveEntry(size, n int64, read ReadHashes) ([]Hash, error) {
	p, err := tlog.ProveRecord(size, n, read.reader())
	if err != nil {
		return nil, fmt.Errorf("prove entry %d of %d: %w", n, size, err)
	}
	return fromTlog(p), nil
}

// CheckEntry checks such a proof against a checkpoint.
func CheckEntry(proof []Hash, c Checkpoint, n int64, leaf []byte) error {
	if tlog.CheckRecord(tlog.RecordProof(toTlog(proof)), c.Size, tlog.Hash(c.Root), n, tlog.RecordHash(leaf)) != nil {
		return fmt.Errorf("check entry %d of %d: %w", n, c.Size, ErrTampered)
	}
	return nil
}

// ProveGrowth shows that the log of size now begins with the log of size then.
func ProveGrowth(now, then int64, read ReadHashes) ([]Hash, error) {
	p, err := tlog.ProveTree(now, then, read.reader())
	if err != nil {
		return nil, fmt.Errorf("prove growth from %d to %d: %w", then, now, err)
	}
	return fromTlog(p), nil
}

// CheckGrowth checks such a proof against two checkpoints, however far apart.
func CheckGrowth(proof []Hash, now, then Checkpoint) error {
	if now.Log != then.Log || tlog.CheckTree(tlog.TreeProof(toTlog(proof)), now.Size, tlog.Hash(now.Root), then.Size, tlog.Hash(then.Root)) != nil {
		return fmt.Errorf("check growth from %d to %d: %w", then.Size, now.Size, ErrTampered)
	}
	return nil
}

func toTlog(in []Hash) []tlog.Hash {
	out := make([]tlog.Hash, len(in))
	for i := range in {
		out[i] = tlog.Hash(in[i])
	}
	return out
}

func fromTlog(in []tlog.Hash) []Hash {
	out := make([]Hash, len(in))
	for i := range in {
		out[i] = Hash(in[i])
	}
	return out
}
