package shelf_test

import (
	"compress/gzip"
	"os"
	"slices"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/shelf"
)

// From a postcode to the services of its place, on the list as it is published: the border runs between the two.
func TestFromAPostcodeToItsServices(t *testing.T) {
	f, err := os.Open("../../../shared/data/nspl/NSPL_NOV_2021_UK_HR.csv.gz")
	if err != nil {
		t.Skip("the extract of the postcode list is not here")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	index, _, err := postcode.List{}.Read(z)
	must(t, err)
	r := furnish(t)
	s := r.shelf(t, line())
	for _, c := range []struct{ name, code string }{{"hereford", "E06000019"}, {"powys", "W06000023"}} {
		_, err := s.Import(t.Context(), by("system", "services.import"), order(page(1, "01432 123456"), func(o *shelf.Order) {
			o.Source.Name = c.name
			o.Source.Covers = directory.Coverage{}
			if !feed.Cover(&o.Source.Covers, c.code) {
				t.Fatal(c.code)
			}
		}))
		must(t, err)
	}
	seen := map[directory.Nation]int{}
	for _, asked := range []string{"HR1 1AA", "HR3 5AA", "HR3 5BH", "HR5 3AA", "HR3 6AA", "HR5 3NU"} {
		place, _, err := index.Find(asked)
		if err != nil {
			continue
		}
		seen[place.Nation]++
		var got []string
		for _, m := range s.Directory().Match(directory.Wants{
			Needs: []string{"stalking"}, Nation: place.Nation, Area: directory.Area{Authority: place.Authority, Board: place.Board, Police: place.Police}, Today: today,
		}).Matches {
			got = append(got, m.Service.ID)
		}
		want := []string{"line"}
		switch place.Authority {
		case "E06000019":
			want = []string{"hereford-s0", "line"}
		case "W06000023":
			want = []string{"powys-s0", "line"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("a postcode in %s: %v, want %v", place.Authority, got, want)
		}
	}
	if seen[directory.England] == 0 || seen[directory.Wales] == 0 {
		t.Errorf("not both sides of the border: %v", seen)
	}
}
