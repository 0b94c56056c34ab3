package desk

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/web"
)

// byHand begins the id of every service that somebody enters here.
const byHand = "hand"

// newPage is the form in which a service of the area is entered.
func (j *Journey) newPage(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.newWith(r, 200, a, "", "")
}

func (j *Journey) newWith(r *web.Request, status int, a asked, wrong, notice string) (web.Page, error) {
	return j.within(r.Session(), status, a.lang, "new", values{"Notice": notice, "Cells": fieldsOf(columns(), a.typed, wrong)})
}

// enter begins a service. Nobody is shown it before another person has confirmed it.
func (j *Journey) enter(r *web.Request) (web.Page, error) {
	a, err := j.read(r, columnKind(columns()))
	if err != nil {
		return web.Page{}, err
	}
	if len(a.faults) > 0 {
		return j.newWith(r, 422, a, a.faults[0].Question, "desk.fault.invalid")
	}
	cells := cellsOf(a, columns())
	cells["id"] = slug(cells["name"])
	if cells["needs"] == "" && cells["shown_to"] != string(directory.NeverWithVictim) {
		return j.newWith(r, 422, a, "needs", "desk.fault.column")
	}
	item, wrong, err := feed.Entered(j.source(cells), cells)
	switch {
	case err != nil && wrong == "address":
		return j.newWith(r, 422, a, wrong, "desk.fault.hides")
	case errors.Is(err, feed.ErrEntered):
		return j.newWith(r, 422, a, wrong, "desk.fault.column")
	case err != nil:
		return web.Page{}, err
	}
	if slices.Contains(item.Held, feed.NoArea) { // a list that says no more is held for a human; here one sits at the form
		return j.newWith(r, 422, a, "covers", "desk.fault.column")
	}
	s := r.Session()
	act, err := j.Register.Permit(r.Context(), s.Actor, people.DirectoryEdit, s.Actor.Organisation())
	if err != nil {
		return web.Page{}, err
	}
	act.Action = "directory.enter"
	e, err := j.Services.Enter(r.Context(), act, item.Service)
	switch {
	case errors.Is(err, shelf.ErrTaken):
		return j.newWith(r, 409, a, "name", "desk.fault.taken")
	case errors.Is(err, directory.ErrUnsound):
		return j.newWith(r, 422, a, "", "desk.fault.service")
	case err != nil:
		return web.Page{}, err
	}
	return j.to(r, directoryPath+"/"+e.Service.ID, a.lang), nil
}

// source is where whoever enters a service read of it: the page they name, or the service's own.
func (j *Journey) source(cells map[string]string) feed.Source {
	for _, column := range []string{"source", "website"} {
		if at := cells[column]; at != "" && !strings.Contains(at, "://") {
			cells[column] = "https://" + at
		}
	}
	at := cmp.Or(cells["source"], cells["website"])
	return feed.Source{Name: byHand, Address: at, Read: j.Now().UTC()}
}

// slug is a name as ids are written.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String()[:min(b.Len(), 40)], "-")
	if out == "" {
		return "service"
	}
	return out
}
