package people

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/store"
	"waypost/internal/trail"
)

func (w *world) alive(cookie string) bool {
	w.t.Helper()
	_, err := w.Resolve(w.t.Context(), cookie)
	if err != nil && !errors.Is(err, ErrNoSession) {
		w.t.Fatal(err)
	}
	return err == nil
}

// A5: a value that an attacker planted before counts for nothing after, and a value from before is dead at once.
func TestTheCookieChangesWheneverItsWorthChanges(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	planted := strings.Repeat("A", 43)
	in, err := w.signIn(s.key, planted)
	if err != nil || in.Token.Reveal() == planted || w.alive(planted) {
		t.Errorf("a planted value counts: %v", err)
	}
	s.cookie = in.Token.Reveal()
	before := s.cookie
	if err := s.signIn(); err != nil || s.cookie == before || w.alive(before) || !w.alive(s.cookie) {
		t.Errorf("after a sign-in over it: %v", err)
	}
	before = s.cookie
	old, _ := w.Resolve(t.Context(), before)
	s.stepUp()
	now, err := w.Resolve(t.Context(), s.cookie)
	if err != nil || w.alive(before) || now.Token() == old.Token() {
		t.Errorf("after a step-up: %v", err)
	}
}

// A6.
func TestASessionEnds(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	if err := w.SignOut(t.Context(), s.cookie); err != nil || w.alive(s.cookie) {
		t.Errorf("signed out: %v", err)
	}
	if n := w.heard("sign-out", trail.Done); n != 1 {
		t.Errorf("%d entries tell of the sign-out", n)
	}
	for _, none := range []string{s.cookie, "", "x"} {
		if err := w.SignOut(t.Context(), none); err != nil {
			t.Errorf("signing out of nothing: %v", err)
		}
	}

	if err := s.signIn(); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(Idle - time.Second)
	if !w.alive(s.cookie) {
		t.Error("dead before ten idle minutes")
	}
	w.clock.pass(Idle)
	if w.alive(s.cookie) {
		t.Error("alive after ten idle minutes")
	}

	if err := s.signIn(); err != nil {
		t.Fatal(err)
	}
	began := w.clock.now()
	for w.clock.now().Before(began.Add(Absolute - 5*time.Minute)) {
		if !w.alive(s.cookie) {
			t.Fatalf("dead in use after %v", w.clock.now().Sub(began))
		}
		w.clock.pass(5 * time.Minute)
	}
	s.stepUp() // a new value is no new sign-in
	w.clock.pass(5*time.Minute - time.Second)
	if !w.alive(s.cookie) {
		t.Error("dead before eight hours")
	}
	w.clock.pass(time.Second)
	if w.alive(s.cookie) {
		t.Error("alive after eight hours")
	}
}

func TestTheWarningComesAMinuteBeforeTheEnd(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	began := w.clock.now()
	got, err := w.Resolve(t.Context(), s.cookie)
	if err != nil || !got.WarnAt.Equal(began.Add(9*time.Minute)) || !got.EndsAt.Equal(began.Add(10*time.Minute)) || !got.Until.Equal(began.Add(8*time.Hour)) {
		t.Errorf("%v: warn %v, end %v, until %v", err, got.WarnAt.Sub(began), got.EndsAt.Sub(began), got.Until.Sub(began))
	}
}

func TestBeingThereIsWrittenOnceAMinute(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	rev := func() int64 {
		got, err := w.Resolve(t.Context(), s.cookie)
		if err != nil {
			t.Fatal(err)
		}
		return got.rested.rev
	}
	first, log := rev(), len(w.entries())
	for range 59 {
		w.clock.pass(time.Second)
		if rev() != first {
			t.Fatal("written within the minute")
		}
	}
	w.clock.pass(time.Second)
	for range 2 {
		if got := rev(); got != first+1 {
			t.Errorf("revision %d after %d: not written once at the minute", got, first)
		}
	}
	if len(w.entries()) != log {
		t.Error("a click left an entry in the trail")
	}
}

// A7: whoever reads the database signs in as nobody.
func TestAStolenRecordSignsNobodyIn(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	seen := 0
	w.dump(func(item any) {
		r, ok := item.(store.Record)
		if !ok || r.Kind != kindSession {
			return
		}
		seen++
		for _, value := range []string{r.ID, r.ID[:43], softkeytest.Text([]byte(r.ID))[:43], softkeytest.Text(r.Sealed)[:43], softkeytest.Text(r.Sealed[len(r.Sealed)-32:])} {
			if w.alive(value) {
				t.Error("something that rests is a cookie")
			}
		}
		if bytes.Contains(r.Sealed, []byte(s.cookie)) || bytes.Contains(r.Sealed, unb64(t, s.cookie)) || bytes.Contains(r.Sealed, []byte(s.actor.Member())) {
			t.Error("the cookie or its owner can be read where it rests")
		}
	})
	if seen != 1 {
		t.Errorf("%d sessions rest", seen)
	}
}

func TestOnlyTheExactCookieCounts(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	for _, other := range []string{"", s.cookie + "=", s.cookie + "A", s.cookie[:42], " " + s.cookie, s.cookie[:42] + "\n", strings.ToUpper(s.cookie), s.cookie + "\x00"} {
		if w.alive(other) {
			t.Errorf("%q counts", other)
		}
	}
	// The last of 43 characters has two bits that no byte holds: another spelling of the same bytes is another value.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(digits, s.cookie[42])
	if w.alive(s.cookie[:42] + string(digits[i^1])) {
		t.Error("another spelling counts")
	}
}

// A8.
func TestARoleTakenAwayDoesNotCountOnceMore(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	other := lead.colleague(Clinician, Lead)
	if err := May(other.actor, CaseRead, other.actor.Organisation()); err != nil {
		t.Fatal(err)
	}
	if err := w.ChangeRoles(t.Context(), lead.stepUp().actor, other.actor.Member(), []Role{Clinician}); err != nil {
		t.Fatal(err)
	}
	if w.alive(other.cookie) {
		t.Error("the session from before the change lives")
	}
	if err := other.signIn(); err != nil {
		t.Fatal(err)
	}
	if err := May(other.actor, CaseRead, other.actor.Organisation()); !errors.Is(err, ErrForbidden) {
		t.Errorf("reads cases still: %v", err)
	}
	if !w.alive(lead.cookie) {
		t.Error("the lead's own session ended as well")
	}
}

// Even where the sessions could not be destroyed, the membership as it rests now is what counts.
func TestTheMembershipCountsAndNotTheSession(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	other := lead.colleague(Clinician)
	a := lead.actor.act(Lead, PeopleRoles)
	m, err := load[memberForm](t.Context(), w.rest, a, kindMember, other.actor.Member())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*memberForm){
		"ended":       func(m *memberForm) { m.Active = false },
		"other roles": func(m *memberForm) { m.Active, m.Roles = true, []Role{Auditor} },
		"other keys":  func(m *memberForm) { m.Account = "another" },
	} {
		change(&m.content)
		if err := w.saveMember(t.Context(), a, m); err != nil {
			t.Fatal(err)
		}
		m.rev++
		if w.rests(kindSession) != 2 || w.alive(other.cookie) {
			t.Errorf("a session outlives its membership: %s", name)
		}
	}
}

func TestRevokingEndsEverySessionAtOnce(t *testing.T) {
	w := newWorld(t)
	lead := w.found(SafeguardingTeam)
	other := lead.colleague(DirectoryEditor)
	cookies := []string{other.cookie}
	for range 3 {
		in, err := w.signIn(other.key, "")
		if err != nil {
			t.Fatal(err)
		}
		cookies = append(cookies, in.Token.Reveal())
	}
	if err := w.Revoke(t.Context(), lead.stepUp().actor, other.actor.Member()); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(cookies, w.alive) || w.rests(kindSession) != 1 {
		t.Errorf("%d sessions rest", w.rests(kindSession))
	}
	if n := w.heard("session.ended", trail.Done); n != 4 {
		t.Errorf("%d entries tell of four sessions", n)
	}
	if err := other.signIn(); err != ErrSignIn { //nolint:errorlint // the very value
		t.Errorf("a revoked member: %v", err)
	}
	// The key is good, and still it is as if it were unknown.
}

func TestNobodyChangesTheirOwnPlaceNorWithoutTouchingTheKey(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	other := lead.colleague(Lead)
	stranger := w.found(Practice).stepUp()
	for name, try := range map[string]func(a Actor) error{
		"roles":        func(a Actor) error { return w.ChangeRoles(t.Context(), a, other.actor.Member(), []Role{Lead}) },
		"revoke":       func(a Actor) error { return w.Revoke(t.Context(), a, other.actor.Member()) },
		"invite again": func(a Actor) error { _, err := w.InviteAgain(t.Context(), a, other.actor.Member()); return err },
	} {
		if err := try(other.stepUp().actor); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s oneself: %v", name, err)
		}
		tired, err := w.Resolve(t.Context(), w.found(Practice).cookie)
		if err != nil {
			t.Fatal(err)
		}
		if err := try(tired.Actor); !errors.Is(err, ErrStepUp) {
			t.Errorf("%s without a step-up: %v", name, err)
		}
		if err := try(stranger.actor); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s in another organisation: %v", name, err)
		}
	}
	if !w.alive(other.cookie) {
		t.Error("something was done after all")
	}
	if n := w.heard(string(PeopleRevoke), trail.Denied); n < 3 {
		t.Errorf("%d refusals in the trail", n)
	}
}

func TestAStepUpCountsForFiveMinutes(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	fresh := func() bool {
		got, err := w.Resolve(t.Context(), s.cookie)
		if err != nil {
			t.Fatal(err)
		}
		return got.Actor.Fresh()
	}
	if fresh() {
		t.Error("a sign-in is taken for a step-up")
	}
	s.stepUp()
	w.clock.pass(StepUpLife - time.Second)
	if !fresh() {
		t.Error("over too soon")
	}
	w.clock.pass(time.Second)
	if fresh() {
		t.Error("not over after five minutes")
	}
	if n := w.heard(forStepUp, trail.Done); n == 0 {
		t.Error("the step-up is not in the trail")
	}
}

func TestAFormBelongsToItsSession(t *testing.T) {
	w := newWorld(t)
	a, b := w.found(Practice), w.found(Practice)
	sa, err := w.Resolve(t.Context(), a.cookie)
	if err != nil {
		t.Fatal(err)
	}
	sb, _ := w.Resolve(t.Context(), b.cookie)
	if err := sa.CheckToken(sa.Token()); err != nil {
		t.Error(err)
	}
	for _, other := range []string{"", sb.Token(), sa.Token()[1:], a.cookie} {
		if err := sa.CheckToken(other); !errors.Is(err, ErrForged) {
			t.Errorf("%q: %v", other, err)
		}
	}
	if err := (Session{}).CheckToken(""); !errors.Is(err, ErrForged) {
		t.Error("no session takes an empty token")
	}
}

func TestOneSeesAndEndsOnesOwnSessions(t *testing.T) {
	w := newWorld(t)
	a, b := w.found(Practice), w.found(Practice)
	if _, err := w.signIn(a.key, ""); err != nil {
		t.Fatal(err)
	}
	s, _ := w.Resolve(t.Context(), a.cookie)
	seen, err := w.Sessions(t.Context(), s)
	if err != nil || len(seen) != 2 || seen[0].This == seen[1].This {
		t.Errorf("%v %+v", err, seen)
	}
	if err := w.EndSessions(t.Context(), s); err != nil || w.alive(a.cookie) || !w.alive(b.cookie) || w.rests(kindSession) != 1 {
		t.Errorf("%v, %d rest", err, w.rests(kindSession))
	}
}

// The times in the sealed session count, whatever the store says of its expiry.
func TestTheStoreDoesNotMakeASessionLonger(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	got, err := w.Resolve(t.Context(), s.cookie)
	if err != nil {
		t.Fatal(err)
	}
	longer := got.rested
	longer.expires = w.clock.now().Add(24 * time.Hour)
	c, err := put(longer)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.rest.write(t.Context(), nobody("test"), c); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(Idle)
	if w.alive(s.cookie) {
		t.Error("it does")
	}
}

// A clock that was set back keeps nobody signed in beyond the session's time.
func TestASessionFromTheFutureIsNone(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	w.clock.pass(-time.Hour)
	if w.alive(s.cookie) {
		t.Error("it counts")
	}
}
