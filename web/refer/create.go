package refer

import (
	"errors"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/desk"
)

// create makes the case, once for each form however often it is sent, and shows what rests: never what was sent.
func (j *Journey) create(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	if p.made { // back from a copy
		c, err := j.Desk.Read(r.Context(), r.Session().Actor, p.reference())
		if err != nil {
			return web.Page{}, told(err)
		}
		return j.donePage(r, p, c, "")
	}
	if len(p.picks) == 0 {
		return j.placesPage(r, p, desk.Located{}, "")
	}
	if j.judge(&p); len(p.faults) > 0 {
		return j.aboutPage(r, p)
	}
	once, err := j.once(p.state)
	if err != nil {
		return web.Page{}, err
	}
	draft := j.draft(p.state)
	c, _, err := once.Refer(r.Context(), r.Session().Actor, draft)
	notice := ""
	if errors.Is(err, referrals.ErrConflict) || errors.Is(err, records.ErrRepeated) || errors.Is(err, records.ErrDuplicate) {
		if c, err = j.Desk.Read(r.Context(), r.Session().Actor, p.reference()); err == nil && !j.same(c, draft) {
			notice = "refer.done.was-referred"
		}
	}
	if err != nil {
		return web.Page{}, told(err)
	}
	return j.donePage(r, p, c, notice)
}

// same says whether a case is what the form says.
func (j *Journey) same(c referrals.Case, d referrals.Draft) bool {
	var shared []string
	if !slices.Equal(slices.Sorted(slices.Values(c.Excluded)), slices.Sorted(slices.Values(d.Exclude))) {
		return false
	}
	if len(c.Handovers) != len(d.Choices) {
		return false
	}
	for i, h := range c.Handovers {
		x := d.Choices[i]
		if h.Destination != x.Destination || h.Service != x.Service || h.Consent.Decision != x.Consent.Decision || h.Consent.Ground != x.Consent.Ground ||
			h.Consent.Words.Reveal() != x.Consent.Words.Reveal() {
			return false
		}
		if h.State != referrals.Withheld {
			shared = append(shared, h.Destination)
		}
	}
	full, _ := j.Desk.Book.Fill(d.Entries)
	return slices.EqualFunc(c.Dossier.Entries(), j.Desk.Book.Minimise(full, shared).Entries(), func(a, b packet.Entry) bool {
		return a.Field == b.Field && a.Row == b.Row && a.Value.Reveal() == b.Value.Reveal()
	})
}

type doneView struct {
	page
	Notice, Reference  string
	Case               string // its page
	Due                when
	Handovers          []handoverView
	Sensitive, Neutral string
}

type handoverView struct {
	Destination, Service, Reference string
	Withheld, Leaks                 bool
}

type when struct{ Machine, Human string }

func at(t time.Time) when {
	t = t.UTC()
	return when{t.Format(time.RFC3339), t.Format("2 January 2006, 15:04") + " UTC"}
}

func (j *Journey) donePage(r *web.Request, p posted, c referrals.Case, notice string) (web.Page, error) {
	p.state = p.afterwards()
	b, err := j.page(r, p)
	if err != nil {
		return web.Page{}, err
	}
	v := doneView{page: b, Notice: notice, Reference: c.Reference, Case: desk.OwnPath + c.Reference, Due: at(c.Due)}
	if a := r.Session().Actor; people.May(a, people.CaseRead, a.Organisation()) == nil {
		v.Case = desk.CasePath + c.Reference
	}
	for _, h := range c.Handovers {
		d, _ := j.Desk.Book.Destination(h.Destination)
		service, _ := j.service(pick{Destination: h.Destination, Service: h.Service})
		v.Handovers = append(v.Handovers, handoverView{h.Destination, service.Name, h.Reference, h.State == referrals.Withheld, d.Leaks})
	}
	sheet := consult.NewSheet(j.plan(p.state), j.Words.In(p.lang, nil), consult.Finder{Directory: j.Directory(), Mode: j.Mode}, consult.FaceToFace, j.Now())
	v.Sensitive, v.Neutral = sheet.Record()
	return j.show(200, p.lang, "done", v)
}
