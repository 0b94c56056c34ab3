package trail

import (
	"fmt"
	"sort"
)

// Fault is one thing an audit found. What is a constant sentence; Seq is the place in the log, or -1.
type Fault struct {
	What string
	Seq  int64
}

func (f Fault) String() string {
	if f.Seq < 0 {
		return f.What
	}
	return fmt.Sprintf("entry %d: %s", f.Seq, f.What)
}

// What an audit can find.
const (
	BadLeaf   = "the entry is not in canonical form"
	BadOrder  = "the entry is not where its number says: moved, removed or put in between"
	BadClock  = "the clock of the log goes back without a confirmed correction"
	BadHash   = "a stored hash is not that of the entries"
	BadRoot   = "the entries differ from those a signed checkpoint covers: edited, forged or replaced"
	BadNote   = "a checkpoint has no valid signature, or belongs to another log"
	Shortened = "the log is shorter than a signed checkpoint says: truncated or put back in time"
	Unsigned  = "entries stand behind the signed head: forged, or the head was put back"
	Headless  = "the log has entries but no signed head"
	Altered   = "a record is not as its newest entry says: edited or put back"
	Vanished  = "a record is gone though no entry says so"
	Unlogged  = "a record stands that no entry tells of"
)

const mostFaults = 200

// Live is a stored record as the audit sees it: no more than its reference, revision and digest.
type Live struct {
	Ref    []byte // as in Entry.Ref
	Rev    int64
	Record Hash // Sum of the stored bytes
}

// Report is the result of an audit of one log. A log is sound only if there is no fault.
type Report struct {
	Log     string
	Size    int64
	Root    Hash
	Signed  bool // the head in the store carries a valid signature over all entries
	Kept    int  // outside checkpoints that were checked
	Records int
	Faults  []Fault
}

// Err is nil for a sound log and wraps ErrTampered else.
func (r Report) Err() error {
	if len(r.Faults) == 0 {
		return nil
	}
	return fmt.Errorf("audit of %s: %w: %d faults, first: %s", r.Log, ErrTampered, len(r.Faults), r.Faults[0])
}

type last struct {
	effect Effect
	rev    int64
	record Hash
	seq    int64
	seen   bool
}

// Audit checks one log from outside: it hashes every entry again and believes nothing that is stored. Feed it the
// leaves in order, then the signed head, then the records, then ask for the report. It holds a few words per record.
type Audit struct {
	report Report
	keys   Readers
	edge   Edge
	kept   map[int64][]Hash
	most   int64
	newest map[string]*last
}

// NewAudit begins an audit of the log of that name. The kept checkpoints are those that left the machine.
func NewAudit(name string, keys Readers, kept ...[]byte) *Audit {
	a := &Audit{report: Report{Log: name}, keys: keys, kept: map[int64][]Hash{}, newest: map[string]*last{}}
	for _, signed := range kept {
		c, err := keys.Open(signed)
		if err != nil || c.Log != name {
			a.fault(BadNote, -1)
			continue
		}
		a.report.Kept++
		a.expect(c)
	}
	return a
}

func (a *Audit) fault(what string, seq int64) {
	if len(a.report.Faults) < mostFaults {
		a.report.Faults = append(a.report.Faults, Fault{what, seq})
	}
}

func (a *Audit) expect(c Checkpoint) {
	a.kept[c.Size] = append(a.kept[c.Size], c.Root)
	a.most = max(a.most, c.Size)
	if c.Size == a.edge.Size { // the empty log, or the head fed after its leaves
		a.compare()
	}
}

func (a *Audit) compare() {
	for _, root := range a.kept[a.edge.Size] {
		if root != a.edge.Root() {
			a.fault(BadRoot, a.edge.Size-1)
		}
	}
}

// Leaf takes the next stored leaf, the number it is stored under and the hashes stored with it.
func (a *Audit) Leaf(n int64, stored []byte, hashes []Hash) {
	at := a.edge.Size
	leaf, e, err := ParseLeaf(stored)
	clock := a.edge.Clock
	switch {
	case err != nil:
		a.fault(BadLeaf, at)
	case n != at || leaf.Seq != at:
		a.fault(BadOrder, at)
	}
	if err == nil {
		if next, err := tick(clock, e); err != nil || !next.Equal(leaf.Clock) {
			a.fault(BadClock, at)
		}
		clock = leaf.Clock
		a.remember(e, at)
	}
	next, want := a.edge.grow(stored)
	next.Clock = clock
	if len(want) != len(hashes) {
		a.fault(BadHash, at)
	} else {
		for i := range want {
			if want[i] != hashes[i] {
				a.fault(BadHash, at)
				break
			}
		}
	}
	a.edge = next
	a.compare()
}

func (a *Audit) remember(e Entry, seq int64) {
	if e.Effect == Put || e.Effect == Gone {
		a.newest[string(e.Ref)] = &last{effect: e.Effect, rev: e.Rev, record: e.Record, seq: seq}
	}
}

// Head takes the signed head as the store holds it, after the leaves.
func (a *Audit) Head(signed []byte) {
	if len(signed) == 0 {
		if a.edge.Size > 0 {
			a.fault(Headless, -1)
		}
		return
	}
	c, err := a.keys.Open(signed)
	if err != nil || c.Log != a.report.Log {
		a.fault(BadNote, -1)
		return
	}
	a.report.Signed = true
	if c.Size < a.edge.Size {
		a.report.Signed = false
		a.fault(Unsigned, c.Size)
	}
	a.expect(c)
}

// Record takes one stored record that is meant to have its entries in this log.
func (a *Audit) Record(r Live) {
	a.report.Records++
	l := a.newest[string(r.Ref)]
	if l == nil {
		a.fault(Unlogged, -1)
		return
	}
	if l.seen || l.effect != Put || l.rev != r.Rev || l.record != r.Record {
		a.fault(Altered, l.seq)
	}
	l.seen = true
}

// Report ends the audit. With records false no records were fed and none is missed: the log alone was checked.
func (a *Audit) Report(records bool) Report {
	if a.most > a.edge.Size {
		a.fault(Shortened, a.edge.Size)
	}
	if records {
		var gone []int64
		for _, l := range a.newest {
			if l.effect == Put && !l.seen {
				gone = append(gone, l.seq)
			}
		}
		sort.Slice(gone, func(i, j int) bool { return gone[i] < gone[j] })
		for _, seq := range gone {
			a.fault(Vanished, seq)
		}
	}
	a.report.Size, a.report.Root = a.edge.Size, a.edge.Root()
	return a.report
}
