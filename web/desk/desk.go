// Package desk is what a safeguarding lead works with, and what a service that takes referrals sees: the queue of cases, one
// case with the decisions that may be taken about it, hand-overs and the link and code by which a service picks a packet up,
// who looked at what, counts by quarter, the search of the trail, and the services of the area with what must be looked at
// again, their private contacts apart.
//
// It refuses to decide who may do what, which is the policy of referrals/people, and what may happen to a case, which is the
// table of referrals. It shows what was told of a person only when somebody asks for it by a form, once, and puts nothing of
// it into an address, a title or a log. It refuses to say more of what somebody may not see than of what never was, to use a
// link up because somebody looked at it, and to lose what was typed when somebody else was faster.
package desk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
)

// Trail takes a note that somebody asked for what is sealed; *records.Safe does.
type Trail interface {
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
}

// Services are those of the area, as they are kept; *shelf.Shelf does.
type Services interface {
	Directory() *directory.Directory
	Dues(today time.Time) []ledger.Due
	Entries() iter.Seq[ledger.Entry] // by id
	Entry(id string) (ledger.Entry, bool)
	Enter(ctx context.Context, act records.Act, service directory.Service) (ledger.Entry, error)
	Clear(ctx context.Context, act records.Act, id string, hold feed.Hold) (ledger.Entry, error)
	Propose(ctx context.Context, act records.Act, service directory.Service) (ledger.Entry, error)
	Confirm(ctx context.Context, act records.Act, id string) (ledger.Entry, error)
	Refuse(ctx context.Context, act records.Act, id string) (ledger.Entry, error)
	Rung(ctx context.Context, act records.Act, id string) (ledger.Entry, error)
	Resolve(ctx context.Context, act records.Act, id string, take bool) (ledger.Entry, error)
	Retire(ctx context.Context, act records.Act, id string) (ledger.Entry, error)
}

// Journey is the pages of the desk and of the services that pick up.
type Journey struct {
	Desk      *referrals.Desk
	Staff     *staff.Journey // the gate; its own routes are mounted before these are asked for
	Register  *people.Register
	Trail     Trail
	Services  Services
	Private   Drawer
	Mode      directory.Mode
	Places    *postcode.Index // nil: nobody imported one
	Words     *locales.Catalogue
	PublicURL string // where browsers reach us; the link for a service begins with it
	Now       func() time.Time

	kit  *web.Kit
	sets map[string]*set // by language
}

// The paths that other journeys may point to.
const (
	Path        = "/desk"
	CasePath    = "/desk/case/"
	OwnPath     = "/desk/own/"
	PickUpPath  = "/pick-up"
	CollectPath = "/collect"
	InboxPath   = "/packets"

	ownPath = "/desk/own"
)

// Ways are the pages of this journey that an account leads to.
func Ways() []staff.Way {
	return []staff.Way{
		{Path: Path, Words: "desk.queue.heading", Action: people.CaseList}, {Path: ownPath, Words: "desk.own.heading", Action: people.CaseOwn},
		{Path: PickUpPath, Words: "desk.pick-up.heading", Action: people.PacketRead}, {Path: InboxPath, Words: "desk.inbox.heading", Action: people.PacketRead},
		{Path: directoryPath, Words: "desk.directory.heading", Action: people.DirectoryRead}, {Path: statisticsPath, Words: "desk.statistics.heading", Action: people.StatisticsRead},
		{Path: auditPath, Words: "desk.audit.heading", Action: people.AuditRead},
	}
}

// Routes gives the routes.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	if j.Desk == nil || j.Staff == nil || j.Register == nil || j.Trail == nil || j.Services == nil || j.Private == nil || j.Words == nil || j.Now == nil {
		return nil, fmt.Errorf("%w: the desk needs its rooms, the gate, words and clock", web.ErrConfig)
	}
	if _, err := people.ParsePublicURL(j.PublicURL); err != nil {
		return nil, err
	}
	j.kit, j.sets = k, map[string]*set{}
	for _, l := range j.Words.Languages() {
		s, err := j.render(l.Tag)
		if err != nil {
			return nil, err
		}
		j.sets[l.Tag] = s
	}
	return slices.Concat(j.caseRoutes(), j.glassRoutes(), j.askRoutes(), j.pickUpRoutes(), j.doorRoutes(), j.statisticsRoutes(), j.auditRoutes(), j.directoryRoutes(), j.privateRoutes()), nil
}

// on is one route for people who are signed in. What is posted is kept when the session or the step-up ended meanwhile.
func (j *Journey) on(method, path string, action people.Action, h web.Handler) web.Route {
	return web.Route{Method: method, Path: path, Policy: j.Staff.For(action), Handler: j.Staff.Keeping(translated(h))}
}
