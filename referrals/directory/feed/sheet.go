package feed

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// Columns are the columns of the CSV, in the order of the template; docs/import-services.md says what stands in each.
func Columns() []string {
	return []string{
		"id", "name", "needs", "covers", "practices", "nations", "kind", "phone", "text", "email", "website", "address", "for", "sex", "min_age", "max_age",
		"groups", "hours", "hours_text", "languages", "access", "referrers", "consent", "next_steps", "cost", "prof", "shown_to", "warnings", "notes",
		"monitored_phone", "source", "source_date",
	}
}

// row is one line of a CSV by column.
type row struct {
	cells map[string]int
	line  []string
}

func (w row) cell(name string) string {
	i, ok := w.cells[name]
	if !ok {
		return ""
	}
	return strings.TrimSpace(w.line[i])
}

// list cuts a cell at semicolons or bars.
func (w row) list(name string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(w.cell(name), func(c rune) bool { return c == ';' || c == '|' }) {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// bounded ends a reading in which one line has no end.
type bounded struct {
	in   io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// CSV reads the sheet that docs/import-services.md describes. A column that is not known is an error: it may be a private
// fact that has no place here.
func (r *Reading) CSV(in io.Reader) error {
	limit := &bounded{in: split(in).in, left: longestService}
	buffered := bufio.NewReaderSize(limit, 4<<10)
	sheet := csv.NewReader(buffered)
	sheet.FieldsPerRecord, sheet.ReuseRecord = -1, true
	if head, _ := buffered.Peek(4 << 10); strings.Count(firstLine(head), ";") > strings.Count(firstLine(head), ",") {
		sheet.Comma = ';'
	}
	cells, err := columns(sheet)
	if err != nil {
		return r.failed(err)
	}
	for {
		limit.left = longestService
		line, err := sheet.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLong):
			return r.failed(fmt.Errorf("%w: the line after service %d has no end", ErrFeed, r.report.Read))
		case err != nil && !errors.As(err, &broken):
			return r.failed(err)
		}
		at := 0
		if len(line) > 0 {
			at, _ = sheet.FieldPos(0)
		} else if broken != nil {
			at = broken.StartLine
		}
		if !slices.ContainsFunc(line, func(c string) bool { return strings.TrimSpace(c) != "" }) && err == nil {
			continue // an empty line of a spreadsheet
		}
		r.next(int64(at))
		if err != nil || len(line) != len(cells) {
			r.aside(BadLine, "")
			continue
		}
		if err := r.line(row{cells, line}); err != nil {
			return err
		}
	}
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

func columns(sheet *csv.Reader) (map[string]int, error) {
	head, err := sheet.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: no header", ErrColumns)
	}
	cells := map[string]int{}
	for i, name := range head {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
		if _, twice := cells[name]; twice || !slices.Contains(Columns(), name) {
			return nil, fmt.Errorf("%w: column %d", ErrColumns, i+1)
		}
		cells[name] = i
	}
	for _, name := range []string{"id", "name"} {
		if _, ok := cells[name]; !ok {
			return nil, fmt.Errorf("%w: %s", ErrColumns, name)
		}
	}
	return cells, nil
}

// line turns a line into a service, or sets it aside. It forgives less than a feed of others: whoever wrote it can mend it.
func (r *Reading) line(w row) error {
	key := w.cell("id")
	n := node{"id": key, "name": w.cell("name")}
	key, name, reason := r.identify(n)
	if reason != "" {
		r.aside(reason, key)
		return nil
	}
	s := directory.Service{
		ID: OurID(r.source.Name, key), Name: name, ShownTo: directory.Anyone, Prof: directory.ProfUnknown, Status: directory.Secondary, ReadOn: r.source.Read,
		For: r.words(w.cell("for"), longestText), Cost: r.words(w.cell("cost"), longestNote), NextSteps: r.words(w.cell("next_steps"), longestText),
		AvoidMonitoredPhone: w.cell("monitored_phone") == "avoid", SourceDate: w.cell("source_date"), Sources: []directory.Source{{Address: r.source.Address}},
	}
	var bad string
	for _, read := range []struct {
		column string
		do     func(*directory.Service, row) bool
	}{
		{"needs", r.sheetNeeds}, {"nations", sheetNations}, {"covers", r.sheetCovers}, {"sex", sheetSex}, {"min_age", r.sheetAges}, {"groups", sheetGroups},
		{"hours", r.sheetHours}, {"languages", sheetLanguages}, {"access", sheetAccess}, {"referrers", sheetReferrers}, {"consent", sheetConsent},
		{"prof", sheetProf}, {"shown_to", sheetShown}, {"kind", sheetKind}, {"phone", r.sheetWays}, {"source", sheetSource}, {"notes", r.sheetNotes},
	} {
		if bad == "" && !read.do(&s, w) {
			bad = read.column
		}
	}
	if bad != "" {
		r.aside(BadField+": "+bad, key)
		return nil
	}
	if len(s.Ways) == 0 {
		r.aside(NoWay, key)
		return nil
	}
	var held []Hold
	if s.ShownTo != directory.NeverWithVictim {
		held = r.judge(&s, nil)
	}
	if !s.Covers.Local() && s.Nations == 0 && !r.placeBySource(&s) {
		held = append(held, NoArea)
	}
	return r.keep(key, s, held)
}
