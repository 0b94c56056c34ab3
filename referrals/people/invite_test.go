package people

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/store"
)

func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	w := newWorld(t)
	_, token, err := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	if err != nil {
		t.Fatal(err)
	}
	// Looking at it uses nothing up: scanners of links look.
	for range 5 {
		if _, err := w.BeginEnrol(t.Context(), token.Reveal()); err != nil {
			t.Fatal(err)
		}
	}
	options, _ := w.BeginEnrol(t.Context(), token.Reveal())
	late := softkeytest.New(t, testURL)
	late.Create(options)
	w.enrol(token)
	if _, err := w.BeginEnrol(t.Context(), token.Reveal()); !errors.Is(err, ErrInvite) {
		t.Errorf("looked at again: %v", err)
	}
	if _, err := w.FinishEnrol(t.Context(), token.Reveal(), late.Create(options), ""); !errors.Is(err, ErrInvite) {
		t.Errorf("taken up again: %v", err)
	}
	if w.rests(kindInvite) != 0 || w.rests(kindAccount) != 1 || w.rests(kindSession) != 1 {
		t.Error("something is left, or came twice")
	}
}

func TestAnInvitationAsksForAVerifiedDiscoverableKeyAndNoMore(t *testing.T) {
	w := newWorld(t)
	_, token, _ := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	options, err := w.BeginEnrol(t.Context(), token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	o := readOptions(t, options).PublicKey
	if o.Selection.Resident != "required" || o.Selection.Verification != "required" || o.Attestation != "none" || o.RP.ID != "waypost.example" || o.User.Name != "Invented Lead" {
		t.Errorf("%s", options)
	}
	lazy := softkeytest.New(t, testURL)
	lazy.Verified = false
	if _, err := w.FinishEnrol(t.Context(), token.Reveal(), lazy.Create(options), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("a user not verified: %v", err)
	}
	options, _ = w.BeginEnrol(t.Context(), token.Reveal())
	elsewhere := softkeytest.New(t, testURL)
	elsewhere.Origin = "https://evil.example"
	if _, err := w.FinishEnrol(t.Context(), token.Reveal(), elsewhere.Create(options), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("from elsewhere: %v", err)
	}
	w.enrol(token) // a failed try uses nothing up
}

func TestAKeyThatWasAskedForByOneInvitationTakesUpNoOther(t *testing.T) {
	w := newWorld(t)
	_, mine, _ := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	_, other, _ := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	options, err := w.BeginEnrol(t.Context(), mine.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishEnrol(t.Context(), other.Reveal(), softkeytest.New(t, testURL).Create(options), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("%v", err)
	}
}

func TestAnInvitationEnds(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	m, first, err := w.Invite(t.Context(), lead.stepUp().actor, "Invented Colleague", []Role{Clinician})
	if err != nil {
		t.Fatal(err)
	}
	valid := func(token string) bool {
		_, err := w.BeginEnrol(t.Context(), token)
		if err != nil && !errors.Is(err, ErrInvite) {
			t.Fatal(err)
		}
		return err == nil
	}
	for _, none := range []string{"", "x", first.Reveal()[:42], lead.cookie} {
		if valid(none) {
			t.Errorf("%q is an invitation", none)
		}
	}
	second, err := w.InviteAgain(t.Context(), lead.actor, m.ID)
	if err != nil || valid(first.Reveal()) || !valid(second.Reveal()) {
		t.Errorf("a new link does not end the former: %v", err)
	}
	w.clock.pass(InviteLife - time.Second)
	if !valid(second.Reveal()) {
		t.Error("over before 72 hours")
	}
	w.clock.pass(time.Second)
	if valid(second.Reveal()) {
		t.Error("not over after 72 hours")
	}
	if err := lead.signIn(); err != nil {
		t.Fatal(err)
	}
	third, err := w.InviteAgain(t.Context(), lead.stepUp().actor, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	before := w.rests(kindInvite)
	if err := w.Revoke(t.Context(), lead.actor, m.ID); err != nil || valid(third.Reveal()) || w.rests(kindInvite) != before-1 {
		t.Errorf("a revoked member's link is valid, or rests: %v", err)
	}
	if _, err := w.InviteAgain(t.Context(), lead.actor, m.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a revoked member is invited: %v", err)
	}
}

func TestOnlyTheDigestOfAnInvitationRests(t *testing.T) {
	w := newWorld(t)
	_, token, _ := w.Found(t.Context(), Practice, "Invented Practice", "Canary Quillfeather")
	w.dump(func(item any) {
		if r, ok := item.(store.Record); ok {
			for _, secret := range [][]byte{[]byte(token.Reveal()), unb64(t, token.Reveal()), []byte("Quillfeather")} {
				if bytes.Contains(r.Sealed, secret) || bytes.Contains([]byte(r.ID), secret) {
					t.Errorf("a %s shows what is secret", r.Kind)
				}
			}
		}
	})
}

func TestOfTwoWhoTakeUpOneInvitationOneWins(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		_, token, err := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
		if err != nil {
			t.Fatal(err)
		}
		const racers = 8
		var won atomic.Int32
		var start, done sync.WaitGroup
		start.Add(1)
		for range racers {
			key := softkeytest.New(t, testURL)
			options, err := w.BeginEnrol(t.Context(), token.Reveal())
			if err != nil {
				t.Fatal(err)
			}
			answer := key.Create(options)
			done.Go(func() {
				start.Wait()
				switch _, err := w.FinishEnrol(t.Context(), token.Reveal(), answer, ""); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, ErrInvite) && !errors.Is(err, ErrSignIn):
					t.Error(err)
				}
			})
		}
		start.Done()
		done.Wait()
		if won.Load() != 1 || w.rests(kindAccount) != 1 || w.rests(kindSession) != 1 {
			t.Fatalf("%d won, %d accounts, %d sessions", won.Load(), w.rests(kindAccount), w.rests(kindSession))
		}
	}
}

// A lost key: another lead gives a new link, and from the moment it is taken up the lost key opens nothing.
func TestANewInvitationTakesThePlaceFromTheLostKey(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	other := lead.colleague(Clinician)
	token, err := w.InviteAgain(t.Context(), lead.stepUp().actor, other.actor.Member())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.signIn(); err != nil {
		t.Errorf("the key ends before the link is taken up: %v", err)
	}
	again := w.enrol(token)
	if again.actor.Member() != other.actor.Member() {
		t.Error("another place")
	}
	if w.alive(other.cookie) || w.rests(kindSession) != 2 {
		t.Error("the lost key's session lives, or rests")
	}
	if _, err := w.signIn(other.key, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("the lost key: %v", err)
	}
	if err := again.signIn(); err != nil {
		t.Error(err)
	}
}

// A link whose withdrawal failed leads nowhere either: the membership counts.
func TestALinkToAPlaceThatEndedIsNone(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	m, token, err := w.Invite(t.Context(), lead.stepUp().actor, "Invented Colleague", []Role{Clinician})
	if err != nil {
		t.Fatal(err)
	}
	a := lead.actor.act(Lead, PeopleRevoke)
	rests, err := load[memberForm](t.Context(), w.rest, a, kindMember, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	rests.content.Active = false
	if err := w.saveMember(t.Context(), a, rests); err != nil {
		t.Fatal(err)
	}
	if _, err := w.BeginEnrol(t.Context(), token.Reveal()); !errors.Is(err, ErrInvite) {
		t.Errorf("%v", err)
	}
}

func TestTheConsoleCanLetTheLastLeadBackIn(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	members, err := w.MembersFromConsole(t.Context(), lead.actor.Organisation())
	if err != nil || len(members) != 1 || !members[0].Enrolled() {
		t.Fatalf("%v %v", err, members)
	}
	token, err := w.InviteFromConsole(t.Context(), lead.actor.Organisation(), members[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.enrol(token).signIn(); err != nil {
		t.Error(err)
	}
}

func TestAnInvitationIsForASeatThatExists(t *testing.T) {
	w := newWorld(t)
	lead := w.found(ImplantCompany).stepUp()
	for name, try := range map[string]struct {
		who   string
		roles []Role
	}{
		"a clinician in a company": {"Invented", []Role{Clinician}},
		"no role":                  {"Invented", nil},
		"a role twice":             {"Invented", []Role{Lead, Lead}},
		"no name":                  {"", []Role{Lead}},
		"a name that turns round":  {"Invented\u202e", []Role{Lead}},
		"a name with a line break": {"Invented\n", []Role{Lead}},
	} {
		if _, _, err := w.Invite(t.Context(), lead.actor, try.who, try.roles); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := w.Found(t.Context(), "hospital", "Invented", "Invented"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a kind that is none: %v", err)
	}
	auditor := lead.colleague(Auditor)
	if _, _, err := w.Invite(t.Context(), auditor.stepUp().actor, "Invented", []Role{Auditor}); !errors.Is(err, ErrForbidden) {
		t.Errorf("an auditor invites: %v", err)
	}
}
