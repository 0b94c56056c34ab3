package partners

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrPartner says that an entry is not what it must be; the error around it names the entry and the field, never a value.
var ErrPartner = errors.New("partners: entry not as it must be")

// Open checks partners and makes the list. One bad entry and there is none.
func Open(all ...Partner) (*List, error) {
	var faults []error
	seen := map[string]bool{}
	for i := range all {
		p := &all[i]
		if seen[p.Slug] {
			faults = append(faults, fmt.Errorf("%w: %s: twice", ErrPartner, p.Slug))
		}
		seen[p.Slug] = true
		for _, f := range p.faults() {
			faults = append(faults, fmt.Errorf("%w: %s: %s", ErrPartner, p.Slug, f))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &List{slices.Clone(all)}, nil
}

// Check names what is asked to be live and is not, so that somebody hears of it before an agent does.
func (l *List) Check(today time.Time) error {
	var faults []error
	for i := range l.all {
		p := &l.all[i]
		if missing := p.Missing(today); p.Wanted && !p.Example && len(missing) > 0 {
			faults = append(faults, fmt.Errorf("partner %s is asked to be live and is not: %s", p.Slug, strings.Join(missing, ", ")))
		}
	}
	return errors.Join(faults...)
}

var (
	slugShape  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	nameShape  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} .&'’+-]*$`)
	roleShape  = regexp.MustCompile(`^\p{L}[\p{L} -]*$`)
	emailShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	extShape   = regexp.MustCompile(`^[0-9]{3,6}$`)
	cardShape  = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}$`)
	langShape  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)
	timeShape  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

// A name may be a trade mark; it may not be a claim, an order or a number that somebody would ring instead of 999.
var claims = regexp.MustCompile(`(?i)\bsafe(r|st|ly|ty)?\b|secur|guarantee|detect|scan|shield|remov|cure\b|doctor|\bnhs\b|police|free\b|cannot|never|` +
	`psychos|delusion|paranoi|mental|government|track|locat|\bgps\b`)

var emergencyNumbers = []string{"999", "112", "111", "101", "911", "116123"}

func named(text string) bool {
	return nameShape.MatchString(text) && utf8.RuneCountInString(text) <= 40 && len(strings.Fields(text)) <= 5 && !claims.MatchString(text)
}

// faults are the fields that hold what no partner may set. It says nothing of what is missing for being live.
func (p *Partner) faults() []string {
	var f []string
	bad := func(wrong bool, field string) {
		if wrong {
			f = append(f, field)
		}
	}
	bad(!slugShape.MatchString(p.Slug) || len(p.Slug) > 40, "slug")
	bad(!named(p.Name), "name")
	bad(len(p.Languages) == 0, "languages")
	for _, l := range p.Languages {
		bad(!langShape.MatchString(l), "languages")
	}
	bad(p.Nations == 0, "nations")
	seen := map[string]bool{}
	for _, e := range p.Entries {
		bad(seen[e] || !slices.ContainsFunc(Entries(), func(x Entry) bool { return x.Name == e }), "entries")
		seen[e] = true
	}
	bad(len(p.Hours) == 0 || len(p.Hours) > 7, "hours")
	for _, h := range p.Hours {
		bad(len(h.Days) == 0 || !timeShape.MatchString(h.From) || !timeShape.MatchString(h.To) || h.From >= h.To, "hours")
	}
	bad(p.Lead.Contact != (Contact{}) && !p.Lead.sound(), "lead")
	bad(!p.Legal.sound(), "legal")
	bad(p.Review.By != "" && !roleShape.MatchString(p.Review.By), "review")
	for _, line := range p.Kept {
		bad(!slices.Contains(CharterLines(), line), "charter")
	}
	seen = map[string]bool{}
	for i := range p.Products {
		x := &p.Products[i]
		bad(seen[x.ID] || !slugShape.MatchString(x.ID), "product: id")
		seen[x.ID] = true
		bad(!slices.Contains(Kinds(), x.Kind), "product: kind")
		bad(!named(x.Make) || !named(x.Model), "product: make or model")
		bad(!slices.Contains(Materials(), x.Material), "product: material")
		bad(x.MRICard != "" && !cardShape.MatchString(x.MRICard), "product: mri card")
	}
	return f
}

// sound holds a contact to its shape. An extension that reads like an emergency number is refused.
func (c Contact) sound() bool {
	role := roleShape.MatchString(c.Role) && utf8.RuneCountInString(c.Role) <= 40 && !claims.MatchString(c.Role)
	switch c.By {
	case Email:
		return role && emailShape.MatchString(c.At) && len(c.At) <= 80
	case Extension:
		return role && extShape.MatchString(c.At) && !slices.Contains(emergencyNumbers, c.At)
	}
	return false
}
