// Package plan answers one question: what to do, in which order, and why?
//
// It turns an assessment into steps with an owner, a time, the marks "can alert" and "can destroy evidence", the gates
// that must be true first, and the chain of answers behind each. It keeps the three lines apart and cannot emit a step
// that changes technology without its gates.
//
// It refuses to know who a step is about, to name a service or a number, and to put anything into a step that was typed.
package plan

import (
	"cmp"
	"math"
	"slices"

	"waypost/screening"
)

// Plan is what follows from one assessment. Steps point into the library; their words are in locales.
type Plan struct {
	Assessment screening.Assessment
	Urgency    screening.Urgency  // of the most urgent finding
	Headline   *screening.Finding // the most urgent finding, nil where nothing was raised
	Pathways   []string
	Now        []Step     // at most seven, most urgent first: what to do before the patient leaves, or today
	Steps      []Step     // every step whose gates are met, in order of phase, those of Now among them
	Withheld   []Withheld // steps that wait for a gate
	Needs      []string   // the kinds of service to look for, most wanted first
}

// Step is one thing to do or to leave alone.
type Step struct {
	*Action
	Urgency screening.Urgency // of the most urgent finding behind it; None for a standing step
	Lines   [3]bool           // the lines whose findings stand behind it
	Unmet   Gates             // gates not known to be met; a step in Steps has none but "patient wants it"
}

// Withheld is a step that must not be done yet, with the gates that hold it back.
type Withheld = Step

// NowLimit is the most steps the now card shows.
const NowLimit = 7

// Make makes the plan. It depends on nothing but the assessment and the library: the same answers give the same plan.
func (l *Library) Make(a screening.Assessment) Plan {
	p := Plan{Assessment: a, Urgency: a.Urgency, Pathways: a.Pathways()}
	if len(a.Findings) > 0 {
		p.Headline = a.Findings[0]
	}
	met := l.met(&a)
	subject := l.subject(&a)
	company := l.company.Holds(&a)
	benign := a.Benign()
	p.Steps = make([]Step, 0, 48)
	for i := range l.Actions {
		act := &l.Actions[i]
		if !act.when.Holds(&a) || l.hidden(act, &a) {
			continue
		}
		s := Step{Action: act, Unmet: act.Gates &^ met}
		s.Urgency, s.Lines = act.when.Urgency(&a)
		switch {
		case act.Owner == Company && !company,
			subject != nil && !s.always() && !subject.only[act.ID],
			benign && act.Phase == Technology:
			continue
		case s.waits():
			p.Withheld = append(p.Withheld, s)
		default:
			p.Steps = append(p.Steps, s)
		}
	}
	p.Now = now(p.Steps, &a)
	p.Needs = l.needs(&p)
	return p
}

// always reports a step that no filter may hide: safety now, and whatever a "now" finding asks for.
func (s *Step) always() bool { return s.Phase == SafetyNow || s.Urgency == screening.Now }

// waits reports a step that may not be done yet. What the patient wants is asked in the room, so it holds back only a
// change; every other gate holds back whatever carries it.
func (s *Step) waits() bool {
	held := s.Unmet
	if s.Kind != Change {
		held &^= WantsIt
	}
	return held != 0
}

// now picks the now card: steps for before the patient leaves or for today, by urgency, phase and id. Every open line
// keeps at least one. Where there are too many, a step whose urgency is "now" outlasts any other, and among those that
// are "now", as among the rest, what is general goes first: it takes its urgency from whatever it stands beside, and what
// belongs to this patient would otherwise fall off the card.
func now(steps []Step, a *screening.Assessment) []Step {
	var card []Step
	for i := range steps {
		if s := &steps[i]; (s.Time == BeforeLeaving || s.Time == SameDay) && s.Urgency > screening.None {
			card = append(card, *s)
		}
	}
	slices.SortStableFunc(card, func(x, y Step) int {
		return cmp.Or(-cmp.Compare(x.Urgency, y.Urgency), cmp.Compare(x.Phase, y.Phase), cmp.Compare(x.ID, y.ID))
	})
	for len(card) > NowLimit {
		i := spare(card, a)
		card = slices.Delete(card, i, i+1)
	}
	return card
}

// spare finds the step of the card to go without leaving an open line empty: the last of those that weigh least.
func spare(card []Step, a *screening.Assessment) int {
	var on, own [3]int
	for i := range card {
		for l, yes := range card[i].Lines {
			if yes {
				on[l]++
			}
		}
		if l := card[i].own(); l >= 0 {
			own[l]++
		}
	}
	least, lightest := len(card)-1, math.MaxInt
	for i := range card {
		needed := false
		for l, yes := range card[i].Lines {
			needed = needed || (yes && on[l] == 1 && a.Lines[l] == screening.OpenLine)
		}
		l := card[i].own()
		last := l >= 0 && own[l] == 1 && a.Lines[l] == screening.OpenLine && card[i].Urgency >= screening.SameDay
		if w := card[i].weight(last); !needed && w <= lightest {
			least, lightest = i, w
		}
	}
	return least
}

// own is the line of a step that stands on one alone; -1: it stands on several, or on none.
func (s *Step) own() int {
	at := -1
	for l, yes := range s.Lines {
		switch {
		case yes && at >= 0:
			return -1
		case yes:
			at = l
		}
	}
	return at
}

// weight orders what may fall off a full card. What stands beside every line, such as hiding the entry, is no answer to one of
// them: the last step for today that an open line has to itself outlasts others that are no more "now".
func (s *Step) weight(last bool) (w int) {
	if s.Urgency == screening.Now {
		w += 4
	}
	if !s.General {
		w++
		if last {
			w++
		}
	}
	return w
}

// needs lists the kinds of service the plan asks for: those its steps name, in their order, then its pathways.
func (l *Library) needs(p *Plan) []string {
	var out []string
	add := func(need string) {
		if !slices.Contains(out, need) {
			out = append(out, need)
		}
	}
	for _, s := range p.Now {
		for _, n := range s.Needs {
			add(n)
		}
	}
	for _, path := range p.Pathways {
		add(path)
	}
	for _, s := range p.Steps {
		for _, n := range s.Needs {
			add(n)
		}
	}
	return out
}

// Why explains a step: the findings behind it and the answers that raised them.
func (p *Plan) Why(s Step) []screening.Reason { return s.when.Reasons(&p.Assessment) }

// Copy is the part of the steps that a copy may show. The patient copy is a safe subset: no change of technology, no
// step that can alert or destroy evidence, nothing that waits for a gate.
func Copy(steps []Step, c Copies) []Step {
	var out []Step
	for _, s := range steps {
		if s.Copies&c != 0 && (c != ForPatient || s.discreet()) {
			out = append(out, s)
		}
	}
	return out
}

func (s *Step) discreet() bool {
	return s.Copies&ForPatient != 0 && s.Phase != Technology && s.Kind != Change && s.Alert != Likely && s.Mark != Likely
}
