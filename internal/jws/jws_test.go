package jws_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"waypost/internal/jws"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

type pair struct {
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

func newPair(t testing.TB) pair {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	two, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pair{ec, two}
}

func (p pair) jwks(t testing.TB) string {
	t.Helper()
	point, err := p.ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-384","kid":"e","x":"%s","y":"%s"},{"kty":"RSA","kid":"r","n":"%s","e":"AQAB"}]}`,
		b64(string(point[1:49])), b64(string(point[49:])), b64(string(p.rsa.N.Bytes())))
}

func (p pair) sign(t testing.TB, head, claims string) string {
	t.Helper()
	text := b64(head) + "." + b64(claims)
	sum := sha512.Sum384([]byte(text))
	if strings.Contains(head, "RS384") {
		s, err := rsa.SignPKCS1v15(nil, p.rsa, crypto.SHA384, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + b64(string(s))
	}
	r, s, err := ecdsa.Sign(rand.Reader, p.ec, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(string(r.FillBytes(make([]byte, 48)))+string(s.FillBytes(make([]byte, 48))))
}

const (
	es = `{"alg":"ES384","kid":"e"}`
	rs = `{"alg":"RS384","kid":"r"}`
)

// Each of the two algorithms signs for its own key; a bit more or less anywhere, and nobody signed it.
func TestWhatASignatureSays(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	keys, err := jws.ReadKeys(p.jwks(t))
	if err != nil || len(keys) != 2 {
		t.Fatal(err)
	}
	others, err := jws.ReadKeys(newPair(t).jwks(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{es, rs} {
		text := p.sign(t, head, `{"iss":"a"}`)
		word, ok := jws.Read(text)
		if !ok || !word.SignedBy(keys) {
			t.Errorf("%s: its own key does not know it", head)
		}
		if word.SignedBy(others) || word.SignedBy(nil) {
			t.Errorf("%s: another key knows it", head)
		}
		parts := strings.Split(text, ".")
		for i := range len(text) {
			changed := []byte(text)
			if changed[i]++; text[i] == '.' || text[i] == 'z' || text[i] == 'Z' || text[i] == '9' {
				continue
			}
			if w, ok := jws.Read(string(changed)); ok && w.SignedBy(keys) {
				t.Fatalf("%s: place %d may be another", head, i)
			}
		}
		for name, bad := range map[string]string{
			"halves of zero": parts[0] + "." + parts[1] + "." + b64(strings.Repeat("\x00", 96)),
			"nothing":        parts[0] + "." + parts[1] + ".",
			"half of it":     parts[0] + "." + parts[1] + "." + parts[2][:64],
			"more of it":     text + "AA",
		} {
			if w, ok := jws.Read(bad); ok && w.SignedBy(keys) {
				t.Errorf("%s: signed by %s", head, name)
			}
		}
	}
	// a key of one kind never checks a word of the other, though it is named
	both, err := jws.ReadKeys(strings.ReplaceAll(p.jwks(t), `"kid":"r"`, `"kid":"e2"`))
	if err != nil {
		t.Fatal(err)
	}
	if w, ok := jws.Read(p.sign(t, `{"alg":"RS384","kid":"e"}`, `{}`)); !ok || w.SignedBy(both) {
		t.Error("a point checks a word for a modulus")
	}
	if _, known := jws.Find(keys, "e", jws.RS384); known {
		t.Error("a key is found for the other algorithm")
	}
	swapped, ok := jws.Read(p.sign(t, `{"alg":"ES384","kid":"r"}`, `{}`))
	if !ok || swapped.By(keys[1]) {
		t.Error("a modulus checks a word for a point")
	}
	lying, ok := jws.Read(p.sign(t, es, `{}`))
	if lying.Alg = jws.RS384; !ok || lying.By(keys[0]) {
		t.Error("a point checks a word that says it is for a modulus")
	}
}

func TestAWordThatCannotBeReadIsNotRead(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	good := p.sign(t, es, `{"iss":"a"}`)
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"nothing": "", "dots": "..", "two parts": parts[0] + "." + parts[1], "four parts": good + ".a",
		"padding": parts[0] + "=." + parts[1] + "." + parts[2], "a line end": parts[0] + "\n." + parts[1] + "." + parts[2],
		"standard base64":        b64(`{"alg":"ES384","kid":"?>?>"}`)[:10] + "+/." + parts[1] + "." + parts[2],
		"a head that is a list":  b64(`[]`) + "." + parts[1] + "." + parts[2],
		"a head that is null":    b64(`null`) + "." + parts[1] + "." + parts[2],
		"claims that are null":   parts[0] + "." + b64(`null`) + "." + parts[2],
		"claims that are a word": parts[0] + "." + b64(`"a"`) + "." + parts[2],
		"two heads in one":       b64(es+es) + "." + parts[1] + "." + parts[2],
		"none":                   p.sign(t, `{"alg":"none","kid":"e"}`, `{}`), "HS256": p.sign(t, `{"alg":"HS256","kid":"e"}`, `{}`), "HS384": p.sign(t, `{"alg":"HS384","kid":"e"}`, `{}`),
		"ES256": p.sign(t, `{"alg":"ES256","kid":"e"}`, `{}`), "es384": p.sign(t, `{"alg":"es384","kid":"e"}`, `{}`), "Alg": p.sign(t, `{"Alg":"ES384","kid":"e"}`, `{}`),
		"no alg": p.sign(t, `{"kid":"e"}`, `{}`), "no kid": p.sign(t, `{"alg":"ES384"}`, `{}`), "an empty kid": p.sign(t, `{"alg":"ES384","kid":""}`, `{}`),
		"a kid that is a number": p.sign(t, `{"alg":"ES384","kid":1}`, `{}`), "a long kid": p.sign(t, `{"alg":"ES384","kid":"`+strings.Repeat("e", 101)+`"}`, `{}`),
		"crit": p.sign(t, `{"alg":"ES384","kid":"e","crit":["b64"],"b64":false}`, `{}`), "very long": p.sign(t, es, `{"iss":"`+strings.Repeat("a", jws.Longest)+`"}`),
	} {
		if _, ok := jws.Read(text); ok {
			t.Errorf("%s was read", name)
		}
	}
}

func TestClaimsAreReadToTheLetter(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	read := func(claims string) jws.Token {
		w, ok := jws.Read(p.sign(t, es, claims))
		if !ok {
			t.Fatalf("%s was not read", claims)
		}
		return w
	}
	w := read(`{"iss":"a","ISS":"b","sub":"","jti":1,"exp":1764061200.9,"iat":"1764061200","nbf":null}`)
	if iss, ok := w.Text("iss"); !ok || iss != "a" {
		t.Errorf("iss %q %v", iss, ok)
	}
	for _, name := range []string{"sub", "jti", "nbf", "none"} {
		if v, ok := w.Text(name); ok {
			t.Errorf("%s is %q", name, v)
		}
	}
	if at, ok := w.Date("exp"); !ok || !at.Equal(time.Unix(1764061200, 0)) {
		t.Errorf("exp %v %v", at, ok)
	}
	if at, ok := w.Date("none"); !ok || !at.IsZero() {
		t.Errorf("a date that is not there: %v %v", at, ok)
	}
	for _, name := range []string{"iat", "nbf", "iss"} {
		if at, ok := w.Date(name); ok {
			t.Errorf("%s is %v", name, at)
		}
	}
	for _, bad := range []string{`-1`, `0`, `1e300`, `true`, `[1]`} {
		if at, ok := read(`{"exp":` + bad + `}`).Date("exp"); ok {
			t.Errorf("%s is %v", bad, at)
		}
	}
	for claims, want := range map[string]string{`{"aud":"a"}`: "a", `{"aud":["a"]}`: "a", `{"aud":["a","a"]}`: "", `{"aud":[]}`: "", `{"aud":""}`: "", `{"aud":[""]}`: "", `{"aud":1}`: "", `{"aud":null}`: "", `{}`: "", `{"Aud":"a"}`: ""} {
		if got, ok := read(claims).Audience(); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v", claims, got, ok)
		}
	}
}

func TestAKeySetWithAFaultIsRefused(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	sound := p.jwks(t)
	one, _, _ := strings.Cut(strings.TrimPrefix(sound, `{"keys":[`), `,{"kty":"RSA"`)
	if keys, err := jws.ReadKeys(one); err != nil || len(keys) != 1 || keys[0].Alg != jws.ES384 {
		t.Errorf("one key by itself: %v", err)
	}
	change := func(old, new string) string {
		out := strings.Replace(sound, old, new, 1)
		if out == sound {
			t.Fatalf("%q is not there to be broken", old)
		}
		return out
	}
	small := b64(string(p.rsa.N.Bytes()[:128]))
	for name, c := range map[string]struct {
		text string
		err  error
	}{
		"nothing": {"", jws.ErrKeys}, "no keys": {`{"keys":[]}`, jws.ErrKeys}, "a word": {`"a"`, jws.ErrKeys}, "too long": {sound + strings.Repeat(" ", jws.LongestKeys), jws.ErrKeys},
		"six keys":         {`{"keys":[` + strings.Join([]string{one, one, one, one, one, one}, ",") + `]}`, jws.ErrKeys},
		"a kid twice":      {change(`"kid":"r"`, `"kid":"e"`), jws.ErrKeys},
		"no kid":           {change(`"kid":"r",`, ``), jws.ErrKeys},
		"another curve":    {change(`P-384`, `P-256`), jws.ErrKeys},
		"another kind":     {change(`"kty":"EC"`, `"kty":"OKP"`), jws.ErrKeys},
		"another use":      {change(`"kid":"r"`, `"kid":"r","use":"enc"`), jws.ErrKeys},
		"for signing":      {change(`"kid":"r"`, `"kid":"r","key_ops":["sign"]`), jws.ErrKeys},
		"another alg":      {change(`"kid":"r"`, `"kid":"r","alg":"PS384"`), jws.ErrKeys},
		"off the curve":    {change(`"y":"`, `"y":"AAAA`), jws.ErrKeys},
		"a small modulus":  {change(b64(string(p.rsa.N.Bytes())), small), jws.ErrKeys},
		"an even power":    {change(`AQAB`, `AQAA`), jws.ErrKeys},
		"power three":      {change(`AQAB`, `Aw`), jws.ErrKeys},
		"a private point":  {change(`"kid":"e"`, `"kid":"e","d":"AAAA"`), jws.ErrSecret},
		"a private prime":  {change(`"kid":"r"`, `"kid":"r","p":"AAAA"`), jws.ErrSecret},
		"a shared key":     {`{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}`, jws.ErrSecret},
		"private and more": {change(`"kid":"r"`, `"kid":"e","d":"AAAA"`), jws.ErrSecret},
	} {
		if keys, err := jws.ReadKeys(c.text); !errors.Is(err, c.err) || keys != nil {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
}

// What a stranger can show as a token: no panic, and nobody's signature.
func FuzzRead(f *testing.F) {
	p := newPair(f)
	keys, err := jws.ReadKeys(p.jwks(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b64(es) + "." + b64(`{"iss":"a","aud":["b"],"exp":1,"jti":"c"}`) + "." + b64(strings.Repeat("\x01", 96)))
	f.Add(b64(rs) + "." + b64(`{"iat":1.5,"nbf":null}`) + "." + b64(strings.Repeat("\x01", 256)))
	f.Add(b64(`{"alg":"none"}`) + "." + b64(`{}`) + ".")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		w, ok := jws.Read(text)
		if !ok {
			return
		}
		if w.Alg != jws.ES384 && w.Alg != jws.RS384 || w.KeyID == "" {
			t.Fatal("read without an algorithm or a key")
		}
		if w.SignedBy(keys) {
			t.Fatal("signed by nobody, and taken")
		}
		w.Text("iss")
		w.Date("exp")
		w.Audience()
	})
}

// What somebody can paste as a key set: no panic, and what is taken is public, sound and told apart by its id.
func FuzzReadKeys(f *testing.F) {
	p := newPair(f)
	f.Add(p.jwks(f))
	f.Add(strings.Replace(p.jwks(f), `"kid":"e"`, `"kid":"e","d":"AAAA"`, 1))
	f.Add(`{"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"}],"keys":null}`)
	f.Add(`{"kty":"EC","crv":"P-384","kid":"e","x":"AAAA","y":"AAAA"}`)
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := jws.ReadKeys(text)
		if err != nil {
			if keys != nil || !errors.Is(err, jws.ErrKeys) && !errors.Is(err, jws.ErrSecret) {
				t.Fatalf("%v with %v", keys, err)
			}
			return
		}
		if len(keys) == 0 || len(keys) > 5 || len(text) > jws.LongestKeys {
			t.Fatalf("%d keys of %d bytes", len(keys), len(text))
		}
		seen := map[string]bool{}
		for _, k := range keys {
			key, err := x509.ParsePKIXPublicKey(k.DER)
			switch key := key.(type) {
			case *ecdsa.PublicKey:
				if k.Alg != jws.ES384 || key.Curve != elliptic.P384() {
					t.Fatalf("a point on %s for %s", key.Curve.Params().Name, k.Alg)
				}
			case *rsa.PublicKey:
				if k.Alg != jws.RS384 || key.N.BitLen() < 2048 || key.N.BitLen() > 4096 || key.E < 65537 {
					t.Fatalf("%d bits for %s", key.N.BitLen(), k.Alg)
				}
			default:
				t.Fatalf("no key: %v", err)
			}
			if k.ID == "" || seen[k.ID] {
				t.Fatal("a key without an id of its own")
			}
			seen[k.ID] = true
		}
	})
}
