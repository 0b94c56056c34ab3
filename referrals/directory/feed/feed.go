// Package feed reads lists of services that others publish: Open Referral (HSDS 3.0, its United Kingdom profile and the
// older 1.x shape) and a CSV of our own, and turns each service into one of the directory.
//
// It trusts nothing that it reads. Markup is turned into text and never kept; names of people and the addresses of places
// where somebody may be hiding are left out; a service that works with people who use abuse is kept from victims; one whose
// area or needs are not known in codes is held for a human. What cannot be used is set aside and counted, with its reason
// and its place. It streams: a feed of any length needs the memory of one service and a few bytes for each id.
package feed

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"regexp"
	"slices"
	"time"

	"waypost/referrals/directory"
)

// The sentinels of this room. What a feed says is never in an error.
var (
	ErrSource  = errors.New("feed: the description of the source is not complete")
	ErrFeed    = errors.New("feed: not a feed that can be read to its end")
	ErrColumns = errors.New("feed: a column is missing, unknown or there twice")
)

// Source says what a feed is and what its publisher leaves unsaid.
type Source struct {
	Name    string    // a code that begins the id of each of its services, such as herefordshire
	Address string    // where it was read
	Read    time.Time // the day on which it was read
	// Needs are those that every service of this feed answers; Terms those of services that bear a term, by its name in
	// lower case, its id or its address.
	Needs []string
	Terms map[string][]string
	// Covers is the area of services that name none; Areas are codes by name in lower case.
	Covers directory.Coverage
	Areas  map[string]string
	Told   func(read int) // hears every thousand services; may be nil
}

// Item is one service that could be read. What is held must be looked at by a human before anybody is shown it.
type Item struct {
	Key     string // its id in the feed
	Service directory.Service
	Held    []Hold
	At      Place
}

// Hold is why a service waits for a human.
type Hold string

// The reasons to wait.
const (
	NoNeed      Hold = "no-need"     // nothing says which of our needs it answers
	NoArea      Hold = "no-area"     // it may serve a part of a nation, and no code says which
	MayBeAbuser Hold = "perpetrator" // its text speaks of people who use abuse: is it for them?
)

// Place is where something stands in a feed: the how-manieth service, and the line of a CSV or the byte of a JSON.
type Place struct {
	Item int
	At   int64
}

// Reading reads the files of one feed one after the other. It is not for concurrent use.
type Reading struct {
	source  Source
	take    func(Item) error
	report  Report
	seed    maphash.Seed
	ids     map[uint64]bool // of the feed
	ours    map[uint64]bool // with us
	singles bool            // some came one a file
	total   int             // how many the feed says there are, 0: it does not say
	broken  bool
	at      Place
	spoilt  map[string]bool // ids set aside though they are there
}

var sourceShape = regexp.MustCompile(`^[a-z][a-z0-9]{1,19}$`)

// IsSource reports whether a text is a code for a feed.
func IsSource(name string) bool { return sourceShape.MatchString(name) }

// Open begins a reading. Every service that can be used is handed to take; an error of take ends the reading.
func Open(source Source, take func(Item) error) (*Reading, error) {
	at := directory.Way{By: directory.Website, At: source.Address}
	switch {
	case !IsSource(source.Name):
		return nil, fmt.Errorf("%w: name", ErrSource)
	case !at.Sound():
		return nil, fmt.Errorf("%w: address", ErrSource)
	case source.Read.IsZero():
		return nil, fmt.Errorf("%w: day", ErrSource)
	}
	for _, needs := range append(slices.Collect(maps.Values(source.Terms)), source.Needs) {
		for _, n := range needs {
			if !feedMayAnswer(n) {
				return nil, fmt.Errorf("%w: needs", ErrSource)
			}
		}
	}
	return &Reading{
		source: source, take: take, seed: maphash.MakeSeed(), ids: map[uint64]bool{}, ours: map[uint64]bool{}, spoilt: map[string]bool{},
		report: Report{Held: map[Hold]int{}, Set: map[string]Aside{}, Dropped: map[string]Aside{}},
	}, nil
}

// Report is what was done so far.
func (r *Reading) Report() Report {
	out := r.report
	out.Whole = out.Read > 0 && !r.broken && (r.total > 0 && out.Read-out.Set[Twice].Count >= r.total || r.total == 0 && !r.singles)
	return out
}

// Lacking says that a part of the feed could not be had, so that it proves nothing if a service is not in what was read.
func (r *Reading) Lacking() { r.broken = true }

// Spoilt reports whether a service was in the feed and could not be used. It is not gone: what is known of it stays.
func (r *Reading) Spoilt(key string) bool { return r.spoilt[key] }

func (r *Reading) aside(reason string, key string) {
	count(r.report.Set, reason, r.at)
	if key != "" && reason != NotActive && len(r.spoilt) < 1<<20 {
		r.spoilt[key] = true
	}
}

func (r *Reading) drop(reason string) { count(r.report.Dropped, reason, r.at) }

func count(in map[string]Aside, reason string, at Place) {
	a := in[reason]
	if a.Count++; a.Count == 1 {
		a.First = at
	}
	in[reason] = a
}

// next begins another service.
func (r *Reading) next(at int64) {
	r.report.Read++
	r.at = Place{Item: r.report.Read, At: at}
	if r.source.Told != nil && r.report.Read%1000 == 0 {
		r.source.Told(r.report.Read)
	}
}

// known notes an id in a set and reports whether it was there. It keeps eight bytes of it.
func (r *Reading) known(in map[uint64]bool, id string) bool {
	sum := maphash.String(r.seed, id)
	if in[sum] {
		return true
	}
	in[sum] = true
	return false
}

// keep hands a service on, if the directory would have it.
func (r *Reading) keep(key string, s directory.Service, held []Hold) error {
	if r.known(r.ours, s.ID) {
		r.aside(CollidesID, key)
		return nil
	}
	if err := directory.Check([]directory.Service{complete(s)}); err != nil {
		r.aside(Unsound, key)
		return nil
	}
	r.report.Kept++
	for _, h := range held {
		r.report.Held[h]++
	}
	return r.take(Item{Key: key, Service: s, Held: held, At: r.at})
}

// complete gives a held service a need, so that the rest of it can be checked.
func complete(s directory.Service) directory.Service {
	if len(s.Needs) == 0 && s.ShownTo != directory.NeverWithVictim {
		s.Needs = []string{"victims"}
	}
	return s
}

// failed ends a reading that cannot go on.
func (r *Reading) failed(err error) error {
	r.broken = true
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it breaks off after service %d", ErrFeed, r.report.Read)
	}
	return err
}
