package trail

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Leaf is an entry with its place: what is hashed into the tree.
type Leaf struct {
	Seq   int64     // 0, 1, 2 ... without a gap
	Clock time.Time // the latest time the log had seen, this entry included
	Entry []byte    // canonical bytes of the entry
}

const leafHead = "waypost/trail/v1"

// Slack is how far an entry's time may lie behind the log: entries wait in queues and several processes may share a
// log. A clock set back further is refused, because entries written under it would claim to be older than they are.
const Slack = time.Minute

func (l Leaf) encode() []byte {
	b := make([]byte, 0, len(l.Entry)+80)
	b = append(b, leafHead+"\nseq "...)
	b = strconv.AppendInt(b, l.Seq, 10)
	b = append(b, "\nclock "...)
	b = l.Clock.UTC().AppendFormat(b, stamp)
	return append(append(b, '\n'), l.Entry...)
}

// ParseLeaf reads a leaf as the log wrote it and refuses every other spelling of it.
func ParseLeaf(text []byte) (Leaf, Entry, error) {
	rest, ok := strings.CutPrefix(string(text), leafHead+"\n")
	seq, rest, ok1 := cutLine(rest, "seq")
	clock, rest, ok2 := cutLine(rest, "clock")
	if !ok || !ok1 || !ok2 {
		return Leaf{}, Entry{}, fmt.Errorf("%w: no leaf", ErrEntry)
	}
	n, err1 := strconv.ParseInt(seq, 10, 64)
	at, err2 := time.Parse(stamp, clock)
	e, err3 := ParseEntry([]byte(rest))
	if err1 != nil || err2 != nil || err3 != nil {
		return Leaf{}, Entry{}, fmt.Errorf("%w: malformed leaf", ErrEntry)
	}
	l := Leaf{Seq: n, Clock: at, Entry: []byte(rest)}
	if string(l.encode()) != string(text) {
		return Leaf{}, Entry{}, fmt.Errorf("%w: another spelling", ErrEntry)
	}
	return l, e, nil
}

// tick moves the log's clock by one entry, or refuses the entry's time.
func tick(clock time.Time, e Entry) (time.Time, error) {
	if e.Effect == Clock || !e.At.Before(clock) {
		return e.At, nil
	}
	if err := Guard(e.At, clock); err != nil {
		return time.Time{}, err
	}
	return clock, nil
}

// Guard refuses a clock that lies behind the newest moment a log has seen. A service asks it at start: under a clock
// set back, expiry, hand-over clocks and the order of the trail would all be false.
func Guard(now, clock time.Time) error {
	if now.Before(clock.Add(-Slack)) {
		return fmt.Errorf("%w: by %s", ErrClock, clock.Sub(now).Round(time.Second))
	}
	return nil
}
