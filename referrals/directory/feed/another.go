package feed

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// another reads what another Waypost says of whom a service is for and what it offers. The keys are ours; a stranger's are
// none.
func (r *Reading) another(n node, s *directory.Service) {
	for _, a := range r.nodes(n, "attributes") {
		t := r.node(a, "taxonomy_term")
		key := r.text(t, "term")
		switch t["taxonomy"] {
		case directory.OurPeople:
			switch g := directory.Group(key); {
			case key == "women":
				s.Who.Only = directory.Woman
			case key == "men":
				s.Who.Only = directory.Man
			case slices.Contains(directory.Groups(), g) && !slices.Contains(s.Who.Groups, g):
				s.Who.Groups = append(s.Who.Groups, g)
			}
		case directory.OurAccess:
			if x := directory.Access(key); slices.Contains(directory.Accesses(), x) && !slices.Contains(s.Access, x) {
				s.Access = append(s.Access, x)
			}
		}
	}
	slices.Sort(s.Access)
}

// alert reads what whoever is shown a service must be told with it.
func (r *Reading) alert(n node, s *directory.Service) {
	text := r.words(r.text(n, "alert"), longestText)
	if rest, ok := strings.CutPrefix(text, directory.Watched); ok {
		s.AvoidMonitoredPhone = true
		text = strings.TrimLeft(rest, "; ")
	}
	if text != "" {
		s.Warnings = []string{text}
	}
}
