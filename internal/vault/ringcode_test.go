package vault_test

import (
	"bytes"
	"errors"
	"testing"

	"waypost/internal/vault"
)

// What no keyring of ours would write is refused, even inside a box that opens: months
// and epochs rise, nothing follows.
func TestKeyringContentIsStrict(t *testing.T) {
	content := newHouse(t).Content() // 2 bytes count, 14 months of 48 bytes, epochs, forms
	if again, err := vault.Recode(content); err != nil || !bytes.Equal(again, content) {
		t.Fatalf("untouched: %v", err)
	}
	const month, epochs = 48, 2 + 14*48
	for name, spoil := range map[string]func(c []byte) []byte{
		"one byte more": func(c []byte) []byte { return append(c, 0) },
		"one byte less": func(c []byte) []byte { return c[:len(c)-1] },
		"empty":         func([]byte) []byte { return nil },
		"months swapped": func(c []byte) []byte {
			return bytes.Join([][]byte{c[:2], c[2+month : 2+2*month], c[2 : 2+month], c[2+2*month:]}, nil)
		},
		"month twice":        func(c []byte) []byte { copy(c[2+month:], c[2:2+month]); return c },
		"month thirteen":     func(c []byte) []byte { copy(c[2:], "2026-13"); return c },
		"too many months":    func(c []byte) []byte { c[0] = 0xff; return c },
		"more keys than are": func(c []byte) []byte { c[9] = 17; return c },
		"epoch nought":       func(c []byte) []byte { c[epochs+8] = 0; return c },
		"epoch from beyond":  func(c []byte) []byte { c[epochs+8] = 2; return c },
		"no epoch":           func(c []byte) []byte { return append(append(c[:epochs+4], 0), c[epochs+5+36:]...) },
		"no form secret":     func(c []byte) []byte { return append(c[:epochs+5+36], 0) },
		"form secret twice": func(c []byte) []byte {
			c[epochs+5+36] = 2
			return append(c, c[epochs+5+37:]...)
		},
	} {
		if _, err := vault.Recode(spoil(bytes.Clone(content))); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
