// Package agent is the page that a support agent of an implant company keeps open during a call, at /agent/<partner>: what to
// ask first, what to say and never to say, whom to hand over to, and what to do afterwards. Beside it stands the kit from
// which a company takes the one address that is the same for everybody.
//
// It asks for nothing, takes no typed word, keeps nothing, needs no sign-in and sets no cookie: the buttons only turn the
// pages of a script. It refuses to tell who is a partner: who is not live, not known or past a review leads to the first
// page of all, which helps anybody. What is said is content that no company can change (docs/decisions/0014).
package agent

import (
	"net/http"
	"slices"
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/web"
)

// Journey is the pages for support agents.
type Journey struct {
	Partners  *partners.List
	Script    *script.Script
	Words     *locales.Catalogue
	Directory *directory.Directory
	Mode      directory.Mode
	Forms     *vault.Forms
	Nation    directory.Nation // for which this service is; unknown: for all four
	PublicURL string           // the address of the first page, scheme://host
	Now       func() time.Time

	kit    *web.Kit
	views  *web.Views
	shells map[string]shells
	card   web.Fragment // the code of the address
}

// shells surround the pages of one language: on the screen, and with a sheet for the printer.
type shells struct{ screen, paper *web.Shell }

// Routes gives the page of each partner and its kit.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	j.kit = k
	if err := j.build(); err != nil {
		return nil, err
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/agent/:partner", Policy: web.Safety(), Handler: j.first},
		{Method: http.MethodPost, Path: "/agent/:partner", Policy: web.Open(), Handler: j.step},
		{Method: http.MethodGet, Path: "/agent/:partner/kit", Policy: web.Open(), Handler: j.linkKit},
		{Method: http.MethodGet, Path: "/agent/:partner/card", Policy: web.Open(), Handler: j.scanCard},
	}, nil
}

// nowhere is where every address leads that is none: the help finder, in the language that was chosen, with not a word about
// why.
func (j *Journey) nowhere(chosen string) web.Page {
	if _, offered := j.Words.Language(chosen); !offered {
		return web.Page{To: "/"}
	}
	return web.Page{To: "/?l=" + chosen}
}

// chosen is the language that an address asks for; empty: none. Nothing else of an address is read.
func chosen(r *web.Request) string {
	q, _, err := r.Query(func(name string) web.Kind {
		if name == "l" {
			return web.One
		}
		return web.Refused
	})
	if err != nil {
		return ""
	}
	lang, _ := q.One("l")
	return lang
}

// partner is the live partner of the address.
func (j *Journey) partner(r *web.Request) (partners.Partner, bool) {
	return j.Partners.Live(r.Param("partner"), j.Nation, j.Now())
}

func (j *Journey) first(r *web.Request) (web.Page, error) {
	p, live := j.partner(r)
	if !live {
		return j.nowhere(chosen(r)), nil
	}
	return j.show(r, posted{partner: p, lang: j.language(r, p, chosen(r))})
}

// step takes the button that was pressed and shows what follows.
func (j *Journey) step(r *web.Request) (web.Page, error) {
	p, live := j.partner(r)
	if !live {
		return j.nowhere(spoken(r)), nil
	}
	return j.show(r, j.read(r, p))
}

// language is the one to answer in: one of the partner's that is on offer, else English.
func (j *Journey) language(r *web.Request, p partners.Partner, asked string) string {
	for _, l := range []string{asked, r.Language("").Tag} {
		if _, offered := j.Words.Language(l); offered && slices.Contains(p.Languages, l) {
			return l
		}
	}
	return locales.Source
}
