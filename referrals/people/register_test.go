package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"errors"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
)

func TestThePublicURLIsOneThatKeysCanBeBoundTo(t *testing.T) {
	for text, good := range map[string]bool{
		"https://waypost.example": true, "https://waypost.example/": true, "https://waypost.example:8443": true, "http://localhost:8080": true,
		"http://waypost.example": false, "http://127.0.0.1:8080": false, "https://192.0.2.1": false, "https://[::1]": false, "": false,
		"waypost.example": false, "https://": false, "https://waypost.example/path": false, "https://waypost.example?x": false,
		"https://waypost.example#x": false, "https://me@waypost.example": false, "ftp://waypost.example": false, "https://a b": false,
	} {
		if _, err := ParsePublicURL(text); (err == nil) != good || err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestARegisterStandsOnAllOfItsParts(t *testing.T) {
	w := newWorld(t)
	whole := Config{Safe: w.safe, Keys: w.keys, Forms: w.forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"}
	if _, err := New(whole); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"no safe": func(c *Config) { c.Safe = nil }, "no keys": func(c *Config) { c.Keys = nil }, "no forms": func(c *Config) { c.Forms = nil },
		"no clock": func(c *Config) { c.Now = nil }, "no randomness": func(c *Config) { c.Random = nil }, "no name": func(c *Config) { c.Name = "" },
		"a negative gate": func(c *Config) { c.AtOnce = -1 }, "no URL": func(c *Config) { c.PublicURL = "" },
		"a provider that is none": func(c *Config) { c.Provider = &Provider{} },
	} {
		c := whole
		spoil(&c)
		if _, err := New(c); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.HasProvider() {
		t.Error("a provider from nowhere")
	}
	if _, _, err := w.BeginProvider(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestARefusalIsToldBeforeItIsGiven(t *testing.T) {
	w := newWorld(t)
	a := w.found(Practice).actor
	act, err := w.Permit(t.Context(), a, CaseRead, a.Organisation())
	if err != nil || act != (records.Act{Tenant: a.Organisation(), Actor: a.Member(), Role: string(Lead), Action: string(CaseRead)}) {
		t.Errorf("%v %+v", err, act)
	}
	for action, want := range map[Action]error{PacketRead: ErrForbidden, BreakGlass: ErrStepUp} {
		if _, err := w.Permit(t.Context(), a, action, a.Organisation()); !errors.Is(err, want) || w.heard(string(action), trail.Denied) != 1 {
			t.Errorf("%s: %v, told %d times", action, err, w.heard(string(action), trail.Denied))
		}
	}
	w.store.deaf.Store(true)
	if _, err := w.Permit(t.Context(), a, PacketRead, a.Organisation()); !errors.Is(err, records.ErrTrail) {
		t.Errorf("refused without a trail: %v", err)
	}
}

func TestOneHoldsAPlaceOnce(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	other := lead.colleague(Clinician)
	token, err := w.InviteAgain(t.Context(), lead.stepUp().actor, other.actor.Member())
	if err != nil {
		t.Fatal(err)
	}
	in, err := w.Join(t.Context(), other.stepUp().cookie, token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	_, acc, err := w.own(t.Context(), in.Token.Reveal(), "test")
	if err != nil || len(acc.content.Places) != 1 {
		t.Errorf("%v, %d places", err, len(acc.content.Places))
	}
}

// What a provider checks, with each kind of key.
func TestTheClientsWordIsSigned(t *testing.T) {
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	big, _ := rsa.GenerateKey(rand.Reader, 2048)
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	word := func(key any, offered ...string) string {
		k, err := parseClientKey(pemOf(t, key).Reveal(), "k1")
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.assertion(rand.Reader, clientID, "https://provider.example/token", "once", time.Unix(1, 0), offered)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	split := func(text string) (head, signed string, sig []byte) {
		parts := strings.Split(text, ".")
		return string(unb64(t, parts[0])), parts[0] + "." + parts[1], unb64(t, parts[2])
	}
	head, signed, sig := split(word(p384))
	sum384 := sha512.Sum384([]byte(signed))
	if !strings.Contains(head, `"ES384"`) || len(sig) != 96 || !ecdsa.VerifyASN1(&p384.PublicKey, sum384[:], asn1Of(sig)) {
		t.Errorf("%s", head)
	}
	head, signed, sig = split(word(big, "RS256", "RS512"))
	sum512 := sha512.Sum512([]byte(signed))
	if err := rsa.VerifyPKCS1v15(&big.PublicKey, crypto.SHA512, sum512[:], sig); err != nil || !strings.Contains(head, `"RS512"`) || !strings.Contains(head, `"k1"`) {
		t.Errorf("%s %v", head, err)
	}
	if head, _, _ = split(word(big)); !strings.Contains(head, `"RS256"`) {
		t.Errorf("%s", head)
	}
	for name, weak := range map[string]any{"RSA 1024": small, "P-224": p224} {
		if _, err := parseClientKey(pemOf(t, weak).Reveal(), ""); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
