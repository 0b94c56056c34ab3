package desk

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/screening"
	"waypost/web"
)

// perPage is how many cases one page of the queue shows.
const perPage = 50

// queueFields are the filters of the queue, and the place where a page begins.
var queueFields = map[string]web.Kind{
	"state": web.One, "urgency": web.One, "kind": web.One, "children": web.One, "late": web.One, "due": web.One, "id": web.One,
}

// line is one case in a list: never a name.
type line struct {
	Path, Short string
	State       string
	Level       level
	Kinds       []string
	Children    bool
	Due         *moment
	Days        int
}

func (j *Journey) lineOf(base string, r referrals.Row) line {
	out := line{
		Path: base + r.Reference, Short: short(r.Reference), State: said(stateWords, r.State), Level: levelOf(r.Urgency), Children: r.Children,
		Due: j.when(r.Due), Days: int(j.Now().Sub(r.Opened) / (24 * time.Hour)),
	}
	for _, k := range r.Kinds {
		out.Kinds = append(out.Kinds, destinationWords(k))
	}
	return out
}

// queue is the list of the desk, by clock: what has run out stands first.
func (j *Journey) queue(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(queueFields))
	if err != nil {
		return web.Page{}, err
	}
	f := filterOf(a)
	rows, err := j.Desk.Queue(r.Context(), r.Session().Actor, f, cursorOf(a), perPage)
	if err != nil {
		return web.Page{}, err
	}
	lines := []line{}
	for _, one := range rows.Rows {
		lines = append(lines, j.lineOf(CasePath, one))
	}
	return j.within(r.Session(), 200, a.lang, "queue", values{
		"Heading": "desk.queue.heading", "Rows": lines, "Filters": j.filters(f), "Children": f.Children, "OnlyLate": f.Overdue, "Lang": a.lang,
		"Next": nextOf(a, rows.Next), "Filtered": len(f.States) > 0 || f.Urgency != "" || f.Kind != "" || f.Children || f.Overdue,
		"Cut": false, "Away": false,
	})
}

// own is what the member has referred.
func (j *Journey) own(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	rows, whole, err := j.Desk.Own(r.Context(), r.Session().Actor)
	if err != nil {
		return web.Page{}, err
	}
	return j.list(r, a.lang, "own", OwnPath, rows, whole)
}

// same are other cases of the same person, found by their number without opening any.
func (in room) same(r *web.Request) (web.Page, error) {
	a, err := in.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	rows, err := in.Desk.Duplicates(r.Context(), r.Session().Actor, r.Param("ref"))
	if err != nil {
		return web.Page{}, err
	}
	return in.list(r, a.lang, "same", in.base, rows, true)
}

// list shows cases without filter, and says if it is not whole.
func (j *Journey) list(r *web.Request, lang, name, base string, rows []referrals.Row, whole bool) (web.Page, error) {
	lines := []line{}
	for _, one := range rows {
		lines = append(lines, j.lineOf(base, one))
	}
	return j.within(r.Session(), 200, lang, name, values{
		"Heading": titles[name], "Rows": lines, "Filters": []filter(nil), "Children": false, "OnlyLate": false, "Lang": lang, "Next": "", "Filtered": false,
		"Cut": !whole, "Away": name == "own",
	})
}

func filterOf(a asked) referrals.Filter {
	one := func(name string) string { v, _ := a.One(name); return v }
	f := referrals.Filter{Urgency: one("urgency"), Kind: one("kind"), Children: one("children") == "yes", Overdue: one("late") == "yes"}
	if s := referrals.State(one("state")); stateWords[s] != "" {
		f.States = []referrals.State{s}
	}
	return f
}

// filter is one list to choose from.
type filter struct {
	Name, Words string
	Options     []option
}

func (j *Journey) filters(f referrals.Filter) []filter {
	states, urgencies, kinds := filter{"state", "desk.queue.state", nil}, filter{"urgency", "desk.queue.urgency", nil}, filter{"kind", "desk.queue.kind", nil}
	for _, l := range []referrals.State{
		referrals.InReview, referrals.Returned, referrals.Accepted, referrals.HandedOver, referrals.Acknowledged, referrals.Declined, referrals.Escalated,
		referrals.Withdrawn, referrals.Closed,
	} {
		states.Options = append(states.Options, option{string(l), stateWords[l], len(f.States) == 1 && f.States[0] == l})
	}
	for u := screening.Now; u > screening.None; u-- {
		urgencies.Options = append(urgencies.Options, option{u.String(), levelOf(u.String()).Words, f.Urgency == u.String()})
	}
	for _, d := range j.Desk.Book.Destinations {
		kinds.Options = append(kinds.Options, option{d.ID, destinationWords(d.ID), f.Kind == d.ID})
	}
	return []filter{states, urgencies, kinds}
}

// cursorOf is where a page begins: the due time and the reference of the last line before it.
func cursorOf(a asked) store.Cursor {
	due, _ := a.One("due")
	id, _ := a.One("id")
	ms, err := strconv.ParseInt(due, 10, 64)
	if err != nil || !trail.IsCode(id) {
		return store.Cursor{}
	}
	return store.Cursor{Due: time.UnixMilli(ms).UTC(), ID: id}
}

// nextOf is the address of the next page with the same filters, empty at the end.
func nextOf(a asked, next *store.Cursor) string {
	if next == nil {
		return ""
	}
	q := url.Values{"due": {strconv.FormatInt(next.Due.UnixMilli(), 10)}, "id": {next.ID}}
	for name, value := range a.All() {
		if name != "due" && name != "id" {
			q.Set(name, value)
		}
	}
	return "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
