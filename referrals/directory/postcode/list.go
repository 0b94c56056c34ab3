package postcode

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// List reads the published list, line by line.
type List struct {
	Released string            // the month of the list, for the pages
	Names    map[string]string // code to name, may be nil
	Told     func(read int)    // hears every hundred thousand lines; may be nil
}

// Report says what was done with the lines of a list.
type Report struct {
	Lines, Kept, Ended, Outside int
	Set                         map[string]Aside // lines set aside, by reason
}

// Aside is how many lines were set aside for one reason, and the first of them.
type Aside struct{ Lines, First int }

// The reasons for which a line is set aside.
const (
	BadPostcode = "the postcode has no known form"
	NoPlace     = "the list gives no place for it"
	BadNation   = "the country code is not known"
	BadCode     = "a code has no known form"
	BadLine     = "the line has another number of fields"
	TwoPlaces   = "the postcode stands twice, with two places: the last one counts"
)

// The columns, by the names they had over the years: NSPL 2021 says laua, ONSPD oslaua, newer lists lad25cd.
var columns = [...]struct {
	what  string
	names *regexp.Regexp
}{
	{"postcode", regexp.MustCompile(`^(pcds|pcd8|pcd|pcd7)$`)},
	{"end of use", regexp.MustCompile(`^doterm$`)},
	{"country", regexp.MustCompile(`^ctry(\d\dcd)?$`)},
	{"local authority", regexp.MustCompile(`^((os)?laua|lad\d\dcd)$`)},
	{"health board", regexp.MustCompile(`^((os)?hlthau|hlth\d\dcd|lhb\d\dcd)$`)},
	{"integrated care board", regexp.MustCompile(`^(icb(\d\dcd)?|stp)$`)},
	{"police force", regexp.MustCompile(`^pfa(\d\dcd)?$`)},
}

const (
	colPostcode = iota
	colEnd
	colCountry
	colAuthority
	colHealth
	colBoard
	colPolice
)

// Read makes an index of a list. A line that cannot be used is set aside and counted; a list without the columns is
// ErrColumns, and one without a single usable line is ErrFile.
func (l List) Read(r io.Reader) (*Index, Report, error) {
	in := csv.NewReader(bufio.NewReaderSize(skipMark(r), 1<<20))
	in.ReuseRecord, in.FieldsPerRecord = true, -1
	head, err := in.Read()
	if err != nil {
		return nil, Report{}, fmt.Errorf("read list: %w: no header", ErrColumns)
	}
	at, err := find(head)
	if err != nil {
		return nil, Report{}, err
	}
	m := maker{at: at, width: len(head), places: map[Place]int{}, found: map[code]uint32{}, report: Report{Set: map[string]Aside{}}}
	for {
		line, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if err != nil && !errors.As(err, &broken) {
			return nil, m.report, fmt.Errorf("read list: line %d: %w", m.report.Lines+2, err)
		}
		m.report.Lines++
		if err != nil || len(line) != m.width {
			m.aside(BadLine)
		} else if err := m.take(line); err != nil {
			return nil, m.report, err
		}
		if l.Told != nil && m.report.Lines%100_000 == 0 {
			l.Told(m.report.Lines)
		}
	}
	if len(m.found) == 0 {
		return nil, m.report, fmt.Errorf("read list: %w: no line could be used", ErrFile)
	}
	x := m.index(l)
	return x, m.report, nil
}

// skipMark passes over the byte order mark that some releases begin with.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

func find(head []string) (at [len(columns)]int, err error) {
	for i, c := range columns {
		at[i] = -1
		for k, name := range head {
			if at[i] < 0 && c.names.MatchString(strings.ToLower(strings.TrimSpace(name))) {
				at[i] = k
			}
		}
		if at[i] < 0 && i != colHealth && i != colBoard { // which of the two a list has changed over the years
			return at, fmt.Errorf("read list: %w: %s", ErrColumns, c.what)
		}
	}
	return at, nil
}

type maker struct {
	at     [len(columns)]int
	width  int
	places map[Place]int
	found  map[code]uint32
	report Report
}

func (m *maker) aside(reason string) {
	a := m.report.Set[reason]
	if a.Lines++; a.First == 0 {
		a.First = m.report.Lines + 1 // as an editor counts: the header is line 1
	}
	m.report.Set[reason] = a
}

func (m *maker) field(line []string, col int) string {
	if m.at[col] < 0 {
		return ""
	}
	return strings.TrimSpace(line[m.at[col]])
}

func (m *maker) take(line []string) error {
	c, err := parse(m.field(line, colPostcode))
	if err != nil {
		m.aside(BadPostcode)
		return nil
	}
	if m.field(line, colCountry) == "" {
		m.aside(NoPlace)
		return nil
	}
	nation, outside, known := nationOf(m.field(line, colCountry))
	if !known {
		m.aside(BadNation)
		return nil
	}
	p := Place{Nation: nation}
	if !outside {
		board := m.field(line, colBoard)
		if nation != directory.England {
			board = m.field(line, colHealth)
		}
		authority, health, police := real(m.field(line, colAuthority)), real(board), real(m.field(line, colPolice))
		if authority.bad || health.bad || police.bad {
			m.aside(BadCode)
			return nil
		}
		p.Authority, p.Board, p.Police = authority.text, health.text, police.text
	}
	i, ok := m.places[p]
	if !ok {
		if i = len(m.places); i == maxPlaces {
			return fmt.Errorf("read list: %w: more than %d places", ErrFile, maxPlaces)
		}
		m.places[p] = i
	}
	e := pack(c.in, m.field(line, colEnd) != "", i)
	if before, twice := m.found[c]; twice && before&placeMask != e&placeMask {
		m.aside(TwoPlaces)
	}
	m.found[c] = e
	return nil
}

// nationOf reads a country code. The islands are no part of the four nations and are kept as such.
func nationOf(code string) (nation directory.Nation, outside, known bool) {
	switch code {
	case "E92000001":
		return directory.England, false, true
	case "W92000004":
		return directory.Wales, false, true
	case "S92000003":
		return directory.Scotland, false, true
	case "N92000002":
		return directory.NorthernIreland, false, true
	case "L93000001", "M83000003":
		return directory.UnknownNation, true, true
	}
	return directory.UnknownNation, false, false
}

type areaCode struct {
	text string
	bad  bool
}

// real gives a code as it is, and nothing for the codes that stand for nothing (E99999999).
func real(code string) areaCode {
	if code == "" || (len(code) == 9 && strings.HasSuffix(code, "99999999")) {
		return areaCode{}
	}
	for i := 0; i < len(code); i++ { // nine characters as a rule; health boards of Northern Ireland have had shorter ones
		if len(code) < 3 || len(code) > 9 || !isLetter(code[0]) || !(isLetter(code[i]) || isDigit(code[i])) {
			return areaCode{bad: true}
		}
	}
	return areaCode{text: code}
}

// index sorts what was found, so that the same list gives the same bytes in whatever order its lines stand.
func (m *maker) index(l List) *Index {
	x := &Index{Released: l.Released, names: map[string]string{}, outcodes: map[[4]byte]span{}, Places: slices.Collect(maps.Keys(m.places))}
	slices.SortFunc(x.Places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Nation, b.Nation), strings.Compare(a.Authority, b.Authority), strings.Compare(a.Board, b.Board), strings.Compare(a.Police, b.Police))
	})
	moved := make([]uint32, len(x.Places))
	for i, p := range x.Places {
		moved[m.places[p]] = uint32(i)
		for _, code := range []string{p.Authority, p.Board, p.Police} {
			if name := l.Names[code]; name != "" && len(name) < 256 {
				x.names[code] = name
			}
		}
	}
	by := map[[4]byte][]uint32{}
	for c, e := range m.found {
		e = e&^uint32(placeMask) | moved[e&placeMask]
		by[c.out] = append(by[c.out], e)
		m.report.Kept++
		if e&ended != 0 {
			m.report.Ended++
		}
		if x.Places[e&placeMask].Nation == directory.UnknownNation {
			m.report.Outside++
		}
	}
	outs := slices.SortedFunc(maps.Keys(by), func(a, b [4]byte) int { return strings.Compare(string(a[:]), string(b[:])) })
	x.entries = make([]uint32, 0, len(m.found))
	for _, out := range outs {
		slices.Sort(by[out])
		from := uint32(len(x.entries))
		x.entries = append(x.entries, by[out]...)
		x.outcodes[out] = span{from, uint32(len(x.entries))}
	}
	return x
}
