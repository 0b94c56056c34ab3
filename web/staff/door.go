package staff

import (
	"errors"

	"waypost/referrals/people"
	"waypost/web"
)

// door is what a page carries while somebody signs in or touches the key.
type door struct {
	lang    string
	notice  string   // id of the words that say why the page is here
	carried []string // what was typed, sealed for its member
	next    string   // the page that was asked for, sealed
	lost    bool     // what was typed is too long to be carried
}

// hidden is a field that a template writes.
type hidden struct{ Name, Value string }

func (d door) values() values {
	fields := []hidden{}
	for i, piece := range d.carried {
		fields = append(fields, hidden{carriedFields[i], piece})
	}
	if d.next != "" {
		fields = append(fields, hidden{fieldNext, d.next})
	}
	return values{"Hidden": fields, "Notice": d.notice, "Kept": len(d.carried) > 0, "Lost": d.lost}
}

func (j *Journey) signInDoor(status int, d door) web.Page {
	v := d.values()
	v["Provider"], v["Languages"] = j.Register.HasProvider(), j.languages()
	return shownOr(j.page(status, d.lang, "sign-in", v))
}

func (j *Journey) stepUpDoor(status int, s people.Session, d door) web.Page {
	v := d.values()
	v["Provider"] = j.Register.HasProvider()
	return shownOr(j.within(status, d.lang, "step-up", s, v))
}

func (j *Journey) waitDoor(d door) web.Page {
	return shownOr(j.page(503, d.lang, "wait", d.values()))
}

// again shows what was typed, ready to be sent once more with a token that counts.
func (j *Journey) again(status int, s people.Session, tag string, c carriedForm) web.Page {
	fields, words := []hidden{}, []hidden{}
	for _, t := range c.Typed {
		fields = append(fields, hidden{t[0], t[1]})
		if !c.Own || isWords(t[1]) {
			words = append(words, hidden{t[0], t[1]})
		}
	}
	return shownOr(j.within(status, tag, "again", s, values{"Path": c.Path, "Own": c.Own, "Hidden": fields, "Words": words}))
}

// isWords tells what a person typed from the ids and sealed values that a form carries.
func isWords(value string) bool {
	for i := 0; i < len(value); i++ {
		switch b := value[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
		default:
			return true
		}
	}
	return false
}

// doorOf reads what a page of ours carried.
func (j *Journey) doorOf(r *web.Request, more func(string) web.Kind) (web.Form, door, error) {
	f, _, err := r.Form(func(name string) web.Kind {
		switch name {
		case fieldNext, fieldCredential, fieldToken, carriedFields[0], carriedFields[1], carriedFields[2]:
			return web.Sealed
		case fieldLanguage:
			return web.One
		case fieldMember:
			return web.Token
		}
		if more != nil {
			return more(name)
		}
		return web.Refused
	})
	if err != nil {
		return f, door{}, err
	}
	asked, _ := f.One(fieldLanguage)
	d := door{lang: r.Language(asked).Tag}
	d.next, _ = f.One(fieldNext)
	for _, name := range carriedFields {
		piece, there := f.One(name)
		if !there || piece == "" {
			break
		}
		d.carried = append(d.carried, piece)
	}
	return f, d, nil
}

// onward goes where somebody wanted to go who is signed in now: what was typed, the page that was asked for, or the account.
func (j *Journey) onward(r *web.Request, s people.Session, d door) (web.Page, error) {
	if len(d.carried) > 0 {
		c, ok := j.open(d.carried, s.Actor.Member())
		if !ok {
			return j.within(200, d.lang, "foreign", s, values{})
		}
		return j.again(200, s, d.lang, c), nil
	}
	if path, ok := j.openNext(d.next); ok {
		return j.to(r, path, d.lang), nil
	}
	return j.to(r, AccountPath, d.lang), nil
}

// letIn gives the browser its session and goes on.
func (j *Journey) letIn(r *web.Request, in people.SignedIn, d door) (web.Page, error) {
	p := j.to(r, AccountPath, d.lang)
	if len(d.carried) > 0 || d.next != "" {
		s, err := j.Register.Resolve(r.Context(), in.Token.Reveal())
		if err != nil {
			return web.Page{}, err
		}
		if p, err = j.onward(r, s, d); err != nil {
			return web.Page{}, err
		}
	}
	return p.WithSession(in.Token), nil
}

// resume is for what was carried while somebody signed in on another page: in another window, by a provider.
func (j *Journey) resume(r *web.Request) (web.Page, error) {
	_, d, err := j.doorOf(r, nil)
	if err != nil {
		return web.Page{}, err
	}
	s, err := j.Register.Resolve(r.Context(), r.Cookie().Reveal())
	switch {
	case errors.Is(err, people.ErrNoSession):
		d.notice = "resume.not-yet"
		return j.signInDoor(401, d), nil
	case away(err):
		return j.waitDoor(d), nil
	case err != nil:
		return web.Page{}, err
	}
	return j.onward(r, s, d)
}
