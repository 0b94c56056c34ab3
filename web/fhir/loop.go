package fhir

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
	"waypost/web"
)

// Loop is what the systems of those who refer and of those who are asked say to each other through the desk: that something is
// there, that it was received, and what became of it. It is there where what rests is open.
type Loop struct {
	Desk      *referrals.Desk
	Directory func() *directory.Directory // services as staff see them
	Nation    directory.Nation            // where the answers do not say which
	PublicURL string                      // where other systems reach us
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

// told puts what the rooms below say into the words of this face. Whoever has no right to it is told what a stranger is told.
func told(err error) error {
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
		return web.Page{}, told(err)
	}
	return versionOf(t, rev)
}

func versionOf(resource any, rev int64) (web.Page, error) {
	p, err := answer(http.StatusOK, resource)
	p.Rev = rev
	return p, err
}

// changeTask takes what a service's system says has happened. Upon which version has to be said; the table of states decides
// whether it may happen; the same request twice is one.
func (j *Journey) changeTask(r *web.Request) (web.Page, error) {
	ctx, a := r.Context(), r.Session().Actor
	was, rev, err := j.standingTask(ctx, a, r.Param("id"))
	if err != nil {
		return web.Page{}, told(err)
	}
	upon, ok := r.IfMatch()
	if !ok {
		return refused(Refused{{stale, ""}})
	}
	if !isService(a) {
		return refused(Refused{{notOffered, ""}})
	}
	var in Change
	err = r.JSON(func(body []byte) error {
		in, err = ReadTask(body, j.before(was, body), j.english())
		return err
	})
	_ = rev
	if err != nil {
		return refused(err)
	}
	p, err := j.Loop.Desk.AnswerParcel(ctx, a, r.Param("id"), referrals.Answered{Event: in.Event, Reason: in.Reason, Rev: upon, Request: r.Name()})
	if err != nil {
		return refused(told(err))
	}
	return versionOf(TaskOf(p, a.Organisation(), j.english()), p.Rev)
}
