package desk

import (
	"slices"
	"strconv"
	"strings"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/web"
)

// The columns of the sheet in which a service is entered are the fields of the form: one place says what may stand in each
// (docs/import-services.md), whether it comes in a list or by hand.
type column struct {
	name    string
	kind    string // line, text, day, list or ticks
	options func() []option
}

// columns are those of the form to enter a service, in its order; coded are those of the form that changes what is said of a
// service in codes.
func columns() []column {
	return slices.Concat([]column{{"name", "line", nil}, {"for", "text", nil}}, coded(), []column{
		{"phone", "line", nil}, {"text", "line", nil}, {"email", "line", nil}, {"website", "line", nil}, {"address", "line", nil},
		{"hours", "line", nil}, {"hours_text", "line", nil}, {"languages", "line", nil}, {"cost", "line", nil}, {"next_steps", "text", nil},
		{"warnings", "text", nil}, {"notes", "text", nil}, {"source", "line", nil}, {"source_date", "day", nil},
	})
}

func coded() []column {
	return []column{
		{"kind", "list", func() []option { return options("desk.kind.", directory.Archetypes()) }},
		{"needs", "ticks", func() []option { return options("need.", answerable()) }},
		{"nations", "ticks", func() []option { return options("question.about.nation.answer.", nationNames()) }},
		{"covers", "text", nil},
		{"practices", "text", nil},
		{"sex", "list", func() []option { return options("desk.sex.", []string{"women", "men"}) }},
		{"min_age", "line", nil},
		{"max_age", "line", nil},
		{"groups", "ticks", func() []option { return options("who.group.", directory.Groups()) }},
		{"shown_to", "list", func() []option {
			return options("desk.shown.", []directory.ShownTo{directory.Anyone, directory.StaffOnly, directory.NeverWithVictim})
		}},
		{"prof", "list", func() []option {
			return options("desk.prof.", []directory.Prof{directory.Refer, directory.Advice, directory.Both, directory.NoProf})
		}},
		{"referrers", "ticks", func() []option { return options("desk.referrer.", directory.Referrers()) }},
		{"consent", "list", func() []option { return options("desk.consent.", directory.ConsentRules()[1:]) }},
		{"access", "ticks", func() []option { return options("desk.access.", directory.Accesses()) }},
		{"monitored_phone", "ticks", func() []option { return options("desk.monitored.", []string{"avoid"}) }},
	}
}

func options[T ~string](words string, ids []T) (all []option) {
	for _, id := range ids {
		all = append(all, option{ID: string(id), Words: words + string(id)})
	}
	return all
}

// answerable are the needs that a service of the area may answer. What comes before all else in an emergency is national.
func answerable() []string {
	return slices.DeleteFunc(slices.Clone(directory.Needs()), func(n string) bool { return n == directory.Emergency || n == directory.CannotSpeak })
}

func nationNames() (all []string) {
	for _, n := range directory.AllNations.List() {
		all = append(all, n.String())
	}
	return all
}

// columnKind is what a form may hold for a column.
func columnKind(all []column) func(string) web.Kind {
	return func(name string) web.Kind {
		if name == "seen" || name == "codes" {
			return web.One
		}
		i := slices.IndexFunc(all, func(c column) bool { return c.name == name })
		switch {
		case i < 0:
			return web.Refused
		case all[i].kind == "ticks":
			return web.Many
		case all[i].kind == "list":
			return web.One
		case all[i].kind == "text":
			return web.Prose
		}
		return web.Line
	}
}

// cellsOf are the cells of a line, as the form says. A line of several lines is one.
func cellsOf(a asked, all []column) map[string]string {
	cells := map[string]string{}
	for _, c := range all {
		if c.kind == "ticks" {
			cells[c.name] = strings.Join(a.Many(c.name), ";")
		} else {
			one, _ := a.One(c.name)
			cells[c.name] = strings.Join(strings.Fields(one), " ")
		}
	}
	return cells
}

// cell is one field of the form, as the page shows it.
type cell struct {
	Name, Words, Hint, Kind, Value string
	Options                        []option
	Fault                          bool
}

// fieldsOf are the fields with what stands in them. Wrong names the one that could not be used.
func fieldsOf(all []column, stands map[string][]string, wrong string) (out []cell) {
	for _, c := range all {
		id := "desk.column." + strings.ReplaceAll(c.name, "_", "-")
		one := cell{Name: c.name, Words: id, Kind: c.kind, Fault: c.name == wrong}
		if slices.Contains(hinted, c.name) {
			one.Hint = id + "-how"
		}
		if c.options != nil {
			one.Options = c.options()
		}
		for i := range one.Options {
			one.Options[i].On = slices.Contains(stands[c.name], one.Options[i].ID)
		}
		one.Value = strings.Join(stands[c.name], " ")
		out = append(out, one)
	}
	return out
}

// hinted are the columns of which it is said how they are written.
var hinted = []string{"covers", "practices", "hours", "address", "languages", "phone", "warnings", "source", "needs", "nations", "min_age"}

// standing is what is said of a service in codes, by column.
func standing(s directory.Service) map[string][]string {
	text := func(list ...string) []string { return list }
	out := map[string][]string{
		"kind": text(string(s.Is)), "needs": s.Needs, "practices": text(strings.Join(s.Covers.Practices, "; ")), "shown_to": text(string(s.ShownTo)),
		"covers": text(strings.Join(slices.Concat(s.Covers.Authorities, s.Covers.Boards, s.Covers.Police), "; ")), "prof": text(string(s.Prof)),
		"consent": text(string(s.Consent)), "sex": text(map[directory.Sex]string{directory.Woman: "women", directory.Man: "men"}[s.Who.Only]),
	}
	if s.Prof == directory.ProfUnknown {
		out["prof"] = nil
	}
	for _, n := range s.Nations.List() {
		out["nations"] = append(out["nations"], n.String())
	}
	for _, g := range s.Who.Groups {
		out["groups"] = append(out["groups"], string(g))
	}
	for _, r := range s.Referrers {
		out["referrers"] = append(out["referrers"], string(r))
	}
	for _, a := range s.Access {
		out["access"] = append(out["access"], string(a))
	}
	for name, age := range map[string]int{"min_age": s.Who.MinAge, "max_age": s.Who.MaxAge} {
		if age > 0 {
			out[name] = text(strconv.Itoa(age))
		}
	}
	if s.AvoidMonitoredPhone {
		out["monitored_phone"] = text("avoid")
	}
	return out
}

// recoded is the service with what the form says in codes, and all else as it stands.
func recoded(s directory.Service, a asked, source feed.Source) (directory.Service, string, error) {
	cells := cellsOf(a, coded())
	cells["id"], cells["name"], cells["website"] = "codes", s.Name, "https://waypost.example/" // the name may say for whom it is
	item, wrong, err := feed.Entered(source, cells)
	if err != nil {
		return s, wrong, err
	}
	t := item.Service
	s.Is, s.Needs, s.Nations, s.Covers, s.Who, s.ShownTo = t.Is, t.Needs, t.Nations, t.Covers, t.Who, t.ShownTo
	s.Prof, s.Referrers, s.Consent, s.Access, s.AvoidMonitoredPhone = t.Prof, t.Referrers, t.Consent, t.Access, t.AvoidMonitoredPhone
	return s, "", nil
}
