package vault_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/vault"
)

var freeze = flag.Bool("freeze", false, "write the test vectors; refuses where some are frozen")

// vectors are bytes written once and kept for ever. Whatever the code becomes, it must
// open them: the labels, the padding and the formats are part of what rests on disk. The
// keys in them are invented and guard nothing.
type vectors struct {
	Keyring, Escrow []byte
	Code            string
	Records         []frozenRecord
	Blind           [][]byte
	Form            string
}

type frozenRecord struct {
	Place   vault.Place
	Wrapped vault.Wrapped
	Sealed  []byte
}

const vectorFile = "testdata/vectors.json"

var frozenTexts = []string{"", "an invented note", strings.Repeat("long ", 300)}

func frozenPlace(i int) vault.Place {
	return vault.Place{Tenant: "practice-a", Kind: "case", ID: "0192-" + string(rune('a'+i)), Rev: uint64(i + 1)}
}

func TestFreezeVectors(t *testing.T) {
	if !*freeze {
		t.Skip("only with -freeze")
	}
	if _, err := os.Stat(vectorFile); err == nil {
		t.Fatal("frozen vectors are not written again")
	}
	h := newHouse(t)
	must(t, h.RotateMonth("2027-03"))
	var v vectors
	for i, text := range frozenTexts {
		s := h.seal(t, frozenPlace(i), march, text)
		v.Records = append(v.Records, frozenRecord{s.place, s.wrapped, s.bytes})
	}
	v.Blind = h.BlindNHS("practice-a", nhs(t, "9434765919"))
	v.Form = sealForm(t, ringForms(t, h.Keyring), consult, "an invented answer")
	escrow, code, err := h.Escrow()
	must(t, err)
	v.Escrow, v.Code = escrow, code.Reveal()
	v.Keyring, err = os.ReadFile(h.ground.Path)
	must(t, err)
	out, err := json.MarshalIndent(v, "", " ")
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(vectorFile), 0o755))
	must(t, os.WriteFile(vectorFile, append(out, '\n'), 0o644))
}

// frozen returns the vectors and a keyring loaded from theirs.
func frozen(t testing.TB) (vectors, *house) {
	t.Helper()
	raw, err := os.ReadFile(vectorFile)
	must(t, err)
	var v vectors
	must(t, json.Unmarshal(raw, &v))
	h := newHouse(t)
	must(t, os.WriteFile(h.ground.Path, v.Keyring, 0o600))
	h.Keyring = h.loaded(t)
	return v, h
}

func TestFrozenVectors(t *testing.T) {
	v, h := frozen(t)
	k := h.Keyring
	if len(v.Records) != len(frozenTexts) {
		t.Fatalf("%d records", len(v.Records))
	}
	for i, want := range frozenTexts {
		r := v.Records[i]
		if text, err := open(k, sealed{r.Place, r.Wrapped, r.Sealed}); err != nil || text != want || r.Place != frozenPlace(i) {
			t.Errorf("record %d: %v", i, err)
		}
	}
	if got := k.BlindNHS("practice-a", nhs(t, "943 476 5919")); len(got) != 1 || string(got[0]) != string(v.Blind[0]) {
		t.Errorf("blind index: %x, frozen %x", got, v.Blind)
	}
	if state, err := ringForms(t, k).Open(consult, v.Form); err != nil || string(state) != "an invented answer" {
		t.Errorf("form: %v", err)
	}
	h.ground.Path += "-restored"
	restored, err := vault.RestoreKeyring(h.ground, v.Escrow, vault.Keep(v.Code))
	if err != nil || string(restored.Content()) != string(k.Content()) {
		t.Errorf("escrow: %v", err)
	}
}
