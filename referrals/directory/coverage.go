package directory

import (
	"regexp"
	"slices"
)

// Coverage is the part of a nation that a service serves, in codes: of the Office for National Statistics for areas, of the
// Organisation Data Service for practices. A service serves whoever is in any of them. Without a code it serves its nations.
type Coverage struct {
	Authorities []string // local authority district or unitary authority
	Boards      []string // integrated care board, local health board, health board, health and social care trust
	Police      []string // police force area
	Practices   []string // a service of its practices alone, as an advocate-educator is
}

// Area is where somebody is, in the same codes: what is left of a postcode once it was used. Empty: not known.
type Area struct {
	Authority, Board, Police, Practice string
}

// Known reports whether anything is known of where somebody is.
func (a Area) Known() bool { return a != Area{} }

// Local reports whether a service serves parts of a nation only, by code.
func (c Coverage) Local() bool {
	return len(c.Authorities)+len(c.Boards)+len(c.Police)+len(c.Practices) > 0
}

// The kinds of area, nearest first.
const (
	byPractice = iota
	byAuthority
	byBoard
	byPolice
	areaKinds
)

// kindWord is how a reason names the kind of area in which a service covers somebody.
func kindWord(kind int) string {
	return [areaKinds]string{"practice", "authority", "board", "police"}[kind]
}

func (c Coverage) lists() [areaKinds][]string {
	return [areaKinds][]string{c.Practices, c.Authorities, c.Boards, c.Police}
}

func (a Area) codes() [areaKinds]string {
	return [areaKinds]string{a.Practice, a.Authority, a.Board, a.Police}
}

// Serves reports whether a service covers a place, and by which kind of area, the nearest one.
func (c Coverage) Serves(a Area) (kind string, ok bool) {
	codes := a.codes()
	for k, list := range c.lists() {
		if codes[k] != "" && slices.Contains(list, codes[k]) {
			return kindWord(k), true
		}
	}
	return "", false
}

// Meets reports whether a service covers any of several areas, and by which kind of area, the nearest one.
func (c Coverage) Meets(areas Coverage) (kind string, ok bool) {
	asked := areas.lists()
	for k, list := range c.lists() {
		if slices.ContainsFunc(list, func(code string) bool { return slices.Contains(asked[k], code) }) {
			return kindWord(k), true
		}
	}
	return "", false
}

// In is the part of a coverage that lies in a nation; where the nation is not known, all of it.
func (c Coverage) In(n Nation) Coverage {
	if n == UnknownNation {
		return c
	}
	elsewhere := func(code string) bool { in, _ := IsAreaCode(code); return in != n }
	part := func(list []string) []string { return slices.DeleteFunc(slices.Clone(list), elsewhere) }
	return Coverage{Authorities: part(c.Authorities), Boards: part(c.Boards), Police: part(c.Police)}
}

var (
	areaShape     = regexp.MustCompile(`^[EWSN][0-9]{8}$`)
	practiceShape = regexp.MustCompile(`^[A-Z0-9]{3,10}$`)
)

// IsAreaCode reports whether a text has the form of a code of the Office for National Statistics for an area in one of the
// four nations, and which.
func IsAreaCode(text string) (Nation, bool) {
	if !areaShape.MatchString(text) {
		return UnknownNation, false
	}
	switch text[0] {
	case 'E':
		return England, true
	case 'W':
		return Wales, true
	case 'S':
		return Scotland, true
	}
	return NorthernIreland, true
}

// coverageFaults: a code has the form of one, stands once, and lies in a nation that the service serves. The cities and
// districts of one service are listed one by one, so a list without end is a fault of whoever wrote it.
func (s Service) coverageFaults() []string {
	var f []string
	for kind, list := range s.Covers.lists() {
		if len(list) > 2000 {
			f = append(f, "covers: more than two thousand")
		}
		for i, code := range list {
			nation, ok := IsAreaCode(code)
			switch {
			case slices.Contains(list[:i], code):
				f = append(f, "covers: twice")
			case kind == byPractice && !practiceShape.MatchString(code), kind != byPractice && !ok:
				f = append(f, "covers: "+kindWord(kind))
			case kind != byPractice && !s.Nations.Has(nation):
				f = append(f, "covers: outside its nations")
			}
		}
	}
	return f
}
