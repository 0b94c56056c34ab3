package vault_test

import (
	"errors"
	"fmt"
	"testing"

	"waypost/internal/vault"
)

// The numbers are invented, from the ranges 999 and 943 used in documentation.
func TestNHSNumberIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"9434765919": "9434765919", "943 476 5919": "9434765919", " 943\u00a0476\u00a05919 ": "9434765919",
		"9990000018": "9990000018", "9990000050": "9990000050",
		"9434765918": "", "9434765910": "", "943476591": "", "94347659190": "", "": "", "0000000000": "",
		"943-476-5919": "", "9434765O19": "", "９４３４７６５９１９": "", "9990000000": "", "+9434765919": "",
		"9990000310": "", // the check comes to 10: no digit fits
	} {
		n, err := vault.ParseNHSNumber(text)
		if n.Reveal() != want || (err == nil) != (want != "") || (err != nil && !errors.Is(err, vault.ErrNHSNumber)) {
			t.Errorf("case with result %q: %v", want, err)
		}
	}
}

// Modulus 11 finds every single wrong digit and every swap of two neighbours.
func TestNHSNumberFindsASlip(t *testing.T) {
	const right = "9434765919"
	accepts := func(text string) bool { _, err := vault.ParseNHSNumber(text); return err == nil }
	for i := range right {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(right)
			if wrong[i] = d; string(wrong) != right && accepts(string(wrong)) {
				t.Errorf("digit %d as %c", i, d)
			}
		}
		if i > 0 && right[i] != right[i-1] {
			swapped := []byte(right)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			if accepts(string(swapped)) {
				t.Errorf("digits %d and %d swapped", i-1, i)
			}
		}
	}
}

func TestNHSNumberIsMasked(t *testing.T) {
	n, err := vault.ParseNHSNumber("9434765919")
	must(t, err)
	nested := struct{ n vault.NHSNumber }{n}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%A"} {
		for _, value := range []any{n, &n, nested} {
			if got := fmt.Sprintf(verb, value); len(got) == 0 || containsAny(got, "9434765919", fmt.Sprintf("%x", "9434765919")) {
				t.Errorf("%s of %T leaks", verb, value)
			}
		}
	}
	if _, err := n.MarshalJSON(); !errors.Is(err, vault.ErrSecret) {
		t.Errorf("json: %v", err)
	}
}
