package referrals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// Part is one line of a case as a copy for the person may have it.
type Part struct {
	ID    string       // for the second person's form
	Class packet.Class // of the line
	Field string       // of the dossier, or a part of the case
	Row   int
	Code  string // what it says, where that is a code: a finding, a destination, an event
	Value vault.Secret[string]
	At    time.Time
}

// Parts are all lines of a case that any copy may have, in order. How the person is reached safely is none of them.
func (d *Desk) Parts(c Case) []Part {
	var out []Part
	add := func(p Part) {
		if p.Class = d.Book.ClassOf(p.Field); p.Class != packet.NoCopy {
			out = append(out, p)
		}
	}
	for _, e := range c.Dossier.Entries() {
		add(Part{ID: e.Field + "." + strconv.Itoa(e.Row), Field: e.Field, Row: e.Row, Value: e.Value})
	}
	for i, f := range c.Found {
		add(Part{ID: "case.found." + strconv.Itoa(i), Field: "case.found", Code: f.Finding})
	}
	for i, h := range c.Handovers {
		if !h.At.IsZero() {
			add(Part{ID: "case.told." + strconv.Itoa(i), Field: "case.told", Code: h.Destination, Value: keep(h.Service), At: h.At})
		}
		if words := h.Consent.Words; !words.IsZero() {
			add(Part{ID: "case.notes.consent-" + strconv.Itoa(i), Field: "case.notes", Value: words, At: h.Consent.On})
		}
	}
	for i, s := range c.Timeline {
		add(Part{ID: "case.steps." + strconv.Itoa(i), Field: "case.steps", Code: string(s.Event), At: s.At})
		if !s.Words.IsZero() {
			add(Part{ID: "case.notes." + strconv.Itoa(i), Field: "case.notes", Value: s.Words, At: s.At})
		}
	}
	return out
}

// letThrough holds what the second person ticked to the lines that there are and that may be let through.
func (d *Desk) letThrough(c Case, ids []string) ([]string, error) {
	var out []string
	parts := d.Parts(c)
	for _, id := range ids {
		i := slices.IndexFunc(parts, func(p Part) bool { return p.ID == id })
		if i < 0 || slices.Contains(out, id) {
			return nil, fmt.Errorf("let through what is no line: %w", ErrInvalid)
		}
		out = append(out, id)
	}
	return out, nil
}

// Copy is what the person it is about is given of a case. It says nothing of what is left out of it.
type Copy struct {
	Case   string
	Made   time.Time
	Opened time.Time // the case
	Parts  []Part
}

// OpenCopy opens a released copy once, for whoever asked for it, if the case still is as the second person saw it. Of many
// at once one has it; for the others, as for anybody else, there is none.
func (d *Desk) OpenCopy(ctx context.Context, a people.Actor, id string) (Copy, error) {
	act, r, err := d.asked(ctx, a, people.Export, "export.open", id)
	if err != nil {
		return Copy{}, err
	}
	if r.content.What != Export || r.content.By != a.Member() || r.state != string(Released) {
		return Copy{}, d.refusedBy(ctx, act, r.content.Case, ErrState)
	}
	rc, err := d.opened(ctx, did(act, "export.read", ""), a, r.content.Case)
	if err != nil {
		return Copy{}, err
	}
	c := d.read(a.Organisation(), rc)
	if c.Rev != r.content.CaseRev {
		return Copy{}, d.refusedBy(ctx, act, c.Reference, ErrConflict)
	}
	if err := d.noted(ctx, act, c.Reference); err != nil {
		return Copy{}, err
	}
	out := Copy{Case: c.Reference, Made: d.now(), Opened: c.Opened}
	for _, p := range d.Parts(c) {
		if p.Class == packet.ToGive || slices.Contains(r.content.Let, p.ID) {
			out.Parts = append(out.Parts, p)
		}
	}
	err = d.rest.write(ctx, act, gone(kindAsk, r.id, r.rev))
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) { // somebody has it already
		return Copy{}, fmt.Errorf("%s: %w", act.Action, ErrNotFound)
	}
	if err != nil {
		return Copy{}, err
	}
	return out, nil
}

// JSON is the copy for another system.
func (c Copy) JSON() ([]byte, error) {
	type line struct {
		Field string     `json:"field"`
		Row   int        `json:"row,omitempty"`
		Code  string     `json:"code,omitempty"`
		Value string     `json:"value,omitempty"`
		At    *time.Time `json:"at,omitempty"`
	}
	out := struct {
		Format    string    `json:"format"`
		Reference string    `json:"reference"`
		Made      time.Time `json:"made"`
		Opened    time.Time `json:"opened"`
		Lines     []line    `json:"lines"`
	}{"waypost-copy/1", c.Case, c.Made, c.Opened, []line{}}
	for _, p := range c.Parts {
		l := line{Field: p.Field, Row: p.Row, Code: p.Code, Value: p.Value.Reveal()}
		if !p.At.IsZero() {
			l.At = &p.At
		}
		out.Lines = append(out.Lines, l)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write copy: not in its form")
	}
	return text, nil
}
