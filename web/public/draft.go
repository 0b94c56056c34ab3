package public

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
	"waypost/screening/guide"
)

// The drafts of reports. They are put together from what was answered already, shown, changed and copied by the person, and
// sent by nobody: the box they stand in has no name, so that no form takes it along. What nobody asked reads "not known".

// drafts are the buttons of the drafts that the answers give reason for.
func (j *Journey) drafts(a guide.Answers) []choice {
	var out []choice
	for _, i := range j.Guide.Offered(a) {
		out = append(out, choice{Code: string(verbDraft) + codes[i:i+1], Words: guide.ReportWords(j.Guide.Reports[i].ID)})
	}
	return out
}

// draftView shows one draft, or which there are.
func (j *Journey) draftView(p posted) view {
	a := p.walk.Answers
	v := view{Heading: "public.draft.heading", Texts: []string{"public.draft.text-1", "public.draft.text-2"}, Drafts: j.drafts(a), Return: true, Help: true}
	if !slices.Contains(j.Guide.Offered(a), p.page) || len(v.Drafts) == 0 {
		return v
	}
	r := &j.Guide.Reports[p.page]
	v.Heading = guide.ReportWords(r.ID)
	v.Draft = j.draft(r, a, p.lang)
	v.Rows = strings.Count(v.Draft, "\n") + 2
	for _, need := range r.Needs {
		if v.Goes = j.numbersAlong([]string{need}, j.nation(a)); len(v.Goes) == 0 {
			v.Place = j.placeOf(need, j.nation(a))
		}
	}
	return v
}

// draft is the plain text.
func (j *Journey) draft(r *guide.Report, a guide.Answers, lang string) string {
	say := func(id string) string { return j.kit.Text(lang, id) }
	var out strings.Builder
	for _, field := range r.Fields {
		out.WriteString(say(guide.FieldWords(field)))
		told := j.fill(field, r, a)
		if len(told) == 0 {
			told = []string{"public.draft.not-known"}
		}
		for _, id := range told {
			out.WriteString(" " + say(id))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// fill is what is known of a field: the ids of words. Nothing: it was not asked.
func (j *Journey) fill(field string, r *guide.Report, a guide.Answers) []string {
	switch field {
	case "happened":
		var out []string
		for _, told := range j.Guide.Tells(r, a) {
			out = append(out, guide.ToldWords(told))
		}
		return out
	case "outcome":
		if j.Guide.Has(a, "safe", "hurt") {
			return []string{"public.draft.hurt"}
		}
	case "interfered":
		return []string{"public.draft.cannot-rule-out"}
	case "share":
		return []string{"public.draft.yes-or-no"}
	case "logs", "number", "safe":
		return []string{"public.draft.please"}
	}
	return nil
}

// placeOf is the website of the first service for a need that has one, where there is no telephone.
func (j *Journey) placeOf(need string, nation directory.Nation) string {
	found := j.Directory.Match(directory.Wants{Needs: []string{need}, Nation: nation, Audience: directory.Public, Mode: j.Mode, Today: j.Now()})
	for _, m := range found.Matches {
		for _, w := range m.Service.Ways {
			if w.By == directory.Website {
				return m.Service.Name + ": " + w.At
			}
		}
	}
	return ""
}
