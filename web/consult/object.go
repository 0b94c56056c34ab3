package consult

import (
	"waypost/screening"
	"waypost/screening/plan"
)

// Object is the plan for another program, as `waypost assess --json` prints it.
type Object struct {
	ContentVersion string            `json:"content_version"`
	Urgency        string            `json:"urgency"`
	Headline       string            `json:"headline"`
	Stopped        bool              `json:"stopped"`
	Lines          map[string]string `json:"lines"`
	Next           *ObjectQuestion   `json:"next"` // null where nothing is left to ask
	Findings       []ObjectFinding   `json:"findings"`
	Pathways       []string          `json:"pathways"`
	Now            []string          `json:"now"` // ids of steps
	Steps          []ObjectStep      `json:"steps"`
	Withheld       []ObjectStep      `json:"withheld"`
	Services       []ObjectService   `json:"services"`
	Missing        []string          `json:"missing"`
}

// ObjectQuestion is the question to ask next.
type ObjectQuestion struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// ObjectFinding is one finding with the answers that raised it.
type ObjectFinding struct {
	ID      string          `json:"id"`
	Line    string          `json:"line"`
	Urgency string          `json:"urgency"`
	Text    string          `json:"text"`
	Because []ObjectBecause `json:"because"`
}

// ObjectBecause is one link of a chain: the answer, the fact it raised, the finding that follows.
type ObjectBecause struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Fact     string `json:"fact"`
	Finding  string `json:"finding,omitempty"`
}

// ObjectStep is one step. WaitsFor names the gates that are not met.
type ObjectStep struct {
	ID       string          `json:"id"`
	Phase    string          `json:"phase"`
	Time     string          `json:"time"`
	Owner    string          `json:"owner"`
	Alert    string          `json:"alert"`
	Evidence string          `json:"evidence"`
	Gates    []string        `json:"gates"`
	WaitsFor []string        `json:"waits_for,omitempty"`
	Text     string          `json:"text"`
	Because  []ObjectBecause `json:"because"`
	Sources  []string        `json:"sources"`
}

// ObjectService is one service with the needs it was matched for.
type ObjectService struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	For  []string `json:"for"`
}

// Object puts the plan into the form for another program.
func (s *Sheet) Object() Object {
	p := &s.Plan
	out := Object{
		ContentVersion: p.Assessment.Bank().Version, Urgency: p.Urgency.String(), Headline: s.Headline(), Stopped: p.Assessment.Stopped,
		Lines: map[string]string{}, Findings: []ObjectFinding{}, Pathways: append([]string{}, p.Pathways...), Now: []string{},
		Steps: []ObjectStep{}, Withheld: []ObjectStep{}, Services: []ObjectService{}, Missing: append([]string{}, s.Found.Missing...),
	}
	if id, words, more := s.Next(); more {
		out.Next = &ObjectQuestion{id, words}
	}
	for _, l := range screening.Lines() {
		out.Lines[l.String()] = p.Assessment.Lines[l].String()
	}
	for _, f := range p.Assessment.Findings {
		out.Findings = append(out.Findings, ObjectFinding{f.ID, f.Line.String(), f.Urgency.String(), s.Words.Text("finding." + f.ID + ".title"), chain("", p.Assessment.Why(f))})
	}
	for _, x := range p.Now {
		out.Now = append(out.Now, x.ID)
	}
	for _, x := range p.InOrder() {
		out.Steps = append(out.Steps, s.objectStep(x))
	}
	for _, x := range p.Withheld {
		step := s.objectStep(x)
		step.WaitsFor = x.Unmet.List()
		out.Withheld = append(out.Withheld, step)
	}
	for _, m := range s.Found.Matches {
		out.Services = append(out.Services, ObjectService{m.Service.ID, m.Service.Name, needs(m)})
	}
	return out
}

func (s *Sheet) objectStep(x plan.Step) ObjectStep {
	out := ObjectStep{ID: x.ID, Phase: x.Phase.String(), Time: x.Time.String(), Owner: x.Owner.String(), Alert: x.Alert.String(),
		Evidence: x.Mark.String(), Gates: x.Gates.List(), Text: s.Words.Text("step." + x.ID + ".do"), Because: []ObjectBecause{}, Sources: x.Sources}
	for _, r := range s.Plan.Why(x) {
		finding := ""
		if r.Finding != nil {
			finding = r.Finding.ID
		}
		out.Because = append(out.Because, chain(finding, r.Because)...)
	}
	return out
}

func chain(finding string, because []screening.Because) []ObjectBecause {
	out := []ObjectBecause{}
	for _, b := range because {
		out = append(out, ObjectBecause{b.Question, b.Answer, b.Fact, finding})
	}
	return out
}
