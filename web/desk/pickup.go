package desk

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
)

// pickUpRoutes are the pages of a service. The first may be opened by anybody who has the link, which stands behind the # of
// the address and reaches no server by that; nothing of it is looked up before somebody is signed in and says the code.
func (j *Journey) pickUpRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: PickUpPath, Policy: web.Open(), Handler: j.pickUpPage},
		{Method: "POST", Path: PickUpPath, Policy: j.Staff.Into(people.PacketRead), Handler: j.Staff.Keeping(translated(j.code))},
		j.on("POST", PickUpPath+"/packet", people.PacketRead, j.redeem),
		j.on("GET", InboxPath, people.PacketRead, j.inbox),
		j.on("GET", InboxPath+"/:id", people.PacketRead, j.received),
		j.on("POST", InboxPath+"/:id/answer", people.PacketAnswer, j.answer),
	}
}

// address is the link as it is given to a service.
func (j *Journey) address(l referrals.Link) string {
	return strings.TrimSuffix(j.PublicURL, "/") + PathOf(l) + "#" + l.Token.Reveal()
}

// PathOf is the page at which a link opens.
func PathOf(l referrals.Link) string {
	if l.AtDoor {
		return CollectPath
	}
	return PickUpPath
}

var pickUpFields = map[string]web.Kind{"link": web.Line, "code": web.Line}

// tokenOf takes the token out of what was put in: the whole link, or what stands behind its #.
func tokenOf(a asked) string {
	link, _ := a.One("link")
	token := strings.TrimSpace(link[strings.LastIndexByte(link, '#')+1:])
	for i := 0; i < len(token); i++ {
		switch b := token[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_':
		default:
			return ""
		}
	}
	return token
}

// codeOf takes the code out of what was put in: people say and write it in groups.
func codeOf(a asked) vault.Secret[string] {
	spoken, _ := a.One("code")
	return vault.Keep(strings.Join(strings.Fields(spoken), ""))
}

func (j *Journey) pickUpPage(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.page(200, a.lang, "pick-up", values{})
}

// code asks for the spoken code. It looks nothing up, so it says the same of every link. Whoever is not signed in yet comes
// back here with the link after the sign-in.
func (j *Journey) code(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(pickUpFields))
	if err != nil {
		return web.Page{}, err
	}
	return j.codePage(r.Session(), 200, a.lang, tokenOf(a), "")
}

func (j *Journey) codePage(s people.Session, status int, lang, token, notice string) (web.Page, error) {
	return j.within(s, status, lang, "code", values{"Link": token, "Notice": notice})
}

// redeem opens a link once. A used, a wrong, an expired and a foreign one, and a wrong code, are answered alike.
func (j *Journey) redeem(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(pickUpFields))
	if err != nil {
		return web.Page{}, err
	}
	token := tokenOf(a)
	got, err := j.Desk.Redeem(r.Context(), r.Session().Actor, token, codeOf(a).Reveal())
	switch {
	case errors.Is(err, referrals.ErrNotFound), errors.Is(err, referrals.ErrCode), errors.Is(err, referrals.ErrConflict):
		return j.codePage(r.Session(), 404, a.lang, token, "desk.pick-up.no-use")
	case err != nil:
		return web.Page{}, err
	}
	return j.to(r, InboxPath+"/"+got.ID, a.lang), nil
}

// parcel is one packet in the list of a service: no person.
type parcel struct {
	Path, State  string
	Due, Expires *moment
}

func (j *Journey) inbox(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(queueFields))
	if err != nil {
		return web.Page{}, err
	}
	all, next, err := j.Desk.Inbox(r.Context(), r.Session().Actor, cursorOf(a), perPage)
	if err != nil {
		return web.Page{}, err
	}
	list := []parcel{}
	for _, p := range all {
		list = append(list, parcel{InboxPath + "/" + p.ID, said(handoverWords, p.State), j.when(p.Due), j.when(p.Expires)})
	}
	return j.within(r.Session(), 200, a.lang, "inbox", values{"List": list, "Next": nextOf(a, next)})
}

func (j *Journey) received(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	got, err := j.Desk.Received(r.Context(), r.Session().Actor, r.Param("id"))
	if err != nil {
		return web.Page{}, err
	}
	return j.receivedWith(r, 200, a, got, "")
}

func (j *Journey) receivedWith(r *web.Request, status int, a asked, got referrals.Received, notice string) (web.Page, error) {
	v := j.packetValues(a.lang, got.Packet)
	v["Path"], v["State"], v["Due"], v["Expires"], v["Notice"] = InboxPath+"/"+got.ID, said(handoverWords, got.State), j.when(got.Due), j.when(got.Expires), notice
	v["Outcome"], v["Forms"] = "", j.answers(r.Session(), got, a)
	if got.Outcome != "" {
		v["Outcome"] = said(reasonWords, got.Outcome)
	}
	return j.within(r.Session(), status, a.lang, "received", v)
}

// answers are what a service may say of a packet now.
func (j *Journey) answers(s people.Session, got referrals.Received, a asked) []form {
	var all []form
	for _, l := range referrals.Events(got.State, true) {
		if !mayAnswer(s, l) {
			continue
		}
		all = append(all, answerForm(l, InboxPath+"/"+got.ID+"/answer", strconv.FormatInt(got.Rev, 10), a))
	}
	return all
}

// answerForm is the form of one answer, with what was chosen in it before.
func answerForm(l referrals.Line, path, rev string, a asked) form {
	f := form{
		ID: string(l.Event), Path: path, Event: string(l.Event), Words: said(eventWords, l.Event),
		Effect: said(effectWords, l.Event), Rev: rev, Open: a.typed.Get("event") == string(l.Event),
	}
	for _, code := range l.Reasons {
		f.Reasons = append(f.Reasons, option{code, said(reasonWords, code), f.Open && a.typed.Get("reason") == code})
	}
	return f
}

func mayAnswer(s people.Session, l referrals.Line) bool {
	return slices.Contains(l.Who, people.PacketAnswer) && people.May(s.Actor, people.PacketAnswer, s.Actor.Organisation()) == nil
}

func (j *Journey) answer(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(decideFields))
	if err != nil {
		return web.Page{}, err
	}
	event, _ := a.One("event")
	reason, _ := a.One("reason")
	got, err := j.Desk.Answer(r.Context(), r.Session().Actor, r.Param("id"), revOf(a), referrals.Event(event), reason)
	if err == nil {
		return j.to(r, InboxPath+"/"+got.ID, a.lang), nil
	}
	for _, w := range whyNot {
		if errors.Is(err, w.err) && got.ID != "" {
			return j.receivedWith(r, w.status, a, got, w.words)
		}
	}
	return web.Page{}, err
}

// partsOf are the lines of a packet under their headings, in its own order: how not to make contact first.
func partsOf(p packet.Packet) []part {
	var all []part
	for _, l := range p.Lines {
		if words := "referral.part." + l.Part(); len(all) == 0 || all[len(all)-1].Words != words {
			all = append(all, part{Words: words})
		}
		all[len(all)-1].Lines = append(all[len(all)-1].Lines, toldOf(l))
	}
	return all
}
