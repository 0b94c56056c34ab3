package people

import (
	"errors"
	"testing"
	"time"
)

// A16, as far as this room knows it.
func TestGlassIsBrokenByTheKeyForAReasonForAnHourAndReviewedByAnother(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	doctor := lead.colleague(Clinician)
	now, own := w.clock.now(), doctor.actor.Organisation()
	if _, err := Break(doctor.actor, own, "case-1", DangerNow, now); !errors.Is(err, ErrStepUp) {
		t.Errorf("without the key: %v", err)
	}
	if _, err := Break(doctor.stepUp().actor, own, "case-1", "curious", now); !errors.Is(err, ErrInvalid) {
		t.Errorf("for no reason: %v", err)
	}
	if _, err := Break(doctor.actor, "another", "case-1", DangerNow, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("elsewhere: %v", err)
	}
	g, err := Break(doctor.actor, own, "case-1", DangerNow, now)
	if err != nil || !g.ReviewBy().Equal(now.Add(72*time.Hour)) {
		t.Fatalf("%v", err)
	}
	if !g.Lets(doctor.actor, "case-1", now.Add(GrantLife-time.Second)) || g.Lets(doctor.actor, "case-1", now.Add(GrantLife)) {
		t.Error("not for an hour")
	}
	if g.Lets(doctor.actor, "case-2", now) || g.Lets(lead.actor, "case-1", now) || (Grant{}).Lets(Actor{}, "", time.Time{}) {
		t.Error("it opens more than one case for one person")
	}
	if err := g.MayReview(doctor.actor); !errors.Is(err, ErrForbidden) {
		t.Errorf("a clinician reviews: %v", err)
	}
	if err := g.MayReview(lead.actor); err != nil {
		t.Error(err)
	}
	mine, err := Break(lead.stepUp().actor, own, "case-1", LeadAway, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := mine.MayReview(lead.actor); !errors.Is(err, ErrForbidden) {
		t.Errorf("reviews one's own: %v", err)
	}
}
