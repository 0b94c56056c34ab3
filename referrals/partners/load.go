package partners

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"waypost/referrals/directory"
)

//go:embed partners.yaml
var file []byte

// Load reads the embedded partners. The error names each bad entry by slug and field.
func Load() (*List, error) { return read(file) }

type document struct {
	Partners []row `yaml:"partners"`
}

type row struct {
	Slug      string          `yaml:"slug"`
	Name      string          `yaml:"name"`
	Example   bool            `yaml:"example"`
	Live      bool            `yaml:"live"`
	Nations   []string        `yaml:"nations"`
	Languages []string        `yaml:"languages"`
	Entries   []string        `yaml:"entries"`
	Hours     []hours         `yaml:"hours"`
	Lead      contact         `yaml:"lead"`
	Legal     contact         `yaml:"legal"`
	Products  []product       `yaml:"products"`
	Charter   map[string]bool `yaml:"charter"`
	Review    struct {
		By    string `yaml:"by"`
		On    string `yaml:"on"`
		Again string `yaml:"again"`
	} `yaml:"review"`
}

type hours struct {
	Days []string `yaml:"days"`
	From string   `yaml:"from"`
	To   string   `yaml:"to"`
}

type contact struct {
	Role    string `yaml:"role"`
	By      string `yaml:"by"`
	At      string `yaml:"at"`
	NamedOn string `yaml:"named_on"`
}

type product struct {
	ID       string `yaml:"id"`
	Kind     string `yaml:"kind"`
	Make     string `yaml:"make"`
	Model    string `yaml:"model"`
	Material string `yaml:"material"`
	MRICard  string `yaml:"mri_card"`
	Again    string `yaml:"again"`
}

// read is strict: an unknown key, such as words for the page, is an error.
func read(text []byte) (*List, error) {
	var d document
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&d); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read partners: %w", err)
	}
	var all []Partner
	var faults []error
	for i := range d.Partners {
		p, err := d.Partners[i].convert()
		if err != nil {
			faults = append(faults, fmt.Errorf("%w: %s: %w", ErrPartner, d.Partners[i].Slug, err))
		}
		all = append(all, p)
	}
	l, err := Open(all...)
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, fmt.Errorf("read partners: %w", err)
	}
	return l, nil
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

var (
	errDay    = errors.New("not a day as 2026-11-25")
	errNation = errors.New("nations: not a nation, or one twice")
	errHours  = errors.New("hours: not a day of the week")
	errNames  = errors.New("named_on stands with the lead alone")
)

func (r *row) convert() (Partner, error) {
	var faults []error
	date := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			faults = append(faults, errDay)
		}
		return t
	}
	p := Partner{
		Slug: r.Slug, Name: r.Name, Example: r.Example, Wanted: r.Live, Languages: r.Languages, Entries: r.Entries,
		Lead: Lead{r.Lead.contact(), date(r.Lead.NamedOn)}, Legal: r.Legal.contact(),
		Review: Review{r.Review.By, date(r.Review.On), date(r.Review.Again)},
	}
	if r.Legal.NamedOn != "" {
		faults = append(faults, errNames)
	}
	for _, word := range r.Nations {
		n, err := directory.ParseNation(word)
		if err != nil || n == directory.UnknownNation || p.Nations.Has(n) {
			faults = append(faults, errNation)
		}
		p.Nations = p.Nations.With(n)
	}
	for _, h := range r.Hours {
		out := Hours{From: h.From, To: h.To}
		for _, word := range h.Days {
			d := slices.Index(weekdays[:], word)
			if d < 0 {
				faults = append(faults, errHours)
				continue
			}
			out.Days = append(out.Days, time.Weekday(d))
		}
		p.Hours = append(p.Hours, out)
	}
	for _, x := range r.Products {
		p.Products = append(p.Products, Product{x.ID, x.Kind, x.Make, x.Model, x.Material, x.MRICard, date(x.Again)})
	}
	for line, kept := range r.Charter {
		if kept || !slices.Contains(CharterLines(), line) { // an unknown line is kept so that the check sees it
			p.Kept = append(p.Kept, line)
		}
	}
	slices.Sort(p.Kept)
	return p, errors.Join(faults...)
}

func (c contact) contact() Contact { return Contact{c.Role, By(c.By), c.At} }
