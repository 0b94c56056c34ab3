// Package partners knows which companies may send worried customers here and open the page for their support staff: name,
// hours, contacts, products, languages, and the charter that each of them keeps. It is reviewed data in the repository.
//
// A partner is live only while every line of the charter is true, a lead is named and no review is overdue; whatever is
// missing, wrong or late closes its page (docs/decisions/0014). It refuses words: a partner sets names, times and ways to
// reach its own people, never a sentence, so no partner can change what a frightened person is told. It holds no person's
// name: that a lead is named is a date on which the company said so.
package partners

import (
	"slices"
	"time"

	"waypost/referrals/directory"
)

// CharterLines are what a company promises, all of it, before any of its customers is sent here.
func CharterLines() []string {
	return []string{
		"no-third-party-fitting", "no-under-18", "no-detector-sales", "no-contact-from-us-back",
		"workplace-free-choice-and-alternative", "access-reset-not-for-partners", "staff-debrief", "medical-removal-sheet",
		"complaints-to-regulator", "no-transcript-or-preview",
	}
}

// Partner is one company. Its slices are shared: read only.
type Partner struct {
	Slug, Name string
	Example    bool              // shows how an entry is written; never live
	Wanted     bool              // the reviewers asked for it to be live
	Nations    directory.Nations // where it has customers; its page is shown in no other
	Languages  []string
	Entries    []string // names of Entries that its agents may hand out
	Hours      []Hours
	Lead       Lead
	Legal      Contact // the only place that the police or a court is pointed to
	Products   []Product
	Kept       []string // lines of the charter that are true
	Review     Review
}

// Hours are when the company's support answers, from and to as 15:04 in the United Kingdom.
type Hours struct {
	Days     []time.Weekday
	From, To string
}

// Contact is a role and how the company's own staff reach it.
type Contact struct {
	Role string
	By   By
	At   string
}

// By is the kind of a contact.
type By string

// The ways to reach somebody inside a company. A telephone number is none of them: numbers come from the directory.
const (
	Email     By = "email"
	Extension By = "extension"
)

// Lead is the safeguarding lead of a company. NamedOn is the day on which the company named the person to the reviewers.
type Lead struct {
	Contact
	NamedOn time.Time
}

// Product is the card of one product, as its clinician or the agent's caller asks for it.
type Product struct {
	ID, Kind    string // one of Kinds
	Make, Model string
	Material    string // one of Materials
	MRICard     string // the number of the maker's card for a scan; empty: there is none
	Again       time.Time
}

// Kinds are what a product may be. What doses, shocks, breathes or raises alarms is none of them: its makers need another page.
func Kinds() []string { return []string{"consumer-implant", "wearable", "reader"} }

// Materials are what an implant may be covered with.
func Materials() []string { return []string{"bioglass", "polymer", "resin", "parylene", "not-known"} }

// Review is who looked at the entry, when, and when it is looked at again.
type Review struct {
	By        string // a role, not a person
	On, Again time.Time
}

// Missing lists why a partner is not live on a day; nothing missing is live.
func (p Partner) Missing(today time.Time) []string {
	var out []string
	if p.Example {
		out = append(out, "example")
	}
	if !p.Wanted {
		out = append(out, "not-asked-for")
	}
	for _, line := range CharterLines() {
		if !slices.Contains(p.Kept, line) {
			out = append(out, "charter."+line)
		}
	}
	if p.Lead.Role == "" || p.Lead.At == "" || p.Lead.NamedOn.IsZero() || after(p.Lead.NamedOn, today) {
		out = append(out, "lead")
	}
	switch r := p.Review; {
	case r.By == "" || r.On.IsZero() || r.Again.IsZero() || after(r.On, today):
		out = append(out, "review")
	case after(today, r.Again):
		out = append(out, "review-overdue")
	}
	if len(p.Products) == 0 {
		out = append(out, "products")
	}
	for i := range p.Products {
		if p.Products[i].Again.IsZero() || after(today, p.Products[i].Again) {
			out = append(out, "product."+p.Products[i].ID)
		}
	}
	return out
}

// after compares calendar days: what is due on a day is good until that day is over.
func after(a, b time.Time) bool { return day(a).After(day(b)) }

func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Entry is a branch of the public journey that may be entered by a letter behind the address (/?x=a). It ticks the first answer
// beforehand and decides nothing; it is the same for the customers of every company, and no letter tells who handed it out.
type Entry struct{ Name, Letter string }

// Entries are all there are. Package web/agent holds them to the letters that the public journey knows.
func Entries() []Entry {
	return []Entry{
		{"worry", "a"}, {"forced", "b"}, {"keys", "c"}, {"sore", "d"}, {"out", "e"}, {"relative", "f"}, {"child", "g"}, {"work", "h"},
	}
}

// Letter is the letter of an entry that this partner hands out; empty: it does not, or there is no such entry.
func (p *Partner) Letter(entry string) string {
	i := slices.IndexFunc(Entries(), func(e Entry) bool { return e.Name == entry })
	if i < 0 || !slices.Contains(p.Entries, entry) {
		return ""
	}
	return Entries()[i].Letter
}

// List is all partners, checked.
type List struct{ all []Partner }

// Live finds a partner that is live on a day, in the nation that this service is for; in every nation where it is for all of
// them. Who is not known, who is not live and who is live elsewhere look the same.
func (l *List) Live(slug string, nation directory.Nation, today time.Time) (Partner, bool) {
	i := slices.IndexFunc(l.all, func(p Partner) bool { return p.Slug == slug })
	if i < 0 || len(l.all[i].Missing(today)) > 0 || nation != directory.UnknownNation && !l.all[i].Nations.Has(nation) {
		return Partner{}, false
	}
	return l.all[i], true
}

// All are the partners in the order of the file.
func (l *List) All() []Partner { return slices.Clone(l.all) }

// DayWords is the id of the words for a day of the week.
func DayWords(d time.Weekday) string { return "agent.day." + weekdays[d] }

// MaterialWords is the id of the words for a material.
func MaterialWords(material string) string { return "agent.material." + material }

// KindWords is the id of the words for a kind of product.
func KindWords(kind string) string { return "agent.kind." + kind }

// Words lists the ids of the words that entries need.
func Words() []string {
	var ids []string
	for d := range weekdays {
		ids = append(ids, DayWords(time.Weekday(d)))
	}
	for _, k := range Kinds() {
		ids = append(ids, KindWords(k))
	}
	for _, m := range Materials() {
		ids = append(ids, MaterialWords(m))
	}
	return ids
}
