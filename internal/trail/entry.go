package trail

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// Effect is what an entry did to a stored record.
type Effect string

const (
	// None: nothing stored was changed; a look, a denial, a sign-in.
	None Effect = "none"
	// Put: the record named by Ref now has revision Rev and digest Record.
	Put Effect = "put"
	// Gone: the record named by Ref was destroyed.
	Gone Effect = "gone"
	// Clock: a member of staff confirmed that the log had run ahead of the true time. It lets At go back, once, in sight.
	Clock Effect = "clock"
)

// Outcome is how an attempt ended. Refused and failed attempts are written as fully as those that succeeded.
type Outcome string

// How an attempt may end.
const (
	Done   Outcome = "done"
	Denied Outcome = "denied"
	Failed Outcome = "failed"
)

// Entry is one event as its author states it. The log adds the place in the order.
//
// Ref is a keyed digest of what the event is about (16 to 32 bytes, or none), never the reference itself, and made
// with a key that is not rotated with the blind indexes, so that the entries of one record stay together.
type Entry struct {
	At      time.Time // UTC, whole milliseconds
	Actor   string    // staff id or "system"
	Role    string    // role the actor used, may be empty
	Action  string    // coded, as case.read
	Outcome Outcome
	Kind    string // kind of record, may be empty
	Ref     []byte
	Effect  Effect
	Rev     int64  // revision after a Put, revision destroyed by Gone
	Record  Hash   // Sum of the stored bytes after a Put, else zero
	Reason  string // coded, may be empty
}

const stamp = "2006-01-02T15:04:05.000Z"

// Encode writes the one canonical form of e, or says why e may not be logged.
func (e Entry) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return e.encode(), nil
}

func (e Entry) encode() []byte {
	b := make([]byte, 0, 320)
	line := func(name, value string) {
		if value == "" {
			value = "-"
		}
		b = append(append(append(append(b, name...), ' '), value...), '\n')
	}
	line("at", e.At.UTC().Format(stamp))
	line("actor", e.Actor)
	line("role", e.Role)
	line("action", e.Action)
	line("outcome", string(e.Outcome))
	line("kind", e.Kind)
	line("ref", hex.EncodeToString(e.Ref))
	line("effect", string(e.Effect))
	line("rev", strconv.FormatInt(e.Rev, 10))
	digest := ""
	if e.Record != (Hash{}) {
		digest = hex.EncodeToString(e.Record[:])
	}
	line("record", digest)
	line("reason", e.Reason)
	return b
}

// ParseEntry reads what Encode wrote and refuses every other spelling of it.
func ParseEntry(text []byte) (Entry, error) {
	var e Entry
	var at, rev, ref, record, outcome, effect string
	rest := string(text)
	fields := []struct {
		name string
		to   *string
	}{
		{"at", &at}, {"actor", &e.Actor}, {"role", &e.Role}, {"action", &e.Action}, {"outcome", &outcome},
		{"kind", &e.Kind}, {"ref", &ref}, {"effect", &effect}, {"rev", &rev}, {"record", &record}, {"reason", &e.Reason},
	}
	for _, f := range fields {
		value, after, ok := cutLine(rest, f.name)
		if !ok {
			return Entry{}, fmt.Errorf("%w: no %s line", ErrEntry, f.name)
		}
		*f.to, rest = value, after
	}
	var err1, err2, err3 error
	e.Outcome, e.Effect = Outcome(outcome), Effect(effect)
	e.At, err1 = time.Parse(stamp, at)
	e.Rev, err2 = strconv.ParseInt(rev, 10, 64)
	if ref != "" {
		e.Ref, err3 = hex.DecodeString(ref)
	}
	if err1 != nil || err2 != nil || err3 != nil || !digestOf(record, &e.Record) {
		return Entry{}, fmt.Errorf("%w: a number, time or digest is malformed", ErrEntry)
	}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(e.encode(), text) {
		return Entry{}, fmt.Errorf("%w: another spelling", ErrEntry)
	}
	return e, nil
}
