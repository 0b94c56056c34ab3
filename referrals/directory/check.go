package directory

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// ErrUnsound says that a service may not be shown as it stands. The error around it names the id and the field.
var ErrUnsound = errors.New("directory: not sound")

// Check refuses services that could mislead: all faults at once, each by id and field, none by content.
func Check(services []Service) error {
	var faults []error
	seen := make(map[string]bool, len(services))
	for i, s := range services {
		name := s.ID
		if !idShape.MatchString(name) {
			name = fmt.Sprintf("service %d", i+1)
			faults = append(faults, fault(name, "id"))
		}
		if seen[s.ID] {
			faults = append(faults, fault(name, "id: used twice"))
		}
		seen[s.ID] = true
		for _, field := range s.faults() {
			faults = append(faults, fault(name, field))
		}
	}
	return errors.Join(faults...)
}

func fault(id, field string) error { return fmt.Errorf("%s: %s: %w", id, field, ErrUnsound) }

var idShape = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// faults are the fields that are not as they must be.
func (s Service) faults() []string {
	var f []string
	want := func(ok bool, field string) {
		if !ok {
			f = append(f, field)
		}
	}
	want(s.Name != "", "name")
	f = append(f, s.needFaults()...)
	f = append(f, s.whoFaults()...)
	want(s.Status == Official || s.Status == Secondary, "status")
	want(slices.Contains([]ShownTo{Anyone, StaffOnly, NeverWithVictim}, s.ShownTo), "audience")
	want(slices.Contains([]Prof{ProfUnknown, Refer, Advice, Both, NoProf}, s.Prof), "prof")
	f = append(f, s.wayFaults()...)
	want(s.Hours == Hours{} || (s.Hours.Text != "" && s.Hours.Status.known()), "hours")
	want(!s.Hours.Always || s.Hours.Status != Disputed, "hours: always, and disputed")
	f = append(f, s.billFaults()...)
	f = append(f, s.coverageFaults()...)
	f = append(f, s.termFaults()...)
	f = append(f, s.archetypeFaults()...)
	want(len(s.Sources) > 0, "sources: none")
	for _, src := range s.Sources {
		want(isAddress(src.Address), "sources: address")
	}
	want(s.SourceDate != "", "source_date")
	want(!s.ReadOn.IsZero(), "read_on")
	want((s.VerifiedBy == "") == s.VerifiedOn.IsZero(), "verified_by and verified_on: only together")
	return append(f, s.textFaults()...)
}

// needFaults: whoever may be shown serves a need; whoever is kept from victims serves none, so that nothing can match them.
func (s Service) needFaults() []string {
	var f []string
	if (s.ShownTo == NeverWithVictim) != (len(s.Needs) == 0) {
		f = append(f, "needs")
	}
	for i, need := range s.Needs {
		if _, ok := needIndex(need); !ok {
			f = append(f, "needs: unknown")
		}
		if slices.Contains(s.Needs[:i], need) {
			f = append(f, "needs: twice")
		}
	}
	if s.Nations&^AllNations != 0 {
		f = append(f, "nations")
	}
	return f
}

func (s Service) whoFaults() []string {
	var f []string
	w := s.Who
	if w.MinAge < 0 || w.MaxAge < 0 || w.MinAge > oldestAge || w.MaxAge > oldestAge || (w.MaxAge > 0 && w.MinAge > w.MaxAge) {
		f = append(f, "who: ages")
	}
	if w.Only > Man {
		f = append(f, "who: sex")
	}
	for _, g := range w.Groups {
		if g.bit() == 0 {
			f = append(f, "who: groups: unknown")
		}
	}
	return f
}

// billFaults: that a number is not on the bill is never taken on trust, and that a 01, 02 or 03 number is, always.
func (s Service) billFaults() []string {
	var f []string
	switch s.Bill.Trace {
	case NotOnBill:
		if !isAddress(s.Bill.Source) {
			f = append(f, "bill_trace: source")
		}
	case BillUnknown, OnBillLikely:
		if s.Bill.Source != "" && !isAddress(s.Bill.Source) {
			f = append(f, "bill_trace: source")
		}
	default:
		f = append(f, "bill_trace")
	}
	first := slices.IndexFunc(s.Ways, func(w Way) bool { return w.By == Phone })
	if first >= 0 && s.Bill.Trace != OnBillLikely && costs(s.Ways[first].At) {
		f = append(f, "bill_trace: 01, 02 and 03 numbers are likely to show")
	}
	return f
}

func costs(number string) bool {
	return strings.HasPrefix(number, "01") || strings.HasPrefix(number, "02") || strings.HasPrefix(number, "03")
}

func (s Status) known() bool { return s == Official || s == Secondary || s == Disputed }

// textFaults: no text may confess that it was only remembered, nor promise that a call cannot be traced.
func (s Service) textFaults() []string {
	var f []string
	check := func(field string, texts ...string) {
		for _, t := range texts {
			if !Presentable(t) {
				f = append(f, field)
			}
		}
	}
	check("name", s.Name)
	check("area", s.Area)
	check("for", s.For)
	check("hours", s.Hours.Text)
	check("cost", s.Cost)
	check("languages", s.Languages)
	check("next steps", s.NextSteps)
	check("warnings", s.Warnings...)
	check("notes", s.Notes...)
	check("source_date", s.SourceDate)
	check("verified_by", s.VerifiedBy)
	for _, w := range s.Ways {
		check("ways", w.At, w.Note)
	}
	for _, src := range s.Sources {
		check("sources", src.Address, src.Says)
	}
	return f
}

var refused = []string{"from memory", "unverified", "not verified", "no trace", "untraceable"}

// Presentable reports whether a text may be shown: one line, without words that promise what nobody can.
func Presentable(text string) bool {
	if strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
		return false
	}
	low := strings.ToLower(text)
	return !slices.ContainsFunc(refused, func(words string) bool { return strings.Contains(low, words) })
}
