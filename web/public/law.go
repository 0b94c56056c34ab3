package public

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/partners/script"
	"waypost/screening/guide"
	"waypost/web"
)

// What is said where a chip is wanted in another person: a kind no, what does help, and the law by nation with the day on
// which it was read. The law is the one that stands on the page for support agents, in plainer words; past its day none of it
// is shown.

// point is one thing about the law; All says that it holds in all four nations.
type point struct {
	Words string
	All   bool
}

// lawful holds at start that there is law for every request, so that no page comes without it before its day.
func (j *Journey) lawful() error {
	for i := range j.Guide.Requests {
		r := &j.Guide.Requests[i]
		if !slices.ContainsFunc(j.Law.Points, func(p script.Point) bool { return slices.Contains(p.Requests, r.Law) }) {
			return fmt.Errorf("%w: no law for the request %s", web.ErrConfig, r.ID)
		}
	}
	return nil
}

// requestView is what is said to a request. Who said in which nation they are is shown its law; who did not is shown what
// holds in all four, and may choose one for this page alone.
func (j *Journey) requestView(p posted, r *guide.Request) view {
	nation := j.nation(p.walk.Answers)
	v := view{Heading: guide.RequestWords(r.ID), Return: true, Help: true}
	if !p.picked { // who has picked a nation has read the rest
		v.Texts, v.Numbers = r.Texts(), j.numbersAlong(r.Needs, nation)
	}
	points, fresh := j.Law.For(r.Law, j.Now())
	if v.LawStale = !fresh; !fresh {
		return v
	}
	if nation == directory.UnknownNation {
		for i, n := range directory.AllNations.List() {
			v.Nations = append(v.Nations, choice{Code: string(verbLaw) + codes[i:i+1], Words: nationWords(n.String()), On: i == p.page && p.picked})
			if i == p.page && p.picked {
				nation = n
			}
		}
	}
	if nation != directory.UnknownNation {
		v.Nation = nationWords(nation.String())
	}
	for _, x := range points {
		if all := x.Nations == directory.AllNations; all || x.Nations.Has(nation) {
			v.Law = append(v.Law, point{script.PlainLawWords(x.ID), all})
		}
	}
	v.LawRead, v.LawAgain = j.date(p.lang, j.Law.ReadOn), j.date(p.lang, j.Law.Again)
	return v
}

// numbersAlong are the numbers of the first need that has one, and those of every nation where none was told.
func (j *Journey) numbersAlong(needs []string, nation directory.Nation) []number {
	l := &guide.Line{Needs: needs}
	if nation == directory.UnknownNation {
		return j.everywhere(l)
	}
	return j.numbersFor(l, nation)
}

// date is a day in the words of a language.
func (j *Journey) date(lang string, t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + j.kit.Text(lang, months()[t.Month()-1]) + " " + strconv.Itoa(t.Year())
}

// months are the ids of the words for the months.
func months() [12]string {
	return [...]string{
		"public.month.january", "public.month.february", "public.month.march", "public.month.april",
		"public.month.may", "public.month.june", "public.month.july", "public.month.august",
		"public.month.september", "public.month.october", "public.month.november", "public.month.december",
	}
}
