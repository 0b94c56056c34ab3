package vault

import "encoding/binary"

// Steps of length. Between them all texts look equally long, so "no" and two hundred
// characters of free text cannot be told apart from outside.
const (
	smallest = 256
	largest  = 16 << 10 // beyond this, whole multiples of it
)

// bucket answers how long a text of n bytes becomes: 256 B, 1 KiB, 4 KiB, 16 KiB, then
// multiples of 16 KiB. Four bytes of each bucket hold the true length.
func bucket(n int) int {
	n += 4
	for size := smallest; size <= largest; size *= 4 {
		if n <= size {
			return size
		}
	}
	return (n + largest - 1) / largest * largest
}

// isBucket says whether a padded text can have this length at all.
func isBucket(n int) bool {
	return n >= smallest && bucket(n-4) == n
}

// pad appends the padded text to out.
func pad(out, text []byte) []byte {
	start, size := len(out), bucket(len(text))
	out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
	out = append(out, text...)
	return append(out, make([]byte, start+size-len(out))...)
}

// unpad returns the text, or false where length or filler are not what pad writes:
// a text has one padded form only.
func unpad(padded []byte) ([]byte, bool) {
	if !isBucket(len(padded)) {
		return nil, false
	}
	n := binary.BigEndian.Uint32(padded)
	if uint64(n) > uint64(len(padded)-4) || bucket(int(n)) != len(padded) {
		return nil, false
	}
	var filler byte
	for _, b := range padded[4+n:] {
		filler |= b
	}
	return padded[4 : 4+n : 4+n], filler == 0
}
