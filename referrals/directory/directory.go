// Package directory answers who can help: the services of the four nations, whom each is for, how to reach it, how sure we
// are of it, and which of them fit what a plan asks for.
//
// It is public data and holds no person: what a match is asked for is needs, a nation, an age band and the like, never a
// name, a number or a postcode. It is pure: the day is passed in, nothing is read, stored or sent.
//
// It refuses to show a victim a service for people who use abuse, to offer a child a service for adults, to show a patient a
// fact that the pages read do not agree on, and to hide an emergency number because a date has passed.
package directory

import (
	"cmp"
	"slices"
)

// Directory is a set of services arranged for matching. It is never changed after Open, so it may be shared.
type Directory struct {
	entries []entry
	byID    map[string]int32
	lists   [2][][nationCount][]int32 // by who looks (staff, everybody else), by need, by nation
	// local has the services that serve areas, by who looks; anyLocal says for which needs there are any.
	local    [2]map[areaNeed]nearby
	anyLocal [2]uint64
}

// The two sides of a list: staff see facts in dispute and services that only staff may use.
const (
	staffSide = iota
	openSide
)

// Sound is a service that the directory takes. Whoever keeps it need not have it checked again.
type Sound struct{ entry entry }

// ID is the id of the service.
func (s Sound) ID() string {
	if s.entry.service == nil {
		return ""
	}
	return s.entry.service.ID
}

// Admit takes a service, or says what is wrong with it.
func Admit(s Service) (Sound, error) {
	if err := Check([]Service{s}); err != nil {
		return Sound{}, err
	}
	return Sound{newEntry(s)}, nil
}

// Open arranges services for matching; their order decides between services that rank alike. A Directory that exists is
// sound: what Check refuses, Open refuses.
func Open(services []Service) (*Directory, error) {
	if err := Check(services); err != nil {
		return nil, err
	}
	all := make([]Sound, len(services))
	for i, s := range services {
		all[i] = Sound{newEntry(s)}
	}
	return Arrange(all)
}

// Arrange is Open for services that were admitted before: a directory of many that changes often.
func Arrange(services []Sound) (*Directory, error) {
	d := &Directory{entries: make([]entry, len(services)), byID: make(map[string]int32, len(services))}
	local := newFiling(len(services))
	d.lists[staffSide] = make([][nationCount][]int32, len(vocabulary))
	d.lists[openSide] = make([][nationCount][]int32, len(vocabulary))
	for i, s := range services {
		id := s.ID()
		if _, twice := d.byID[id]; twice || id == "" {
			return nil, fault(id, "id: none, or used twice")
		}
		d.entries[i] = s.entry
		d.byID[id] = int32(i)
		if s.entry.service.Covers.Local() {
			d.fileLocal(local, int32(i))
		} else {
			d.file(int32(i))
		}
	}
	for side := range d.lists {
		for need := range d.lists[side] {
			for nation := range d.lists[side][need] {
				d.byGrade(d.lists[side][need][nation], side)
			}
		}
	}
	d.arrangeLocal(local)
	return d, nil
}

func (d *Directory) byGrade(list []int32, side int) {
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(d.entries[a].grades[side], d.entries[b].grades[side]) })
}

// file puts an entry on the list of each need and nation that may be shown it. A service kept from victims is on no list.
func (d *Directory) file(i int32) {
	e := &d.entries[i]
	for _, need := range e.service.Needs {
		n, _ := needIndex(need)
		for nation := UnknownNation; nation < nationCount; nation++ {
			if nation != UnknownNation && e.nations != 0 && !e.nations.Has(nation) {
				continue
			}
			for side := range d.lists {
				if e.views[side] != nil {
					d.lists[side][n][nation] = append(d.lists[side][n][nation], i)
				}
			}
		}
	}
}

// The views of a service: as each side sees it, and what of it is left where somebody reads the telephone.
const (
	watched = 2 // added to a side
	views   = 4
)

// entry is a service with everything that matching asks of it worked out beforehand, and small, so that a long list is
// walked quickly.
type entry struct {
	brief
	service *Service
	views   [views]*Service // nil: not to be shown so
	needs   uint64
	dates   dates
}

// brief is what decides whether a service suits and how far back it stands: few bytes, so that thousands lie side by side.
type brief struct {
	groups    uint16
	grades    [2]uint8
	access    uint8
	referrers uint8
	says      says
	nations   Nations
	limits    limits
	shown     uint8 // a bit for each view that is not nil
	local     bool  // serves part of a nation, in words and not in codes
	emergency bool
	always    bool
}

func newEntry(s Service) entry {
	e := entry{service: &s, dates: s.dates(), brief: brief{
		nations: s.Nations, limits: s.Who.limits(), local: s.Area != "" && !s.Covers.Local(),
		emergency: slices.Contains(s.Needs, Emergency),
		always:    s.Hours.Always || s.EmergencyNumber, // nothing is ever put before 999, 101 and 111 because of the hour
	}}
	for _, need := range s.Needs {
		n, _ := needIndex(need)
		e.needs |= 1 << n
	}
	for _, g := range s.Who.Groups {
		e.groups |= g.bit()
	}
	e.access, e.referrers, e.says = s.terms()
	if s.ShownTo == NeverWithVictim {
		return e
	}
	e.views[staffSide] = e.service
	if s.ShownTo == Anyone && !e.local {
		e.views[openSide] = s.asOthersSee()
	}
	e.grades = [2]uint8{e.grade(true), e.grade(false)}
	for side := range watched {
		e.views[side+watched] = e.views[side].onWatchedPhone()
	}
	for i, v := range e.views {
		if v != nil {
			e.shown |= 1 << i
		}
	}
	return e
}

// grade is the part of the rank that depends on the service alone: emergencies and emergency numbers, then for staff the
// professional route before self-help, then what is open at all hours, then what a source says is not on the bill.
func (e *entry) grade(staff bool) uint8 {
	g := uint8(0)
	if !e.emergency && !e.service.EmergencyNumber {
		g |= 8
	}
	if staff && !e.service.Prof.Route() {
		g |= 4
	}
	if !e.service.Hours.Always {
		g |= 2
	}
	if e.service.Bill.Trace != NotOnBill {
		g |= 1
	}
	return g
}

// Services are all services in their own order, those kept from victims included: for upkeep, not for showing. For showing,
// ask Seen of each.
func (d *Directory) Services() []Service {
	all := make([]Service, len(d.entries))
	for i := range d.entries {
		all[i] = *d.entries[i].service
	}
	return all
}

// Serving are the services that cover any of the areas, in their own order, those kept from victims included: for whoever
// shows what Seen gives of each.
func (d *Directory) Serving(areas Coverage) []Service {
	var out []Service
	for i := range d.entries {
		if s := d.entries[i].service; s.Covers.Local() {
			if _, ok := s.Covers.Meets(areas); ok {
				out = append(out, *s)
			}
		}
	}
	return out
}

// Find is the service of that id, if there is one.
func (d *Directory) Find(id string) (Service, bool) {
	i, ok := d.byID[id]
	if !ok {
		return Service{}, false
	}
	return *d.entries[i].service, true
}
