package plan

import "waypost/screening"

// Phase orders the steps: what keeps people safe now comes first, changes of technology come late and gated.
type Phase int

// The phases in order.
const (
	SafetyNow Phase = iota
	Conduct
	Record
	Refer
	KeepEvidence
	SaferBase
	Technology
	Health
	ChildPhase
	ReviewPhase
)

var phases = []string{"safety-now", "conduct", "record", "refer", "evidence", "base", "technology", "health", "child", "review"}

func (p Phase) String() string { return phases[p] }

// Time says by when a step is due, counted from the consultation.
type Time int

// The times a step can have.
const (
	BeforeLeaving Time = iota
	SameDay
	TwoDays
	SevenDays
	FourWeeks
	Standing
	BeforeEvent
	WithRemoval
)

var times = []string{"before_leaving", "same_day", "2_days", "7_days", "4_weeks", "standing", "before_event", "with_removal"}

func (t Time) String() string { return times[t] }

// Owner is whose step it is.
type Owner int

// The owners a step can have.
const (
	GP Owner = iota
	Patient
	Lead
	Specialist
	Practice
	Company
)

var owners = []string{"gp", "patient", "lead", "specialist", "practice", "company"}

func (o Owner) String() string { return owners[o] }

// Kind tells a task from a change (of a device, an account, an access, a record setting) and from a thing to leave alone.
type Kind int

// The kinds of step.
const (
	Task Kind = iota
	Change
	Avoid
)

var kinds = []string{"task", "change", "avoid"}

func (k Kind) String() string { return kinds[k] }

// Level is how likely a step is to alert the other person, or to destroy evidence.
type Level int

// The levels of a mark. They are words for a reader, never summed.
const (
	NoMark Level = iota
	Possible
	Likely
)

var levels = []string{"none", "possible", "likely"}

func (l Level) String() string { return levels[l] }

// Gates are what must be true before a step may be done.
type Gates uint8

// The gates.
const (
	PlanMade Gates = 1 << iota
	SafeDevice
	EvidenceKept
	WantsIt
	ClinicalAdvice
)

var gateNames = []string{"plan", "safe-device", "evidence", "wants-it", "clinical-advice"}

// List names the gates in order.
func (g Gates) List() []string {
	out := []string{}
	for i, name := range gateNames {
		if g&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// Copies says on which paper a step may stand.
type Copies uint8

// The two copies.
const (
	ForStaff Copies = 1 << iota
	ForPatient
)

var copyNames = []string{"staff", "patient"}

// Action is one step of the library, for whoever it fits. Its words are in locales under step.<id>.
type Action struct {
	ID    string
	Phase Phase
	Time  Time
	Owner Owner
	Kind  Kind
	Alert Level // how likely doing this is to alert the other person
	Mark  Level // how likely doing this is to destroy evidence
	Gates Gates
	// General marks good conduct that fits nearly every positive consultation: on a now card that is full it gives way to
	// the steps that belong to what this patient said.
	General bool
	When    screening.Condition
	Not     []string
	Copies  Copies
	Needs   []string // kinds of service this step points to
	screening.Evidence

	when screening.Rule
	not  screening.Rule
}

// Subject limits the steps by who the case is about.
type Subject struct {
	Fact string
	only map[string]bool
	rule screening.Rule
}

// Library is every step Waypost knows, checked against a bank.
type Library struct {
	Actions    []Action
	Subjects   []Subject
	Exceptions []string // the only steps that a further worrying answer may take away
	Notes      []Note   // drafts that a clinician may change and copy

	bank    *screening.Bank
	company screening.Rule
	gates   [5]screening.Rule
	byID    map[string]int
}

// Action finds a step by id.
func (l *Library) Action(id string) (*Action, bool) {
	i, ok := l.byID[id]
	if !ok {
		return nil, false
	}
	return &l.Actions[i], true
}

// met reads which gates are met: facts that the clinician ticked.
func (l *Library) met(a *screening.Assessment) Gates {
	var g Gates
	for i := range l.gates {
		if l.gates[i].Holds(a) {
			g |= 1 << i
		}
	}
	return g
}

func (l *Library) subject(a *screening.Assessment) *Subject {
	for i := range l.Subjects {
		if l.Subjects[i].rule.Holds(a) {
			return &l.Subjects[i]
		}
	}
	return nil
}

func (l *Library) hidden(act *Action, a *screening.Assessment) bool {
	return len(act.Not) > 0 && act.not.Holds(a)
}
