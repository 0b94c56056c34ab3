package consult

import (
	"time"

	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
)

// Finder looks up services for a plan. It asks the directory for needs and never for a person.
type Finder struct {
	Directory *directory.Directory
	Mode      directory.Mode
	Areas     directory.Coverage // whose services staff are shown beside those of the nation
}

// perNeed is how many services each need may bring onto a page that has ten minutes.
const perNeed = 2

// mostNear is how many local services each need may bring beside those: one for each council of the areas, up to this.
const mostNear = 3

// Find gives the services for a plan as one audience may see them.
func (f Finder) Find(p *plan.Plan, audience directory.Audience, today time.Time) directory.Found {
	if len(p.Needs) == 0 {
		return directory.Found{}
	}
	return f.Directory.Match(f.Wants(p, audience, today))
}

// FindNow gives the services that staff may see, what is closed at that hour behind what is not. It is for a page that is
// read at once; paper is read later.
func (f Finder) FindNow(p *plan.Plan, now time.Time) directory.Found {
	if len(p.Needs) == 0 {
		return directory.Found{}
	}
	w := f.Wants(p, directory.Staff, now)
	w.Now = directory.MomentOf(now)
	return f.Directory.Match(w)
}

// Wants is what a plan asks of the directory. There is no person in it.
func (f Finder) Wants(p *plan.Plan, audience directory.Audience, today time.Time) directory.Wants {
	w := directory.Wants{
		Needs: p.Needs, Nation: nation(&p.Assessment), Age: age(&p.Assessment), MonitoredPhone: monitored(&p.Assessment),
		Audience: audience, Mode: f.Mode, Today: today, Limit: perNeed,
	}
	if audience == directory.Staff && f.Areas.Local() { // the paper that a patient takes home may go to another area
		w.Areas = f.Areas.In(w.Nation)
		w.Near = min(max(len(w.Areas.Authorities), 1), mostNear)
	}
	return w
}

func nation(a *screening.Assessment) directory.Nation {
	for _, n := range directory.AllNations.List() {
		if a.Has("nation." + n.String()) {
			return n
		}
	}
	return directory.UnknownNation
}

func age(a *screening.Assessment) directory.Age {
	switch {
	case a.Has("age.under-13"):
		return directory.Under13
	case a.Has("age.under-16"):
		return directory.From13To15
	case a.Has("age.under-18"):
		return directory.From16To17
	case a.Answers().Has("about.age", "age-18-plus"):
		return directory.Adult
	}
	return directory.AgeUnknown
}

// monitored reports any sign that somebody else may read the telephone. What stays on it is then left out.
func monitored(a *screening.Assessment) bool {
	return a.Has("tech.clear-sign") || a.Has("tech.possible-sign")
}
