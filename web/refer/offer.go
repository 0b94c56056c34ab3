package refer

import (
	"slices"

	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/screening/plan"
	"waypost/web/consult"
)

// perNeed is how many services each need may bring in here, where somebody chooses.
const perNeed = 6

// offer is one destination with the services that stand for it.
type offer struct {
	Destination packet.Destination
	Pathways    []string // of the plan, that lead to it; none: it is there to be chosen all the same
	Matches     []directory.Match
	Gaps        []directory.Gap
}

// plan is what follows from the answers, as the consultation showed it.
func (j *Journey) plan(s state) plan.Plan {
	counted, _ := s.answers.Open()
	return j.Steps.Make(j.Bank.Assess(counted))
}

// wants is what the directory is asked for. There is no person in it, and no postcode.
func (j *Journey) wants(p *plan.Plan, s state, area directory.Area) directory.Wants {
	w := consult.Finder{Mode: j.Mode}.Wants(p, directory.Staff, j.Now())
	w.Nation, w.Area, w.Limit, w.MonitoredPhone, w.Refers = s.nation, area, perNeed, false, directory.ReferGP
	w.Now = directory.MomentOf(j.Now())
	w.Needs = slices.Clone(w.Needs)
	for _, d := range j.Desk.Book.Destinations {
		if need := j.Desk.Book.NeedOf(d.ID); need != "" && !slices.Contains(w.Needs, need) {
			w.Needs = append(w.Needs, need)
		}
	}
	return w
}

// offers are all destinations of the nation and the age, those that the plan leads to first.
func (j *Journey) offers(p *plan.Plan, s state, area directory.Area) (led, others []offer) {
	wants := j.wants(p, s, area)
	found := j.Directory().Match(wants)
	for _, d := range j.Desk.Book.Destinations {
		if d.Fits(s.nation, wants.Age) != nil {
			continue
		}
		o := offer{Destination: d}
		for _, path := range p.Pathways {
			if slices.Contains(j.Desk.Book.LeadsTo(path), d.ID) {
				o.Pathways = append(o.Pathways, path)
			}
		}
		for _, m := range found.Matches {
			if m.Service.Prof != directory.NoProf && !m.Service.EmergencyNumber && slices.Contains(j.Desk.Book.DestinationsOf(m), d.ID) {
				o.Matches = append(o.Matches, m)
			}
		}
		for _, g := range found.Gaps {
			if slices.Contains(j.Desk.Book.FoundFor(g.Need), d.ID) {
				o.Gaps = append(o.Gaps, g)
			}
		}
		if len(o.Pathways) > 0 {
			led = append(led, o)
		} else {
			others = append(others, o)
		}
	}
	return led, others
}

// elsewhere are the pathways of the plan that are no referral.
func (j *Journey) elsewhere(p *plan.Plan) []string {
	return slices.DeleteFunc(slices.Clone(p.Pathways), func(path string) bool { return len(j.Desk.Book.LeadsTo(path)) > 0 })
}

// service finds what a pick names, as staff may see it.
func (j *Journey) service(p pick) (directory.Service, bool) {
	if p.Service == "" {
		return directory.Service{}, true
	}
	s, ok := j.Directory().Find(p.Service)
	if !ok {
		return directory.Service{}, false
	}
	seen, ok := s.Seen(directory.Look{Today: j.Now(), Mode: j.Mode, Audience: directory.Staff})
	return seen.Service, ok && s.ShownTo != directory.NeverWithVictim
}
