package vault_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"waypost/internal/vault"
)

func TestRecordComesBackWhole(t *testing.T) {
	h := newHouse(t)
	for _, text := range []string{"", "x", strings.Repeat("é", 700), strings.Repeat("x", 70_000)} {
		s := h.seal(t, aCase, march, text)
		if got, err := open(h.loaded(t), s); err != nil || got != text {
			t.Errorf("%d bytes: got %d, %v", len(text), len(got), err)
		}
		if len(text) > 8 && bytes.Contains(s.bytes, []byte(text[:8])) {
			t.Error("the text rests in clear")
		}
	}
}

// storage.md: 61 bytes over the padded length; here 63, for the schema version stands in
// the header. The wrapped key has 60.
func TestSealedSizes(t *testing.T) {
	h := newHouse(t)
	for n, padded := range map[int]int{
		0: 256, 1: 256, 252: 256, 253: 1 << 10, 1020: 1 << 10, 1021: 4 << 10, 4093: 16 << 10,
		16380: 16 << 10, 16381: 32 << 10, 32764: 32 << 10, 32765: 48 << 10, 100_000: 112 << 10,
	} {
		s := h.seal(t, aCase, march, strings.Repeat("a", n))
		if len(s.bytes) != padded+63 || len(s.wrapped.Bytes) != 60 {
			t.Errorf("%d bytes: sealed %d, want %d; key %d", n, len(s.bytes), padded+63, len(s.wrapped.Bytes))
		}
	}
}

func TestAnyBitFlippedIsRefused(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "a short note")
	for _, part := range []struct {
		name  string
		bytes []byte
	}{{"record", s.bytes}, {"wrapped key", s.wrapped.Bytes}} {
		for bit := range len(part.bytes) * 8 {
			part.bytes[bit/8] ^= 1 << (bit % 8)
			if _, err := open(h.Keyring, s); !errors.Is(err, vault.ErrTampered) {
				t.Errorf("%s, bit %d: %v", part.name, bit, err)
			}
			part.bytes[bit/8] ^= 1 << (bit % 8)
		}
	}
	if _, err := open(h.Keyring, s); err != nil {
		t.Errorf("untouched: %v", err)
	}
}

func TestAnyCutOrGrownRecordIsRefused(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "a short note")
	whole := s.bytes
	for n := range whole {
		if s.bytes = whole[:n]; !refused(h, s) {
			t.Errorf("cut to %d bytes", n)
		}
	}
	for _, more := range []int{1, 16, 768, 768 * 4} {
		if s.bytes = append(bytes.Clone(whole), make([]byte, more)...); !refused(h, s) {
			t.Errorf("%d bytes more", more)
		}
	}
	s.bytes = whole
	for _, w := range [][]byte{nil, {}, s.wrapped.Bytes[:59], append(bytes.Clone(s.wrapped.Bytes), 0)} {
		if s.wrapped.Bytes = w; !refused(h, s) {
			t.Errorf("wrapped key of %d bytes", len(w))
		}
	}
}

func refused(h *house, s sealed) bool {
	_, err := open(h.Keyring, s)
	return errors.Is(err, vault.ErrTampered)
}

// Somebody with the database in hand moves ciphertexts and keys about.
func TestMovedCiphertextIsRefused(t *testing.T) {
	h := newHouse(t)
	here := h.seal(t, aCase, march, "a short note")
	key, err := h.OpenKey(here.place, here.wrapped)
	must(t, err)
	for name, p := range map[string]vault.Place{
		"other organisation": {Tenant: "practice-b", Kind: "case", ID: "0192", Rev: 1},
		"other kind":         {Tenant: "practice-a", Kind: "note", ID: "0192", Rev: 1},
		"other id":           {Tenant: "practice-a", Kind: "case", ID: "0193", Rev: 1},
		"boundary shifted":   {Tenant: "practice-ac", Kind: "ase", ID: "0192", Rev: 1},
	} {
		if _, err := open(h.Keyring, sealed{p, here.wrapped, here.bytes}); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s, row moved with its key: %v", name, err)
		}
		there := h.seal(t, p, march, "another note")
		if _, err := open(h.Keyring, sealed{p, there.wrapped, here.bytes}); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s, text moved: %v", name, err)
		}
		if _, err := open(h.Keyring, sealed{aCase, there.wrapped, here.bytes}); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s, its wrapped key here: %v", name, err)
		}
		if _, _, err := key.Open(p, here.bytes); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s, with the right key: %v", name, err)
		}
	}
}

func TestOldRevisionUnderANewOneIsRefused(t *testing.T) {
	h := newHouse(t)
	first := h.seal(t, aCase, march, "he has the code")
	key, err := h.OpenKey(aCase, first.wrapped)
	must(t, err)
	next := aCase
	next.Rev = 2
	second, err := key.Seal(next, 3, []byte("code changed"))
	must(t, err)
	if _, _, err := key.Open(next, first.bytes); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("rolled back: %v", err)
	}
	if _, _, err := key.Open(aCase, second); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("put forward: %v", err)
	}
	if text, _, err := key.Open(next, second); err != nil || string(text) != "code changed" {
		t.Errorf("in place: %v", err)
	}
}

func TestSchemaVersionIsBound(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "a short note")
	s.bytes[2] ^= 1 // schema 3 becomes 2
	if !refused(h, s) {
		t.Error("read under another schema version")
	}
}

func TestWrongBucketIsRefused(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "a short note")
	for bucket, want := range map[string]error{
		"2027-04": vault.ErrTampered, "2031-01": vault.ErrNoMonth, "": vault.ErrNoMonth, "2027-3": vault.ErrNoMonth,
	} {
		s.wrapped.Bucket = bucket
		if _, err := open(h.Keyring, s); !errors.Is(err, want) {
			t.Errorf("bucket %q: got %v, want %v", bucket, err, want)
		}
	}
}

func TestSealRefusesWhatItCannotBind(t *testing.T) {
	h := newHouse(t)
	_, key, err := h.NewKey(aCase, march)
	must(t, err)
	for name, p := range map[string]vault.Place{
		"no organisation": {Kind: "case", ID: "1", Rev: 1}, "no kind": {Tenant: "a", ID: "1", Rev: 1},
		"no id": {Tenant: "a", Kind: "case", Rev: 1}, "no revision": {Tenant: "a", Kind: "case", ID: "1"},
	} {
		if _, err := key.Seal(p, 1, nil); !errors.Is(err, vault.ErrPlace) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := h.NewKey(p, march); p.Rev == 1 && !errors.Is(err, vault.ErrPlace) {
			t.Errorf("%s, key: %v", name, err)
		}
	}
	if _, err := key.Seal(aCase, 1, make([]byte, vault.MaxRecord+1)); !errors.Is(err, vault.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	if _, err := (vault.DataKey{}).Seal(aCase, 1, nil); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
	if _, _, err := (vault.DataKey{}).Open(aCase, make([]byte, 319)); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("no key, open: %v", err)
	}
}

func TestErrorsNameThePlaceAndNoContent(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, canary)
	s.bytes[100] ^= 1
	_, err := open(h.Keyring, s)
	if err == nil || leaks(err.Error()) || !strings.Contains(err.Error(), "case 0192") {
		t.Errorf("got %v", err)
	}
}

// A text has one padded form: a longer bucket, a length beyond it or filler that is not
// zero is refused, even from somebody who holds the key.
func TestOneTextHasOnePaddedForm(t *testing.T) {
	right := vault.Pad(nil, []byte("text"))
	if text, ok := vault.Unpad(right); !ok || string(text) != "text" {
		t.Fatal("pad and unpad disagree")
	}
	filler := bytes.Clone(right)
	filler[255] = 1
	beyond := bytes.Clone(right)
	beyond[2] = 1 // 260 bytes in a bucket of 256
	for name, bad := range map[string][]byte{
		"longer bucket": append(bytes.Clone(right), make([]byte, 768)...), "filler": filler, "beyond": beyond,
		"no bucket": right[:255], "empty": nil, "huge length": {0xff, 0xff, 0xff, 0xff},
	} {
		if _, ok := vault.Unpad(bad); ok {
			t.Errorf("%s accepted", name)
		}
	}
}
