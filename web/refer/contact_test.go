package refer_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/referrals/shelf/private"
	"waypost/web/staff/stafftest"
)

// The private contact of a chosen service stands on the page that is looked at before anything is handed over, for who may
// read it, when they ask, and nowhere else.
func TestThePrivateContactOfAChosenServiceIsShownOnDemand(t *testing.T) {
	const place, waits = "9 Veiled Row, Nowhere", "10 Veiled Row, Nowhere"
	w := newWorldWith(t, theIndex(t))
	lead, clinician := w.practice()
	put := func(actor, at string) string {
		act := records.Act{Tenant: lead.actor().Organisation(), Actor: actor, Role: string(people.DirectoryEditor), Action: "private.enter"}
		id, err := w.drawer.Enter(t.Context(), act, private.OfService("invented-da"), private.Contact{Use: private.SecureMail, At: vault.Keep(at)})
		stafftest.Must(t, err)
		return id
	}
	id := put("invented-editor", place)
	put("invented-editor", waits)
	stafftest.Must(t, w.drawer.Confirm(t.Context(), records.Act{Tenant: lead.actor().Organisation(), Actor: "invented-other", Role: string(people.Lead), Action: "private.confirm"}, private.OfService("invented-da"), id))
	for _, b := range []*browser{lead, clinician} {
		b.arrive("domestic-abuse.invented-da", "stalking").saysNot("Veiled Row")
		b.checked(with(enough(), url.Values{"consent.1.decision": {"given"}})).Want(200).saysNot("Veiled Row")
	}
	if lead.says("Private contact of this service"); strings.Contains(lead.part("packet.2"), "Private contact") {
		t.Error("offered where no service is chosen")
	}
	clinician.saysNot("Private contact of this service")
	clinician.Post("/refer/contact", with(clinician.form("/refer/create"), url.Values{"view": {"contact.1"}})).Want(403).saysNot("Veiled Row")
	if strings.Contains(w.clear(), "directory.read-private "+lead.actor().Member()) {
		t.Error("opened before anybody asked")
	}
	form := lead.form("/refer/create")
	lead.Post("/refer/contact", with(form, url.Values{"view": {"contact.1"}})).Want(200).says(place, "Secure mail").saysNot(waits)
	if !strings.Contains(lead.part("packet.1"), place) {
		t.Error("not at its service")
	}
	if !strings.Contains(w.clear(), "directory.read-private "+lead.actor().Member()) {
		t.Error("opened without an entry")
	}
	for _, view := range []string{"contact.2", "contact.3", "contact.0", "contact.x", "contact."} {
		lead.Post("/refer/contact", with(form, url.Values{"view": {view}})).Want(404).saysNot("Veiled Row")
	}
	delete(form, "view")
	lead.Post("/refer/create", form).Want(200).saysNot("Veiled Row")
	c, err := w.desk.Read(t.Context(), lead.actor(), lead.reference())
	stafftest.Must(t, err)
	made, err := w.desk.Packet(c, c.Handovers[0].Reference)
	stafftest.Must(t, err)
	text, err := made.JSON()
	stafftest.Must(t, err)
	for where, said := range map[string]string{"a packet": string(text), "the log": w.Log.String(), "an address": strings.Join(w.seen, " ")} {
		if strings.Contains(said, "Veiled") {
			t.Errorf("it stands in %s", where)
		}
	}
}
