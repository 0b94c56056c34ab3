package trail_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"waypost/internal/trail"
)

// disk is what an attacker with the whole database in hand can change: leaves, hashes, the head, the records.
type disk struct {
	leaves  [][]byte
	hashes  [][]trail.Hash
	head    []byte
	records map[int]stored
}

type stored struct {
	rev    int64
	sealed []byte
}

func (d *disk) clone() *disk {
	c := &disk{leaves: slices.Clone(d.leaves), hashes: slices.Clone(d.hashes), head: d.head, records: map[int]stored{}}
	for k, v := range d.records {
		c.records[k] = v
	}
	return c
}

// rehash is the attacker's best work: every hash made anew from the changed entries. Only the signature is out of reach.
func (d *disk) rehash(t testing.TB, renumber bool) {
	var edge trail.Edge
	for i, leaf := range d.leaves {
		l, _, err := trail.ParseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		next, fresh, hashes, err := edge.Append(l.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if renumber {
			d.leaves[i] = fresh
		}
		d.hashes[i], edge = hashes, next
	}
	d.hashes = d.hashes[:len(d.leaves)]
}

func (d *disk) audit(readers trail.Readers, kept ...[]byte) trail.Report {
	a := trail.NewAudit("practice-a", readers, kept...)
	for n := range d.leaves {
		a.Leaf(int64(n), d.leaves[n], d.hashes[n])
	}
	a.Head(d.head)
	for k, r := range d.records {
		a.Record(trail.Live{Ref: ref(k), Rev: r.rev, Record: trail.Sum(r.sealed)})
	}
	return a.Report(true)
}

// build writes a log of looks, changes and destructions, and keeps every head and every state of the disk at marks.
func build(t testing.TB, notary *trail.Notary, size int, r *rand.Rand) (*disk, [][]byte, []*disk) {
	t.Helper()
	d := &disk{records: map[int]stored{}}
	var edge trail.Edge
	var heads [][]byte
	var states []*disk
	for n := range size {
		k := r.IntN(size/4 + 1)
		e := looked(noon.Add(time.Duration(n)*time.Second), k)
		old, stands := d.records[k]
		switch p := r.IntN(10); {
		case p < 4 || (!stands && p < 7):
			now := stored{old.rev + 1, fmt.Appendf(nil, "sealed %d of %d", old.rev+1, k)}
			d.records[k] = now
			e.Effect, e.Rev, e.Record = trail.Put, now.rev, trail.Sum(now.sealed)
		case stands && p >= 8:
			delete(d.records, k)
			e.Effect, e.Rev = trail.Gone, old.rev
		}
		next, leaf, hashes, err := edge.Append(encode(t, e))
		if err != nil {
			t.Fatal(err)
		}
		edge = next
		d.leaves, d.hashes = append(d.leaves, leaf), append(d.hashes, hashes)
		if d.head, err = notary.Sign(edge.Head("practice-a")); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, d.head)
		states = append(states, d.clone())
	}
	return d, heads, states
}

func TestSoundLogHasNoFault(t *testing.T) {
	notary, readers := keys(t, 1)
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 3, 64, 200} {
		d, heads, _ := build(t, notary, size, r)
		report := d.audit(readers, heads...)
		if report.Err() != nil || report.Kept != size || report.Size != int64(size) || report.Signed != (size > 0) {
			t.Errorf("size %d: %+v", size, report)
		}
	}
}

// TestEveryTamperIsFound is bar B8: edit, delete, swap and truncate at a random place, 1,000 rounds each, the others
// 200, all found and called by their name.
func TestEveryTamperIsFound(t *testing.T) {
	notary, readers := keys(t, 1)
	stranger, _ := keys(t, 2)
	r := rand.New(rand.NewPCG(3, 4))
	const size = 60
	whole, heads, states := build(t, notary, size, r)
	latest := heads[size-1] // the one checkpoint that left the machine

	recordOf := func(d *disk) int {
		var all []int
		for k := range d.records {
			all = append(all, k)
		}
		slices.Sort(all)
		return all[r.IntN(len(all))]
	}
	earlier := func(k int, rev int64) stored {
		for _, s := range states {
			if old, ok := s.records[k]; ok && old.rev == rev {
				return old
			}
		}
		t.Fatalf("no revision %d of record %d", rev, k)
		return stored{}
	}
	var destroyed []int // and not made again
	var changed bool
	for k := range size {
		before := slices.ContainsFunc(states, func(s *disk) bool { _, ok := s.records[k]; return ok })
		now, stands := whole.records[k]
		changed = changed || stands && now.rev > 1
		if before && !stands {
			destroyed = append(destroyed, k)
		}
	}
	if len(destroyed) < 2 || !changed {
		t.Fatalf("the log has too little history to tamper with: %v", destroyed)
	}
	forge := func(at time.Time) []byte { return encode(t, looked(at, 10_000)) }
	tampers := []struct {
		name string
		want []string // one of these is what the audit must say
		do   func(d *disk)
	}{
		{"an entry edited, hashes left", []string{trail.BadHash}, func(d *disk) {
			i := r.IntN(size)
			leaf := bytes.Clone(d.leaves[i])
			leaf[r.IntN(len(leaf))] ^= 1 << r.IntN(8)
			d.leaves[i] = leaf
		}},
		{"an entry edited, every hash made anew", []string{trail.BadRoot}, func(d *disk) {
			i := r.IntN(size)
			d.leaves[i] = bytes.Replace(d.leaves[i], []byte("staff-7f"), []byte("staff-8a"), 1)
			d.rehash(t, false)
		}},
		{"a stored hash flipped", []string{trail.BadHash}, func(d *disk) {
			i := r.IntN(size)
			hashes := slices.Clone(d.hashes[i])
			hashes[r.IntN(len(hashes))][r.IntN(32)] ^= 1 << r.IntN(8)
			d.hashes[i] = hashes
		}},
		{"an entry deleted", []string{trail.BadOrder, trail.Shortened}, func(d *disk) {
			i := r.IntN(size)
			d.leaves, d.hashes = slices.Delete(d.leaves, i, i+1), slices.Delete(d.hashes, i, i+1)
		}},
		{"an entry deleted, the rest renumbered, every hash made anew", []string{trail.Shortened}, func(d *disk) {
			i := r.IntN(size)
			d.leaves = slices.Delete(d.leaves, i, i+1)
			d.rehash(t, true)
		}},
		{"two entries swapped", []string{trail.BadOrder}, func(d *disk) {
			i, j := r.IntN(size), r.IntN(size-1)
			if j >= i {
				j++
			}
			d.leaves[i], d.leaves[j] = d.leaves[j], d.leaves[i]
		}},
		{"two neighbours swapped, renumbered, every hash made anew", []string{trail.BadRoot}, func(d *disk) {
			i := r.IntN(size - 1)
			d.leaves[i], d.leaves[i+1] = d.leaves[i+1], d.leaves[i]
			d.rehash(t, true)
		}},
		{"the end cut off", []string{trail.Shortened}, func(d *disk) {
			n := r.IntN(size)
			d.leaves, d.hashes = d.leaves[:n], d.hashes[:n]
		}},
		{"the end cut off, an older head put back", []string{trail.Shortened}, func(d *disk) {
			n := 1 + r.IntN(size-1)
			d.leaves, d.hashes, d.head = d.leaves[:n], d.hashes[:n], heads[n-1]
		}},
		{"everything put back to an earlier day", []string{trail.Shortened}, func(d *disk) { *d = *states[r.IntN(size-1)].clone() }},
		{"the head put back alone", []string{trail.Unsigned}, func(d *disk) { d.head = heads[r.IntN(size-1)] }},
		{"the head removed", []string{trail.Headless}, func(d *disk) { d.head = nil }},
		{"an entry forged at the end, hashes right", []string{trail.Unsigned}, func(d *disk) {
			d.leaves = append(d.leaves, trailLeaf(t, d, forge(noon.Add(time.Hour))))
			d.hashes = append(d.hashes, nil)
			d.rehash(t, false)
		}},
		{"an entry forged in between, renumbered, every hash made anew", []string{trail.BadRoot}, func(d *disk) {
			i := r.IntN(size)
			l, _, _ := trail.ParseLeaf(d.leaves[i])
			d.leaves = slices.Insert(d.leaves, i, bytes.Replace(d.leaves[i], l.Entry, forge(l.Clock), 1))
			d.hashes = append(d.hashes, nil)
			d.rehash(t, true)
		}},
		{"a log forged whole and signed with another key", []string{trail.BadNote}, func(d *disk) {
			forged, _, _ := build(t, stranger, 5, r)
			*d = *forged
		}},
		{"a record edited", []string{trail.Altered}, func(d *disk) {
			k := recordOf(d)
			old := d.records[k]
			d.records[k] = stored{old.rev, append(bytes.Clone(old.sealed), 'x')}
		}},
		{"a record put back whole", []string{trail.Altered}, func(d *disk) {
			k := recordOf(d)
			for d.records[k].rev == 1 {
				k = recordOf(d)
			}
			d.records[k] = earlier(k, d.records[k].rev-1)
		}},
		{"a record taken away", []string{trail.Vanished}, func(d *disk) { delete(d.records, recordOf(d)) }},
		{"two records swapped", []string{trail.Altered}, func(d *disk) {
			a, b := recordOf(d), recordOf(d)
			for a == b {
				b = recordOf(d)
			}
			d.records[a], d.records[b] = d.records[b], d.records[a]
		}},
		{"a record slipped in", []string{trail.Unlogged}, func(d *disk) { d.records[20_000] = stored{1, []byte("forged")} }},
		{"a destroyed record put back", []string{trail.Altered}, func(d *disk) {
			k := destroyed[r.IntN(len(destroyed))]
			d.records[k] = earlier(k, 1)
		}},
	}
	for _, tamper := range tampers {
		t.Run(tamper.name, func(t *testing.T) {
			rounds := 200
			switch tamper.name {
			case "an entry edited, every hash made anew", "an entry deleted, the rest renumbered, every hash made anew",
				"two neighbours swapped, renumbered, every hash made anew", "the end cut off, an older head put back":
				rounds = 1000
			}
			if testing.Short() {
				rounds = 50
			}
			for round := range rounds {
				d := whole.clone()
				tamper.do(d)
				report := d.audit(readers, latest)
				named := slices.ContainsFunc(report.Faults, func(f trail.Fault) bool { return slices.Contains(tamper.want, f.What) })
				if !errors.Is(report.Err(), trail.ErrTampered) || !named {
					t.Fatalf("round %d: not found, or not for what it is: %v", round, report.Faults)
				}
			}
		})
	}
	if report := whole.audit(readers, latest); report.Err() != nil {
		t.Errorf("the untouched log: %v", report.Err())
	}
}

// trailLeaf is the leaf that entry would make at the end of d.
func trailLeaf(t testing.TB, d *disk, entry []byte) []byte {
	var edge trail.Edge
	for _, leaf := range d.leaves {
		l, _, _ := trail.ParseLeaf(leaf)
		next, _, _, err := edge.Append(l.Entry)
		if err != nil {
			t.Fatal(err)
		}
		edge = next
	}
	_, leaf, _, err := edge.Append(entry)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestWithoutAnOutsideCheckpointOnlyTheRollBackHides(t *testing.T) {
	notary, readers := keys(t, 1)
	_, heads, states := build(t, notary, 40, rand.New(rand.NewPCG(5, 6)))
	if err := states[20].audit(readers).Err(); err != nil {
		t.Errorf("a disk put back whole cannot be told from its own past: %v", err)
	}
	report := states[20].audit(readers, heads[39])
	if report.Err() == nil || report.Faults[0].What != trail.Shortened {
		t.Errorf("the kept checkpoint did not show it: %+v", report)
	}
}

func TestProofsHoldBetweenAnyTwoCheckpoints(t *testing.T) {
	notary, readers := keys(t, 1)
	d, heads, _ := build(t, notary, 70, rand.New(rand.NewPCG(7, 8)))
	var flat []trail.Hash
	for _, h := range d.hashes {
		flat = append(flat, h...)
	}
	read := trail.ReadHashes(func(pos []int64) ([]trail.Hash, error) {
		out := make([]trail.Hash, len(pos))
		for i, p := range pos {
			out[i] = flat[p]
		}
		return out, nil
	})
	for now := 1; now <= 70; now += 3 {
		c, _ := readers.Open(heads[now-1])
		for then := 1; then <= now; then += 2 {
			old, _ := readers.Open(heads[then-1])
			growth, err := trail.ProveGrowth(int64(now), int64(then), read)
			if err != nil || trail.CheckGrowth(growth, c, old) != nil {
				t.Fatalf("growth %d to %d: %v", then, now, err)
			}
			forked := old
			forked.Root[5] ^= 1
			if !errors.Is(trail.CheckGrowth(growth, c, forked), trail.ErrTampered) {
				t.Fatalf("a fork at %d was taken for growth", then)
			}
			n := int64(then - 1)
			proof, err := trail.ProveEntry(int64(now), n, read)
			if err != nil || trail.CheckEntry(proof, c, n, d.leaves[n]) != nil {
				t.Fatalf("entry %d in %d: %v", n, now, err)
			}
			if trail.CheckEntry(proof, c, n, append(d.leaves[n][:0:0], "other"...)) == nil {
				t.Fatalf("another entry was proven at %d", n)
			}
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	notary, _ := keys(f, 1)
	d, _, _ := build(f, notary, 3, rand.New(rand.NewPCG(9, 9)))
	f.Add(d.leaves[0])
	f.Add([]byte("waypost/trail/v1\nseq 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, e, err := trail.ParseLeaf(b)
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(again, l.Entry) || !bytes.HasSuffix(b, l.Entry) {
			t.Fatalf("read %q, wrote %q (%v)", b, again, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	entry := encode(b, looked(noon, 1))
	var edge trail.Edge
	b.ReportAllocs()
	for b.Loop() {
		next, _, _, err := edge.Append(entry)
		if err != nil {
			b.Fatal(err)
		}
		edge = next
	}
}

func BenchmarkSignHead(b *testing.B) {
	notary, _ := keys(b, 1)
	for b.Loop() {
		if _, err := notary.Sign(trail.Checkpoint{Log: "practice-a", Size: 7, Clock: noon}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAudit(b *testing.B) {
	notary, readers := keys(b, 1)
	d, heads, _ := build(b, notary, 1000, rand.New(rand.NewPCG(1, 1)))
	for b.Loop() {
		if err := d.audit(readers, heads[999]).Err(); err != nil {
			b.Fatal(err)
		}
	}
}
