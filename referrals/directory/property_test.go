package directory

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// anyService draws a sound service of any kind.
func anyService(t *rapid.T, id string) Service {
	s := invented(id)
	s.Needs = rapid.SliceOfNDistinct(rapid.SampledFrom(vocabulary[:8]), 1, 3, rapid.ID).Draw(t, "needs")
	s.Nations = Nations(rapid.Uint8Range(0, 15).Draw(t, "nations")) << 1
	s.ShownTo = rapid.SampledFrom([]ShownTo{Anyone, Anyone, Anyone, StaffOnly, NeverWithVictim}).Draw(t, "shown to")
	if s.ShownTo == NeverWithVictim {
		s.Needs = nil
	}
	s.Area = rapid.SampledFrom([]string{"", "", "an invented county"}).Draw(t, "area")
	s.Who = Who{
		MinAge: rapid.SampledFrom([]int{0, 0, 13, 16, 18}).Draw(t, "from"), MaxAge: rapid.SampledFrom([]int{0, 0, 18, 24, 35}).Draw(t, "to"),
		Adults: rapid.Bool().Draw(t, "adults"), Only: Sex(rapid.IntRange(0, 2).Draw(t, "only")),
		Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(groups[:]), 0, 2, rapid.ID).Draw(t, "groups"),
	}
	status := rapid.SampledFrom([]Status{Official, Secondary, Disputed})
	s.Ways = []Way{
		{By: Phone, At: "0808 157 0000", Status: status.Draw(t, "phone"), Note: "a note"},
		{By: Text, At: "85258", Status: status.Draw(t, "text"), Note: "a note", Staff: rapid.Bool().Draw(t, "staff way")},
	}[rapid.IntRange(0, 1).Draw(t, "first way"):]
	if rapid.Bool().Draw(t, "all hours") {
		alwaysOpen(&s)
	}
	s.AvoidMonitoredPhone = rapid.Bool().Draw(t, "avoid")
	s.Prof = rapid.SampledFrom([]Prof{ProfUnknown, Refer, Both, NoProf}).Draw(t, "prof")
	s.ReadOn = after(-rapid.IntRange(0, 400).Draw(t, "read"))
	if rapid.Bool().Draw(t, "rung") {
		rung(after(-rapid.IntRange(-5, 400).Draw(t, "rung on")))(&s)
	}
	return s
}

func anyWants(t *rapid.T) Wants {
	return Wants{
		Needs:          rapid.SliceOfN(rapid.SampledFrom(append(Needs()[:8], "swimming")), 0, 5).Draw(t, "wanted"),
		Nation:         Nation(rapid.IntRange(0, 4).Draw(t, "nation")),
		Age:            Age(rapid.IntRange(0, int(ageCount)-1).Draw(t, "age")),
		Sex:            Sex(rapid.IntRange(0, 2).Draw(t, "sex")),
		Groups:         rapid.SliceOfNDistinct(rapid.SampledFrom(groups[:]), 0, 2, rapid.ID).Draw(t, "told"),
		CannotSpeak:    rapid.Bool().Draw(t, "cannot speak"),
		MonitoredPhone: rapid.Bool().Draw(t, "watched"),
		Audience:       Audience(rapid.IntRange(0, 2).Draw(t, "audience")),
		Mode:           Mode(rapid.IntRange(0, 1).Draw(t, "mode")),
		Limit:          rapid.IntRange(0, 6).Draw(t, "limit"),
		Today:          readOn,
	}
}

func anyDirectory(t *rapid.T) ([]Service, *Directory) {
	services := make([]Service, rapid.IntRange(1, 30).Draw(t, "how many"))
	for i := range services {
		services[i] = anyService(t, "s"+string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	d, err := Open(services)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return services, d
}

// Whatever is in the directory and whatever is asked: nothing outside the nation, the audience, the age, the sex or the
// telephone, nothing twice, nothing that Seen would hide, and no need both served and missing.
func TestMatchKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, d := anyDirectory(t)
		w := anyWants(t)
		f := d.Match(w)
		seen := map[string]bool{}
		served := map[string]bool{}
		for i, m := range f.Matches {
			original, _ := d.Find(m.Service.ID)
			if seen[m.Service.ID] || m.Rank != i+1 {
				t.Fatalf("%s twice or out of rank", m.Service.ID)
			}
			seen[m.Service.ID] = true
			sight, ok := original.Seen(Look{Today: w.Today, Mode: w.Mode, Audience: w.Audience})
			if !ok || sight.Mark != m.Mark || !sight.Since.Equal(m.Since) {
				t.Fatalf("%s: matched and not to be seen, or with another mark", m.Service.ID)
			}
			promises(t, w, original, m)
			for _, r := range m.Reasons {
				if r.Code == ForNeed {
					if !slices.Contains(original.Needs, r.ID) {
						t.Fatalf("%s: does not serve %s", m.Service.ID, r.ID)
					}
					served[r.ID] = true
				}
			}
		}
		for _, need := range w.Needs {
			if served[need] == slices.Contains(f.Missing, need) {
				t.Fatalf("%s: served %v, missing %v", need, served[need], f.Missing)
			}
		}
	})
}

func promises(t *rapid.T, w Wants, original Service, m Match) {
	if original.ShownTo == NeverWithVictim || (w.Audience != Staff && (original.ShownTo != Anyone || (original.Area != "" && !original.Covers.Local()) || m.Service.Notes != nil)) {
		t.Fatalf("%s: not for that audience", original.ID)
	}
	if w.Nation != UnknownNation && original.Nations != 0 && !original.Nations.Has(w.Nation) {
		t.Fatalf("%s: not in that nation", original.ID)
	}
	if (w.Age == Under13 || w.Age == From13To15 || w.Age == Under16) && (original.Who.Adults || original.Who.MinAge >= 16) {
		t.Fatalf("%s: a service for adults, offered to a child", original.ID)
	}
	if w.Sex != SexUnknown && original.Who.Only != SexUnknown && original.Who.Only != w.Sex {
		t.Fatalf("%s: not for that sex", original.ID)
	}
	if len(m.Service.Ways) == 0 {
		t.Fatalf("%s: no way left to reach it", original.ID)
	}
	for _, way := range m.Service.Ways {
		if w.Audience != Staff && (way.Status == Disputed || way.Staff) {
			t.Fatalf("%s: a way that only staff may see", original.ID)
		}
		if w.MonitoredPhone && (way.By.StaysOnPhone() || original.AvoidMonitoredPhone) {
			t.Fatalf("%s: stays on a watched telephone", original.ID)
		}
	}
}

// What was in the directory before matching is in it after, and the same question has the same answer.
func TestMatchIsDeterministicAndChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		services, d := anyDirectory(t)
		again, err := Open(services)
		if err != nil {
			t.Fatal(err)
		}
		w := anyWants(t)
		first := d.Match(w)
		if !reflect.DeepEqual(first, d.Match(w)) || !reflect.DeepEqual(first, again.Match(w)) {
			t.Fatal("another answer to the same question")
		}
		if !reflect.DeepEqual(services, d.Services()) {
			t.Fatal("matching changed the directory")
		}
	})
}

// A service is left out only for want of room: with room for all, every service that serves a need and may be seen there is
// in the answer. Written against the data, not against the index.
func TestNothingIsForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		services, d := anyDirectory(t)
		if len(services) > HardLimit {
			services = services[:HardLimit]
			d, _ = Open(services)
		}
		w := anyWants(t)
		w.Limit, w.Age, w.Sex, w.MonitoredPhone, w.Audience = HardLimit, AgeUnknown, SexUnknown, false, Staff
		w.Needs = slices.DeleteFunc(w.Needs, func(n string) bool { return n == "men" })
		got := ids(d.Match(w))
		needs := w.Needs
		if w.CannotSpeak {
			needs = append(slices.Clone(needs), CannotSpeak)
		}
		for _, s := range services {
			serves := slices.ContainsFunc(s.Needs, func(n string) bool { return slices.Contains(needs, n) })
			there := w.Nation == UnknownNation || s.Nations == 0 || s.Nations.Has(w.Nation)
			_, seen := s.Seen(Look{Today: w.Today, Mode: w.Mode, Audience: w.Audience})
			if want := serves && there && seen; want != slices.Contains(got, s.ID) {
				t.Fatalf("%s: in the answer %v, want %v", s.ID, !want, want)
			}
		}
	})
}
