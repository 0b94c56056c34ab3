package openreferral

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/peer"
)

// over carries questions for a public host to the server of a test.
type over struct{ to *url.URL }

func (o over) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = o.to.Scheme, o.to.Host
	return http.DefaultTransport.RoundTrip(r)
}

// bringHome reads everything that a server publishes, as another Waypost would.
func (w *world) bringHome() []directory.Service {
	w.t.Helper()
	to, err := url.Parse(w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	limits := peer.Usual()
	api, err := peer.Open(peer.Config{
		Base: "https://other.example.org" + Base, Hosts: []string{"other.example.org"}, Limits: limits, Now: aDayLater, Through: over{to},
		Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var got []directory.Service
	r, err := feed.Open(feed.Source{Name: "other", Address: "https://other.example.org", Read: readOn}, func(i feed.Item) error {
		got = append(got, i.Service)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := api.Read(w.t.Context(), peer.State{}, func(page []byte, _ peer.State) error { return r.JSON(strings.NewReader(string(page))) })
	if err != nil || !s.Whole() || !r.Report().Whole || len(r.Report().Set) > 0 {
		w.t.Fatalf("%v: %+v, %+v", err, s, r.Report())
	}
	return got
}

// published is all that a server says of each service, by name, without identifiers and the days of whoever looked.
func (w *world) published() map[string]any {
	w.t.Helper()
	out := map[string]any{}
	w.crawl(func(path string, a answerOf) {
		if !strings.HasPrefix(path, Base+"/services/") {
			return
		}
		var one map[string]any
		if err := json.Unmarshal(a.body, &one); err != nil {
			w.t.Fatal(err)
		}
		out[one["name"].(string)] = bare(one)
	})
	return out
}

func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if key == "id" || strings.HasSuffix(key, "_id") || key == "last_modified" || key == "assured_date" {
				delete(v, key)
			} else {
				v[key] = bare(inner)
			}
			if list, ok := v[key].([]any); ok && (key == "attributes" || key == "languages") { // no order is meant by these
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
			}
		}
	case []any:
		for i := range v {
			v[i] = bare(v[i])
		}
	}
	return v
}

// What one Waypost publishes another brings home and could publish again in the same words: nothing is lost on the way but
// who checked it and when, since that is nobody's word but the checker's.
func TestNothingIsLostBetweenTwoHouses(t *testing.T) {
	one := serve(t, append(county(),
		invented("sign", func(s *directory.Service) {
			s.Who = directory.Who{Only: directory.Man, Groups: []directory.Group{directory.LGBT, directory.BME, directory.HearsVoices}}
			s.Access = directory.Accesses()
			s.Needs = []string{"men", "deaf", "older-people"}
			s.Ways = append(s.Ways, directory.Way{By: directory.Textphone, At: "01432 654321", Note: "minicom", Status: directory.Official})
			s.Opening.Spans = []directory.Span{{Day: time.Friday, From: 22 * 60, To: directory.DayLength}, {Day: time.Saturday, From: 0, To: 120}}
			s.Hours = directory.Hours{Text: "Friday night", Status: directory.Official}
			s.Nations = directory.Nations(0).With(directory.England).With(directory.Wales)
			s.Warnings = []string{"they may ring back", "the line is often engaged"}
		}))...)
	before := one.published()
	home := one.bringHome()
	for _, s := range home {
		if s.Status != directory.Secondary || s.VerifiedBy != "" {
			t.Errorf("%s came home as more than read", s.ID)
		}
	}
	after := serve(t, home...).published()
	if len(before) < 8 || len(after) != len(before) {
		t.Errorf("%d services went out, %d came home", len(before), len(after))
	}
	for name, want := range before {
		if got := after[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s went out as\n%s\nand came home as\n%s", name, jsonText(want), jsonText(got))
		}
	}
}
