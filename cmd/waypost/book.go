package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"waypost/locales"
	"waypost/referrals/packet"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web/consult"
)

const bookFile = "docs/clinical-book.en.md"

// book writes the clinical book: every question, rule and step in plain words. Its diff is what a clinician signs.
func book(_ context.Context, w world) error {
	flags := flag.NewFlagSet("book", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	onlyCheck := flags.Bool("check", false, "fail where the committed book differs")
	if err := flags.Parse(w.args); err != nil || flags.NArg() > 1 {
		return fmt.Errorf("arguments %w: book [--check] [FILE]", errUsage)
	}
	p, err := load(screening.Content())
	if err != nil {
		return err
	}
	file := or(flags.Arg(0), bookFile)
	text := p.book()
	if !*onlyCheck {
		return os.WriteFile(file, text, 0o644) // #nosec G306 -- a public document
	}
	committed, err := os.ReadFile(file) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return fmt.Errorf("read book: %w", err)
	}
	if !bytes.Equal(committed, text) {
		return fmt.Errorf("the clinical book differs from the content: run make book and review its diff")
	}
	return nil
}

type bookWriter struct {
	*product
	bytes.Buffer
	say func(id string, data ...any) string
}

func (p *product) book() []byte {
	b := &bookWriter{product: p, say: p.words.In(locales.Source, nil).Text}
	b.head()
	b.questions()
	b.derived()
	b.findings()
	b.steps()
	b.notes()
	b.routes()
	b.sources()
	return b.Bytes()
}

func (b *bookWriter) line(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

func (b *bookWriter) head() {
	b.line("# The clinical book\n")
	b.line("Generated from the content by `make book`; do not edit. Content version `%s`.\n", b.bank.Version)
	b.line("%s\n", b.say("plan.not-validated"))
	b.line("Every item says where it comes from: *adapted* from a source, or our *synthesis*. An item marked **awaiting** has not been")
	b.line("signed by a clinical safety officer and a specialist domestic-abuse service. Every time limit is a proposal.\n")
	b.line("How to read it: an answer raises facts; derived facts combine facts; findings follow from facts, each on one line (abuse,")
	b.line("mind, body) with an urgency; steps follow from facts and findings, with the marks and gates that hold them back.\n")
	b.line("Only these facts may lower a line: %s.\n", b.facts(b.bank.Lowering))
	b.line("Kept for the copy for the record and used by no rule: %s.\n", b.facts(b.bank.Recorded))
}

func (b *bookWriter) facts(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, b.atom(id))
	}
	return strings.Join(out, "; ")
}

// atom names a fact or a finding in words, with its id.
func (b *bookWriter) atom(id string) string {
	if _, ok := b.bank.Finding(id); ok {
		return fmt.Sprintf("the finding “%s” (`%s`)", b.say("finding."+id+".title"), id)
	}
	return fmt.Sprintf("%s (`%s`)", b.say("fact."+id), id)
}

func (b *bookWriter) questions() {
	topic := ""
	b.line("## Questions\n")
	b.line("In the order of asking. The questions stop, and only those before asking remain, when: %s.\n", b.facts(b.bank.Stops))
	for i := range b.bank.Questions {
		q := &b.bank.Questions[i]
		if q.Topic != topic {
			topic = q.Topic
			b.line("### %s\n", b.say("topic."+topic))
		}
		who := "asked of the patient"
		if q.Clinician {
			who = "ticked by the clinician, not read aloud"
		}
		many := ""
		if q.Many {
			many = ", several answers"
		}
		b.line("#### %s\n\n`%s` · %s · %s%s\n", b.say("question."+q.ID+".ask"), q.ID, q.Tier, who, many)
		if !q.Clinician {
			b.line("- On the telephone: %s", b.say("question."+q.ID+".phone"))
		}
		if b.words.Has(locales.Source, "question."+q.ID+".hear") {
			b.line("- Listen for: %s", b.say("question."+q.ID+".hear"))
		}
		b.line("- Why: %s", b.say("question."+q.ID+".why"))
		if !q.Open.Empty() {
			b.line("- Opens when: %s", b.condition(q.Open))
		}
		for _, a := range q.Answers {
			facts := "raises nothing"
			if len(a.Facts) > 0 {
				facts = "raises " + b.facts(a.Facts)
			}
			b.line("- “%s” (`%s`): %s", b.say(consult.AnswerWords(q.ID, a.ID)), a.ID, facts)
		}
		b.evidence(q.Evidence)
	}
}

func (b *bookWriter) condition(c screening.Condition) string {
	if c.ID != "" {
		return b.atom(c.ID)
	}
	var parts []string
	for _, p := range []struct {
		word  string
		conds []screening.Condition
	}{{"any of", c.Any}, {"all of", c.All}, {"none of", c.None}} {
		if len(p.conds) == 0 {
			continue
		}
		var each []string
		for _, k := range p.conds {
			each = append(each, b.condition(k))
		}
		parts = append(parts, p.word+" ["+strings.Join(each, "; ")+"]")
	}
	return strings.Join(parts, " and ")
}

func (b *bookWriter) evidence(e screening.Evidence) {
	state := "**awaiting**"
	if e.Reviewed.State == "signed" {
		state = fmt.Sprintf("signed by %s on %s, to be read again by %s", e.Reviewed.By, e.Reviewed.On, e.Reviewed.Again)
	}
	b.line("- Source: %s · %s · review: %s\n", strings.Join(e.Sources, ", "), e.Basis, state)
}

func (b *bookWriter) derived() {
	b.line("## Derived facts\n\nIn the order in which they are derived. Several rows may derive the same fact.\n")
	for i := range b.bank.Derived {
		d := &b.bank.Derived[i]
		b.line("- %s: when %s", b.atom(d.ID), b.condition(d.When))
	}
	b.line("")
}

func (b *bookWriter) findings() {
	b.line("## Findings\n")
	for _, l := range screening.Lines() {
		b.line("### Line: %s\n", b.say("line."+l.String()))
		for i := range b.bank.Findings {
			f := &b.bank.Findings[i]
			if f.Line != l {
				continue
			}
			b.line("#### %s\n\n`%s` · %s\n", b.say("finding."+f.ID+".title"), f.ID, b.say("urgency."+strings.ReplaceAll(f.Urgency.String(), "_", "-")))
			b.line("- Why: %s", b.say("finding."+f.ID+".why"))
			b.line("- When: %s", b.condition(f.When))
			for _, p := range f.Pathways {
				b.line("- Opens: %s (`%s`)", b.say("pathway."+p), p)
			}
			b.evidence(f.Evidence)
		}
	}
	b.line("### Pathways\n")
	for _, p := range b.bank.Pathways {
		b.line("- %s (`%s`)%s", b.say("pathway."+p.ID), p.ID, b.hidden(p.Not))
	}
	b.line("")
}

func (b *bookWriter) hidden(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ", not when " + b.facts(ids)
}

func (b *bookWriter) steps() {
	b.line("## Steps\n")
	b.line("At most %d stand on the now card. A step that waits for a gate is shown as waiting, never as a thing to do.\n", plan.NowLimit)
	b.line("Steps that a further worrying answer may take away, and no others: `%s`.\n", strings.Join(b.product.steps.Exceptions, "`, `"))
	for phase := plan.SafetyNow; phase <= plan.ReviewPhase; phase++ {
		b.line("### %s\n", b.say("phase."+phase.String()))
		for i := range b.product.steps.Actions {
			if a := &b.product.steps.Actions[i]; a.Phase == phase {
				b.step(a)
			}
		}
	}
}

func (b *bookWriter) step(a *plan.Action) {
	b.line("#### %s\n", b.say("step."+a.ID+".do"))
	b.line("`%s` · %s · %s · %s\n", a.ID, a.Kind, b.say("owner."+a.Owner.String()), b.say("time."+strings.ReplaceAll(a.Time.String(), "_", "-")))
	b.line("- Why: %s", b.say("step."+a.ID+".why"))
	if a.Copies&plan.ForPatient != 0 {
		b.line("- On the patient's paper: %s", b.say("step."+a.ID+".patient"))
	}
	b.line("- When: %s%s", b.condition(a.When), b.hidden(a.Not))
	b.line("- Can alert: %s · can destroy evidence: %s · gates: %s", a.Alert, a.Mark, or(strings.Join(a.Gates.List(), ", "), "none"))
	if a.General {
		b.line("- General: on a full now card it gives way to steps that belong to what this patient said")
	}
	if len(a.Needs) > 0 {
		b.line("- Points to: %s", strings.Join(a.Needs, ", "))
	}
	b.evidence(a.Evidence)
}

func (b *bookWriter) notes() {
	b.line("## Notes to copy\n\nDrafts that the clinician reads, changes and copies. Waypost sends and keeps none of them.\n")
	for i := range b.product.steps.Notes {
		n := &b.product.steps.Notes[i]
		b.line("### %s\n\n`%s`\n\n%s\n", b.say("note."+n.ID+".heading"), n.ID, b.say("note."+n.ID+".lead"))
		b.line("- When: %s", b.condition(n.When))
		for _, f := range n.Fields {
			holds := b.say("note.not-known")
			switch {
			case f.Says != "":
				holds = b.say("note.says." + f.Says)
			case len(f.Tells) > 0:
				holds = "what was told of: " + b.facts(f.Tells)
			}
			b.line("- %s %s", b.say("note.field."+f.ID), holds)
		}
		b.evidence(n.Evidence)
	}
}

// routes are where a plan leads, as whoever refers is offered it.
func (b *bookWriter) routes() {
	b.line("## Where a plan leads\n")
	b.line("What the page for referring offers. Who refers chooses; nothing is sent by this. Sources of this part stand in")
	b.line("`referrals/packet/content/destinations.yaml`.\n")
	for _, part := range []struct {
		title, prefix, nowhere string
		list                   []packet.Route
	}{
		{"What a pathway opens", "pathway.", "no referral: it is done here, or on the telephone at once", b.told.Routes.Pathways},
		{"What a local service of a kind stands for", "", "", b.told.Routes.Kinds},
		{"What a service without a kind is, by the need it was found for", "need.", "", b.told.Routes.Needs},
	} {
		b.line("### %s\n", part.title)
		for _, r := range part.list {
			name := fmt.Sprintf("`%s`", r.ID)
			if part.prefix != "" {
				name = fmt.Sprintf("%s (`%s`)", b.say(part.prefix+r.ID), r.ID)
			}
			var to []string
			for _, d := range r.To {
				to = append(to, fmt.Sprintf("%s (`%s`)", b.say("referral.destination."+d+".name"), d))
			}
			b.line("#### %s\n\n- Leads to: %s", name, or(strings.Join(to, "; "), part.nowhere))
			b.evidence(r.Evidence)
		}
	}
}

func (b *bookWriter) sources() {
	b.line("## Sources\n")
	var ids []string
	for id := range b.bank.Sources {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		s := b.bank.Sources[id]
		b.line("- **%s** (%s): %s. %s", id, s.Kind, strings.TrimSuffix(or(s.Title, s.Note), "."), s.Address)
	}
}
