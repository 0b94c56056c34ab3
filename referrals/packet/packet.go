// Package packet answers what one destination may be told of one case: it holds the closed list of fields, the grounds on
// which something may be shared without consent, and for each destination exactly its fields, and makes packets of them.
//
// It is pure: content and values in, a packet out; no clock, no store, no network. It refuses to put a field into a packet
// that is not its destination's, to make a packet against a refusal for which no ground was recorded, to add the criteria of
// a conference up, and to begin a packet with anything but how the person must not be approached. Words a person typed are
// vault.Secret until somebody renders them.
package packet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
)

// The sentinels of this room.
var (
	ErrUnknown   = errors.New("packet: no such destination")
	ErrNoConsent = errors.New("packet: no consent, and no ground without it")
	ErrNation    = errors.New("packet: not a destination of this nation")
	ErrAge       = errors.New("packet: not a destination for this age")
	ErrContent   = errors.New("packet: content is not sound")
)

// Input is what a packet is made of.
type Input struct {
	Destination string
	Reference   string // of this packet, not of the case
	Made        time.Time
	Nation      directory.Nation
	Age         directory.Age
	Urgency     string // a code of the one scale
	Concerns    []Concern
	Dossier     Dossier
	Consent     Consent
}

// Concern is one finding of the consultation: ids only.
type Concern struct {
	Finding  string   `json:"finding"`
	Line     string   `json:"line"`
	Urgency  string   `json:"urgency"`
	Pathways []string `json:"pathways,omitempty"`
}

// Line is one line of a packet: a field with the words for its answer, or with words that somebody typed.
type Line struct {
	Field string
	Row   int    // 0 where the field stands once, else the person it speaks of
	Say   string // id of words; empty where Text is set
	Text  vault.Secret[string]
	// Unsafe marks how and by whom the person must not be approached. These lines come first in every packet.
	Unsafe bool
}

// Packet is what one destination is told, in order. It is made whole and not changed.
type Packet struct {
	Destination, Reference string
	Made                   time.Time
	Lines                  []Line
	Missing                []string // fields without which it is not handed over
	Leaks                  bool     // a second, discreet copy is offered
}

// Ready says whether the packet may be handed over.
func (p Packet) Ready() bool { return len(p.Missing) == 0 }

// Make makes the packet for one destination, or says why there is none. A packet that lacks something is made all the
// same, for the preview; it is not Ready.
func (b *Book) Make(in Input) (Packet, error) {
	d, ok := b.Destination(in.Destination)
	if !ok {
		return Packet{}, fmt.Errorf("make packet: %w", ErrUnknown)
	}
	if err := d.Fits(in.Nation, in.Age); err != nil {
		return Packet{}, fmt.Errorf("make packet for %s: %w", d.ID, err)
	}
	if err := b.Permits(d, in.Nation, in.Consent); err != nil {
		return Packet{}, fmt.Errorf("make packet for %s: %w", d.ID, err)
	}
	p := Packet{Destination: d.ID, Reference: in.Reference, Made: in.Made, Leaks: d.Leaks, Missing: d.Missing(in.Dossier)}
	p.Lines = append(warnings(in.Dossier), b.core(in.Dossier, d)...)
	p.Lines = append(p.Lines, Line{Field: "urgency", Say: urgencyWords(in.Urgency)})
	for _, c := range in.Concerns {
		if d.isTold(c) {
			p.Lines = append(p.Lines, Line{Field: "concern", Say: "finding." + c.Finding + ".title"})
		}
	}
	p.Lines = append(p.Lines, consentLines(in.Consent)...)
	for _, group := range d.groups {
		p.Lines = append(p.Lines, b.lines(in.Dossier, b.joined(group))...)
	}
	return p, nil
}

// lines writes the fields of one group row by row, so that what belongs to one person stands together.
func (b *Book) lines(d Dossier, group []string) []Line {
	var out []Line
	for row := range d.rows(group) {
		for _, id := range group {
			if l, ok := b.line(d, id, row); ok {
				out = append(out, l)
			}
		}
	}
	return out
}

func (b *Book) line(d Dossier, id string, row int) (Line, bool) {
	f := b.fields[id]
	value, ok := d.at(id, row)
	if !ok {
		return Line{}, false
	}
	l := Line{Field: id}
	if f.Rows > 1 {
		l.Row = row + 1
	}
	if f.List != "" {
		l.Say = "referral.code." + f.List + "." + value.Reveal() // one of our own codes
	} else {
		l.Text = value
	}
	return l, true
}

// core writes what every packet says of safe contact, after the warnings. What the destination has more to know of stands
// with that.
func (b *Book) core(d Dossier, to Destination) []Line {
	var out []Line
	for _, group := range b.coreGroups {
		if slices.ContainsFunc(to.groups, func(own []string) bool { return topic(own[0]) == topic(group[0]) }) {
			continue
		}
		lines := b.lines(d, group)
		for i := range lines {
			lines[i].Unsafe = group[0] == "unsafe.name"
		}
		out = append(out, lines...)
	}
	return out
}

// joined is a group of a destination with the core fields of the same kind before it: one person in one place.
func (b *Book) joined(group []string) []string {
	for _, core := range b.coreGroups {
		if topic(core[0]) == topic(group[0]) {
			return slices.Concat(core, group)
		}
	}
	return group
}

// warnings say how the person must not be approached. What is not known is not allowed.
func warnings(d Dossier) []Line {
	say := func(code string) Line {
		return Line{Field: "unsafe.contact", Say: "referral.warning." + code, Unsafe: true}
	}
	out := []Line{say("only-as-below")}
	switch d.code("contact.device-watched") {
	case "yes":
		out = append(out, say("device-watched"))
	case "no":
	default:
		out = append(out, say("device-may-be-watched"))
	}
	for _, way := range []string{"voicemail", "texts", "emails", "letters", "portal"} {
		if d.code("contact."+way) != "yes" {
			out = append(out, say("no-"+way))
		}
	}
	if d.rows([]string{"feared.relationship", "feared.name"}) > 0 {
		out = append(out, say("never-the-feared"))
	}
	return out
}

// urgencyWords is the id of the words for an urgency, as everywhere in Waypost.
func urgencyWords(code string) string {
	out := []byte("urgency." + code)
	for i, c := range out {
		if c == '_' {
			out[i] = '-'
		}
	}
	return string(out)
}
