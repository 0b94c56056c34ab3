package desk

import (
	"fmt"
	"strconv"
	"time"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/referrals/statistics"
	"waypost/web"
)

const statisticsPath = "/statistics"

func (j *Journey) statisticsRoutes() []web.Route {
	return []web.Route{j.on("GET", statisticsPath, people.StatisticsRead, j.statistics)}
}

// quartersBack is how many quarters can be chosen.
const quartersBack = 8

// bar is one number of a table, as it is drawn and as it is written.
type bar struct {
	Words string
	Shown string // the number, or empty where it is few
	Few   bool
	Y     int
	Wide  int
}

type chart struct {
	ID, Words string
	Bars      []bar
	Total     bar
	High      int
	Drawn     bool // there is something to draw
	Summed    bool // every case stands in one cell, so there is a total
}

// The measures of a drawing, in its own units.
const (
	rowHigh  = 28
	widest   = 300
	fewWide  = 8
	barStart = 4
)

// statistics shows the tables of one quarter that is over. Which quarters there are is fixed, and so are the tables.
func (j *Journey) statistics(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(map[string]web.Kind{"quarter": web.One}))
	if err != nil {
		return web.Page{}, err
	}
	quarters := j.quarters()
	want, ok := a.One("quarter")
	if !ok {
		want = quarters[0].ID
	}
	tables, err := j.Desk.Statistics(r.Context(), r.Session().Actor, want)
	if err != nil {
		return web.Page{}, err
	}
	for i := range quarters {
		quarters[i].On = quarters[i].ID == want
	}
	charts := []chart{}
	for _, t := range tables {
		charts = append(charts, chartOf(t))
	}
	return j.within(r.Session(), 200, a.lang, "statistics", values{"Quarters": quarters, "Charts": charts, "Lang": a.lang})
}

// quarters are those that are over and settled, the newest first.
func (j *Journey) quarters() []option {
	var out []option
	at := j.Now().UTC().Add(-24 * time.Hour)
	first := time.Date(at.Year(), (at.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	for range quartersBack {
		first = first.AddDate(0, -3, 0)
		out = append(out, option{ID: statistics.Quarter(first)})
	}
	return out
}

func chartOf(t referrals.Statistic) chart {
	c := chart{ID: "table-" + t.Name, Words: said(tableWords, t.Name), High: rowHigh * len(t.Cells), Total: barOf(t.Total, 1, 0), Summed: t.Summed}
	most := 1
	for _, cell := range t.Cells {
		most = max(most, cell.About)
	}
	for i, cell := range t.Cells {
		b := barOf(cell, most, i)
		b.Words = cellWords(t.Name, t.Names[i])
		c.Bars, c.Drawn = append(c.Bars, b), c.Drawn || b.Wide > 0
	}
	return c
}

// barOf draws a rounded number, and of a small one no more than that it is small.
func barOf(c statistics.Cell, most, row int) bar {
	b := bar{Shown: strconv.Itoa(c.About), Few: c.Few, Y: row*rowHigh + barStart, Wide: c.About * widest / most}
	if c.Few {
		b.Shown, b.Wide = "", fewWide
	}
	return b
}

var tableWords = map[string]string{
	"cases": "desk.table.cases", "consent": "desk.table.consent", "handovers": "desk.table.handovers", "answers": "desk.table.answers", "outcomes": "desk.table.outcomes",
}

var casesWords = map[string]string{
	"urgent": "desk.cell.urgent", "urgent-child": "desk.cell.urgent-child", "soon": "desk.cell.soon", "soon-child": "desk.cell.soon-child",
	"later": "desk.cell.later", "later-child": "desk.cell.later-child",
	"domestic-abuse": "desk.cell.domestic-abuse", "children": "desk.cell.children", "adults": "desk.cell.adults", "police": "desk.cell.police",
	"health": "desk.cell.health", "specialist": "desk.cell.specialist",
	"in-time": "desk.cell.in-time", "late": "desk.cell.late", "declined": "desk.cell.declined", "unopened": "desk.cell.unopened",
}

func cellWords(table, cell string) string {
	switch table {
	case "consent":
		return fmt.Sprintf("referral.decision.%s", cell)
	case "outcomes":
		return said(reasonWords, cell)
	}
	return said(casesWords, cell)
}
