package directory

import "slices"

// Line is one telephone number of a matched service.
type Line struct {
	Match
	Way
}

// Lines finds whom to ring for the one need that is wanted: the first service with a telephone number, and where that is
// for women alone or for men alone, also the first for others. Services with the emergency number answer the need for them
// and no other: a person who is told to see a doctor this week is not told to ring an ambulance. Whatever limit is wanted,
// everything is looked through.
func (d *Directory) Lines(w Wants) []Line {
	w.Limit = HardLimit
	var out []Line
	var only Sex
	for _, m := range d.Match(w).Matches {
		if !slices.Contains(w.Needs, Emergency) && slices.Contains(m.Service.Needs, Emergency) {
			continue
		}
		at := slices.IndexFunc(m.Service.Ways, func(way Way) bool { return way.By == Phone })
		if at < 0 || len(out) > 0 && m.Service.Who.Only == only {
			continue
		}
		out, only = append(out, Line{m, m.Service.Ways[at]}), m.Service.Who.Only
		if len(out) == 2 || only == SexUnknown {
			break
		}
	}
	return out
}
