package openreferral

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"waypost/referrals/directory"
)

type serviceArea struct {
	ID        string `json:"id"`
	ServiceID string `json:"service_id"`
	Name      string `json:"name,omitempty"`
	URI       string `json:"uri,omitempty"`
}

// statistics is how the Office for National Statistics writes an area as an address.
const statistics = "http://statistics.data.gov.uk/id/statistical-geography/"

// areas are where a service is for people: by code where the directory has codes, in words where it has words, else the
// nations. Where no page read says which, there is none.
func (i *item) areas() []serviceArea {
	var out []serviceArea
	add := func(name, code string) {
		a := serviceArea{ID: i.part("area", code+name), ServiceID: i.id, Name: name}
		if code != "" {
			a.URI = statistics + code
		}
		out = append(out, a)
	}
	for _, code := range slices.Concat(i.Covers.Authorities, i.Covers.Boards, i.Covers.Police) {
		add("", code)
	}
	switch {
	case i.Area != "":
		add(i.Area, "")
	case len(out) > 0:
	case i.Nations == directory.AllNations:
		add("United Kingdom", "K02000001")
	default:
		for _, n := range i.Nations.List() {
			add(nation(n))
		}
	}
	return out
}

func nation(n directory.Nation) (name, code string) {
	switch n {
	case directory.England:
		return "England", "E92000001"
	case directory.Wales:
		return "Wales", "W92000004"
	case directory.Scotland:
		return "Scotland", "S92000003"
	case directory.NorthernIreland:
		return "Northern Ireland", "N92000002"
	}
	return "", ""
}

type schedule struct {
	ID          string `json:"id"`
	ServiceID   string `json:"service_id"`
	Freq        string `json:"freq,omitempty"`
	ByDay       string `json:"byday,omitempty"`
	OpensAt     string `json:"opens_at,omitempty"`
	ClosesAt    string `json:"closes_at,omitempty"`
	Description string `json:"description,omitempty"`
	Notes       string `json:"notes,omitempty"`
}

const byTheClock = "Times are by the clock in the United Kingdom. Public holidays are not known."

// weekdays as calendars write them (RFC 5545), Monday first.
var weekdays = [...]struct {
	day        time.Weekday
	code, name string
}{
	{time.Monday, "MO", "monday"}, {time.Tuesday, "TU", "tuesday"}, {time.Wednesday, "WE", "wednesday"}, {time.Thursday, "TH", "thursday"},
	{time.Friday, "FR", "friday"}, {time.Saturday, "SA", "saturday"}, {time.Sunday, "SU", "sunday"},
}

// schedules are the hours: one line for all days with the same times. Where only words are known there is one line of words.
func (i *item) schedules() []schedule {
	spans := i.spans()
	type times struct{ from, to uint16 }
	var order []times
	days := map[times]string{}
	for _, w := range weekdays {
		for _, s := range spans {
			if t := (times{s.From, s.To}); s.Day == w.day {
				if _, known := days[t]; !known {
					order = append(order, t)
				} else {
					days[t] += ","
				}
				days[t] += w.code
			}
		}
	}
	slices.SortStableFunc(order, func(a, b times) int { return cmp.Compare(a.from, b.from) })
	var out []schedule
	for _, t := range order {
		out = append(out, schedule{
			ID: i.part("schedule", days[t]+clock(t.from)+clock(t.to)), ServiceID: i.id, Freq: "WEEKLY", ByDay: days[t],
			OpensAt: clock(t.from), ClosesAt: clock(t.to), Description: i.Hours.Text, Notes: byTheClock,
		})
	}
	if len(out) == 0 && i.Hours.Text != "" {
		out = append(out, schedule{ID: i.part("schedule", ""), ServiceID: i.id, Description: i.Hours.Text})
	}
	return out
}

// spans are the hours for machines; all of them where a service is certainly open always.
func (i *item) spans() []directory.Span {
	if !i.Hours.Always {
		return i.Opening.Spans
	}
	var all []directory.Span
	for _, w := range weekdays {
		all = append(all, directory.Span{Day: w.day, From: 0, To: directory.DayLength})
	}
	return all
}

// clock writes a minute of the day. The end of a day is its last minute, since 24:00 is a time to few.
func clock(minute uint16) string {
	minute = min(minute, directory.DayLength-1)
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}
