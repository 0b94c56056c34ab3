package referrals_test

import (
	"sync"
	"testing"

	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

func (w *world) once(a people.Actor, name, sent string) (referrals.Case, []packet.Fault, error) {
	return w.ReferOnce(w.t.Context(), a, w.draft(consent("domestic-abuse")), name, []byte(sent))
}

// A request of another system makes one case, however often and from wherever at once it comes, also across a new index key;
// under its name nothing else is taken, and another's request of the same name is another's.
func TestARequestMakesOneCaseHoweverOftenItComes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		cases := make([]referrals.Case, 8)
		for i := range cases {
			wg.Go(func() {
				c, _, err := w.once(w.clinician, "r-1", "the body")
				if err != nil {
					t.Error(err)
				}
				cases[i] = c
			})
		}
		wg.Wait()
		for _, c := range cases {
			if c.Reference == "" || c.Reference != cases[0].Reference || c.Handovers[0].Reference != cases[0].Handovers[0].Reference {
				t.Fatalf("another case: %s", c.Reference)
			}
		}
		if _, err := w.ring.NewEpoch(); err != nil {
			t.Fatal(err)
		}
		c, _, err := w.once(w.clinician, "r-1", "the body")
		must(t, err)
		if c.Reference != cases[0].Reference {
			t.Error("a new key makes a second case")
		}
		_, _, err = w.once(w.clinician, "r-1", "another body")
		want(t, err, referrals.ErrRequest)
		other, _, err := w.once(w.colleague, "r-1", "the body")
		must(t, err)
		next, _, err := w.once(w.clinician, "r-2", "the body")
		must(t, err)
		if other.Reference == c.Reference || next.Reference == c.Reference || next.Reference == other.Reference {
			t.Error("two requests make one case")
		}
		all, err := w.Placed(t.Context(), w.clinician)
		must(t, err)
		if len(all) != 2 {
			t.Errorf("%d hand-overs", len(all))
		}
		if got := w.PlacedOf(c); len(got) != 1 || got[0] != all[0] && got[0] != all[1] {
			t.Errorf("%+v is not among %+v", got, all)
		}
		_, _, err = w.once(w.receiver, "r-1", "the body")
		want(t, err, people.ErrForbidden)
		w.sound()
	})
}
