package referrals_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"waypost/internal/store"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// canaries are what is typed in these tests and long enough to be nobody else's, beside words of their own.
func canaries() []string {
	out := []string{"she whispered behind the pantry", "taken by Hephzibah at noon", "typed Ludovica where a code belongs"}
	for field, text := range words {
		if len(text) >= 10 && field != "criteria.judgement" {
			out = append(out, text)
		}
	}
	return out
}

// A36: an invented person goes every way through this room; nothing of them is found in what rests, in its backup, beside
// the keys, in an error, in a log or in anything that is printed, in plain or in any common writing. No token or code rests.
func TestNoCanaryRestsAnywhere(t *testing.T) {
	dir, keys := t.TempDir(), t.TempDir()
	b := embedded(t, dir)
	w := furnish(t, b, keys)
	var logged bytes.Buffer
	out := slog.New(slog.NewJSONHandler(&logged, nil))
	tell := func(step string, rec any, err error) {
		text, jsonErr := json.Marshal(rec)
		out.Info(step, "record", rec, "text", fmt.Sprintf("%v %+v %#v %s %q", rec, rec, rec, rec, rec), "json", string(text), "err", err, "jsonErr", jsonErr)
	}
	secrets := w.everyWay(tell)
	copied := t.TempDir()
	f, err := os.OpenFile(filepath.Join(copied, "waypost.db"), os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	must(t, b.Backup(t.Context(), f))
	must(t, f.Close())
	all := append(canaries(), secrets...)
	if n := sweepFor(t, all, []string{dir, keys, copied}, logged.Bytes()); n < 5 || logged.Len() < 10_000 {
		t.Errorf("%d files and %d bytes of log were looked at", n, logged.Len())
	}
}

// everyWay does everything this room can do, and returns the tokens and codes it gave out.
func (w *world) everyWay(tell func(string, any, error)) (secrets []string) {
	ctx := w.t.Context()
	said := vault.Keep("she whispered behind the pantry")
	refused := referrals.Choice{Destination: "police", Consent: packet.Consent{Decision: packet.Refused, Ground: "serious-harm-or-crime", Why: packet.WhyOthers, Told: packet.SaferNot, Words: said}}
	draft := w.draft(consent("domestic-abuse"), consent("marac"), consent("child-protection"), refused)
	views, faults, err := w.Preview(w.clinician, draft)
	tell("preview", views, err)
	tell("faults", faults, nil)
	draft.Entries = append(draft.Entries, packet.Entry{Field: "person.birth", Value: vault.Keep("typed Ludovica where a code belongs")},
		packet.Entry{Field: "typed Ludovica where a code belongs", Value: vault.Keep(words["person.name"])})
	_, faults, err = w.Refer(ctx, w.clinician, draft)
	tell("faulty", faults, err)
	draft.Entries = entries(nil)
	c, _, err := w.Refer(ctx, w.clinician, draft)
	must(w.t, err)
	tell("referred", c, err)
	tell("draft", draft, nil)
	step := func(a people.Actor, in referrals.Decision) {
		w.t.Helper()
		in.Words = said
		now, err := w.Decide(ctx, a, c.Reference, c.Rev, in)
		must(w.t, err)
		tell(string(in.Event), now, err)
		stale, err := w.Decide(ctx, a, c.Reference, c.Rev, in)
		tell("conflict", stale, err)
		c = now
	}
	step(w.lead, referrals.Decision{Event: referrals.Return, Reason: "incomplete"})
	c, _, err = w.Resubmit(ctx, w.clinician, c.Reference, c.Rev, referrals.Change{Entries: entries(nil)})
	tell("resubmitted", c, err)
	step(w.lead, referrals.Decision{Event: referrals.Accept})
	step(w.lead, byPhone(c, 3))
	c, link, err := w.Offer(ctx, w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(w.t, err)
	tell("link", link, err)
	secrets = append(secrets, link.Token.Reveal())
	_, err = w.Redeem(ctx, w.receiver, link.Token.Reveal(), words["person.name"])
	tell("wrong code", nil, err)
	_, err = w.Redeem(ctx, w.receiver, words["person.name"], "123456")
	tell("wrong token", nil, err)
	got, err := w.redeem(w.receiver, link)
	must(w.t, err)
	tell("received", got, err)
	got, err = w.Answer(ctx, w.receiver, got.ID, got.Rev, referrals.Acknowledge, "")
	tell("answered", got, err)
	_, err = w.Answer(ctx, w.receiver, got.ID, got.Rev, referrals.Decline, words["account.reason"])
	tell("typed as reason", nil, err)
	for _, text := range canaries() {
		_, err := w.Read(ctx, w.lead, text)
		tell("typed as reference", nil, err)
		_, err = w.Decide(ctx, w.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Event(text), Reason: text})
		tell("typed as event", nil, err)
		_, err = w.Decide(ctx, w.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Escalate, Reason: text, Handover: text})
		tell("typed as reason", nil, err)
		_, err = w.Exclude(ctx, w.lead, c.Reference, c.Rev, text, true)
		tell("typed as member", nil, err)
		_, err = w.Received(ctx, w.receiver, text)
		tell("typed as packet", nil, err)
		tell("typed as quarter", nil, second(w.Statistics(ctx, w.lead, text)))
		tell("typed as glass", nil, w.ReviewGlass(ctx, w.lead, text, referrals.Verdict(text)))
		tell("typed as why", nil, w.BreakGlass(ctx, w.colleague, c.Reference, people.Reason(text)))
		_, err = w.Queue(ctx, w.lead, referrals.Filter{Urgency: text, Kind: text, States: []referrals.State{referrals.State(text)}}, store.Cursor{ID: text}, 10)
		tell("typed as filter", nil, err)
		_, _, err = w.Refer(ctx, w.clinician, referrals.Draft{Plan: draft.Plan, Choices: []referrals.Choice{{Destination: text, Consent: packet.Consent{Decision: packet.Decision(text)}}}})
		tell("typed as destination", nil, err)
	}
	must(w.t, w.BreakGlass(ctx, w.colleague, c.Reference, people.DangerNow))
	rows, err := w.Queue(ctx, w.lead, referrals.Filter{}, store.Cursor{}, 10)
	tell("queue", rows, err)
	looked, _, err := w.Looked(ctx, w.lead, c.Reference)
	tell("looked", looked, err)
	same, err := w.Duplicates(ctx, w.lead, c.Reference)
	tell("duplicates", same, err)
	for _, below := range []error{store.ErrFull, store.ErrUnknown} {
		w.wire.refuse(func(store.Batch) error { return below })
		_, _, err = w.Refer(timeout(w.t), w.clinician, draft)
		tell("store away", nil, err)
		w.wire.refuse(nil)
	}
	c = w.read(c.Reference)
	step(w.lead, referrals.Decision{Event: referrals.Withdraw, Reason: "not-safe-now"})
	w.clock.pass(referrals.LinkLife)
	ticked, err := w.Tick(ctx, practice)
	tell("tick", ticked, err)
	w.clock.pass(referrals.AfterClosing)
	swept, err := w.safe.Sweep(ctx)
	tell("swept", swept, err)
	return secrets
}

// sweepFor looks for every canary in every writing, and says how many files it looked at.
func sweepFor(t *testing.T, all []string, places []string, log []byte) (files int) {
	t.Helper()
	look := func(where string, data []byte) {
		lower := bytes.ToLower(data)
		for i, c := range all {
			for _, s := range writings(c) {
				if bytes.Contains(data, s.bytes) || s.fold && bytes.Contains(lower, bytes.ToLower(s.bytes)) {
					t.Errorf("canary %d stands in %s as %s", i, where, s.name)
				}
			}
		}
	}
	look("the log", log)
	for _, place := range places {
		must(t, filepath.WalkDir(place, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files++
			data, err := os.ReadFile(path)
			look(filepath.Base(path), data)
			return err
		}))
	}
	return files
}

type writing struct {
	name  string
	bytes []byte
	fold  bool // in any case of letters
}

func writings(text string) []writing {
	out := []writing{{"plain text", []byte(text), true}, {"hex", []byte(hex.EncodeToString([]byte(text))), true}}
	for shift := range 3 { // base64 looks different at each of three places; the ends depend on the neighbours
		shifted := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		inner := shifted[4 : len(shifted)-4]
		out = append(out, writing{"base64", []byte(inner), false},
			writing{"base64 for addresses", []byte(strings.NewReplacer("+", "-", "/", "_").Replace(inner)), false})
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	return append(out, writing{"UTF-16 little endian", little, false}, writing{"UTF-16 big endian", big, false})
}

// The search is searched: what rests where it should not is seen.
func TestACanaryThatRestsIsSeen(t *testing.T) {
	for _, c := range canaries() {
		raw := []byte("before " + c + " after")
		for name, data := range map[string][]byte{
			"plain": raw, "loud": bytes.ToUpper(raw), "hex": []byte(hex.EncodeToString(raw)), "base64": []byte(base64.StdEncoding.EncodeToString(raw)),
			"moved": []byte(base64.RawURLEncoding.EncodeToString(raw[1:])), "moved again": []byte(base64.StdEncoding.EncodeToString(raw[2:])),
		} {
			seen := false
			for _, s := range writings(c) {
				seen = seen || bytes.Contains(data, s.bytes) || s.fold && bytes.Contains(bytes.ToLower(data), bytes.ToLower(s.bytes))
			}
			if !seen {
				t.Errorf("%q as %s is not seen", c, name)
			}
		}
	}
}
