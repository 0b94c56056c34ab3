package ledger

import (
	"iter"
	"time"

	"waypost/referrals/directory/feed"
)

// Import brings one feed in. It changes nothing: what would change is in Changed.
type Import struct {
	source  string
	on      time.Time
	find    func(id string) (Entry, bool)
	seen    map[string]bool
	Changed []Entry
	Tally   map[Outcome]int
	// Spared is how many entries the feed no longer has and were not marked, because they were too many at once: a feed that
	// lost half of its services has lost its way more often than the services.
	Spared int
}

// The most that may vanish at once without somebody saying so: a few, or this part of what the feed had.
const (
	fewVanish  = 5
	partVanish = 3 // one in three
)

// NewImport begins one; find looks an entry up by its id with us.
func NewImport(source string, on time.Time, find func(id string) (Entry, bool)) *Import {
	return &Import{source: source, on: on, find: find, seen: map[string]bool{}, Tally: map[Outcome]int{}}
}

// Take takes one service of the feed.
func (m *Import) Take(item feed.Item) error {
	m.seen[item.Service.ID] = true
	e, ok := m.find(item.Service.ID)
	if !ok {
		m.note(First(m.source, item), Added)
		return nil
	}
	m.note(e.Merge(item))
	return nil
}

func (m *Import) note(e Entry, o Outcome) {
	m.Tally[o]++
	if o != Same {
		m.Changed = append(m.Changed, e)
	}
}

// Finish marks what the feed no longer has, if it was read whole. What was in it and could not be used is not gone.
func (m *Import) Finish(r *feed.Reading, all iter.Seq[Entry], evenMany bool) {
	if !r.Report().Whole {
		return
	}
	var gone []Entry
	had := 0
	for e := range all {
		if e.Source != m.source || !e.Service.Unlisted.IsZero() || !e.Retired.IsZero() {
			continue
		}
		had++
		if !m.seen[e.Service.ID] && !r.Spoilt(e.Key) {
			gone = append(gone, e)
		}
	}
	if len(gone) > max(fewVanish, had/partVanish) && !evenMany {
		m.Spared = len(gone)
		return
	}
	for _, e := range gone {
		m.note(e.Vanish(m.on))
	}
}
