package packet

import (
	"fmt"
	"slices"

	"waypost/referrals/directory"
)

// Route is where one thing leads: a pathway of a plan, a kind of service, or a need that a service was found for.
type Route struct {
	ID       string   `yaml:"id"`
	To       []string `yaml:"to"` // destinations; none, for a pathway: it is no referral
	Evidence `yaml:",inline"`
}

// Routes is where a plan leads. It is content under review like the destinations themselves.
type Routes struct {
	Pathways []Route `yaml:"pathways"`
	Kinds    []Route `yaml:"kinds"`
	Needs    []Route `yaml:"needs"`
}

// routes checks that every line leads to destinations that are, and that no kind of service is left out.
func (c *checker) routes(r Routes) {
	for name, list := range map[string][]Route{"pathway": r.Pathways, "kind": r.Kinds, "need": r.Needs} {
		for i, one := range list {
			c.proof(name+" "+one.ID, one.Evidence)
			if slices.ContainsFunc(list[:i], func(x Route) bool { return x.ID == one.ID }) {
				c.fault(name+" "+one.ID, "stands twice")
			}
			if len(one.To) == 0 && name != "pathway" {
				c.fault(name+" "+one.ID, "leads nowhere")
			}
			for k, to := range one.To {
				if _, known := c.b.Destination(to); !known || slices.Contains(one.To[:k], to) {
					c.fault(name+" "+one.ID, "leads to %s, which is no destination or stands twice", to)
				}
			}
		}
	}
	for _, kind := range directory.Archetypes() {
		if kind != directory.NoArchetype && len(to(r.Kinds, string(kind))) == 0 {
			c.fault("kind "+string(kind), "has no line")
		}
	}
	for _, one := range r.Kinds {
		if !slices.Contains(directory.Archetypes(), directory.Archetype(one.ID)) || one.ID == "" {
			c.fault("kind "+one.ID, "is no kind of service")
		}
	}
	for _, one := range r.Needs {
		if !slices.Contains(directory.Needs(), one.ID) {
			c.fault("need "+one.ID, "is no need of the directory")
		}
	}
	c.b.Routes = r
}

func to(list []Route, id string) []string {
	if i := slices.IndexFunc(list, func(r Route) bool { return r.ID == id }); i >= 0 {
		return list[i].To
	}
	return nil
}

// Knows checks that each pathway of a bank has its line and that no line is of a pathway that is not: a pathway that nobody
// thought of would lead nowhere without a word.
func (b *Book) Knows(pathways []string) error {
	for _, p := range pathways {
		if !slices.ContainsFunc(b.Routes.Pathways, func(r Route) bool { return r.ID == p }) {
			return fmt.Errorf("routes: pathway %s has no line: %w", p, ErrContent)
		}
	}
	for _, r := range b.Routes.Pathways {
		if !slices.Contains(pathways, r.ID) {
			return fmt.Errorf("routes: no pathway %s: %w", r.ID, ErrContent)
		}
	}
	return nil
}

// LeadsTo are the destinations that a pathway opens.
func (b *Book) LeadsTo(pathway string) []string { return to(b.Routes.Pathways, pathway) }

// FoundFor are the destinations that a service without a kind of its own is, where it was found for that need.
func (b *Book) FoundFor(need string) []string { return to(b.Routes.Needs, need) }

// NeedOf is what to look for where a destination is chosen that the plan did not ask for; empty where no need leads there.
func (b *Book) NeedOf(destination string) string {
	for _, need := range directory.Needs() {
		if slices.Contains(b.FoundFor(need), destination) {
			return need
		}
	}
	return ""
}

// DestinationsOf says which destinations a matched service is: by its kind, or else by what it was found for.
func (b *Book) DestinationsOf(m directory.Match) []string {
	if m.Service.Is != directory.NoArchetype {
		return to(b.Routes.Kinds, string(m.Service.Is))
	}
	var out []string
	for _, r := range m.Reasons {
		if r.Code != directory.ForNeed {
			continue
		}
		for _, d := range b.FoundFor(r.ID) {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// Stands says whether a service of the directory stands for a destination: by its kind, or by what it helps with.
func (b *Book) Stands(s directory.Service, destination string) bool {
	switch {
	case s.Prof == directory.NoProf || s.EmergencyNumber:
		return false
	case s.Is != directory.NoArchetype:
		return slices.Contains(to(b.Routes.Kinds, string(s.Is)), destination)
	}
	return slices.ContainsFunc(s.Needs, func(need string) bool { return slices.Contains(b.FoundFor(need), destination) })
}
