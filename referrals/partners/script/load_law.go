package script

import (
	"slices"
	"time"

	"waypost/referrals/directory"
)

type rawLaw struct {
	Reviewed string `yaml:"reviewed"`
	ReadOn   string `yaml:"read_on"`
	Again    string `yaml:"again"`
	Points   []struct {
		ID       string   `yaml:"id"`
		Requests []string `yaml:"requests"`
		Nations  []string `yaml:"nations"`
		Findings []string `yaml:"findings"`
		Sources  []string `yaml:"sources"`
	} `yaml:"points"`
}

type rawSources struct {
	Sources map[string]struct {
		Title   string `yaml:"title"`
		Address string `yaml:"address"`
		Kind    string `yaml:"kind"`
		Read    string `yaml:"read"`
	} `yaml:"sources"`
}

func (l *loader) law(r rawLaw) {
	date := func(text string) time.Time {
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			l.fault("law", "a date as 2026-11-25")
		}
		return t
	}
	law := Law{ReadOn: date(r.ReadOn), Again: date(r.Again)}
	if r.Reviewed != "awaiting" || !law.Again.After(law.ReadOn) {
		l.fault("law", "awaiting review, and a day on which it is looked at again")
	}
	for _, x := range r.Points {
		p := Point{ID: x.ID, Requests: x.Requests, Findings: x.Findings, Sources: x.Sources}
		for _, word := range x.Nations {
			n, err := directory.ParseNation(word)
			if err != nil || n == directory.UnknownNation {
				l.fault(x.ID, "no nation %s", word)
			}
			p.Nations = p.Nations.With(n)
		}
		if x.ID == "" || p.Nations == 0 || len(x.Requests) == 0 || len(x.Findings) == 0 {
			l.fault(x.ID, "a point of the law has requests, nations and findings")
		}
		law.Points = append(law.Points, p)
	}
	for i := range l.script.Steps {
		s := &l.script.Steps[i]
		var covered directory.Nations
		for _, p := range law.Points {
			if slices.Contains(p.Requests, s.ID) {
				covered |= p.Nations
			}
		}
		if want := pickNations(s.Law); covered != want {
			l.fault(s.ID, "the law stands for all four nations, or for none")
		}
	}
	for _, p := range law.Points {
		for _, step := range p.Requests {
			if !slices.ContainsFunc(l.script.Steps, func(s Step) bool { return s.ID == step }) {
				l.fault(p.ID, "no step %s", step)
			}
		}
	}
	l.script.Law = law
}

func pickNations(all bool) directory.Nations {
	if all {
		return directory.AllNations
	}
	return 0
}

// origins holds that everything has a source, that every source is known, and that none stands there for nothing.
func (l *loader) origins(r raw) {
	use := func(of string, ids []string) {
		if len(ids) == 0 {
			l.fault(of, "no source")
		}
		for _, id := range ids {
			if _, known := l.sources.Sources[id]; !known {
				l.fault(of, "no source %s", id)
			}
			l.used[id] = true
		}
	}
	for i := range l.script.Steps {
		use(l.script.Steps[i].ID, l.script.Steps[i].Sources)
	}
	for _, p := range l.script.Law.Points {
		use(p.ID, p.Sources)
	}
	use("hard moments", r.HardSources)
	for id, s := range l.sources.Sources {
		if s.Title == "" || s.Kind == "" || s.Read == "" || (s.Address == "") != (s.Kind == "own") {
			l.fault(id, "a source has a title, an address, a kind and how far it was read")
		}
		if !l.used[id] {
			l.fault(id, "nothing uses this source")
		}
	}
}
