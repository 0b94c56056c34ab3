package feed

import (
	"regexp"
	"slices"
	"strings"

	"waypost/referrals/directory"
)

var codeInText = regexp.MustCompile(`\b[EWSNK][0-9]{8}\b`)

// The kinds of area, by the first three signs of a code, as they stand in the postcode list of the Office for National
// Statistics. Northern Ireland has one police force and no code for it there: its services name the nation or districts.
const (
	authorities = " E06 E07 E08 E09 W06 S12 N09 "
	boards      = " E54 W11 S08 "
	forces      = " E23 W15 S23 "
	nations     = " E92 W92 S92 N92 "
)

// several are the codes of nations together: the United Kingdom, Great Britain, England and Wales.
var several = map[string]directory.Nations{
	"K02000001": directory.AllNations,
	"K03000001": directory.Nations(0).With(directory.England).With(directory.Wales).With(directory.Scotland),
	"K04000001": directory.Nations(0).With(directory.England).With(directory.Wales),
}

// area gathers the codes of a service.
type area struct {
	covers  directory.Coverage
	nations directory.Nations // named as a whole
	known   bool
}

// add takes a code if its kind is one that a postcode gives.
func (a *area) add(code string) bool {
	if n, ok := several[code]; ok {
		a.nations, a.known = a.nations|n, true
		return true
	}
	nation, ok := directory.IsAreaCode(code)
	if !ok {
		return false
	}
	kind := " " + code[:3] + " "
	switch {
	case strings.Contains(nations, kind):
		a.nations = a.nations.With(nation)
	case strings.Contains(authorities, kind):
		a.covers.Authorities = with(a.covers.Authorities, code)
	case strings.Contains(boards, kind):
		a.covers.Boards = with(a.covers.Boards, code)
	case strings.Contains(forces, kind):
		a.covers.Police = with(a.covers.Police, code)
	default:
		return false // a county, a ward: real, and no postcode is looked up by it
	}
	a.known = true
	return true
}

// Cover adds a code to a coverage if its kind is one that a postcode gives.
func Cover(c *directory.Coverage, code string) bool {
	a := area{covers: *c}
	if !a.add(code) || a.nations != 0 {
		return false
	}
	*c = a.covers
	return true
}

func with(list []string, code string) []string {
	if slices.Contains(list, code) {
		return list
	}
	list = append(list, code)
	slices.Sort(list)
	return list
}

// place writes the area into a service. What names whole nations serves them whatever else it names.
func (a *area) place(s *directory.Service) (known bool) {
	if !a.known {
		return false
	}
	if a.nations != 0 {
		s.Nations = a.nations
		return true
	}
	s.Covers = a.covers
	for _, list := range [][]string{s.Covers.Authorities, s.Covers.Boards, s.Covers.Police} {
		for _, code := range list {
			if n, ok := directory.IsAreaCode(code); ok {
				s.Nations = s.Nations.With(n)
			}
		}
	}
	return true
}

// areas reads where a service serves: from codes in any field of its areas, from names that the operator gave codes for, or
// from what the operator said of the whole feed. It does not guess from an address: where an office stands is not whom it
// serves.
func (r *Reading) areas(n node, s *directory.Service) (known bool) {
	var a area
	var inWords []string
	for _, one := range r.nodes(n, "service_areas") {
		found := false
		for _, field := range []string{"extent", "uri", "service_area", "name"} {
			text := r.text(one, field)
			for _, code := range codeInText.FindAllString(text, -1) {
				found = a.add(code) || found
			}
			if code, ok := r.source.Areas[strings.ToLower(text)]; ok && text != "" {
				found = a.add(code) || found
			}
		}
		name := r.words(r.text(one, "name", "service_area"), longestNote)
		switch {
		case found:
		case name != "" && !strings.ContainsAny(name, "0123456789"): // a figure may be of a house
			inWords = append(inWords, name)
		default:
			r.drop(DroppedTerm)
		}
	}
	if a.place(s) && s.Covers.Local() { // the words say more closely what the codes say
		s.Area, _ = cut(strings.Join(inWords, ", "), longestNote)
		return true
	}
	for range inWords {
		r.drop(DroppedTerm)
	}
	if a.known {
		return true
	}
	return r.placeBySource(s)
}

// placeBySource gives a service the area of its feed.
func (r *Reading) placeBySource(s *directory.Service) (known bool) {
	c := r.source.Covers
	if !c.Local() {
		return false
	}
	a := area{covers: c, known: true}
	s.Covers = directory.Coverage{Authorities: slices.Clone(c.Authorities), Boards: slices.Clone(c.Boards), Police: slices.Clone(c.Police), Practices: slices.Clone(c.Practices)}
	a.place(s)
	if s.Nations == 0 { // practices alone
		s.Nations = directory.Nations(0).With(directory.England)
	}
	return true
}
