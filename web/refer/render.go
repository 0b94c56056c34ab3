package refer

import (
	"errors"
	"fmt"
	"html/template"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/web"
)

// The pages and the titles of their windows.
var titles = map[string]string{
	"places": "refer.places.heading", "about": "refer.about.heading", "check": "refer.check.heading", "done": "refer.done.heading",
	"sheet": "refer.sheet.heading", "stopped": "refer.places.heading",
}

func (j *Journey) render(k *web.Kit) (err error) {
	j.kit = k
	if j.views, err = k.Views(templates, nil, "templates/*.html"); err != nil {
		return fmt.Errorf("referral pages: %w", err)
	}
	j.shells = map[string]*web.Shell{}
	for _, l := range j.Words.Languages() {
		header, err := j.views.Fragment(l.Tag, "header", nil)
		if err != nil {
			return fmt.Errorf("referral pages: %w", err)
		}
		for page, title := range titles {
			spec := web.ShellSpec{Title: k.Text(l.Tag, title), Class: "staff", Header: header, Keys: true, Cover: true}
			if page == "sheet" {
				spec.Class = "staff print-staff"
			}
			if j.shells[l.Tag+" "+page], err = k.Shell(l.Tag, spec); err != nil {
				return fmt.Errorf("referral pages: %w", err)
			}
		}
	}
	return nil
}

// page is what every page begins with: who is signed in, and the fields of its forms.
type page struct {
	Bar, Fields template.HTML
	Carried     string
}

func (j *Journey) page(r *web.Request, p posted) (page, error) {
	out, err := j.bare(r, p.lang)
	if err != nil {
		return page{}, err
	}
	out.Carried, err = j.seal(p.state, p.member)
	return out, err
}

func (j *Journey) bare(r *web.Request, lang string) (page, error) {
	bar, err := j.Gate.Bar(lang, r.Session())
	if err != nil {
		return page{}, err
	}
	fields, err := j.Gate.Fields(lang, r.Session())
	return page{Bar: bar.HTML(), Fields: fields.HTML()}, err
}

func (j *Journey) show(status int, lang, name string, v any) (web.Page, error) {
	body, err := j.views.Fragment(lang, name, v)
	if err != nil {
		return web.Page{}, fmt.Errorf("referral page: %w", err)
	}
	return web.Page{Status: status, Shell: j.shells[lang+" "+name], Body: []web.Fragment{body}, Pad: true}, nil
}

type stoppedView struct {
	page
	Words string
}

// stopped says why it does not go on, and leads back to the consultation.
func (j *Journey) stopped(r *web.Request, lang, words string) (web.Page, error) {
	b, err := j.bare(r, lang)
	if err != nil {
		return web.Page{}, err
	}
	return j.show(422, lang, "stopped", stoppedView{b, words})
}

// old is for a form that cannot be opened any more. Whatever else is wrong is not ours to explain.
func (j *Journey) old(r *web.Request, p posted, err error) (web.Page, error) {
	if !errors.Is(err, errOld) {
		return web.Page{}, err
	}
	if errors.Is(err, vault.ErrExpired) {
		return j.stopped(r, p.lang, "refer.expired")
	}
	return j.stopped(r, p.lang, "refer.foreign")
}

// told puts the words of the pages above an error of the desk: whoever is kept away from a case reads that there is none.
func told(err error) error {
	if errors.Is(err, referrals.ErrNotFound) {
		return fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	return err
}
