package desk

import (
	"cmp"
	"slices"

	"waypost/internal/records"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/web"
)

// directoryPath is where the services of the area are kept right.
const directoryPath = "/directory"

func (j *Journey) directoryRoutes() []web.Route {
	one := directoryPath + "/:id"
	return []web.Route{
		j.on("GET", directoryPath, people.DirectoryRead, j.directory),
		j.on("GET", one, people.DirectoryRead, j.entry),
		j.on("POST", one+"/propose", people.DirectoryEdit, j.propose),
		j.on("POST", one+"/resolve", people.DirectoryEdit, j.resolve),
		j.on("POST", one+"/retire", people.DirectoryEdit, j.changing(people.DirectoryEdit, func(r *web.Request, act records.Act) error {
			_, err := j.Services.Retire(r.Context(), act, r.Param("id"))
			return err
		})),
		j.on("POST", one+"/confirm", people.DirectoryVerify, j.changing(people.DirectoryVerify, func(r *web.Request, act records.Act) error {
			_, err := j.Services.Confirm(r.Context(), act, r.Param("id"))
			return err
		})),
		j.on("POST", one+"/refuse", people.DirectoryVerify, j.changing(people.DirectoryVerify, func(r *web.Request, act records.Act) error {
			_, err := j.Services.Refuse(r.Context(), act, r.Param("id"))
			return err
		})),
		j.on("POST", one+"/rung", people.DirectoryVerify, j.changing(people.DirectoryVerify, func(r *web.Request, act records.Act) error {
			_, err := j.Services.Rung(r.Context(), act, r.Param("id"))
			return err
		})),
	}
}

type due struct {
	Path, Name, Words string
	Since             *moment
}

type place struct{ Path, Name, Area string }

// directory shows what somebody must look at, then all services of the area, page by page.
func (j *Journey) directory(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(map[string]web.Kind{"after": web.One}))
	if err != nil {
		return web.Page{}, err
	}
	dues, late := []due{}, j.Services.Dues(j.Now())
	for _, d := range late[:min(len(late), mostDues)] {
		e, _ := j.Services.Entry(d.ID)
		words := said(dueWords, string(d.What))
		if d.Fate != "" {
			words = said(dueWords, string(d.Fate))
		}
		dues = append(dues, due{directoryPath + "/" + d.ID, e.Service.Name, words, j.day(d.Since)})
	}
	after, _ := a.One("after")
	all, next := j.entriesAfter(after)
	if next != "" {
		next = "?after=" + next + "&l=" + a.lang
	}
	return j.within(r.Session(), 200, a.lang, "directory", values{"Dues": dues, "More": len(late) - len(dues), "All": all, "Next": next})
}

const mostDues = 100

// entriesAfter is one page of the services by their ids, and where the next begins.
func (j *Journey) entriesAfter(after string) (all []place, next string) {
	var entries []ledger.Entry
	for e := range j.Services.Entries() {
		if e.Retired.IsZero() && e.Service.ID > after {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(x, y ledger.Entry) int { return cmp.Compare(x.Service.ID, y.Service.ID) })
	for _, e := range entries[:min(len(entries), perPage)] {
		all = append(all, place{directoryPath + "/" + e.Service.ID, e.Service.Name, e.Service.Area})
	}
	if len(entries) > perPage {
		next = entries[perPage-1].Service.ID
	}
	return all, next
}
