package desk

import (
	"errors"
	"slices"
	"strconv"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

// doorRoutes are the pages of a service that has no organisation here. The link stands behind the # of the address and
// reaches no server by that; nothing is looked up before the code is sent with it. Link and code are fields of a form, each
// time, so no cookie is set and nothing has to be remembered.
func (j *Journey) doorRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: CollectPath, Policy: web.Open(), Handler: j.collectPage},
		{Method: "POST", Path: CollectPath, Policy: web.Open(), Handler: translated(j.collect)},
		{Method: "POST", Path: CollectPath + "/answer", Policy: web.Open(), Handler: translated(j.reply)},
	}
}

var replyFields = map[string]web.Kind{"link": web.Line, "code": web.Line, "event": web.One, "rev": web.One, "reason": web.One}

func (j *Journey) collectPage(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.collectWith(200, a.lang, "", "")
}

func (j *Journey) collectWith(status int, lang, token, notice string) (web.Page, error) {
	return j.page(status, lang, "collect", values{"Link": token, "Notice": notice})
}

// brought is what somebody holds who comes to the door.
func brought(a asked) (token string, code vault.Secret[string]) { return tokenOf(a), codeOf(a) }

// collect opens a link once; whoever comes again finds what was answered, and the answers that are left. A wrong, an
// expired and a foreign link, and a wrong code, are answered alike.
func (j *Journey) collect(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(pickUpFields))
	if err != nil {
		return web.Page{}, err
	}
	token, code := brought(a)
	got, err := j.Desk.Collect(r.Context(), token, code.Reveal())
	if err != nil {
		return j.shut(a, token, err)
	}
	return j.collected(200, a, got, "")
}

// reply takes an answer.
func (j *Journey) reply(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(replyFields))
	if err != nil {
		return web.Page{}, err
	}
	token, code := brought(a)
	event, _ := a.One("event")
	reason, _ := a.One("reason")
	got, err := j.Desk.Reply(r.Context(), token, code.Reveal(), revOf(a), referrals.Event(event), reason)
	if err == nil {
		return j.collected(200, a, got, "desk.collect.heard")
	}
	for _, w := range whyNot {
		if errors.Is(err, w.err) && got.Reference != "" && got.ID != "" {
			return j.collected(w.status, a, got, w.words)
		}
	}
	return j.shut(a, token, err)
}

// shut is the one page for whatever a link and a code do not open.
func (j *Journey) shut(a asked, token string, err error) (web.Page, error) {
	if !errors.Is(err, referrals.ErrNotFound) && !errors.Is(err, referrals.ErrCode) && !errors.Is(err, referrals.ErrConflict) {
		return web.Page{}, err
	}
	return j.collectWith(404, a.lang, token, "desk.pick-up.no-use")
}

func (j *Journey) collected(status int, a asked, got referrals.Collected, notice string) (web.Page, error) {
	v := values{}
	if got.First {
		v = j.packetValues(a.lang, got.Packet)
	}
	token, code := brought(a)
	v["First"], v["Reference"], v["State"], v["Expires"], v["Notice"] = got.First, got.Reference, said(handoverWords, got.State), j.when(got.Expires), notice
	v["Opened"], v["Outcome"] = j.when(got.Opened), ""
	if got.Outcome != "" {
		v["Outcome"] = said(reasonWords, got.Outcome)
	}
	v["Forms"] = doorAnswers(got, a)
	held, err := j.sets[a.lang].views.Fragment(a.lang, "held", map[string]string{"Link": token, "Code": code.Reveal()})
	if err != nil {
		return web.Page{}, err
	}
	v["Fields"] = held.HTML()
	return j.page(status, a.lang, "collected", v)
}

// doorAnswers are what a service may say now.
func doorAnswers(got referrals.Collected, a asked) []form {
	var all []form
	for _, l := range referrals.Events(got.State, true) {
		if slices.Contains(l.Who, people.PacketAnswer) {
			all = append(all, answerForm(l, CollectPath+"/answer", strconv.FormatInt(got.Rev, 10), a))
		}
	}
	return all
}
