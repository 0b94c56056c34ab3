package fhir_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/web/fhir"
)

// parcelled is a packet of an invented person, made as the desk makes it.
func parcelled(t testing.TB, change map[string]string) packet.Packet {
	t.Helper()
	book := must(packet.Load(packet.Content()))(t)
	var entries []packet.Entry
	for _, list := range []map[string]string{typed, chosen, {"feared.in-home": "yes"}} {
		for field, value := range list {
			if v, ok := change[field]; ok {
				value = v
			}
			entries = append(entries, packet.Entry{Field: field, Value: vault.Keep(value)})
		}
	}
	full, faults := book.Fill(append(entries, packet.Entry{Field: "feared.name", Row: 1, Value: vault.Keep("Barnaby Thornquist")}))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return must(book.Make(packet.Input{
		Destination: "domestic-abuse", Reference: strings.Repeat("ab", 16), Made: today, Nation: directory.England, Age: directory.Adult, Urgency: "same_day",
		Concerns: []packet.Concern{{Finding: "going-home.not-safe", Line: "abuse", Urgency: "now", Pathways: []string{"domestic-abuse"}}},
		Dossier:  full, Consent: packet.Consent{Decision: packet.Given, By: "member-1", On: today},
	}))(t)
}

// The JSON of each resource of the loop, byte for byte: as the service sees it at each step, as whoever referred sees it, and
// as the trail is seen.
func TestTheLoopIsAsWrittenDown(t *testing.T) {
	t.Parallel()
	w := product(t)
	words, id := w.words.In("en", nil), strings.Repeat("0f", 32)
	later := today.Add(time.Hour)
	parcel := func(s referrals.State, reason, outcome string) fhir.Task {
		return fhir.TaskOf(referrals.Parcel{ID: id, Rev: 2, State: s, Made: today, Changed: later, Due: later.Add(time.Hour), Reason: reason, Outcome: outcome}, "service-1", words)
	}
	placed := func(s referrals.State, reason string) referrals.Placed {
		return referrals.Placed{Case: id[:32], Reference: id[32:], Rev: 3, CaseState: referrals.Returned, Destination: "domestic-abuse", Service: "invented-service", State: s, Made: today, Changed: later, Reason: reason}
	}
	for name, resource := range map[string]any{
		"task-waiting.json":       parcel(referrals.Waiting, "", ""),
		"task-opened.json":        parcel(referrals.Opened, "", ""),
		"task-acknowledged.json":  parcel(referrals.Taken, "", ""),
		"task-declined.json":      parcel(referrals.Refused, "no-room", ""),
		"task-done.json":          parcel(referrals.Done, "", "help-began"),
		"task-of-sender.json":     fhir.TaskOfPlaced(placed(referrals.Waiting, ""), words),
		"task-withheld.json":      fhir.TaskOfPlaced(placed(referrals.Withheld, ""), words),
		"task-dropped.json":       fhir.TaskOfPlaced(placed(referrals.Dropped, "not-wanted"), words),
		"request-of-sender.json":  fhir.RequestOfPlaced(placed(referrals.Waiting, ""), "domestic-abuse", words),
		"request-of-service.json": fhir.RequestOf(referrals.Received{ID: id, Rev: 2, State: referrals.Taken, Expires: later.Add(referrals.PacketLife), Packet: parcelled(t, nil)}, "domestic-abuse", words),
		"event.json": fhir.EventOf(referrals.Entry{Seq: 17, Entry: trail.Entry{
			At: today, Actor: "member-1", Role: "lead", Action: "case.read", Outcome: trail.Done, Kind: "case", Ref: bytes.Repeat([]byte{7}, 16), Effect: trail.None,
		}}),
		"event-denied.json": fhir.EventOf(referrals.Entry{Seq: 18, Entry: trail.Entry{At: today, Actor: "system", Action: "packet.read", Outcome: trail.Denied, Reason: "unknown", Effect: trail.None}}),
	} {
		writtenDown(t, name, raw(t, resource))
	}
	o := newOffice(t)
	_, there := o.offered()
	drawn := regexp.MustCompile(`[0-9a-f]{64}`)
	for name, path := range map[string]string{"tasks.json": "/Task", "task-none.json": "/Task?status=completed"} {
		body := o.systems["service"].ask("GET", path, nil).body
		writtenDown(t, name, drawn.ReplaceAll(bytes.ReplaceAll(body, []byte(o.systems["service"].home.ID), []byte("service-1")), []byte(id)))
	}
	writtenDown(t, "task-refused.json", o.systems["service"].put(there, object{"status": "rejected"}).body)
	writtenDown(t, "task-stale.json", o.systems["service"].ask("PUT", "/Task/"+there, []byte(`{"resourceType":"Task"}`)).body)
}

// A label says how closely something is to be held: more closely where it may say where somebody hides. Contact is prohibited
// unless every way of it is known to be safe.
func TestWhatMaySayWhereSomebodyHidesIsVeryRestricted(t *testing.T) {
	t.Parallel()
	w := product(t)
	words := w.words.In("en", nil)
	see := func(change map[string]string) (label string, contact bool) {
		p := parcelled(t, change)
		r := fhir.RequestOf(referrals.Received{ID: "x", Rev: 1, State: referrals.Taken, Packet: p}, "domestic-abuse", words)
		if len(r.Meta.Security) != 2 || r.Meta.Security[1].Code != "SDV" {
			t.Errorf("labels %v", r.Meta.Security)
		}
		return r.Meta.Security[0].Code, len(r.OrderDetail) > 0
	}
	if label, contact := see(nil); label != "R" || !contact {
		t.Errorf("%s %v", label, contact)
	}
	for _, text := range []string{"she is at the Refuge in the next county", "moved to a safe house", "mae hi mewn lloches"} {
		if label, _ := see(map[string]string{"account.reason": text}); label != "V" {
			t.Errorf("%q is labelled %s", text, label)
		}
	}
	book := must(packet.Load(packet.Content()))(t)
	safe := map[string]string{"contact.channel": "phone", "contact.device-watched": "no", "contact.voicemail": "yes", "contact.texts": "yes", "contact.emails": "yes", "contact.letters": "yes", "contact.portal": "yes"}
	for spoilt := range safe {
		for _, value := range []string{safe[spoilt], "not-known"} {
			var entries []packet.Entry
			for field, v := range safe {
				if field == spoilt {
					v = value
				}
				if field != "contact.channel" || v != "not-known" {
					entries = append(entries, packet.Entry{Field: field, Value: vault.Keep(v)})
				}
			}
			full, _ := book.Fill(entries)
			p := must(book.Make(packet.Input{Destination: "general", Reference: "r", Made: today, Urgency: "info", Dossier: full, Consent: packet.Consent{Decision: packet.Given, By: "m", On: today}}))(t)
			if got, want := fhir.ContactUnsafe(p), value == "not-known" && spoilt != "contact.channel"; got != want {
				t.Errorf("%s %s: contact is unsafe %v", spoilt, value, got)
			}
		}
	}
}

// Everything that bears on a person is labelled, and no header, address or log says more than that there is something.
func TestTheLoopIsLabelledAndTellsNothingElsewhere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c, id := o.offered()
	service, practice, team := o.systems["service"], o.systems["practice"], o.systems["team"]
	mine := c.Reference + c.Handovers[0].Reference
	service.put(id, object{"status": "accepted"}).want(t, "acknowledge", 200)
	seen := 0
	for path, who := range map[string]*system{
		"/Task": service, "/Task/" + id: service, "/ServiceRequest/" + id: service, "/Task/" + mine: practice, "/ServiceRequest/" + mine: practice,
		"/AuditEvent": team, "/AuditEvent/0": team, "/Task?_count=1": practice,
	} {
		a := who.ask("GET", path, nil).want(t, path[:5], 200)
		var look func(v any)
		look = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, x := range v {
					look(x)
				}
			case object:
				if kind, ok := v["resourceType"]; ok {
					seen++
					if text := string(raw(t, v["meta"])); !strings.Contains(text, `"code":"SDV"`) || !strings.Contains(text, `"code":"R"`) && !strings.Contains(text, `"code":"V"`) {
						t.Errorf("%v is not labelled", kind)
					}
				}
				for name, x := range v {
					if name != "contained" {
						look(x)
					}
				}
			}
		}
		look(a.says(t))
		for name, values := range a.header {
			if text := strings.Join(values, " "); strings.Contains(text, "SDV") || canaries([]byte(text)) {
				t.Errorf("the header %s tells", name)
			}
		}
		if path != "/ServiceRequest/"+id && canaries(a.body) {
			t.Errorf("%s tells what was typed", path[:5])
		}
	}
	if seen < 12 {
		t.Errorf("only %d resources were looked at", seen)
	}
	if o.Log.String() != "" {
		t.Errorf("something was logged: %s", o.Log)
	}
}
