package feed

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/referrals/directory"
)

// Each of these reads one column, or a few that belong together, and reports whether it could.

func (r *Reading) sheetNeeds(s *directory.Service, w row) bool {
	listed := append(w.list("needs"), r.source.Needs...)
	for _, n := range listed {
		if !feedMayAnswer(n) {
			return false
		}
	}
	s.Needs = slices.DeleteFunc(directory.Needs(), func(n string) bool { return !slices.Contains(listed, n) })
	return true
}

func sheetNations(s *directory.Service, w row) bool {
	for _, word := range w.list("nations") {
		n, err := directory.ParseNation(word)
		if err != nil || n == directory.UnknownNation {
			return false
		}
		s.Nations = s.Nations.With(n)
	}
	return true
}

func (r *Reading) sheetCovers(s *directory.Service, w row) bool {
	var a area
	for _, code := range w.list("covers") {
		if named, ok := r.source.Areas[strings.ToLower(code)]; ok {
			code = named
		}
		if !a.add(code) {
			return false
		}
	}
	if practices := w.list("practices"); len(practices) > 0 {
		slices.Sort(practices)
		s.Covers.Practices = practices
		a.covers.Practices, a.known = practices, true
	}
	if a.known {
		a.place(s)
		if s.Nations == 0 {
			s.Nations = directory.Nations(0).With(directory.England)
		}
	}
	return true
}

func sheetSex(s *directory.Service, w row) bool {
	switch w.cell("sex") {
	case "", "any":
	case "women":
		s.Who.Only = directory.Woman
	case "men":
		s.Who.Only = directory.Man
	default:
		return false
	}
	return true
}

func (r *Reading) sheetAges(s *directory.Service, w row) bool {
	only, groups := s.Who.Only, s.Who.Groups
	ok := r.ages(node{"minimum_age": w.cell("min_age"), "maximum_age": w.cell("max_age")}, s)
	s.Who.Only, s.Who.Groups = only, groups
	return ok
}

func sheetGroups(s *directory.Service, w row) bool {
	for _, g := range w.list("groups") {
		if !slices.Contains(directory.Groups(), directory.Group(g)) {
			return false
		}
		s.Who.Groups = append(s.Who.Groups, directory.Group(g))
	}
	return true
}

// sheetHours reads "24/7", or "Mon-Fri 09:00-17:00; Sat 10:00-12:00".
func (r *Reading) sheetHours(s *directory.Service, w row) bool {
	text := r.words(w.cell("hours_text"), longestNote)
	if w.cell("hours") == "24/7" {
		s.Hours = directory.Hours{Text: "24/7", Always: true, Status: directory.Secondary}
		return true
	}
	spans, ok := Hours(w.list("hours"))
	if !ok {
		return false
	}
	s.Opening.Spans = spans
	if text == "" {
		text, _ = cut(HoursText(s.Opening), longestNote)
	}
	if text != "" {
		s.Hours = directory.Hours{Text: text, Status: directory.Secondary}
	}
	return true
}

func sheetLanguages(s *directory.Service, w row) bool {
	for _, l := range w.list("languages") {
		code, ok := language(l)
		if !ok {
			return false
		}
		s.Speaks = with(s.Speaks, code)
	}
	return true
}

func sheetAccess(s *directory.Service, w row) bool {
	for _, a := range w.list("access") {
		if !slices.Contains(directory.Accesses(), directory.Access(a)) {
			return false
		}
		s.Access = append(s.Access, directory.Access(a))
	}
	slices.Sort(s.Access)
	return true
}

func sheetReferrers(s *directory.Service, w row) bool {
	for _, a := range w.list("referrers") {
		if !slices.Contains(directory.Referrers(), directory.Referrer(a)) {
			return false
		}
		s.Referrers = append(s.Referrers, directory.Referrer(a))
	}
	slices.Sort(s.Referrers)
	return true
}

func sheetConsent(s *directory.Service, w row) bool {
	s.Consent = directory.ConsentRule(w.cell("consent"))
	return slices.Contains(directory.ConsentRules(), s.Consent)
}

func sheetProf(s *directory.Service, w row) bool {
	if p := w.cell("prof"); p != "" {
		s.Prof = directory.Prof(p)
	}
	return slices.Contains([]directory.Prof{directory.ProfUnknown, directory.Refer, directory.Advice, directory.Both, directory.NoProf}, s.Prof)
}

// sheetKind reads the archetype. Where the sheet states no consent rule the usual one of the kind stands.
func sheetKind(s *directory.Service, w row) bool {
	s.Is = directory.Archetype(w.cell("kind"))
	if s.Consent == directory.ConsentNotStated {
		s.Consent = s.Is.UsualConsent()
	}
	return s.Is == directory.NoArchetype || slices.Contains(directory.Archetypes(), s.Is)
}

// sheetShown reads who may be shown it. What is kept from victims serves no need, so that nothing can match it.
func sheetShown(s *directory.Service, w row) bool {
	if a := w.cell("shown_to"); a != "" {
		s.ShownTo = directory.ShownTo(a)
	}
	if s.ShownTo == directory.NeverWithVictim {
		s.Needs = nil
	}
	return slices.Contains([]directory.ShownTo{directory.Anyone, directory.StaffOnly, directory.NeverWithVictim}, s.ShownTo)
}

// sheetWays reads the ways in. Any that cannot be read sets the line aside. An address where people may be hiding is left
// out whoever wrote it: it belongs to the private facts.
func (r *Reading) sheetWays(s *directory.Service, w row) bool {
	lost := r.report.Dropped[DroppedWay].Count
	var ways []directory.Way
	for _, n := range w.list("phone") {
		ways = append(ways, r.phones(directory.Phone, n, "")...)
	}
	for _, n := range w.list("text") {
		ways = append(ways, r.way(directory.Way{By: directory.Text, At: cmp.Or(number(n), "?"), Status: directory.Secondary})...)
	}
	ways = append(ways, r.website(w.cell("website"))...)
	ways = append(ways, r.email(w.cell("email"))...)
	if a := r.words(w.cell("address"), longestNote); a != "" {
		if hides(s, s.Name, s.For) {
			r.drop(DroppedAddress)
		} else {
			ways = append(ways, r.way(directory.Way{By: directory.InPerson, At: a, Status: directory.Secondary})...)
		}
	}
	s.Ways = distinct(ways)
	s.Bill = bill(s.Ways)
	return r.report.Dropped[DroppedWay].Count == lost
}

func sheetSource(s *directory.Service, w row) bool {
	if a := w.cell("source"); a != "" {
		s.Sources = []directory.Source{{Address: a}}
		if at := (directory.Way{By: directory.Website, At: a}); !at.Sound() {
			return false
		}
	}
	if s.SourceDate == "" {
		s.SourceDate = "undated"
	} else if _, err := time.Parse("2006-01-02", s.SourceDate); err != nil && s.SourceDate != "undated" {
		if _, err := strconv.Atoi(s.SourceDate); err != nil {
			return false
		}
	}
	return true
}

func (r *Reading) sheetNotes(s *directory.Service, w row) bool {
	for _, t := range w.list("warnings") {
		s.Warnings = append(s.Warnings, r.words(t, longestNote))
	}
	for _, t := range w.list("notes") {
		s.Notes = append(s.Notes, r.words(t, longestNote))
	}
	empty := func(t string) bool { return t == "" }
	s.Warnings, s.Notes = slices.DeleteFunc(s.Warnings, empty), slices.DeleteFunc(s.Notes, empty)
	return true
}
