package openreferral

import (
	"bytes"
	"slices"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// What one Waypost says another can read: needs, areas, hours, ages, languages and access come out of our own import, and
// numbers, site and mail. The import takes no numbers for texting, and reads a group that has a need of the same name as that.
func TestAnotherWaypostReadsWhatThisOneSays(t *testing.T) {
	w := serve(t, county()...)
	var got []directory.Service
	r, err := feed.Open(feed.Source{Name: "other", Address: "https://other.example.org", Read: readOn}, func(i feed.Item) error {
		got = append(got, i.Service)
		if len(i.Held) > 0 {
			t.Errorf("held for %v", i.Held)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(bytes.NewReader(w.ask(Base + "/services/" + idOf("service", "shire-aid")).body)); err != nil || len(got) != 1 {
		t.Fatalf("%v, %d read: %+v", err, len(got), r.Report())
	}
	var want directory.Service
	rich(&want)
	s := got[0]
	if s.Name != want.Name || !slices.Contains(s.Needs, want.Needs[0]) || !slices.Contains(s.Needs, want.Needs[1]) || !slices.Equal(s.Covers.Authorities, want.Covers.Authorities) ||
		!slices.Equal(s.Covers.Police, want.Covers.Police) || s.Who.MinAge != want.Who.MinAge || s.Who.MaxAge != want.Who.MaxAge || len(s.Speaks) != len(want.Speaks) || !slices.Equal(s.Access, want.Access) || s.For != want.For || s.Hours.Text != want.Hours.Text {
		t.Errorf("came out as %+v", s)
	}
	if len(s.Opening.Spans) != len(want.Opening.Spans) {
		t.Errorf("hours came out as %+v", s.Opening)
	}
	for _, way := range want.Ways[:4] {
		if way.By != directory.Text && !slices.ContainsFunc(s.Ways, func(g directory.Way) bool { return g.By == way.By && g.At == way.At }) {
			t.Errorf("%s %s is lost: %+v", way.By, way.At, s.Ways)
		}
	}
}
