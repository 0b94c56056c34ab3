package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/web"
)

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
		"Notice": notice, "Name": e.Service.Name, "Path": directoryPath + "/" + e.Service.ID, "Facts": j.factsOf(a.lang, e.Service, nil),
		"Read": j.day(e.Service.ReadOn), "Rung": j.day(e.Service.VerifiedOn), "Unlisted": j.day(e.Service.Unlisted), "Holds": holdsOf(e),
		"Lacks": lacksOf(e.Service), "Pending": []fact(nil), "ByYou": false, "PendingOn": (*moment)(nil), "Conflict": []fact(nil),
		"Edits": may(people.DirectoryEdit), "Verifies": may(people.DirectoryVerify), "Form": formOf(e.Service, a), "Seen": seen, "Unconfirmed": e.Unconfirmed,
		"Codes": codesOf(e.Service, a), "CodesOpen": a.typed.Has("codes"), "WaysIn": ways(a.typed.Get("new.by")), "Clears": []string(nil), "Private": may(people.DirectoryReadPrivate),
	}
	if e.Pending != nil {
		v["ByYou"], v["PendingOn"] = e.Pending.By == strings.ToLower(s.Actor.Member()), j.day(e.Pending.On)
		for _, h := range e.Pending.Clears {
			v["Clears"] = append(v["Clears"].([]string), said(holdWords, h))
		}
		if len(e.Pending.Fields) > 0 && !e.Unconfirmed { // of what is new all that is said stands above
			v["Pending"] = changed(j.factsOf(a.lang, e.Service, &e.Pending.Service))
		}
	}
	if e.Conflict != nil && e.Base != nil {
		v["Conflict"] = changed(j.factsOf(a.lang, e.Service, e.Base))
	}
	v["HasPending"], v["HasConflict"] = e.Pending != nil, e.Conflict != nil
	return j.within(s, status, a.lang, "entry", v)
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
func (j *Journey) onSeen(action people.Action, fields func(string) web.Kind, change func(*web.Request, asked, records.Act, ledger.Entry) error) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		a, err := j.read(r, fields)
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

// holdWords say why a service is shown to nobody, and what a human does about it.
var holdWords = map[feed.Hold]string{feed.NoNeed: "desk.hold.no-need", feed.NoArea: "desk.hold.no-area", feed.MayBeAbuser: "desk.hold.perpetrator"}

type hold struct {
	Words  string
	Clears bool // two people let it pass; the others go when what is lacking is given
}

func holdsOf(e ledger.Entry) (all []hold) {
	for _, h := range e.Held {
		all = append(all, hold{said(holdWords, h), h == feed.MayBeAbuser && e.Pending == nil})
	}
	return all
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
	var at columnError
	if errors.As(err, &at) {
		a.faults = append(a.faults, web.Fault{Question: at.column})
		return j.entryWith(r, 422, a, "desk.fault.column")
	}
	for _, w := range []struct {
		err    error
		status int
		words  string
	}{
		{errHides, 422, "desk.fault.hides"}, {ledger.ErrSamePerson, 409, "desk.fault.same-person"}, {ledger.ErrPending, 409, "desk.fault.pending"}, {ledger.ErrNoChange, 409, "desk.fault.no-change"},
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

// What the passing of time has done to a service.
var dueWords = map[string]string{
	"ring-again": "desk.due.ring-again", "off-patient-copies": "desk.due.off-patient-copies",
	"off-every-page": "desk.due.off-every-page", "read-again": "desk.due.read-again", "dated-in-the-future": "desk.due.dated-in-the-future",
}

// What a service of its kind must hold and does not.
var lackWords = map[string]string{
	directory.HoldsArea: "desk.service.area", directory.HoldsPhone: "way.phone", directory.HoldsHours: "desk.service.hours",
	directory.HoldsWhom: "desk.service.for", directory.HoldsConsent: "desk.column.consent", directory.HoldsRinging: "desk.service.rung",
}

func lacksOf(s directory.Service) (all []string) {
	for _, l := range s.Lacks() {
		all = append(all, said(lackWords, l))
	}
	return all
}
