package public

import (
	"embed"
	"fmt"
	"slices"

	"waypost/referrals/directory"
	"waypost/screening/guide"
	"waypost/web"
)

//go:embed templates/*.html
var templates embed.FS

// build parses the templates and renders what surrounds the pages.
func (j *Journey) build() error {
	var err error
	if j.views, err = j.kit.Views(templates, nil, "templates/*.html"); err != nil {
		return err
	}
	if err = j.lawful(); err != nil {
		return err
	}
	emergency := j.numberOf(directory.Emergency, directory.UnknownNation)
	if emergency == nil {
		return fmt.Errorf("%w: the directory has no emergency number", web.ErrConfig)
	}
	j.shells = map[string]shells{}
	for _, l := range j.Words.Languages() {
		header, err := j.views.Fragment(l.Tag, "header", emergency)
		if err != nil {
			return err
		}
		footer, err := j.views.Fragment(l.Tag, "footer", nil)
		if err != nil {
			return err
		}
		spec := web.ShellSpec{Title: j.kit.Text(l.Tag, "page.neutral-title"), Class: "public", Exit: true, Header: header, Footer: footer}
		var s shells
		if s.screen, err = j.kit.Shell(l.Tag, spec); err != nil {
			return err
		}
		spec.Class = "public print-plan"
		if s.paper, err = j.kit.Shell(l.Tag, spec); err != nil {
			return err
		}
		j.shells[l.Tag] = s
	}
	return nil
}

// view is what the templates show. They choose nothing.
type view struct {
	Sealed, Hint string
	Heading      string   // id
	Texts        []string // ids
	Ask          string   // id of the words of the question, where the heading is another
	About        string   // id of the words under it
	Answers      []choice
	Many, Silent bool
	Next, Leave  string // ids; empty: no such button
	Back, Help   bool
	Return       bool
	Entries      []entry
	Young        *number
	More         string // verb of the next page of the plan
	First        bool   // the first page of the plan
	Quiet        []group
	Sheet, Whole bool
	Keep         bool     // the sheet is the card on keeping evidence
	Drafts       []choice // the verbs of the drafts that may be made
	Draft        string   // plain text
	Rows         int
	Goes         []number // where a report like this goes
	Place        string   // likewise, where it is no telephone
	Request      string   // id of the words of the button to what is said to a request; empty: none
	Numbers      []number
	Law          []point
	LawStale     bool
	LawRead      string
	LawAgain     string
	Nation       string   // id: whose law it is
	Nations      []choice // the verbs by which to choose one
	Languages    []tongue
}

type choice struct {
	Code, Words string
	On          bool
}

type tongue struct{ Tag, Name, Dir string }

// group is one heading of the quiet copy with its numbers.
type group struct {
	Heading string
	Numbers []*number
}

// show puts the page together: the whole of it, or the step alone where the page's script asks for it.
func (j *Journey) show(r *web.Request, p posted) (web.Page, error) {
	v, name := j.view(p)
	if p.verb != verbClear && (p.walk.At > 0 || p.walk.Answers != guide.Answers{}) { // who goes back to the first view loses nothing
		sealed, err := j.seal(p.walk)
		if err != nil {
			return web.Page{}, err
		}
		v.Sealed = sealed
	} else if p.walk.Hint != 0 {
		v.Hint = string(rune(p.walk.Hint))
	}
	for _, l := range j.Words.Languages() {
		if l.Tag != p.lang {
			v.Languages = append(v.Languages, tongue{l.Tag, l.Name, l.Dir})
		}
	}
	body, err := j.views.Fragment(p.lang, name, v)
	if err != nil {
		return web.Page{}, err
	}
	page := web.Page{Body: []web.Fragment{body}, Pad: true}
	if r.Fragment() == "" {
		page.Shell = j.shells[p.lang].screen
		if v.Sheet {
			page.Shell = j.shells[p.lang].paper
		}
	}
	return page, nil
}

// view chooses the template and what it shows.
func (j *Journey) view(p posted) (v view, template string) {
	atPlan := j.Guide.Last(p.walk.At)
	switch {
	case p.verb == verbClear:
		return view{Heading: "public.bye.heading", Texts: []string{"public.bye.text-1", "public.bye.text-2", "public.bye.text-3"}, Next: "public.button.again", Leave: "public.button.leave-page"}, "text"
	case p.verb == verbHelp:
		return view{
			Heading: "public.panel-danger.heading", Texts: j.Guide.Screens[j.screen("panel-danger")].Texts(),
			Entries: j.entries(j.Guide.Help, p.walk.Answers), Return: true,
		}, "panel"
	case !atPlan:
		return j.screenView(p)
	case p.verb == verbWords:
		return view{Heading: "public.words.heading", Texts: []string{"public.words.text-1", "public.words.text-2", "public.words.text-3", "public.words.text-4"}, Return: true, Help: true}, "words"
	case p.verb == verbQuiet, p.verb == verbPrint:
		return view{Heading: "public.quiet.heading", Quiet: j.quiet(p.walk.Answers), Sheet: true, Return: true, Help: true}, "sheet"
	case p.verb == verbWhole:
		return view{Heading: "public.quiet.heading", Entries: j.entries(j.Guide.Plan(p.walk.Answers), p.walk.Answers), Sheet: true, Whole: true, Return: true, Help: true}, "sheet"
	case p.verb == verbKeep:
		v = view{Heading: "public.keep.heading", Sheet: true, Keep: true, Return: true, Help: true}
		for i := range j.Guide.Keep {
			v.Texts = append(v.Texts, guide.KeepWords(i))
		}
		return v, "sheet"
	case p.verb == verbDraft:
		return j.draftView(p), "draft"
	case p.verb == verbLaw:
		if r := j.Guide.Requested(p.walk.Answers); r != nil {
			return j.requestView(p, r), "request"
		}
	}
	return j.planView(p)
}

func (j *Journey) screen(id string) int {
	at, _ := j.Guide.Screen(id)
	return at
}

// screenView is a question, a text to read, or an emergency panel.
func (j *Journey) screenView(p posted) (v view, template string) {
	s := &j.Guide.Screens[p.walk.At]
	v = view{Heading: guide.HeadingWords(s.ID), Texts: s.Texts(), Next: "public.button.next", Back: p.walk.At > 0, Help: true, Silent: p.silent}
	switch {
	case len(s.Panel) > 0:
		v.Entries, v.Help, v.Next = j.entries(s.Panel, p.walk.Answers), false, "public.button.carry-on"
		return v, "panel"
	case s.Ask < 0:
		if s.ID == "read" {
			v.Next, v.Leave = "public.button.read", "public.button.not-now"
		}
		return v, "text"
	}
	q := &j.Guide.Questions[s.Ask]
	v.Many = q.Many
	shown := j.Guide.Shown(p.walk)
	for i, id := range q.Answers {
		v.Answers = append(v.Answers, choice{codes[i : i+1], guide.AnswerWords(q.ID, id), shown>>i&1 == 1})
	}
	if p.walk.At == 0 {
		v.Ask, v.About, v.Next = "public.where.heading", "public.where.text-1", "public.button.start"
		return v, "arrive"
	}
	return v, "question"
}

// planView is a page of the plan: at most five lines.
func (j *Journey) planView(p posted) (v view, template string) {
	lines := j.Guide.Plan(p.walk.Answers)
	from := p.page * guide.MostLines
	if p.verb != verbMore || from >= len(lines) {
		from = 0
	}
	to := min(from+guide.MostLines, len(lines))
	v = view{
		Heading: "public.plan.heading", Texts: []string{"public.plan.text-1"}, Back: true, Help: true, First: from == 0, Leave: "public.button.leave",
		Entries: j.entries(lines[from:to], p.walk.Answers),
	}
	v.Drafts = j.drafts(p.walk.Answers)
	if r := j.Guide.Requested(p.walk.Answers); r != nil {
		v.Request = guide.RequestWords(r.ID)
	}
	if to < len(lines) {
		v.More = string(verbMore) + codes[to/guide.MostLines:to/guide.MostLines+1]
	}
	if slices.ContainsFunc(v.Entries, func(e entry) bool {
		return slices.ContainsFunc(e.List, func(n number) bool { return slices.Contains(n.Only, "public.number.adults") })
	}) {
		v.Young = j.numberOf("children", j.nation(p.walk.Answers))
	}
	return v, "plan"
}

// quiet is the numbers of the whole plan under neutral headings, each once, with the nations where it may be rung if nobody
// said in which one they are.
func (j *Journey) quiet(a guide.Answers) []group {
	var out []group
	seen := map[string]*number{}
	plan := j.entries(j.Guide.Plan(a), a)
	for _, heading := range guide.Quiets() {
		var list []*number
		for _, e := range plan {
			if e.Quiet != heading {
				continue
			}
			for _, n := range e.List {
				before, known := seen[n.Tel+n.Note]
				if known {
					before.Nations = both(before.Nations, n.Nations)
					continue
				}
				seen[n.Tel+n.Note] = &n
				list = append(list, &n)
			}
		}
		if len(list) > 0 {
			out = append(out, group{"public.quiet." + heading, list})
		}
	}
	return out
}

// both are the nations of one number that stands in two lines, in their order; none means all of them, and so do all four.
func both(a, b []string) []string {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	var out []string
	for _, n := range directory.AllNations.List() {
		if id := nationWords(n.String()); slices.Contains(a, id) || slices.Contains(b, id) {
			out = append(out, id)
		}
	}
	if len(out) == len(directory.AllNations.List()) {
		return nil
	}
	return out
}
