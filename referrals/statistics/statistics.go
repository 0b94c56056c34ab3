// Package statistics answers what may be counted aloud: true counts of a calendar quarter in, tables out in which no number
// from 1 to 7 stands, every other number is a multiple of five, and nothing smaller can be worked out.
//
// It is pure. It refuses filters, periods of anybody's choice and percentages: whoever could ask twice could subtract.
package statistics

import (
	"fmt"
	"slices"
	"time"
)

// Most is how many cells a table may have. With more, a total that is not suppressed could say that every small cell is 1.
const Most = 6

// Cell is a published number. Few stands for 1 to 7.
type Cell struct {
	Few   bool
	About int // a multiple of five; 0 is none at all
}

// Step is how far a cell stands from none, in steps of rounding: one case more or less moves it by one at most.
func (c Cell) Step() int {
	if c.Few {
		return 1
	}
	return c.About / 5
}

// Table is one breakdown. Where every case stands in one cell (Summed), there is a total, rounded by itself and never the sum
// of the cells shown. Where a case may stand in several, there is none: one case would move it by more than a step.
type Table struct {
	Cells  []Cell
	Total  Cell
	Summed bool
}

// Publish makes a table of true counts. What it does depends on the rounded cells alone wherever it departs from plain
// rounding, so that departing tells nothing.
func Publish(counts []int) (Table, error) {
	if len(counts) == 0 || len(counts) > Most || slices.Min(counts) < 0 {
		return Table{}, fmt.Errorf("statistics: %d cells, or a negative one", len(counts))
	}
	t := Table{Summed: true}
	total := 0
	for _, n := range counts {
		t.Cells = append(t.Cells, Round(n))
		total += n
	}
	t.Total = t.total(total)
	return t, nil
}

// Overlapping makes a table whose cells do not add up to anything, because a case may stand in several of them.
func Overlapping(counts []int) (Table, error) {
	t, err := Publish(counts)
	return Table{Cells: t.Cells}, err
}

// Beside is two overlapping tables of the same cases, each of which stands in some cell of both: then no cell of one is more
// than all cells of the other together. Where a cell says that it is no less than all of these at their most, a small one
// among them would be known to be 7; then the cell is shown in the range below, which is wider by that number.
func Beside(a, b Table) (Table, Table) { return a.below(b), b.below(a) }

func (t Table) below(other Table) Table {
	few, most := false, 0
	for _, c := range other.Cells {
		_, hi := c.Range()
		few, most = few || c.Few, most+hi
	}
	t.Cells = slices.Clone(t.Cells)
	for i, c := range t.Cells {
		if least, _ := c.Range(); few && least == most && c.About > 0 {
			t.Cells[i] = Round(least - 1)
		}
	}
	return t
}

// Round is a count as it may be shown: none, few, or about so many (NHS England, hospital statistics: 1 to 7 suppressed,
// the rest to the nearest five).
func Round(n int) Cell {
	switch {
	case n <= 0:
		return Cell{}
	case n <= 7:
		return Cell{Few: true}
	}
	return Cell{About: (n + 2) / 5 * 5}
}

// Range is what a published cell says: the least and the most it may be.
func (c Cell) Range() (least, most int) {
	switch {
	case c.Few:
		return 1, 7
	case c.About == 0:
		return 0, 0
	}
	return max(8, c.About-2), c.About + 2
}

// total rounds the true total. Where a small cell stands in the table and the sums that the cells allow meet the range of
// the rounded total in one number alone, that number would say that every cell is at its least or at its most; then the
// neighbouring range is shown, which is wider by that number.
func (t Table) total(n int) Cell {
	least, most := 0, 0
	few := false
	for _, c := range t.Cells {
		lo, hi := c.Range()
		least, most, few = least+lo, most+hi, few || c.Few
	}
	shown := Round(n)
	if !few {
		return shown
	}
	lo, hi := shown.Range()
	switch {
	case max(lo, least) < min(hi, most):
		return shown
	case n == least:
		return Round(hi + 1)
	}
	return Round(lo - 1)
}

// Quarter names the calendar quarter of a moment, in UTC: "2026-q4".
func Quarter(at time.Time) string {
	at = at.UTC()
	return fmt.Sprintf("%04d-q%d", at.Year(), (int(at.Month())+2)/3)
}

// Over says whether a quarter has ended, so that its counts no longer change.
func Over(quarter string, now time.Time) bool {
	var year, q int
	if n, err := fmt.Sscanf(quarter, "%4d-q%1d", &year, &q); err != nil || n != 2 {
		return false
	}
	next := time.Date(year, time.Month(3*q+1), 1, 0, 0, 0, 0, time.UTC)
	return Quarter(next.AddDate(0, 0, -1)) == quarter && !now.Before(next)
}
