package refer

import (
	"errors"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
)

type sheetView struct {
	page
	Text string
}

// sheet shows the copy of one packet for the printer, from what rests. It has an entry of its own in the trail, written first,
// as every opening of what was told has: that the case was read does not say that a copy was had. The discreet copy says
// neither whom it is about nor whom it is for.
func (j *Journey) sheet(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	c, err := j.Desk.Read(r.Context(), r.Session().Actor, p.reference())
	if err != nil {
		return web.Page{}, told(err)
	}
	if c.Handover(p.ref) < 0 {
		return web.Page{}, web.ErrNotFound
	}
	if err := j.noteCopy(r, c); err != nil {
		return web.Page{}, err
	}
	made, err := j.Desk.Packet(c, p.ref)
	if errors.Is(err, packet.ErrNoConsent) { // the desk decided anew since
		return j.stopped(r, p.lang, "refer.check.withheld")
	}
	if err != nil {
		return web.Page{}, err
	}
	b, err := j.page(r, p)
	if err != nil {
		return web.Page{}, err
	}
	words := j.Words.In(p.lang, nil)
	v := sheetView{page: b, Text: made.Plain(words)}
	if p.view == "discreet" {
		v.Text = made.PlainDiscreet(words)
	}
	return j.show(200, p.lang, "sheet", v)
}

func (j *Journey) noteCopy(r *web.Request, c referrals.Case) error {
	a := r.Session().Actor
	act, err := j.People.Permit(r.Context(), a, people.ReferralCreate, a.Organisation())
	if err != nil {
		return err
	}
	act.Action = "case.copy"
	return j.Trail.Note(r.Context(), act, trail.Done, "case", c.Reference)
}
