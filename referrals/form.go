package referrals

import (
	"slices"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
)

// What rests of a case. This file is where a person's words are revealed to be sealed, and kept again when they come back.
type caseForm struct {
	Since     time.Time      `json:"since"`
	Own       time.Time      `json:"own,omitzero"` // the clock of the case's own state
	OpenedBy  string         `json:"openedBy"`
	Excluded  []string       `json:"excluded,omitempty"`
	Urgency   string         `json:"urgency"`
	Nation    string         `json:"nation"`
	Age       uint8          `json:"age"`
	Content   string         `json:"content"`
	Lines     []string       `json:"lines"`
	Found     []Found        `json:"found"`
	Facts     []string       `json:"facts"`
	Pathways  []string       `json:"pathways,omitempty"`
	Dossier   []valueForm    `json:"dossier,omitempty"`
	Handovers []handoverForm `json:"handovers,omitempty"`
	Timeline  []stepForm     `json:"timeline"`
	Outcome   string         `json:"outcome,omitempty"`
	Counted   []string       `json:"counted,omitempty"`
	Sent      []byte         `json:"sent,omitempty"`
}

type valueForm struct {
	Field string `json:"f"`
	Row   int    `json:"r,omitempty"`
	Value string `json:"v"`
}

type handoverForm struct {
	Reference   string         `json:"ref"`
	Destination string         `json:"to"`
	Service     string         `json:"service,omitempty"`
	Receiver    string         `json:"receiver,omitempty"`
	Consent     consentForm    `json:"consent"`
	State       State          `json:"state"`
	Channel     packet.Channel `json:"channel,omitempty"`
	At          time.Time      `json:"at,omitzero"`
	By          string         `json:"by,omitempty"`
	Theirs      string         `json:"theirs,omitempty"`
	Due         time.Time      `json:"due,omitzero"`
	LinkEnds    time.Time      `json:"linkEnds,omitzero"`
	Packet      string         `json:"packet,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Outcome     string         `json:"outcome,omitempty"`
	Given       []byte         `json:"given,omitempty"`
}

type consentForm struct {
	Decision packet.Decision       `json:"decision"`
	Ground   string                `json:"ground,omitempty"`
	Why      packet.Why            `json:"why,omitempty"`
	Words    string                `json:"words,omitempty"`
	Told     packet.Told           `json:"told,omitempty"`
	By       string                `json:"by"`
	On       time.Time             `json:"on"`
	Stricter directory.ConsentRule `json:"stricter,omitempty"`
}

type stepForm struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Event    Event     `json:"event"`
	Reason   string    `json:"reason,omitempty"`
	Words    string    `json:"words,omitempty"`
	Handover string    `json:"handover,omitempty"`
}

// cardForm is what a queue shows and what decides who may enter. It holds no person.
type cardForm struct {
	State    State     `json:"state"`
	Since    time.Time `json:"since"`
	Opened   time.Time `json:"opened"`
	Urgency  string    `json:"urgency"`
	Kinds    []string  `json:"kinds,omitempty"`
	Children bool      `json:"children,omitempty"`
	OpenedBy string    `json:"openedBy"`
	Excluded []string  `json:"excluded,omitempty"`
	LinkEnds time.Time `json:"linkEnds,omitzero"` // the first link that nobody opened

	Handovers []cardHandover `json:"handovers,omitempty"`
}

func keep(text string) vault.Secret[string] {
	if text == "" {
		return vault.Secret[string]{}
	}
	return vault.Keep(text)
}

func keepBytes(b []byte) vault.Secret[[]byte] {
	if len(b) == 0 {
		return vault.Secret[[]byte]{}
	}
	return vault.Keep(b)
}

func formOf(c Case, own time.Time) caseForm {
	f := caseForm{
		Since: c.Since, Own: own, OpenedBy: c.OpenedBy, Excluded: c.Excluded, Urgency: c.Urgency, Nation: c.Nation.String(),
		Age: uint8(c.Age), Content: c.Content, Lines: c.Lines, Found: c.Found, Facts: c.Facts, Pathways: c.Pathways, Outcome: c.Outcome, Counted: c.Counted, Sent: c.Sent,
	}
	for _, e := range c.Dossier.Entries() {
		f.Dossier = append(f.Dossier, valueForm{e.Field, e.Row, e.Value.Reveal()})
	}
	for _, h := range c.Handovers {
		k := h.Consent
		f.Handovers = append(f.Handovers, handoverForm{
			h.Reference, h.Destination, h.Service, h.Receiver,
			consentForm{k.Decision, k.Ground, k.Why, k.Words.Reveal(), k.Told, k.By, k.On, k.Stricter},
			h.State, h.Channel, h.At, h.By, h.Theirs.Reveal(), h.Due, h.LinkEnds, h.Packet, h.Reason, h.Outcome, h.Given.Reveal(),
		})
	}
	for _, s := range c.Timeline {
		f.Timeline = append(f.Timeline, stepForm{s.At, s.By, s.Event, s.Reason, s.Words.Reveal(), s.Handover})
	}
	return f
}

// read is the case as it rests. The book makes the dossier again and so holds it to the fields of today: what a later
// version of the content no longer knows is left out.
func (d *Desk) read(organisation string, r rested[caseForm]) Case {
	f := r.content
	nation, _ := directory.ParseNation(f.Nation) // what does not parse is not known
	c := Case{
		Reference: r.id, Rev: r.rev, State: State(r.state), Since: f.Since, Due: r.due, Opened: r.created, Expires: r.expires,
		Organisation: organisation, OpenedBy: f.OpenedBy, Excluded: f.Excluded, Urgency: f.Urgency, Nation: nation,
		Age: directory.Age(f.Age), Content: f.Content, Lines: f.Lines, Found: f.Found, Facts: f.Facts, Pathways: f.Pathways, Outcome: f.Outcome, Counted: f.Counted, Sent: f.Sent,
	}
	entries := make([]packet.Entry, 0, len(f.Dossier))
	for _, v := range f.Dossier {
		entries = append(entries, packet.Entry{Field: v.Field, Row: v.Row, Value: vault.Keep(v.Value)})
	}
	c.Dossier, _ = d.Book.Fill(entries)
	for _, h := range f.Handovers {
		k := h.Consent
		c.Handovers = append(c.Handovers, Handover{
			h.Reference, h.Destination, h.Service, h.Receiver,
			packet.Consent{Decision: k.Decision, Ground: k.Ground, Why: k.Why, Words: keep(k.Words), Told: k.Told, By: k.By, On: k.On, Stricter: k.Stricter},
			h.State, h.Channel, h.At, h.By, keep(h.Theirs), h.Due, h.LinkEnds, h.Packet, h.Reason, h.Outcome, keepBytes(h.Given),
		})
	}
	for _, s := range f.Timeline {
		c.Timeline = append(c.Timeline, Step{s.At, s.By, s.Event, s.Reason, keep(s.Words), s.Handover})
	}
	return c
}

func (d *Desk) cardOf(c Case) cardForm {
	out := cardForm{
		State: c.State, Since: c.Since, Opened: c.Opened, Urgency: c.Urgency, Kinds: c.Kinds(), Children: d.children(c),
		OpenedBy: c.OpenedBy, Excluded: c.Excluded, Handovers: cardHandovers(c),
	}
	for _, h := range c.Handovers {
		if !h.LinkEnds.IsZero() && (out.LinkEnds.IsZero() || h.LinkEnds.Before(out.LinkEnds)) {
			out.LinkEnds = h.LinkEnds
		}
	}
	return out
}

// children says whether a child is involved, as far as anybody said so: an answer, a destination for children, or the age.
func (d *Desk) children(c Case) bool {
	young := c.Age != directory.AgeUnknown && c.Age != directory.Adult
	return young || d.Book.Code(c.Dossier, "children.involved") == "yes" || c.Dossier.Holds("child.name") ||
		slices.ContainsFunc(c.Handovers, func(h Handover) bool {
			dest, _ := d.Book.Destination(h.Destination)
			return dest.Group == "children"
		})
}
