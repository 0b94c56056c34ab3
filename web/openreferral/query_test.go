package openreferral

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"waypost/referrals/directory"
)

func TestFilters(t *testing.T) {
	w := serve(t, county()...)
	terms := newTaxonomies()
	term := func(k kind, key string) string { return "taxonomy_term_id=" + terms.byKey[k][key].ID }
	all := []string{"Aid for Shire", "line", "scots", "part", "nowhere", "refuge", "told-in-words", "noted", "disputed-hours"}
	for query, want := range map[string][]string{
		"":                                       all,
		"search=":                                all,
		"search=AFRAID+shire":                    {"Aid for Shire"},
		"search=north":                           {"part"},
		"search=plantedhide":                     nil, // what is not shown is not found either
		"search=plantedtown":                     nil,
		"search=%26":                             {"Aid for Shire"},
		term(ofNeed, "domestic-abuse"):           {"Aid for Shire", "refuge"},
		term(ofPeople, "women"):                  {"Aid for Shire"},
		term(ofPeople, "men"):                    nil,
		term(ofAccess, "sign-language"):          {"Aid for Shire"},
		"taxonomy_id=" + terms.list[ofPeople].ID: {"Aid for Shire"},
		"taxonomy_id=" + strings.ToUpper(terms.list[ofAccess].ID):                      {"Aid for Shire"},
		"taxonomy_id=" + terms.list[ofAccess].ID + "&" + term(ofNeed, "mental-health"): nil,
		"taxonomy_id=none": nil, "taxonomy_term_id=none": nil,
		"minimum_age=0": {"Aid for Shire", "part"}, "minimum_age=17": {"part"}, "minimum_age=19": nil,
		"maximum_age=70": {"Aid for Shire", "nowhere"}, "maximum_age=69": {"nowhere"}, "minimum_age=1&maximum_age=100": {"Aid for Shire"},
		"day=SU": {"line"}, "day=saturday": {"Aid for Shire", "line"}, "day=Sa&start_time=08:00": {"Aid for Shire"}, "day=MO&start_time=08:00&end_time=17:00": {"Aid for Shire"},
		"day=SA&end_time=11:59": nil, "start_time=09:01": nil, "end_time=23:59": {"Aid for Shire", "line"}, "start_time=00:00:00": {"Aid for Shire", "line"},
		term(ofNeed, "stalking") + "&minimum_age=18&search=invented": {"part"},
	} {
		for _, list := range []string{"/services?", "/service_at_locations?"} {
			if _, names := w.list(Base + list + query); !slices.Equal(names, want) {
				t.Errorf("%s%s: %q, want %q", list, query, names, want)
			}
		}
	}
}

func TestPages(t *testing.T) {
	var many []directory.Service
	for i := range 120 {
		many = append(many, invented("s"+jsonText(i)))
	}
	w := serve(t, many...)
	for query, want := range map[string]page{
		"":                      {120, 3, 1, 50, true, false, false, nil},
		"?page=3":               {120, 3, 3, 20, false, true, false, nil},
		"?page=4":               {120, 3, 4, 0, false, true, true, nil},
		"?page=1000000":         {120, 3, 1000000, 0, false, true, true, nil},
		"?per_page=100":         {120, 2, 1, 100, true, false, false, nil},
		"?per_page=60&page=2":   {120, 2, 2, 60, false, true, false, nil},
		"?search=s119":          {1, 1, 1, 1, true, true, false, nil},
		"?search=nobody":        {0, 0, 1, 0, true, true, true, nil},
		"?search=nobody&page=2": {0, 0, 2, 0, false, true, true, nil},
	} {
		p, names := w.list(Base + "/services" + query)
		if len(names) != want.Size || p.Contents == nil {
			t.Errorf("%q: %d on the page", query, len(names))
		}
		if p.Contents = nil; jsonText(p) != jsonText(want) {
			t.Errorf("%q: %+v, want %+v", query, p, want)
		}
	}
	var walked []string
	for at := 1; at <= 18; at++ {
		_, names := w.list(Base + "/services?per_page=7&page=" + jsonText(at))
		walked = append(walked, names...)
	}
	if len(walked) != 120 || walked[0] != "s0" || walked[119] != "s119" || len(slices.Compact(slices.Sorted(slices.Values(walked)))) != 120 {
		t.Errorf("a walk through the pages saw %d", len(walked))
	}
}

// A filter that is left out silently would give a wrong answer, so it is refused, and nothing of it comes back or is kept.
func TestQuestionsThatAreRefused(t *testing.T) {
	w := serve(t, county()...)
	const canary = "Canaryquery"
	for _, query := range []string{
		"page=0", "page=-1", "page=1.5", "page=%2B1", "page=1000001", "page=99999999999999999999", "page=one", "per_page=0", "per_page=101", "minimum_age=-1", "maximum_age=151",
		"minimum_age=" + canary, "day=someday", "day=" + canary, "start_time=25:00", "start_time=9", "end_time=09:60", "end_time=" + canary, "search=a+b+c+d+e+f+g+h+i+j+k",
		"search=" + strings.Repeat(canary, 40), "search=%00" + canary, "search=%e2%80%ae" + canary, "postcode=" + canary, "proximity=" + canary, "proximity=1000",
		canary + "=1", "search[" + canary + "]=1", "page=1&page=2", "%zz=" + canary, "search=%", "search=%ff" + canary, "full=true", "modified_after=" + canary, strings.Repeat(canary+"=1&", 30),
		"q=" + canary, "=" + canary, "page[]=1",
	} {
		a := w.ask(Base + "/service_at_locations?" + query)
		if a.status != http.StatusBadRequest || a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v %s", query, a.status, a.header, a.body)
		}
		if all := string(a.body) + jsonText(a.header); strings.Contains(strings.ToLower(all), strings.ToLower(canary)) {
			t.Errorf("%s comes back in %s", query, all)
		}
	}
	for _, path := range []string{"/services?search=" + canary, "/services/" + canary, "/" + canary, "/services?taxonomy_id=" + canary} {
		a := w.ask(Base + path)
		if all := string(a.body) + jsonText(a.header); strings.Contains(strings.ToLower(all), strings.ToLower(canary)) {
			t.Errorf("%s comes back in %s", path, all)
		}
	}
	if a := w.ask(Base + "/services?postcode=" + canary); a.status != http.StatusBadRequest {
		t.Errorf("a postcode is let through: %d", a.status)
	}
	if log := w.log.String(); log != "" {
		t.Errorf("the log holds %q", log)
	}
}

func TestEverySiteMayReadAndNobodyMayWrite(t *testing.T) {
	w := serve(t, county()...)
	for path, keep := range map[string]string{
		Base: "public, max-age=300", Base + "/services": "public, max-age=300", DescriptionPath: "public, max-age=300", Base + "/services?search=a": "no-store",
		Base + "/nothing": "no-store", Base + "/services/none": "no-store",
	} {
		h := w.ask(path).header
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Cache-Control") != keep || h.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	for _, path := range []string{"/", "/x", "/openreferrals", "/healthz"} {
		if h := w.ask(path).header; h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is open to every site", path)
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		req, err := http.NewRequest(method, w.url+Base+"/services", strings.NewReader(`{"name":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(res.Header.Get("Allow"), "GET") {
			t.Errorf("%s: %d %v", method, res.StatusCode, res.Header)
		}
	}
}

// What a stranger may ask is read without a panic, within its bounds, and no answer to it holds what was asked.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "page=2&per_page=10", "minimum_age=16&maximum_age=25", "day=mo&start_time=09:00&end_time=17:30:00", "search=a+b", "postcode=x&proximity=1",
		"taxonomy_id=a&taxonomy_term_id=b", "page=0&day=x", "page=９", "start_time=24:00", "search=%E2%80%AE"} {
		f.Add(seed)
	}
	terms := newTaxonomies()
	d, err := directory.Open(county())
	if err != nil {
		f.Fatal(err)
	}
	l := look(d, directory.Look{Today: aDayLater(), Audience: directory.Public})
	f.Fuzz(func(t *testing.T, raw string) {
		values, _ := url.ParseQuery(raw)
		q, w := decode(pairs(values))
		if len(w) == 0 && (q.page < 1 || q.page > lastPage || q.perPage < 1 || q.perPage > largestPage || q.minAge > oldest || q.maxAge > oldest || q.opens >= 24*60 || q.closes >= 24*60 || len(q.search) > mostWords) {
			t.Fatalf("out of its bounds: %+v", q)
		}
		for _, one := range w {
			if ofServices.kind(one.Parameter) == 0 || one.Detail == "" {
				t.Fatalf("names what is none of ours: %+v", one)
			}
		}
		if len(w) > 0 {
			return
		}
		p := pageOf(l.fitting(q, terms), q, func(i *item) any { return i.full(terms) })
		if p.Size > q.perPage || p.TotalItems > len(l.items) || p.Empty != (p.Size == 0) || p.LastPage && p.PageNumber < p.TotalPages {
			t.Fatalf("an envelope that is wrong: %+v", p)
		}
	})
}

func pairs(v url.Values) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, all := range v {
			for _, one := range all {
				if ofServices.kind(name) != 0 && !yield(name, one) {
					return
				}
			}
		}
	}
}
