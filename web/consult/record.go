package consult

import (
	"strings"

	"waypost/screening"
)

// Record gives the two texts for the record. The sensitive one begins with the instruction to keep it out of online view
// and says what was told, found and planned; the neutral one says nothing that tells. Neither holds a name, and nothing
// in the neutral one shows that there is another.
func (s *Sheet) Record() (sensitive, neutral string) {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	say := s.Words.Text
	line(say("record.marker"))
	line(say("record.heading", "Date", s.Today.Format("2 January 2006")))
	line("")
	line(say(level(&s.Plan)))
	line(s.Headline())
	s.section(&b, "record.told", s.allTold())
	var found []string
	for _, f := range s.Plan.Assessment.Findings {
		found = append(found, say("finding."+f.ID+".title")+" ("+say("line."+f.Line.String())+")")
	}
	s.section(&b, "record.found", found)
	var lines []string
	for _, l := range screening.Lines() {
		lines = append(lines, say("line."+l.String())+": "+say("line-state."+s.Plan.Assessment.Lines[l].String()))
	}
	s.section(&b, "plan.lines", lines)
	var now, waits []string
	for _, x := range s.Plan.Now {
		now = append(now, say("step."+x.ID+".do"))
	}
	s.section(&b, "plan.now", now)
	for _, x := range s.Plan.Withheld {
		waits = append(waits, say("step."+x.ID+".do"))
	}
	s.section(&b, "plan.withheld", waits)
	line("")
	line(say("plan.absence"))
	line(say("plan.not-validated"))
	line(say("plan.content-version", "Version", s.Plan.Assessment.Bank().Version[:12]))
	return b.String(), say("record.neutral-text", "Date", s.Today.Format("2 January 2006")) + "\n"
}

func (s *Sheet) section(b *strings.Builder, heading string, items []string) {
	if len(items) == 0 {
		return
	}
	b.WriteString("\n" + s.Words.Text(heading) + "\n")
	for _, it := range items {
		b.WriteString("- " + it + "\n")
	}
}

// allTold lists what every answer said, in the order of the bank.
func (s *Sheet) allTold() []string {
	var because []screening.Because
	bank := s.Plan.Assessment.Bank()
	for _, g := range s.Plan.Assessment.Answers().List() {
		q, _ := bank.Question(g.Question)
		for _, f := range q.Answers[q.Answer(g.Answer)].Facts {
			because = append(because, screening.Because{Given: g, Fact: f})
		}
	}
	return s.Told(because)
}
