package refer

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/desk"
	"waypost/web/staff"
)

// enter takes a consultation in and shows what can be done about it.
func (j *Journey) enter(r *web.Request) (web.Page, error) {
	given, err := j.Consultation.Give(r, staff.FieldKind)
	if err != nil {
		return web.Page{}, err
	}
	s, err := j.begin(given.Answers)
	if err != nil {
		return web.Page{}, err
	}
	p := posted{state: s, lang: given.Language, member: r.Session().Actor.Member()}
	made := j.plan(s)
	switch {
	case !given.Whole:
		return j.stopped(r, p.lang, "refer.not-whole")
	case len(made.Assessment.Findings) == 0:
		return j.stopped(r, p.lang, "refer.nothing-found")
	}
	p.nation = consult.Finder{}.Wants(&made, directory.Staff, j.Now()).Nation
	if p.nation == directory.UnknownNation {
		p.nation = j.Nation
	}
	return j.placesPage(r, p, desk.Located{}, "")
}

// places looks again, for another area, or takes what was chosen along.
func (j *Journey) places(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	return j.look(r, p)
}

// look shows the services of the area that was typed. What was ticked stays ticked.
func (j *Journey) look(r *web.Request, p posted) (web.Page, error) {
	at := desk.Locate(j.Places, p.typed)
	if at.Nation != directory.UnknownNation {
		p.asked = at.Nation
	}
	notice := j.choose(&p)
	return j.placesPage(r, p, at, notice)
}

// choose makes picks of what was ticked. What stays chosen keeps what was decided about it.
func (j *Journey) choose(p *posted) (notice string) {
	was, made := p.picks, j.plan(p.state)
	age := consult.Finder{}.Wants(&made, directory.Staff, j.Now()).Age
	p.picks, p.nation = nil, p.asked
	for _, key := range p.chosen {
		one := pick{}
		one.Destination, one.Service, _ = strings.Cut(key, ".")
		if at := slices.IndexFunc(was, func(w pick) bool { return w.key() == key }); at >= 0 {
			one = was[at]
		}
		d, known := j.Desk.Book.Destination(one.Destination)
		_, there := j.service(one)
		twice := slices.ContainsFunc(p.picks, func(x pick) bool { return x.key() == key })
		if !known || !there || twice || d.Fits(p.nation, age) != nil || len(p.picks) == mostPicks {
			notice = "refer.left-out"
			continue
		}
		p.picks = append(p.picks, one)
	}
	return notice
}

type placesView struct {
	page
	Notice, Area, Place string
	Faults              []fault
	Nation              string
	Nations             []string
	Led, Others         []offerView
	Elsewhere           []string // pathways that are done on the spot
}

type offerView struct {
	ID       string
	Pathways []string
	Services []serviceView
	Gaps     []gapView
	Open     serviceView // no service named
}

type gapView struct{ Words, Need string }

type serviceView struct {
	Key, Name, For string
	On             bool
	Reasons        []string
	Sure, Date     string
	Hours          string
}

func (j *Journey) placesPage(r *web.Request, p posted, at desk.Located, notice string) (web.Page, error) {
	made := j.plan(p.state)
	led, others := j.offers(&made, p.state, at.Area)
	status := 200
	if len(p.faults) > 0 {
		status = 422
	}
	b, err := j.page(r, p)
	if err != nil {
		return web.Page{}, err
	}
	v := placesView{page: b, Notice: notice, Area: at.Notice, Place: at.Place, Faults: p.faults, Nation: p.nation.String(), Elsewhere: j.elsewhere(&made)}
	for _, n := range directory.AllNations.List() {
		v.Nations = append(v.Nations, n.String())
	}
	for _, o := range led {
		v.Led = append(v.Led, j.offerView(o, p, &made))
	}
	for _, o := range others {
		v.Others = append(v.Others, j.offerView(o, p, &made))
	}
	return j.show(status, p.lang, "places", v)
}

func (j *Journey) offerView(o offer, p posted, made *plan.Plan) offerView {
	on := func(x pick) bool {
		return slices.ContainsFunc(p.picks, func(was pick) bool { return was.key() == x.key() })
	}
	v := offerView{ID: o.Destination.ID, Pathways: o.Pathways}
	bare := pick{Destination: o.Destination.ID}
	v.Open = serviceView{Key: bare.key(), On: on(bare)}
	for _, m := range o.Matches {
		x := pick{Destination: o.Destination.ID, Service: m.Service.ID}
		v.Services = append(v.Services, j.serviceView(p.lang, x, m, on(x)))
	}
	for _, was := range p.picks { // chosen before, when another area was looked at
		if was.Destination != o.Destination.ID || was.Service == "" || slices.ContainsFunc(v.Services, func(s serviceView) bool { return s.Key == was.key() }) {
			continue
		}
		if s, ok := j.service(was); ok {
			v.Services = append(v.Services, serviceView{Key: was.key(), Name: s.Name, For: s.For, On: true, Hours: s.Hours.Text, Reasons: []string{j.kit.Text(p.lang, "refer.chosen-before")}})
		}
	}
	for _, g := range o.Gaps {
		if slices.Contains(made.Needs, g.Need) || len(o.Pathways) > 0 {
			v.Gaps = append(v.Gaps, gapView{gaps[g.Why], "need." + g.Need})
		}
	}
	if len(o.Matches) == 0 && len(v.Gaps) == 0 {
		v.Gaps = append(v.Gaps, gapView{"refer.gap.nothing", "referral.destination." + o.Destination.ID + ".name"})
	}
	return v
}

func (j *Journey) serviceView(lang string, x pick, m directory.Match, on bool) serviceView {
	v := serviceView{Key: x.key(), Name: m.Service.Name, For: m.Service.For, On: on, Hours: m.Service.Hours.Text}
	for _, reason := range m.Reasons {
		if reason.Code == directory.OpenNow && m.Service.Hours.Always {
			continue // it says so already
		}
		if s, ok := j.reason(lang, reason); ok {
			v.Reasons = append(v.Reasons, s)
		}
	}
	if m.Service.Prof == directory.ProfUnknown {
		v.Reasons = append(v.Reasons, j.kit.Text(lang, "refer.reason.not-said"))
	}
	v.Sure, v.Date = "confidence.rung", m.Since.Format("2 January 2006")
	switch m.Mark {
	case directory.NotRung:
		v.Sure = "confidence.not-rung"
	case directory.RungLongAgo:
		v.Sure = "confidence.rung-long-ago"
	}
	return v
}

// The words for the ids of some reasons, and for what is missing.
var (
	areas = map[string]string{
		"practice": "refer.reason.area-practice", "authority": "refer.reason.area-authority", "board": "refer.reason.area-board",
		"police": "refer.reason.area-police",
	}
	takes = map[string]string{
		string(directory.Refer): "refer.reason.takes-refer", string(directory.Advice): "refer.reason.takes-advice",
		string(directory.Both): "refer.reason.takes-both",
	}
	gaps = map[directory.GapCode]string{
		directory.NoLocalService: "refer.gap.no-local-national-shown", directory.NothingAtAll: "refer.gap.nothing",
		directory.AreaNotKnown: "refer.gap.area-not-known",
	}
)

// reason says why a service is listed. What is left out says nothing to somebody who refers.
func (j *Journey) reason(lang string, r directory.Reason) (string, bool) {
	text := func(id string, data ...any) string { return j.kit.Text(lang, id, data...) }
	nation := func() string { return text(consult.AnswerWords(consult.NationQuestion, r.ID)) }
	switch r.Code {
	case directory.ForNeed:
		return text("refer.reason.need", "Need", text("need."+r.ID)), true
	case directory.ForArea:
		return text(areas[r.ID]), true
	case directory.ForNation:
		return text("refer.reason.nation", "Nation", nation()), true
	case directory.WholeUK:
		return text("refer.reason.all-nations"), true
	case directory.ProfessionalRoute:
		return text(takes[r.ID]), true
	case directory.OnlyInNation:
		return text("listed.only-in-nation", "Nation", nation()), true
	case directory.NationNotStated, directory.PartOfNation:
		return text("listed." + string(r.Code)), true
	case directory.LimitedByAge:
		return text("listed.age-limit"), true
	case directory.LimitedBySex:
		return text("listed.only-" + r.ID), true
	case directory.GroupNotTold:
		return text("listed.group-not-told", "Group", text("who.group."+r.ID)), true
	case directory.NoLongerListed:
		return text("refer.reason.no-longer-listed"), true
	case directory.OpenNow:
		return text("listed.open-now"), true
	case directory.ClosedNow:
		return text("listed.closed-now"), true
	case directory.OpenAlways:
		return text("refer.reason.open-always"), true
	}
	return "", false
}
