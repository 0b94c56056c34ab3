package desk

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

const asksPath = "/desk/asks"

// askRoutes are the pages of what takes two people: to ask for a copy of a case or for its end, to look through it as the
// second person, and to open the copy, once.
func (j *Journey) askRoutes() []web.Route {
	in := room{j, CasePath, people.CaseRead}
	one := asksPath + "/:id"
	return []web.Route{
		j.on("GET", CasePath+":ref/ask", people.CaseRead, in.askPage),
		j.on("POST", CasePath+":ref/ask/copy", people.Export, in.ask(referrals.Export)),
		j.on("POST", CasePath+":ref/ask/erase", people.Erase, in.ask(referrals.Erase)),
		j.on("GET", asksPath, people.CaseRead, j.asks),
		j.on("GET", one, people.CaseRead, j.asked),
		j.on("POST", one+"/take-back", people.CaseRead, j.takeBack),
		j.on("POST", one+"/look", people.Release, j.weigh),
		j.on("POST", one+"/release", people.Release, j.release),
		j.on("POST", one+"/deny", people.Release, j.deny),
		j.on("POST", one+"/open", people.Export, j.openCopy),
	}
}

// The words of a grave act, and of where it stands.
var (
	graveWords = map[referrals.Grave]string{referrals.Export: "desk.ask.copy", referrals.Erase: "desk.ask.erase"}
	askWords   = map[referrals.State]string{
		referrals.Awaiting: "desk.ask.awaiting", referrals.Released: "desk.ask.released", referrals.Denied: "desk.ask.denied",
	}
)

func askReason(what referrals.Grave, code string) string {
	return "referral." + string(what) + ".reason." + code
}

func (in room) askPage(r *web.Request) (web.Page, error) {
	a, err := in.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return in.askWith(r, 200, a, "")
}

// askWith is the page to ask on. Where nobody else here could answer, it says so and has no form.
func (in room) askWith(r *web.Request, status int, a asked, notice string) (web.Page, error) {
	s := r.Session()
	c, err := in.Desk.Read(r.Context(), s.Actor, r.Param("ref"))
	if err != nil {
		return web.Page{}, err
	}
	members, err := in.Register.Members(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	reasons := func(what referrals.Grave) []option {
		all := []option{}
		for _, code := range in.Desk.Care(what).Reasons {
			all = append(all, option{code, askReason(what, code), a.typed.Get("reason") == code})
		}
		return all
	}
	return in.within(s, status, a.lang, "ask", values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "Notice": notice, "Contact": in.contact(c), "Alone": !somebodyElse(s, c, members),
		"Held": c.Held(), "Expires": in.when(c.Expires), "Copy": reasons(referrals.Export), "Erase": reasons(referrals.Erase),
	})
}

// somebodyElse says whether another lead can answer what the member asks about a case.
func somebodyElse(s people.Session, c referrals.Case, members []people.Member) bool {
	return slices.ContainsFunc(members, func(m people.Member) bool {
		return m.Active && m.Enrolled() && m.ID != s.Actor.Member() && slices.Contains(m.Roles, people.Lead) && !slices.Contains(c.Excluded, m.ID)
	})
}

func (in room) ask(what referrals.Grave) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		a, err := in.read(r, kinds(map[string]web.Kind{"reason": web.One}))
		if err != nil {
			return web.Page{}, err
		}
		reason, _ := a.One("reason")
		ask, err := in.Desk.Ask(r.Context(), r.Session().Actor, what, r.Param("ref"), reason)
		switch {
		case err == nil:
			return in.to(r, asksPath+"/"+ask.ID, a.lang), nil
		case errors.Is(err, referrals.ErrReason):
			return in.askWith(r, 422, a, "desk.fault.reason")
		case errors.Is(err, referrals.ErrHeld):
			return in.askWith(r, 409, a, "desk.ask.is-held")
		case errors.Is(err, referrals.ErrConflict):
			return in.askWith(r, 409, a, "desk.ask.waits-already")
		}
		return web.Page{}, err
	}
}

// asking is one ask in a list: no person.
type asking struct {
	Path, Short, What, State string
	Mine                     bool
	Ends                     *moment
}

func (j *Journey) askingOf(s people.Session, one referrals.Ask) asking {
	return asking{asksPath + "/" + one.ID, short(one.Case), said(graveWords, one.What), said(askWords, one.State), one.By == s.Actor.Member(), j.when(one.Ends)}
}

func (j *Journey) asks(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(queueFields))
	if err != nil {
		return web.Page{}, err
	}
	all, next, err := j.Desk.Asks(r.Context(), r.Session().Actor, cursorOf(a), perPage)
	if err != nil {
		return web.Page{}, err
	}
	list := []asking{}
	for _, one := range all {
		list = append(list, j.askingOf(r.Session(), one))
	}
	return j.within(r.Session(), 200, a.lang, "asks", values{"List": list, "Next": nextOf(a, next)})
}

func (j *Journey) asked(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.askedWith(r, 200, a, "")
}

// askedWith is one ask as it stands, with what whoever looks may do about it. Who asked, and who answered, is on the page that
// says who looked.
func (j *Journey) askedWith(r *web.Request, status int, a asked, notice string) (web.Page, error) {
	s := r.Session()
	one, err := j.Desk.Asked(r.Context(), s.Actor, r.Param("id"))
	if err != nil {
		return web.Page{}, err
	}
	v := values{
		"One": j.askingOf(s, one), "Notice": notice, "Case": CasePath + one.Case, "Reason": askReason(one.What, one.Reason), "At": j.when(one.At), "Why": "",
		"Answers": one.State == referrals.Awaiting && one.By != s.Actor.Member(), "Opens": one.State == referrals.Released && one.By == s.Actor.Member(),
		"TakesBack": one.State != referrals.Denied && one.By == s.Actor.Member(),
	}
	if one.Why != "" {
		v["Why"] = "referral." + string(one.What) + ".refusal." + one.Why
	}
	return j.within(s, status, a.lang, "asked", v)
}

func (j *Journey) takeBack(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	if err := j.Desk.TakeBack(r.Context(), r.Session().Actor, r.Param("id")); err != nil {
		return j.notWeighed(r, a, err)
	}
	return j.to(r, asksPath, a.lang), nil
}

// openCopy shows the copy, this once.
func (j *Journey) openCopy(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	c, err := j.Desk.OpenCopy(r.Context(), r.Session().Actor, r.Param("id"))
	switch {
	case errors.Is(err, referrals.ErrState):
		return j.askedWith(r, 409, a, "desk.ask.not-open")
	case errors.Is(err, referrals.ErrConflict):
		return j.askedWith(r, 409, a, "desk.ask.changed-since")
	case err != nil:
		return web.Page{}, err
	}
	text, err := c.JSON()
	if err != nil {
		return web.Page{}, err
	}
	made, parts := j.day(c.Made), j.copied(c.Parts, nil)
	return j.within(r.Session(), 200, a.lang, "copy", values{
		"Made": made, "Opened": j.day(c.Opened), "Parts": parts, "Plain": j.plainCopy(a.lang, made, parts), "JSON": string(text), "Case": CasePath + c.Case,
	})
}

// plainCopy is what the page of a copy says, as text.
func (j *Journey) plainCopy(lang string, made *moment, parts []copyPart) string {
	words := j.Words.In(lang, nil)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s\n\n%s\n", words.Text("desk.copy.heading"), words.Text("referral.packet.made"), made.Human, words.Text("desk.copy.about"))
	for _, part := range parts {
		fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(words.Text(part.Words)))
		for _, l := range part.Lines {
			b.WriteString("- ")
			if l.At != nil {
				b.WriteString(l.At.Human + ": ")
			}
			if l.Field != "" && l.Row > 0 {
				fmt.Fprintf(&b, "%d. ", l.Row)
			}
			if l.Field != "" {
				b.WriteString(words.Text(l.Field) + ": ")
			}
			said := []string{}
			if l.Say != "" {
				said = append(said, words.Text(l.Say))
			}
			if l.Text != "" {
				said = append(said, l.Text)
			}
			b.WriteString(strings.Join(said, ", ") + "\n")
		}
	}
	fmt.Fprintf(&b, "\n%s\n", words.Text("desk.copy.who-looked"))
	return b.String()
}

// copied is one line of a copy, for the page and for the form of the second person.
type copied struct {
	ID, Class string
	At        *moment
	On        bool
	told
}

// copyPart is a heading with lines of a copy below it.
type copyPart struct {
	Words string
	Lines []copied
}

func (j *Journey) copied(parts []referrals.Part, on func(id string) bool) []copyPart {
	all := []copyPart{}
	for _, p := range parts {
		one := copied{ID: p.ID, Class: "referral.class." + string(p.Class), At: j.day(p.At), On: on != nil && on(p.ID), told: told{Text: p.Value.Reveal()}}
		words := "referral." + p.Field
		switch p.Field {
		case "case.found":
			one.Say = "finding." + p.Code + ".title"
		case "case.told":
			one.Say, one.Text = destinationWords(p.Code), j.service(p.Value.Reveal())
		case "case.steps":
			one.Say = said(eventWords, referrals.Event(p.Code))
		case "case.notes":
		default:
			one.told, words = j.told(p.Field, p.Row, p.Value.Reveal()), "referral.part."+topicOf(p.Field)
		}
		if len(all) == 0 || all[len(all)-1].Words != words {
			all = append(all, copyPart{Words: words})
		}
		all[len(all)-1].Lines = append(all[len(all)-1].Lines, one)
	}
	return all
}

func revText(rev int64) string { return strconv.FormatInt(rev, 10) }
