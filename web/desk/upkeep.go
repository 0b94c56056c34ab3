package desk

import (
	"cmp"
	"slices"
	"strconv"

	"waypost/internal/records"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/web"
)

// directoryPath is where the services of the area are kept right.
const (
	directoryPath = "/directory"
	newPath       = "/desk/service"
)

func (j *Journey) directoryRoutes() []web.Route {
	one := directoryPath + "/:id"
	change := func(path string, action people.Action, do func(*web.Request, asked, records.Act, ledger.Entry) error) web.Route {
		return j.on("POST", one+path, action, j.onSeen(action, entryFields, do))
	}
	return []web.Route{
		j.on("GET", newPath, people.DirectoryEdit, j.newPage),
		j.on("POST", newPath, people.DirectoryEdit, j.enter),
		j.on("GET", directoryPath, people.DirectoryRead, j.directory),
		j.on("GET", one, people.DirectoryRead, j.entry),
		change("/propose", people.DirectoryEdit, j.propose),
		j.on("POST", one+"/recode", people.DirectoryEdit, j.onSeen(people.DirectoryEdit, columnKind(coded()), j.recode)),
		change("/clear", people.DirectoryEdit, j.clear),
		change("/resolve", people.DirectoryEdit, j.resolve),
		change("/retire", people.DirectoryEdit, j.retire),
		change("/confirm", people.DirectoryVerify, pressed(j.Services.Confirm)),
		change("/refuse", people.DirectoryVerify, pressed(j.Services.Refuse)),
		change("/rung", people.DirectoryVerify, pressed(j.Services.Rung)),
	}
}

type due struct {
	Path, Name, Words string
	Since             *moment
}

// dueGroup is what somebody must look at for one reason, the longest due first.
type dueGroup struct {
	ID, Words string
	List      []due
	More      int    // left out here
	Next      string // where they are shown
}

// reasons for which a service is due, in the order of the page: what waits for somebody before what grows old.
var dueOrder = []ledger.What{ledger.WaitsForAnother, ledger.InConflict, ledger.IsHeld, ledger.IsUnlisted, ledger.GrewOld, ledger.Incomplete}

var groupWords = map[ledger.What]string{
	ledger.WaitsForAnother: "desk.due.confirm", ledger.InConflict: "desk.due.conflict", ledger.IsHeld: "desk.due.held",
	ledger.IsUnlisted: "desk.due.unlisted", ledger.GrewOld: "desk.due.grown-old", ledger.Incomplete: "desk.due.lacks",
}

// How many a reason shows beside the others, and on a page of its own.
const (
	fewDues  = 20
	mostDues = 100
)

// dueGroups are the dues by reason and date, or those of one reason, page by page.
func (j *Journey) dueGroups(lang, only string, from int) (all []dueGroup) {
	by := map[ledger.What][]ledger.Due{}
	for _, d := range j.Services.Dues(j.Now()) {
		by[d.What] = append(by[d.What], d)
	}
	for _, what := range dueOrder {
		late, most := by[what], fewDues
		if len(late) == 0 || only != "" && only != string(what) {
			continue
		}
		slices.SortFunc(late, func(x, y ledger.Due) int { return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.ID, y.ID)) })
		if only != "" {
			late, most = late[min(from, len(late)):], mostDues
		} else {
			from = 0
		}
		g := dueGroup{ID: string(what), Words: said(groupWords, what)}
		for _, d := range late[:min(len(late), most)] {
			e, _ := j.Services.Entry(d.ID)
			one := due{Path: directoryPath + "/" + d.ID, Name: e.Service.Name, Since: j.day(d.Since)}
			if d.Fate != "" {
				one.Words = said(dueWords, string(d.Fate))
			}
			g.List = append(g.List, one)
		}
		if g.More = len(late) - len(g.List); g.More > 0 {
			g.Next = "?due=" + string(what) + "&l=" + lang
			if only != "" {
				g.Next += "&from=" + strconv.Itoa(from+len(g.List))
			}
		}
		all = append(all, g)
	}
	return all
}

type place struct{ Path, Name, Area string }

// directory shows what somebody must look at, then all services of the area, page by page.
func (j *Journey) directory(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(map[string]web.Kind{"after": web.One, "due": web.One, "from": web.One}))
	if err != nil {
		return web.Page{}, err
	}
	secret, err := j.privateDues(r)
	if err != nil {
		return web.Page{}, err
	}
	only, _ := a.One("due")
	text, _ := a.One("from")
	from, err := strconv.Atoi(text)
	if err != nil || from < 0 {
		from = 0
	}
	if _, known := groupWords[ledger.What(only)]; !known {
		only = ""
	}
	after, _ := a.One("after")
	all, next := j.entriesAfter(after)
	if next != "" {
		next = "?after=" + next + "&l=" + a.lang
	}
	s := r.Session()
	return j.within(s, 200, a.lang, "directory", values{
		"Groups": j.dueGroups(a.lang, only, from), "Only": only, "Private": secret, "All": all, "Next": next,
		"Edits": people.May(s.Actor, people.DirectoryEdit, s.Actor.Organisation()) == nil,
	})
}

// entriesAfter is one page of the services by their ids, and the last id on it if there are more.
func (j *Journey) entriesAfter(after string) (all []place, next string) {
	last := ""
	for e := range j.Services.Entries() {
		switch {
		case !e.Retired.IsZero() || e.Service.ID <= after:
		case len(all) == perPage:
			return all, last
		default:
			all, last = append(all, place{directoryPath + "/" + e.Service.ID, e.Service.Name, e.Service.Area}), e.Service.ID
		}
	}
	return all, ""
}
