package statistics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/referrals/statistics"
)

func publish(t interface{ Fatal(...any) }, counts []int) statistics.Table {
	table, err := statistics.Publish(counts)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// A42, the strong half: somebody who knows this program, tries out every table of true counts that could have led to what
// is published, and keeps those that fit, still finds at least two possible counts for every small cell. Every table of
// one to four cells whose counts go up to 17 (27, 37, 57 with fewer cells; each the end of a range) is tried out.
func TestWhoTriesOutEveryTableDeterminesNoSmallCell(t *testing.T) {
	for cells := 1; cells <= 4; cells++ {
		most := map[int]int{1: 57, 2: 37, 3: 27, 4: 17}[cells]
		if testing.Short() {
			most = min(most, 12)
		}
		type fit struct{ seen [4]uint64 }
		fits := map[string]*fit{}
		counts := make([]int, cells)
		var walk func(i int)
		walk = func(i int) {
			if i < cells {
				for n := range most + 1 {
					counts[i] = n
					walk(i + 1)
				}
				return
			}
			key := fmt.Sprint(publish(t, counts))
			f := fits[key]
			if f == nil {
				f = &fit{}
				fits[key] = f
			}
			for j, n := range counts {
				f.seen[j] |= 1 << n
			}
		}
		walk(0)
		for key, f := range fits {
			for j := range cells {
				s := f.seen[j]
				if s&(s-1) == 0 && s&0xfe != 0 {
					t.Fatalf("%s: cell %d is known", key, j)
				}
			}
		}
		t.Logf("%d cells: %d tables published", cells, len(fits))
	}
}

// Two tables of the same cases are no more than either: whoever tries out every pair that could have led to what is published
// still finds two possible counts for every small cell.
func TestTwoTablesOfTheSameCasesDetermineNoSmallCell(t *testing.T) {
	for _, shape := range []struct{ cells, most, others, mostOf int }{{4, 7, 1, 37}, {4, 12, 1, 52}, {2, 17, 2, 37}, {3, 7, 2, 27}} {
		if testing.Short() && shape.most == 12 {
			continue
		}
		type published [6]statistics.Cell
		fits := map[published]*[6]uint64{}
		var tell func(counts []int)
		tell = func(counts []int) {
			if len(counts) < shape.cells+shape.others {
				most := shape.most
				if len(counts) >= shape.cells {
					most = shape.mostOf
				}
				for n := range most + 1 {
					tell(append(counts, n))
				}
				return
			}
			one, two := counts[:shape.cells], counts[shape.cells:]
			if slices.Max(one) > sum(two) || slices.Max(two) > sum(one) {
				return // there are no such cases
			}
			a, b := statistics.Beside(overlapping(t, one), overlapping(t, two))
			var key published
			copy(key[copy(key[:], a.Cells):], b.Cells)
			seen := fits[key]
			if seen == nil {
				seen = &[6]uint64{}
				fits[key] = seen
			}
			for i, n := range counts {
				seen[i] |= 1 << n
			}
		}
		tell(make([]int, 0, 6))
		for key, seen := range fits {
			for i, s := range seen {
				if s&(s-1) == 0 && s&0xfe != 0 {
					t.Fatalf("%v: cell %d is known", key, i)
				}
			}
		}
		t.Logf("%+v: %d pairs published", shape, len(fits))
	}
}

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

func overlapping(t testing.TB, counts []int) statistics.Table {
	t.Helper()
	table, err := statistics.Overlapping(counts)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// A42, the other half, for tables of any shape: the attacker writes down the linear system (every cell within what its
// number says, the cells adding up to the total, the total within what its number and our one departure say) and solves
// it. For a sum of whole numbers within ranges, the range of each cell is exact.
func TestTheLinearSystemDeterminesNoSmallCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 60)), 1, statistics.Most).Draw(t, "counts")
		table := publish(t, counts)
		// Every total that would be shown as this one is possible.
		least, most := 0, 0
		for _, c := range table.Cells {
			lo, hi := c.Range()
			least, most = least+lo, most+hi
		}
		from, to := -1, -1
		for n := least; n <= most; n++ {
			if shownAs(t, table, n) == table.Total {
				if from < 0 {
					from = n
				}
				to = n
			}
		}
		for i, c := range table.Cells {
			if !c.Few {
				continue
			}
			lo, hi := c.Range()
			lo, hi = max(lo, from-(most-hi)), min(hi, to-(least-lo))
			if lo == hi {
				t.Fatalf("%v shows that cell %d is %d", table, i, lo)
			}
			if counts[i] < lo || counts[i] > hi {
				t.Fatalf("the attacker of this test is wrong: %d is not in %d to %d", counts[i], lo, hi)
			}
		}
	})
}

// shownAs is the total that a table with these cells would show for a true total n: some counts that fit are published.
func shownAs(t *rapid.T, table statistics.Table, n int) statistics.Cell {
	counts := make([]int, len(table.Cells))
	left := n
	for i, c := range table.Cells {
		counts[i], _ = c.Range()
		left -= counts[i]
	}
	for i, c := range table.Cells {
		lo, hi := c.Range()
		add := min(left, hi-lo)
		counts[i], left = counts[i]+add, left-add
	}
	return publish(t, counts).Total
}

func TestOneCaseMoreMovesNothingByMoreThanAStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 60), 1, statistics.Most).Draw(t, "counts")
		i := rapid.IntRange(0, len(counts)-1).Draw(t, "where")
		before := publish(t, counts)
		counts[i]++
		after := publish(t, counts)
		for j := range counts {
			if d := after.Cells[j].Step() - before.Cells[j].Step(); d < 0 || d > 1 || j != i && d != 0 {
				t.Fatalf("cell %d moves by %d", j, d)
			}
		}
		if d := after.Total.Step() - before.Total.Step(); d < -1 || d > 1 {
			t.Fatalf("%v to %v: the total moves by %d", before, after, d)
		}
	})
}

func TestNoNumberFromOneToSevenAndNoneOffTheFive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 200), 1, statistics.Most).Draw(t, "counts")
		table := publish(t, counts)
		total := 0
		for i, n := range counts {
			total += n
			c := table.Cells[i]
			if c.About%5 != 0 || c.Few != (n >= 1 && n <= 7) || !c.Few && n > 0 && (c.About < 10 || abs(c.About-n) > 2) {
				t.Fatalf("%d is shown as %+v", n, c)
			}
		}
		c := table.Total
		if c.About%5 != 0 || c.Few && total > 7 || !c.Few && total >= 1 && total <= 7 || !c.Few && abs(c.About-total) > 5 {
			t.Fatalf("%v: the total %d is shown as %+v", counts, total, c)
		}
	})
}

func abs(n int) int { return max(n, -n) }

func TestWhatOverlapsHasNoTotal(t *testing.T) {
	table, err := statistics.Overlapping([]int{12, 3})
	if err != nil || table.Summed || table.Total != (statistics.Cell{}) || table.Cells[0].About != 10 || !table.Cells[1].Few {
		t.Errorf("%+v, %v", table, err)
	}
}

func TestATableTooLargeIsRefused(t *testing.T) {
	for _, counts := range [][]int{nil, make([]int, statistics.Most+1), {3, -1}} {
		if _, err := statistics.Publish(counts); err == nil {
			t.Errorf("%v is published", counts)
		}
	}
}

func TestQuarters(t *testing.T) {
	for at, want := range map[string]string{"2026-01-01": "2026-q1", "2026-03-31": "2026-q1", "2026-04-01": "2026-q2", "2026-12-31": "2026-q4"} {
		day, err := time.Parse("2006-01-02", at)
		if err != nil {
			t.Fatal(err)
		}
		if got := statistics.Quarter(day); got != want {
			t.Errorf("%s is in %s", at, got)
		}
		if statistics.Over(want, day) {
			t.Errorf("%s is over on %s", want, at)
		}
	}
	for q, over := range map[string]bool{"2026-q3": true, "2026-q4": false, "2025-q4": true, "2026-q5": false, "2026-q0": false, "": false, "2025-q4 ": false, "2025-q4x": false,
		" 2025-q4": false, "25-q4": false, "2025-q41": false} {
		if statistics.Over(q, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)) != over {
			t.Errorf("%q over: %v", q, !over)
		}
	}
}
