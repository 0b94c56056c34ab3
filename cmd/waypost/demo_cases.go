package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"waypost/referrals"
	"waypost/referrals/packet"
)

// tale is one case of the demonstration as it stands in demo/cases.yaml.
type tale struct {
	Finding string   `yaml:"finding"`
	By      string   `yaml:"by"`
	Child   bool     `yaml:"child"`
	As      int      `yaml:"as"` // the number of the case whose person this is too
	Tell    []string `yaml:"tell"`
	Acts    []string `yaml:"acts"`
	Says    string   `yaml:"says"`
	Tech    string   `yaml:"tech"`
}

// demoTelling is one destination: who is told, who picks up here, and what was decided about consent.
type demoTelling struct{ destination, consent string }

// What a demonstration does beside the events of the table of states.
const (
	breakGlass  = "break-glass"
	reviewGlass = "review-glass"
	exclude     = "exclude"
)

// beat is one thing that happens to a case, so long ago.
type beat struct {
	tale   int
	ago    time.Duration
	what   string
	at     int // hand-over
	reason string
	who    string // empty: whoever does such things
}

func readTales() ([]tale, error) {
	text, err := demoFiles.ReadFile("demo/cases.yaml")
	if err != nil {
		return nil, err
	}
	var all struct {
		Cases []tale `yaml:"cases"`
	}
	in := yaml.NewDecoder(bytes.NewReader(text))
	in.KnownFields(true)
	if err := in.Decode(&all); err != nil {
		return nil, fmt.Errorf("cases of the demonstration: %w", err)
	}
	return all.Cases, nil
}

// tellings reads destination[=consent].
func (t tale) tellings() []demoTelling {
	var all []demoTelling
	for _, text := range t.Tell {
		var one demoTelling
		one.destination, one.consent, _ = strings.Cut(text, "=")
		all = append(all, one)
	}
	return all
}

// beats reads what happens in all tales, in the order of time.
func beats(tales []tale) ([]beat, error) {
	var all []beat
	for i, t := range tales {
		for _, text := range t.Acts {
			b, err := readBeat(text)
			if err != nil {
				return nil, fmt.Errorf("case %d: %w", i+1, err)
			}
			b.tale = i
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b beat) int { return int((b.ago - a.ago) / time.Second) })
	return all, nil
}

// readBeat reads: how long ago, what, and in any order the number of the hand-over, a reason, @who.
func readBeat(text string) (beat, error) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return beat{}, fmt.Errorf("%q says too little", text)
	}
	ago, err := readAgo(words[0])
	if err != nil {
		return beat{}, err
	}
	b := beat{ago: ago, what: words[1]}
	for _, w := range words[2:] {
		n, err := strconv.Atoi(w)
		switch {
		case err == nil:
			b.at = n
		case w[0] == '@':
			b.who = w[1:]
		default:
			b.reason = w
		}
	}
	return b, nil
}

// readAgo reads a duration that may begin with days.
func readAgo(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.Atoi(days)
	if err != nil || rest == "" {
		return time.Duration(n) * 24 * time.Hour, err
	}
	d, err := time.ParseDuration(rest)
	return time.Duration(n)*24*time.Hour + d, err
}

// consentOf is what a clinician entered.
func (p *product) consentOf(book *packet.Book, t demoTelling) (packet.Consent, error) {
	switch t.consent {
	case "":
		return packet.Consent{Decision: packet.Given}, nil
	case "refused":
		return packet.Consent{Decision: packet.Refused}, nil
	case "without":
		for _, g := range book.GroundsFor(t.destination, demoNation, packet.Refused) {
			return packet.Consent{
				Decision: packet.Refused, Ground: g.ID, Why: packet.WhySeriousHarm, Told: packet.WasTold,
				Words: keep("Could be killed. Was told that we share this and why."),
			}, nil
		}
	}
	return packet.Consent{}, fmt.Errorf("no ground for %s: %w", t.destination, referrals.ErrInvalid)
}
