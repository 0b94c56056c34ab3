package vault

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// encodeRing writes the content of a ring, months and epochs in rising order, so that one
// ring has one encoding.
func encodeRing(r *ring) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(r.months)))
	for _, name := range slices.Sorted(maps.Keys(r.months)) {
		m := r.months[name]
		out = append(append(out, name...), byte(len(m.keys)))
		out = binary.BigEndian.AppendUint64(out, uint64(m.rotated))
		for _, k := range m.keys {
			out = append(out, k.key...)
		}
	}
	out = binary.BigEndian.AppendUint32(out, r.lastEpoch)
	out = append(out, byte(len(r.epochs)))
	for _, e := range r.epochs {
		out = append(binary.BigEndian.AppendUint32(out, e.number), e.key...)
	}
	out = append(out, byte(len(r.forms)))
	for _, s := range r.forms {
		out = append(binary.BigEndian.AppendUint64(out, uint64(s.from)), s.key...)
	}
	return out
}

// decodeRing accepts exactly what encodeRing writes.
func decodeRing(content []byte) (*ring, error) {
	in := reader{rest: content}
	r := &ring{months: map[string]month{}}
	r.readMonths(&in)
	r.readEpochs(&in)
	r.readForms(&in)
	if in.bad || len(in.rest) > 0 {
		return nil, fmt.Errorf("read keyring: malformed: %w", ErrTampered)
	}
	return r, nil
}

func (r *ring) readMonths(in *reader) {
	count := int(in.number(2))
	last := ""
	for i := 0; i < count && !in.bad; i++ {
		name := string(in.take(len(monthLayout)))
		keys, rotated := int(in.number(1)), int64(in.number(8))
		_, ok := monthEnd(name)
		in.fail(!ok || name <= last)
		m := month{rotated: rotated}
		for j := 0; j < keys && !in.bad; j++ {
			k, err := newKEK(in.take(keySize))
			in.fail(err != nil)
			m.keys = append(m.keys, k)
		}
		r.months[name], last = m, name
	}
}

func (r *ring) readEpochs(in *reader) {
	r.lastEpoch = uint32(in.number(4))
	count := int(in.number(1))
	in.fail(count == 0)
	last := uint32(0)
	for i := 0; i < count && !in.bad; i++ {
		e := epoch{uint32(in.number(4)), in.take(keySize)}
		in.fail(e.number <= last || e.number > r.lastEpoch)
		r.epochs, last = append(r.epochs, e), e.number
	}
}

func (r *ring) readForms(in *reader) {
	count := int(in.number(1))
	in.fail(count == 0)
	for i := 0; i < count && !in.bad; i++ {
		s := formSecret{int64(in.number(8)), in.take(keySize)}
		in.fail(i > 0 && s.from <= r.forms[i-1].from)
		r.forms = append(r.forms, s)
	}
}

// reader takes bytes from the front. After a fault it gives nothing more.
type reader struct {
	rest []byte
	bad  bool
}

func (in *reader) fail(when bool) { in.bad = in.bad || when }

func (in *reader) take(n int) []byte {
	if in.bad || len(in.rest) < n {
		in.bad = true
		return nil
	}
	out := in.rest[:n:n]
	in.rest = in.rest[n:]
	return out
}

func (in *reader) number(size int) (n uint64) {
	for _, b := range in.take(size) {
		n = n<<8 | uint64(b)
	}
	return n
}
