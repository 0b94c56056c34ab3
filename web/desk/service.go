package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/web"
)

// fact is one thing that is said of a service, and what somebody proposes to say instead.
type fact struct {
	Words, Now, Then string
	Changes          bool
}

// factsOf are what a page shows of a service, with the proposed one beside it.
func factsOf(now directory.Service, then *directory.Service) []fact {
	out := []fact{}
	add := func(words string, of func(directory.Service) string) {
		f := fact{Words: words, Now: of(now)}
		if then != nil && of(*then) != f.Now {
			f.Then, f.Changes = of(*then), true
		}
		out = append(out, f)
	}
	add("desk.service.name", func(s directory.Service) string { return s.Name })
	add("desk.service.for", func(s directory.Service) string { return s.For })
	add("desk.service.ways", waysOf)
	add("desk.service.hours", func(s directory.Service) string { return s.Hours.Text })
	add("desk.service.area", func(s directory.Service) string { return s.Area })
	add("desk.service.cost", func(s directory.Service) string { return s.Cost })
	add("desk.service.languages", func(s directory.Service) string { return s.Languages })
	add("desk.service.next", func(s directory.Service) string { return s.NextSteps })
	return out
}

func waysOf(s directory.Service) string {
	var all []string
	for _, w := range s.Ways {
		all = append(all, strings.TrimSpace(w.At+" "+w.Note))
	}
	return strings.Join(all, "; ")
}

// wayField is one way in, on the form.
type wayField struct{ Name, Words, At string }

func (j *Journey) entry(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.entryWith(r, 200, a, "")
}

func (j *Journey) entryWith(r *web.Request, status int, a asked, notice string) (web.Page, error) {
	e, ok := j.Services.Entry(r.Param("id"))
	if !ok || !e.Retired.IsZero() {
		return web.Page{}, web.ErrNotFound
	}
	seen, err := seenOf(e)
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	may := func(action people.Action) bool { return people.May(s.Actor, action, s.Actor.Organisation()) == nil }
	v := values{
		"Notice": notice, "Name": e.Service.Name, "Path": directoryPath + "/" + e.Service.ID, "Facts": factsOf(e.Service, nil),
		"Read": j.day(e.Service.ReadOn), "Rung": j.day(e.Service.VerifiedOn), "Unlisted": j.day(e.Service.Unlisted), "Held": len(e.Held) > 0,
		"Lacks": e.Service.Lacks(), "Pending": []fact(nil), "ByYou": false, "PendingOn": (*moment)(nil), "Conflict": []fact(nil),
		"Edits": may(people.DirectoryEdit), "Verifies": may(people.DirectoryVerify), "Form": formOf(e.Service, a), "Seen": seen, "Private": may(people.DirectoryReadPrivate),
	}
	if e.Pending != nil {
		v["Pending"], v["ByYou"], v["PendingOn"] = changed(factsOf(e.Service, &e.Pending.Service)), e.Pending.By == s.Actor.Member(), j.day(e.Pending.On)
	}
	if e.Conflict != nil && e.Base != nil {
		v["Conflict"] = changed(factsOf(e.Service, e.Base))
	}
	v["HasPending"], v["HasConflict"] = e.Pending != nil, e.Conflict != nil
	return j.within(s, status, a.lang, "entry", v)
}

// changed are the facts that would be others. A change of what the page does not show is still named as one.
func changed(all []fact) []fact {
	out := slices.DeleteFunc(all, func(f fact) bool { return !f.Changes })
	if len(out) == 0 {
		out = append(out, fact{Words: "desk.service.something", Changes: true})
	}
	return out
}

// seenOf names the service as a page shows it, with all that waits.
func seenOf(e ledger.Entry) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("show a service: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// onSeen is a change of a service that has to be the one that the form's page showed: nobody confirms a number that they
// have not seen, or takes back what somebody else has just set right.
func (j *Journey) onSeen(action people.Action, change func(*web.Request, asked, records.Act, ledger.Entry) error) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		a, err := j.read(r, entryFields)
		if err != nil {
			return web.Page{}, err
		}
		e, ok := j.Services.Entry(r.Param("id"))
		if !ok {
			return web.Page{}, web.ErrNotFound
		}
		if len(a.faults) > 0 {
			return j.entryWith(r, 422, a, "desk.fault.invalid")
		}
		now, err := seenOf(e)
		if err != nil {
			return web.Page{}, err
		}
		if seen, told := a.One("seen"); told && seen != now {
			return j.entryWith(r, 409, a, "desk.fault.service-changed")
		}
		s := r.Session()
		act, err := j.Register.Permit(r.Context(), s.Actor, action, s.Actor.Organisation())
		if err != nil {
			return web.Page{}, err
		}
		return j.afterChange(r, a, change(r, a, act, e))
	}
}

// entryForm is what somebody may propose, with what was typed before.
type entryForm struct {
	Name, For, Hours, Cost, Languages, Next string
	Ways                                    []wayField
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
	case "take", "seen":
		return web.One
	}
	if strings.HasPrefix(name, "way.") {
		return web.Line
	}
	return web.Refused
}

// propose says what a service should be. What touches how it is reached waits for another person.
func (j *Journey) propose(r *web.Request, a asked, act records.Act, e ledger.Entry) error {
	_, err := j.Services.Propose(r.Context(), act, proposed(e.Service, a))
	return err
}

// proposed is the service with what the form says; what the form does not hold stays.
func proposed(s directory.Service, a asked) directory.Service {
	set := func(name string, to *string) {
		if v, ok := a.One(name); ok {
			*to = strings.TrimSpace(v)
		}
	}
	set("name", &s.Name)
	set("for", &s.For)
	set("hours", &s.Hours.Text)
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
	s.Ways = ways
	return s
}

func (j *Journey) resolve(r *web.Request, a asked, act records.Act, _ ledger.Entry) error {
	take, _ := a.One("take")
	_, err := j.Services.Resolve(r.Context(), act, r.Param("id"), take == "yes")
	return err
}

// pressed is a change that needs no more than its button.
func pressed(do func(ctx context.Context, act records.Act, id string) (ledger.Entry, error)) func(*web.Request, asked, records.Act, ledger.Entry) error {
	return func(r *web.Request, _ asked, act records.Act, _ ledger.Entry) error {
		_, err := do(r.Context(), act, r.Param("id"))
		return err
	}
}

// afterChange goes back to the service, or says why nothing was changed and keeps what was typed.
func (j *Journey) afterChange(r *web.Request, a asked, err error) (web.Page, error) {
	for _, w := range []struct {
		err    error
		status int
		words  string
	}{
		{ledger.ErrSamePerson, 409, "desk.fault.same-person"}, {ledger.ErrPending, 409, "desk.fault.pending"}, {ledger.ErrNoChange, 409, "desk.fault.no-change"},
		{shelf.ErrChanged, 409, "desk.fault.no-change"},
	} {
		if errors.Is(err, w.err) {
			return j.entryWith(r, w.status, a, w.words)
		}
	}
	switch {
	case err == nil:
		e, ok := j.Services.Entry(r.Param("id"))
		if !ok || !e.Retired.IsZero() {
			return j.to(r, directoryPath, a.lang), nil
		}
		return j.to(r, directoryPath+"/"+r.Param("id"), a.lang), nil
	case errors.Is(err, shelf.ErrNotFound), errors.Is(err, ledger.ErrRetired):
		return web.Page{}, web.ErrNotFound
	case errors.Is(err, records.ErrUnavailable), errors.Is(err, records.ErrTrail), errors.Is(err, records.ErrConflict):
		return web.Page{}, err
	}
	return j.entryWith(r, 422, a, "desk.fault.service")
}

var dueWords = map[string]string{
	"confirm": "desk.due.confirm", "conflict": "desk.due.conflict", "held": "desk.due.held", "unlisted": "desk.due.unlisted",
	"lacks": "desk.due.lacks", "ring-again": "desk.due.ring-again", "off-patient-copies": "desk.due.off-patient-copies",
	"off-every-page": "desk.due.off-every-page", "read-again": "desk.due.read-again", "dated-in-the-future": "desk.due.dated-in-the-future",
}
