// Package postcode answers: where is that? A whole postcode gives the nation, the local authority, the health board or
// integrated care board, and the police force, from an index made of the list that the Office for National Statistics
// publishes (NSPL or ONSPD).
//
// It refuses to guess. An outcode is no place: several lie across a national border, and law, duties and services differ
// on the two sides. It keeps nothing that was asked: the caller uses a postcode and forgets it.
package postcode

import (
	"errors"
	"strings"

	"waypost/referrals/directory"
)

// The sentinels of this room. None is ever wrapped with what was asked.
var (
	ErrForm    = errors.New("postcode: not a postcode")           // it does not have the form of one
	ErrUnknown = errors.New("postcode: not in the list")          // it has the form of one, and nobody lists it
	ErrOutside = errors.New("postcode: outside the four nations") // the Channel Islands, the Isle of Man
	ErrFile    = errors.New("postcode: the index cannot be used") // made by another version, cut short or changed
	ErrColumns = errors.New("postcode: a column is missing")      // of the list that is read
)

// Place is where a postcode lies, in the codes of the Office for National Statistics. An empty code means that the list
// has none.
type Place struct {
	Nation    directory.Nation
	Authority string // local authority district or unitary authority
	Board     string // integrated care board in England, local health board in Wales, health board in Scotland
	Police    string // police force area
}

// code is a postcode in its parts: the outcode padded to four bytes, and the incode as a number.
type code struct {
	out [4]byte
	in  uint16
}

// incodes is how many incodes there can be: a digit and two letters.
const incodes = 10 * 26 * 26

// parse reads a postcode as people write it: any case, any blanks.
func parse(text string) (code, error) {
	var raw [7]byte
	n := 0
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case b == ' ' || b == '\t' || b == 0xa0 || b == 0xc2: // a no-break space is two bytes
			continue
		case b >= 'a' && b <= 'z':
			b -= 'a' - 'A'
		}
		if n == len(raw) || !(isLetter(b) || isDigit(b)) {
			return code{}, ErrForm
		}
		raw[n] = b
		n++
	}
	if n < 5 {
		return code{}, ErrForm
	}
	out, in := raw[:n-3], raw[n-3:n]
	if !isOutcode(out) || !isDigit(in[0]) || !isLetter(in[1]) || !isLetter(in[2]) {
		return code{}, ErrForm
	}
	c := code{in: uint16(in[0]-'0')*26*26 + uint16(in[1]-'A')*26 + uint16(in[2]-'A')}
	copy(c.out[:], out)
	return c, nil
}

// isOutcode knows the six forms: A9, A99, AA9, AA99, A9A, AA9A.
func isOutcode(b []byte) bool {
	letters := 1
	if len(b) > 1 && isLetter(b[1]) {
		letters = 2
	}
	rest := b[min(letters, len(b)):]
	switch {
	case len(b) == 0 || !isLetter(b[0]) || len(rest) == 0 || !isDigit(rest[0]):
		return false
	case len(rest) == 1:
		return true
	}
	return len(rest) == 2 && (isDigit(rest[1]) || isLetter(rest[1]))
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

// scotland, wales and across are postcode areas by where they lie. Across are those with postcodes on both sides of a
// border, and those next to one of which no list was read to the end: they are asked about. The rest is England but for
// BT. Bounds: Office for National Statistics, National Statistics Postcode Lookup.
const (
	scotland = " AB DD EH FK G HS IV KA KW KY ML PA PH ZE "
	wales    = " CF SA "
	across   = " CA CH DG GL HR LD LL NE NP SY TD "
	england  = " AL B BA BB BD BH BL BN BR BS CB CM CO CR CT CV CW DA DE DH DL DN DT DY E EC EN EX FY GU HA HD HG HP HU HX " +
		"IG IP KT L LA LE LN LS LU M ME MK N NG NN NR NW OL OX PE PL PO PR RG RH RM S SE SG SK SL SM SN SO SP SR SS ST SW " +
		"TA TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO "
)

// Nation says in which nation a postcode lies by its first letters alone, where that is certain for all that begin so. It
// is for a Waypost without a list; where it is not certain the nation is unknown, and the page asks.
func Nation(text string) (directory.Nation, error) {
	c, err := parse(text)
	if err != nil {
		return directory.UnknownNation, err
	}
	area := " " + string(c.out[:1]) + " "
	if isLetter(c.out[1]) {
		area = " " + string(c.out[:2]) + " "
	}
	switch {
	case area == " BT ":
		return directory.NorthernIreland, nil
	case area == " GY " || area == " JE " || area == " IM ":
		return directory.UnknownNation, ErrOutside
	case strings.Contains(across, area):
		return directory.UnknownNation, nil
	case strings.Contains(scotland, area):
		return directory.Scotland, nil
	case strings.Contains(wales, area):
		return directory.Wales, nil
	case strings.Contains(england, area):
		return directory.England, nil
	}
	return directory.UnknownNation, ErrUnknown
}
