package people

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// race runs f n times at once and says how often it succeeded; other errors than the expected fail the test.
func race(t *testing.T, n int, f func() error, expected ...error) int32 {
	t.Helper()
	var won atomic.Int32
	var start, done sync.WaitGroup
	start.Add(1)
	for range n {
		done.Go(func() {
			start.Wait()
			err := f()
			if err == nil {
				won.Add(1)
				return
			}
			for _, e := range expected {
				if errors.Is(err, e) {
					return
				}
			}
			t.Error(err)
		})
	}
	start.Done()
	done.Wait()
	return won.Load()
}

func TestOfManyAnswersToOneChallengeOneCounts(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	for range 20 {
		options, err := w.BeginSignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer, before := s.key.Get(options), w.rests(kindSession)
		if won := race(t, 8, func() error { _, err := w.FinishSignIn(t.Context(), answer, ""); return err }, ErrSignIn); won != 1 {
			t.Fatalf("%d signed in", won)
		}
		if n := w.rests(kindSession); n != before+1 {
			t.Fatalf("%d sessions from one answer", n-before)
		}
	}
}

func TestOfManyWhoStepUpWithOneAnswerOneDoes(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	for range 20 {
		options, err := w.BeginStepUp(t.Context(), s.cookie)
		if err != nil {
			t.Fatal(err)
		}
		answer := s.key.Get(options)
		var next atomic.Value
		won := race(t, 8, func() error {
			in, err := w.FinishStepUp(t.Context(), s.cookie, answer)
			if err == nil {
				next.Store(in.Token.Reveal())
			}
			return err
		}, ErrSignIn, ErrNoSession)
		if won != 1 || w.rests(kindSession) != 1 {
			t.Fatalf("%d stepped up, %d sessions", won, w.rests(kindSession))
		}
		s.cookie = next.Load().(string)
	}
}

// Requests that are counted while the cookie is changed neither keep the old value alive nor lose the new one.
func TestACookieChangesWhileItIsInUse(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	for range 20 {
		old := s.cookie
		options, err := w.BeginStepUp(t.Context(), old)
		if err != nil {
			t.Fatal(err)
		}
		answer := s.key.Get(options)
		w.clock.pass(touchEvery)
		var busy sync.WaitGroup
		for range 4 {
			busy.Go(func() {
				if _, err := w.Resolve(t.Context(), old); err != nil && !errors.Is(err, ErrNoSession) {
					t.Error(err)
				}
			})
		}
		in, err := w.FinishStepUp(t.Context(), old, answer)
		busy.Wait()
		if err != nil {
			t.Fatal(err)
		}
		s.cookie = in.Token.Reveal()
		if w.alive(old) || !w.alive(s.cookie) || w.rests(kindSession) != 1 {
			t.Fatalf("%d sessions", w.rests(kindSession))
		}
	}
}

// A session that is being counted as it is revoked does not come back.
func TestARevokedSessionIsNotBroughtBackByBeingUsed(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		lead := w.found(Practice)
		other := lead.colleague(Clinician)
		w.clock.pass(touchEvery)
		var busy sync.WaitGroup
		for range 4 {
			busy.Go(func() { _, _ = w.Resolve(t.Context(), other.cookie) })
		}
		if err := w.Revoke(t.Context(), lead.stepUp().actor, other.actor.Member()); err != nil {
			t.Fatal(err)
		}
		busy.Wait()
		if w.alive(other.cookie) {
			t.Fatal("it lives")
		}
		w.clock.pass(Idle)
	}
}

// Whoever signs out while another tab still loads is out.
func TestSigningOutWhileInUseEndsTheSession(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	for range 60 {
		if err := s.signIn(); err != nil {
			t.Fatal(err)
		}
		w.clock.pass(touchEvery)
		var busy sync.WaitGroup
		for range 4 {
			busy.Go(func() { _, _ = w.Resolve(t.Context(), s.cookie) })
		}
		busy.Go(func() {
			if err := w.SignOut(t.Context(), s.cookie); err != nil {
				t.Error(err)
			}
		})
		busy.Wait()
		if w.alive(s.cookie) {
			t.Fatal("still in")
		}
	}
}

func TestBeingCountedAfterTheEndIsNoSession(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	got, err := w.Resolve(t.Context(), s.cookie)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SignOut(t.Context(), s.cookie); err != nil {
		t.Fatal(err)
	}
	if _, err := w.touch(t.Context(), got.rested, w.clock.now().Add(touchEvery)); !errors.Is(err, ErrNoSession) || w.rests(kindSession) != 0 {
		t.Errorf("%v", err)
	}
}

// Somebody who signs in as they are revoked is in for no request at all.
func TestASignInThatRacesARevocationOpensNothing(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice).stepUp()
	for range 20 {
		if err := lead.signIn(); err != nil {
			t.Fatal(err)
		}
		other := lead.colleague(Clinician)
		options, err := w.BeginSignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer := other.key.Get(options)
		var cookie string
		var both sync.WaitGroup
		both.Go(func() {
			if in, err := w.FinishSignIn(t.Context(), answer, ""); err == nil {
				cookie = in.Token.Reveal()
			}
		})
		both.Go(func() {
			if err := w.Revoke(t.Context(), lead.actor, other.actor.Member()); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if cookie != "" && w.alive(cookie) {
			t.Fatal("signed in after the revocation")
		}
		w.clock.pass(time.Second)
	}
}

func TestTwoDevicesSignInAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.found(Practice)
	var answers [][]byte
	for range 6 {
		options, err := w.BeginSignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, s.key.Get(options))
	}
	var i atomic.Int32
	won := race(t, len(answers), func() error {
		_, err := w.FinishSignIn(t.Context(), answers[i.Add(1)-1], "")
		return err
	}, ErrConflict)
	if int(won) != len(answers) {
		t.Errorf("%d of %d signed in", won, len(answers))
	}
}
