package people

import (
	"encoding/json"
	"errors"
	"testing"

	"waypost/internal/records"
	"waypost/internal/softkey/softkeytest"
	"waypost/internal/trail"
)

func TestAMemberEnrolsAndSignsInWithTheKey(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	options, err := w.BeginSignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if o := readOptions(t, options); len(o.PublicKey.Allow) != 0 || o.PublicKey.Verification != "required" || o.PublicKey.RPID != "waypost.example" {
		t.Errorf("sign-in asks %+v", o)
	}
	if err := lead.signIn(); err != nil {
		t.Fatal(err)
	}
	s, err := w.Resolve(t.Context(), lead.cookie)
	if err != nil || s.Actor.Kind() != Practice || s.Way != ByKey || s.Name.Reveal() != "Invented Lead" {
		t.Fatalf("%v, %+v", err, s.Actor)
	}
	if err := May(s.Actor, CaseRead, s.Actor.Organisation()); err != nil {
		t.Error(err)
	}
	if n := w.heard("sign-in", trail.Done); n < 1 {
		t.Errorf("%d entries tell of the sign-in", n)
	}
}

// A10.
func TestAWrongAnswerToAChallengeSignsNobodyIn(t *testing.T) {
	for name, lie := range map[string]func(w *world, s *staff, k *softkeytest.Key){
		"another origin":         func(_ *world, _ *staff, k *softkeytest.Key) { k.Origin = "https://waypost.example.evil.example" },
		"our name without TLS":   func(_ *world, _ *staff, k *softkeytest.Key) { k.Origin = "http://waypost.example" },
		"another port":           func(_ *world, _ *staff, k *softkeytest.Key) { k.Origin = "https://waypost.example:8443" },
		"another relying party":  func(_ *world, _ *staff, k *softkeytest.Key) { k.Host = "example" },
		"user not verified":      func(_ *world, _ *staff, k *softkeytest.Key) { k.Verified = false },
		"a challenge of its own": func(_ *world, _ *staff, k *softkeytest.Key) { k.Challenge = softkeytest.Text(make([]byte, 32)) },
		"no challenge":           func(_ *world, _ *staff, k *softkeytest.Key) { k.Challenge = "!" },
		"an unknown credential":  func(_ *world, _ *staff, k *softkeytest.Key) { k.ID = []byte("another credential") },
		"another's secret":       func(w *world, _ *staff, k *softkeytest.Key) { k.Private = softkeytest.New(w.t, testURL).Private },
		"an unknown account":     func(_ *world, _ *staff, k *softkeytest.Key) { k.Handle = make([]byte, 20) },
		"no account":             func(_ *world, _ *staff, k *softkeytest.Key) { k.Handle = nil },
		"a long account":         func(_ *world, _ *staff, k *softkeytest.Key) { k.Handle = make([]byte, 64) },
		"too long an account":    func(_ *world, _ *staff, k *softkeytest.Key) { k.Handle = make([]byte, 65) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.found(Practice)
			lie(w, s, s.key)
			before, _ := w.Resolve(t.Context(), s.cookie)
			if _, err := w.signIn(s.key, ""); err != ErrSignIn { //nolint:errorlint // the very value: nothing may hang on it
				t.Errorf("%v", err)
			}
			if n := w.heard("sign-in", trail.Denied); n == 0 {
				t.Error("the refusal is not in the trail")
			}
			if _, err := w.Resolve(t.Context(), s.cookie); err != nil || before.Actor.Member() == "" {
				t.Error("a failed sign-in ended somebody's session")
			}
		})
	}
}

func TestAChallengeIsAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	options, _ := w.BeginSignIn(t.Context())
	answer := s.key.Get(options)
	if _, err := w.FinishSignIn(t.Context(), answer, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishSignIn(t.Context(), answer, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("replayed: %v", err)
	}
	// A wrong answer uses it up as well.
	options, _ = w.BeginSignIn(t.Context())
	s.key.Verified = false
	bad := s.key.Get(options)
	s.key.Verified = true
	good := s.key.Get(options)
	for _, answer := range [][]byte{bad, good} {
		if _, err := w.FinishSignIn(t.Context(), answer, ""); !errors.Is(err, ErrSignIn) {
			t.Errorf("after a wrong answer: %v", err)
		}
	}
	// And it is over after five minutes.
	options, _ = w.BeginSignIn(t.Context())
	w.clock.pass(challengeLife)
	if _, err := w.FinishSignIn(t.Context(), s.key.Get(options), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("late: %v", err)
	}
}

func TestAnAnswerToOneCeremonyIsNoneToAnother(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	options, err := w.BeginStepUp(t.Context(), s.cookie)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishSignIn(t.Context(), s.key.Get(options), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("step-up as sign-in: %v", err)
	}
	options, _ = w.BeginSignIn(t.Context())
	if _, err := w.FinishStepUp(t.Context(), s.cookie, s.key.Get(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("sign-in as step-up: %v", err)
	}
	// The challenge itself knows what it is for, whatever the ceremonies check besides.
	options, _ = w.BeginStepUp(t.Context(), s.cookie)
	client, _ := json.Marshal(map[string]string{"challenge": readOptions(t, options).PublicKey.Challenge})
	if _, _, err := w.take(t.Context(), forSignIn, client); !errors.Is(err, ErrSignIn) {
		t.Errorf("taken for another purpose: %v", err)
	}
	// Nor is one session's step-up another's, though both are the same person's.
	options, _ = w.BeginStepUp(t.Context(), s.cookie)
	other, err := w.signIn(s.key, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishStepUp(t.Context(), other.Token.Reveal(), s.key.Get(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("another session's step-up: %v", err)
	}
	// Nor another person's key mine.
	options, _ = w.BeginStepUp(t.Context(), s.cookie)
	if _, err := w.FinishStepUp(t.Context(), s.cookie, w.found(Practice).key.Get(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("another person's key: %v", err)
	}
}

func TestACounterThatGoesBackIsTold(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	s.key.Count = 7
	if in, err := w.signIn(s.key, ""); err != nil || in.Copied {
		t.Fatalf("%v %t", err, in.Copied)
	}
	s.key.Count = 3
	in, err := w.signIn(s.key, "")
	if err != nil || !in.Copied {
		t.Errorf("%v, copied %t", err, in.Copied)
	}
	keys, err := w.Passkeys(t.Context(), in.Token.Reveal())
	if err != nil || len(keys) != 1 || !keys[0].Copied {
		t.Errorf("%v %+v", err, keys)
	}
}

func TestNoTrailNoSignIn(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	options, _ := w.BeginSignIn(t.Context())
	w.store.deaf.Store(true)
	if _, err := w.FinishSignIn(t.Context(), []byte("{}"), ""); !errors.Is(err, records.ErrTrail) || errors.Is(err, ErrSignIn) {
		t.Errorf("refused without a trail: %v", err)
	}
	if _, err := w.FinishSignIn(t.Context(), s.key.Get(options), ""); err == nil || errors.Is(err, ErrSignIn) {
		t.Errorf("signed in without a trail, or called a refusal: %v", err)
	}
	if n := w.rests(kindSession); n != 1 { // that of the enrolment
		t.Errorf("%d sessions", n)
	}
}
