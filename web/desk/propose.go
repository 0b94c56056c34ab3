package desk

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
	"waypost/web"
)

// wayField is one way in, on the form.
type wayField struct{ Name, Words, At string }

// codesOf are the fields of the codes, as they stand or as they were typed.
func codesOf(s directory.Service, a asked) []cell {
	if !a.typed.Has("codes") {
		return fieldsOf(coded(), standing(s), "")
	}
	wrong := ""
	if len(a.faults) > 0 {
		wrong = a.faults[0].Question
	}
	return fieldsOf(coded(), a.typed, wrong)
}

// ways are the kinds of a way in.
func ways(chosen string) []option {
	all := options("way.", directory.WaysIn())
	for i := range all {
		all[i].On = all[i].ID == chosen
	}
	return all
}

// entryForm is what somebody may propose, with what was typed before.
type entryForm struct {
	Name, For, Hours, Cost, Languages, Next string
	Ways                                    []wayField
	At, Note                                string // of a way that is added
	Staff                                   bool
}

func formOf(s directory.Service, a asked) entryForm {
	typed := func(name, now string) string {
		if a.typed.Has("name") {
			return a.typed.Get(name)
		}
		return now
	}
	f := entryForm{
		typed("name", s.Name), typed("for", s.For), typed("hours", s.Hours.Text), typed("cost", s.Cost), typed("languages", s.Languages), typed("next", s.NextSteps), nil,
		a.typed.Get("new.at"), a.typed.Get("new.note"), a.typed.Get("new.staff") == "yes",
	}
	for i, w := range s.Ways {
		name := "way." + strconv.Itoa(i)
		f.Ways = append(f.Ways, wayField{name, "way." + string(w.By), typed(name, w.At)})
	}
	return f
}

func entryFields(name string) web.Kind {
	switch name {
	case "name", "hours", "cost", "languages":
		return web.Line
	case "for", "next":
		return web.Prose
	case "take", "seen", "new.by", "new.staff":
		return web.One
	case "new.at", "new.note":
		return web.Line
	}
	if strings.HasPrefix(name, "way.") {
		return web.Line
	}
	return web.Refused
}

// propose says what a service should be. What touches how it is reached waits for another person.
func (j *Journey) propose(r *web.Request, a asked, act records.Act, e ledger.Entry) error {
	next, err := proposed(e.Service, a)
	if err != nil {
		return err
	}
	_, err = j.Services.Propose(r.Context(), act, next)
	return err
}

// recode says in codes whom a service is for and where. It is how a service gets the need or the area that it was held for.
func (j *Journey) recode(r *web.Request, a asked, act records.Act, e ledger.Entry) error {
	next, wrong, err := recoded(e.Service, a, feed.Source{Name: byHand, Address: e.Service.Sources[0].Address, Read: j.Now().UTC()})
	if err != nil {
		return columnError{wrong, err}
	}
	if feed.MayHide(next.Needs) && !feed.MayHide(e.Service.Needs) { // nobody knew it when the place was taken
		next.Ways = slices.DeleteFunc(slices.Clone(next.Ways), func(w directory.Way) bool { return w.By == directory.InPerson })
	}
	_, err = j.Services.Propose(r.Context(), act, next)
	return err
}

// clear asks to let a service pass that was held for its words. Another person confirms it.
func (j *Journey) clear(r *web.Request, _ asked, act records.Act, e ledger.Entry) error {
	_, err := j.Services.Clear(r.Context(), act, e.Service.ID, feed.MayBeAbuser)
	return err
}

// columnError is a fault at one field of the form; empty where several do not go together.
type columnError struct {
	column string
	cause  error
}

func (e columnError) Error() string { return e.cause.Error() }
func (e columnError) Unwrap() error { return e.cause }

// errHides says that the place of a service at which people may be hiding was put among what everybody is shown.
var errHides = errors.New("desk: a place where people may be hiding")

// proposed is the service with what the form says; what the form does not hold stays.
func proposed(s directory.Service, a asked) (directory.Service, error) {
	before := s
	one := func(name string) string { v, _ := a.One(name); return strings.Join(strings.Fields(v), " ") }
	set := func(name string, to *string) {
		if _, ok := a.One(name); ok {
			*to = one(name)
		}
	}
	set("name", &s.Name)
	set("for", &s.For)
	set("hours", &s.Hours.Text)
	if s.Hours.Text != before.Hours.Text { // what machines know of the old hours is not what the new words say
		s.Hours, s.Opening = directory.Hours{Text: s.Hours.Text, Status: directory.Secondary}, directory.Opening{}
		if s.Hours.Text == "" {
			s.Hours.Status = ""
		}
	}
	set("cost", &s.Cost)
	set("languages", &s.Languages)
	set("next", &s.NextSteps)
	ways := []directory.Way{}
	for i, w := range s.Ways {
		set("way."+strconv.Itoa(i), &w.At)
		if w.At != "" {
			ways = append(ways, w)
		}
	}
	if at := one("new.at"); at != "" {
		w := directory.Way{By: directory.By(one("new.by")), At: at, Note: one("new.note"), Status: directory.Secondary, Staff: one("new.staff") == "yes"}
		if !slices.Contains(directory.WaysIn(), w.By) {
			return before, columnError{"new.by", directory.ErrUnsound}
		}
		ways = append(ways, w)
	}
	s.Ways = ways
	place := func(w directory.Way) bool { return w.By == directory.InPerson && !slices.Contains(before.Ways, w) }
	if feed.MayHide(s.Needs) && slices.ContainsFunc(s.Ways, place) {
		return before, errHides
	}
	if rung(s.Ways) != rung(before.Ways) {
		s.Bill = feed.Bill(s.Ways)
	}
	return s, nil
}

// rung is the number of which the telephone bill tells: the first.
func rung(ways []directory.Way) string {
	if i := slices.IndexFunc(ways, func(w directory.Way) bool { return w.By == directory.Phone }); i >= 0 {
		return ways[i].At
	}
	return ""
}
