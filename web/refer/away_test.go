package refer_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"waypost/referrals/people"
	"waypost/web/staff/stafftest"
)

// Somebody on the staff must not see the case: chosen before it exists, from names that are looked up when asked for.
func TestSomebodyOnTheStaffMustNotSeeIt(t *testing.T) {
	w := newWorld(t)
	lead, b := w.practice()
	s, err := w.People.Resolve(t.Context(), lead.Cookie)
	stafftest.Must(t, err)
	_, link, err := w.People.Invite(t.Context(), s.Actor, "Invented Cousin", []people.Role{people.Clinician})
	stafftest.Must(t, err)
	cousin := &browser{w.Browser().Enrol(link.Reveal())}
	b.arrive("domestic-abuse").says("Somebody on our staff must not see this").saysNot("Invented Cousin")
	if strings.Contains(w.clear(), "people.names") {
		t.Error("colleagues were looked up for nothing")
	}
	form := with(b.form("/refer/check"), enough())
	form.Set("person.name", "Invented Patient")
	b.Post("/refer/check", with(form, url.Values{"view": {"staff"}})).Want(200).says("Invented Cousin", "Invented Lead", "Invented Patient").saysNot(`value="` + b.actor().Member() + `">`)
	if !strings.Contains(w.clear(), "people.names "+b.actor().Member()) {
		t.Error("names without an entry")
	}
	b.checked(url.Values{"away": {cousin.actor().Member()}}).Want(200).says("Members kept away: 1", "Invented Cousin").saysNot("Everybody who could decide")
	// On the way back and forth it stays, and every lead kept away is said.
	b.Post("/refer/about", with(b.form("/refer/create"), url.Values{"view": {"back"}})).Want(200).says("Members kept away: 1").saysNot("Invented Cousin")
	b.Post("/refer/check", with(b.form("/refer/check"), url.Values{"view": {"staff"}})).Want(200)
	if got := b.form("/refer/check")["away"]; !slices.Equal(got, []string{cousin.actor().Member()}) {
		t.Errorf("ticked: %v", got)
	}
	both := url.Values{"away": {cousin.actor().Member(), lead.actor().Member(), b.actor().Member()}}
	b.checked(both).Want(200).says("Members kept away: 2", "Everybody who could decide this case would be kept away")
	b.Post("/refer/about", with(b.form("/refer/create"), url.Values{"view": {"back"}})).Want(200)
	b.Post("/refer/check", with(b.form("/refer/check"), url.Values{"view": {"staff"}})).Want(200)
	b.checked(url.Values{"away": {cousin.actor().Member()}}).Want(200).saysNot("Everybody who could decide")
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	c, err := w.desk.Read(t.Context(), lead.actor(), b.reference())
	stafftest.Must(t, err)
	if !slices.Equal(c.Excluded, []string{cousin.actor().Member()}) {
		t.Errorf("kept away: %v", c.Excluded)
	}
	if _, err := w.desk.Read(t.Context(), cousin.actor(), b.reference()); err == nil {
		t.Error("the cousin reads it")
	}
}
