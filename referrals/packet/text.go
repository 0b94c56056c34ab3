package packet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Words says things in one language; *locales.Words does.
type Words interface {
	Text(id string, data ...any) string
}

// Plain writes the packet as plain text for the person who hands it over. This is where what was typed is shown.
func (p Packet) Plain(w Words) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s\n%s %s\n", w.Text("referral.destination."+p.Destination+".name"),
		w.Text("referral.packet.reference"), p.Reference, w.Text("referral.packet.made"), p.Made.UTC().Format("2006-01-02 15:04")+" UTC")
	now, row := "", -1
	for _, l := range p.Lines {
		next := l.Part()
		if next != now || l.Row != row {
			b.WriteByte('\n')
		}
		if next != now {
			fmt.Fprintf(&b, "%s\n", strings.ToUpper(w.Text("referral.part."+next)))
		}
		now, row = next, l.Row
		b.WriteString(l.plain(w))
	}
	for i, f := range p.Missing {
		if i == 0 {
			fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(w.Text("referral.part.missing")))
		}
		fmt.Fprintf(&b, "- %s: %s\n", w.Text("referral.part."+topic(f)), w.Text("referral.field."+f))
	}
	return b.String()
}

// Part is the heading under which a line stands in every copy: "referral.part." and this are the words.
func (l Line) Part() string {
	switch l.Field {
	case "urgency", "concern":
		return "found"
	case "ground", "why-without", "told":
		return "consent"
	}
	return topic(l.Field)
}

func (l Line) plain(w Words) string {
	value := l.Text.Reveal()
	if l.Say != "" {
		value = w.Text(l.Say)
	}
	value = strings.ReplaceAll(value, "\n", "\n    ")
	if l.Field == "unsafe.contact" || l.Field == "concern" {
		return "- " + value + "\n"
	}
	label := w.Text("referral.field." + l.Field)
	if l.Row > 0 {
		label = strconv.Itoa(l.Row) + ". " + label
	}
	return label + ": " + value + "\n"
}

// discreet are the fields that the second copy holds: nothing of them betrays what the referral is about.
var discreet = [...]string{"referrer.organisation", "referrer.contact"}

// Discreet is the second copy, for where others may read it: a reference, a day, and whom to ask. It names neither the
// person nor the destination.
func (p Packet) Discreet() Packet {
	out := Packet{Reference: p.Reference, Made: p.Made}
	for _, l := range p.Lines {
		if slices.Contains(discreet[:], l.Field) {
			out.Lines = append(out.Lines, l)
		}
	}
	return out
}

// PlainDiscreet writes the discreet copy as plain text.
func (p Packet) PlainDiscreet(w Words) string {
	d := p.Discreet()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s\n%s %s\n\n", w.Text("referral.discreet.heading"),
		w.Text("referral.packet.reference"), d.Reference, w.Text("referral.packet.made"), d.Made.UTC().Format("2006-01-02"))
	for _, l := range d.Lines {
		fmt.Fprintf(&b, "%s: %s\n", w.Text("referral.discreet."+strings.TrimPrefix(l.Field, "referrer.")), l.Text.Reveal())
	}
	fmt.Fprintf(&b, "\n%s\n", w.Text("referral.discreet.ask"))
	return b.String()
}

type jsonLine struct {
	Field  string `json:"field"`
	Row    int    `json:"row,omitempty"`
	Say    string `json:"code,omitempty"`
	Text   string `json:"text,omitempty"`
	Unsafe bool   `json:"unsafe,omitempty"`
}

type jsonPacket struct {
	Destination string     `json:"destination,omitempty"`
	Reference   string     `json:"reference"`
	Made        string     `json:"made"`
	Lines       []jsonLine `json:"lines"`
	Missing     []string   `json:"missing,omitempty"`
	Leaks       bool       `json:"leaks,omitempty"`
}

// JSON writes the packet for a machine, in the same order: codes as ids, words as typed.
func (p Packet) JSON() ([]byte, error) {
	out := jsonPacket{Destination: p.Destination, Reference: p.Reference, Made: p.Made.UTC().Format(timeForm), Missing: p.Missing, Leaks: p.Leaks}
	for _, l := range p.Lines {
		out.Lines = append(out.Lines, jsonLine{l.Field, l.Row, l.Say, l.Text.Reveal(), l.Unsafe})
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write packet: %w", err)
	}
	return text, nil
}

const timeForm = "2006-01-02T15:04:05.000Z"
