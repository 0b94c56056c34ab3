package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
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

// How much of a log one page shows, and how far it reads for it.
const (
	entriesPerPage = 100
	entriesRead    = 20_000
)

// sought is what a search of the trail asks for.
type sought struct {
	action, member, outcome string
	from, to                time.Time // to is the first moment after the window
	before                  int64     // where the page begins; 0: at the newest
}

// soughtOf reads the form. A filter that cannot be read is none to search without: whoever asked for one day would be shown
// all of them.
func soughtOf(a asked) (s sought, ok bool) {
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
	s = sought{action: one("action"), member: one("who"), outcome: one("outcome"), from: day("from"), to: day("to")}
	if !s.to.IsZero() {
		s.to = s.to.AddDate(0, 0, 1)
		ok = ok && s.from.Before(s.to)
	}
	if text := one("before"); text != "" {
		var err error
		s.before, err = strconv.ParseInt(text, 10, 64)
		ok = ok && err == nil && s.before > 0
	}
	known := (s.action == "" || trail.IsCode(s.action)) && (s.outcome == "" || s.outcome == string(trail.Denied))
	return s, ok && known
}

func (s sought) fits(e trail.Entry) bool {
	return (s.action == "" || s.action == e.Action) && (s.member == "" || s.member == e.Actor) && (s.outcome == "" || s.outcome == string(e.Outcome)) &&
		(s.to.IsZero() || e.At.Before(s.to)) && (s.from.IsZero() || !e.At.Before(s.from))
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
// anything is read. No entry names a patient or a case.
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
	act, err := j.Register.Permit(r.Context(), s.Actor, people.AuditRead, s.Actor.Organisation())
	if err != nil {
		return web.Page{}, err
	}
	if err := j.Trail.Note(r.Context(), act, trail.Done, "", ""); err != nil {
		return web.Page{}, err
	}
	var members []people.Member
	if names, _ := a.One("names"); names == "yes" {
		if members, err = j.named(r.Context(), s.Actor); err != nil {
			return web.Page{}, err
		}
	}
	status, notice, found, before := 422, "desk.audit.not-read", []foundEntry(nil), int64(0)
	if legible {
		status, notice = 200, ""
		if found, before, err = j.search(r, act, want); err != nil {
			return web.Page{}, err
		}
	}
	list := []entry{}
	for _, f := range found {
		e := entry{f.seq, j.when(f.At), f.Actor, "", f.Role, f.Action, f.Kind, f.Reason, string(f.Outcome)}
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

type foundEntry struct {
	trail.Entry
	seq int64
}

// search reads the log backwards until a page is full, the window is left, or enough was read. Before is where the next
// page begins, 0 at the end of the log.
func (j *Journey) search(r *web.Request, act records.Act, want sought) (out []foundEntry, before int64, err error) {
	head, err := j.Log.TrailHead(r.Context(), act.Tenant)
	if err != nil {
		return nil, 0, fmt.Errorf("search the trail: %w: %w", records.ErrUnavailable, err)
	}
	end := head.Size
	if want.before > 0 {
		end = min(end, want.before)
	}
	for read := int64(0); end > 0 && read < entriesRead; {
		from := max(0, end-store.ListLimit)
		leaves, err := j.Log.TrailRead(r.Context(), act.Tenant, from, int(end-from))
		if err != nil {
			return nil, 0, fmt.Errorf("search the trail: %w: %w", records.ErrUnavailable, err)
		}
		for i, raw := range slices.Backward(leaves) {
			leaf, e, err := trail.ParseLeaf(raw)
			if err != nil {
				return nil, 0, fmt.Errorf("search the trail: %w", err)
			}
			if leaf.Clock.Before(want.from) { // no entry below is later than this
				return out, 0, nil
			}
			if want.fits(e) {
				out = append(out, foundEntry{e, leaf.Seq})
			}
			if len(out) == entriesPerPage {
				return out, from + int64(i), nil
			}
		}
		read, end = read+end-from, from
	}
	return out, end, nil
}
