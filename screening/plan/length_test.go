package plan_test

import (
	"slices"
	"testing"

	"waypost/screening"
)

// A consultation has ten minutes. Each of these walks answers everything that is asked, one answer a question: what the
// consultation is about as given, all else with the first quiet answer. Everyone in them is invented. The nation is the
// practice's own and is not asked.
func TestAConsultationIsShort(t *testing.T) {
	t.Parallel()
	bank, _ := product(t)
	quiet := []string{"no", "safe", "none-of-these", "nothing", "no-one", "me", "mine", "neither", "call-number", "alone", "out", "not-needed", "patient-here", "age-18-plus", "none", "none-seen", "nobody", "unsure"}
	for name, c := range map[string]struct {
		limit int
		given map[string]string
	}{
		"nothing raised": {12, nil},
		"shares her place because he insists": {40, map[string]string{
			"gateway.location": "yes", "location.who-can-see": "someone-who-insists", "location.if-late": "calls-or-questions",
			"choice.location": "cannot-stop", "danger.control": "yes", "about.who": "partner",
		}},
		"an alarm when she leaves the borough": {40, map[string]string{
			"gateway.location": "yes", "gateway.fear": "yes", "location.geofence": "yes", "location.who-is-told": "partner",
			"location.who-can-see": "someone-who-insists", "choice.location": "cannot-stop", "danger.control": "yes", "about.who": "partner",
		}},
		"a pump that she alone runs": {50, map[string]string{
			"gateway.any": "unsure", "gateway.topics": "health-devices-and-record", "about.who": "not-known", "health.relies-on": "insulin-pump",
			"health.settings": "no", "health.without-it": "life-at-risk",
		}},
		"fears a chip": {50, map[string]string{
			"gateway.body": "yes", "gateway.topics": "chip-or-implant", "about.who": "not-known", "implant.about": "i-think-one-is-in-me",
			"implant.event": "unclear", "mind.function": "sleeping",
		}},
		"a chip he wanted her to have": {40, map[string]string{"gateway.body": "yes", "gateway.fear": "yes", "about.who": "partner"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, asked := bank.Empty(), []string{}
			a, _ = a.With("about.nation", "england")
			for {
				q, more := bank.Asking(a).Next()
				if !more {
					break
				}
				asked = append(asked, q.ID)
				answer := c.given[q.ID]
				for i := 0; answer == "" && i < len(quiet); i++ {
					if q.Answer(quiet[i]) >= 0 {
						answer = quiet[i]
					}
				}
				var faults []screening.Fault
				if a, faults = a.With(q.ID, answer); len(faults) > 0 {
					t.Fatalf("%s: %v", q.ID, faults)
				}
			}
			for q := range c.given {
				if !slices.Contains(asked, q) {
					t.Errorf("%s was never asked", q)
				}
			}
			if len(asked) > c.limit {
				t.Errorf("%d answers, %d at most: %v", len(asked), c.limit, asked)
			}
			t.Logf("%d answers", len(asked))
		})
	}
}
