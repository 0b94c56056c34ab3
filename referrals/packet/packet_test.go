package packet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
)

// Every person, number and word in these tests is invented.

func book(t testing.TB) *packet.Book {
	t.Helper()
	b, err := packet.Load(packet.Content())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var nations = []directory.Nation{directory.UnknownNation, directory.England, directory.Wales, directory.Scotland, directory.NorthernIreland}

// draw fills some of the fields, each with a value that says which field it stands in.
func draw(t *rapid.T, b *packet.Book, full bool) packet.Dossier {
	var in []packet.Entry
	for _, f := range b.Fields {
		for row := range max(f.Rows, 1) {
			if !full && rapid.IntRange(0, 3).Draw(t, "skip") == 0 || row > 1 && rapid.Bool().Draw(t, "rows") {
				continue
			}
			in = append(in, packet.Entry{Field: f.ID, Row: row, Value: vault.Keep(sample(t, b, f, row))})
		}
	}
	d, faults := b.Fill(in)
	if len(faults) > 0 {
		t.Fatalf("%v", faults)
	}
	return d
}

func sample(t *rapid.T, b *packet.Book, f packet.Field, row int) string {
	switch {
	case f.List != "":
		return rapid.SampledFrom(b.Codes(f.List)).Draw(t, f.ID)
	case f.Kind == "date":
		return "1971-02-03"
	case f.Kind == "number":
		return "999 000 0018"
	}
	return fmt.Sprintf("canary %s %d", f.ID, row)
}

func consents(t *rapid.T, b *packet.Book) packet.Consent {
	c := packet.Consent{
		Decision: rapid.SampledFrom(append(packet.Decisions(), "", "maybe")).Draw(t, "decision"),
		Why:      rapid.SampledFrom(append(packet.Whys(), "", "because")).Draw(t, "why"),
		Told:     rapid.SampledFrom(append(packet.Tolds(), "")).Draw(t, "told"),
		Words:    vault.Keep(rapid.SampledFrom([]string{"", "  ", "canary words"}).Draw(t, "words")),
		By:       rapid.SampledFrom([]string{"", "member-1"}).Draw(t, "by"),
		Stricter: rapid.SampledFrom(directory.ConsentRules()).Draw(t, "stricter"),
	}
	if rapid.Bool().Draw(t, "dated") {
		c.On = time.Date(2027, 3, 10, 9, 0, 0, 0, time.UTC)
	}
	grounds := []string{"", "because-i-say-so"}
	for _, d := range b.Destinations {
		grounds = append(grounds, d.Without...)
	}
	c.Ground = rapid.SampledFrom(grounds).Draw(t, "ground")
	if rapid.Bool().Draw(t, "given") {
		return given
	}
	return c
}

func input(t *rapid.T, b *packet.Book) packet.Input {
	return packet.Input{
		Destination: rapid.SampledFrom(b.Destinations).Draw(t, "destination").ID,
		Reference:   "ref-1", Made: time.Date(2027, 3, 10, 9, 0, 0, 0, time.UTC),
		Nation: rapid.SampledFrom(nations).Draw(t, "nation"), Urgency: "same_day",
		Age: rapid.SampledFrom([]directory.Age{directory.AgeUnknown, directory.Under13, directory.From16To17, directory.Adult}).Draw(t, "age"),
		Concerns: []packet.Concern{
			{Finding: "a.abuse", Line: "abuse", Pathways: []string{"domestic-abuse"}},
			{Finding: "a.mind", Line: "mind", Pathways: []string{"mental-health"}},
			{Finding: "a.child", Line: "abuse", Pathways: []string{"child-safeguarding"}},
			{Finding: "a.mind-with-abuse", Line: "mind", Pathways: []string{"domestic-abuse", "mental-health-crisis"}},
		},
		Dossier: draw(t, b, rapid.Bool().Draw(t, "full")), Consent: consents(t, b),
	}
}

// alone are the lines that are no field of the dossier.
var alone = []string{"unsafe.contact", "urgency", "consent", "ground", "why-without", "told", "concern"}

// A15: a packet never holds a field that is not its destination's, nor a finding that is not for it.
func TestAPacketHoldsItsDestinationsFieldsAndNoOther(t *testing.T) {
	b := book(t)
	made := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, b)
		p, err := b.Make(in)
		if err != nil {
			return
		}
		made[in.Destination]++
		d, _ := b.Destination(in.Destination)
		own := slices.Concat(d.Must, d.May, d.AnyOf, alone)
		for _, l := range p.Lines {
			f, _ := b.Field(l.Field)
			if !f.Core && !slices.Contains(own, l.Field) {
				t.Fatalf("%s is told %s", d.ID, l.Field)
			}
			if l.Field == "concern" {
				for _, c := range in.Concerns {
					foreign := !slices.ContainsFunc(c.Pathways, func(p string) bool { return slices.Contains(d.Finds, p) })
					if l.Say == "finding."+c.Finding+".title" && (foreign || c.Line == "mind" && d.Group != "health" || c.Line == "abuse" && d.Group == "health") {
						t.Fatalf("%s is told the finding %s", d.ID, c.Finding)
					}
				}
			}
		}
		// What was typed into a field of another destination is nowhere in what is rendered.
		text, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		plain := p.Plain(ids{})
		for _, e := range in.Dossier.Entries() {
			f, _ := b.Field(e.Field)
			typed := e.Value.Reveal()
			if f.Core || slices.Contains(own, e.Field) || !strings.HasPrefix(typed, "canary") {
				continue
			}
			if bytes.Contains(text, []byte(typed)) || strings.Contains(plain, typed+"\n") {
				t.Fatalf("%s is told what stands in %s", d.ID, e.Field)
			}
		}
		if bytes.Contains(text, []byte("canary words")) {
			t.Fatal("the reason in words left the case")
		}
	})
	if len(made) < 3 {
		t.Errorf("packets for %d destinations were looked at", len(made))
	}
}

// Consent refused, not asked or impossible never yields a packet without a ground that holds there, a reason in a code
// and in words, and whether the person was told.
func TestWithoutConsentThereIsNoPacketWithoutAGround(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, b)
		d, _ := b.Destination(in.Destination)
		_, err := b.Make(in)
		c := in.Consent
		grounded := slices.Contains(d.Without, c.Ground) && c.Why != "" && c.Why != "because" && strings.TrimSpace(c.Words.Reveal()) != "" &&
			c.Told != "" && c.Stricter != directory.ConsentRequired && c.Decision != "" && c.Decision != "maybe"
		if err == nil && (c.By == "" || c.On.IsZero() || c.Decision != packet.Given && !grounded) {
			t.Fatalf("%s got a packet with %q on %q", d.ID, c.Decision, c.Ground)
		}
		if c.Decision != packet.Given && len(d.Without) == 0 && err == nil {
			t.Fatalf("%s needs consent and got a packet without", d.ID)
		}
	})
}

// A Welsh duty opens nothing in England, and a lack of capacity that nobody found is no ground.
func TestAGroundHoldsInItsNationAndBesideItsDecision(t *testing.T) {
	b := book(t)
	d, _ := b.Destination("child-protection")
	c := packet.Consent{
		Decision: packet.Refused, Ground: "child-duty-wales", Why: packet.WhyChild, Told: packet.SaferNot,
		Words: vault.Keep("invented"), By: "member-1", On: time.Now(),
	}
	if err := b.Permits(d, directory.Wales, c); err != nil {
		t.Error(err)
	}
	for _, n := range []directory.Nation{directory.England, directory.Scotland, directory.UnknownNation} {
		if err := b.Permits(d, n, c); !errors.Is(err, packet.ErrNoConsent) {
			t.Errorf("%s: %v", n, err)
		}
	}
	police, _ := b.Destination("police")
	c.Ground = "lacks-capacity-and-abuse"
	if err := b.Permits(police, directory.England, c); !errors.Is(err, packet.ErrNoConsent) {
		t.Errorf("refused by somebody able: %v", err)
	}
	c.Decision = packet.NoAbility
	if err := b.Permits(police, directory.England, c); err != nil {
		t.Error(err)
	}
}

// How the person must not be approached comes before everything else, and what is not known is not allowed.
func TestUnsafeContactIsAlwaysFirst(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, b)
		in.Consent = given
		p, err := b.Make(in)
		if err != nil {
			return
		}
		if !p.Lines[0].Unsafe {
			t.Fatal("a packet begins with something else")
		}
		said := map[string]bool{}
		last := true
		for _, l := range p.Lines {
			if l.Unsafe && !last {
				t.Fatal("a warning stands behind something else")
			}
			last = l.Unsafe
			said[l.Say] = said[l.Say] || l.Unsafe
		}
		for _, way := range []string{"voicemail", "texts", "emails", "letters", "portal"} {
			if told := b.Code(in.Dossier, "contact."+way); (told != "yes") != said["referral.warning.no-"+way] {
				t.Fatalf("%s is %q and the warning stands: %v", way, told, said["referral.warning.no-"+way])
			}
		}
		unsafe := 0
		for _, e := range in.Dossier.Entries() {
			if e.Field == "unsafe.name" {
				unsafe++
				if !slices.ContainsFunc(p.Lines, func(l packet.Line) bool {
					return l.Unsafe && l.Field == "unsafe.name" && l.Text.Reveal() == e.Value.Reveal()
				}) {
					t.Fatal("somebody who must not be spoken to is not flagged")
				}
			}
		}
	})
}

var given = packet.Consent{Decision: packet.Given, By: "member-1", On: time.Date(2027, 3, 10, 9, 0, 0, 0, time.UTC)}

// The four criteria are an OR: each alone opens the conference with its reason, none closes it, and there is no number.
func TestOneCriterionIsEnoughAndANoClosesNothing(t *testing.T) {
	b := book(t)
	d, _ := b.Destination("marac")
	for _, met := range d.AnyOf {
		var in []packet.Entry
		for _, f := range d.AnyOf {
			answer := "no"
			if f == met {
				answer = "yes"
			}
			in = append(in, entry(f, answer))
		}
		bare, _ := b.Fill(in)
		if got := d.Missing(bare); !slices.Contains(got, met+"-why") || slices.Contains(got, met) {
			t.Errorf("%s without its reason: missing %v", met, got)
		}
		with, _ := b.Fill(append(in, entry(met+"-why", "invented")))
		for _, f := range d.Missing(with) {
			if strings.HasPrefix(f, "criteria.") {
				t.Errorf("%s is enough, and still missing: %s", met, f)
			}
		}
		shown := b.Criteria(d, with)
		if len(shown) != 4 {
			t.Fatalf("%d criteria are shown", len(shown))
		}
		for _, c := range shown {
			if c.Met != (c.Field == met) || c.Met && c.Why.Text.Reveal() != "invented" {
				t.Errorf("%s: %+v", met, c.Field)
			}
		}
	}
	none, _ := b.Fill([]packet.Entry{entry("criteria.visible", "no")})
	if got := d.Missing(none); !slices.Contains(got, "criteria.judgement") {
		t.Errorf("no criterion is met and it is not said: %v", got)
	}
}

func entry(field, value string) packet.Entry {
	return packet.Entry{Field: field, Value: vault.Keep(value)}
}

func TestOnlyWhatAChosenDestinationNeedsIsKept(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		full := draw(t, b, true)
		var chosen []string
		for _, d := range b.Destinations {
			if rapid.IntRange(0, 5).Draw(t, "chosen") == 0 {
				chosen = append(chosen, d.ID)
			}
		}
		kept := b.Minimise(full, chosen)
		for _, f := range b.Fields {
			needed := f.Core || slices.ContainsFunc(chosen, func(id string) bool {
				d, _ := b.Destination(id)
				return slices.Contains(slices.Concat(d.Must, d.May, d.AnyOf), f.ID)
			})
			if kept.Holds(f.ID) != needed {
				t.Fatalf("%s kept: %v, needed: %v", f.ID, kept.Holds(f.ID), needed)
			}
		}
	})
}

func TestWhatIsTypedWrongIsSaidWithoutRepeatingIt(t *testing.T) {
	b := book(t)
	for name, c := range map[string]struct{ field, value, want string }{
		"unknown field":     {"person.shoe-size", "44", "referral.fault.unknown-field"},
		"not on the list":   {"contact.channel", "pigeon", "referral.fault.not-on-list"},
		"a date in words":   {"person.birth", "3 Feb", "referral.fault.date"},
		"a wrong number":    {"person.nhs-number", "9990000019", "referral.fault.number"},
		"far too long":      {"person.name", strings.Repeat("a", 401), "referral.fault.too-long"},
		"unseen characters": {"person.name", "a\u202eb", "referral.fault.characters"},
		"two lines":         {"person.name", "a\nb", "referral.fault.characters"},
	} {
		d, faults := b.Fill([]packet.Entry{entry(c.field, c.value), entry("contact.times", "mornings")})
		if len(faults) != 1 || faults[0].Message != c.want || !d.Holds("contact.times") {
			t.Errorf("%s: %v", name, faults)
		}
		if strings.Contains(fmt.Sprintf("%+v", faults), c.value) {
			t.Errorf("%s: what was typed is repeated", name)
		}
	}
	long := strings.Repeat("a", packet.LongestText)
	var much []packet.Entry
	for _, f := range b.Fields {
		if f.Kind == "text" {
			much = append(much, entry(f.ID, long))
		}
	}
	d, faults := b.Fill(much)
	if kept := len(d.Entries()); kept != packet.LongestDossier/packet.LongestText || kept+len(faults) != len(much) {
		t.Errorf("%d long fields are kept", kept)
	}
	for _, row := range []int{-1, 1, 12} {
		e := entry("person.name", "x")
		e.Row = row
		if _, faults := b.Fill([]packet.Entry{e}); len(faults) != 1 {
			t.Errorf("row %d of a field that stands once is taken", row)
		}
	}
	if d, faults := b.Fill([]packet.Entry{entry("person.name", " "), entry("account.reason", "a\r\nb")}); len(faults) != 0 || d.Holds("person.name") || !d.Holds("account.reason") {
		t.Errorf("blank and lines: %v", faults)
	}
}

// Whatever is typed into whatever field, what is taken is readable and within its length, and no fault repeats it.
func TestAnythingMayBeTyped(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(b.Fields).Draw(t, "field")
		typed := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ \n\x00-\x1f0-9a-z\x{202e}-]{0,40}`)).Draw(t, "typed")
		d, faults := b.Fill([]packet.Entry{{Field: f.ID, Row: rapid.IntRange(-2, 14).Draw(t, "row"), Value: vault.Keep(typed)}})
		kept := d.Entries()
		if len(kept)+len(faults) > 1 || len(kept)+len(faults) == 0 && strings.TrimSpace(typed) != "" {
			t.Fatalf("%d kept, %d faults", len(kept), len(faults))
		}
		for _, e := range kept {
			text := e.Value.Reveal()
			if len(text) > packet.LongestText || strings.ContainsAny(text, "\x00\x1b\u202e") || f.Kind != "text" && strings.Contains(text, "\n") {
				t.Fatalf("%s takes it", f.ID)
			}
		}
	})
}

func TestNationAndAgeDecideWhoMayBeAsked(t *testing.T) {
	b := book(t)
	for _, c := range []struct {
		id  string
		n   directory.Nation
		a   directory.Age
		err error
	}{
		{"iris", directory.Scotland, directory.Adult, packet.ErrNation},
		{"iris", directory.Wales, directory.From16To17, nil},
		{"domestic-abuse", directory.England, directory.Under16, packet.ErrAge},
		{"child-protection", directory.England, directory.Under13, nil},
		{"adult-england", directory.England, directory.From16To17, packet.ErrAge},
		{"adult-scotland", directory.Scotland, directory.From16To17, nil},
		{"adult-wales", directory.England, directory.Adult, packet.ErrNation},
		{"adult-wales", directory.UnknownNation, directory.Adult, packet.ErrNation},
		{"image-abuse", directory.England, directory.Under18, packet.ErrAge},
		{"police", directory.UnknownNation, directory.AgeUnknown, nil},
	} {
		d, ok := b.Destination(c.id)
		if !ok {
			t.Fatal(c.id)
		}
		if err := d.Fits(c.n, c.a); !errors.Is(err, c.err) {
			t.Errorf("%s in %s at %d: %v", c.id, c.n, c.a, err)
		}
	}
}

// Whoever is feared stands in one place, with all that the destination is told of each.
func TestOnePersonStandsInOnePlace(t *testing.T) {
	b := book(t)
	row := func(field string, row int, value string) packet.Entry {
		return packet.Entry{Field: field, Row: row, Value: vault.Keep(value)}
	}
	d, _ := b.Fill([]packet.Entry{
		row("feared.relationship", 0, "partner"), row("feared.relationship", 1, "in-law"), row("feared.name", 0, "A"), row("feared.name", 1, "B"),
	})
	for id, wants := range map[string]string{
		"marac": "feared.relationship 1, feared.name 1, feared.relationship 2, feared.name 2", "iris": "feared.relationship 1, feared.relationship 2",
	} {
		p, err := b.Make(packet.Input{Destination: id, Reference: "r", Nation: directory.England, Urgency: "now", Dossier: d, Consent: given})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range p.Lines {
			if strings.HasPrefix(l.Field, "feared.") {
				got = append(got, fmt.Sprintf("%s %d", l.Field, l.Row))
			}
		}
		if strings.Join(got, ", ") != wants {
			t.Errorf("%s: %q", id, got)
		}
	}
}

// A packet that rested reads back as it was.
func TestAPacketReadsBackAsItWas(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, b)
		in.Consent = given
		p, err := b.Make(in)
		if err != nil {
			return
		}
		text, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := packet.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.JSON()
		if err != nil || !bytes.Equal(text, again) || back.Plain(ids{}) != p.Plain(ids{}) {
			t.Fatal("it does not read back as it was")
		}
		if !json.Valid(text) || strings.Contains(fmt.Sprintf("%+v %#v", p, p), "canary") {
			t.Fatal("a packet prints what was typed")
		}
	})
}

// ids says each id as it is.
type ids struct{}

func (ids) Text(id string, _ ...any) string { return id }

// The discreet copy holds a reference, a day and whom to ask, whatever the packet holds.
func TestTheDiscreetCopyBetraysNothing(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, b)
		in.Consent = given
		p, err := b.Make(in)
		if err != nil {
			return
		}
		text := p.PlainDiscreet(ids{})
		for _, e := range in.Dossier.Entries() {
			typed := e.Value.Reveal()
			if strings.HasPrefix(typed, "canary") && !strings.HasPrefix(e.Field, "referrer.") && strings.Contains(text, typed) {
				t.Fatalf("%s stands on it", e.Field)
			}
		}
		if strings.Contains(text, in.Destination) || strings.Contains(text, "finding.") {
			t.Fatal("it says what it is about")
		}
	})
}

func TestAllContentWaitsForItsReview(t *testing.T) {
	b := book(t)
	if b.Overdue(time.Now()) != 0 {
		t.Error("content is past its review")
	}
	if b.Awaiting() < len(b.Destinations)+len(b.Destinations[0].Without)+1 {
		t.Error("nobody has signed anything, and it does not say so")
	}
}
