package directory

import (
	"slices"
	"testing"
)

// A page that serves several areas finds what serves any of them, and says what none of them has.
func TestSeveralAreas(t *testing.T) {
	t.Parallel()
	d, err := Open([]Service{
		invented("nation"), invented("shire", covers(Coverage{Authorities: []string{shire}})), invented("vale", covers(Coverage{Authorities: []string{vale}})),
		invented("force", covers(Coverage{Police: []string{force}})), invented("both", covers(Coverage{Authorities: []string{shire, vale}})),
		invented("elsewhere", covers(Coverage{Authorities: []string{"E06000001"}})),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := Wants{Needs: []string{"stalking"}, Nation: England, Today: readOn, Limit: HardLimit, Areas: Coverage{Authorities: []string{shire, vale}, Police: []string{force}}}
	f := d.Match(w)
	if got := ids(f); !slices.Equal(got, []string{"shire", "both", "vale", "force", "nation"}) || len(f.Gaps) > 0 {
		t.Errorf("%v, gaps %v", got, f.Gaps)
	}
	if !slices.Contains(f.Matches[3].Reasons, Reason{ForArea, "police"}) || !slices.Contains(f.Matches[1].Reasons, Reason{ForArea, "authority"}) {
		t.Errorf("%v", f.Matches[3].Reasons)
	}
	for _, one := range []string{shire, vale} { // one area named as an area is the same as a place in it
		w.Areas, w.Area = Coverage{Authorities: []string{one}}, Area{}
		several := ids(d.Match(w))
		w.Areas, w.Area = Coverage{}, Area{Authority: one}
		if place := ids(d.Match(w)); !slices.Equal(several, place) {
			t.Errorf("%s: %v as an area, %v as a place", one, several, place)
		}
	}
	w.Areas, w.Area, w.Limit = Coverage{Authorities: []string{shire, vale}}, Area{}, 1
	for near, want := range map[int][]string{0: {"shire"}, 1: {"shire", "nation"}, 2: {"shire", "both", "nation"}} { // beside the one of the nation
		w.Near = near
		if got := ids(d.Match(w)); !slices.Equal(got, want) {
			t.Errorf("%d beside: %v", near, got)
		}
	}
	w.Needs, w.Area, w.Areas = []string{"legal"}, Area{}, Coverage{Authorities: []string{shire}}
	if f := d.Match(w); !slices.Equal(f.Gaps, []Gap{{"legal", NothingAtAll}}) {
		t.Errorf("gaps %v", f.Gaps)
	}
}

func TestThePartOfAnAreaInANation(t *testing.T) {
	t.Parallel()
	c := Coverage{Authorities: []string{"E06000019", "W06000023"}, Boards: []string{"W11000024"}, Police: []string{"E23000016"}, Practices: []string{"M81001"}}
	england, unknown := c.In(England), c.In(UnknownNation)
	if !slices.Equal(england.Authorities, []string{"E06000019"}) || len(england.Boards) > 0 || !slices.Equal(england.Police, []string{"E23000016"}) || c.In(Scotland).Local() {
		t.Errorf("%+v", england)
	}
	if len(unknown.Authorities) != 2 || len(c.Authorities) != 2 {
		t.Errorf("%+v", unknown)
	}
}
