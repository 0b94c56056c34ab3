package agent

import (
	"embed"
	"fmt"
	"html/template"
	"slices"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/web"
)

//go:embed templates/*.html
var templates embed.FS

// build parses the templates and renders what surrounds the pages.
func (j *Journey) build() error {
	var err error
	if j.views, err = j.kit.Views(templates, j.functions(), "templates/*.html"); err != nil {
		return err
	}
	if j.emergency() == "" {
		return fmt.Errorf("%w: the directory has no emergency number", web.ErrConfig)
	}
	if j.card, err = j.code(); err != nil {
		return err
	}
	j.shells = map[string]shells{}
	for _, l := range j.Words.Languages() {
		header, err := j.views.Fragment(l.Tag, "header", j.emergency())
		if err != nil {
			return err
		}
		footer, err := j.views.Fragment(l.Tag, "footer", nil)
		if err != nil {
			return err
		}
		spec := web.ShellSpec{Title: j.kit.Text(l.Tag, "agent.page.title"), Class: "staff agent", Exit: true, Header: header, Footer: footer}
		var s shells
		if s.screen, err = j.kit.Shell(l.Tag, spec); err != nil {
			return err
		}
		spec.Class += " print-plan"
		if s.paper, err = j.kit.Shell(l.Tag, spec); err != nil {
			return err
		}
		j.shells[l.Tag] = s
	}
	return nil
}

// emergency is the number that stands at the top of every page.
func (j *Journey) emergency() string {
	for _, n := range j.numbers(directory.Emergency, directory.UnknownNation) {
		return n.Text
	}
	return ""
}

// view is what the templates show. They choose nothing.
type view struct {
	Path         string
	Sealed, Fill string
	Emergency    string
	Partner      partners.Partner
	Step         step
	Back, Last   bool
	Heard        bool // somebody can hear or see: nothing is sent
	Urgent       []step
	Hard         []moment
	Sheet        []step // the whole script, for paper
	Languages    []tongue
	Host         string
	Letter       string   // what may stand behind the address; empty: nothing
	Nations      []string // ids: where the partner has customers
}

// step is one step of the script as it is shown.
type step struct {
	ID, Heading    string
	Say, Do, Never []string
	Urgent         bool
	Choices        []choice
	Hands          []hand
	Why            string
	Law            []point
	LawStale       bool
	Facts, Address bool
	Lead, Legal    bool // which parts of the partner's own entry stand here
	Products       bool
	Hours          bool
}

type choice struct{ Code, Words string }

// moment is a hard moment: the ids of what is heard and of the line for it.
type moment struct{ Heard, Line string }

// point is one thing about the law, with the nations where it holds; none: in all four.
type point struct {
	Words   string
	Nations []string
}

type tongue struct{ Tag, Name, Dir string }

// show puts the page together: the whole of it, or the step alone where the page's script asks for it.
func (j *Journey) show(r *web.Request, p posted) (web.Page, error) {
	at := j.Script.At(p.walk)
	v := view{
		Path: "/agent/" + p.partner.Slug, Emergency: j.emergency(), Partner: p.partner, Step: j.stepView(&j.Script.Steps[at]),
		Back: p.walk.Begun(), Last: j.Script.Last(at), Heard: j.Script.Pressed(p.walk, "talk", "heard") || j.Script.Pressed(p.walk, "talk", "cannot"),
		Host: j.host(),
	}
	if v.Step.Address && !v.Heard {
		v.Letter = p.partner.Letter(j.Script.Entry(p.walk))
	}
	for _, n := range p.partner.Nations.List() {
		v.Nations = append(v.Nations, nationWords(n))
	}
	for _, h := range j.Script.Hard {
		words := script.HardWords(h)
		v.Hard = append(v.Hard, moment{words[0], words[1]})
	}
	for _, u := range j.Script.Urgent() {
		if !v.Step.Urgent {
			v.Urgent = append(v.Urgent, j.stepView(u))
		}
	}
	if p.walk.Begun() {
		sealed, err := j.seal(p.walk)
		if err != nil {
			return web.Page{}, err
		}
		fill, err := j.seal(script.Walk{})
		if err != nil {
			return web.Page{}, err
		}
		v.Sealed, v.Fill = sealed, fill
	}
	v.Languages = j.tongues(p)
	name := "call"
	if p.paper {
		name = "paper"
		for i := range j.Script.Steps {
			v.Sheet = append(v.Sheet, j.stepView(&j.Script.Steps[i]))
		}
	}
	body, err := j.views.Fragment(p.lang, name, v)
	if err != nil {
		return web.Page{}, err
	}
	page := web.Page{Body: []web.Fragment{body}, Pad: true}
	if r.Fragment() == "" {
		page.Shell = j.shells[p.lang].screen
		if p.paper {
			page.Shell = j.shells[p.lang].paper
		}
	}
	return page, nil
}

func (j *Journey) tongues(p posted) []tongue {
	var out []tongue
	for _, tag := range p.partner.Languages {
		if l, offered := j.Words.Language(tag); offered && tag != p.lang {
			out = append(out, tongue{l.Tag, l.Name, l.Dir})
		}
	}
	return out
}

func (j *Journey) stepView(s *script.Step) step {
	v := step{
		ID: s.ID, Heading: script.HeadingWords(s.ID), Say: s.SayWords(), Do: s.DoWords(), Never: s.NeverWords(), Urgent: s.Urgent,
		Hands: j.hands(s.Hands), Facts: s.Facts, Address: s.Address,
		Lead: slices.Contains(s.Company, script.Lead), Legal: slices.Contains(s.Company, script.Legal),
		Products: slices.Contains(s.Company, script.Products), Hours: slices.Contains(s.Company, script.Hours),
	}
	for i, c := range s.Choices {
		v.Choices = append(v.Choices, choice{codes[i : i+1], s.ChoiceWords(c.ID)})
	}
	if s.Why != "" {
		v.Why = script.WhyWords(s.Why)
	}
	if s.Law {
		points, fresh := j.Script.Law.For(s.ID, j.Now())
		v.LawStale = !fresh
		for _, p := range points {
			x := point{Words: script.LawWords(p.ID)}
			for _, n := range p.Nations.List() {
				if p.Nations == directory.AllNations {
					break
				}
				x.Nations = append(x.Nations, nationWords(n))
			}
			v.Law = append(v.Law, x)
		}
	}
	return v
}

func nationWords(n directory.Nation) string { return "public.answer.nation." + n.String() }

// functions are what the templates know beside words.
func (j *Journey) functions() template.FuncMap {
	return template.FuncMap{
		"args":     func(s step, v view) shown { return shown{s, v} },
		"day":      partners.DayWords,
		"material": partners.MaterialWords,
		"kind":     partners.KindWords,
		"lawRead":  func() string { return j.Script.Law.ReadOn.Format(time.DateOnly) },
		"lawAgain": func() string { return j.Script.Law.Again.Format(time.DateOnly) },
	}
}

// shown is a step with the page around it.
type shown struct {
	Step step
	Page view
}
