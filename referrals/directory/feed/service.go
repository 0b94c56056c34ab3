package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"waypost/referrals/directory"
)

// service turns an object of a feed into a service, or sets it aside.
func (r *Reading) service(n node) error {
	key, name, reason := r.identify(n)
	if reason != "" {
		r.aside(reason, key)
		return nil
	}
	s := directory.Service{
		ID: OurID(r.source.Name, key), Name: name, ShownTo: directory.Anyone, Prof: directory.ProfUnknown, Status: directory.Secondary,
		For: r.words(r.text(n, "description"), longestText), Cost: r.cost(n), ReadOn: r.source.Read,
		Sources: []directory.Source{{Address: r.source.Address}}, SourceDate: r.dated(n),
	}
	r.alert(n, &s)
	terms := r.terms(n)
	s.Needs = r.needs(terms)
	if ok := r.ages(n, &s); !ok {
		r.aside(BadAges, key)
		return nil
	}
	held := r.judge(&s, terms)
	if !r.areas(n, &s) {
		held = append(held, NoArea)
	}
	lost := r.report.Dropped[DroppedWay].Count
	s.Ways = r.ways(n, &s)
	lost = r.report.Dropped[DroppedWay].Count - lost
	s.Bill = bill(s.Ways)
	r.languages(n, &s)
	r.opening(n, &s)
	r.access(n, &s)
	r.another(n, &s)
	onlyPlace := !slices.ContainsFunc(s.Ways, func(w directory.Way) bool { return w.By != directory.InPerson })
	switch {
	case onlyPlace && lost > 0: // a place alone, where numbers were meant to stand: somebody must look
		r.aside(BadWays, key)
		return nil
	case len(s.Ways) == 0:
		r.aside(NoWay, key)
		return nil
	}
	return r.keep(key, s, held)
}

// identify reads id, name and status.
func (r *Reading) identify(n node) (key, name, reason string) {
	key = r.text(n, "id")
	if key == "" {
		return "", "", NoID
	}
	if r.known(r.ids, key) {
		return "", "", Twice // the first stands; it may well have been used
	}
	full, markup := plain(r.text(n, "name"))
	if markup {
		r.drop(DroppedMarkup)
	}
	name, short := cut(full, longestName)
	if short {
		r.drop(DroppedText)
	}
	switch status := strings.ToLower(r.text(n, "status")); {
	case name == "":
		return key, "", NoName
	case !directory.Presentable(name):
		return key, "", BadWords
	case status != "" && status != "active":
		return key, "", NotActive
	}
	return key, name, ""
}

var keyShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// OurID is the id of a service with us: the name of its source and its id there, or a digest of that where it has another
// form than ours.
func OurID(source, key string) string {
	if len(key) <= 40 && keyShape.MatchString(key) {
		return source + "-" + key
	}
	sum := sha256.Sum256([]byte(key))
	return source + "-x" + hex.EncodeToString(sum[:12])
}

// judge looks at what a service may be: for people who use abuse, it is kept from victims; where its text only speaks of
// them, a human decides; without a need it waits.
func (r *Reading) judge(s *directory.Service, terms []string) []Hold {
	switch {
	case speaksOf(ofAbusers, append(terms, s.Name)...):
		s.ShownTo, s.Needs = directory.NeverWithVictim, nil
		return nil
	case speaksOf(ofAbusers, s.For):
		if len(s.Needs) == 0 {
			return []Hold{MayBeAbuser, NoNeed}
		}
		return []Hold{MayBeAbuser}
	case len(s.Needs) == 0:
		return []Hold{NoNeed}
	}
	return nil
}

// terms are the names, ids and addresses of the terms that a service bears.
func (r *Reading) terms(n node) []string {
	var terms []string
	for _, a := range r.nodes(n, "attributes", "service_taxonomys", "service_taxonomies", "taxonomies") {
		for _, holder := range []node{r.node(a, "taxonomy_term"), r.node(a, "taxonomy"), a} {
			if holder == nil || holder["taxonomy"] == directory.OurPeople || holder["taxonomy"] == directory.OurAccess {
				continue
			}
			for _, field := range []string{"name", "term", "term_uri", "id"} {
				if t, ok := holder[field].(string); ok && t != "" {
					text, _ := plain(t)
					terms = append(terms, text)
				}
			}
		}
	}
	return terms
}

// ages reads the limits. Where none is stated, a service that is not for children counts as one for adults, so that no child
// is sent to it.
func (r *Reading) ages(n node, s *directory.Service) bool {
	least, ok := r.whole(n, "minimum_age")
	most, ok2 := r.whole(n, "maximum_age")
	for _, e := range r.nodes(n, "eligibilitys", "eligibilities", "eligibility") {
		l, okL := r.whole(e, "minimum_age")
		m, okM := r.whole(e, "maximum_age")
		least, most = max(least, l), max(most, m)
		ok, ok2 = ok && okL, ok2 && okM
	}
	if most >= 99 {
		most = 0
	}
	if !ok || !ok2 || least < 0 || most < 0 || least > 120 || most > 0 && least > most {
		return false
	}
	s.Who.MinAge, s.Who.MaxAge = least, most
	s.Who.Adults = least == 0 && most == 0 && !aboutChildren(s.Needs)
	return true
}

func (r *Reading) cost(n node) string {
	text := r.text(n, "fees")
	for _, o := range r.nodes(n, "cost_options") {
		if until, err := time.Parse("2006-01-02", first(r.text(o, "valid_to"), 10)); err == nil && until.Before(r.source.Read) {
			continue
		}
		text = strings.TrimSpace(text + " " + r.text(o, "option") + " " + r.text(o, "amount") + " " + r.text(o, "amount_description"))
	}
	return r.words(text, longestNote)
}

// dated is the day on which the publisher last looked, as far as the feed says.
func (r *Reading) dated(n node) string {
	for _, field := range []string{"last_modified", "assured_date"} {
		day := first(r.text(n, field), 10)
		if _, err := time.Parse("2006-01-02", day); err == nil {
			return day
		}
	}
	return "undated"
}

// ways gathers the ways in: numbers first. Names of people are left out, and so are addresses where people may be hiding,
// and mail addresses of people: only that of the service is taken.
func (r *Reading) ways(n node, s *directory.Service) []directory.Way {
	var ways []directory.Way
	numbers := func(of node) {
		for _, p := range r.nodes(of, "phones", "phone") {
			ways = append(ways, r.phone(p)...)
		}
	}
	numbers(n)
	for _, c := range r.nodes(n, "contacts", "contact") {
		if r.text(c, "name") != "" {
			r.drop(DroppedPerson)
		}
		numbers(c)
	}
	places := r.nodes(n, "service_at_locations")
	var locations []node
	for _, p := range places {
		numbers(p)
		if l := r.node(p, "location"); l != nil {
			numbers(l)
			locations = append(locations, l)
		}
	}
	ways = append(ways, r.website(r.text(n, "url"))...)
	ways = append(ways, r.email(r.text(n, "email"))...)
	return distinct(append(ways, r.addresses(s, locations)...))
}

func (r *Reading) addresses(s *directory.Service, locations []node) []directory.Way {
	var ways []directory.Way
	for _, l := range locations {
		name := r.text(l, "name")
		for _, a := range r.nodes(l, "addresses", "physical_addresses") {
			if r.text(a, "attention") != "" {
				r.drop(DroppedPerson)
			}
			var lines []string
			for _, f := range []string{"address_1", "address_2", "city", "state_province", "postal_code"} {
				if t := r.words(r.text(a, f), 80); t != "" && !slices.Contains(lines, t) {
					lines = append(lines, t)
				}
			}
			kind := strings.ToLower(r.text(a, "address_type") + r.text(l, "location_type"))
			switch {
			case len(lines) == 0 || strings.Contains(kind, "virtual"):
			case hides(s, s.Name, s.For, name, r.text(l, "description")):
				r.drop(DroppedAddress)
			default:
				ways = append(ways, r.way(directory.Way{By: directory.InPerson, At: strings.Join(lines, ", "), Status: directory.Secondary})...)
			}
		}
	}
	return ways
}
