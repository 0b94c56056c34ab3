package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/statistics"
)

// The tables of a quarter. A case counts once in a cell, whatever is done with it how often; in the first and the last table
// it stands in one cell, and only these have a total. Each has at most statistics.Most cells.
const (
	tableCases     = "cases"     // opened, by how soon somebody must act and whether a child is involved
	tableConsent   = "consent"   // of which something was handed over on such a decision about consent
	tableHandovers = "handovers" // of which something was handed to such a destination
	tableAnswers   = "answers"   // of which some service answered so
	tableOutcomes  = "outcomes"  // closed so
)

var tables = []struct {
	name  string
	cells []string
	make  func([]int) (statistics.Table, error)
}{
	{tableCases, []string{"urgent", "urgent-child", "soon", "soon-child", "later", "later-child"}, statistics.Publish},
	{tableConsent, []string{string(packet.Given), string(packet.Refused), string(packet.NotSafe), string(packet.NoAbility)}, statistics.Overlapping},
	{tableHandovers, []string{"domestic-abuse", "children", "adults", "police", "health", "specialist"}, statistics.Overlapping},
	{tableAnswers, []string{"in-time", "late", "declined", "unopened"}, statistics.Overlapping},
	{tableOutcomes, Outcomes(), statistics.Publish},
}

func indexOf(name string) int {
	for i, t := range tables {
		if t.name == name {
			return i
		}
	}
	return -1 // the names are constants
}

// tally is what one act adds to the counts: table and cell.
type tally []struct{ table, cell string }

type countForm struct {
	Counts map[string]map[string]int `json:"counts"`
}

type publishedForm struct {
	Tables []Statistic `json:"tables"`
}

// Statistic is one published table.
type Statistic struct {
	Name  string
	Names []string // of the cells
	statistics.Table
}

// shards are how many records share the counts of a quarter, so that desks at work do not wait for each other.
const shards = 8

// referred is what a new case adds.
func (d *Desk) referred(c Case) tally {
	cell := "later"
	switch c.Urgency {
	case "now", "same_day":
		cell = "urgent"
	case "2_days", "7_days":
		cell = "soon"
	}
	if d.children(c) {
		cell += "-child"
	}
	return tally{{tableCases, cell}}
}

// once keeps of a tally what the case does not count for already in this quarter, and has the case know it.
func (c *Case) once(quarter string, add tally) tally {
	c.Counted = slices.DeleteFunc(slices.Clone(c.Counted), func(key string) bool { return !strings.HasPrefix(key, quarter) })
	var out tally
	for _, a := range add {
		key := quarter + " " + a.table + " " + a.cell
		if !slices.Contains(c.Counted, key) {
			c.Counted = append(c.Counted, key)
			out = append(out, tally{a}...)
		}
	}
	return out
}

// counted adds to the changes of an act what it adds to the counts of the quarter.
func (d *Desk) counted(ctx context.Context, organisation string, changes []records.Change, add tally) ([]records.Change, error) {
	if len(add) == 0 {
		return changes, nil
	}
	raw, err := d.rest.draw(1)
	if err != nil {
		return nil, err
	}
	id := shard(statistics.Quarter(d.now()), int(raw[1])%shards)
	r, err := load[countForm](ctx, d.rest, bySystem(organisation, "system", "count"), kindCount, id)
	if errors.Is(err, ErrNotFound) {
		r, err = rested[countForm]{kind: kindCount, id: id}, nil
	}
	if err != nil {
		return nil, err
	}
	if r.content.Counts == nil {
		r.content.Counts = map[string]map[string]int{}
	}
	for _, a := range add {
		if r.content.Counts[a.table] == nil {
			r.content.Counts[a.table] = map[string]int{}
		}
		r.content.Counts[a.table][a.cell]++
	}
	is, err := put(r)
	if err != nil {
		return nil, err
	}
	return append(changes, is), nil
}

func shard(quarter string, n int) string { return fmt.Sprintf("%s.%d", quarter, n) }

// settled is how long after its end a quarter is published: no clock of any process counts into it any more.
const settled = 24 * time.Hour

// Statistics are the tables of a quarter that is over. They are made once, the true counts are destroyed with that, and
// nobody can ask for another period or another breakdown.
func (d *Desk) Statistics(ctx context.Context, a people.Actor, quarter string) ([]Statistic, error) {
	act, err := d.Gate.Permit(ctx, a, people.StatisticsRead, a.Organisation())
	if err != nil {
		return nil, translate("statistics", err)
	}
	if !statistics.Over(quarter, d.now().Add(-settled)) {
		return nil, fmt.Errorf("statistics: %w", ErrNotFound)
	}
	if err := d.Safe.Note(ctx, act, trail.Done, kindPublished, quarter); err != nil {
		return nil, translate("statistics", err)
	}
	for range attempts {
		r, err := load[publishedForm](ctx, d.rest, act, kindPublished, quarter)
		if err == nil {
			return r.content.Tables, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		made, err := d.publish(ctx, act, quarter)
		if err == nil || !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound) {
			return made, err
		}
	}
	return nil, fmt.Errorf("statistics: %w", ErrConflict)
}

// publish makes the tables of a quarter and destroys the true counts in the same commit.
func (d *Desk) publish(ctx context.Context, act records.Act, quarter string) ([]Statistic, error) {
	sum := map[string]map[string]int{}
	var changes []records.Change
	for n := range shards {
		r, err := load[countForm](ctx, d.rest, act, kindCount, shard(quarter, n))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for table, cells := range r.content.Counts {
			for cell, count := range cells {
				if sum[table] == nil {
					sum[table] = map[string]int{}
				}
				sum[table][cell] += count
			}
		}
		changes = append(changes, gone(kindCount, r.id, r.rev))
	}
	var out publishedForm
	for _, t := range tables {
		var counts []int
		for _, cell := range t.cells {
			counts = append(counts, sum[t.name][cell])
		}
		table, err := t.make(counts)
		if err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, Statistic{t.name, slices.Clone(t.cells), table})
	}
	// Whatever was handed over was handed over on some decision about consent: these two count the same cases.
	consent, handovers := &out.Tables[indexOf(tableConsent)].Table, &out.Tables[indexOf(tableHandovers)].Table
	*consent, *handovers = statistics.Beside(*consent, *handovers)
	if len(changes) == 0 { // nothing was counted: nothing to keep, and the answer stays the same
		return out.Tables, nil
	}
	is, err := put(rested[publishedForm]{kind: kindPublished, id: quarter, content: out})
	if err != nil {
		return nil, err
	}
	return out.Tables, d.rest.write(ctx, act, append(changes, is)...)
}
