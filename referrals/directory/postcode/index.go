package postcode

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"waypost/referrals/directory"
)

// Index is every postcode of the list with the place it lies in. It is read once and never changed. An entry is four
// bytes, so the 2.7 million postcodes of the kingdom, those no longer in use included, take eleven megabytes.
type Index struct {
	Released string // the month of the list, such as 2021-11, as whoever imported it said
	Places   []Place
	names    map[string]string // code to name
	outcodes map[[4]byte]span
	entries  []uint32 // incode, whether it has ended, place; sorted within an outcode
}

type span struct{ from, to uint32 }

const (
	placeBits = 15
	ended     = 1 << placeBits
	placeMask = ended - 1
	maxPlaces = placeMask
)

func pack(in uint16, hasEnded bool, place int) uint32 {
	e := uint32(in)<<(placeBits+1) | uint32(place)
	if hasEnded {
		e |= ended
	}
	return e
}

// Find says where a postcode lies. One that is no longer in use is found as well, because people go on using it, and
// hasEnded says so. Where the list does not have it, ErrUnknown; the place then holds the nation if every postcode with
// the same outcode lies in it, and nothing else.
func (x *Index) Find(text string) (place Place, hasEnded bool, err error) {
	c, err := parse(text)
	if err != nil {
		return Place{}, false, err
	}
	s, ok := x.outcodes[c.out]
	if !ok {
		nation, err := Nation(text)
		return Place{Nation: nation}, false, cmp.Or(err, ErrUnknown)
	}
	of := x.entries[s.from:s.to]
	i, found := slices.BinarySearchFunc(of, c.in, func(e uint32, in uint16) int { return cmp.Compare(uint16(e>>(placeBits+1)), in) })
	if !found {
		return Place{Nation: x.shared(of)}, false, ErrUnknown
	}
	place = x.Places[of[i]&placeMask]
	if place.Nation == directory.UnknownNation {
		return Place{}, false, ErrOutside
	}
	return place, of[i]&ended != 0, nil
}

// shared is the nation of all the entries, or unknown where there are two.
func (x *Index) shared(of []uint32) directory.Nation {
	nation := x.Places[of[0]&placeMask].Nation
	for _, e := range of {
		if x.Places[e&placeMask].Nation != nation {
			return directory.UnknownNation
		}
	}
	return nation
}

// Len is how many postcodes the list has.
func (x *Index) Len() int { return len(x.entries) }

// Name is the name of a code where the import had one, else the code itself.
func (x *Index) Name(code string) string { return cmp.Or(x.names[code], code) }

// The file: magic, then each part with its length, then the SHA-256 of all before it. Numbers are little-endian.
const (
	magic     = "waypost postcodes 1\n"
	sealed    = sha256.Size
	fileLimit = 64 << 20
)

// WriteTo writes the index as Read reads it: the same list always gives the same bytes.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	b := []byte(magic)
	text := func(s string) { b = append(append(b, byte(len(s))), s...) }
	number := func(n int) { b = binary.LittleEndian.AppendUint32(b, uint32(n)) }
	text(x.Released)
	number(len(x.Places))
	for _, p := range x.Places {
		b = append(b, byte(p.Nation))
		text(p.Authority)
		text(p.Board)
		text(p.Police)
	}
	number(len(x.names))
	for _, code := range sortedKeys(x.names) {
		text(code)
		text(x.names[code])
	}
	number(len(x.outcodes))
	outs := make([][4]byte, 0, len(x.outcodes))
	for out := range x.outcodes {
		outs = append(outs, out)
	}
	slices.SortFunc(outs, func(a, b [4]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, out := range outs {
		b = append(b, out[:]...)
		number(int(x.outcodes[out].from))
		number(int(x.outcodes[out].to))
	}
	number(len(x.entries))
	for _, e := range x.entries {
		b = binary.LittleEndian.AppendUint32(b, e)
	}
	sum := sha256.Sum256(b)
	n, err := w.Write(append(b, sum[:]...))
	return int64(n), err
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Read reads an index and believes none of it: a file that was cut short, changed, or made by another version is ErrFile.
func Read(r io.Reader) (*Index, error) {
	b, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read postcode index: %w", err)
	}
	if len(b) > fileLimit || len(b) < len(magic)+sealed || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("read postcode index: %w: not one of this version", ErrFile)
	}
	body, sum := b[:len(b)-sealed], b[len(b)-sealed:]
	if want := sha256.Sum256(body); !bytes.Equal(want[:], sum) {
		return nil, fmt.Errorf("read postcode index: %w: it was cut short or changed", ErrFile)
	}
	d := decoder{left: body[len(magic):]}
	x := d.index()
	if d.bad || len(d.left) > 0 {
		return nil, fmt.Errorf("read postcode index: %w: malformed", ErrFile)
	}
	return x, nil
}

type decoder struct {
	left []byte
	bad  bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.left) {
		d.bad = true
		return make([]byte, min(n, 256))
	}
	b := d.left[:n]
	d.left = d.left[n:]
	return b
}

func (d *decoder) text() string { return string(d.take(int(d.take(1)[0]))) }

// number reads a count of things that take at least so many bytes each, so that no count can ask for more than is there.
func (d *decoder) number(each int) int {
	n := int(binary.LittleEndian.Uint32(d.take(4)))
	if n*each > len(d.left) {
		d.bad = true
		return 0
	}
	return n
}

func (d *decoder) index() *Index {
	x := &Index{Released: d.text(), names: map[string]string{}, outcodes: map[[4]byte]span{}}
	for range d.number(4) {
		nation := directory.Nation(d.take(1)[0])
		x.Places = append(x.Places, Place{Nation: nation, Authority: d.text(), Board: d.text(), Police: d.text()})
	}
	for range d.number(2) {
		code := d.text()
		x.names[code] = d.text()
	}
	for range d.number(12) {
		out := [4]byte(d.take(4))
		x.outcodes[out] = span{binary.LittleEndian.Uint32(d.take(4)), binary.LittleEndian.Uint32(d.take(4))}
	}
	raw := d.take(4 * d.number(4))
	x.entries = make([]uint32, 0, len(raw)/4)
	for i := 0; i+4 <= len(raw); i += 4 {
		e := binary.LittleEndian.Uint32(raw[i:])
		d.bad = d.bad || int(e&placeMask) >= len(x.Places)
		x.entries = append(x.entries, e)
	}
	for _, s := range x.outcodes {
		d.bad = d.bad || s.from >= s.to || int(s.to) > len(x.entries)
	}
	return x
}
