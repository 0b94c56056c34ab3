package screening

import "encoding/binary"

// Pack writes the answers as bytes for sealing: a number for each question of the bank, in its order. They are good for
// this content version only.
func (a Answers) Pack() []byte {
	out := make([]byte, 0, len(a.bits)+16)
	for _, w := range a.bits {
		out = binary.AppendUvarint(out, uint64(w))
	}
	return out
}

// Unpack reads what Pack wrote for the same content version. It refuses anything else.
func (b *Bank) Unpack(packed []byte) (Answers, bool) {
	a := b.Empty()
	for i := range a.bits {
		w, n := binary.Uvarint(packed)
		if n <= 0 || w >= 1<<len(b.Questions[i].Answers) {
			return b.Empty(), false
		}
		a.bits[i], packed = uint32(w), packed[n:] // #nosec G115 -- below 1<<32, checked above
	}
	return a, len(packed) == 0
}
