package feed

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/referrals/directory"
)

var days = map[string]time.Weekday{
	"mo": time.Monday, "tu": time.Tuesday, "we": time.Wednesday, "th": time.Thursday, "fr": time.Friday, "sa": time.Saturday, "su": time.Sunday,
}

// weekday reads MO, Monday, mon or 1 (Monday) to 7.
func weekday(text string) (time.Weekday, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= 7 {
		return time.Weekday(n % 7), true
	}
	if len(text) < 2 {
		return 0, false
	}
	d, ok := days[text[:2]]
	return d, ok
}

// minute reads 9, 09:00, 09:00:00 or 09:00Z. Midnight at the end of a day is 24:00.
func minute(text string) (uint16, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "Z")
	parts := strings.SplitN(text, ":", 3)
	h, err := strconv.Atoi(parts[0])
	m := 0
	if err == nil && len(parts) > 1 && len(parts[1]) >= 2 {
		m, err = strconv.Atoi(parts[1][:2])
	}
	if err != nil || h < 0 || m < 0 || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return uint16(h*60 + m), true
}

// span adds the hours of a day, over midnight as two spans.
func span(spans []directory.Span, day time.Weekday, from, to uint16) []directory.Span {
	if to == 0 {
		to = directory.DayLength
	}
	switch {
	case from < to:
		return append(spans, directory.Span{Day: day, From: from, To: to})
	case from > to:
		spans = append(spans, directory.Span{Day: day, From: from, To: directory.DayLength})
		return append(spans, directory.Span{Day: (day + 1) % 7, From: 0, To: to})
	}
	return spans
}

// tidy puts spans in order and joins those that touch, so that the same hours are written in one way.
func tidy(spans []directory.Span) []directory.Span {
	slices.SortFunc(spans, func(a, b directory.Span) int {
		if a.Day != b.Day {
			return int((a.Day+6)%7) - int((b.Day+6)%7) // Monday first
		}
		return int(a.From) - int(b.From)
	})
	var out []directory.Span
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].Day == s.Day && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// opening reads the schedules of a service. One that was over before the feed was read, one that is not of every week and
// one that cannot be read say nothing.
func (r *Reading) opening(n node, s *directory.Service) {
	var spans []directory.Span
	var texts []string
	for _, one := range r.nodes(n, "schedules", "regular_schedules", "regular_schedule") {
		if t := r.words(r.text(one, "description"), longestNote); t != "" && !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
		if until, err := time.Parse("2006-01-02", first(r.text(one, "valid_to"), 10)); err == nil && until.Before(r.source.Read) {
			continue
		}
		if from, err := time.Parse("2006-01-02", first(r.text(one, "valid_from"), 10)); err == nil && from.After(r.source.Read) {
			continue
		}
		if f := r.text(one, "freq"); f != "" && !strings.EqualFold(f, "WEEKLY") {
			continue
		}
		if i := r.text(one, "interval"); i != "" && i != "1" {
			continue
		}
		from, ok := minute(r.text(one, "opens_at"))
		to, okTo := minute(r.text(one, "closes_at"))
		if to == directory.DayLength-1 {
			to = directory.DayLength // 23:59 is how feeds write the end of a day
		}
		listed := strings.Split(r.text(one, "byday", "weekday"), ",")
		for _, d := range listed {
			day, okDay := weekday(d)
			if !ok || !okTo || !okDay {
				if strings.TrimSpace(d) != "" {
					r.drop(DroppedHours)
				}
				continue
			}
			spans = span(spans, day, from, to)
		}
	}
	if spans = tidy(spans); len(spans) <= 70 {
		s.Opening.Spans = spans
	}
	text := r.words(strings.Join(texts, " "), longestNote)
	if text == "" {
		text = HoursText(s.Opening)
	}
	if text != "" {
		s.Hours = directory.Hours{Text: text, Always: always(s.Opening.Spans), Status: directory.Secondary}
	}
}

// always reports whether spans that were put in order leave no minute of the week out.
func always(spans []directory.Span) bool {
	return len(spans) == 7 && !slices.ContainsFunc(spans, func(s directory.Span) bool { return s.From != 0 || s.To != directory.DayLength })
}

// Hours reads hours as our own CSV and the national list write them, one stretch of days each: "Mon-Fri 09:00-17:00".
func Hours(parts []string) ([]directory.Span, bool) {
	var spans []directory.Span
	for _, part := range parts {
		listed, times, ok := strings.Cut(strings.TrimSpace(part), " ")
		from, to, ok2 := strings.Cut(times, "-")
		opens, ok3 := minute(from)
		closes, ok4 := minute(to)
		first, last, ranged := strings.Cut(listed, "-")
		day, ok5 := weekday(first)
		end := day
		ok6 := true
		if ranged {
			end, ok6 = weekday(last)
		}
		if !ok || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
			return nil, false
		}
		for d := day; ; d = (d + 1) % 7 {
			spans = span(spans, d, opens, closes)
			if d == end {
				break
			}
		}
	}
	return tidy(spans), true
}

func first(text string, n int) string { return text[:min(n, len(text))] }

// HoursText writes spans as people read them.
func HoursText(o directory.Opening) string {
	var parts []string
	for _, s := range o.Spans {
		parts = append(parts, s.Day.String()[:3]+" "+clock(s.From)+"-"+clock(s.To))
	}
	return strings.Join(parts, ", ")
}

func clock(m uint16) string {
	text := strconv.Itoa(int(m/60)) + ":"
	if m%60 < 10 {
		text += "0"
	}
	return text + strconv.Itoa(int(m%60))
}
