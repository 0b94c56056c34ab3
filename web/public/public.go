// Package public is the journey of anybody who comes to the first page: a worried person, a relative, a worker. A few short
// questions, one at a time, then at most five lines, each with one thing to do and one number.
//
// It leaves as little behind as a browser allows: one address that posts to itself, answers sealed in the form, fields with
// names that tell nothing, no cookie before leaving, no storage, one size on the wire (docs/decisions/0010). The first view
// names nothing that betrays the topic.
//
// It refuses to keep or count anything, to ask who did it, to say what is true, to take a word typed, and to answer a
// garbled request with more than the calm page from which one starts again. What is asked and what follows is content.
package public

import (
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/partners/script"
	"waypost/screening/guide"
	"waypost/web"
)

// Journey is the public journey.
type Journey struct {
	Guide     *guide.Guide
	Words     *locales.Catalogue
	Directory *directory.Directory
	Mode      directory.Mode
	Forms     *vault.Forms
	Law       *script.Law // about a chip in another person
	Now       func() time.Time

	kit    *web.Kit
	views  *web.Views
	shells map[string]shells
}

// shells surround the pages of one language: on the screen, and with a sheet for the printer.
type shells struct{ screen, paper *web.Shell }

// Routes gives the one address.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	j.kit = k
	if err := j.build(); err != nil {
		return nil, err
	}
	return []web.Route{
		{Method: "GET", Path: "/", Policy: web.Safety(), Handler: j.arrive},
		{Method: "POST", Path: "/", Policy: web.Open(), Handler: j.step},
	}, nil
}

// arrive shows the first view. An address that was handed out may hold a hint and a language; both are dropped at once.
func (j *Journey) arrive(r *web.Request) (web.Page, error) {
	if r.Left() {
		return web.Page{To: "/x"}, nil
	}
	var letter, lang string
	if q, _, err := r.Query(queryKind); err == nil {
		letter, _ = q.One("x")
		lang, _ = q.One("l")
	}
	return j.show(r, posted{lang: r.Language(lang).Tag, verb: verbStay, walk: j.Guide.Start(letter)})
}

// step takes what a form says and shows what follows. A person who has left sees nothing of ours, whatever is posted again.
func (j *Journey) step(r *web.Request) (web.Page, error) {
	if r.Left() {
		return web.Page{To: "/x"}, nil
	}
	p := j.read(r)
	if p.verb != verbNext {
		p.walk = j.Guide.Tick(p.walk, p.chosen)
	}
	switch p.verb {
	case verbNext:
		var ok bool
		p.walk, ok = j.Guide.Answer(p.walk, p.chosen)
		p.silent = !ok
	case verbBack:
		p.walk = j.Guide.StepBack(p.walk)
	}
	return j.show(r, p)
}
