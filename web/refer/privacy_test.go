package refer_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waypost/internal/store"
	"waypost/referrals/directory"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/packet"
	"waypost/web/staff/stafftest"
)

// canary is a value for a field that stands nowhere else.
func canary(f packet.Field, row, n int) string {
	switch f.Kind {
	case "date":
		return fmt.Sprintf("19%02d-%02d-17", 1+n, row+1)
	case "number":
		return "9434765919" // made for tests
	case "words", "text":
		return fmt.Sprintf("Canary-%d-%d-quelle", n, row)
	}
	return ""
}

// everyField fills each field that the page asks for with a canary of its own, and each list with its first answer.
func everyField(b *browser, book *packet.Book) (form url.Values, where map[string]string) {
	form, where = url.Values{}, map[string]string{}
	for name := range b.form("/refer/check") {
		field, row := name, 0
		f, ok := book.Field(field)
		if !ok {
			field, row = strings.TrimSuffix(name, ".0"), 0
			f, ok = book.Field(field)
		}
		if !ok {
			continue
		}
		if f.List != "" {
			form.Set(name, book.Codes(f.List)[0])
			continue
		}
		n := slices.IndexFunc(book.Fields, func(x packet.Field) bool { return x.ID == f.ID })
		form.Set(name, canary(f, row, n))
		where[f.ID] = canary(f, row, n)
	}
	return form, where
}

// everywhere lists all destinations that an adult in England can be referred to.
func everywhere(book *packet.Book) (all []string) {
	for _, d := range book.Destinations {
		if d.Fits(directory.England, directory.Adult) == nil {
			all = append(all, d.ID)
		}
	}
	return all
}

func given(n int) url.Values {
	out := url.Values{"view": {"check"}}
	for i := range n {
		out.Set(fmt.Sprintf("consent.%d.decision", i), "given")
	}
	return out
}

// A15: what is shown for a destination, and would be handed over, holds its own fields and no other.
func TestEachDestinationIsShownItsOwnFieldsAlone(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	book := w.desk.Book
	to := everywhere(book)
	b.arrive(to...)
	form, where := everyField(b, book)
	if len(where) < 45 {
		t.Fatalf("%d fields with a canary only", len(where))
	}
	b.checked(with(form, given(len(to)))).Want(200)
	for i, id := range to {
		d, _ := book.Destination(id)
		shown := b.part(fmt.Sprintf("packet.%d", i+1))
		for field, value := range where {
			f, _ := book.Field(field)
			may := f.Core || slices.Contains(d.Fields(), field)
			if is := strings.Contains(shown, value); is != may {
				t.Errorf("%s: %s shown %t, may be %t", id, field, is, may)
			}
		}
	}
}

// What is asked is what somebody chosen needs; each field says for whom.
func TestOnlyWhatIsNeededIsAsked(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	book := w.desk.Book
	for _, id := range everywhere(book) {
		d, _ := book.Destination(id)
		b.arrive(id)
		for _, f := range book.Fields {
			name := f.ID
			if f.Rows > 1 {
				name += ".0"
			}
			want := f.Core || slices.Contains(d.Fields(), f.ID)
			if asked := strings.Contains(b.Last.Body, ` name="`+name+`"`); asked != want {
				t.Errorf("%s: %s asked %t, want %t", id, f.ID, asked, want)
			}
		}
	}
}

// What nobody chosen needs any more is not in the case, however it came into the form.
func TestWhatNobodyNeedsIsNotKept(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("adult-england", "domestic-abuse")
	b.checked(url.Values{"view": {"places"}, "person.nhs-number": {"9434765919"}, "person.birth": {"1971-02-03"}, "person.name": {"Invented Patient"}}).Want(200)
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse"}})).Want(200)
	b.checked(with(enough(), url.Values{"account.crime-number": {"canary-crime"}, "person.name": {"Invented Patient"}})).Want(200)
	b.saysNot("1971-02-03", "canary-crime")
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	if c.Dossier.Holds("person.birth") || c.Dossier.Holds("account.crime-number") || !c.Dossier.Holds("person.name") {
		t.Error("the case holds what no destination needs, or lost what one does")
	}
	stafftest.Must(t, w.Store.Export(t.Context(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Kind == "case" && len(r.Blind) > 0 {
			t.Error("the case can be found by a number that nobody needs any more")
		}
		return nil
	}))
}

// Canaries in every field, through the whole journey: none in a log, an address, a header, the trail or what rests in clear.
func TestNothingTypedIsWrittenAnywhere(t *testing.T) {
	w := newWorld(t)
	lead, b := w.practice()
	book := w.desk.Book
	to := everywhere(book)
	b.arrive(to...)
	form, where := everyField(b, book)
	consent := given(len(to))
	consent.Set("consent.2.decision", "refused")
	consent.Set("consent.2.words", "Canary-words-quelle")
	at := slices.Index(to, "marac")
	consent.Set(fmt.Sprintf("consent.%d.decision", at), "refused")
	b.checked(with(form, consent)).Want(422) // no ground yet: the form comes back
	consent.Set(fmt.Sprintf("consent.%d.ground", at), "marac-proportionate")
	consent.Set(fmt.Sprintf("consent.%d.why", at), "risk-of-death-or-serious-harm")
	consent.Set(fmt.Sprintf("consent.%d.told", at), "safer-not-told")
	consent.Set(fmt.Sprintf("consent.%d.words", at), "Canary-words-quelle")
	if at != 2 {
		consent.Set("consent.2.decision", "given")
	}
	b.checked(consent).Want(200)
	whole := b.form("/refer/create")
	// Errors of every kind on the way: another member, another token, a faulty body.
	lead.Post("/refer/create", whole).Want(403)
	bad := url.Values{"token": whole["token"], "member": whole["member"], "carried": {"AAAA"}, "person.name": {"Canary-error-quelle"}}
	b.Post("/refer/check", bad).Want(422).saysNot("quelle")
	b.Post("/refer/nothing", form)
	b.saysNot("quelle")
	b.Do("GET", "/refer/check", nil)
	b.Post("/refer/create", whole).Want(200)
	ref := b.reference()
	sheet := b.form("/refer/sheet")
	b.Post("/refer/sheet", with(sheet, url.Values{"view": {"staff"}})).Want(200).says("quelle")
	c, err := w.desk.Read(t.Context(), b.actor(), ref)
	stafftest.Must(t, err)
	if n := len(c.Dossier.Entries()); n < 60 {
		t.Fatalf("%d values in the case: the journey kept too little for this test to say anything", n)
	}
	where["answers"], where["words"] = "they-do", "Canary-words-quelle"
	places := map[string]string{"the log": w.Log.String(), "an address or a header": strings.Join(w.seen, "\n"), "what rests in clear": w.clear()}
	for place, text := range places {
		if len(text) == 0 && place != "the log" {
			t.Fatalf("%s is empty: nothing was looked at", place)
		}
		for field, value := range where {
			if strings.Contains(text, value) {
				t.Errorf("%s stands in %s", field, place)
			}
		}
		if strings.Contains(text, "quelle") {
			t.Errorf("something typed stands in %s", place)
		}
	}
}

const thePostcodes = "pcd,pcds,dointr,doterm,laua,hlthau,ctry,pfa,stp\n" +
	`"ZZ1 1QX","ZZ1 1QX","199002","","E09000007","E18000007","E92000001","E23000001","E54000028"` + "\n" +
	`"ZZ1 1QY","ZZ1 1QY","199002","201501","E09000007","E18000007","E92000001","E23000001","E54000028"` + "\n" +
	`"ZZ1 1QZ","ZZ1 1QZ","199002","","W06000023","W11000024","W92000004","W15000004","W99999999"` + "\n"

func theIndex(t *testing.T) *postcode.Index {
	t.Helper()
	x, _, err := postcode.List{Names: map[string]string{"E09000007": "Invented Borough", "W06000023": "Invented County"}}.Read(strings.NewReader(thePostcodes))
	stafftest.Must(t, err)
	return x
}

// A postcode finds what is there and is gone: not on the page that answers, not in what travels, not in the case.
func TestAPostcodeIsUsedAndForgotten(t *testing.T) {
	w := newWorldWith(t, theIndex(t))
	_, b := w.practice()
	b.Post("/refer", aConsultation()).Want(200).saysNot("Invented domestic abuse service")
	look := func(typed string) *browser {
		b.T.Helper()
		return b.Post("/refer/places", with(b.form("/refer/places"), url.Values{"view": {"look"}, "postcode": {typed}}))
	}
	var seen strings.Builder
	for _, typed := range []string{"ZZ1 1QX", "zz11qx", " Zz1 1qX "} {
		look(typed).Want(200).says("Invented Borough", "Invented domestic abuse service", "it serves this council's area",
			"No local service known for this in the area: Stalking. What is listed serves the whole nation.")
		seen.WriteString(b.Last.Body)
	}
	// The enter key at the postcode presses the first button of the form: with nothing ticked it looks.
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "postcode": {"ZZ1 1QX"}})).Want(200).says("Invented Borough", "Invented domestic abuse service")
	seen.WriteString(b.Last.Body)
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse.invented-da"}, "postcode": {"ZZ1 1QX"}})).Want(200).says("Invented domestic abuse service")
	seen.WriteString(b.Last.Body)
	b.checked(enough()).Want(200)
	seen.WriteString(b.Last.Body)
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says("Invented domestic abuse service")
	seen.WriteString(b.Last.Body + w.Log.String() + strings.Join(w.seen, "\n") + w.clear())
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	if c.Handovers[0].Service != "invented-da" {
		t.Errorf("service %q", c.Handovers[0].Service)
	}
	all := strings.ToLower(html.UnescapeString(seen.String()))
	for _, trace := range []string{"zz1 1qx", "zz11qx", "zz1+1qx", "zz1%201qx"} {
		if strings.Contains(all, trace) {
			t.Errorf("%q is written somewhere", trace)
		}
	}
	// Its second half as a word of its own: three letters inside a sealed value are chance.
	if half := regexp.MustCompile(`(^|[^a-z0-9_+/=-])1qx($|[^a-z0-9_+/=-])`).FindString(all); half != "" {
		t.Errorf("%q is written somewhere", half)
	}
	if kept := fmt.Sprintf("%+v", c); strings.Contains(kept, "E09000007") || strings.Contains(kept, "Invented Borough") {
		t.Error("the case says where it is")
	}
}

func TestWhatAPostcodeCannotSayIsSaid(t *testing.T) {
	index := theIndex(t)
	listed, bare := newWorldWith(t, index), newWorld(t)
	_, withList := listed.practice()
	_, without := bare.practice()
	for name, c := range map[string]struct {
		index         *postcode.Index
		typed, says   string
		nation, other string
	}{
		"found":             {index, "ZZ1 1QZ", "Looked in Invented County", "wales", "invented-da"},
		"no longer in use":  {index, "ZZ1 1QY", "no longer in use", "england", ""},
		"unknown, border":   {index, "ZZ1 1AA", "lie in two nations", "england", "invented-da"},
		"unknown, certain":  {index, "BT1 1AA", "All near it lie in one nation", "northern-ireland", "invented-da"},
		"outside":           {index, "JE1 1AA", "outside the four nations", "england", "invented-da"},
		"none":              {index, "canary", "That is not a postcode", "england", "invented-da"},
		"no list, certain":  {nil, "EH1 1AA", "No list of postcodes is installed", "scotland", "invented-da"},
		"no list, a border": {nil, "TD9 1AA", "lie in two nations", "england", "invented-da"},
		"no list, no code":  {nil, "canary", "That is not a postcode", "england", "invented-da"},
	} {
		t.Run(name, func(t *testing.T) {
			b := without
			if c.index != nil {
				b = withList
			}
			b.Post("/refer", aConsultation()).Want(200)
			b.Post("/refer/places", with(b.form("/refer/places"), url.Values{"view": {"look"}, "postcode": {c.typed}})).Want(200).says(c.says).saysNot(c.typed)
			if got := b.form("/refer/places").Get("nation"); got != c.nation {
				t.Errorf("nation %q, want %q", got, c.nation)
			}
			if c.other != "" {
				b.saysNot(c.other)
			}
		})
	}
	b := withList
	b.Post("/refer", aConsultation()).Want(200)
	b.Post("/refer/places", with(b.form("/refer/places"), url.Values{"view": {"look"}, "postcode": {"canary\u202etext"}})).says("That is not a postcode").saysNot("canary")
}

// Another nation has other destinations: what does not fit there is left out, and the page says so. No other page changes
// the nation.
func TestAnotherNationHasOtherDestinations(t *testing.T) {
	w := newWorldWith(t, theIndex(t))
	_, b := w.practice()
	b.Post("/refer", aConsultation()).Want(200)
	b.Post("/refer/places", with(b.form("/refer/places"), url.Values{"view": {"look"}, "postcode": {"ZZ1 1QZ"}, "to": {"adult-england", "domestic-abuse"}})).Want(200).
		says("does not fit any more and was left out", "Adult safeguarding").saysNot("to.adult-england")
	if form := b.form("/refer/places"); form.Get("nation") != "wales" || strings.Join(form["to"], " ") != "domestic-abuse" {
		t.Errorf("%s, %q", form.Get("nation"), form["to"])
	}
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}})).Want(200)
	b.checked(with(enough(), url.Values{"nation": {"scotland"}})).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	if c.Nation != directory.Wales {
		t.Errorf("nation %s", c.Nation)
	}
}

// A service that left the directory between two pages is not referred to.
func TestAServiceThatIsGoneIsNotReferredTo(t *testing.T) {
	w := newWorldWith(t, theIndex(t))
	_, b := w.practice()
	b.arrive("domestic-abuse.invented-da").checked(enough()).Want(200)
	form := b.form("/refer/create")
	d, err := directory.Open(nil)
	stafftest.Must(t, err)
	w.services.Store(d)
	b.Post("/refer/create", form).Want(422).says("The directory no longer has this service")
	if n := w.rests("case"); n != 0 {
		t.Errorf("%d cases", n)
	}
	b.Post("/refer", aConsultation()).Want(200)
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse.invented-da", "domestic-abuse", "nobody", "police.invented-da"}})).Want(200).
		says("was left out")
}
