package vault_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"waypost/internal/vault"
)

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func nhs(t testing.TB, text string) vault.NHSNumber {
	t.Helper()
	n, err := vault.ParseNHSNumber(text)
	must(t, err)
	return n
}

func TestBlindIndexFindsTheSameNumberOnly(t *testing.T) {
	h := newHouse(t)
	entry := func(tenant, number string) []byte { return h.BlindNHS(tenant, nhs(t, number))[0] }
	here := entry("practice-a", "943 476 5919")
	if len(here) != 20 || !bytes.Equal(here[:4], []byte{0, 0, 0, 1}) {
		t.Errorf("entry of %d bytes, epoch %x", len(here), here[:4])
	}
	if !bytes.Equal(here, entry("practice-a", "9434765919")) {
		t.Error("spaces change the entry")
	}
	for name, other := range map[string][]byte{
		"another number":       entry("practice-a", "9990000018"),
		"another organisation": entry("practice-b", "9434765919"),
		"another field":        h.Blind("practice-a", "case-ref", "9434765919")[0],
		"boundary shifted":     h.Blind("practice-a", vault.NHSField+"9", "434765919")[0],
		"another keyring":      newHouse(t).BlindNHS("practice-a", nhs(t, "9434765919"))[0],
	} {
		if bytes.Equal(here[4:], other[4:]) {
			t.Errorf("%s has the same entry", name)
		}
	}
	if got := h.BlindNHS("practice-a", vault.NHSNumber{}); got != nil {
		t.Errorf("no number gives %d entries", len(got))
	}
}

// A new epoch: records are found under both while the index is written anew, then only
// under the new one; a dropped epoch never comes back.
func TestIndexKeyRotates(t *testing.T) {
	h := newHouse(t)
	number := nhs(t, "9434765919")
	before := h.BlindNHS("practice-a", number)
	epoch, err := h.NewEpoch()
	must(t, err)
	both := h.BlindNHS("practice-a", number)
	if epoch != 2 || len(both) != 2 || both[0][3] != 2 || !bytes.Equal(both[1], before[0]) {
		t.Fatalf("epoch %d, entries %x", epoch, both)
	}
	if bytes.Equal(both[0][4:], both[1][4:]) {
		t.Error("both epochs share a key")
	}
	must(t, h.DropEpoch(1))
	if after := h.loaded(t).BlindNHS("practice-a", number); len(after) != 1 || !bytes.Equal(after[0], both[0]) {
		t.Errorf("after dropping: %x", after)
	}
	for _, number := range []uint32{1, 2, 7} { // gone, the last, unknown
		if err := h.DropEpoch(number); !errors.Is(err, vault.ErrEpoch) {
			t.Errorf("drop %d: %v", number, err)
		}
	}
	for want := uint32(3); want < 6; want++ { // also when the newest one is dropped
		if epoch, err := h.NewEpoch(); err != nil || epoch != want {
			t.Errorf("next epoch %d, want %d, %v", epoch, want, err)
		}
		must(t, h.DropEpoch(want))
	}
}
