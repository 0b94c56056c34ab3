package refer

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/desk"
)

// check takes what was typed and shows exactly what each destination would get.
func (j *Journey) check(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	switch {
	case len(p.picks) == 0:
		return j.placesPage(r, p, desk.Located{}, "")
	case strings.HasPrefix(p.view, "more."), p.view == listStaff:
		p.faults = nil // nobody said that it is finished
		return j.aboutPage(r, p)
	case p.view == "places" && j.fits(&p):
		p.faults = nil
		return j.placesPage(r, p, desk.Located{}, "")
	}
	j.judge(&p)
	if len(p.faults) > 0 {
		return j.aboutPage(r, p)
	}
	return j.checkPage(r, p, asked{})
}

// asked is whose private contacts somebody asked for, and what they are. The zero value is nobody's.
type asked struct {
	number   int // of the packet, from 1
	contacts []desk.Contact
}

// contact shows the private contacts of one chosen service on the page that is looked at before anything is handed over, to
// who may read them and asks. They are read anew each time and travel in no form.
func (j *Journey) contact(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	if j.judge(&p); len(p.faults) > 0 || len(p.picks) == 0 {
		return j.check(r)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(p.view, askFor))
	if err != nil || n < 1 || n > len(p.picks) || p.picks[n-1].Service == "" || p.picks[n-1].Out {
		return web.Page{}, web.ErrNotFound
	}
	a := asked{number: n}
	if a.contacts, _, err = j.Private.ReadContacts(r.Context(), r.Session().Actor, p.picks[n-1].Service); err != nil {
		return web.Page{}, err
	}
	return j.checkPage(r, p, a)
}

// askFor begins what the button says that asks for the contacts of one packet's service.
const askFor = "contact."

// fits says whether all that was typed can travel in one form.
func (j *Journey) fits(p *posted) bool {
	_, err := j.seal(p.state, p.member)
	return !errors.Is(err, vault.ErrFormTooLong)
}

// judge finds what is wrong, each at its field.
func (j *Journey) judge(p *posted) {
	shared := false
	for i, x := range p.picks {
		at := func(part, message string) {
			name := "consent." + strconv.Itoa(i) + "." + part
			if !slices.ContainsFunc(p.faults, func(f fault) bool { return f.At == name }) {
				p.faults = append(p.faults, fault{At: name, Field: "referral.destination." + x.Destination + ".name", Message: message})
			}
		}
		if _, there := j.service(x); !there {
			at("decision", "refer.fault.gone")
		}
		j.judgeConsent(x, p.nation, at)
		shared = shared || !x.Out
	}
	if !shared && len(p.faults) == 0 {
		p.faults = append(p.faults, fault{At: "consent.0.ground", Field: "refer.consent.heading", Message: "refer.fault.nobody-told"})
	}
	_, faults := j.Desk.Book.Fill(p.entries)
	for _, f := range faults {
		name := f.Field
		if field, ok := j.Desk.Book.Field(f.Field); ok && field.Rows > 1 {
			name += "." + strconv.Itoa(f.Row)
		}
		if !slices.ContainsFunc(p.faults, func(x fault) bool { return x.At == name }) {
			p.faults = append(p.faults, fault{At: name, Field: "referral.field." + f.Field, Message: f.Message})
		}
	}
	if !j.fits(p) || len(p.away) > referrals.MostAway {
		p.faults = append(p.faults, fault{Message: "refer.fault.too-much"})
	}
}

func (j *Journey) judgeConsent(x pick, n directory.Nation, at func(part, message string)) {
	k := x.Consent
	switch {
	case !slices.Contains(packet.Decisions(), k.Decision):
		at("decision", "refer.fault.no-decision")
		return
	case k.Decision == packet.Given && x.Out: // whichever was meant, it is not guessed
		at("ground", "refer.fault.given-and-out")
		return
	case k.Decision == packet.Given || x.Out:
		return
	case k.Ground == "":
		at("ground", "refer.fault.no-ground")
		return
	}
	if !slices.Contains(packet.Whys(), k.Why) {
		at("why", "refer.fault.no-why")
	}
	if strings.TrimSpace(k.Words.Reveal()) == "" {
		at("words", "refer.fault.no-words")
	}
	if !slices.Contains(packet.Tolds(), k.Told) {
		at("told", "refer.fault.no-told")
	}
	d, _ := j.Desk.Book.Destination(x.Destination)
	if s, _ := j.service(x); s.Consent == directory.ConsentRequired {
		at("ground", "refer.fault.service-requires")
		return
	}
	if !slices.ContainsFunc(j.Desk.Book.GroundsFor(d.ID, n, k.Decision), func(g packet.Ground) bool { return g.ID == k.Ground }) {
		at("ground", "refer.fault.ground-not-here")
	}
}

// draft is what the desk is asked for. What no chosen destination needs is left behind here already.
func (j *Journey) draft(s state) referrals.Draft {
	made := j.plan(s)
	out := referrals.Draft{
		Plan: made, Nation: s.nation, Age: consult.Finder{}.Wants(&made, directory.Staff, j.Now()).Age, Urgency: s.urgency, Exclude: s.away,
	}
	for _, e := range s.entries {
		if f, known := j.Desk.Book.Field(e.Field); known {
			if whom, _ := j.whom(posted{state: s}, f); f.Core || len(whom) > 0 {
				out.Entries = append(out.Entries, e)
			}
		}
	}
	for _, x := range s.picks {
		service, _ := j.service(x)
		k := x.Consent
		if k.Decision == packet.Given || x.Out {
			k = packet.Consent{Decision: k.Decision}
		}
		out.Choices = append(out.Choices, referrals.Choice{Destination: x.Destination, Service: x.Service, Rule: service.Consent, Consent: k})
	}
	return out
}

type checkView struct {
	page
	Urgency string
	Away    awayView
	Packets []packetView
}

type packetView struct {
	Number         int
	Destination    string
	Service        string
	Withheld       bool
	Decision       string
	Unsafe         []lineView
	Parts          []partView
	Missing        []missingView
	Criteria       []criterionView
	Triggers, Next string
	Leaks          bool
	MayAsk, Asked  bool // for the service's private contacts; and whether they are shown
	Contacts       []desk.Contact
}

// missingView is a field that is not filled in, with the heading it stands under; without a field it is the criteria, of
// which any one is enough.
type missingView struct{ Part, Field string }

func missingOf(x referrals.Preview) (out []missingView) {
	for _, f := range x.Packet.Missing {
		one := missingView{"referral.part." + topic(f), "referral.field." + f}
		if slices.Contains(x.Destination.AnyOf, f) {
			one.Field = ""
		}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

type partView struct {
	Topic        string
	Found, Lines []lineView
}

type lineView struct {
	Field, Say, Text string
	Row              int
}

type criterionView struct {
	Field, Answer, Why string
	Met                bool
}

func (j *Journey) checkPage(r *web.Request, p posted, shown asked) (web.Page, error) {
	b, err := j.page(r, p)
	if err != nil {
		return web.Page{}, err
	}
	d := j.draft(p.state)
	previews, _, err := j.Desk.Preview(r.Session().Actor, d)
	if err != nil {
		return web.Page{}, err
	}
	kept, err := j.awayOf(r, p, len(p.away) > 0)
	if err != nil {
		return web.Page{}, err
	}
	v := checkView{page: b, Away: kept, Urgency: urgencyID(max(d.Plan.Urgency, d.Urgency))}
	a := r.Session().Actor
	mayAsk := people.May(a, people.DirectoryReadPrivate, a.Organisation()) == nil
	for i, x := range previews {
		service, _ := j.service(p.picks[i])
		one := viewOf(i+1, x, service.Name, d.Choices[i].Consent)
		one.MayAsk = mayAsk && p.picks[i].Service != "" && !one.Withheld
		if shown.number == one.Number {
			one.Asked, one.Contacts = true, shown.contacts
		}
		v.Packets = append(v.Packets, one)
	}
	return j.show(200, p.lang, "check", v)
}

func viewOf(n int, x referrals.Preview, service string, k packet.Consent) packetView {
	v := packetView{
		Number: n, Destination: x.Destination.ID, Service: service, Withheld: x.Err != nil, Leaks: x.Packet.Leaks,
		Decision: string(k.Decision), Missing: missingOf(x),
		Triggers: "referral.destination." + x.Destination.ID + ".triggers", Next: "referral.destination." + x.Destination.ID + ".next",
	}
	v.Unsafe, v.Parts = partsOf(x.Packet)
	for _, c := range x.Criteria {
		v.Criteria = append(v.Criteria, criterionView{c.Field, c.Answer, c.Why.Text.Reveal(), c.Met})
	}
	return v
}

// partsOf puts the lines of a packet under the headings that its copies have.
func partsOf(p packet.Packet) (unsafe []lineView, parts []partView) {
	for _, l := range p.Lines {
		one := lineView{"referral.field." + l.Field, l.Say, l.Text.Reveal(), l.Row}
		if l.Unsafe {
			unsafe = append(unsafe, one)
			continue
		}
		under := l.Part()
		at := slices.IndexFunc(parts, func(x partView) bool { return x.Topic == under })
		if at < 0 {
			parts, at = append(parts, partView{Topic: under}), len(parts)
		}
		if l.Field == "concern" {
			parts[at].Found = append(parts[at].Found, one)
		} else {
			parts[at].Lines = append(parts[at].Lines, one)
		}
	}
	return unsafe, parts
}
