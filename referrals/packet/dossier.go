package packet

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/vault"
)

// The longest a field may be, in characters; what is typed in any script has the same room.
const (
	LongestWords = 400
	LongestText  = 6000
	// LongestDossier is all fields together, in bytes, so that a case with every packet that left still fits one record.
	LongestDossier = 40_000
)

// Field is one line of the closed list of what a case may hold.
type Field struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"` // words, text, date, number; empty where List is set
	List string `yaml:"list"` // the closed list its answers come from
	Rows int    `yaml:"rows"` // how often it may stand
	Core bool   `yaml:"core"` // kept with every case, first in every packet
}

// Entry is one value of a field, as a form sends it or as it rests. Row counts from 0.
type Entry struct {
	Field string
	Row   int
	Value vault.Secret[string]
}

// Fault is a mistake in an entry: where, and the id of the words that explain it. Never what was typed.
type Fault struct {
	Field   string
	Row     int
	Message string
}

// Dossier is what is known of a person for the sake of a referral: fields of the closed list and their values. It is a
// value; nothing changes it.
type Dossier struct{ entries []Entry }

// Entries are all values, in the order of the list of fields and then by row.
func (d Dossier) Entries() []Entry { return slices.Clone(d.entries) }

// Holds says whether a field has a value.
func (d Dossier) Holds(field string) bool {
	return slices.ContainsFunc(d.entries, func(e Entry) bool { return e.Field == field })
}

// At is the value of a field, and whether there is one. Row counts from 0.
func (d Dossier) At(field string, row int) (vault.Secret[string], bool) { return d.at(field, row) }

func (d Dossier) at(field string, row int) (vault.Secret[string], bool) {
	for _, e := range d.entries {
		if e.Field == field && e.Row == row {
			return e.Value, true
		}
	}
	return vault.Secret[string]{}, false
}

// Code is the answer of a field that has a closed list, or nothing.
func (b *Book) Code(d Dossier, field string) string {
	if b.fields[field].List == "" {
		return ""
	}
	return d.code(field)
}

func (d Dossier) code(field string) string {
	v, _ := d.at(field, 0)
	return v.Reveal()
}

// rows is how many rows the fields of a group reach.
func (d Dossier) rows(group []string) (n int) {
	for _, e := range d.entries {
		if slices.Contains(group, e.Field) {
			n = max(n, e.Row+1)
		}
	}
	return n
}

// Fill makes a dossier of entries. Blank ones are left out; every other one is sound or has a fault, so that a page can
// show each fault at its field and keep the rest.
func (b *Book) Fill(entries []Entry) (Dossier, []Fault) {
	var d Dossier
	var faults []Fault
	whole := 0
	for _, e := range entries {
		text := strings.TrimSpace(e.Value.Reveal())
		if text == "" {
			continue
		}
		f, known := b.fields[e.Field]
		_, twice := d.at(e.Field, e.Row)
		switch {
		case !known:
			faults = append(faults, Fault{"", 0, "referral.fault.unknown-field"}) // what was sent is not repeated
		case e.Row < 0 || e.Row >= max(f.Rows, 1):
			faults = append(faults, Fault{e.Field, 0, "referral.fault.too-many"})
		case twice:
			faults = append(faults, Fault{e.Field, e.Row, "referral.fault.twice"})
		default:
			value, fault := b.sound(f, text)
			if whole += len(value); whole > LongestDossier {
				fault = "referral.fault.too-long"
			}
			if fault != "" {
				faults = append(faults, Fault{e.Field, e.Row, fault})
				continue
			}
			d.entries = append(d.entries, Entry{e.Field, e.Row, vault.Keep(value)})
		}
	}
	slices.SortStableFunc(d.entries, func(a, c Entry) int {
		if a.Field != c.Field {
			return b.order[a.Field] - b.order[c.Field]
		}
		return a.Row - c.Row
	})
	return d, faults
}

// sound is the value as it is kept, or the id of the words for what is wrong with it.
func (b *Book) sound(f Field, text string) (value, fault string) {
	if f.List != "" {
		if !slices.Contains(b.lists[f.List], text) {
			return "", "referral.fault.not-on-list"
		}
		return text, ""
	}
	longest := LongestWords
	if f.Kind == "text" {
		longest = LongestText
	}
	if utf8.RuneCountInString(text) > longest {
		return "", "referral.fault.too-long"
	}
	for _, r := range text {
		if !(unicode.IsPrint(r) || f.Kind == "text" && (r == '\n' || r == '\r' || r == '\t')) {
			return "", "referral.fault.characters"
		}
	}
	switch f.Kind {
	case "date":
		if day, err := time.Parse("2006-01-02", text); err != nil || day.Year() < 1880 {
			return "", "referral.fault.date"
		}
	case "number":
		n, err := vault.ParseNHSNumber(text)
		if err != nil {
			return "", "referral.fault.number"
		}
		return n.Reveal(), ""
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), ""
}

// Minimise keeps the core fields and those that some of the destinations may have; the rest is gone.
func (b *Book) Minimise(d Dossier, destinations []string) Dossier {
	wanted := map[string]bool{}
	for _, id := range destinations {
		if dest, ok := b.Destination(id); ok {
			for _, f := range dest.Fields() {
				wanted[f] = true
			}
		}
	}
	var out Dossier
	for _, e := range d.entries {
		if b.fields[e.Field].Core || wanted[e.Field] {
			out.entries = append(out.entries, e)
		}
	}
	return out
}
