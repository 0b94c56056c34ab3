package vault_test

import (
	"errors"
	"testing"
	"time"

	"waypost/internal/vault"
)

func ringForms(t testing.TB, k *vault.Keyring) *vault.Forms {
	t.Helper()
	f, err := k.Forms()
	must(t, err)
	return f
}

func TestReplicasShareForms(t *testing.T) {
	h := newHouse(t)
	here, there := ringForms(t, h.Keyring), ringForms(t, h.loaded(t))
	text := sealForm(t, here, consult, "state")
	if state, err := there.Open(consult, text); err != nil || string(state) != "state" {
		t.Errorf("on the other replica: %v", err)
	}
	if _, err := ringForms(t, newHouse(t).Keyring).Open(consult, text); !errors.Is(err, vault.ErrForeign) {
		t.Errorf("with another keyring: %v", err)
	}
	h.clock.at = h.clock.at.Add(time.Hour)
	if _, err := ringForms(t, h.loaded(t)).Open(consult, text); !errors.Is(err, vault.ErrExpired) {
		t.Errorf("after a restart an hour later: %v", err)
	}
}

// Rotated once a day while people answer: nobody notices, and after two days the secret
// that sealed the first page is in no keyring any more.
func TestRotatingFormSecretsIsNotNoticed(t *testing.T) {
	h := newHouse(t)
	f, late := ringForms(t, h.Keyring), ringForms(t, h.loaded(t))
	started, first := h.clock.at, sealForm(t, f, consult, "state")
	for step := range 3 * 24 * 2 {
		if step%48 == 0 {
			must(t, h.RotateForms())
		}
		text := sealForm(t, f, consult, "state")
		h.clock.at = h.clock.at.Add(30 * time.Minute)
		if _, err := f.Open(consult, text); err != nil {
			t.Fatalf("after %v: %v", h.clock.at.Sub(started), err)
		}
		if step%48 < 3 { // two hours' notice for a replica that has not reloaded
			if _, err := late.Open(consult, text); err != nil {
				t.Fatalf("other replica, after %v: %v", h.clock.at.Sub(started), err)
			}
		}
		if step%48 == 3 {
			late = ringForms(t, h.loaded(t))
		}
	}
	h.clock.at = started // as an attacker with the keyring would set it
	if _, err := ringForms(t, h.loaded(t)).Open(consult, first); !errors.Is(err, vault.ErrForeign) {
		t.Errorf("a page three days old: %v", err)
	}
	generation := h.Generation()
	h.clock.at = started.Add(72 * time.Hour)
	must(t, h.RotateForms())
	must(t, h.RotateForms())
	if h.Generation() > generation+1 {
		t.Error("a second secret announced while one waits")
	}
}
