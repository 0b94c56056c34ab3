package trail

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Edge is the growing edge of one log: the heads of its complete subtrees, enough to append and to sign, not to look
// back. It is a value: Append returns the next edge and leaves this one as it was, so a transaction that is rolled back
// simply forgets the edge it made. The zero Edge is the empty log.
type Edge struct {
	Size  int64
	Clock time.Time
	nodes []Hash // complete subtrees from the largest (leftmost) to the smallest
}

// Positions says which stored hashes OpenEdge needs for a log of this size, in order.
func Positions(size int64) []int64 {
	var pos []int64
	for lo := int64(0); lo < size; {
		level := topBit(size - lo)
		pos = append(pos, tlog.StoredHashIndex(level, lo>>level))
		lo += 1 << level
	}
	return pos
}

// OpenEdge rebuilds the edge of a stored log from its size, its newest leaf and the hashes at Positions(size).
func OpenEdge(size int64, newest []byte, hashes []Hash) (Edge, error) {
	if size == 0 {
		return Edge{}, nil
	}
	if size < 0 || len(hashes) != len(Positions(size)) {
		return Edge{}, fmt.Errorf("open edge at %d: %w: hashes are missing", size, ErrTampered)
	}
	leaf, _, err := ParseLeaf(newest)
	if err != nil || leaf.Seq != size-1 {
		return Edge{}, fmt.Errorf("open edge at %d: %w: newest leaf is not the last", size, ErrTampered)
	}
	return Edge{Size: size, Clock: leaf.Clock, nodes: append([]Hash(nil), hashes...)}, nil
}

// Append adds one canonical entry. It returns the next edge, the leaf to store at number Size, and the hashes to store
// from position FirstHash(Size) on.
func (g Edge) Append(entry []byte) (Edge, []byte, []Hash, error) {
	e, err := ParseEntry(entry)
	if err != nil {
		return g, nil, nil, err
	}
	clock, err := tick(g.Clock, e)
	if err != nil {
		return g, nil, nil, err
	}
	leaf := Leaf{Seq: g.Size, Clock: clock, Entry: entry}.encode()
	next, hashes := g.grow(leaf)
	next.Clock = clock
	return next, leaf, hashes, nil
}

// grow adds the leaf's hash and every subtree it completes.
func (g Edge) grow(leaf []byte) (Edge, []Hash) {
	h := tlog.RecordHash(leaf)
	added := []Hash{Hash(h)}
	keep := len(g.nodes)
	for n := g.Size; n&1 == 1; n >>= 1 {
		keep--
		h = tlog.NodeHash(tlog.Hash(g.nodes[keep]), h)
		added = append(added, Hash(h))
	}
	nodes := make([]Hash, 0, keep+1)
	nodes = append(append(nodes, g.nodes[:keep]...), Hash(h))
	return Edge{Size: g.Size + 1, Clock: g.Clock, nodes: nodes}, added
}

// FirstHash is the position of the first hash stored with leaf n.
func FirstHash(n int64) int64 { return tlog.StoredHashIndex(0, n) }

// HashesOf is how many hashes are stored with leaf n.
func HashesOf(n int64) int { return int(FirstHash(n+1) - FirstHash(n)) }

// Root is the hash of the whole log.
func (g Edge) Root() Hash {
	if g.Size == 0 {
		h, _ := tlog.TreeHash(0, nil) // the empty tree reads nothing
		return Hash(h)
	}
	h := tlog.Hash(g.nodes[len(g.nodes)-1])
	for i := len(g.nodes) - 2; i >= 0; i-- {
		h = tlog.NodeHash(tlog.Hash(g.nodes[i]), h)
	}
	return Hash(h)
}

func topBit(n int64) int {
	level := 0
	for n>>(level+1) != 0 {
		level++
	}
	return level
}
