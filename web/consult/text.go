package consult

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
)

// WriteText prints the plan as plain text, in the order in which it is to be read.
func (s *Sheet) WriteText(w io.Writer) error {
	p := printer{Writer: bufio.NewWriter(w), sheet: s}
	p.head()
	p.now()
	p.next()
	p.lines()
	p.findings()
	p.steps()
	p.withheld()
	p.services()
	p.foot()
	return p.Flush()
}

type printer struct {
	*bufio.Writer
	sheet *Sheet
}

const width = 96

// para prints one paragraph, wrapped, with a lead on its first line and the rest set under it.
func (p *printer) para(lead, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	line := lead
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width && strings.TrimSpace(line) != "" {
			fmt.Fprintln(p, strings.TrimRight(line, " "))
			line = indent
		}
		if line != "" && !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(p, line)
}

func (p *printer) heading(id string) {
	text := p.sheet.Words.Text(id)
	fmt.Fprintf(p, "\n%s\n%s\n", text, strings.Repeat("-", utf8.RuneCountInString(text)))
}

func (p *printer) say(id string, data ...any) string { return p.sheet.Words.Text(id, data...) }

func (p *printer) head() {
	p.para("", strings.ToUpper(p.say(level(&p.sheet.Plan))))
	p.para("", p.sheet.Headline())
	if p.sheet.Plan.Headline != nil {
		p.para("", p.say("finding."+p.sheet.Plan.Headline.ID+".why"))
	}
	if p.sheet.Plan.Assessment.Stopped {
		p.para("", p.say("plan.stopped"))
	}
}

func (p *printer) now() {
	if len(p.sheet.Plan.Now) == 0 {
		return
	}
	p.heading("plan.now")
	for i, s := range p.sheet.Plan.Now {
		p.step(fmt.Sprintf("%d. ", i+1), s)
	}
}

func (p *printer) step(lead string, s plan.Step) {
	indent := strings.Repeat(" ", len(lead))
	p.para(lead, p.say("step."+s.ID+".do"))
	p.para(indent, fmt.Sprintf("%s · %s", p.say("owner."+s.Owner.String()), p.say("time."+key(s.Time.String()))))
	for _, m := range marks(s) {
		p.para(indent+"! ", p.say(m.words))
	}
	p.para(indent, p.say("step."+s.ID+".why"))
	for _, b := range shortest(p.sheet.Because(s)) {
		p.para(indent+p.say("plan.because")+" ", b)
	}
}

// shortest keeps paper short: the two strongest reasons. All of them stand under what the answers raise.
func shortest(reasons []string) []string { return reasons[:min(len(reasons), 2)] }

func (p *printer) next() {
	if _, words, more := p.sheet.Next(); more {
		p.heading("plan.ask-next")
		p.para("", words)
	}
}

func (p *printer) lines() {
	p.heading("plan.lines")
	for _, l := range screening.Lines() {
		p.para("", p.say("line."+l.String())+": "+p.say("line-state."+p.sheet.Plan.Assessment.Lines[l].String()))
	}
	p.para("", p.say("plan.absence"))
}

func (p *printer) findings() {
	if len(p.sheet.Plan.Assessment.Findings) == 0 {
		return
	}
	p.heading("plan.findings")
	for _, f := range p.sheet.Plan.Assessment.Findings {
		p.para("- ", fmt.Sprintf("%s (%s; %s)", p.say("finding."+f.ID+".title"), p.say("line."+f.Line.String()), p.say("urgency."+key(f.Urgency.String()))))
		p.para("  "+p.say("plan.because")+" ", strings.Join(p.sheet.Told(p.sheet.Plan.Assessment.Why(f)), "; "))
	}
}

func (p *printer) steps() {
	phase := plan.Phase(-1)
	for _, s := range p.sheet.Plan.Rest() {
		if s.Phase != phase {
			phase = s.Phase
			p.heading("phase." + phase.String())
		}
		p.step("- ", s)
	}
}

func (p *printer) withheld() {
	if len(p.sheet.Plan.Withheld) == 0 {
		return
	}
	p.heading("plan.withheld")
	p.para("", p.say("plan.withheld-why"))
	for _, s := range p.sheet.Plan.Withheld {
		p.step("- ", s)
	}
}

func (p *printer) services() {
	if len(p.sheet.Found.Matches)+len(p.sheet.Found.Missing) == 0 {
		return
	}
	p.heading("plan.services")
	for _, m := range p.sheet.Found.Matches {
		p.service(m)
	}
	for _, need := range p.sheet.Found.Missing {
		p.para("- ", p.say("plan.no-service", "Need", p.say("need."+need)))
	}
}

func (p *printer) foot() {
	fmt.Fprintln(p)
	p.para("", p.say("plan.not-validated"))
	p.para("", p.say("plan.content-version", "Version", p.sheet.Plan.Assessment.Bank().Version[:12]))
}

func (p *printer) service(m directory.Match) {
	p.para("- ", m.Service.Name)
	if m.Service.For != "" {
		p.para("  ", m.Service.For)
	}
	for _, w := range m.Service.Ways {
		p.para("  ", p.say("way."+string(w.By))+" "+w.At+" "+w.Note)
	}
	if m.Service.Hours.Text != "" {
		p.para("  ", m.Service.Hours.Text)
	}
	p.para("  ", p.say("trace."+key(string(m.Service.Bill.Trace))))
	p.para("  ", p.say("confidence."+confidence(m.Mark), "Date", m.Since.Format("2 January 2006")))
	for _, warning := range m.Service.Warnings {
		p.para("  ! ", warning)
	}
}
