package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

const auditPath = "/audit"

func (j *Journey) auditRoutes() []web.Route {
	return []web.Route{j.on("GET", auditPath, people.AuditRead, j.audit), j.on("POST", auditPath, people.AuditRead, j.audit)}
}

// auditFields are those of the form. They are posted: whom somebody looked for stands in no address.
var auditFields = map[string]web.Kind{
	"action": web.Line, "who": web.One, "from": web.One, "to": web.One, "outcome": web.One, "before": web.One, "names": web.One,
}

// entriesPerPage is how much of a log one page shows.
const entriesPerPage = 100

// soughtOf reads the form. A filter that cannot be read is none to search without: whoever asked for one day would be shown
// all of them.
func soughtOf(a asked) (s referrals.Search, ok bool) {
	one := func(name string) string { v, _ := a.One(name); return strings.TrimSpace(v) }
	ok = len(a.faults) == 0
	day := func(name string) (at time.Time) {
		if text := one(name); text != "" {
			var err error
			at, err = time.Parse(time.DateOnly, text)
			ok = ok && err == nil
		}
		return at
	}
	s = referrals.Search{Action: one("action"), Actor: one("who"), Outcome: trail.Outcome(one("outcome")), From: day("from"), To: day("to")}
	if !s.To.IsZero() {
		s.To = s.To.AddDate(0, 0, 1)
		ok = ok && s.From.Before(s.To)
	}
	if text := one("before"); text != "" {
		var err error
		s.Before, err = strconv.ParseInt(text, 10, 64)
		ok = ok && err == nil && s.Before > 0
	}
	known := (s.Action == "" || trail.IsCode(s.Action)) && (s.Outcome == "" || s.Outcome == trail.Denied)
	return s, ok && known
}

// entry is one line of the trail.
type entry struct {
	Seq          int64
	At           *moment
	Actor, Name  string
	Role, Action string
	Kind, Reason string
	Outcome      string
}

// audit searches the trail of one's own organisation, the newest first. The search itself is an entry, written before
// the trail is read. No entry names a patient or a case.
func (j *Journey) audit(r *web.Request) (web.Page, error) {
	fields := auditFields
	if r.Method() == "GET" {
		fields = map[string]web.Kind{"names": web.One}
	}
	a, err := j.read(r, kinds(fields))
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	want, legible := soughtOf(a)
	var members []people.Member
	if names, _ := a.One("names"); names == "yes" {
		if members, err = j.named(r.Context(), s.Actor); err != nil {
			return web.Page{}, err
		}
	}
	status, notice, found, before := 422, "desk.audit.not-read", []referrals.Entry(nil), int64(0)
	if legible {
		status, notice = 200, ""
		if found, before, err = j.Desk.Entries(r.Context(), s.Actor, want, entriesPerPage); err != nil {
			return web.Page{}, err
		}
	}
	list := []entry{}
	for _, f := range found {
		e := entry{f.Seq, j.when(f.At), f.Actor, "", f.Role, f.Action, f.Kind, f.Reason, string(f.Outcome)}
		e.Name, _ = nameOf(f.Actor, members)
		list = append(list, e)
	}
	typed := values{}
	for name := range auditFields {
		typed[name], _ = a.One(name)
	}
	people := []person{}
	for _, m := range members {
		people = append(people, person{ID: m.ID, Name: m.Name.Reveal()})
	}
	return j.within(s, status, a.lang, "audit", values{"Notice": notice, "List": list, "Typed": typed, "People": people, "Older": before})
}

// named are the organisation's members, and its connected systems as if they were.
func (j *Journey) named(ctx context.Context, a people.Actor) ([]people.Member, error) {
	members, err := j.Register.Members(ctx, a)
	if err != nil {
		return nil, err
	}
	clients, err := j.Register.Clients(ctx, a)
	for _, c := range clients {
		members = append(members, people.Member{ID: c.ID, Name: c.Name})
	}
	return members, err
}
