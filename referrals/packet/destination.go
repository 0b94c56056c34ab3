package packet

import (
	"slices"
	"time"

	"waypost/referrals/directory"
	"waypost/screening"
)

// Evidence is where an item was read and whether anybody signed it.
type Evidence = screening.Evidence

// Channel is a way a packet is handed over.
type Channel string

// The channels. Phone, portal, secure mail and print are done by a person who then says so; pick-up is a link and a code.
const (
	ByPhone  Channel = "phone"
	ByPortal Channel = "portal"
	ByMail   Channel = "secure-mail"
	OnPaper  Channel = "print"
	PickUp   Channel = "pick-up"
)

// Channels lists them.
func Channels() []Channel { return []Channel{ByPhone, ByPortal, ByMail, OnPaper, PickUp} }

// Clock is how long something may wait, by urgency.
type Clock map[string]time.Duration

// Destination is a kind of service and exactly what it may be told.
type Destination struct {
	ID         string                `yaml:"id"`
	Group      string                `yaml:"group"`   // for statistics
	Nations    []string              `yaml:"nations"` // none: all four
	Finds      []string              `yaml:"finds"`   // findings that open one of these pathways are told,
	Lines      []string              `yaml:"lines"`   // if they are of one of these lines
	NotUnder16 bool                  `yaml:"not-under-16"`
	OnlyAdults bool                  `yaml:"only-adults"`
	Consent    directory.ConsentRule `yaml:"consent"`
	Without    []string              `yaml:"without"` // grounds
	AnyOf      []string              `yaml:"any-of"`  // one of these must be answered yes, each with its reason
	Must       []string              `yaml:"must"`
	May        []string              `yaml:"may"`
	Channels   []Channel             `yaml:"channels"`
	Clock      Clock                 `yaml:"clock"`
	Leaks      bool                  `yaml:"leaks"`
	Evidence   `yaml:",inline"`

	groups [][]string // its fields but the core ones, in order, those of one group together
}

// Fields are all fields that the destination may be told beside the core ones, in the order of the list of fields.
func (d Destination) Fields() []string { return slices.Concat(d.groups...) }

// Fits says whether the destination serves a nation and an age. Where the nation is not known, only what serves all four
// fits; where the age is not known, nobody is kept away.
func (d Destination) Fits(n directory.Nation, a directory.Age) error {
	if len(d.Nations) > 0 && !slices.Contains(d.Nations, n.String()) {
		return ErrNation
	}
	under16 := a == directory.Under13 || a == directory.From13To15 || a == directory.Under16
	if d.NotUnder16 && under16 || d.OnlyAdults && (under16 || a == directory.From16To17 || a == directory.Under18) {
		return ErrAge
	}
	return nil
}

// isTold says whether the destination is told of a finding.
func (d Destination) isTold(c Concern) bool {
	return slices.Contains(d.Lines, c.Line) && slices.ContainsFunc(c.Pathways, func(path string) bool { return slices.Contains(d.Finds, path) })
}

// Missing lists the fields without which the packet is not handed over.
func (d Destination) Missing(of Dossier) []string {
	var out []string
	for _, f := range d.Must {
		if !of.Holds(f) {
			out = append(out, f)
		}
	}
	if len(d.AnyOf) == 0 {
		return out
	}
	met := false
	for _, f := range d.AnyOf {
		if of.code(f) == "yes" {
			met = true
			if !of.Holds(f + "-why") {
				out = append(out, f+"-why")
			}
		}
	}
	if !met {
		out = append(out, d.AnyOf...)
	}
	return out
}

// Criterion is one of the ways in which a conference takes a case, with the answer and the reason given. They are an OR:
// nothing here counts them, and a "no" to one says nothing of another.
type Criterion struct {
	Field  string
	Answer string // yes, no, not-known; empty where nobody was asked
	Met    bool
	Why    Line
}

// Criteria shows each criterion of a destination that has any.
func (b *Book) Criteria(d Destination, of Dossier) []Criterion {
	out := make([]Criterion, 0, len(d.AnyOf))
	for _, f := range d.AnyOf {
		why, _ := b.line(of, f+"-why", 0)
		out = append(out, Criterion{Field: f, Answer: of.code(f), Met: of.code(f) == "yes", Why: why})
	}
	return out
}
