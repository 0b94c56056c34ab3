package packet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/referrals/directory"
	"waypost/screening"
)

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
	if (len(d.Finds) > 0) != (len(d.Lines) > 0) {
		c.fault(d.ID, "findings without their lines")
	}
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
