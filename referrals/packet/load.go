package packet

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

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
	Export       Care   // a copy for the person
	Erase        Care   // the end of a case before its time
	Routes       Routes // where a plan leads

	fields     map[string]Field
	order      map[string]int
	lists      map[string][]string
	grounds    map[string]Ground
	groundIDs  []string
	clocks     map[string]Clock
	coreGroups [][]string
	evidence   []Evidence
	classes    map[string]Class
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
	var routes Routes
	if err := screening.Decode(fsys, "routes.yaml", &routes); err != nil {
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
	c.faults = append(c.faults, b.copies(fsys)...)
	c.routes(routes)
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

// Grounds are all grounds on which something may be shared without consent.
func (b *Book) Grounds() []string { return slices.Clone(b.groundIDs) }

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
