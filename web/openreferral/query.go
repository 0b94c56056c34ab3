package openreferral

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/web"
)

// query is what may be asked. It is read, used and forgotten.
type query struct {
	page, perPage  int
	term, taxonomy string
	minAge, maxAge int // -1: not asked
	opens, closes  int // minutes of a day; -1: not asked
	day            time.Weekday
	anyDay         bool
	search         []string
}

// parameters are those of one list.
type parameters uint8

const (
	ofTerms parameters = iota
	ofServices
)

// The bounds of a page, of an age and of a search.
const (
	usualPage   = 50
	largestPage = 100
	lastPage    = 1_000_000
	oldest      = 150
	mostWords   = 10
)

// kind is what the platform lets through under a name. Postcode and proximity come through to be told why not.
func (p parameters) kind(name string) web.Kind {
	switch name {
	case "page", "per_page":
		return web.Line
	case "taxonomy_term_id", "taxonomy_id", "minimum_age", "maximum_age", "day", "search", "start_time", "end_time", "postcode", "proximity":
		if p == ofServices {
			return web.Line
		}
	}
	return web.Refused
}

// read takes the question of a request.
func read(r *web.Request, allowed parameters) (query, []wrong, error) {
	form, faults, err := r.Query(allowed.kind)
	if err != nil {
		return query{}, nil, err
	}
	q, w := decode(form.All())
	for _, f := range faults {
		if allowed.kind(f.Question) == web.Refused {
			w = append(w, wrong{Detail: "There is no such parameter here."})
		} else {
			w = append(w, wrong{f.Question, "This holds characters or a length that no value has."})
		}
	}
	return q, w, nil
}

// decode reads the parameters. Whoever asks for a postcode is refused: what stands in an address stays in the history of a
// browser and in the logs of everything between.
func decode(all iter.Seq2[string, string]) (query, []wrong) {
	q := query{page: 1, perPage: usualPage, minAge: -1, maxAge: -1, opens: -1, closes: -1, anyDay: true}
	var w []wrong
	for name, value := range all {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if detail := q.take(name, value); detail != "" {
			w = append(w, wrong{name, detail})
		}
	}
	return q, w
}

func (q *query) take(name, value string) (fault string) {
	ok := true
	switch name {
	case "page":
		q.page, ok = number(value, 1, lastPage)
	case "per_page":
		q.perPage, ok = number(value, 1, largestPage)
	case "taxonomy_term_id":
		q.term = strings.ToLower(value)
	case "taxonomy_id":
		q.taxonomy = strings.ToLower(value)
	case "minimum_age":
		q.minAge, ok = number(value, 0, oldest)
	case "maximum_age":
		q.maxAge, ok = number(value, 0, oldest)
	case "start_time":
		q.opens, ok = minute(value)
	case "end_time":
		q.closes, ok = minute(value)
	case "day":
		q.day, ok = weekday(value)
		q.anyDay = false
	case "search":
		q.search = strings.Fields(strings.ToLower(value))
		ok = len(q.search) <= mostWords
	case "postcode", "proximity":
		return "Not offered: an address with a postcode in it says where somebody is. Read every page and choose by service_areas."
	}
	if !ok {
		return bounds(name)
	}
	return ""
}

// bounds says what a parameter takes.
func bounds(name string) string {
	switch name {
	case "page":
		return "A whole number from 1."
	case "per_page":
		return "A whole number from 1 to 100."
	case "minimum_age", "maximum_age":
		return "A whole number from 0 to 150."
	case "day":
		return "A day such as MO or Monday."
	case "search":
		return "At most ten words."
	}
	return "A time such as 09:30."
}

func number(text string, least, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most && text[0] != '+'
}

func minute(text string) (int, bool) {
	for _, shape := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(shape, text); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}

func weekday(text string) (time.Weekday, bool) {
	for _, w := range weekdays {
		if strings.EqualFold(text, w.code) || strings.EqualFold(text, w.name) {
			return w.day, true
		}
	}
	return 0, false
}

// takesAll reports whether nothing was asked but a page.
func (q query) takesAll() bool {
	return q.term == "" && q.taxonomy == "" && q.minAge < 0 && q.maxAge < 0 && q.opens < 0 && q.closes < 0 && q.anyDay && len(q.search) == 0
}

// takes reports whether a service fits every filter. A service that does not state an age or hours does not fit a filter on
// them: the standard asks for those whose stated value is at least, or at most, the one asked for.
func (q query) takes(i *item, terms *taxonomies) bool {
	if q.minAge >= 0 && i.Who.MinAge < max(q.minAge, 1) || q.maxAge >= 0 && (i.Who.MaxAge == 0 || i.Who.MaxAge > q.maxAge) {
		return false
	}
	if (q.term != "" || q.taxonomy != "") && !i.has(terms, q.term, q.taxonomy) {
		return false
	}
	if slices.ContainsFunc(q.search, func(w string) bool { return !strings.Contains(i.words, w) }) {
		return false
	}
	return q.anyDay && q.opens < 0 && q.closes < 0 || q.inHours(i)
}

// inHours reports whether one stretch of a day fits what was asked of day, beginning and end.
func (q query) inHours(i *item) bool {
	for _, s := range i.spans() {
		if (q.anyDay || s.Day == q.day) && int(s.From) >= q.opens && (q.closes < 0 || int(s.To) <= q.closes || s.To == 24*60 && q.closes == 24*60-1) {
			return true
		}
	}
	return false
}
