package desk

import (
	"slices"
	"strconv"
	"strings"

	"waypost/referrals/directory"
)

// fact is one thing that is said of a service, and what somebody proposes to say instead.
type fact struct {
	Words, Now, Then string
	Changes          bool
}

// factsOf are what a page shows of a service, with the proposed one beside it. Whatever waits for a second person stands here:
// nobody confirms what no page shows.
func (j *Journey) factsOf(lang string, now directory.Service, then *directory.Service) []fact {
	words := j.Words.In(lang, nil)
	say := func(prefix string, codes ...string) string {
		var all []string
		for _, c := range codes {
			if c != "" {
				all = append(all, words.Text(prefix+c))
			}
		}
		return strings.Join(all, "; ")
	}
	out := []fact{}
	add := func(id string, of func(directory.Service) string) {
		f := fact{Words: id, Now: of(now)}
		if then != nil && of(*then) != f.Now {
			f.Then, f.Changes = of(*then), true
		}
		out = append(out, f)
	}
	in := func(column string, of func(directory.Service) string) { add("desk.column."+column, of) }
	codes := func(column, prefix string) func(directory.Service) string {
		return func(s directory.Service) string { return say(prefix, standing(s)[column]...) }
	}
	add("desk.service.name", func(s directory.Service) string { return s.Name })
	add("desk.service.for", func(s directory.Service) string { return s.For })
	in("kind", codes("kind", "desk.kind."))
	in("needs", codes("needs", "need."))
	add("desk.service.area", func(s directory.Service) string {
		area := slices.Concat([]string{s.Area, say("question.about.nation.answer.", standing(s)["nations"]...)}, standing(s)["covers"], standing(s)["practices"])
		return strings.Join(slices.DeleteFunc(area, func(t string) bool { return t == "" }), "; ")
	})
	in("groups", func(s directory.Service) string {
		all := slices.DeleteFunc([]string{say("desk.sex.", standing(s)["sex"]...), ages(s.Who), adults(s.Who, words.Text("desk.sex.adults")), say("who.group.", standing(s)["groups"]...)}, func(t string) bool { return t == "" })
		return strings.Join(all, "; ")
	})
	in("shown-to", codes("shown_to", "desk.shown."))
	in("prof", codes("prof", "desk.prof."))
	in("referrers", codes("referrers", "desk.referrer."))
	in("consent", codes("consent", "desk.consent."))
	add("desk.service.ways", func(s directory.Service) string {
		var all []string
		for _, w := range s.Ways {
			one := words.Text("way."+string(w.By)) + ": " + strings.TrimSpace(w.At+" "+w.Note)
			if w.Staff {
				one += " (" + words.Text("desk.way.staff") + ")"
			}
			all = append(all, one)
		}
		return strings.Join(all, "; ")
	})
	add("desk.service.hours", func(s directory.Service) string { return s.Hours.Text })
	add("desk.service.cost", func(s directory.Service) string { return s.Cost })
	add("desk.service.languages", func(s directory.Service) string {
		return strings.Trim(s.Languages+"; "+strings.Join(s.Speaks, "; "), "; ")
	})
	in("access", codes("access", "desk.access."))
	add("desk.service.next", func(s directory.Service) string { return s.NextSteps })
	in("monitored-phone", codes("monitored_phone", "desk.monitored."))
	in("warnings", func(s directory.Service) string { return strings.Join(s.Warnings, "; ") })
	in("notes", func(s directory.Service) string { return strings.Join(s.Notes, "; ") })
	in("source", func(s directory.Service) string {
		var all []string
		for _, one := range s.Sources {
			all = append(all, one.Address)
		}
		return strings.Join(all, "; ")
	})
	return out
}

// ages are the limits as figures, which no language writes in another way.
func ages(w directory.Who) string {
	switch {
	case w.MinAge > 0 && w.MaxAge > 0:
		return strconv.Itoa(w.MinAge) + "-" + strconv.Itoa(w.MaxAge)
	case w.MinAge > 0:
		return strconv.Itoa(w.MinAge) + "+"
	case w.MaxAge > 0:
		return "0-" + strconv.Itoa(w.MaxAge)
	}
	return ""
}

func adults(w directory.Who, words string) string {
	if w.Adults {
		return words
	}
	return ""
}

// changed are the facts that would be others. A change of what the page does not show is still named as one.
func changed(all []fact) []fact {
	out := slices.DeleteFunc(all, func(f fact) bool { return !f.Changes })
	if len(out) == 0 {
		out = append(out, fact{Words: "desk.service.something", Changes: true})
	}
	return out
}
