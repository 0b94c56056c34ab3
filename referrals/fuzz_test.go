package referrals_test

import (
	"errors"
	"strings"
	"testing"

	"waypost/referrals"
)

// Whatever stands where a token and a code belong: there is no such link, and nothing of it comes back in the error.
func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "A", strings.Repeat("A", 43), strings.Repeat("-", 43), "../../etc/passwd", "\x00\xff", strings.Repeat("é", 400)} {
		f.Add(s, "123456")
	}
	w := newWorld(f)
	_, link := w.offered()
	f.Fuzz(func(t *testing.T, token, code string) {
		if token == link.Token.Reveal() {
			t.Skip()
		}
		_, err := w.Redeem(t.Context(), w.receiver, token, code)
		if !errors.Is(err, referrals.ErrNotFound) || len(token) > 6 && strings.Contains(err.Error(), token) {
			t.Errorf("%v", err)
		}
	})
}
