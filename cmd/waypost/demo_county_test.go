package main

import (
	"bytes"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
)

// stagedCounty plays the whole story into a directory of the test.
func stagedCounty(t *testing.T) (*resting, *demoPages) {
	t.Helper()
	dir := t.TempDir()
	none := func(string) string { return "" }
	stage := &stageClock{real: time.Now}
	r, pages, err := loaded(t, "en").perform(t.Context(), world{env: none, now: stage.now}, config{addr: "127.0.0.1:1", publicURL: "http://localhost:1"},
		places{data: filepath.Join(dir, "data"), keys: filepath.Join(dir, "keys")}, stage)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.close() })
	return r, pages
}

// actor is somebody of the county, by the key.
func (j *demoPages) actor(t *testing.T, id string) people.Actor {
	t.Helper()
	p, ok := person(j.county, id)
	if !ok {
		t.Fatalf("nobody is %s", id)
	}
	in, err := p.key.signIn(t.Context(), j.register, "")
	if err != nil {
		t.Fatal(err)
	}
	return in.Actor
}

// The demonstration serves the county's areas, so that its services stand in the consultation; a code that no postcode has is said.
func TestTheDemonstrationServesItsCounty(t *testing.T) {
	t.Parallel()
	r, _ := stagedCounty(t)
	c, err := readConfig(demoEnvironment(func(string) string { return "" }))
	if err != nil {
		t.Fatal(err)
	}
	if found := r.shelf.Directory().Serving(c.areas); len(found) < 8 {
		t.Errorf("%d services of the county", len(found))
	}
	if n := loaded(t, "en").near(c, r); n.Directory == nil || n.Name == nil || n.Name(c.areas.Authorities[0]) != "Exampleshire West" {
		t.Errorf("%+v", n)
	}
	if codes := r.unknown(c.areas); len(codes) > 0 {
		t.Errorf("not on the map: %v", codes)
	}
	if codes := r.unknown(directory.Coverage{Authorities: []string{"E06999901", "E06000019"}}); len(codes) != 1 || codes[0] != "E06000019" {
		t.Errorf("not on the map: %v", codes)
	}
}

func allStates() []referrals.State {
	return append(referrals.Open(), referrals.Withdrawn, referrals.Closed)
}

func TestTheCountyHasEveryState(t *testing.T) {
	t.Parallel()
	r, pages := stagedCounty(t)
	states, handovers, events := map[referrals.State]int{}, map[referrals.State]int{}, map[referrals.Event]int{}
	cases, overdue, children := 0, 0, 0
	now := time.Now()
	first, last := now, time.Time{}
	for _, id := range []string{"lead", "team-lead"} {
		a := pages.actor(t, id)
		rows, err := r.desk.Queue(t.Context(), a, referrals.Filter{States: allStates()}, store.Cursor{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows.Rows {
			cases++
			if row.Overdue {
				overdue++
			}
			if row.Children {
				children++
			}
			c, err := r.desk.Read(t.Context(), a, row.Reference)
			if err != nil {
				t.Fatal(err)
			}
			states[c.State]++
			for _, h := range c.Handovers {
				handovers[h.State]++
				if _, ok := r.shelf.Directory().Find(h.Service); !ok {
					t.Errorf("no service %s", h.Service)
				}
			}
			for _, s := range c.Timeline {
				events[s.Event]++
				if s.At.Before(first) {
					first = s.At
				}
				if s.At.After(last) {
					last = s.At
				}
			}
			if c.Timeline[len(c.Timeline)-1].Reason == "duplicate" {
				if twins, err := r.desk.Duplicates(t.Context(), a, c.Reference); err != nil || len(twins) != 1 {
					t.Errorf("%d cases of the same person, %v", len(twins), err)
				}
			}
			invented(t, c)
		}
	}
	if cases != 40 || overdue < 5 || overdue > 20 || children < 6 {
		t.Errorf("%d cases, %d overdue, %d with a child", cases, overdue, children)
	}
	for _, s := range allStates() {
		if states[s] == 0 {
			t.Errorf("no case is %s", s)
		}
	}
	for _, s := range []referrals.State{referrals.Withheld, referrals.Waiting, referrals.Out, referrals.Opened, referrals.Taken, referrals.Helping, referrals.Refused, referrals.Done, referrals.Dropped} {
		if handovers[s] == 0 {
			t.Errorf("no hand-over is %s", s)
		}
	}
	for _, l := range referrals.Table() {
		if events[l.Event] == 0 {
			t.Errorf("%s happens nowhere", l.Event)
		}
	}
	if now.Sub(first) < 5*7*24*time.Hour || now.Sub(last) > time.Hour || last.After(time.Now()) {
		t.Errorf("from %s to %s", first, last)
	}
	glass, _, err := r.desk.Glasses(t.Context(), pages.actor(t, "lead"), store.Cursor{}, 10)
	if err != nil || len(glass) != 1 || !glass[0].Due.After(now) {
		t.Errorf("broken glass that waits: %+v, %v", glass, err)
	}
	waits, rung := 0, 0
	for e := range r.shelf.Entries() {
		if e.Pending != nil {
			waits++
		}
		if e.Service.VerifiedBy != "" {
			rung++
		}
	}
	if waits != 1 || rung != 7 {
		t.Errorf("%d changes of services wait, %d services were rung", waits, rung)
	}
	if len(pages.links) != 3 {
		t.Errorf("%d links wait", len(pages.links))
	}
	for _, l := range pages.links {
		if l.link.AtDoor != (l.to == "iris") || l.name == "" {
			t.Errorf("%s: opens without an account: %t", l.to, l.link.AtDoor)
		}
	}
	// What the story wrote holds against its own logs.
	var said bytes.Buffer
	if err := audit(t.Context(), r, world{args: []string{"verify"}, out: &said}); err != nil {
		t.Errorf("audit: %v\n%s", err, said.String())
	}
}

var (
	longNumber = regexp.MustCompile(`\d[\d ]{6,}\d`)
	drama      = regexp.MustCompile(`^01632 960\d{3}$`) // Ofcom, numbers for use in TV and radio drama
	isDate     = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
)

// invented holds that nothing in a case can be of anybody.
func invented(t *testing.T, c referrals.Case) {
	t.Helper()
	for _, e := range c.Dossier.Entries() {
		text := e.Value.Reveal()
		switch {
		case strings.HasSuffix(e.Field, ".name"), e.Field == "referrer.organisation":
			if !strings.HasPrefix(text, "Example ") {
				t.Errorf("%s does not say that it is an example", e.Field)
			}
		case e.Field == "person.nhs-number":
			if _, err := vault.ParseNHSNumber(text); err != nil || !strings.HasPrefix(text, "999") {
				t.Errorf("an NHS number that is not one for tests: %v", err)
			}
		case isDate.MatchString(text):
		default:
			for _, n := range longNumber.FindAllString(text, -1) {
				if !drama.MatchString(n) {
					t.Errorf("%s holds a number outside the range for drama", e.Field)
				}
			}
		}
	}
}

func TestNothingInTheCountyIsOfAnybody(t *testing.T) {
	t.Parallel()
	for _, h := range newCounty() {
		for _, name := range append([]string{h.name}, namesOf(h)...) {
			if !strings.HasPrefix(name, "Example ") {
				t.Errorf("%q does not say that it is an example", name)
			}
		}
	}
	seen := map[string]bool{}
	for n := range 100 {
		if _, err := vault.ParseNHSNumber(demoNumber(n)); err != nil || !strings.HasPrefix(demoNumber(n), "999") || seen[demoNumber(n)] {
			t.Errorf("number %d: %v", n, err)
		}
		seen[demoNumber(n)] = true
	}
	tales, err := readTales()
	if err != nil {
		t.Fatal(err)
	}
	// A name of anybody or of anywhere would be a capital within a sentence.
	capital := regexp.MustCompile(`[^.]\s[A-Z]\p{L}+|\d{3,}`)
	for i, tale := range tales {
		for _, text := range []string{tale.Says, tale.Tech} {
			if m := capital.FindString(text); m != "" || text == "" {
				t.Errorf("case %d says %q", i+1, m)
			}
		}
	}
	for _, text := range slices.Collect(maps.Values(demoWords)) {
		if m := capital.FindString(text); m != "" {
			t.Errorf("a decision says %q", m)
		}
	}
}

func namesOf(h *demoHouse) (names []string) {
	for _, p := range h.people {
		names = append(names, p.name)
	}
	return names
}

func TestTheServicesOfTheCounty(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	p := mustPlaces(m)
	if err := writeDemoPostcodes(p.data); err != nil {
		t.Fatal(err)
	}
	r, err := openResting(t.Context(), world{env: m.get, now: time.Now}, config{addr: "127.0.0.1:1"}, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.close() })
	if err := stock(t.Context(), r, time.Now()); err != nil {
		t.Fatal(err)
	}
	place, _, err := r.index.Find(demoPostcode)
	if err != nil || place.Nation != directory.England {
		t.Errorf("the county's postcode: %+v, %v", place, err)
	}
	match := r.shelf.Directory().Match(directory.Wants{
		Needs: []string{"domestic-abuse"}, Nation: place.Nation, Age: directory.Adult, Today: time.Now(), Audience: directory.Staff,
		Area: directory.Area{Authority: place.Authority, Board: place.Board, Police: place.Police},
	})
	if !slices.ContainsFunc(match.Matches, func(m directory.Match) bool { return m.Service.ID == "example-aid" }) {
		t.Errorf("the county's own service is not matched where the county lies: %d matches, gaps %v", len(match.Matches), match.Gaps)
	}
	n := 0
	for e := range r.shelf.Entries() {
		n++
		s, ok := r.shelf.Directory().Find(e.Service.ID)
		if !ok || !strings.HasPrefix(s.Name, "Example ") {
			t.Errorf("%s: shown %t", e.Service.ID, ok)
		}
	}
	list, err := demoFiles.ReadFile("demo/services.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range regexp.MustCompile(`\b0[\d ]{9,}\b`).FindAllString(string(list), -1) {
		if !drama.MatchString(number) {
			t.Errorf("%s lies outside the range for drama", number)
		}
	}
	for _, host := range regexp.MustCompile(`https?://([^/,;\s]+)`).FindAllStringSubmatch(string(list), -1) {
		if !strings.HasSuffix(host[1], ".example.org") {
			t.Errorf("%s may be somebody's", host[1])
		}
	}
	if n != 10 {
		t.Errorf("%d services", n)
	}
}
