package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/packet"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/screening"
	"waypost/screening/guide"
	"waypost/screening/plan"
	"waypost/web/consult"
)

// product is everything Waypost knows without a person in it: the bank, the steps, the words, the services.
type product struct {
	bank     *screening.Bank
	steps    *plan.Library
	words    *locales.Catalogue
	services *directory.Directory
	guide    *guide.Guide // of the public journey
	partners *partners.List
	script   *script.Script // of the page for support agents
	told     *packet.Book   // who may be told what, and where a plan leads
}

// load reads what is embedded. A fault in it stops every command.
func load(content fs.FS, languages ...string) (*product, error) {
	bank, err := screening.Load(content)
	if err != nil {
		return nil, err
	}
	steps, err := plan.Load(content, bank)
	if err != nil {
		return nil, err
	}
	words, err := locales.Load(locales.Files(), languages...)
	if err != nil {
		return nil, err
	}
	list, err := national.Load()
	if err != nil {
		return nil, err
	}
	services, err := directory.Open(list)
	if err != nil {
		return nil, err
	}
	public, err := guide.Load(content)
	if err != nil {
		return nil, err
	}
	companies, err := partners.Load()
	if err != nil {
		return nil, err
	}
	calls, err := script.Load()
	if err != nil {
		return nil, err
	}
	told, err := packet.Load(packet.Content())
	if err != nil {
		return nil, err
	}
	return &product{bank, steps, words, services, public, companies, calls, told}, nil
}

// check looks at all that loading need not look at each time: rules that never fire, findings without a step, facts that
// nothing uses, overdue reviews, words that are missing in a language on offer.
func (p *product) check(today time.Time) error {
	faults := []error{p.bank.Check(today), p.steps.Check(today), p.partners.Check(today), p.script.Check(today)}
	var pathways []string
	for _, path := range p.bank.Pathways {
		pathways = append(pathways, path.ID)
	}
	faults = append(faults, p.told.Knows(pathways))
	if n := p.told.Overdue(today); n > 0 {
		faults = append(faults, fmt.Errorf("destinations: %d items are past their review", n))
	}
	for _, id := range p.bank.Unused(p.steps.Uses()) {
		faults = append(faults, fmt.Errorf("%s: nothing uses this fact", id))
	}
	for _, l := range p.words.Languages() {
		for _, id := range p.contentWords() {
			if _, _, ok := p.words.Text(l.Tag, id); !ok {
				faults = append(faults, fmt.Errorf("words %s: %s is missing", l.Tag, id))
			}
		}
	}
	return errors.Join(faults...)
}

// contentWords lists the ids of the words that the content needs.
func (p *product) contentWords() []string {
	ids := slices.Concat(p.guide.Words(), p.script.Words(), partners.Words())
	add := func(parts ...string) {
		for _, suffix := range parts[1:] {
			ids = append(ids, parts[0]+suffix)
		}
	}
	for i := range p.bank.Questions {
		q := &p.bank.Questions[i]
		add("question."+q.ID, ".ask", ".why")
		if !q.Clinician {
			add("question."+q.ID, ".phone")
		}
		add("topic."+q.Topic, "")
		for _, a := range q.Answers {
			add(consult.AnswerWords(q.ID, a.ID), "")
			for _, f := range a.Facts {
				add("fact."+f, "")
			}
		}
	}
	for i := range p.bank.Derived {
		add("fact."+p.bank.Derived[i].ID, "")
	}
	for i := range p.bank.Findings {
		add("finding."+p.bank.Findings[i].ID, ".title", ".why")
	}
	for _, path := range p.bank.Pathways {
		add("pathway."+path.ID, "")
	}
	for i := range p.steps.Actions {
		a := &p.steps.Actions[i]
		add("step."+a.ID, ".do", ".why")
		if a.Copies&plan.ForPatient != 0 {
			add("step."+a.ID, ".patient")
		}
	}
	for i := range p.steps.Notes {
		n := &p.steps.Notes[i]
		add("note."+n.ID, ".heading", ".lead")
		for _, f := range n.Fields {
			add("note.field."+f.ID, "")
			if f.Says != "" {
				add("note.says."+f.Says, "")
			}
		}
	}
	return ids
}
