package partners

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
)

var today = time.Date(2026, 11, 25, 23, 30, 0, 0, time.UTC)

// whole is a company that does not exist and keeps the whole charter.
func whole() Partner {
	return Partner{
		Slug: "invented", Name: "Invented Chips", Wanted: true, Nations: directory.AllNations, Languages: []string{"en"}, Entries: []string{"worry", "work"},
		Hours:    []Hours{{Days: []time.Weekday{time.Monday}, From: "09:00", To: "17:00"}},
		Lead:     Lead{Contact: Contact{Role: "Safeguarding lead", By: Extension, At: "4100"}, NamedOn: today},
		Legal:    Contact{Role: "Legal team", By: Email, At: "law@invented.invalid"},
		Products: []Product{{ID: "dot", Kind: "consumer-implant", Make: "Invented Chips", Model: "Dot Nine", Material: "bioglass", Again: today}},
		Kept:     CharterLines(),
		Review:   Review{By: "Safeguarding board", On: today, Again: today},
	}
}

// TestTheGate takes one thing away at a time: each closes the page, and says why.
func TestTheGate(t *testing.T) {
	tomorrow, yesterday := today.AddDate(0, 0, 1), today.AddDate(0, 0, -1)
	type change struct {
		name, missing string
		do            func(*Partner)
	}
	changes := []change{
		{"nothing is missing", "", func(*Partner) {}},
		{"an example", "example", func(p *Partner) { p.Example = true }},
		{"nobody asked for it", "not-asked-for", func(p *Partner) { p.Wanted = false }},
		{"no lead at all", "lead", func(p *Partner) { p.Lead = Lead{} }},
		{"a role that nobody fills", "lead", func(p *Partner) { p.Lead.NamedOn = time.Time{} }},
		{"a lead named tomorrow", "lead", func(p *Partner) { p.Lead.NamedOn = tomorrow }},
		{"a lead nobody can reach", "lead", func(p *Partner) { p.Lead.Contact = Contact{} }},
		{"nobody reviewed it", "review", func(p *Partner) { p.Review.By = "" }},
		{"no day of review", "review", func(p *Partner) { p.Review.On = time.Time{} }},
		{"reviewed tomorrow", "review", func(p *Partner) { p.Review.On = tomorrow }},
		{"reviewed for ever", "review", func(p *Partner) { p.Review.Again = time.Time{} }},
		{"review overdue", "review-overdue", func(p *Partner) { p.Review.Again = yesterday }},
		{"no product", "products", func(p *Partner) { p.Products = nil }},
		{"a card without a day", "product.dot", func(p *Partner) { p.Products[0].Again = time.Time{} }},
		{"a card overdue", "product.dot", func(p *Partner) { p.Products[0].Again = yesterday }},
		{"no charter", "charter." + CharterLines()[0], func(p *Partner) { p.Kept = nil }},
	}
	for i, line := range CharterLines() {
		changes = append(changes, change{"without " + line, "charter." + line, func(p *Partner) { p.Kept = slices.Delete(CharterLines(), i, i+1) }})
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			p := whole()
			c.do(&p)
			l, err := Open(p)
			if err != nil {
				t.Fatal(err)
			}
			missing := p.Missing(today)
			if c.missing != "" && !slices.Contains(missing, c.missing) || (c.missing == "") != (len(missing) == 0) {
				t.Errorf("missing: %v", missing)
			}
			if _, live := l.Live(p.Slug, directory.UnknownNation, today); live != (c.missing == "") {
				t.Errorf("live: %v", live)
			}
			if err := l.Check(today); (err == nil) != (c.missing == "" || p.Example || !p.Wanted) {
				t.Errorf("the check says %v", err)
			}
		})
	}
	l, err := Open(whole())
	if err != nil {
		t.Fatal(err)
	}
	if _, live := l.Live("invented", directory.UnknownNation, tomorrow); live {
		t.Error("the day after the last of its review a partner is still live")
	}
	if _, live := l.Live("somebody", directory.UnknownNation, today); live {
		t.Error("somebody unknown is live")
	}
	if _, live := l.Live("", directory.UnknownNation, today); live {
		t.Error("nobody is live")
	}
}

// TestAPartnerIsShownInItsNationsAlone asks for it in each nation that a service may be for.
func TestAPartnerIsShownInItsNationsAlone(t *testing.T) {
	p := whole()
	p.Nations = directory.Nations(0).With(directory.Scotland).With(directory.Wales)
	l, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	for nation, want := range map[directory.Nation]bool{
		directory.UnknownNation: true, directory.Scotland: true, directory.Wales: true, directory.England: false, directory.NorthernIreland: false,
	} {
		if _, live := l.Live(p.Slug, nation, today); live != want {
			t.Errorf("in %s it is live: %v", nation, live)
		}
	}
}

// TestOnlyTheEntriesOfThePartnerHaveALetter asks for entries that this partner hands out, for others, and for what is none.
func TestOnlyTheEntriesOfThePartnerHaveALetter(t *testing.T) {
	p := whole()
	for entry, want := range map[string]string{"worry": "a", "work": "h", "sore": "", "": "", "a": "", "aliens": ""} {
		if got := p.Letter(entry); got != want {
			t.Errorf("%q has the letter %q", entry, got)
		}
	}
}

// TestWhatAPartnerMayNotSet holds every value to a shape that can carry no sentence, claim or telephone number.
func TestWhatAPartnerMayNotSet(t *testing.T) {
	for name, do := range map[string]func(*Partner){
		"slug":                 func(p *Partner) { p.Slug = "../x" },
		"name":                 func(p *Partner) { p.Name = "The only SAFE chip" },
		"a sentence as a name": func(p *Partner) { p.Name = "Please ring us first before anybody else" },
		"markup as a name":     func(p *Partner) { p.Name = "<b>Chips" },
		"no name":              func(p *Partner) { p.Name = "" },
		"nations":              func(p *Partner) { p.Nations = 0 },
		"entries":              func(p *Partner) { p.Entries = []string{"worry", "aliens"} },
		"an entry twice":       func(p *Partner) { p.Entries = []string{"worry", "worry"} },
		"a letter as an entry": func(p *Partner) { p.Entries = []string{"a"} },
		"languages":            func(p *Partner) { p.Languages = []string{"english please"} },
		"hours":                func(p *Partner) { p.Hours[0].From = "nine" },
		"hours backwards":      func(p *Partner) { p.Hours[0].From = "18:00" },
		"lead":                 func(p *Partner) { p.Lead.Role = "Ring 0800 000 000" },
		"a lead at 999":        func(p *Partner) { p.Lead.At = "999" },
		"a lead by telephone":  func(p *Partner) { p.Lead.At = "02079460000" },
		"lead of another kind": func(p *Partner) { p.Lead.By = "phone" },
		"legal":                func(p *Partner) { p.Legal.At = "law at invented" },
		"no legal":             func(p *Partner) { p.Legal = Contact{} },
		"charter":              func(p *Partner) { p.Kept = append(p.Kept, "we-are-nice") },
		"review":               func(p *Partner) { p.Review.By = "Dr. <i>" },
		"product: make":        func(p *Partner) { p.Products[0].Make = "Undetectable" },
		"product: model":       func(p *Partner) { p.Products[0].Model = "GPS tracker" },
		"product: kind":        func(p *Partner) { p.Products[0].Kind = "pacemaker" },
		"product: material":    func(p *Partner) { p.Products[0].Material = "harmless" },
		"product: mri":         func(p *Partner) { p.Products[0].MRICard = "no danger" },
		"product twice":        func(p *Partner) { p.Products = append(p.Products, p.Products[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			p := whole()
			do(&p)
			if _, err := Open(p); !errors.Is(err, ErrPartner) {
				t.Errorf("it is taken: %v", err)
			}
		})
	}
	if _, err := Open(whole(), whole()); err == nil {
		t.Error("a partner twice is taken")
	}
}

// TestTheFileIsReadStrictly starts from the file that ships.
func TestTheFileIsReadStrictly(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.All() {
		if !p.Example || p.Wanted || len(p.Missing(today)) == 0 {
			t.Errorf("%s ships live", p.Slug)
		}
		p.Example, p.Wanted = false, true
		if len(p.Missing(today)) < 3 {
			t.Errorf("%s would be live but for two words: %v", p.Slug, p.Missing(today))
		}
	}
	if len(l.All()) != 1 || l.Check(today) != nil {
		t.Errorf("%d partners, %v", len(l.All()), l.Check(today))
	}
	for name, change := range map[string][2]string{
		"words of its own":       {"    example: true", "    example: true\n    say: Buy our detector"},
		"an unknown day":         {"[mon,", "[monday,"},
		"a nation that is none":  {"[england, scotland,", "[england, cornwall,"},
		"a nation twice":         {"[england, scotland,", "[england, england,"},
		"no nation":              {"[england, scotland, wales, northern-ireland]", "[]"},
		"an empty nation":        {"[england, scotland,", "[england, \"\","},
		"an entry that is none":  {"[worry,", "[wory,"},
		"an unknown kind":        {"kind: consumer-implant", "kind: consumer_implant"},
		"an unknown line":        {"no-under-18:", "no-under-12:"},
		"a day that is none":     {`again: "2027-05-24"}`, `again: "2027-05-44"}`},
		"the name of the lawyer": {"at: legal@example.invalid}", `at: legal@example.invalid, named_on: "2026-11-01"}`},
	} {
		text := strings.Replace(string(file), change[0], change[1], 1)
		if text == string(file) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := read([]byte(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if l, err := read(nil); err != nil || len(l.All()) != 0 {
		t.Errorf("no partner at all: %v", err)
	}
}
