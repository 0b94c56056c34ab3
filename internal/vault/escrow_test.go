package vault_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/vault"
)

func TestEscrowBringsEverythingBackUnderANewRoot(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "note")
	number := nhs(t, "9434765919")
	file, code, err := h.Escrow()
	must(t, err)
	if !regexp.MustCompile(`^([A-Z2-7]{4}-){9}[A-Z2-7]{4}$`).MatchString(code.Reveal()) {
		t.Error("the code is not ten groups of four")
	}
	g := newHouse(t).ground // another machine, its own root
	if _, err := vault.RestoreKeyring(g, file, code); !errors.Is(err, vault.ErrKeyringExists) {
		t.Errorf("over another: %v", err)
	}
	g.Path, g.Root = g.Path+"-2", rootKey(t, 77)
	k, err := vault.RestoreKeyring(g, file, code)
	must(t, err)
	if text, err := open(k, s); err != nil || text != "note" || k.Mark() != h.Mark() {
		t.Errorf("restored: %v", err)
	}
	if string(k.BlindNHS("practice-a", number)[0]) != string(h.BlindNHS("practice-a", number)[0]) {
		t.Error("restored index finds nobody")
	}
	if _, err := vault.LoadKeyring(g); err != nil {
		t.Errorf("loaded after restoring: %v", err)
	}
}

func TestEscrowNeedsItsOwnCode(t *testing.T) {
	h := newHouse(t)
	file, code, err := h.Escrow()
	must(t, err)
	_, other, err := h.Escrow()
	must(t, err)
	right := code.Reveal()
	slip := "A"
	if strings.HasPrefix(right, slip) {
		slip = "C"
	}
	for name, tc := range map[string]struct {
		code string
		want error
	}{
		"right":              {right, nil},
		"as people write it": {" " + strings.ToLower(strings.ReplaceAll(right, "-", " ")) + "\n", nil},
		"look-alikes":        {strings.NewReplacer("O", "0", "I", "1", "B", "8").Replace(right), nil},
		"of another copy":    {other.Reveal(), vault.ErrWrongRoot},
		"one slip":           {slip + right[1:], vault.ErrCode},
		"cut":                {right[:len(right)-5], vault.ErrCode},
		"empty":              {"", vault.ErrCode},
		"no code":            {"correct horse battery staple", vault.ErrCode},
	} {
		g := h.ground
		g.Path = h.ground.Path + "-" + strings.ReplaceAll(name, " ", "-")
		if _, err := vault.RestoreKeyring(g, file, vault.Keep(tc.code)); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
	g := h.ground
	g.Path = h.ground.Path + "-flipped"
	for i := range file {
		file[i] ^= 1 << (i % 8)
		if _, err := vault.RestoreKeyring(g, file, code); err == nil {
			t.Fatalf("byte %d flipped, yet restored", i)
		}
		file[i] ^= 1 << (i % 8)
	}
}

// An escrow copy made before a month was destroyed brings its key back: the mark tells.
func TestOldEscrowIsOlderThanTheDatabase(t *testing.T) {
	h := newHouse(t)
	file, code, err := h.Escrow()
	must(t, err)
	h.clock.at = date(2027, 4, 1)
	must(t, h.DestroyBucket("2027-03"))
	g := h.ground
	g.Path += "-restored"
	k, err := vault.RestoreKeyring(g, file, code)
	must(t, err)
	if err := k.Check(h.Mark()); !errors.Is(err, vault.ErrOldKeyring) {
		t.Errorf("got %v", err)
	}
}
