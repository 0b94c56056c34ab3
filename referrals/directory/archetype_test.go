package directory

import (
	"errors"
	"slices"
	"testing"
)

func TestArchetypes(t *testing.T) {
	is := func(a Archetype) func(*Service) { return func(s *Service) { s.Is = a } }
	for _, a := range Archetypes() {
		l, _ := a.line()
		nation := England
		if l.nations != 0 {
			nation = l.nations.List()[0]
		}
		s := invented("a", serves(l.need), in(nation), is(a))
		if err := Check([]Service{s}); err != nil {
			t.Errorf("%s: %v", a, err)
		}
		if lacks := s.Lacks(); !slices.Contains(lacks, HoldsArea) || slices.Contains(lacks, HoldsPhone) {
			t.Errorf("%s: lacks %v", a, lacks)
		}
	}
	full := invented("a", serves("domestic-abuse"), of(shire), is(DomesticAbuseService), alwaysOpen, rung(readOn), func(s *Service) {
		s.For, s.Consent = "anybody over 16", ConsentRequired
	})
	if lacks := full.Lacks(); lacks != nil {
		t.Errorf("%v", lacks)
	}
	full.VerifiedBy, full.Consent, full.Ways = "", ConsentNotStated, nil
	if lacks := full.Lacks(); !slices.Equal(lacks, []string{HoldsPhone, HoldsConsent, HoldsRinging}) {
		t.Errorf("%v", lacks)
	}
	for name, s := range map[string]Service{
		"unknown": invented("a", is("friend")), "another need": invented("a", is(MaracCoordinator)),
		"no Talking Therapies in Wales": invented("a", serves("mental-health"), in(Wales), is(TalkingTherapies)),
	} {
		if err := Check([]Service{s}); !errors.Is(err, ErrUnsound) {
			t.Errorf("%s: accepted", name)
		}
	}
	if invented("a").Lacks() != nil || MaracCoordinator.UsualConsent() != ConsentSought {
		t.Error("a service of no kind lacks something, or the rule for a conference is not kept")
	}
}
