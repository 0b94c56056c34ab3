package desk

import (
	"context"
	"strings"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/referrals/shelf/private"
	"waypost/web"
)

// Contact is one private contact as a page shows it to who may read it. This is where it is revealed.
type Contact struct {
	ID, Use, Words         string // the words are those of its use
	Name, At, Note         string
	EnteredOn, ConfirmedOn *moment
	ByYou, Due             bool
	Replaces               string // the one above in whose place it comes
}

// Contacts are those of a sheet that two people stand for, to be shown, and those that wait for a second person.
func (j *Journey) Contacts(s private.Sheet, actor people.Actor) (usable, waiting []Contact) {
	of := func(all []private.Contact) (out []Contact) {
		for _, c := range all {
			out = append(out, Contact{
				ID: c.ID, Use: string(c.Use), Words: said(useWords, c.Use), Name: c.Name.Reveal(), At: c.At.Reveal(), Note: c.Note.Reveal(),
				EnteredOn: j.day(c.EnteredOn), ConfirmedOn: j.day(c.ConfirmedOn), ByYou: c.EnteredBy == strings.ToLower(actor.Member()),
				Due: c.Due(j.Now()), Replaces: c.ReplacesID,
			})
		}
		return out
	}
	return of(s.Contacts), of(s.Waiting)
}

var useWords = map[private.Use]string{
	private.Marac: "desk.private.marac", private.SecureMail: "desk.private.secure-mail", private.Refuge: "desk.private.refuge",
	private.Advocate: "desk.private.advocate", private.PickUp: "desk.private.pick-up",
}

func uses(chosen string) (all []option) {
	for _, u := range private.Uses() {
		all = append(all, option{string(u), said(useWords, u), string(u) == chosen})
	}
	return all
}

// ReadContacts opens the contacts of a service for a member who may read them; the trail has it first.
func (j *Journey) ReadContacts(ctx context.Context, a people.Actor, service string) (usable, waiting []Contact, err error) {
	act, err := j.Register.Permit(ctx, a, people.DirectoryReadPrivate, a.Organisation())
	if err != nil {
		return nil, nil, err
	}
	sheet, err := j.Private.Read(ctx, act, private.OfService(service))
	if err != nil {
		return nil, nil, err
	}
	usable, waiting = j.Contacts(sheet, a)
	return usable, waiting, nil
}

// serviceContact shows the private contacts of the service that one hand-over is for, to whoever hands it over and asks.
func (in room) serviceContact(r *web.Request) (web.Page, error) {
	a, c, err := in.asking(r, kinds(decideFields))
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	n := notice{}
	n.handover, _ = a.One("handover")
	i := c.Handover(n.handover)
	if i < 0 || c.Handovers[i].Service == "" || c.Handovers[i].State == referrals.Withheld {
		return web.Page{}, web.ErrNotFound
	}
	if n.contacts, _, err = in.ReadContacts(r.Context(), s.Actor, c.Handovers[i].Service); err != nil {
		return web.Page{}, err
	}
	return in.caseWith(r, 200, a.lang, c, n)
}
