package openreferral

import "waypost/referrals/directory"

type taxonomy struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Version     string         `json:"version"`
	Terms       []taxonomyTerm `json:"taxonomy_terms,omitempty"`
}

type taxonomyTerm struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Taxonomy    string `json:"taxonomy"`
	TaxonomyID  string `json:"taxonomy_id"`
	Term        string `json:"term"`
}

// kind is one of our lists of words, and how an attribute names the link to it.
type kind uint8

const (
	ofNeed kind = iota
	ofPeople
	ofAccess
	kinds
)

func (k kind) link() string { return [kinds]string{"need", "audience", "accessibility"}[k] }

// taxonomies are our words, each under its identifier. They never change while the program runs.
type taxonomies struct {
	list  [kinds]taxonomy
	terms map[string]taxonomyTerm
	byKey [kinds]map[string]taxonomyTerm
}

func newTaxonomies() *taxonomies {
	t := &taxonomies{terms: map[string]taxonomyTerm{}}
	for k := range kinds {
		name, about := k.words()
		id := idOf("taxonomy", k.link())
		t.list[k] = taxonomy{ID: id, Name: name, Description: about, Version: "1"}
		t.byKey[k] = map[string]taxonomyTerm{}
		for _, w := range words(k) {
			term := taxonomyTerm{ID: idOf("taxonomy_term", k.link()+"/"+w.key), Name: w.name, Description: w.about, Taxonomy: name, TaxonomyID: id, Term: w.key}
			t.list[k].Terms = append(t.list[k].Terms, term)
			t.terms[term.ID], t.byKey[k][w.key] = term, term
		}
	}
	return t
}

func (k kind) words() (name, about string) {
	switch k {
	case ofNeed:
		return directory.OurNeeds, "What a service helps with."
	case ofPeople:
		return directory.OurPeople, "The people a service was made for or is limited to. A service without one is for everybody."
	}
	return directory.OurAccess, "What a service offers so that more people can use it. What is not listed is not known."
}

// briefs are the taxonomies without their terms, as a list has them.
func (t *taxonomies) briefs() []taxonomy {
	var out []taxonomy
	for _, one := range t.list {
		one.Terms = nil
		out = append(out, one)
	}
	return out
}

func (t *taxonomies) all() []taxonomyTerm {
	var out []taxonomyTerm
	for _, one := range t.list {
		out = append(out, one.Terms...)
	}
	return out
}

func (t *taxonomies) taxonomy(id string) (any, bool) {
	for _, one := range t.list {
		if one.ID == id {
			return one, true
		}
	}
	return nil, false
}

func (t *taxonomies) term(id string) (any, bool) {
	one, ok := t.terms[id]
	return one, ok
}

// keysOf are the words of each list that a service answers to.
func keysOf(s directory.Service) [kinds][]string {
	out := [kinds][]string{ofNeed: s.Needs}
	for _, g := range s.Who.Groups {
		out[ofPeople] = append(out[ofPeople], string(g))
	}
	switch s.Who.Only {
	case directory.Woman:
		out[ofPeople] = append(out[ofPeople], "women")
	case directory.Man:
		out[ofPeople] = append(out[ofPeople], "men")
	}
	for _, a := range s.Access {
		out[ofAccess] = append(out[ofAccess], string(a))
	}
	return out
}

func (i *item) attributes(t *taxonomies) []attribute {
	var out []attribute
	for k, keys := range i.keys {
		for _, key := range keys {
			if term, ok := t.byKey[k][key]; ok {
				link := kind(k).link()
				out = append(out, attribute{ID: i.part("attribute", link+"/"+key), LinkID: i.id, TaxonomyTermID: term.ID, LinkType: link, TaxonomyTerm: term})
			}
		}
	}
	return out
}

// has reports whether a service answers to a term, or to any of a taxonomy.
func (i *item) has(t *taxonomies, termID, taxonomyID string) bool {
	term, known := t.terms[termID]
	if termID != "" && !known {
		return false
	}
	inTerm, inTaxonomy := termID == "", taxonomyID == ""
	for k, keys := range i.keys {
		inTaxonomy = inTaxonomy || t.list[k].ID == taxonomyID && len(keys) > 0
		for _, key := range keys {
			inTerm = inTerm || t.list[k].ID == term.TaxonomyID && key == term.Term
		}
	}
	return inTerm && inTaxonomy
}
