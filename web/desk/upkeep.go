package desk

import (
	"waypost/internal/records"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/web"
)

// directoryPath is where the services of the area are kept right.
const directoryPath = "/directory"

func (j *Journey) directoryRoutes() []web.Route {
	one := directoryPath + "/:id"
	change := func(path string, action people.Action, do func(*web.Request, asked, records.Act, ledger.Entry) error) web.Route {
		return j.on("POST", one+path, action, j.onSeen(action, do))
	}
	return []web.Route{
		j.on("GET", directoryPath, people.DirectoryRead, j.directory),
		j.on("GET", one, people.DirectoryRead, j.entry),
		change("/propose", people.DirectoryEdit, j.propose),
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
	secret, err := j.privateDues(r)
	if err != nil {
		return web.Page{}, err
	}
	after, _ := a.One("after")
	all, next := j.entriesAfter(after)
	if next != "" {
		next = "?after=" + next + "&l=" + a.lang
	}
	return j.within(r.Session(), 200, a.lang, "directory", values{"Dues": dues, "More": len(late) - len(dues), "Private": secret, "All": all, "Next": next})
}

const mostDues = 100

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
