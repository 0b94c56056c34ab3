package consult

import (
	"slices"

	"waypost/screening"
	"waypost/web"
)

// self is the page on which the patient answers alone, on the practice's own device: only what is asked of a patient,
// no plan, no hints, and nothing of what the clinician ticked in sight.
func (j *Journey) self(r *web.Request, s state) (web.Page, error) {
	set := j.sets[s.lang]
	shown := j.forPatient(s.answers)
	carried, err := j.seal(s.answers.Without(shown))
	if err != nil {
		return web.Page{}, err
	}
	b := builder{set: set, journey: j, out: make([]web.Fragment, 0, 300)}
	live := r.Fragment() != ""
	if !live {
		open, err := set.views.Fragment(s.lang, "self-open", carried)
		if err != nil {
			return web.Page{}, err
		}
		b.put(open)
	}
	b.add("self-asking")
	b.faultList(s)
	for _, section := range b.order {
		for _, i := range shown {
			if sectionOf(&j.Bank.Questions[i]) == section {
				b.question(s, i, 0)
			}
		}
	}
	b.add("self-close")
	if live {
		return web.Page{Body: b.out}, b.err
	}
	return web.Page{Shell: set.shells[viewSelf], Body: b.out}, b.err
}

// forPatient lists the open questions a patient answers alone. Where it is not safe to ask there are none.
func (j *Journey) forPatient(a screening.Answers) []int {
	asking := j.Bank.Asking(a)
	if asking.Stopped {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(asking.Questions), func(i int) bool {
		q := &j.Bank.Questions[i]
		return q.Clinician || q.Tier == screening.Pre || q.Tier == screening.Deep
	})
}

// handBack is the quiet page after the last answer: nothing of it is on show, and only staff open the plan.
func (j *Journey) handBack(s state) (web.Page, error) {
	carried, err := j.seal(s.answers)
	if err != nil {
		return web.Page{}, err
	}
	set := j.sets[s.lang]
	body, err := set.views.Fragment(s.lang, "hand-back", carried)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Shell: set.shells[viewHandBack], Body: []web.Fragment{body}}, nil
}
