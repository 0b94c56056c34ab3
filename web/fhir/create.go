package fhir

import (
	"errors"
	"net/http"
	"slices"

	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/web"
	"waypost/web/consult"
)

// createRequest makes a case in review of what the system of somebody who refers has sent. It is there once, however often the
// request of that name comes; what comes back says that it is there, and nothing of what was sent.
func (j *Journey) createRequest(r *web.Request) (web.Page, error) {
	if _, err := readSearch(r); err != nil {
		return refused(err)
	}
	var in Referral
	var sent []byte
	err := r.JSON(func(body []byte) (err error) {
		sent = body
		in, err = j.form.ReadReferral(body, j.Loop.Desk.Book)
		return err
	})
	switch {
	case err != nil:
		return refused(err)
	case r.Name() == "":
		return refused(Refused{{unnamed, ""}})
	}
	draft, err := j.draft(in)
	if err != nil {
		return refused(err)
	}
	c, faults, err := j.Loop.Desk.ReferOnce(r.Context(), r.Session().Actor, draft, r.Name(), sent)
	switch {
	case errors.Is(err, referrals.ErrRequest):
		return refused(Refused{{otherRequest, ""}})
	case len(faults) > 0: // the reader has held the fields to the same book
		return refused(Refused{{badValue, "ServiceRequest.contained"}})
	case err != nil:
		return refused(said(err))
	}
	placed := j.Loop.Desk.PlacedOf(c)
	i := slices.IndexFunc(placed, func(p referrals.Placed) bool { return p.Destination == in.Destination && p.Service == in.Service })
	if i < 0 {
		return web.Page{}, web.ErrNotFound
	}
	out := RequestOfPlaced(placed[i], j.group(in.Destination), j.speak(r))
	p, err := answer(http.StatusCreated, out)
	p.Rev, p.At = placed[i].Rev, Base+"/ServiceRequest/"+out.ID
	return p, err
}

// draft is what the desk is asked for. The service has to be one that staff see today and that stands for the destination.
func (j *Journey) draft(in Referral) (referrals.Draft, error) {
	s, known := j.Directory().Find(in.Service)
	_, seen := s.Seen(directory.Look{Today: j.Now(), Mode: j.Mode, Audience: directory.Staff})
	if !known || !seen || !j.Loop.Desk.Book.Stands(s, in.Destination) {
		return referrals.Draft{}, Refused{{notServed, "ServiceRequest.performer[0]"}}
	}
	plan := j.Steps.Make(j.Bank.Assess(in.Answers))
	wants := consult.Finder{}.Wants(&plan, directory.Staff, j.Now())
	if wants.Nation == directory.UnknownNation {
		wants.Nation = j.Loop.Nation
	}
	return referrals.Draft{
		Plan: plan, Nation: wants.Nation, Age: wants.Age, Entries: in.Entries,
		Choices: []referrals.Choice{{Destination: in.Destination, Service: in.Service, Rule: s.Consent, Consent: in.Consent}},
	}, nil
}
