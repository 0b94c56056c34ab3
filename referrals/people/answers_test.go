package people

import (
	"errors"
	"slices"
	"testing"
)

func TestOneOrganisationAnswersForAService(t *testing.T) {
	w := newWorld(t)
	first, second := w.found(ReceivingService), w.found(ReceivingService)
	a, b := first.actor.Organisation(), second.actor.Organisation()
	is := func(want string) {
		t.Helper()
		if got, err := w.Answering(t.Context(), "invented-aid"); err != nil || got != want {
			t.Errorf("%q answers, want %q, %v", got, want, err)
		}
	}
	is("")
	for _, o := range []string{a, b} { // the second takes the first's place
		if err := w.AnswerFromConsole(t.Context(), o, "invented-aid"); err != nil {
			t.Fatal(err)
		}
		is(o)
	}
	if err := w.AnswerFromConsole(t.Context(), b, "invented-refuge"); err != nil {
		t.Fatal(err)
	}
	all, err := w.AnswersFromConsole(t.Context(), b)
	slices.Sort(all)
	if err != nil || !slices.Equal(all, []string{"invented-aid", "invented-refuge"}) {
		t.Errorf("%v, %v", all, err)
	}
	if err := w.AnswerNoMoreFromConsole(t.Context(), a, "invented-aid"); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's service is given up: %v", err)
	}
	is(b)
	if err := w.AnswerNoMoreFromConsole(t.Context(), b, "invented-aid"); err != nil {
		t.Fatal(err)
	}
	is("")
	if got, _ := w.Answering(t.Context(), ""); got != "" {
		t.Error("somebody answers for no service")
	}
}

func TestOnlyAReceivingServiceAnswers(t *testing.T) {
	w := newWorld(t)
	p := w.found(Practice).actor.Organisation()
	if err := w.AnswerFromConsole(t.Context(), p, "invented-aid"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a practice: %v", err)
	}
	if err := w.AnswerFromConsole(t.Context(), "nobody", "invented-aid"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	o := w.found(ReceivingService).actor.Organisation()
	if err := w.AnswerFromConsole(t.Context(), o, ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("no service: %v", err)
	}
	if n := w.rests(kindAnswering); n != 0 {
		t.Errorf("%d rest", n)
	}
}

func TestAnOrganisationThatIsDissolvedAnswersForNothing(t *testing.T) {
	w := newWorld(t)
	o, other := w.found(ReceivingService).actor.Organisation(), w.found(ReceivingService).actor.Organisation()
	for service, organisation := range map[string]string{"invented-aid": o, "invented-refuge": o, "invented-line": other} {
		if err := w.AnswerFromConsole(t.Context(), organisation, service); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Dissolve(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.Answering(t.Context(), "invented-aid"); got != "" || w.rests(kindAnswering) != 1 {
		t.Errorf("%q answers, %d rest", got, w.rests(kindAnswering))
	}
}
