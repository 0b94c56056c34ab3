// Package consult is the clinician's journey: the safe-to-ask gate, the questions on one dense page, the plan beside
// them, the sheets to print and the texts to copy for the record.
//
// It refuses to keep anything. Answers travel in the form of the page, sealed where they are carried from one view to the
// next; two consultations in two tabs share nothing. It decides nothing about a patient: what is asked, found and advised
// is the bank's.
package consult

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
)

// The ways in which a consultation is held. They choose the wording of the questions, never their meaning.
const (
	FaceToFace = "face-to-face"
	Telephone  = "telephone"
	Self       = "self" // the patient answers alone, on the practice's own device
)

// Modes lists the ways in which a consultation is held.
func Modes() []string { return []string{FaceToFace, Telephone, Self} }

// NationQuestion is the question whose answer chooses the services of a nation.
const NationQuestion = "about.nation"

// Journey is the clinician's consultation.
type Journey struct {
	Bank   *screening.Bank
	Steps  *plan.Library
	Words  *locales.Catalogue
	Finder Finder // in the services of the nation
	Near   Near   // the areas that this installation serves, and their services
	Forms  *vault.Forms
	Nation directory.Nation // preselected
	Now    func() time.Time

	kit  *web.Kit
	sets map[string]*set // by language

	shown     atomic.Pointer[around] // services of the nation and of the areas, of one version of the directory
	arranging sync.Mutex
}

// The views of the one address. A form says which one it wants; the first is the page of questions with the plan.
const (
	viewAsk            = "ask"
	viewStaffSheet     = "staff-sheet"
	viewPatientSheet   = "patient-sheet"
	viewPatientNumbers = "patient-numbers"
	viewRecord         = "record"
	viewSelf           = "self"
	viewHandBack       = "hand-back"
)

var views = []string{viewAsk, viewStaffSheet, viewPatientSheet, viewPatientNumbers, viewRecord, viewSelf, viewHandBack}

// Routes gives the routes of the consultation. Everything that is the same for everybody is rendered here, once.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	j.kit, j.sets = k, map[string]*set{}
	for _, l := range j.Words.Languages() {
		s, err := j.render(l.Tag)
		if err != nil {
			return nil, err
		}
		j.sets[l.Tag] = s
	}
	return []web.Route{
		{Method: "GET", Path: "/consult", Policy: web.Open(), Handler: j.start},
		{Method: "POST", Path: "/consult", Policy: web.Open(), Handler: j.post},
	}, nil
}

// start shows the page with nothing asked, the configured nation chosen.
func (j *Journey) start(r *web.Request) (web.Page, error) {
	answers := j.Bank.Empty()
	if j.Nation != directory.UnknownNation {
		answers, _ = answers.With(NationQuestion, j.Nation.String())
	}
	return j.ask(r, state{lang: r.Language("").Tag, answers: answers})
}

// post reads the form and shows the view it asks for.
func (j *Journey) post(r *web.Request) (web.Page, error) {
	s, err := j.read(r)
	if err != nil {
		return web.Page{}, err
	}
	switch s.view {
	case viewStaffSheet, viewPatientSheet, viewPatientNumbers, viewRecord:
		return j.sheet(s)
	case viewSelf:
		return j.self(r, s)
	case viewHandBack:
		return j.handBack(s)
	}
	if n := j.noteFor(s); n != nil {
		return j.note(s, n)
	}
	return j.ask(r, s)
}

// state is what one form says.
type state struct {
	lang, view string
	answers    screening.Answers
	faults     []screening.Fault
	notice     string // name of the piece that is a notice at the top, such as that an old form was opened
}

// Given is a consultation as its form hands it on to another journey.
type Given struct {
	Language string
	Answers  screening.Answers
	Whole    bool // nothing in the form was unknown, and what it carried was opened
}

// Give reads a form of the consultation for another journey, whose own fields more names; it says nothing of those.
func (j *Journey) Give(r *web.Request, more func(name string) web.Kind) (Given, error) {
	s, err := j.readWith(r, more)
	if err != nil {
		return Given{}, err
	}
	return Given{s.lang, s.answers, len(s.faults) == 0 && s.notice == ""}, nil
}

// read reads a form: the answers it shows, and those it carries sealed. What it shows wins.
func (j *Journey) read(r *web.Request) (state, error) {
	return j.readWith(r, func(string) web.Kind { return web.Refused })
}

func (j *Journey) readWith(r *web.Request, more func(string) web.Kind) (state, error) {
	form, faults, err := r.Form(func(name string) web.Kind {
		if k := j.kind(name); k != web.Refused {
			return k
		}
		return more(name)
	})
	if err != nil {
		return state{}, err
	}
	asked, switched := form.One("speak") // the button of another language; the page's own language is in "lang"
	if !switched {
		asked, _ = form.One("lang")
	}
	s := state{lang: r.Language(asked).Tag, view: viewAsk}
	if from, _ := form.One("from"); from == viewSelf {
		s.view = viewSelf
	}
	if v, ok := form.One("view"); ok && (slices.Contains(views, v) || j.noteOf(v) != nil) {
		s.view = v
	}
	given := map[string][]string{}
	if sealed, ok := form.One("carried"); ok {
		if carried, ok := j.open(sealed); ok {
			for _, g := range carried.List() {
				given[g.Question] = append(given[g.Question], g.Answer)
			}
		} else {
			s.notice = "old-form"
		}
	}
	shown := map[string][]string{}
	for name, value := range form.All() {
		if _, asked := j.Bank.Question(name); asked {
			shown[name] = append(shown[name], value)
		}
	}
	maps.Copy(given, shown)
	s.answers, s.faults = j.Bank.Read(given)
	for _, f := range faults {
		s.faults = append(s.faults, screening.Fault{Question: f.Question, Message: f.MessageID})
	}
	return s, nil
}

// kind says what a field of the form may hold: answers to the bank's questions, and what the form says of itself.
func (j *Journey) kind(name string) web.Kind {
	switch name {
	case "lang", "speak", "view", "from":
		return web.One
	case "carried":
		return web.Sealed
	}
	if q, ok := j.Bank.Question(name); ok {
		if q.Many {
			return web.Many
		}
		return web.One
	}
	return web.Refused
}

func (j *Journey) form() vault.Form {
	return vault.Form{Journey: "consult", Content: j.Bank.Version}
}

func (j *Journey) seal(a screening.Answers) (string, error) { return j.Forms.Seal(j.form(), a.Pack()) }

func (j *Journey) open(sealed string) (screening.Answers, bool) {
	packed, err := j.Forms.Open(j.form(), sealed)
	if err != nil {
		return screening.Answers{}, false
	}
	return j.Bank.Unpack(packed)
}
