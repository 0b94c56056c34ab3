package staff

import (
	"embed"
	"fmt"
	"time"

	"waypost/locales"
	"waypost/referrals/people"
	"waypost/web"
)

//go:embed templates/*.html
var templates embed.FS

type values = map[string]any

// set is what is needed to show the pages in one language.
type set struct {
	views  *web.Views
	shells map[string]*web.Shell // by the template of the page
	enrol  web.Fragment
}

// The titles of the windows. Who comes in through these pages is not to be told from a tab, so the first ones are neutral.
var titles = map[string]string{
	"sign-in": "page.neutral-title", "enrol": "page.neutral-title", "returned": "page.neutral-title", "onward": "page.neutral-title",
	"step-up": "step-up.heading", "again": "resume.heading", "foreign": "resume.heading", "wait": "resume.heading",
	"account": "account.heading", "people": "people.heading", "company": "company.heading", "link": "people.link-heading", "clients": "clients.heading",
}

func (j *Journey) render(tag string) (*set, error) {
	views, err := j.kit.Views(templates, nil, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("staff pages: %w", err)
	}
	s := &set{views: views, shells: map[string]*web.Shell{}}
	header, err := views.Fragment(tag, "header", nil)
	if err != nil {
		return nil, fmt.Errorf("staff pages: %w", err)
	}
	for page, title := range titles {
		spec := web.ShellSpec{Title: j.kit.Text(tag, title), Class: "staff", Header: header, Keys: true, Onward: page == "returned"}
		if s.shells[page], err = j.kit.Shell(tag, spec); err != nil {
			return nil, fmt.Errorf("staff pages: %w", err)
		}
	}
	s.enrol, err = views.Fragment(tag, "enrol", values{"Provider": j.Register.HasProvider(), "Languages": j.languages(), "Notice": ""})
	if err != nil {
		return nil, fmt.Errorf("staff pages: %w", err)
	}
	return s, nil
}

// languages are those to choose from, none where there is no choice.
func (j *Journey) languages() []locales.Language {
	if all := j.Words.Languages(); len(all) > 1 {
		return all
	}
	return nil
}

// tag is the language to answer in: what the form or the address asks for, else the browser's.
func (j *Journey) tag(r *web.Request, asked string) string {
	if asked == "" && r.Method() == "GET" {
		if q, _, err := r.Query(func(name string) web.Kind {
			if name == "l" {
				return web.One
			}
			return web.Refused
		}); err == nil {
			asked, _ = q.One("l")
		}
	}
	return r.Language(asked).Tag
}

// to goes on to another page of ours, in the same language.
func (j *Journey) to(r *web.Request, path, tag string) web.Page {
	if r.Language("").Tag != tag {
		path += "?l=" + tag
	}
	return web.Page{To: path}
}

// page renders one template for this request.
func (j *Journey) page(status int, tag, name string, v values) (web.Page, error) {
	s := j.sets[tag]
	body, err := s.views.Fragment(tag, name, v)
	if err != nil {
		return web.Page{}, fmt.Errorf("staff page: %w", err)
	}
	return web.Page{Status: status, Shell: s.shells[name], Body: []web.Fragment{body}, Pad: true}, nil
}

// shownOr is for pages that stand in the place of an error: should they fail, the answer is a bare 500.
func shownOr(p web.Page, err error) web.Page {
	if err != nil {
		return web.Page{Status: 500}
	}
	return p
}

// ours are the fields that every form of a signed-in page has.
type ours struct{ Token, Member string }

func (j *Journey) oursOf(s people.Session) ours {
	return ours{s.Token(), j.memberOf(s.Actor.Member())}
}

// Fields are the hidden fields that a signed-in form of another journey needs: the session's token, and whose form it is.
func (j *Journey) Fields(tag string, s people.Session) (web.Fragment, error) {
	return j.sets[tag].views.Fragment(tag, "fields", j.oursOf(s))
}

// FieldKind is what those fields hold, for the form of the other journey; any other name is web.Refused.
func FieldKind(name string) web.Kind {
	switch name {
	case fieldToken:
		return web.Sealed
	case fieldMember:
		return web.Token
	case fieldLanguage:
		return web.One
	}
	return web.Refused
}

// Bar is what a signed-in page begins with: who is signed in, the button that signs out, and the warning before the
// session ends, which the script shows. A page with it asks for ShellSpec.Keys.
func (j *Journey) Bar(tag string, s people.Session) (web.Fragment, error) {
	return j.sets[tag].views.Fragment(tag, "bar", j.bar(s))
}

type bar struct {
	Ours      ours
	Member    string
	Name      string
	Warn, End int
}

func (j *Journey) bar(s people.Session) bar {
	return bar{j.oursOf(s), s.Actor.Member(), s.Name.Reveal(), j.secondsTo(s.WarnAt), j.secondsTo(s.EndsAt)}
}

func (j *Journey) secondsTo(t time.Time) int { return max(0, int(t.Sub(j.Now())/time.Second)) }

// within shows a page of somebody who is signed in.
func (j *Journey) within(status int, tag, name string, s people.Session, v values) (web.Page, error) {
	b := j.bar(s)
	v["Bar"], v["Ours"] = b, b.Ours
	return j.page(status, tag, name, v)
}

func when(t time.Time) values {
	t = t.UTC()
	return values{"Machine": t.Format(time.RFC3339), "Human": t.Format("2 January 2006, 15:04") + " UTC"}
}
