package consult

import (
	"fmt"
	"strings"

	"waypost/referrals/directory"
)

// serviceKey is one way in which a service may look: how sure we are, and whether the telephone is watched.
type serviceKey struct {
	id        string
	mark      directory.Mark
	monitored bool
}

func (r *renderer) servicePieces() {
	for _, s := range r.Finder.Directory.Services() {
		if s.ShownTo == directory.NeverWithVictim {
			continue
		}
		for _, mark := range canHave(s) {
			for _, watched := range []bool{false, true} {
				r.services[serviceKey{s.ID, mark, watched}] = r.piece("service", r.service(s, mark, watched))
			}
		}
	}
	for _, need := range directory.Needs() {
		name := r.kit.Text(r.lang, "need."+need)
		r.reasons[directory.Reason{Code: directory.ForNeed, ID: need}] = r.piece("service-reason", name)
		r.words["missing."+need] = r.piece("service-missing", values{"Words": "plan.no-service", "Need": name})
		r.words["nothing."+need] = r.piece("service-missing", values{"Words": "plan.nothing-near", "Need": name})
		r.words["gap."+need] = r.piece("service-reason", name)
	}
	for _, kind := range []string{"practice", "authority", "board", "police"} {
		r.reasons[directory.Reason{Code: directory.ForArea, ID: kind}] = r.piece("service-reason", r.kit.Text(r.lang, "plan.local"))
	}
	r.parts["local-note"] = r.piece("service-note", r.kit.Text(r.lang, "plan.local-note", "Areas", r.Near.names()))
	r.parts["local-away"] = r.piece("service-note", r.kit.Text(r.lang, "plan.local-away"))
	r.parts["gaps-open"], r.parts["gaps-close"] = r.piece("gaps-open", nil), r.piece("gaps-close", nil)
	r.limits()
}

// canHave lists the marks a service can ever bear: one that nobody has rung can only say so.
func canHave(s directory.Service) []directory.Mark {
	if s.VerifiedOn.IsZero() {
		return []directory.Mark{directory.NotRung}
	}
	return []directory.Mark{directory.NoMark, directory.NotRung, directory.RungLongAgo}
}

// limits are the reasons that say to look twice before a service is passed on, with the words for each.
func (r *renderer) limits() {
	put := func(code directory.Code, id, words string, data ...any) {
		r.reasons[directory.Reason{Code: code, ID: id}] = r.piece("service-limit", r.kit.Text(r.lang, words, data...))
	}
	for _, n := range directory.AllNations.List() {
		put(directory.OnlyInNation, n.String(), "listed.only-in-nation", "Nation", r.kit.Text(r.lang, AnswerWords(NationQuestion, n.String())))
	}
	r.reasons[directory.Reason{Code: directory.OpenNow}] = r.piece("service-reason", r.kit.Text(r.lang, "listed.open-now"))
	put(directory.ClosedNow, "", "listed.closed-now")
	put(directory.NationNotStated, "", "listed.nation-not-stated")
	put(directory.PartOfNation, "", "listed.part-of-nation")
	put(directory.LimitedByAge, "", "listed.age-limit")
	for _, sex := range []string{"women", "men"} {
		put(directory.LimitedBySex, sex, "listed.only-"+sex)
	}
	for _, g := range directory.Groups() {
		put(directory.GroupNotTold, string(g), "listed.group-not-told", "Group", r.kit.Text(r.lang, "who.group."+string(g)))
	}
}

// service is what staff see of one service: who it is for, how to reach it, when, what a call leaves behind, how sure we
// are, and where and when it was read.
func (r *renderer) service(s directory.Service, mark directory.Mark, watched bool) values {
	var ways []values
	for _, w := range s.Ways {
		if watched && w.By.StaysOnPhone() {
			continue
		}
		v := values{"Kind": "way." + string(w.By), "Text": w.At, "Note": w.Note, "Tel": ""}
		if w.By == directory.Phone {
			v["Tel"] = strings.ReplaceAll(w.At, " ", "")
		}
		ways = append(ways, v)
	}
	date := s.ReadOn
	if mark != directory.NotRung {
		date = s.VerifiedOn
	}
	var read []string
	for _, source := range s.Sources {
		read = append(read, source.Address)
	}
	return values{
		"ID": fmt.Sprintf("%s.%d.%t", s.ID, mark, watched), "Name": s.Name, "For": s.For, "Ways": ways, "Hours": s.Hours.Text, "Warnings": append(append([]string{}, s.Warnings...), s.Notes...),
		"Trace": "trace." + strings.ReplaceAll(string(s.Bill.Trace), "_", "-"), "Sure": "confidence." + confidence(mark),
		"Date": date.Format("2 January 2006"), "Status": "confidence." + string(s.Status), "Source": strings.Join(read, " · "), "SourceDate": s.SourceDate,
	}
}

func confidence(m directory.Mark) string {
	switch m {
	case directory.NotRung:
		return "not-rung"
	case directory.RungLongAgo:
		return "rung-long-ago"
	}
	return "rung"
}
