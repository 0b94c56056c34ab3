package desk

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
)

//go:embed templates/*.html
var templates embed.FS

type values = map[string]any

// set is what is needed to show the pages in one language.
type set struct {
	views  *web.Views
	shells map[string]*web.Shell
}

// The titles of the windows. None holds a reference, and what a service opens is not to be told from a tab.
var titles = map[string]string{
	"queue": "desk.queue.heading", "own": "desk.own.heading", "same": "desk.same.heading", "case": "desk.case.heading", "who": "desk.who.heading", "away": "desk.away.heading", "packet": "desk.packet.heading",
	"link": "desk.link.heading", "mend": "desk.case.heading", "more": "desk.case.heading", "glass": "desk.glass.heading", "break": "desk.break.heading", "statistics": "desk.statistics.heading", "audit": "desk.audit.heading",
	"ask": "desk.case.heading", "asks": "desk.asks.heading", "asked": "desk.asks.heading", "weigh": "desk.asks.heading", "copy": "page.neutral-title",
	"directory": "desk.directory.heading", "entry": "desk.directory.heading", "private": "desk.directory.heading", "new": "desk.directory.heading",
	"pick-up": "page.neutral-title", "code": "page.neutral-title", "collect": "page.neutral-title", "collected": "page.neutral-title", "received": "page.neutral-title", "inbox": "page.neutral-title",
}

func (j *Journey) render(tag string) (*set, error) {
	views, err := j.kit.Views(templates, template.FuncMap{"pair": paired, "again": again}, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("pages of the desk: %w", err)
	}
	s := &set{views: views, shells: map[string]*web.Shell{}}
	header, err := views.Fragment(tag, "header", nil)
	if err != nil {
		return nil, fmt.Errorf("pages of the desk: %w", err)
	}
	for page, title := range titles {
		spec := web.ShellSpec{Title: j.kit.Text(tag, title), Class: "staff", Header: header, Keys: true, Cover: true}
		if page == "collected" || page == "copy" { // shown once: it prints as it is, by the browser's own menu and without script
			spec.Class += " print-staff"
		}
		if s.shells[page], err = j.kit.Shell(tag, spec); err != nil {
			return nil, fmt.Errorf("pages of the desk: %w", err)
		}
	}
	return s, nil
}

// page renders one template for this request.
func (j *Journey) page(status int, tag, name string, v values) (web.Page, error) {
	s := j.sets[tag]
	body, err := s.views.Fragment(tag, name, v)
	if err != nil {
		return web.Page{}, fmt.Errorf("page of the desk: %w", err)
	}
	return web.Page{Status: status, Shell: s.shells[name], Body: []web.Fragment{body}, Pad: true}, nil
}

// within shows a page of somebody who is signed in: with the bar, the ways to the other pages, and the fields of a form.
func (j *Journey) within(s people.Session, status int, tag, name string, v values) (web.Page, error) {
	bar, err := j.Staff.Bar(tag, s)
	if err != nil {
		return web.Page{}, err
	}
	fields, err := j.Staff.Fields(tag, s)
	if err != nil {
		return web.Page{}, err
	}
	v["Bar"], v["Fields"], v["Ways"] = bar.HTML(), fields.HTML(), j.ways(s, name)
	return j.page(status, tag, name, v)
}

type way struct {
	Path, Words string
	Here        bool
}

// ways are the pages that the member may go to.
func (j *Journey) ways(s people.Session, name string) (all []way) {
	for _, w := range []struct {
		path, words, page string
		action            people.Action
	}{
		{Path, "desk.queue.heading", "queue", people.CaseList}, {ownPath, "desk.own.heading", "own", people.CaseOwn}, {InboxPath, "desk.inbox.heading", "inbox", people.PacketRead},
		{asksPath, "desk.asks.heading", "asks", people.CaseRead},
		{glassPath, "desk.glass.heading", "glass", people.BreakGlassReview}, {statisticsPath, "desk.statistics.heading", "statistics", people.StatisticsRead},
		{directoryPath, "desk.directory.heading", "directory", people.DirectoryRead}, {auditPath, "desk.audit.heading", "audit", people.AuditRead},
	} {
		if people.May(s.Actor, w.action, s.Actor.Organisation()) == nil {
			all = append(all, way{w.path, w.words, w.page == name})
		}
	}
	may := func(a people.Action) bool { return people.May(s.Actor, a, s.Actor.Organisation()) == nil }
	if may(people.CaseOwn) && !may(people.CaseRead) { // a lead reads every case of the desk without
		all = append(all, way{breakPath, "desk.break.heading", name == "break"})
	}
	return all
}

// asked is what a request of ours asks, and in which language to answer.
type asked struct {
	web.Form
	lang   string
	faults []web.Fault
	typed  url.Values // as it was sent, to be shown again to whoever sent it
}

// read takes the fields of a form or of an address, beside those that every page of ours has.
func (j *Journey) read(r *web.Request, fields func(string) web.Kind) (asked, error) {
	var a asked
	var err error
	lang := "l"
	if r.Method() == "GET" {
		a.Form, a.faults, err = r.Query(func(name string) web.Kind {
			if name == lang {
				return web.One
			}
			return fields(name)
		})
	} else {
		lang = "lang"
		a.Form, a.faults, err = r.Form(func(name string) web.Kind {
			if k := staff.FieldKind(name); k != web.Refused {
				return k
			}
			return fields(name)
		})
		a.typed, _ = url.ParseQuery(r.Posted().Reveal())
	}
	if err != nil {
		return asked{}, err
	}
	want, _ := a.One(lang)
	a.lang = r.Language(want).Tag
	return a, nil
}

func nothing(string) web.Kind { return web.Refused }

// kinds is a list of fields.
func kinds(list map[string]web.Kind) func(string) web.Kind {
	return func(name string) web.Kind { return list[name] }
}

// to goes on to another page of ours, in the same language.
func (j *Journey) to(r *web.Request, path, tag string) web.Page {
	if r.Language("").Tag != tag {
		path += "?l=" + tag
	}
	return web.Page{To: path}
}

// translated puts the refusals of the rooms below among those that have words.
func translated(h web.Handler) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		p, err := h(r)
		switch {
		case err == nil:
			return p, nil
		case errors.Is(err, referrals.ErrNotFound):
			return web.Page{}, fmt.Errorf("%w: %w", web.ErrNotFound, err)
		case errors.Is(err, referrals.ErrConflict), errors.Is(err, referrals.ErrState), errors.Is(err, referrals.ErrOpened), errors.Is(err, referrals.ErrStillOut):
			return web.Page{}, fmt.Errorf("%w: %w", people.ErrConflict, err)
		case errors.Is(err, referrals.ErrInvalid), errors.Is(err, referrals.ErrReason):
			return web.Page{}, fmt.Errorf("%w: %w", web.ErrMalformed, err)
		}
		return web.Page{}, err
	}
}

type moment struct {
	Machine, Human string
	Over           bool // before now
}

func (j *Journey) when(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &moment{t.Format(time.RFC3339), t.Format("2 January 2006, 15:04") + " UTC", t.Before(j.Now())}
}

// day is a moment of which only the day counts.
func (j *Journey) day(t time.Time) *moment {
	m := j.when(t)
	if m != nil {
		m.Machine, m.Human = t.UTC().Format(time.DateOnly), t.UTC().Format("2 January 2006")
	}
	return m
}

// level is the class and the words of an urgency.
type level struct{ Class, Words string }

func levelOf(urgency string) level {
	code := strings.ReplaceAll(urgency, "_", "-")
	return level{"level-" + code, "urgency." + code}
}

// short is the part of a reference by which people speak of a case.
func short(reference string) string {
	if len(reference) > 8 {
		return reference[:8]
	}
	return reference
}

// again is a private contact in the fields of a form.
func again(c Contact) contactForm { return contactForm{uses(c.Use), c.Name, c.At, c.Note, c.ID} }

// paired is a form with the fields that every form has.
func paired(f form, fields template.HTML) values { return values{"Form": f, "Fields": fields} }
