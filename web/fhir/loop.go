package fhir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waypost/internal/records"
	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
	"waypost/web"
)

// Loop is what the systems of those who refer and of those who are asked say to each other through the desk: that something is
// there, that it was received, and what became of it. It is there where what rests is open.
type Loop struct {
	Desk   *referrals.Desk
	Nation directory.Nation // where the answers do not say which
	// Machine is the gate: another system that may do this, with a token that has this letter for this kind of resource.
	Machine func(action people.Action, resource string, letter rune) web.Policy
}

// The names under which both sides know a hand-over: that of the packet's record for the service, those of case and hand-over
// together for whoever opened the case. Both are 32 bytes in hexadecimal and tell nothing.
const namesLength = 64

func (j *Journey) loopRoutes() []web.Route {
	if j.Loop == nil {
		return nil
	}
	on := func(method, path string, action people.Action, letter rune, h web.Handler) web.Route {
		resource, _, _ := strings.Cut(path, "/")
		return web.Route{
			Method: method, Path: Base + "/" + path, Policy: j.Loop.Machine(action, resource, letter), Handler: h, Refuse: refuse,
		}
	}
	return []web.Route{
		on(http.MethodGet, "Task", people.TaskRead, 's', j.tasks),
		on(http.MethodGet, "Task/:id", people.TaskRead, 'r', j.task),
		on(http.MethodPut, "Task/:id", people.TaskUpdate, 'u', j.changeTask),
		on(http.MethodGet, "ServiceRequest/:id", people.TaskRead, 'r', j.request),
		on(http.MethodPost, "ServiceRequest", people.ReferralCreate, 'c', j.createRequest),
		on(http.MethodGet, "AuditEvent", people.AuditRead, 's', j.events),
		on(http.MethodGet, "AuditEvent/:id", people.AuditRead, 'r', j.event),
	}
}

// english are the words of a Task: one language for all, because what comes back is held against what was read.
func (j *Journey) english() *locales.Words { return j.Words.In(locales.Source, nil) }

// said puts what the rooms below say into the words of this face. Whoever has no right to it is told what a stranger is told.
func said(err error) error {
	switch {
	case errors.Is(err, referrals.ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, referrals.ErrConflict), errors.Is(err, records.ErrRepeated):
		return Refused{{stale, ""}}
	case errors.Is(err, referrals.ErrState), errors.Is(err, referrals.ErrReason):
		return Refused{{noStep, "Task.status"}}
	case errors.Is(err, referrals.ErrUnfinished):
		return Refused{{nothingFound, "ServiceRequest.contained"}}
	case errors.Is(err, referrals.ErrInvalid):
		return Refused{{notServed, "ServiceRequest"}}
	}
	return err
}

// isService says on which side of a hand-over the asking system stands.
func isService(a people.Actor) bool { return a.Kind() == people.ReceivingService }

// placedID takes the name of a hand-over apart, for whoever opened the case.
func placedID(id string) (reference, handover string) {
	if len(id) != namesLength {
		return "none", "none"
	}
	return id[:namesLength/2], id[namesLength/2:]
}

// standingTask is one Task as the asking system may see it.
func (j *Journey) standingTask(ctx context.Context, a people.Actor, id string) (Task, int64, error) {
	if isService(a) {
		p, err := j.Loop.Desk.Parcel(ctx, a, id)
		return TaskOf(p, a.Organisation(), j.english()), p.Rev, err
	}
	reference, handover := placedID(id)
	p, err := j.Loop.Desk.PlacedOne(ctx, a, reference, handover)
	return TaskOfPlaced(p, j.english()), p.Rev, err
}

func (j *Journey) task(r *web.Request) (web.Page, error) {
	if _, err := readSearch(r); err != nil {
		return refused(err)
	}
	t, rev, err := j.standingTask(r.Context(), r.Session().Actor, r.Param("id"))
	if err != nil {
		return web.Page{}, said(err)
	}
	return versionOf(t, rev)
}

func versionOf(resource any, rev int64) (web.Page, error) {
	p, err := answer(http.StatusOK, resource)
	p.Rev = rev
	return p, err
}

// changeTask takes what a service's system says has happened. Upon which version has to be said; the table of states decides
// whether it may happen; the same request twice is one. The policy lets nobody else in: whoever referred reads how it stands.
func (j *Journey) changeTask(r *web.Request) (web.Page, error) {
	ctx, a := r.Context(), r.Session().Actor
	now, err := j.Loop.Desk.Parcel(ctx, a, r.Param("id"))
	if err != nil {
		return web.Page{}, said(err)
	}
	var in referrals.Answered
	err = r.JSON(func(body []byte) (err error) {
		in, err = j.readAnswer(r, now, body)
		return err
	})
	switch {
	case errors.Is(err, errAgain):
		return j.parcel(a, now)
	case err != nil:
		return refused(err)
	}
	p, err := j.Loop.Desk.AnswerParcel(ctx, a, now.ID, in)
	if errors.Is(err, referrals.ErrConflict) { // perhaps with itself, sent twice at once
		if p, again := j.Loop.Desk.Parcel(ctx, a, now.ID); again == nil && p.IsAnswerTo(a, in.Rev, in.Request) {
			return j.parcel(a, p)
		}
	}
	if err != nil {
		return refused(said(err))
	}
	return j.parcel(a, p)
}

// errAgain says that a request was answered before.
var errAgain = errors.New("fhir: the same request again")

func (j *Journey) readAnswer(r *web.Request, now referrals.Parcel, body []byte) (referrals.Answered, error) {
	a := r.Session().Actor
	upon, ok := r.IfMatch()
	in := referrals.Answered{Rev: upon, Request: requestMark(r.Name(), body)}
	switch {
	case ok && now.IsAnswerTo(a, upon, in.Request):
		return in, errAgain
	case !ok, upon != now.Rev:
		return in, Refused{{stale, ""}}
	}
	said, err := ReadTask(body, TaskOf(now, a.Organisation(), j.english()), j.english())
	in.Event, in.Reason = said.Event, said.Reason
	return in, err
}

// requestMark stands for a request: the name that it was given, and what was in it. Without a name no request is known again.
func requestMark(name string, body []byte) string {
	if name == "" {
		return ""
	}
	sum := sha256.Sum256(body)
	return name + " " + hex.EncodeToString(sum[:])
}

func (j *Journey) parcel(a people.Actor, p referrals.Parcel) (web.Page, error) {
	return versionOf(TaskOf(p, a.Organisation(), j.english()), p.Rev)
}

// request is what a service has to know, once it has said that it takes it, or what whoever sent it may see of it.
func (j *Journey) request(r *web.Request) (web.Page, error) {
	if _, err := readSearch(r); err != nil {
		return refused(err)
	}
	ctx, a, words := r.Context(), r.Session().Actor, j.speak(r)
	if isService(a) {
		got, err := j.Loop.Desk.Contents(ctx, a, r.Param("id"))
		if err != nil {
			return web.Page{}, said(err)
		}
		return versionOf(RequestOf(got, j.group(got.Packet.Destination), words), got.Rev)
	}
	reference, handover := placedID(r.Param("id"))
	p, err := j.Loop.Desk.PlacedOne(ctx, a, reference, handover)
	if err != nil {
		return web.Page{}, said(err)
	}
	return versionOf(RequestOfPlaced(p, j.group(p.Destination), words), p.Rev)
}

// group is the kind of a destination.
func (j *Journey) group(destination string) string {
	d, _ := j.Loop.Desk.Book.Destination(destination)
	return d.Group
}

// tasks lists what was laid out for the asking service, or the hand-overs of the cases that the asking system opened. A list
// does not say why something was declined or how it ended: that stands in its record, which is read one by one.
func (j *Journey) tasks(r *web.Request) (web.Page, error) {
	q, err := readSearch(r, "owner", "status", "_lastUpdated", "_count", "cursor")
	if err != nil {
		return refused(err)
	}
	a := r.Session().Actor
	if isService(a) {
		return j.parcels(r.Context(), a, q)
	}
	at, ok := readPlace(q.cursor)
	if !ok {
		return refused(Refused{{unreadable, ""}})
	}
	all, err := j.Loop.Desk.Placed(r.Context(), a)
	if err != nil {
		return web.Page{}, said(err)
	}
	var found []any
	for i, p := range all { // a place counts what is left out, too: one that changes between two pages moves no other
		s := TaskOfPlaced(p, j.english())
		if int64(i) < at || !q.wants(s.Status) || !q.within(p.Changed) || q.owner != "" && (s.Owner == nil || s.Owner.Reference != q.owner) {
			continue
		}
		if len(found) == q.count {
			return j.page("Task", found, q.next(placeText(int64(i))))
		}
		found = append(found, s)
	}
	return j.page("Task", found, "")
}

func (j *Journey) parcels(ctx context.Context, a people.Actor, q query) (web.Page, error) {
	after, ok := readCursor(q.cursor)
	if !ok {
		return refused(Refused{{unreadable, ""}})
	}
	var states []referrals.State
	if q.owner == "" || q.owner == ownerOf(a.Organisation()) {
		for _, s := range referrals.ParcelStates() {
			if q.wants(parcelStatus(s)) {
				states = append(states, s)
			}
		}
	}
	if len(states) == 0 {
		return j.page("Task", nil, "")
	}
	all, next, err := j.Loop.Desk.Parcels(ctx, a, states, after, q.count)
	if err != nil {
		return web.Page{}, said(err)
	}
	var found []any
	for _, p := range all {
		if q.within(p.Changed) {
			found = append(found, listed(TaskOf(p, a.Organisation(), j.english())))
		}
	}
	return j.page("Task", found, q.next(cursorText(next)))
}

// page is one page of results with the address of the next. It is labelled as what it holds, though it held nothing.
func (j *Journey) page(kind string, found []any, next string) (web.Page, error) {
	out := Bundle{ResourceType: "Bundle", Meta: labelled(), Type: "searchset"}
	base := j.base()
	out.Link = j.nextLink(kind, next)
	for _, resource := range found {
		e := Entry{Resource: resource, Search: &EntrySearch{"match"}}
		switch x := resource.(type) {
		case Task:
			e.FullURL = base + "Task/" + x.ID
		case AuditEvent:
			e.FullURL = base + "AuditEvent/" + x.ID
		}
		out.Entry = append(out.Entry, e)
	}
	return answer(http.StatusOK, out)
}

func (j *Journey) base() string { return strings.TrimSuffix(j.PublicURL, "/") + Base + "/" }

// nextLink leads to the page of that search, if there is one.
func (j *Journey) nextLink(kind, next string) []Link {
	if next == "" {
		return nil
	}
	return []Link{{"next", j.base() + kind + "?" + next}}
}

// events lists the trail of the asking system's organisation, the newest first.
func (j *Journey) events(r *web.Request) (web.Page, error) {
	q, err := readSearch(r, "entity", "_count", "cursor")
	if err != nil {
		return refused(err)
	}
	before, ok := readPlace(q.cursor)
	if !ok {
		return refused(Refused{{unreadable, ""}})
	}
	var about []string
	if q.entity != "" {
		about = []string{q.entity, q.entity[:namesLength/2]}
	}
	all, next, err := j.Loop.Desk.Entries(r.Context(), r.Session().Actor, referrals.Search{About: about, Before: before}, q.count)
	if err != nil {
		return web.Page{}, said(err)
	}
	var found []any
	for _, e := range all {
		found = append(found, EventOf(e))
	}
	return j.page("AuditEvent", found, q.next(placeText(next)))
}

func (j *Journey) event(r *web.Request) (web.Page, error) {
	if _, err := readSearch(r); err != nil {
		return refused(err)
	}
	seq, err := strconv.ParseInt(r.Param("id"), 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != r.Param("id") {
		seq = -1
	}
	e, err := j.Loop.Desk.Entry(r.Context(), r.Session().Actor, seq)
	if err != nil {
		return web.Page{}, said(err)
	}
	return answer(http.StatusOK, EventOf(e))
}
