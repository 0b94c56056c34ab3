package consult

import (
	"regexp"
	"slices"
	"strings"

	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
)

// sheet shows one of the papers: the staff sheet, the patient's discreet sheet, or the texts for the record. Each carries
// the answers on, sealed, so that the way back loses nothing.
func (j *Journey) sheet(s state) (web.Page, error) {
	carried, err := j.seal(s.answers)
	if err != nil {
		return web.Page{}, err
	}
	counted, _ := s.answers.Open()
	around, finder := j.around(), j.Finder
	if around != nil {
		finder = around.finder
	}
	sheet := NewSheet(j.Steps.Make(j.Bank.Assess(counted)), j.Words.In(s.lang, nil), finder, FaceToFace, j.Now())
	set := j.sets[s.lang]
	var data values
	switch s.view {
	case viewStaffSheet:
		data = sheet.staff()
		data["Print"] = "staff"
		b := builder{set: set, journey: j, around: around}
		if len(sheet.Found.Matches) > 0 {
			b.whichAreas()
		}
		for _, m := range sheet.Found.Matches {
			b.service(m, monitored(&sheet.Plan.Assessment))
		}
		data["Services"] = web.Join(b.out...).HTML()
	case viewPatientSheet, viewPatientNumbers:
		data = sheet.patient(s.view == viewPatientNumbers)
		data["Print"] = "patient"
		if s.view == viewPatientSheet {
			data["Buttons"] = []values{{"View": viewPatientNumbers, "Words": "sheet.add-numbers"}}
		}
	case viewRecord:
		sensitive, neutral := sheet.Record()
		data = values{"Sensitive": sensitive, "Neutral": neutral}
	}
	for _, name := range []string{"Print", "Buttons"} {
		if _, set := data[name]; !set {
			data[name] = nil
		}
	}
	data["Carried"] = carried
	body, err := set.views.Fragment(s.lang, sheetTemplate[s.view], data)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Shell: set.shells[s.view], Body: []web.Fragment{body}}, nil
}

var sheetTemplate = map[string]string{viewStaffSheet: "staff-sheet", viewPatientSheet: "patient-sheet", viewPatientNumbers: "patient-sheet", viewRecord: "record"}

// staff is everything on the staff sheet. It names nobody; whoever files it writes by hand whose it is.
func (s *Sheet) staff() values {
	steps := func(list []plan.Step) []values {
		var out []values
		for _, x := range list {
			var shown []values
			for _, m := range marks(x) {
				shown = append(shown, values{"Class": m.class, "Words": m.words})
			}
			out = append(out, values{"Do": "step." + x.ID + ".do", "Owner": "owner." + x.Owner.String(), "Time": "time." + key(x.Time.String()), "Marks": shown, "Because": shortest(s.Because(x))})
		}
		return out
	}
	var phases []values
	rest := s.Plan.Rest()
	for p := plan.SafetyNow; p <= plan.ReviewPhase; p++ {
		var of []plan.Step
		for _, x := range rest {
			if x.Phase == p {
				of = append(of, x)
			}
		}
		if len(of) > 0 {
			phases = append(phases, values{"Name": "phase." + p.String(), "Steps": steps(of)})
		}
	}
	var lines, findings []values
	for _, l := range screening.Lines() {
		lines = append(lines, values{"Line": "line." + l.String(), "State": "line-state." + s.Plan.Assessment.Lines[l].String()})
	}
	for _, f := range s.Plan.Assessment.Findings {
		findings = append(findings, values{"Title": s.Words.Text("finding." + f.ID + ".title"), "Line": "line." + f.Line.String(), "Urgency": "urgency." + key(f.Urgency.String()), "Told": strings.Join(s.Told(s.Plan.Assessment.Why(f)), "; ")})
	}
	return values{
		"Level": key(s.Plan.Urgency.String()), "Urgency": level(&s.Plan), "Headline": s.Headline(),
		"Now": steps(s.Plan.Now), "Withheld": steps(s.Plan.Withheld), "Phases": phases, "Lines": lines, "Findings": findings,
		"Date": s.Today.Format("2 January 2006"), "Version": s.Plan.Assessment.Bank().Version[:12],
	}
}

// patient is the discreet copy: plain things to do, under a neutral heading, in words that may be read by anybody. The
// numbers stand without the names of the services, and only where they were asked for.
func (s *Sheet) patient(numbers bool) values {
	var steps, said []string
	for _, x := range plan.Copy(s.Plan.InOrder(), plan.ForPatient) {
		id := "step." + x.ID + ".patient"
		if line := s.Words.Text(id); !slices.Contains(said, line) { // several steps may share one ordinary line
			steps, said = append(steps, id), append(said, line)
		}
	}
	out := values{"Steps": steps, "Numbers": []values(nil)}
	if numbers {
		out["Numbers"] = s.numbers()
	}
	return out
}

// numbers groups what may be rung under neutral headings.
func (s *Sheet) numbers() []values {
	found := s.finder.Find(&s.Plan, directory.PatientCopy, s.Today)
	groups := []struct {
		heading string
		list    []string
	}{{"sheet.urgent", []string{"999"}}, {"sheet.check-up", nil}, {"sheet.talk", nil}}
	for _, m := range found.Matches {
		phone := s.firstPhone(m.Service)
		if phone == "" || phone == "999" || slices.Contains(groups[1].list, phone) || slices.Contains(groups[2].list, phone) {
			continue
		}
		group := &groups[2]
		if slices.ContainsFunc(m.Service.Needs, func(need string) bool { return slices.Contains(checkUp, need) }) {
			group = &groups[1]
		}
		if len(group.list) < 3 {
			group.list = append(group.list, phone)
		}
	}
	var out []values
	for _, g := range groups {
		if len(g.list) > 0 {
			out = append(out, values{"Heading": g.heading, "Numbers": g.list})
		}
	}
	return out
}

// checkUp are the needs whose numbers stand under health advice; all others stand under someone to talk to.
var checkUp = []string{"acute-medical", "clinical-local", "device-safety"}

// pressKey finds the key in what a directory entry says of its number. The rest of the note may tell what the line is for
// and stays off the paper.
var pressKey = regexp.MustCompile(`(?:press|option) (\d)`)

func (s *Sheet) firstPhone(service *directory.Service) string {
	for _, w := range service.Ways {
		if w.By != directory.Phone {
			continue
		}
		if key := pressKey.FindStringSubmatch(w.Note); key != nil {
			return s.Words.Text("sheet.then-press", "Number", w.At, "Key", key[1])
		}
		return w.At
	}
	return ""
}
