package refer

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/screening"
	"waypost/web"
	"waypost/web/desk"
	"waypost/web/staff"
)

const mostPicks = 20

// posted is one form as it came: what travelled, with what it shows laid over it.
type posted struct {
	state
	lang, member string
	view         string
	typed        vault.Secret[string] // the postcode, to be used and forgotten
	asked        directory.Nation     // by the page of places, the only one that changes it
	chosen       []string
	faults       []fault
	shown        map[string]int // how many rows of a group the page showed
	ref          string         // of one hand-over, for its sheet
}

// fault is a mistake at a field, and the ids of the words for both. It never repeats what was typed.
type fault struct{ At, Field, Message string }

// errOld says that the state of a form cannot be opened any more; the page says so and leads back to the consultation.
var errOld = errors.New("refer: the form is too old or another member's")

// kind says what a field of our forms may hold.
func (j *Journey) kind(name string) web.Kind {
	if k := staff.FieldKind(name); k != web.Refused {
		return k
	}
	switch name {
	case "carried":
		return web.Sealed
	case "view", "nation", "urgency", "hand-over", "away-listed":
		return web.One
	case "to", "away":
		return web.Many
	case "postcode":
		return web.Line
	}
	if _, part, ok := consentField(name); ok {
		if part == "words" {
			return web.Prose
		}
		return web.One
	}
	if f, _, ok := j.field(name); ok {
		return desk.FieldKind(f)
	}
	return web.Refused
}

// consentField takes the name of a field about consent apart: which pick, and what of it.
func consentField(name string) (pick int, part string, ok bool) {
	rest, ok := strings.CutPrefix(name, "consent.")
	if !ok {
		return 0, "", false
	}
	number, part, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	known := slices.Contains([]string{"decision", "ground", "why", "told", "words"}, part)
	return n, part, err == nil && n >= 0 && n < mostPicks && known
}

// field takes the name of a field of the dossier apart: those that may stand more than once end in their row.
func (j *Journey) field(name string) (f packet.Field, row int, ok bool) {
	if f, ok = j.Desk.Book.Field(name); ok && f.Rows <= 1 {
		return f, 0, true
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return packet.Field{}, 0, false
	}
	row, err := strconv.Atoi(name[dot+1:])
	f, ok = j.Desk.Book.Field(name[:dot])
	return f, row, ok && err == nil && f.Rows > 1 && row >= 0 && row < f.Rows
}

// read reads a form of the journey.
func (j *Journey) read(r *web.Request) (posted, error) {
	form, wrong, err := r.Form(j.kind)
	if err != nil {
		return posted{}, err
	}
	asked, _ := form.One("lang")
	p := posted{lang: r.Language(asked).Tag, member: r.Session().Actor.Member(), shown: map[string]int{}}
	sealed, _ := form.One("carried")
	if p.state, err = j.open(sealed, p.member); err != nil {
		return p, fmt.Errorf("%w: %w", errOld, err)
	}
	p.view, _ = form.One("view")
	p.ref, _ = form.One("hand-over")
	p.chosen = form.Many("to")
	if text, ok := form.One("postcode"); ok {
		p.typed = vault.Keep(text)
	}
	p.asked = p.nation
	if n, ok := form.One("nation"); ok {
		if nation, err := directory.ParseNation(n); err == nil {
			p.asked = nation
		}
	}
	if u, ok := form.One("urgency"); ok {
		p.urgency = urgencyOf(u)
	}
	if _, listed := form.One("away-listed"); listed { // of a list that was not shown nobody was let near
		p.away = slices.DeleteFunc(form.Many("away"), func(m string) bool { return m == p.member })
	}
	j.lay(&p, form)
	j.keep(&p, r, wrong)
	return p, nil
}

func urgencyOf(word string) screening.Urgency {
	for u := screening.Info; u <= screening.Now; u++ {
		if urgencyID(u) == word {
			return u
		}
	}
	return screening.None
}

func urgencyID(u screening.Urgency) string { return strings.ReplaceAll(u.String(), "_", "-") }

// lay puts what the form shows over what travelled.
func (j *Journey) lay(p *posted, form web.Form) {
	for name, value := range form.All() {
		if at, part, ok := consentField(name); ok {
			if at < len(p.picks) {
				p.picks[at].lay(part, value)
			}
			continue
		}
		if f, row, ok := j.field(name); ok {
			p.put(f, row, value)
		}
	}
}

func (p *pick) lay(part, value string) {
	switch part {
	case "decision":
		p.Consent.Decision = packet.Decision(value)
	case "ground":
		p.Out = value == nobody
		p.Consent.Ground = ""
		if !p.Out {
			p.Consent.Ground = value
		}
	case "why":
		p.Consent.Why = packet.Why(value)
	case "told":
		p.Consent.Told = packet.Told(value)
	case "words":
		p.Consent.Words = vault.Keep(value)
	}
}

// nobody is the choice to leave a destination out and to record why.
const nobody = "leave-out"

func (p *posted) put(f packet.Field, row int, value string) {
	if f.Rows > 1 {
		p.shown[topic(f.ID)] = max(p.shown[topic(f.ID)], row+1)
	}
	p.entries = slices.DeleteFunc(p.entries, func(e packet.Entry) bool { return e.Field == f.ID && e.Row == row })
	p.entries = append(p.entries, packet.Entry{Field: f.ID, Row: row, Value: vault.Keep(value)})
}

// keep takes the faults of the form along, and what stood at them, so that it is there to be mended.
func (j *Journey) keep(p *posted, r *web.Request, wrong []web.Fault) {
	if len(wrong) == 0 {
		return
	}
	raw, err := url.ParseQuery(r.Posted().Reveal())
	if err != nil {
		raw = url.Values{}
	}
	for _, w := range wrong {
		if w.Question == "postcode" {
			p.typed = vault.Keep("?") // it is none, and it is not repeated
			continue
		}
		at := fault{At: w.Question, Message: w.MessageID}
		if f, row, ok := j.field(w.Question); ok {
			at.Field = "referral.field." + f.ID
			if f.List == "" {
				p.put(f, row, printable(raw.Get(w.Question)))
			}
		} else if i, part, ok := consentField(w.Question); ok && i < len(p.picks) {
			at.Field = "refer.consent." + part
			if part == "words" {
				p.picks[i].Consent.Words = vault.Keep(printable(raw.Get(w.Question)))
			}
		} else {
			at.At, at.Field = "", ""
		}
		p.faults = append(p.faults, at)
	}
}

// printable leaves out what cannot be seen.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || strconv.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// topic is the group of a field: the first part of its id.
func topic(id string) string {
	t, _, _ := strings.Cut(id, ".")
	return t
}
