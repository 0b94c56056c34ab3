package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/referrals/directory"
)

// The services, people and numbers of these tests are invented.

var readOn = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func shire(change ...func(*Source)) Source {
	s := Source{
		Name: "shire", Address: "https://feed.example.org/services", Read: readOn, Needs: []string{"domestic-abuse"},
		Covers: directory.Coverage{Authorities: []string{"E06000019"}},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func needless(s *Source) { s.Needs = nil }
func arealess(s *Source) { s.Covers = directory.Coverage{} }

type read struct {
	items  []Item
	report Report
	err    error
}

func reading(source Source, how func(*Reading) error) read {
	var out read
	r, err := Open(source, func(i Item) error { out.items = append(out.items, i); return nil })
	if err != nil {
		return read{err: err}
	}
	out.err = how(r)
	out.report = r.Report()
	return out
}

func fromJSON(source Source, texts ...string) read {
	return reading(source, func(r *Reading) error {
		for _, t := range texts {
			if err := r.JSON(strings.NewReader(t)); err != nil {
				return err
			}
		}
		return nil
	})
}

func fromCSV(source Source, text string) read {
	return reading(source, func(r *Reading) error { return r.CSV(strings.NewReader(text)) })
}

const one = `{"id":"a1","name":"Invented Aid","status":"active","phones":[{"number":"01432 123456"}]}`

func TestShapesOfFeeds(t *testing.T) {
	two := strings.ReplaceAll(one, "a1", "a2")
	for name, c := range map[string]struct {
		texts []string
		whole bool
	}{
		"a page":              {[]string{`{"total_items":2,"contents":[` + one + `,` + two + `]}`}, true},
		"the total behind":    {[]string{`{"contents":[` + one + `,` + two + `],"total_items":2}`}, true},
		"one page of two":     {[]string{`{"total_items":9,"contents":[` + one + `,` + two + `]}`}, false},
		"two pages":           {[]string{`{"total_items":2,"contents":[` + one + `]}`, `{"total_items":2,"contents":[` + two + `]}`}, true},
		"the older page":      {[]string{`{"totalElements":2,"content":[` + one + `,` + two + `]}`}, true},
		"an array":            {[]string{`[` + one + `,` + two + `]`}, true},
		"one file each":       {[]string{one, two}, false},
		"one a line":          {[]string{one + "\n" + two}, false},
		"a byte order mark":   {[]string{"\ufeff" + `[` + one + `,` + two + `]`}, true},
		"commas too many":     {[]string{`[` + one + `,,` + two + `,]`}, true},
		"services in a place": {[]string{`[{"location":{},"service":` + one + `},{"location":null,"service":` + two + `},` + two + `]`}, true},
	} {
		r := fromJSON(shire(), c.texts...)
		if r.err != nil || len(r.items) != 2 || r.items[0].Key != "a1" || r.items[1].Key != "a2" || r.report.Whole != c.whole {
			t.Errorf("%s: %v, %d items, %+v", name, r.err, len(r.items), r.report)
		}
	}
}

func TestAServiceIsReadWhole(t *testing.T) {
	r := fromJSON(shire(needless, arealess), `{"id":"9f0c1c84-0000-4000-8000-000000000001","name":"Invented &amp; Aid","status":"active",
	"description":"<p>Help with <b>stalking</b>.</p><script>alert(1)</script><p>For anyone.</p>","url":"www.aid.example.org","email":"help@aid.example.org",
	"minimum_age":"16","maximum_age":99,"fees":"Free","last_modified":"2026-03-15T10:30:45Z",
	"attributes":[{"taxonomy_term":{"name":"Domestic Violence"}},{"taxonomy_term":{"name":"Stalking"}}],
	"service_areas":[{"extent":"E06000019"},{"uri":"http://example.org/id/E23000016"},{"name":"the moon"}],
	"phones":[{"number":"+44 (0)1432 123456 / 0808 157 0000"},{"number":"(01432) 123456"},{"number":"ring the bell"}],
	"contacts":[{"name":"Invented Person","title":"Advocate","email":"invented.person@aid.example.org","phones":[{"number":"01432 123457 ext 12"}]}],
	"languages":[{"code":"pl"},{"language":"Welsh"},{"name":"Klingon of the north"}],
	"schedules":[{"freq":"WEEKLY","byday":"MO,TU","opens_at":"09:00:00","closes_at":"17:00:00"},{"freq":"WEEKLY","byday":"FR","opens_at":"22:00","closes_at":"02:00"},{"valid_to":"2005-01-01","byday":"WE","opens_at":"09:00","closes_at":"10:00"}],
	"service_at_locations":[{"location":{"location_type":"physical","addresses":[{"attention":"Invented Person","address_1":"1 Secret Street","city":"Shiretown","postal_code":"ZZ1 1AA"}],
	  "accessibility":[{"description":"Wheelchair access. There is no hearing loop."}]}}]}`)
	if r.err != nil || len(r.items) != 1 {
		t.Fatal(r.err, r.report)
	}
	i := r.items[0]
	s := i.Service
	for what, ok := range map[string]bool{
		"name": s.Name == "Invented & Aid", "text": s.For == "Help with stalking . For anyone.", "needs": slices.Equal(s.Needs, []string{"domestic-abuse", "stalking"}),
		"area": slices.Equal(s.Covers.Authorities, []string{"E06000019"}) && slices.Equal(s.Covers.Police, []string{"E23000016"}) && s.Nations.Has(directory.England),
		"ages": s.Who.MinAge == 16 && s.Who.MaxAge == 0 && !s.Who.Adults,
		"ways": len(s.Ways) == 5 && s.Ways[0].At == "01432 123456" && s.Ways[1].At == "0808 157 0000" && s.Ways[2].Note == "extension 12" && s.Ways[3].At == "https://www.aid.example.org",
		"bill": s.Bill.Trace == directory.OnBillLikely, "status": s.Status == directory.Secondary && s.VerifiedBy == "", "languages": slices.Equal(s.Speaks, []string{"cy", "pl"}),
		"hours": s.Hours.Text == "Mon 9:00-17:00, Tue 9:00-17:00, Fri 22:00-24:00, Sat 0:00-2:00", "access": slices.Equal(s.Access, []directory.Access{directory.StepFree}),
		"dates": s.SourceDate == "2026-03-15" && s.ReadOn.Equal(readOn), "nothing held": len(i.Held) == 0,
	} {
		if !ok {
			t.Errorf("%s: %+v, held %v", what, s, i.Held)
		}
	}
	all := fmt.Sprintf("%+v", r.items)
	for _, never := range []string{"Secret Street", "Invented Person", "invented.person", "alert(", "<"} {
		if strings.Contains(all, never) {
			t.Errorf("%q was kept", never)
		}
	}
	for _, dropped := range []string{DroppedAddress, DroppedPerson, DroppedWay, DroppedMarkup, DroppedTerm} {
		if r.report.Dropped[dropped].Count == 0 {
			t.Errorf("not counted: %s", dropped)
		}
	}
}

func TestTheOlderShape(t *testing.T) {
	r := fromJSON(shire(needless, arealess), `{"totalElements":1,"totalPages":1,"number":1,"size":50,"first":true,"last":true,"content":[{"id":"1502","name":"Invented Drop-in","description":"","status":"active","url":"","email":"",
	"deliverable_type":"","assured_date":"2026-01-02","organization":{"id":"9","name":"Invented Council","url":"https://council.example.org"},
	"eligibilitys":[{"id":"e","eligibility":"","minimum_age":18,"maximum_age":24}],"fundings":[],"languages":[{"id":"l","language":"Polish"}],
	"service_areas":[{"id":"s","service_area":"Herefordshire","extent":"https://statistics.example.org/id/E06000019","uri":""}],
	"service_taxonomys":[{"id":"t","taxonomy":{"id":"x","name":"Domestic Abuse and Violence","vocabulary":"esd"}}],
	"regular_schedules":[{"id":"r","weekday":"Monday","opens_at":"09:30:00","closes_at":"12:00:00"},{"weekday":"7","opens_at":"10:00","closes_at":"11:00"}],"holiday_schedules":[],
	"contacts":[{"id":"c","name":"Invented Person","title":"","phones":[{"id":"p","number":"01432 123456","language":""}]}],
	"service_at_locations":[{"id":"sal","location":{"id":"loc","name":"Hall","physical_addresses":[{"address_1":"1 Secret Street","city":"Town","postal_code":"ZZ1 1AA"}],"accessibility_for_disabilities":[{"accessibility":"Wheelchair accessible"}]},
	  "regular_schedule":[],"phones":null}],"cost_options":[{"option":"Free","amount":0}]}]}`)
	if r.err != nil || len(r.items) != 1 || !r.report.Whole || len(r.items[0].Held) != 0 {
		t.Fatalf("%v %+v", r.err, r)
	}
	s := r.items[0].Service
	if s.ID != "shire-1502" || s.Who.MinAge != 18 || s.Who.MaxAge != 24 || !slices.Equal(s.Speaks, []string{"pl"}) || !slices.Equal(s.Covers.Authorities, []string{"E06000019"}) ||
		!slices.Equal(s.Needs, []string{"domestic-abuse"}) || s.Hours.Text != "Mon 9:30-12:00, Sun 10:00-11:00" || len(s.Ways) != 1 || s.SourceDate != "2026-01-02" || len(s.Access) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestDirt(t *testing.T) {
	service := func(fields string) string { return `[{"status":"active",` + fields + `},` + one + `]` }
	phone := `"phones":[{"number":"01432 123456"}]`
	for _, c := range []struct{ name, fields, reason string }{
		{"no id", `"name":"A",` + phone, NoID},
		{"an empty id", `"id":" ","name":"A",` + phone, NoID},
		{"no name", `"id":"x",` + phone, NoName},
		{"an empty name", `"id":"x","name":"  ",` + phone, NoName},
		{"a name of markup", `"id":"x","name":"<img src=x onerror=alert(1)>",` + phone, NoName},
		{"a name of another type", `"id":"x","name":{"en":"A"},` + phone, NoName},
		{"a name that promises", `"id":"x","name":"The untraceable line",` + phone, BadWords},
		{"no way", `"id":"x","name":"A"`, NoWay},
		{"ways of other types", `"id":"x","name":"A","email":false,"url":12345,"phones":"none"`, BadWays},
		{"not active", `"id":"x","name":"A","status":"defunct",` + phone, NotActive},
		{"ages upside down", `"id":"x","name":"A","minimum_age":60,"maximum_age":18,` + phone, BadAges},
		{"ages in words", `"id":"x","name":"A","minimum_age":"sixteen",` + phone, BadAges},
		{"ages that are no number", `"id":"x","name":"A","minimum_age":true,` + phone, BadAges},
		{"the same id", `"id":"a1","name":"A",` + phone, Twice},
	} {
		r := fromJSON(shire(), service(c.fields))
		want := 1
		if c.reason == Twice {
			want = 1 // the first of the two
		}
		if r.err != nil || len(r.items) != want || r.report.Set[c.reason].Count != 1 || r.report.Set[c.reason].First.Item == 0 {
			t.Errorf("%s: %v, %d kept, %v", c.name, r.err, len(r.items), r.report.Set)
		}
	}
	for name, spoilt := range map[string]string{
		NotService: `[7,null,"x",[],` + one + `]`, NotJSON: `[{"id":},` + one + `]`, TooLong: `[{"id":"x","name":"` + strings.Repeat("a", longestService) + `"},` + one + `]`,
	} {
		if r := fromJSON(shire(), spoilt); r.err != nil || len(r.items) != 1 || r.report.Set[name].Count == 0 {
			t.Errorf("%s: %v %d %v", name, r.err, len(r.items), r.report.Set)
		}
	}
	deep := `[{"id":"x","name":"A","d":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `},` + one + `]`
	if r := fromJSON(shire(), deep); r.err != nil || len(r.items) != 1 || r.report.Set[TooLong].Count != 1 {
		t.Errorf("too deep: %v %v", r.err, r.report.Set)
	}
	if r := fromJSON(shire(), "[{\"id\":\"x\",\"name\":\"two\nlines\","+phone+"}]"); len(r.items) != 1 || r.items[0].Service.Name != "two lines" {
		t.Errorf("a raw line break: %+v", r)
	}
}

func TestAFeedThatBreaksOffIsNotWhole(t *testing.T) {
	for _, text := range []string{`[` + one, `[` + one + `,{"id":"b`, `{"contents":[` + one, `{"contents":[` + one + `]`, ``, `not json`, `"text"`} {
		if r := fromJSON(shire(), text); !errors.Is(r.err, ErrFeed) || r.report.Whole {
			t.Errorf("%q: %v, whole %v", text, r.err, r.report.Whole)
		}
	}
	if r := fromJSON(shire(), `[]`); r.err != nil || r.report.Whole {
		t.Errorf("an empty feed is no proof that all are gone: %v %v", r.err, r.report.Whole)
	}
}

func TestWhatIsHeldForAHuman(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		source       Source
		held         []Hold
		shown        directory.ShownTo
	}{
		{"no need", ``, shire(needless), []Hold{NoNeed}, directory.Anyone},
		{"no area", ``, shire(arealess), []Hold{NoArea}, directory.Anyone},
		{"neither", ``, shire(needless, arealess), []Hold{NoNeed, NoArea}, directory.Anyone},
		{"for people who use abuse, by its name", `"name":"Respect: a programme for perpetrators",`, shire(), nil, directory.NeverWithVictim},
		{"for people who use abuse, by its term", `"attributes":[{"taxonomy_term":{"name":"Perpetrator programmes"}}],`, shire(), nil, directory.NeverWithVictim},
		{"speaks of them", `"description":"We work with victims and with perpetrators.",`, shire(), []Hold{MayBeAbuser}, directory.Anyone},
		{"a county is no area that a postcode gives", `"service_areas":[{"extent":"E10000008"}],`, shire(arealess), []Hold{NoArea}, directory.Anyone},
		{"a nation", `"service_areas":[{"extent":"W92000004"}],`, shire(arealess), nil, directory.Anyone},
	} {
		name := `"name":"A",`
		if strings.Contains(c.fields, `"name":"Respect`) {
			name = ""
		}
		r := fromJSON(c.source, `[{"id":"x",`+name+c.fields+`"status":"active","phones":[{"number":"01432 123456"}]}]`)
		if r.err != nil || len(r.items) != 1 || !slices.Equal(r.items[0].Held, c.held) || r.items[0].Service.ShownTo != c.shown {
			t.Errorf("%s: %v %+v %+v", c.name, r.err, r.items, r.report)
			continue
		}
		if c.shown == directory.NeverWithVictim && len(r.items[0].Service.Needs) > 0 {
			t.Errorf("%s: serves a need", c.name)
		}
	}
}

func TestAServiceWithoutAgesIsNotForChildren(t *testing.T) {
	r := fromJSON(shire(), `[`+one+`]`)
	if !r.items[0].Service.Who.Adults {
		t.Error("a child may be sent there")
	}
	r = fromJSON(shire(func(s *Source) { s.Needs = []string{"children"} }), `[`+one+`]`)
	if r.items[0].Service.Who.Adults {
		t.Error("a service for children counts as one for adults")
	}
}

func TestPhones(t *testing.T) {
	for in, want := range map[string][]string{
		"01432123456": {"01432 123456"}, "+441432123456": {"01432 123456"}, "0044 1432 123456": {"01432 123456"}, "(0117) 922 2222": {"01179 222222"},
		"Tel: 020 7946 0000": {"020 7946 0000"}, "0808-157-0000": {"0808 157 0000"}, "07700 900000 or 07700 900001": {"07700 900000", "07700 900001"},
		"111": {"111"}, "999": nil, "0906 123 4567": nil, "07012 345678": nil, "none": nil, "12": nil, "01432 12": nil, "<b>01432 123456</b>": {"01432 123456"}, "tel. 01432\u00a0123456": {"01432 123456"},
	} {
		r, _ := Open(shire(), nil)
		var got []string
		for _, w := range r.phones(directory.Phone, in, "") {
			got = append(got, w.At)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

// Whatever the text: nothing that a browser would take for markup is left, and no control character.
func TestNoMarkupIsKept(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<", ">", "&lt;", "&gt;", "&amp;", "&#60;", "&#x3c;", "script", "</script>", "<script", "<!--", "-->", "a", " ", "\"", "'", "=", "/", "\u202e", "\x00", "<b", "&lt;script&gt;", "&amp;lt;", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 25).Draw(t, "pieces"), "")
		got, _ := plain(text)
		if strings.ContainsAny(got, "<>\x00\u202e") || !directory.Presentable(got) && got != "" {
			t.Fatalf("%q became %q", text, got)
		}
	})
	for in, want := range map[string]string{
		"<p>One</p><p>two &amp; three</p>": "One two & three", "a < b": "a b", "x<script>evil()</script>y": "x y", "&lt;b&gt;bold&lt;/b&gt;": "bold",
		"<a href=\"a>b\" title='x'>link</a>": "link", "&nbsp;A&nbsp;": "A", "<style>p{}</style>": "", "<!-- no -->yes": "yes", "it's &pound;5": "it's £5",
	} {
		if got, _ := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// However a page is written, every service of it is found, with what it says.
func TestEveryServiceOfAPageIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type service struct {
			ID     string              `json:"id"`
			Name   string              `json:"name"`
			Phones []map[string]string `json:"phones"`
			Rest   any                 `json:"rest"`
		}
		var all []service
		for i := range rapid.IntRange(1, 6).Draw(t, "services") {
			rest := rapid.SampledFrom([]any{nil, "}]{[\",\\", []any{[]any{}, map[string]any{"contents": []any{1}}}, 1.5e3, true, rapid.String().Draw(t, "text")}).Draw(t, "rest")
			all = append(all, service{fmt.Sprintf("s%d", i), "Invented", []map[string]string{{"number": "01432 123456"}}, rest})
		}
		text, err := json.Marshal(all)
		if rapid.Bool().Draw(t, "indented") {
			text, err = json.MarshalIndent(all, "", "\t")
		}
		if err != nil {
			t.Fatal(err)
		}
		before := rapid.SampledFrom([]string{"", `{"contents":`, `{"x":{"contents":[]},"content":`, `{"a":[1,"]"],"services":`}).Draw(t, "page")
		page := before + string(text)
		if before != "" {
			page += "}"
		}
		r := fromJSON(shire(), page)
		if r.err != nil || len(r.items) != len(all) || !r.report.Whole {
			t.Fatalf("%v, %d of %d: %s", r.err, len(r.items), len(all), page)
		}
		for i, item := range r.items {
			if item.Key != all[i].ID {
				t.Fatalf("%s in the place of %s", item.Key, all[i].ID)
			}
		}
	})
}

const sheetHead = "id,name,needs,covers,phone,hours,languages,referrers,consent,next_steps,sex,address,shown_to\n"

func TestTheSheet(t *testing.T) {
	r := fromCSV(shire(needless, arealess), "\ufeff"+sheetHead+
		`aid,"Invented Aid, Shire",stalking;domestic-abuse,E06000019|E23000016,01432 123456,Mon-Fri 09:00-17:00; Sat 22:00-02:00,pl;Welsh,gp;self,required,They ring within two days.,women,1 Hidden Street,`+"\n\n"+
		`works,Invented Works,consumer,E06000019,01432 123457,24/7,,,,,,2 Open Street,staff`+"\n"+
		`change,Invented Change,,E06000019,01432 123458,,,,,,,,never-with-victim`+"\n")
	if r.err != nil || len(r.items) != 3 || !r.report.Whole || len(r.report.Set) > 0 {
		t.Fatalf("%v %+v", r.err, r.report)
	}
	s, works, change := r.items[0].Service, r.items[1].Service, r.items[2].Service
	if s.ID != "shire-aid" || s.Who.Only != directory.Woman || s.Consent != directory.ConsentRequired || len(s.Opening.Spans) != 7 || len(s.Ways) != 1 ||
		!slices.Equal(s.Needs, []string{"domestic-abuse", "stalking"}) || !slices.Equal(s.Speaks, []string{"cy", "pl"}) || s.NextSteps == "" || s.Status != directory.Secondary {
		t.Errorf("%+v", s)
	}
	if !works.Hours.Always || works.ShownTo != directory.StaffOnly || len(works.Ways) != 2 {
		t.Errorf("%+v", works)
	}
	if change.ShownTo != directory.NeverWithVictim || len(r.items[2].Held) != 0 {
		t.Errorf("%+v", change)
	}
	for _, c := range []struct{ name, line, reason string }{
		{"a need nobody knows", `x,A,swimming,E06000019,01432 123456,,,,,,,,`, BadField + ": needs"},
		{"an emergency on the word of a list", `x,A,emergency,E06000019,01432 123456,,,,,,,,`, BadField + ": needs"},
		{"a place without a code", `x,A,stalking,Hereford,01432 123456,,,,,,,,`, BadField + ": covers"},
		{"a number", `x,A,stalking,E06000019,ring us,,,,,,,,`, BadField + ": phone"},
		{"hours", `x,A,stalking,E06000019,01432 123456,mornings,,,,,,,`, BadField + ": hours"},
		{"consent", `x,A,stalking,E06000019,01432 123456,,,,yes,,,,`, BadField + ": consent"},
		{"fields", `x,A,stalking`, BadLine},
		{"a quote inside", `x,A "B" C,stalking,E06000019,01432 123456,,,,,,,,`, BadLine},
		{"no way", `x,A,stalking,E06000019,,,,,,,,,`, NoWay},
	} {
		r := fromCSV(shire(needless, arealess), sheetHead+c.line+"\n"+`aid,Invented Aid,stalking,E06000019,01432 123456,,,,,,,,`+"\n")
		if r.err != nil || len(r.items) != 1 || r.report.Set[c.reason].Count != 1 || r.report.Set[c.reason].First.At != 2 {
			t.Errorf("%s: %v %+v", c.name, r.err, r.report)
		}
	}
	kinds := fromCSV(shire(needless, arealess), "id,name,phone,needs,covers,kind\nm,Invented conference,01432 123456,marac,E06000019,marac\nx,A,01432 123456,marac,E06000019,friend\n")
	if len(kinds.items) != 1 || kinds.items[0].Service.Is != directory.MaracCoordinator || kinds.items[0].Service.Consent != directory.ConsentSought || kinds.report.Set[BadField+": kind"].Count != 1 {
		t.Errorf("%+v", kinds)
	}
	for _, head := range []string{"", "id\n", "id,name,refuge_address\n", "id,name,id\n"} {
		if r := fromCSV(shire(), head); !errors.Is(r.err, ErrColumns) {
			t.Errorf("%q: %v", head, r.err)
		}
	}
	if r := fromCSV(shire(), "id;name;phone\naid;Invented Aid;01432 123456\n"); r.err != nil || len(r.items) != 1 {
		t.Errorf("semicolons: %v %+v", r.err, r.report)
	}
	if r := fromCSV(shire(), "id,name,phone\naid,\""+strings.Repeat("a\n", longestService)); !errors.Is(r.err, ErrFeed) || r.report.Whole {
		t.Errorf("a quote without end: %v", r.err)
	}
}

func TestSourcesAreChecked(t *testing.T) {
	for name, change := range map[string]func(*Source){
		"no name": func(s *Source) { s.Name = "" }, "a name with blanks": func(s *Source) { s.Name = "the shire" }, "no address": func(s *Source) { s.Address = "shire" },
		"no day": func(s *Source) { s.Read = time.Time{} }, "a need nobody knows": func(s *Source) { s.Needs = []string{"swimming"} },
		"an emergency": func(s *Source) { s.Terms = map[string][]string{"urgent": {"emergency"}} },
	} {
		if r := fromJSON(shire(change), `[]`); !errors.Is(r.err, ErrSource) {
			t.Errorf("%s: %v", name, r.err)
		}
	}
}

// endless is a page of services, made as it is read.
type endless struct {
	left, n int
	now     []byte
}

func (e *endless) Read(p []byte) (int, error) {
	for len(e.now) == 0 {
		if e.left <= 0 {
			return 0, io.EOF
		}
		e.n++
		text := fmt.Sprintf(`{"id":"s%d","name":"Invented %d","status":"active","description":"<p>%s</p>","phones":[{"number":"01432 %06d"}],"logo":"%s"}`, e.n, e.n, strings.Repeat("help ", 100), e.n%1_000_000, strings.Repeat("AAAA", 800))
		switch e.left -= len(text); {
		case e.n == 1:
			text = "[" + text
		case e.left <= 0:
			text = "," + text + "]"
		default:
			text = "," + text
		}
		e.now = []byte(text)
	}
	n := copy(p, e.now)
	e.now = e.now[n:]
	return n, nil
}

func TestALongFeedNeedsLittleMemory(t *testing.T) {
	size := 200 << 20
	if testing.Short() {
		size = 20 << 20
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, kept := uint64(0), 0
	r, err := Open(shire(), func(Item) error {
		if kept++; kept%10000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := r.JSON(&endless{left: size}); err != nil {
		t.Fatal(err)
	}
	if !r.Report().Whole || kept != r.Report().Read {
		t.Fatalf("%+v", r.Report())
	}
	grown := int64(most) - int64(before.HeapAlloc)
	t.Logf("%d MB, %d services in %v, heap grown by %d KB", size>>20, kept, time.Since(start).Round(time.Millisecond), grown>>10)
	if grown > 32<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// The examples are those of the validator of Open Referral UK. Whatever lies in the other folders is imported, what lies in
// Fail is set aside with its reason.
func TestExampleFeeds(t *testing.T) {
	const dir = "../../../../shared/data/oruk/mocks"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the example feeds are not here")
	}
	for _, c := range []struct {
		file     string
		kept     int
		set      map[string]int
		complete bool
	}{
		{"V3.0-UK-Default/service_full.json", 1, nil, false}, {"V3.0-UK-Default/service_list.json", 1, nil, true}, {"V3.0-UK-Default/service_at_location_full.json", 1, nil, false},
		{"V3.0-UK-Default/service_at_location_list.json", 1, nil, true},
		{"V3.0-UK-Warn/service_full.json", 1, nil, false}, {"V3.0-UK-Warn/service_list.json", 1, nil, true},
		{"V3.0-UK-Test/service_full.json", 1, nil, false}, {"V3.0-UK-Test/service_list.json", 1, map[string]int{Twice: 127}, false},
		{"V3.0-UK-Fail/service_list.json", 0, map[string]int{NoName: 3, Twice: 1}, true}, {"V3.0-UK-Fail/service_full.json", 0, map[string]int{BadWays: 1}, false},
		{"V3.0-UK-Default/organization.json", 0, map[string]int{NotService: 1}, false}, {"V3.0-UK-Default/organization_list.json", 0, map[string]int{NotService: 10}, true},
		{"V3.0-UK-Default/taxonomy_list.json", 0, map[string]int{NotService: 1}, true}, {"V3.0-UK-Fail/api_details.json", 0, map[string]int{NotService: 1}, false},
	} {
		f, err := os.Open(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		r := reading(shire(), func(r *Reading) error { return r.JSON(f) })
		_ = f.Close()
		set := map[string]int{}
		for reason, a := range r.report.Set {
			set[reason] = a.Count
		}
		if r.err != nil || len(r.items) != c.kept || fmt.Sprint(set) != fmt.Sprint(c.set) && len(set)+len(c.set) > 0 || r.report.Whole != c.complete {
			t.Errorf("%s: %v, %d kept, %v, whole %v", c.file, r.err, len(r.items), set, r.report.Whole)
		}
		if text := fmt.Sprintf("%+v", r.items); strings.Contains(text, "Persona") || strings.Contains(text, "Main Street") {
			t.Errorf("%s: a person or an address of a domestic abuse service was kept", c.file)
		}
	}
}

// Whatever the bytes: an error that can be known, or services that the directory takes.
func sound(t *testing.T, r read) {
	t.Helper()
	if r.err != nil && !errors.Is(r.err, ErrFeed) && !errors.Is(r.err, ErrColumns) {
		t.Fatalf("%v", r.err)
	}
	seen := map[string]bool{}
	for _, i := range r.items {
		if seen[i.Service.ID] || i.Service.Status != directory.Secondary || i.Service.VerifiedBy != "" || strings.ContainsAny(i.Service.Name+i.Service.For, "<>") {
			t.Fatalf("%+v", i)
		}
		seen[i.Service.ID] = true
		if len(i.Held) == 0 {
			if err := directory.Check([]directory.Service{i.Service}); err != nil {
				t.Fatal(err)
			}
		}
		if i.Service.EmergencyNumber || slices.Contains(i.Service.Needs, directory.Emergency) {
			t.Fatalf("an emergency on the word of a list: %+v", i.Service)
		}
	}
	n := 0
	for _, a := range r.report.Set {
		n += a.Count
	}
	if n+r.report.Kept != r.report.Read {
		t.Fatalf("read %d, kept %d, set aside %d", r.report.Read, r.report.Kept, n)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{one, `[` + one + `]`, `{"contents":[` + one + `],"total_items":1}`, `{"content":[{"id":1,"name":2}]}`, `[{"service":{},"location":1}]`, "\ufeff[", `{"a":"\u00`, `[[[`, `}`, `{"id":"x","name":"y","services":[{"id":"z"}]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { sound(t, fromJSON(shire(), text)) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{sheetHead, sheetHead + `x,A,stalking,E06000019,01432 123456,Mon-Sun 9-5,pl,gp,required,,men,here,staff`, "id;name\na;b", "id,name\n\"a", "id,name,phone,hours\na,b,999,Sun-Sat 22:00-02:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { sound(t, fromCSV(shire(), text)) })
}

// The page for operators names every column, kind and need, and its example is read as it stands.
func TestThePageForOperatorsIsTrue(t *testing.T) {
	page, err := os.ReadFile("../../../docs/import-services.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, column := range Columns() {
		if !strings.Contains(text, "`"+column+"`") {
			t.Errorf("the column %s is not explained", column)
		}
	}
	for _, need := range directory.Needs() {
		if feedMayAnswer(need) != strings.Contains(text, "`"+need+"`") {
			t.Errorf("need %s", need)
		}
	}
	for _, kind := range directory.Archetypes() {
		if !strings.Contains(text, "`"+string(kind)+"`") {
			t.Errorf("the kind %s is not named", kind)
		}
	}
	_, after, _ := strings.Cut(text, "```\n"+strings.Join(Columns()[:3], ","))
	example, _, ok := strings.Cut(strings.Join(Columns()[:3], ",")+after, "```")
	r := fromCSV(shire(needless, arealess), example)
	if !ok || r.err != nil || len(r.items) != 1 || len(r.items[0].Held) != 0 || len(r.report.Dropped) != 0 || len(r.items[0].Service.Lacks()) != 1 {
		t.Errorf("the example: %v %+v", r.err, r.report)
	}
}
