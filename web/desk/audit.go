package desk

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web"
)

const auditPath = "/audit"

func (j *Journey) auditRoutes() []web.Route {
	return []web.Route{j.on("GET", auditPath, people.AuditRead, j.audit)}
}

var auditFields = map[string]web.Kind{
	"action": web.Line, "member": web.One, "from": web.One, "to": web.One, "outcome": web.One, "before": web.One, "names": web.One,
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
}

func soughtOf(a asked) sought {
	one := func(name string) string { v, _ := a.One(name); return v }
	s := sought{action: one("action"), member: one("member"), outcome: one("outcome")}
	s.from, _ = time.Parse(time.DateOnly, one("from")) // what is no day sets no bound
	if to, err := time.Parse(time.DateOnly, one("to")); err == nil {
		s.to = to.AddDate(0, 0, 1)
	}
	return s
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
	a, err := j.read(r, kinds(auditFields))
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	act, err := j.Register.Permit(r.Context(), s.Actor, people.AuditRead, s.Actor.Organisation())
	if err != nil {
		return web.Page{}, err
	}
	if err := j.Trail.Note(r.Context(), act, trail.Done, "", ""); err != nil {
		return web.Page{}, err
	}
	var members []people.Member
	if names, _ := a.One("names"); names == "yes" {
		if members, err = j.Register.Members(r.Context(), s.Actor); err != nil {
			return web.Page{}, err
		}
	}
	found, before, err := j.search(r, act, a)
	if err != nil {
		return web.Page{}, err
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
	return j.within(s, 200, a.lang, "audit", values{"List": list, "Typed": typed, "People": people, "Next": olderOf(a, before), "Lang": a.lang})
}

type foundEntry struct {
	trail.Entry
	seq int64
}

// search reads the log backwards until a page is full, the window is left, or enough was read. Before is where the next
// page begins, 0 at the end of the log.
func (j *Journey) search(r *web.Request, act records.Act, a asked) (out []foundEntry, before int64, err error) {
	head, err := j.Log.TrailHead(r.Context(), act.Tenant)
	if err != nil {
		return nil, 0, fmt.Errorf("search the trail: %w: %w", records.ErrUnavailable, err)
	}
	want, end := soughtOf(a), head.Size
	if text, _ := a.One("before"); text != "" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 && n < end {
			end = n
		}
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

// olderOf is the address of the next page with the same search, empty at the end.
func olderOf(a asked, before int64) string {
	if before == 0 {
		return ""
	}
	q := url.Values{"before": {strconv.FormatInt(before, 10)}}
	for name, value := range a.All() {
		if name != "before" {
			q.Set(name, value)
		}
	}
	return "?" + q.Encode()
}
