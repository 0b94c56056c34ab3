package people

import (
	"encoding/base64"
	"errors"
	"net/url"
	"testing"

	"waypost/internal/softkey/softkeytest"
)

// Whatever a stranger sends as a key's answer signs nobody in, and is an ErrSignIn and nothing else.
func FuzzSignIn(f *testing.F) {
	w := newWorld(f)
	s := w.found(Practice)
	options, err := w.BeginSignIn(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	good := s.key.Get(options) // its challenge is used up by the first who brings it
	if _, err := w.FinishSignIn(f.Context(), good, ""); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":"AA"}}`))
	f.Add([]byte(`{"id":"` + string(make([]byte, 100)) + `"}`))
	f.Fuzz(func(t *testing.T, credential []byte) {
		if _, err := w.FinishSignIn(t.Context(), credential, ""); err != ErrSignIn { //nolint:errorlint // the very value
			t.Errorf("%v", err)
		}
	})
}

// Whatever a stranger sends as a new key makes no account; the invitation stays.
func FuzzEnrol(f *testing.F) {
	w := newWorld(f)
	_, token, err := w.Found(f.Context(), Practice, "Invented Practice", "Invented Lead")
	if err != nil {
		f.Fatal(err)
	}
	options, err := w.BeginEnrol(f.Context(), token.Reveal())
	if err != nil {
		f.Fatal(err)
	}
	k := softkeytest.New(f, testURL)
	k.Challenge = softkeytest.Text(make([]byte, tokenSize)) // the form is right, the challenge is nobody's
	f.Add(k.Create(options))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Fuzz(func(t *testing.T, credential []byte) {
		if _, err := w.FinishEnrol(t.Context(), token.Reveal(), credential, ""); !errors.Is(err, ErrSignIn) {
			t.Errorf("%v", err)
		}
		if _, err := parseCreation(credential); err == nil && len(credential) > LongestCredential {
			t.Error("longer than may be")
		}
	})
}

// A cookie has one spelling; what is no token of ours is no session.
func FuzzCookie(f *testing.F) {
	w := newWorld(f)
	s := w.found(Practice)
	f.Add(s.cookie)
	f.Add(s.cookie + "=")
	f.Add("")
	f.Fuzz(func(t *testing.T, cookie string) {
		_, err := w.Resolve(t.Context(), cookie)
		if cookie == s.cookie {
			if err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, ErrNoSession) {
			t.Errorf("%v", err)
		}
		if _, ok := tokenID(cookie); ok {
			raw, err := base64.RawURLEncoding.DecodeString(cookie)
			if err != nil || softkeytest.Text(raw) != cookie {
				t.Error("two spellings of one token")
			}
		}
	})
}

// Whatever the browser brings back from the provider, with whatever it carried, signs nobody in.
func FuzzReturn(f *testing.F) {
	w, p, _ := providerWorld(f)
	address, sealed, err := w.BeginProvider(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	back := p.authorise(address)
	back.Set("code", "another")
	f.Add(back.Encode(), sealed)
	f.Add("code=a&state=b&state=c", "")
	f.Add("error=x&state=%ff%00", sealed)
	f.Fuzz(func(t *testing.T, query, carried string) {
		if got, ok := parseReturn(query); ok {
			v, err := url.ParseQuery(query)
			if err != nil || len(v["state"]) != 1 || got.state == "" || (got.code == "") == (got.fault == "") {
				t.Errorf("taken: %+v", got)
			}
		}
		if _, err := w.FinishProvider(t.Context(), query, carried, ""); err != ErrSignIn { //nolint:errorlint // the very value
			t.Errorf("%v", err)
		}
	})
}

// Whatever calls itself a logout token ends no session.
func FuzzLogoutToken(f *testing.F) {
	w, p, s := providerWorld(f)
	f.Add(p.idToken("nonce"))
	f.Add("e30.e30.")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if err := w.ProviderSignOut(t.Context(), token); err != ErrSignIn { //nolint:errorlint // the very value
			t.Errorf("%v", err)
		}
		if _, err := w.Resolve(t.Context(), s.cookie); err != nil {
			t.Error("it did")
		}
	})
}
