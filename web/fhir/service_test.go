package fhir_test

import (
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/web/fhir"
)

// What the directory lets out here: nothing for staff or for people who use abuse, nothing local, no place, no number that
// is not on the public page, and on a later day nothing that was not looked at again but the emergency numbers.
func TestOnlyThePublicPartOfTheDirectoryIsServed(t *testing.T) {
	t.Parallel()
	w := product(t)
	list := must(national.Load())(t)
	planted := list[0]
	planted.ID, planted.Name, planted.Covers = "planted-local", "Planted local service", directory.Coverage{Authorities: []string{"E06000001"}}
	coordinator := list[0]
	coordinator.ID, coordinator.Name, coordinator.Is, coordinator.Needs = "planted-marac", "Planted coordinator", directory.MaracCoordinator, []string{"marac"}
	hidden := list[0]
	hidden.ID, hidden.Name, hidden.ShownTo = "planted-staff", "Planted for staff", directory.StaffOnly
	housed := list[0]
	housed.ID, housed.Name = "planted-house", "Planted house"
	housed.Ways = append([]directory.Way{{By: directory.InPerson, At: "1 Planted Lane", Status: directory.Official}}, housed.Ways...)
	d := must(directory.Open(append(list, planted, coordinator, hidden, housed)))(t)
	words := w.words.In("en", nil)
	today := fhir.Services(d, directory.Look{Today: today}, words)
	text := string(raw(t, today))
	if len(today) < 30 || !strings.Contains(text, "Planted house") {
		t.Fatalf("%d services", len(today))
	}
	for _, word := range []string{"Planted local", "Planted coordinator", "Planted for staff", "Planted Lane"} {
		if strings.Contains(text, word) {
			t.Errorf("%s is served", word)
		}
	}
	for _, s := range today {
		of, ok := d.Find(s.ID)
		if !ok || of.ShownTo != directory.Anyone {
			t.Errorf("%s is not for anyone", s.ID)
		}
		if len(s.ID) > 64 || s.ExtraDetails == "" {
			t.Errorf("%s: no id of FHIR's, or no word of how sure we are", s.ID)
		}
	}
	late := fhir.Services(d, directory.Look{Today: time.Date(2029, 1, 1, 9, 0, 0, 0, time.UTC)}, words)
	for _, s := range late {
		if of, _ := d.Find(s.ID); !of.EmergencyNumber {
			t.Errorf("%s is still there after years", s.ID)
		}
	}
	if len(late) == 0 {
		t.Error("the emergency numbers are gone")
	}
	t.Logf("%d services today, %d after years", len(today), len(late))
}
