package vault_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/vault"
)

// clock is a hand-set time.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func tenPast() *clock { return &clock{time.Date(2026, 11, 24, 10, 10, 0, 0, time.UTC)} }

func forms(t testing.TB, c *clock) *vault.Forms {
	t.Helper()
	f, err := vault.NewForms(rand.Reader, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func sealForm(t testing.TB, f *vault.Forms, form vault.Form, state string) string {
	t.Helper()
	text, err := f.Seal(form, []byte(state))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var consult = vault.Form{Journey: "consult", Content: "c0ffee", Staff: "staff-1"}

func TestFormComesBackWhole(t *testing.T) {
	f := forms(t, tenPast())
	for _, state := range []string{"", "a", strings.Repeat("é", 900), strings.Repeat("x", vault.MaxForm)} {
		got, err := f.Open(consult, sealForm(t, f, consult, state))
		if err != nil || string(got) != state {
			t.Errorf("state of %d bytes: got %d bytes, %v", len(state), len(got), err)
		}
	}
	if _, err := f.Seal(consult, make([]byte, vault.MaxForm+1)); !errors.Is(err, vault.ErrFormTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// What a saved page gives away: nothing of the answers, and their length in four steps.
func TestFormHidesContentAndLength(t *testing.T) {
	f := forms(t, tenPast())
	lengths := map[int]int{}
	for n := 0; n <= vault.MaxForm; n += 61 {
		lengths[len(sealForm(t, f, consult, strings.Repeat("a", n)))]++
	}
	if len(lengths) != 4 {
		t.Errorf("lengths seen: %v, want four", lengths)
	}
	if a, b := len(sealForm(t, f, consult, "no")), len(sealForm(t, f, consult, strings.Repeat("a", 200))); a != b {
		t.Errorf("no: %d, 200 characters: %d", a, b)
	}
	text := sealForm(t, f, consult, "tracking yes")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || bytes.Contains(raw, []byte("tracking")) || text == sealForm(t, f, consult, "tracking yes") {
		t.Errorf("sealed form is readable or repeats itself: %v", err)
	}
}

func TestFormOpensOnlyWhereItBelongs(t *testing.T) {
	f := forms(t, tenPast())
	text := sealForm(t, f, consult, "state")
	for name, form := range map[string]vault.Form{
		"other journey":     {Journey: "public", Content: "c0ffee", Staff: "staff-1"},
		"other content":     {Journey: "consult", Content: "c0ffef", Staff: "staff-1"},
		"other staff":       {Journey: "consult", Content: "c0ffee", Staff: "staff-2"},
		"nobody signed in":  {Journey: "consult", Content: "c0ffee"},
		"boundary shifted":  {Journey: "consultc", Content: "0ffee", Staff: "staff-1"},
		"staff into blanks": {Journey: "consult", Content: "c0ffeestaff-1"},
	} {
		if _, err := f.Open(form, text); !errors.Is(err, vault.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFormWithAnyBitFlippedIsRefused(t *testing.T) {
	f := forms(t, tenPast())
	raw, _ := base64.RawURLEncoding.DecodeString(sealForm(t, f, consult, "state"))
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		_, err := f.Open(consult, base64.RawURLEncoding.EncodeToString(raw))
		if !errors.Is(err, vault.ErrForeign) && !errors.Is(err, vault.ErrExpired) {
			t.Errorf("bit %d: %v", bit, err)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
}

func TestFormHasOneTextOnly(t *testing.T) {
	f := forms(t, tenPast())
	text := sealForm(t, f, consult, "state")
	// the last digit carries four bits of the text and two unused ones: set an unused one
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	unused := string(digits[strings.IndexByte(digits, text[len(text)-1])|1])
	for name, bad := range map[string]string{
		"empty": "", "line break": text[:8] + "\n" + text[8:], "carriage return": text + "\r",
		"padding": text + "=", "cut": text[:len(text)-1], "longer": text + "AAAA", "half": text[:len(text)/2],
		"standard alphabet": "+" + text[1:], "unused bits": text[:len(text)-1] + unused,
		"huge": strings.Repeat("A", 1<<20), "spaces": " " + text,
	} {
		if _, err := f.Open(consult, bad); !errors.Is(err, vault.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFormLivesOneHour(t *testing.T) {
	for name, tc := range map[string]struct {
		after time.Duration
		want  error
	}{
		"at once":               {0, nil},
		"next hour's key":       {55 * time.Minute, nil},
		"a second before":       {59*time.Minute + 59*time.Second, nil},
		"one hour":              {time.Hour, vault.ErrExpired},
		"next day":              {24 * time.Hour, vault.ErrExpired},
		"neighbour's clock":     {-2 * time.Minute, nil},
		"clock set back a bit":  {-2*time.Minute - time.Second, vault.ErrForeign},
		"clock set back a day":  {-24 * time.Hour, vault.ErrForeign},
		"back over the hour":    {-11 * time.Minute, vault.ErrForeign},
		"far beyond every hour": {1 << 62, vault.ErrExpired},
	} {
		c := tenPast()
		f := forms(t, c)
		text := sealForm(t, f, consult, "state")
		c.at = c.at.Add(tc.after)
		if _, err := f.Open(consult, text); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
}

// The clock goes on for five hours, one form each ten minutes: each opens exactly while
// it is younger than an hour.
func TestFormsThroughTheHours(t *testing.T) {
	c := tenPast()
	f := forms(t, c)
	var texts []string
	for step := range 30 {
		texts = append(texts, sealForm(t, f, consult, "state"))
		for i, text := range texts {
			want := error(nil)
			if step-i >= 6 {
				want = vault.ErrExpired
			}
			if _, err := f.Open(consult, text); !errors.Is(err, want) {
				t.Fatalf("step %d, form %d: got %v, want %v", step, i, err, want)
			}
		}
		c.at = c.at.Add(10 * time.Minute)
	}
}

func TestFormFromBeforeARestartIsForeign(t *testing.T) {
	c := tenPast()
	text := sealForm(t, forms(t, c), consult, "state")
	if _, err := forms(t, c).Open(consult, text); !errors.Is(err, vault.ErrForeign) {
		t.Errorf("got %v", err)
	}
}

func TestFormsRefuseABrokenSource(t *testing.T) {
	if _, err := vault.NewForms(strings.NewReader("too short"), tenPast().now); err == nil {
		t.Error("made forms from nine bytes of randomness")
	}
}

// Two consultations in two tabs, many at once: no state ever answers for another.
func TestFormsDoNotMix(t *testing.T) {
	f := forms(t, tenPast())
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			form := vault.Form{Journey: "consult", Content: "c", Staff: string(rune('a' + worker))}
			for i := range 50 {
				state := strings.Repeat(form.Staff, 100+i)
				text, err := f.Seal(form, []byte(state))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := f.Open(form, text); err != nil || string(got) != state {
					t.Errorf("worker %d: %v", worker, err)
				}
			}
		})
	}
	all.Wait()
}

func FuzzFormOpen(fuzz *testing.F) {
	v, h := frozen(fuzz)
	f, text := ringForms(fuzz, h.Keyring), v.Form
	for _, seed := range []string{text, text[:20], "", "AQ", strings.Repeat("A", 391)} {
		fuzz.Add(seed)
	}
	fuzz.Fuzz(func(t *testing.T, in string) {
		if _, err := f.Open(consult, in); err == nil && in != text {
			t.Error("opened a form nobody sealed")
		}
	})
}

func BenchmarkFormSeal(b *testing.B) {
	f, state := forms(b, tenPast()), make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Seal(consult, state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormOpen(b *testing.B) {
	f := forms(b, tenPast())
	text := sealForm(b, f, consult, strings.Repeat("a", 200))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Open(consult, text); err != nil {
			b.Fatal(err)
		}
	}
}
