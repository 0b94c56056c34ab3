package packet

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"waypost/referrals/directory"
	"waypost/screening"
)

//go:embed content
var embedded embed.FS

// Content is the book that ships with Waypost: fields, grounds, clocks and destinations.
func Content() fs.FS {
	sub, err := fs.Sub(embedded, "content")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// Book is all fields, grounds, clocks and destinations. It is loaded once, checked, and never changed.
type Book struct {
	Destinations []Destination
	Fields       []Field

	fields     map[string]Field
	order      map[string]int
	lists      map[string][]string
	grounds    map[string]Ground
	groundIDs  []string
	clocks     map[string]Clock
	coreGroups [][]string
	evidence   []Evidence
}

type bookFile struct {
	Sources        map[string]screening.Source `yaml:"sources"`
	Lists          map[string][]string         `yaml:"lists"`
	Fields         []Field                     `yaml:"fields"`
	Grounds        []Ground                    `yaml:"grounds"`
	Clocks         map[string]Clock            `yaml:"clocks"`
	ClocksEvidence Evidence                    `yaml:"clocks-evidence"`
	Destinations   []Destination               `yaml:"destinations"`
}

// Load reads and checks a book. Every fault is reported, joined into one error.
func Load(fsys fs.FS) (*Book, error) {
	var file bookFile
	if err := screening.Decode(fsys, "destinations.yaml", &file); err != nil {
		return nil, err
	}
	b := &Book{
		Fields: file.Fields, lists: file.Lists, clocks: file.Clocks,
		fields: map[string]Field{}, order: map[string]int{}, grounds: map[string]Ground{},
	}
	c := checker{b: b, file: &file}
	c.fields()
	c.grounds()
	c.clocks()
	for _, d := range file.Destinations {
		c.destination(d)
	}
	if len(c.faults) > 0 {
		return nil, fmt.Errorf("load destinations: %w: %w", ErrContent, errors.Join(c.faults...))
	}
	return b, nil
}

// Destination finds a destination by id.
func (b *Book) Destination(id string) (Destination, bool) {
	i := slices.IndexFunc(b.Destinations, func(d Destination) bool { return d.ID == id })
	if i < 0 {
		return Destination{}, false
	}
	return b.Destinations[i], true
}

// Field finds a field by id.
func (b *Book) Field(id string) (Field, bool) { f, ok := b.fields[id]; return f, ok }

// Codes are the answers of a closed list.
func (b *Book) Codes(list string) []string { return slices.Clone(b.lists[list]) }

// Wait is how long something of that urgency may wait: review, answer, hand-over, acknowledge or outcome. A destination
// may want an acknowledgement sooner.
func (b *Book) Wait(clock, urgency, destination string) time.Duration {
	wait := b.clocks[clock][urgency]
	if d, ok := b.Destination(destination); ok && clock == "acknowledge" && d.Clock != nil {
		wait = min(wait, d.Clock[urgency])
	}
	return wait
}

// Overdue lists what was signed and must be read again: content past its review fails the build.
func (b *Book) Overdue(today time.Time) (n int) {
	for _, e := range b.evidence {
		if e.Reviewed.Overdue(today) {
			n++
		}
	}
	return n
}

// Awaiting counts the items that nobody has signed yet.
func (b *Book) Awaiting() (n int) {
	for _, e := range b.evidence {
		if e.Reviewed.State == "awaiting" {
			n++
		}
	}
	return n
}

// clockNames are what may wait.
var clockNames = [...]string{"review", "answer", "hand-over", "acknowledge", "outcome"}

// urgencies are the codes of the one scale that something can wait for.
func urgencies() []string {
	var out []string
	for u := screening.Info; u <= screening.Now; u++ {
		out = append(out, u.String())
	}
	return out
}

type checker struct {
	b      *Book
	file   *bookFile
	faults []error
}

func (c *checker) fault(id, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

func (c *checker) proof(id string, e Evidence) {
	if err := e.Check(c.file.Sources); err != nil {
		c.fault(id, "%v", err)
	}
	c.b.evidence = append(c.b.evidence, e)
}

func (c *checker) fields() {
	for i, f := range c.file.Fields {
		if err := screening.CheckID(f.ID); err != nil {
			c.fault(f.ID, "%v", err)
		}
		_, listed := c.file.Lists[f.List]
		if f.List != "" && (!listed || f.Kind != "") || f.List == "" && !slices.Contains([]string{"words", "text", "date", "number"}, f.Kind) {
			c.fault(f.ID, "neither of a kind nor of a list")
		}
		if _, twice := c.b.fields[f.ID]; twice {
			c.fault(f.ID, "stands twice")
		}
		c.b.fields[f.ID], c.b.order[f.ID] = f, i
		if f.Core {
			c.b.coreGroups = gather(c.b.coreGroups, f.ID)
		}
	}
	if len(c.file.Fields) == 0 || c.file.Fields[0].ID != "unsafe.name" || !c.file.Fields[0].Core {
		c.fault("fields", "who must not be approached comes first")
	}
	for list, codes := range c.file.Lists {
		for _, code := range codes {
			if err := screening.CheckID(code); err != nil {
				c.fault(list, "%v", err)
			}
		}
	}
}

func (c *checker) grounds() {
	for _, g := range c.file.Grounds {
		c.proof(g.ID, g.Evidence)
		c.nations(g.ID, g.Nations)
		if len(g.Decisions) == 0 || slices.Contains(g.Decisions, Given) {
			c.fault(g.ID, "a ground stands beside a decision, and never beside consent")
		}
		c.b.grounds[g.ID] = g
		c.b.groundIDs = append(c.b.groundIDs, g.ID)
	}
}

func (c *checker) nations(id string, names []string) {
	for _, name := range names {
		if n, err := directory.ParseNation(name); err != nil || n == directory.UnknownNation {
			c.fault(id, "not a nation")
		}
	}
}

func (c *checker) clocks() {
	c.proof("clocks", c.file.ClocksEvidence)
	for _, name := range clockNames {
		c.clock(name, c.file.Clocks[name])
	}
}

// clock holds that every urgency has a time and that what is more urgent never waits longer.
func (c *checker) clock(id string, clock Clock) {
	last := time.Duration(1 << 62)
	for _, u := range urgencies() {
		if clock[u] <= 0 || clock[u] > last {
			c.fault(id, "no time for %s, or a longer one than for what is less urgent", u)
		}
		last = clock[u]
	}
}

func (c *checker) destination(d Destination) {
	c.proof(d.ID, d.Evidence)
	c.nations(d.ID, d.Nations)
	if d.Clock != nil {
		c.clock(d.ID, d.Clock)
	}
	if !slices.Contains([]directory.ConsentRule{directory.ConsentRequired, directory.ConsentSought, directory.ConsentNormally}, d.Consent) || len(d.Channels) == 0 || d.Group == "" {
		c.fault(d.ID, "no rule of consent, no channel or no group")
	}
	for _, ch := range d.Channels {
		if !slices.Contains(Channels(), ch) {
			c.fault(d.ID, "not a channel")
		}
	}
	for _, g := range d.Without {
		if _, ok := c.b.grounds[g]; !ok {
			c.fault(d.ID, "unknown ground %s", g)
		}
	}
	var own []string
	for _, f := range slices.Concat(d.Must, d.May, d.AnyOf) {
		field, known := c.b.fields[f]
		if !known {
			c.fault(d.ID, "unknown field %s", f)
		}
		if !field.Core && !slices.Contains(own, f) {
			own = append(own, f)
		}
	}
	for _, f := range d.AnyOf {
		if !slices.Contains(own, f+"-why") {
			c.fault(d.ID, "a criterion without its reason")
		}
	}
	slices.SortFunc(own, func(x, y string) int { return c.b.order[x] - c.b.order[y] })
	for _, f := range own {
		d.groups = gather(d.groups, f)
	}
	c.b.Destinations = append(c.b.Destinations, d)
}

// gather adds a field to the group it belongs to: fields that share what stands before the dot and follow each other.
func gather(groups [][]string, id string) [][]string {
	if n := len(groups); n > 0 {
		last := groups[n-1]
		if topic(last[0]) == topic(id) {
			groups[n-1] = append(last, id)
			return groups
		}
	}
	return append(groups, []string{id})
}

func topic(id string) string { before, _, _ := strings.Cut(id, "."); return before }
