package people

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/jws"
	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
)

// replica is a second process over the same store and keys.
func (w *world) replica() *Register {
	w.t.Helper()
	safe, err := records.Open(w.t.Context(), records.Config{Store: w.store, Marks: w.store, Keys: w.keys, Now: w.clock.now, Random: rand.Reader, Kinds: Kinds(), Follower: true})
	if err != nil {
		w.t.Fatal(err)
	}
	forms, err := w.keys.Forms()
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := New(Config{Safe: safe, Keys: w.keys, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// An assertion that two replicas are shown at once counts at one of them, and its token at both, until its client ends.
func TestReplicasTakeAnAssertionOnce(t *testing.T) {
	w := newWorld(t)
	other := w.replica()
	m := w.found(Practice).client(newECKey(t, "k1"))
	for range 10 {
		said := ClientWord{Assertion: m.word(nil), Scopes: "system/Task.rs"}
		var turn atomic.Int32
		var token atomic.Value
		won := race(t, 12, func() error {
			at := w.Register
			if turn.Add(1)%2 == 0 {
				at = other
			}
			got, err := at.GiveAccess(t.Context(), testAudiences, said)
			if err == nil {
				token.Store(got.Token.Reveal())
			}
			return err
		}, ErrSignIn)
		if won != 1 {
			t.Fatalf("%d let in", won)
		}
		for name, at := range map[string]*Register{"one": w.Register, "the other": other} {
			if _, err := at.ResolveClient(t.Context(), token.Load().(string)); err != nil {
				t.Errorf("its token at %s: %v", name, err)
			}
		}
	}
	token := m.access("system/Task.rs")
	if err := w.RevokeClient(t.Context(), m.lead.stepUp().actor, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ResolveClient(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("an ended client at the other: %v", err)
	}
}

// An assertion is remembered for longer than it counts, whatever it says.
func TestAnAssertionIsRememberedForAsLongAsItCounts(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	for _, life := range []time.Duration{time.Second, time.Minute, longestAhead, longestAhead + clientSkew} {
		word := m.word(object{"exp": w.clock.now().Add(life).Unix()})
		if _, err := m.ask(word, "system/Task.rs"); err != nil {
			t.Fatal(err)
		}
		for left := life + 2*time.Second; left > 0; left -= 10 * time.Second {
			if _, err := m.ask(word, "system/Task.rs"); !errors.Is(err, ErrSignIn) {
				t.Fatalf("%v before its end: %v", left, err)
			}
			w.clock.pass(10 * time.Second)
			if _, err := w.safe.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Whoever writes to the database can put back what an ended client was allowed. It gets no token by that: the client itself,
// which is logged, is another revision. A token from before counts again, until its few minutes are over.
func TestAnOlderClearancePutBackGivesNoToken(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	at := store.Key{Tenant: m.Organisation, Kind: kindClearance, ID: m.ID}
	before, token := w.store.copy(t, at), m.access("system/Task.rs")
	if err := w.RevokeClient(t.Context(), m.lead.actor, m.ID); err != nil {
		t.Fatal(err)
	}
	w.store.old = map[store.Key]laid{at: before}
	denied := w.heard(forToken, trail.Denied)
	if _, err := m.ask(m.word(nil), "system/Task.rs"); err != ErrSignIn { //nolint:errorlint // the very value
		t.Errorf("it is given a token: %v", err)
	}
	if w.heard(forToken, trail.Denied) != denied+1 {
		t.Error("the trail has not heard of it")
	}
	if _, err := w.ResolveClient(t.Context(), token); err != nil {
		t.Errorf("the documented weakness is gone, and the page still tells of it: %v", err)
	}
	w.clock.pass(AccessLife)
	if _, err := w.ResolveClient(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after its time: %v", err)
	}
}

// No client is beyond what the page shows, so that a lead can end every one: the fifty-first takes the place of one that ended.
func TestAnOrganisationHasNoMoreClientsThanALeadSees(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	set := keySet(newECKey(t, "k1"))
	var all []Client
	for range mostClients {
		w.clock.pass(time.Second)
		c, err := w.RegisterClient(t.Context(), lead.stepUp().actor, "Invented System", set, Scopes(Practice))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	one := func() error {
		_, err := w.RegisterClient(t.Context(), lead.stepUp().actor, "Invented System", set, Scopes(Practice))
		return err
	}
	if err := one(); !errors.Is(err, ErrFull) || w.rests(kindClient) != mostClients {
		t.Fatalf("one more: %v, %d rest", err, w.rests(kindClient))
	}
	for _, i := range []int{30, 20} {
		if err := w.RevokeClient(t.Context(), lead.actor, all[i].ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := one(); err != nil {
		t.Fatal(err)
	}
	seen, err := w.Clients(t.Context(), lead.actor)
	if err != nil || len(seen) != mostClients || w.rests(kindClearance) != mostClients {
		t.Errorf("%d are seen, %d clearances rest: %v", len(seen), w.rests(kindClearance), err)
	}
	has := func(i int) bool { return slices.ContainsFunc(seen, func(c Client) bool { return c.ID == all[i].ID }) }
	if has(20) || !has(30) || !has(0) {
		t.Error("not the first that ended has gone")
	}
}

// Whoever tries clients learns nothing of which there are: the same work, the same time.
func TestUnknownAndKnownClientsAreRefusedAlike(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	ended := m.lead.client(newECKey(t, "k1"))
	if err := w.RevokeClient(t.Context(), m.lead.stepUp().actor, ended.ID); err != nil {
		t.Fatal(err)
	}
	wrong := newECKey(t, "k1")
	strange := wrong
	strange.kid = "k2"
	claims := func(client string) object {
		c := m.claims()
		c["iss"], c["sub"] = client, client
		return c
	}
	kinds := map[string]func() string{
		"known client, wrong key":   func() string { return wrong.sign(t, wrong.head(), claims(m.Public())) },
		"known client, another kid": func() string { return strange.sign(t, strange.head(), claims(m.Public())) },
		"an ended client":           func() string { return ended.word(nil) },
		"nobody in an organisation": func() string { return wrong.sign(t, wrong.head(), claims(m.Organisation+".0190")) },
		"nobody in no organisation": func() string { return wrong.sign(t, wrong.head(), claims("0190.0190")) },
	}
	pairs := 200
	if testing.Short() {
		pairs = 40
	}
	took, work := map[string][]time.Duration{}, map[string]int64{}
	for range pairs {
		for name, kind := range kinds {
			word := kind()
			calls, start := w.store.calls.Load(), time.Now()
			_, err := m.ask(word, "system/Task.rs")
			took[name] = append(took[name], time.Since(start))
			if err != ErrSignIn { //nolint:errorlint // the very value
				t.Fatalf("%s: %v", name, err)
			}
			work[name] = w.store.calls.Load() - calls
		}
	}
	base := "known client, wrong key"
	for name := range kinds {
		if work[name] != work[base] {
			t.Errorf("%s: %d calls of the store, a known one %d", name, work[name], work[base])
		}
		if gap := (median(took[name]) - median(took[base])).Abs(); gap > 5*time.Millisecond {
			t.Errorf("%s: medians differ by %v", name, gap)
		}
		t.Logf("%-30s %v, %d calls", name, median(took[name]), work[name])
	}
}

// logs are the logs that there are.
func (w *world) logs() (all []string) {
	w.t.Helper()
	for log := ""; ; {
		next, err := w.store.NextLog(w.t.Context(), log)
		if errors.Is(err, store.ErrNotFound) {
			return all
		}
		if err != nil {
			w.t.Fatal(err)
		}
		all, log = append(all, next), next
	}
}

// What a client did that proved itself is its organisation's to see. Of anybody else nobody knows whose it is, and a made-up
// organisation gets no log.
func TestEachRefusalStandsWhereItBelongs(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	before := w.logs()
	why := func(log string) (out []string) {
		w.dump(func(item any) {
			leaf, ok := item.(store.ExportLeaf)
			if !ok || leaf.Tenant != log {
				return
			}
			if _, e, err := trail.ParseLeaf(leaf.Leaf); err == nil && e.Action == forToken && e.Outcome == trail.Denied {
				if log == m.Organisation && (e.Actor != m.ID || e.Role != string(Machine)) {
					t.Errorf("%s by %s as %s", e.Reason, e.Actor, e.Role)
				}
				out = append(out, e.Reason)
			}
		})
		return out
	}
	used := m.word(nil)
	for _, c := range []struct{ word, scopes string }{
		{used, "system/Task.rs"}, {used, "system/Task.rs"}, {m.word(object{"aud": "x"}), "system/Task.rs"}, {m.word(object{"exp": 1}), "system/Task.rs"}, {m.word(nil), "system/Patient.r"},
		{"canary", "system/Task.rs"}, {newECKey(t, "k1").sign(t, object{"alg": "ES384", "kid": "k1"}, m.claims()), "system/Task.rs"}, {m.word(object{"iss": "0190.0190", "sub": "0190.0190"}), "system/Task.rs"},
	} {
		_, _ = m.ask(c.word, c.scopes)
	}
	if got, want := why(m.Organisation), []string{"replayed", "audience", "time", "scope"}; !slices.Equal(got, want) {
		t.Errorf("the organisation's log has %q", got)
	}
	if got, want := why(house), []string{"malformed", "key", "key"}; !slices.Equal(got, want) {
		t.Errorf("the house's log has %q", got)
	}
	if after := w.logs(); !slices.Equal(before, after) {
		t.Errorf("logs %q, before %q", after, before)
	}
}

func TestAFloodOfClientsIsBounded(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.AtOnce = 2 })
	m := w.found(Practice).client(newECKey(t, "k1"))
	token := m.access("system/Task.rs")
	open := make(chan struct{})
	w.store.hold = func() { <-open }
	var done sync.WaitGroup
	var busy atomic.Int64
	const flood = 200
	for range flood {
		done.Go(func() {
			if _, err := m.ask("canary", "system/Task.rs"); errors.Is(err, ErrBusy) {
				busy.Add(1)
			}
		})
	}
	for busy.Load() < flood-2-8 { // all but those under way and those that may wait
		time.Sleep(time.Millisecond)
	}
	if _, err := w.ResolveClient(t.Context(), token); err != nil {
		t.Errorf("the flood shut out a client that has its token: %v", err)
	}
	close(open)
	done.Wait()
	w.store.hold = nil
	m.access("system/Task.rs")
}

// Whatever a client signs with its own key, it is let in only with what the standard asks for, and once.
func FuzzClaims(f *testing.F) {
	w := newWorld(f)
	m := w.found(Practice).client(newECKey(f, "k1"))
	now := w.clock.now()
	seed := func(change object) {
		claims := m.claims()
		for k, v := range change {
			claims[k] = v
		}
		text, err := json.Marshal(claims)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.ReplaceAll(string(text), m.Public(), "CLIENT"), "system/Task.rs")
	}
	seed(nil)
	seed(object{"aud": []string{testURL}, "iat": now.Unix(), "nbf": now.Unix()})
	seed(object{"exp": 1e300})
	seed(object{"exp": "1", "iss": nil})
	f.Add(`{"iss":"CLIENT","iss":"x","sub":"CLIENT"}`, "system/*.cruds")
	f.Add(`[]`, "")
	f.Fuzz(func(t *testing.T, claims, scopes string) {
		claims = strings.ReplaceAll(claims, "CLIENT", m.Public())
		text := text64([]byte(`{"alg":"ES384","kid":"k1"}`)) + "." + text64([]byte(claims))
		word := text + "." + text64(m.key.signature(t, text))
		said := ClientWord{Assertion: word, Scopes: scopes}
		got, err := w.GiveAccess(t.Context(), testAudiences, said)
		if err != nil {
			if err != ErrSignIn && err != ErrScope { //nolint:errorlint // the very values
				t.Fatalf("%v", err)
			}
			return
		}
		var is map[string]any
		if err := json.Unmarshal([]byte(claims), &is); err != nil {
			t.Fatalf("let in without claims: %v", err)
		}
		exp, _ := is["exp"].(float64)
		aud, _ := is["aud"].(string)
		if list, ok := is["aud"].([]any); ok && len(list) == 1 {
			aud, _ = list[0].(string)
		}
		jti, _ := is["jti"].(string)
		if is["iss"] != m.Public() || is["sub"] != m.Public() || jti == "" || aud != testURL && aud != testAudiences.TokenEndpoint ||
			exp <= float64(now.Unix()) || exp > float64(now.Add(longestAhead+clientSkew).Unix())+1 || len(word) > jws.Longest {
			t.Fatalf("let in with %s", claims)
		}
		for _, s := range got.Scopes {
			if !within([]Scope{s}, Scopes(Practice)) || !strings.Contains(scopes, scopePrefix+s.Resource) {
				t.Fatalf("%q became %v", scopes, got.Scopes)
			}
		}
		if _, err := w.GiveAccess(t.Context(), testAudiences, said); !errors.Is(err, ErrSignIn) {
			t.Fatalf("a second time: %v", err)
		}
	})
}

// A scope has one spelling, and what is read of it is among those on offer.
func FuzzScopes(f *testing.F) {
	f.Add("system/Task.rus system/ServiceRequest.crs")
	f.Add("system/Task.sr")
	f.Add("system/*.*")
	f.Add("system/Task.r?x=y ")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseScopes(text)
		if err != nil {
			if !errors.Is(err, ErrScope) || all != nil {
				t.Fatalf("%v, %v", all, err)
			}
			return
		}
		var again []string
		for _, s := range all {
			if !isOnOffer(s.Resource) || !inOrder(s.Letters) {
				t.Fatalf("%q became %v", text, s)
			}
			again = append(again, s.String())
		}
		twice, err := ParseScopes(strings.Join(again, " "))
		if err != nil || !slices.Equal(all, twice) {
			t.Fatalf("%q became %v, then %v: %v", text, all, twice, err)
		}
	})
}
