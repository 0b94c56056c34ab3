package staff

import (
	"slices"
	"strings"

	"waypost/referrals/partners"
	"waypost/web"
)

// CompanyPath is the page on which a company's lead sees its own entry.
const CompanyPath = "/company"

// promise is one line of the charter, and whether the reviewers have found it kept.
type promise struct {
	Words string
	Kept  bool
}

// company shows a company's lead what is reviewed of it: which lines of the charter are kept, what keeps its page closed, when
// it is looked at again, and the way to the page and the kit of links where they are open. An entry is a company's own if it
// bears its name; another company's is not shown, nor is there a form: an entry is changed by a commit that a second person
// has read (docs/decisions/0014). No page tells a company who opened what.
func (j *Journey) company(r *web.Request) (web.Page, error) {
	s := r.Session()
	o, err := j.Register.Organisation(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	name := o.Name.Reveal()
	own, known := j.entry(name)
	v := values{"Organisation": name, "Known": known, "Missing": []string{}, "Page": "", "Again": ""}
	promises := []promise{}
	for _, line := range partners.CharterLines() {
		promises = append(promises, promise{"company.charter." + line, slices.Contains(own.Kept, line)})
	}
	v["Promises"] = promises
	if known {
		missing := own.Missing(j.Now())
		v["Missing"] = missingWords(missing)
		if len(missing) == 0 {
			v["Page"] = "/agent/" + own.Slug
		}
		if again := own.Review.Again; !again.IsZero() {
			v["Again"] = again.Format("2 January 2006")
		}
	}
	return j.within(200, j.tag(r, read(r).language), "company", s, v)
}

// entry finds the entry that bears a name.
func (j *Journey) entry(name string) (partners.Partner, bool) {
	if j.Partners == nil {
		return partners.Partner{}, false
	}
	all := j.Partners.All()
	i := slices.IndexFunc(all, func(p partners.Partner) bool { return strings.EqualFold(strings.TrimSpace(name), p.Name) })
	if i < 0 {
		return partners.Partner{}, false
	}
	return all[i], true
}

// missingWords are the words for what keeps a page closed, but for the lines of the charter, which stand on the page by
// themselves.
func missingWords(codes []string) []string {
	out := []string{}
	for _, code := range codes {
		words := "company.missing." + code
		if strings.HasPrefix(code, "product.") {
			words = "company.missing.product"
		}
		if !strings.HasPrefix(code, "charter.") && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}
