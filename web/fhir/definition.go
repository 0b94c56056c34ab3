package fhir

import (
	"fmt"

	"waypost/locales"
	"waypost/screening"
	"waypost/screening/plan"
)

// PlanDefinition is the library of steps: every step there is, and when it applies.
type PlanDefinition struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Language     string    `json:"language"`
	URL          string    `json:"url"`
	Version      string    `json:"version"`
	Name         string    `json:"name"`
	Title        string    `json:"title"`
	TitleWords   *Words    `json:"_title,omitempty"`
	Status       string    `json:"status"`
	Action       []Defined `json:"action"`
}

// Defined is one step of the library.
type Defined struct {
	Extension     []Extension       `json:"extension,omitempty"`
	Title         string            `json:"title"`
	TitleWords    *Words            `json:"_title,omitempty"`
	Description   string            `json:"description"`
	DescribWords  *Words            `json:"_description,omitempty"`
	Code          []CodeableConcept `json:"code"`
	Documentation []Artifact        `json:"documentation,omitempty"`
	Condition     []Applicability   `json:"condition,omitempty"`
}

// Artifact is a source.
type Artifact struct {
	Type    string `json:"type"`
	Label   string `json:"label,omitempty"`
	Display string `json:"display,omitempty"`
}

// Applicability is a condition under which a step applies.
type Applicability struct {
	Kind       string     `json:"kind"`
	Expression Expression `json:"expression"`
}

// Expression is written in FHIRPath over %facts: the ids of what was raised.
type Expression struct {
	Language   string `json:"language"`
	Expression string `json:"expression"`
}

// NewDefinition makes the PlanDefinition of the library. It says when a step applies; which steps a plan shows, withholds and
// puts first is for $apply to say.
func NewDefinition(bank *screening.Bank, steps *plan.Library, words *locales.Catalogue) (PlanDefinition, error) {
	s := newSpeaker(words)
	out := PlanDefinition{
		ResourceType: "PlanDefinition", ID: definitionID, Language: locales.Source, URL: ours("PlanDefinition", definitionID),
		Version: bank.Version, Name: "WaypostSafeguardingPlan", Title: s.say("plan.title"), TitleWords: s.also("plan.title"), Status: status(steps.Awaiting()),
	}
	for i := range steps.Actions {
		out.Action = append(out.Action, s.action(&steps.Actions[i], bank))
	}
	if s.missing != "" {
		return PlanDefinition{}, fmt.Errorf("fhir: no words for %s", s.missing)
	}
	return out, nil
}

func (s *speaker) action(a *plan.Action, bank *screening.Bank) Defined {
	do, why := "step."+a.ID+".do", "step."+a.ID+".why"
	out := Defined{
		Title: s.say(do), TitleWords: s.also(do), Description: s.say(why), DescribWords: s.also(why),
		Code:      []CodeableConcept{{Coding: []Coding{{System: system("step"), Code: a.ID}}}},
		Extension: []Extension{mark("phase", a.Phase.String()), mark("time", a.Time.String()), mark("owner", a.Owner.String()), mark("kind", a.Kind.String())},
	}
	for _, m := range []struct {
		id    string
		level plan.Level
	}{{"alert", a.Alert}, {"evidence", a.Mark}} {
		if m.level != plan.NoMark {
			out.Extension = append(out.Extension, mark(m.id, m.level.String()))
		}
	}
	for _, g := range a.Gates.List() {
		out.Extension = append(out.Extension, mark("gate", g))
	}
	for _, id := range a.Sources {
		out.Documentation = append(out.Documentation, Artifact{Type: "citation", Label: id, Display: bank.Sources[id].Title})
	}
	if !a.When.Empty() {
		out.condition(expression(a.When))
	}
	for _, id := range a.Not {
		out.condition("(%facts contains '" + id + "').not()")
	}
	return out
}

func (d *Defined) condition(text string) {
	d.Condition = append(d.Condition, Applicability{"applicability", Expression{"text/fhirpath", text}})
}
