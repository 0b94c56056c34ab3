package refer

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/screening"
)

// state is what travels from page to page.
type state struct {
	op      [16]byte // of this one referral: whatever is pressed twice is done once
	answers screening.Answers
	nation  directory.Nation
	urgency screening.Urgency // raised by the clinician; None: as the plan says
	picks   []pick
	entries []packet.Entry
	away    []string // members who must not see the case
	made    bool     // there is a case, and nothing that was typed travels any more
}

// afterwards is what travels once there is a case: which one it is, and the answers from which the texts for the record are
// written. Names, words and consent rest in the case and are read there.
func (s state) afterwards() state {
	return state{op: s.op, answers: s.answers, nation: s.nation, made: true}
}

// pick is one destination with its service, or none yet, and what was decided about consent.
type pick struct {
	Destination, Service string
	Consent              packet.Consent
	Out                  bool // it is told nothing, and that is recorded
}

// key names a pick in a form.
func (p pick) key() string {
	if p.Service == "" {
		return p.Destination
	}
	return p.Destination + "." + p.Service
}

// What travels of a state. This file is where what was typed is revealed to be sealed, and kept again when it comes back.
type carried struct {
	Op      string          `json:"op"`
	Answers []byte          `json:"a"`
	Nation  string          `json:"n,omitempty"`
	Urgency uint8           `json:"u,omitempty"`
	Picks   []carriedPick   `json:"p,omitempty"`
	Entries []carriedAnswer `json:"e,omitempty"`
	Away    []string        `json:"x,omitempty"`
	Made    bool            `json:"m,omitempty"`
}

type carriedPick struct {
	To      string          `json:"to"`
	Service string          `json:"s,omitempty"`
	Said    packet.Decision `json:"d,omitempty"`
	Ground  string          `json:"g,omitempty"`
	Why     packet.Why      `json:"y,omitempty"`
	Words   string          `json:"w,omitempty"`
	Told    packet.Told     `json:"t,omitempty"`
	Out     bool            `json:"o,omitempty"`
}

type carriedAnswer struct {
	Field string `json:"f"`
	Row   int    `json:"r,omitempty"`
	Value string `json:"v"`
}

// form binds what travels to this journey, to the questions it was asked with and to the member.
func (j *Journey) form(member string) vault.Form {
	return vault.Form{Journey: "refer", Content: j.Bank.Version, Staff: member}
}

// seal writes the state for the member alone. What is longer than one form can carry is vault.ErrFormTooLong.
func (j *Journey) seal(s state, member string) (string, error) {
	c := carried{Op: hex.EncodeToString(s.op[:]), Answers: s.answers.Pack(), Nation: s.nation.String(), Urgency: uint8(s.urgency), Away: s.away, Made: s.made}
	for _, p := range s.picks {
		k := p.Consent
		c.Picks = append(c.Picks, carriedPick{p.Destination, p.Service, k.Decision, k.Ground, k.Why, k.Words.Reveal(), k.Told, p.Out})
	}
	for _, e := range s.entries {
		if text := e.Value.Reveal(); text != "" {
			c.Entries = append(c.Entries, carriedAnswer{e.Field, e.Row, text})
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("carry a referral: not in its form")
	}
	return j.Forms.Seal(j.form(member), text)
}

// open reads the state that was sealed for the member.
func (j *Journey) open(sealed, member string) (state, error) {
	text, err := j.Forms.Open(j.form(member), sealed)
	if err != nil {
		return state{}, err
	}
	var c carried
	if err := json.Unmarshal(text, &c); err != nil {
		return state{}, vault.ErrForeign // the cause could quote it
	}
	s := state{urgency: screening.Urgency(c.Urgency), away: c.Away, made: c.Made}
	answers, ok := j.Bank.Unpack(c.Answers)
	op, err := hex.DecodeString(c.Op)
	if !ok || err != nil || len(op) != len(s.op) || s.urgency > screening.Now {
		return state{}, vault.ErrForeign
	}
	s.answers = answers
	copy(s.op[:], op)
	s.nation, _ = directory.ParseNation(c.Nation) // what does not parse is not known
	for _, p := range c.Picks {
		k := packet.Consent{Decision: p.Said, Ground: p.Ground, Why: p.Why, Words: vault.Keep(p.Words), Told: p.Told}
		s.picks = append(s.picks, pick{p.To, p.Service, k, p.Out})
	}
	for _, e := range c.Entries {
		s.entries = append(s.entries, packet.Entry{Field: e.Field, Row: e.Row, Value: vault.Keep(e.Value)})
	}
	return s, nil
}

// begin is the state of a consultation that comes in.
func (j *Journey) begin(a screening.Answers) (state, error) {
	s := state{answers: a}
	if _, err := io.ReadFull(j.Random, s.op[:]); err != nil {
		return state{}, fmt.Errorf("begin a referral: %w", err)
	}
	return s, nil
}
