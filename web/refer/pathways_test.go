package refer

import (
	"slices"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/screening"
)

// Pathways that are no referral: what is done in the room, or by a call at once.
var noReferral = []string{"acute-medical", "clinical-local", "device-safety"}

// Every pathway leads somewhere or is known to be no referral, and every id in the tables exists.
func TestEveryPathwayLeadsSomewhere(t *testing.T) {
	book, err := packet.Load(packet.Content())
	if err != nil {
		t.Fatal(err)
	}
	bank, err := screening.Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	known := func(kind string, ids []string) {
		for _, id := range ids {
			if _, ok := book.Destination(id); !ok {
				t.Errorf("%s leads to %s, which is no destination", kind, id)
			}
		}
	}
	used := map[string]bool{}
	for i := range bank.Findings {
		for _, path := range bank.Findings[i].Pathways {
			used[path] = true
			if leads := len(leadsTo[path]) > 0; leads == slices.Contains(noReferral, path) {
				t.Errorf("%s leads somewhere: %t", path, leads)
			}
		}
	}
	if len(used) < 10 {
		t.Fatalf("%d pathways only", len(used))
	}
	for path, ids := range leadsTo {
		known(path, ids)
		if !used[path] {
			t.Errorf("no finding opens %s", path)
		}
	}
	for need, ids := range foundFor {
		known(need, ids)
		if !slices.Contains(directory.Needs(), need) {
			t.Errorf("%s is no need of the directory", need)
		}
	}
	for _, kind := range directory.Archetypes() {
		if kind != directory.NoArchetype && len(standsFor[kind]) == 0 {
			t.Errorf("%s stands for nothing", kind)
		}
		known(string(kind), standsFor[kind])
	}
}
