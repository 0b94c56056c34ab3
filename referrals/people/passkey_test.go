package people

import (
	"errors"
	"testing"

	"waypost/internal/softkey/softkeytest"
)

func TestASecondKeyIsAddedAndTheFirstRevoked(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	if _, err := w.BeginPasskey(t.Context(), s.cookie); !errors.Is(err, ErrStepUp) {
		t.Errorf("without a step-up: %v", err)
	}
	options, err := w.BeginPasskey(t.Context(), s.stepUp().cookie)
	if err != nil {
		t.Fatal(err)
	}
	if o := readOptions(t, options).PublicKey; len(o.Exclude) != 1 || o.Exclude[0].ID != softkeytest.Text(s.key.ID) {
		t.Errorf("the key one has is not excluded: %s", options)
	}
	again := s.key.Copy()
	if err := w.FinishPasskey(t.Context(), s.cookie, again.Create(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("the same key twice: %v", err)
	}
	options, _ = w.BeginPasskey(t.Context(), s.cookie)
	second := softkeytest.New(t, testURL)
	if err := w.FinishPasskey(t.Context(), s.cookie, second.Create(options)); err != nil {
		t.Fatal(err)
	}
	if err := w.FinishPasskey(t.Context(), s.cookie, softkeytest.New(t, testURL).Create(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("two keys for one question: %v", err)
	}
	keys, err := w.Passkeys(t.Context(), s.cookie)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%v %v", err, keys)
	}
	if err := w.RevokePasskey(t.Context(), s.cookie, "none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a key that is none: %v", err)
	}
	in, err := w.signIn(second, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.RevokePasskey(t.Context(), in.Token.Reveal(), keys[0].ID); !errors.Is(err, ErrStepUp) {
		t.Errorf("without a step-up: %v", err)
	}
	if err := w.RevokePasskey(t.Context(), s.cookie, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	if w.alive(s.cookie) || w.alive(in.Token.Reveal()) {
		t.Error("a session outlives the key that may have opened it")
	}
	if _, err := w.signIn(s.key, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("the revoked key: %v", err)
	}
	s.key = second
	if err := s.signIn(); err != nil {
		t.Fatal(err)
	}
	if err := w.RevokePasskey(t.Context(), s.stepUp().cookie, keys[1].ID); !errors.Is(err, ErrInvalid) {
		t.Errorf("the last key: %v", err)
	}
}

func TestTenKeysAreEnough(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice).stepUp()
	for range mostKeys - 1 {
		options, err := w.BeginPasskey(t.Context(), s.cookie)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.FinishPasskey(t.Context(), s.cookie, softkeytest.New(t, testURL).Create(options)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.BeginPasskey(t.Context(), s.cookie); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// The key of one session's question is no key for another's, though both are the same person's.
func TestANewKeyBelongsToTheSessionThatAsked(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice).stepUp()
	options, _ := w.BeginPasskey(t.Context(), s.cookie)
	other := w.found(Practice).stepUp()
	if err := w.FinishPasskey(t.Context(), other.cookie, softkeytest.New(t, testURL).Create(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("another person: %v", err)
	}
	options, _ = w.BeginPasskey(t.Context(), s.cookie)
	in, err := w.signIn(s.key, "")
	if err != nil {
		t.Fatal(err)
	}
	again := (&staff{w: w, key: s.key, cookie: in.Token.Reveal()}).stepUp()
	if err := w.FinishPasskey(t.Context(), again.cookie, softkeytest.New(t, testURL).Create(options)); !errors.Is(err, ErrSignIn) {
		t.Errorf("another session: %v", err)
	}
}
