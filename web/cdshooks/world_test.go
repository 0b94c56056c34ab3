package cdshooks_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"waypost/locales"
	"waypost/web"
	"waypost/web/cdshooks"
)

var today = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

const (
	public = "https://waypost.example"
	loud   = "https://loud.example/" // a client whose users see the card
	quiet  = "https://quiet.example/"
	canary = "Canary" // in whatever is sent; it comes back nowhere
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// keys are those of the two clients: each has one for either algorithm.
type keys struct {
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

func newKeys(t testing.TB) keys {
	t.Helper()
	return keys{must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))(t), must(rsa.GenerateKey(rand.Reader, 2048))(t)}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// set is the public half, as a client hands it over.
func (k keys) set(t testing.TB) string {
	t.Helper()
	point := must(k.ec.PublicKey.Bytes())(t)
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-384","kid":"e","x":"%s","y":"%s"},{"kty":"RSA","kid":"r","n":"%s","e":"AQAB"}]}`,
		b64(point[1:49]), b64(point[49:]), b64(k.rsa.N.Bytes()))
}

// world is the face with two clients, and everything it logged.
type world struct {
	keys   map[string]keys
	now    atomic.Int64 // seconds since today
	url    string
	logged bytes.Buffer
	serial int
}

func list(t testing.TB, all map[string]keys) []byte {
	t.Helper()
	return fmt.Appendf(nil, `[{"issuer":"%s","jwks":%s,"fhirServers":["https://loud.example/fhir"],"card":true},{"issuer":"%s","jwks":%s,"fhirServers":["https://quiet.example/fhir"]}]`,
		loud, all[loud].set(t), quiet, all[quiet].set(t))
}

func serve(t testing.TB, languages ...string) *world {
	t.Helper()
	w := &world{keys: map[string]keys{loud: newKeys(t), quiet: newKeys(t)}}
	clients := must(cdshooks.ReadClients(list(t, w.keys)))(t)
	w.mount(t, clients, languages...)
	return w
}

func (w *world) mount(t testing.TB, clients []cdshooks.Client, languages ...string) *web.Server {
	t.Helper()
	now := func() time.Time { return today.Add(time.Duration(w.now.Load()) * time.Second) }
	words := must(locales.Load(locales.Files(), append([]string{"en"}, languages...)...))(t)
	face := &cdshooks.Journey{Clients: clients, Words: words, PublicURL: public, Now: now}
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(&w.logged, nil)))
	pages := must(web.New(web.Config{Words: words, Clock: now, Rand: rand.Reader, Log: log}, face))(t)
	ln := must((&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"))(t)
	go func() { _ = pages.Listen(ln) }()
	t.Cleanup(func() { _ = pages.Shutdown(t.Context()) })
	w.url = "http://" + ln.Addr().String()
	return pages
}

type object = map[string]any

// claims are those of a good token for a path, new each time.
func (w *world) claims(issuer, path string) object {
	w.serial++
	now := today.Unix() + w.now.Load()
	return object{"iss": issuer, "aud": public + path, "iat": now, "exp": now + 300, "jti": fmt.Sprint(canary, w.serial)}
}

// sign makes a token by the head's algorithm, with whatever head and claims.
func (k keys) sign(t testing.TB, head, claims object) string {
	t.Helper()
	text := b64(must(json.Marshal(head))(t)) + "." + b64(must(json.Marshal(claims))(t))
	sum := sha512.Sum384([]byte(text))
	switch head["alg"] {
	case "ES384":
		r, s := ecdsaSign(t, k.ec, sum[:])
		return text + "." + b64(append(r, s...))
	case "RS384":
		return text + "." + b64(must(rsa.SignPKCS1v15(nil, k.rsa, crypto.SHA384, sum[:]))(t))
	case "HS384": // by what everybody knows
		mac := hmac.New(sha512.New384, []byte(k.set(t)))
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	return text + "."
}

func ecdsaSign(t testing.TB, key *ecdsa.PrivateKey, sum []byte) (r, s []byte) {
	t.Helper()
	a, b, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		t.Fatal(err)
	}
	return a.FillBytes(make([]byte, 48)), b.FillBytes(make([]byte, 48))
}

var head = object{"alg": "ES384", "typ": "JWT", "kid": "e"}

func (w *world) token(t testing.TB, issuer, path string) string {
	t.Helper()
	return w.keys[issuer].sign(t, head, w.claims(issuer, path))
}

func (w *world) do(t testing.TB, method, path, token, media, body string) (int, http.Header, string) {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), method, w.url+path, bytes.NewReader([]byte(body))))(t)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	res := must(http.DefaultClient.Do(req))(t)
	defer res.Body.Close()
	text := must(io.ReadAll(res.Body))(t)
	described.Hold(t, method, path, res.StatusCode, res.Header, text)
	return res.StatusCode, res.Header, string(text)
}

// view is a sound call; %s is the server's. The people in it are invented.
const view = `{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","fhirServer":"%s",` +
	`"fhirAuthorization":{"access_token":"Canary","token_type":"Bearer","expires_in":300,"scope":"patient/Patient.read","subject":"waypost"},` +
	`"context":{"userId":"Practitioner/Canary","patientId":"Canary","encounterId":"Canary"},"extension":{"example.canary":"Canary"}}`

const told = `{"feedback":[{"card":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4","outcome":"overridden","outcomeTimestamp":"2026-11-25T09:00:00Z",` +
	`"overrideReason":{"reason":{"code":"Canary","system":"https://loud.example/reasons"},"userComment":"Canary"}}]}`
