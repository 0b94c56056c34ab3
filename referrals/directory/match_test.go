package directory

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

func TestRank(t *testing.T) {
	noBill := func(s *Service) { s.Bill = Bill{NotOnBill, "https://line.example.org/bill"} }
	route := func(s *Service) { s.Prof = Both }
	d := open(t,
		invented("plain"),
		invented("no-bill", noBill),
		invented("always", alwaysOpen),
		invented("always-no-bill", alwaysOpen, noBill),
		invented("route", route),
		invented("route-always", route, alwaysOpen),
		invented("legal", serves("legal")),
		invented("emergency", serves("legal", "emergency")),
	)
	for _, tt := range []struct {
		name  string
		wants Wants
		want  []string
	}{
		{"staff: route, then all hours, then the bill, then the order of the directory", Wants{Needs: []string{"stalking"}, Limit: 9},
			[]string{"route-always", "route", "always-no-bill", "always", "no-bill", "plain"}},
		{"patients: all hours, then the bill; a professional route is nothing to them", Wants{Needs: []string{"stalking"}, Limit: 9, Audience: PatientCopy},
			[]string{"always-no-bill", "always", "route-always", "no-bill", "plain", "route"}},
		{"emergency first, whatever was asked first", Wants{Needs: []string{"stalking", "legal"}, Limit: 1},
			[]string{"emergency", "route-always"}},
		{"needs in the order given", Wants{Needs: []string{"legal", "stalking"}, Limit: 2},
			[]string{"emergency", "legal", "route-always", "route"}},
	} {
		tt.wants.Today = readOn
		f := d.Match(tt.wants)
		if got := ids(f); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %v\nwant %v", tt.name, got, tt.want)
		}
		for i, m := range f.Matches {
			if m.Rank != i+1 {
				t.Errorf("%s: %s has rank %d at place %d", tt.name, m.Service.ID, m.Rank, i+1)
			}
		}
	}
}

func TestOneServiceIsListedOnceWithAllItsReasons(t *testing.T) {
	d := open(t, invented("both", serves("legal", "stalking"), alwaysOpen, func(s *Service) { s.Prof = Refer }), invented("next"))
	f := d.Match(Wants{Needs: []string{"stalking", "legal", "stalking"}, Nation: Wales, Today: readOn})
	if got := ids(f); !slices.Equal(got, []string{"both", "next"}) {
		t.Fatalf("%v", got)
	}
	want := []Reason{{ForNeed, "stalking"}, {ForNeed, "legal"}, {WholeUK, ""}, {ProfessionalRoute, "refer"}, {OpenAlways, ""}}
	if !reflect.DeepEqual(f.Matches[0].Reasons, want) {
		t.Errorf("got %v\nwant %v", f.Matches[0].Reasons, want)
	}
}

func TestNations(t *testing.T) {
	d := open(t, invented("english", in(England)), invented("gb", in(England, Wales, Scotland)), invented("unstated", in()), invented("uk"))
	for _, tt := range []struct {
		nation Nation
		want   []string
	}{
		{England, []string{"english", "gb", "uk", "unstated"}},
		{Scotland, []string{"gb", "uk", "unstated"}},
		{NorthernIreland, []string{"uk", "unstated"}},
		{UnknownNation, []string{"uk", "english", "gb", "unstated"}},
	} {
		f := d.Match(Wants{Needs: []string{"stalking"}, Nation: tt.nation, Today: readOn})
		if got := ids(f); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.nation, got, tt.want)
		}
	}
	f := d.Match(Wants{Needs: []string{"stalking"}, Today: readOn})
	if got := f.Matches[2].Reasons; !slices.Contains(got, Reason{OnlyInNation, "wales"}) || slices.Contains(got, Reason{OnlyInNation, "northern-ireland"}) {
		t.Errorf("nation unknown: %v", got)
	}
	if got := f.Matches[3].Reasons; !slices.Contains(got, Reason{NationNotStated, ""}) {
		t.Errorf("nation not stated: %v", got)
	}
}

func TestPartOfANationComesLastAndForStaffOnly(t *testing.T) {
	d := open(t, invented("county", in(England), func(s *Service) { s.Area = "an invented county" }), invented("uk"))
	f := d.Match(Wants{Needs: []string{"stalking"}, Nation: England, Today: readOn})
	if got := ids(f); !slices.Equal(got, []string{"uk", "county"}) || !slices.Contains(f.Matches[1].Reasons, Reason{PartOfNation, ""}) {
		t.Errorf("%v", f.Matches)
	}
	if got := ids(d.Match(Wants{Needs: []string{"stalking"}, Nation: England, Today: readOn, Audience: Public})); !slices.Equal(got, []string{"uk"}) {
		t.Errorf("public: %v", got)
	}
}

func TestGroups(t *testing.T) {
	d := open(t, invented("lgbt-line", whom(Who{Groups: []Group{LGBT}}), serves("stalking", "lgbt")), invented("for-all"))
	told := Wants{Needs: []string{"stalking"}, Groups: []Group{LGBT}, Today: readOn, Audience: PatientCopy}
	if f := d.Match(told); !slices.Equal(ids(f), []string{"lgbt-line", "for-all"}) || !slices.Contains(f.Matches[0].Reasons, Reason{ForGroup, "lgbt"}) {
		t.Errorf("told: %v", f.Matches)
	}
	untold := Wants{Needs: []string{"stalking"}, Today: readOn}
	if f := d.Match(untold); !slices.Equal(ids(f), []string{"for-all", "lgbt-line"}) || !slices.Contains(f.Matches[1].Reasons, Reason{GroupNotTold, "lgbt"}) {
		t.Errorf("not told, staff: %v", f.Matches)
	}
	untold.Audience = PatientCopy
	if got := ids(d.Match(untold)); !slices.Equal(got, []string{"for-all"}) {
		t.Errorf("not told, patient copy: %v; a paper may not tell what the person never said", got)
	}
	untold.Needs = []string{"stalking", "lgbt"}
	if got := ids(d.Match(untold)); !slices.Equal(got, []string{"lgbt-line", "for-all"}) {
		t.Errorf("told by the need itself: %v", got)
	}
}

func TestSex(t *testing.T) {
	d := open(t, invented("women", whom(Who{Only: Woman}), serves("stalking", "men")), invented("men", whom(Who{Only: Man}), serves("stalking", "men")))
	for _, tt := range []struct {
		sex   Sex
		needs []string
		want  []string
	}{
		{Woman, []string{"stalking"}, []string{"women"}},
		{Man, []string{"stalking"}, []string{"men"}},
		{SexUnknown, []string{"stalking"}, []string{"women", "men"}},
		{SexUnknown, []string{"stalking", "men"}, []string{"men"}},
	} {
		f := d.Match(Wants{Needs: tt.needs, Sex: tt.sex, Today: readOn})
		if got := ids(f); !slices.Equal(got, tt.want) {
			t.Errorf("sex %d, needs %v: %v", tt.sex, tt.needs, got)
		}
	}
	f := d.Match(Wants{Needs: []string{"stalking"}, Today: readOn})
	if !slices.Contains(f.Matches[0].Reasons, Reason{LimitedBySex, "women"}) {
		t.Errorf("the limit is not said: %v", f.Matches[0].Reasons)
	}
}

func TestAges(t *testing.T) {
	d := open(t,
		invented("adults", whom(Who{Adults: true})), invented("from-18", whom(Who{MinAge: 18})), invented("from-16", whom(Who{MinAge: 16})),
		invented("from-13", whom(Who{MinAge: 13})), invented("to-17", whom(Who{MaxAge: 17})), invented("to-35", whom(Who{MaxAge: 35})),
	)
	for _, tt := range []struct {
		age  Age
		want []string
	}{
		{Under13, []string{"to-17", "to-35"}},
		{Under16, []string{"to-17", "to-35"}},
		{From13To15, []string{"from-13", "to-17", "to-35"}},
		{From16To17, []string{"adults", "from-16", "from-13", "to-17", "to-35"}},
		{Under18, []string{"to-17", "to-35"}},
		{Adult, []string{"adults", "from-18", "from-16", "from-13", "to-35"}},
		{AgeUnknown, []string{"adults", "from-18", "from-16", "from-13", "to-17", "to-35"}},
	} {
		if got := ids(d.Match(Wants{Needs: []string{"stalking"}, Age: tt.age, Today: readOn, Limit: 9})); !slices.Equal(got, tt.want) {
			t.Errorf("age %d: got %v, want %v", tt.age, got, tt.want)
		}
	}
}

func TestAParentMayBeShownWhatIsForTheChild(t *testing.T) {
	d := open(t, invented("child-line", whom(Who{MaxAge: 17}), serves("children", "stalking")))
	if got := ids(d.Match(Wants{Needs: []string{"children"}, Age: Adult, Today: readOn})); !slices.Equal(got, []string{"child-line"}) {
		t.Errorf("children: %v", got)
	}
	if got := ids(d.Match(Wants{Needs: []string{"stalking"}, Age: Adult, Today: readOn})); len(got) != 0 {
		t.Errorf("the adult's own need: %v", got)
	}
}

func TestWatchedTelephone(t *testing.T) {
	text := Way{By: Text, At: "85258", Status: Official}
	phone := Way{By: Phone, At: "0808 157 0000", Status: Official}
	d := open(t,
		invented("text-only", by(text)), invented("two-ways", by(phone, text)),
		invented("avoid", func(s *Service) { s.AvoidMonitoredPhone = true }),
		invented("text-for-patients", by(text, Way{By: Phone, At: "0808 157 0001", Status: Disputed, Note: "pages differ"})),
	)
	for _, audience := range []Audience{Staff, PatientCopy, Public} {
		f := d.Match(Wants{Needs: []string{"stalking"}, MonitoredPhone: true, Today: readOn, Audience: audience})
		want := []string{"two-ways"}
		if audience == Staff {
			want = append(want, "text-for-patients")
		}
		if got := ids(f); !slices.Equal(got, want) {
			t.Fatalf("audience %d: %v", audience, got)
		}
		if ways := f.Matches[0].Service.Ways; len(ways) != 1 || ways[0].By != Phone {
			t.Errorf("audience %d: ways %v", audience, ways)
		}
	}
	if f := d.Match(Wants{Needs: []string{"stalking"}, Today: readOn}); len(f.Matches) != 4 || len(f.Matches[1].Service.Ways) != 2 {
		t.Errorf("a telephone nobody reads: %v", f.Matches)
	}
}

func TestWhoCannotSpeakGetsTheSilentRoutesFirst(t *testing.T) {
	d := open(t, invented("line"), invented("chat", by(Way{By: Webchat, At: "https://line.example.org/chat", Status: Official})), invented("silent", serves("cannot-speak")))
	f := d.Match(Wants{Needs: []string{"stalking"}, CannotSpeak: true, Today: readOn})
	if got := ids(f); !slices.Equal(got, []string{"silent", "line", "chat"}) {
		t.Fatalf("%v", got)
	}
	if !slices.Contains(f.Matches[2].Reasons, Reason{NeedsNoVoice, ""}) || slices.Contains(f.Matches[1].Reasons, Reason{NeedsNoVoice, ""}) {
		t.Errorf("%v", f.Matches)
	}
}

func TestMissing(t *testing.T) {
	d := open(t, invented("english", in(England)), invented("gone", serves("legal"), func(s *Service) { s.ReadOn = after(-365) }), invented("staff", serves("marac"), func(s *Service) { s.ShownTo = StaffOnly }))
	for _, tt := range []struct {
		name  string
		wants Wants
		want  []string
	}{
		{"all there", Wants{Needs: []string{"stalking"}, Nation: England}, nil},
		{"another nation", Wants{Needs: []string{"stalking"}, Nation: Scotland}, []string{"stalking"}},
		{"too old, and a word nobody knows, in the order asked", Wants{Needs: []string{"swimming", "legal", "stalking"}, Nation: England}, []string{"swimming", "legal"}},
		{"not for patients", Wants{Needs: []string{"marac"}, Audience: PatientCopy}, []string{"marac"}},
		{"nobody rang", Wants{Needs: []string{"stalking"}, Mode: VerifiedOnly}, []string{"stalking"}},
		{"nothing asked", Wants{}, nil},
	} {
		tt.wants.Today = readOn
		if got := d.Match(tt.wants).Missing; !slices.Equal(got, tt.want) {
			t.Errorf("%s: missing %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestALimitHoldsForEachNeed(t *testing.T) {
	var services []Service
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		services = append(services, invented(id), invented(id+"-legal", serves("legal")))
	}
	d := open(t, services...)
	for limit, each := range map[int]int{0: UsualLimit, 1: 1, 3: 3, 8: 8, 100: 8, -1: UsualLimit} {
		f := d.Match(Wants{Needs: []string{"stalking", "legal"}, Limit: limit, Today: readOn})
		if len(f.Matches) != 2*each {
			t.Errorf("limit %d: %d services, want %d for each of two needs", limit, len(f.Matches), each)
		}
	}
}

func TestNoLimitGoesBeyondTheHardOne(t *testing.T) {
	var near, far []Service
	for i := range 2 * HardLimit {
		id := fmt.Sprintf("s%d", i)
		near = append(near, invented(id))
		far = append(far, invented(id, in()))
	}
	for name, services := range map[string][]Service{"fitting": near, "further away": far} {
		if f := open(t, services...).Match(Wants{Needs: []string{"stalking"}, Limit: 1000, Today: readOn}); len(f.Matches) != HardLimit {
			t.Errorf("%s: %d services", name, len(f.Matches))
		}
	}
}

func TestANeedMayTellItsGroup(t *testing.T) {
	for need, group := range map[string]Group{"lgbt": LGBT, "deaf": Deaf, "disability": Disabled, "older-people": Older, "immigration": Migrant} {
		d := open(t, invented("made-for-them", whom(Who{Groups: []Group{group}}), serves(need)))
		f := d.Match(Wants{Needs: []string{need}, Audience: PatientCopy, Today: readOn})
		if len(f.Matches) != 1 || !slices.Contains(f.Matches[0].Reasons, Reason{ForGroup, string(group)}) {
			t.Errorf("%s: %v, missing %v", need, f.Matches, f.Missing)
		}
	}
}

func TestOpenRefusesWhatCheckRefuses(t *testing.T) {
	if _, err := Open([]Service{invented("a"), invented("a")}); !errors.Is(err, ErrUnsound) {
		t.Errorf("%v", err)
	}
}

func TestFindAndServices(t *testing.T) {
	d := open(t, invented("a"), invented("b", serves(), func(s *Service) { s.ShownTo = NeverWithVictim }))
	if s, ok := d.Find("b"); !ok || s.ID != "b" {
		t.Error("b not found")
	}
	if _, ok := d.Find("c"); ok {
		t.Error("c found")
	}
	if len(d.Services()) != 2 {
		t.Error("not all services")
	}
}
