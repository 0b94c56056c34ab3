package desk

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/people"
	"waypost/referrals/shelf/private"
	"waypost/web"
)

// Drawer keeps the contacts that may get somebody killed; *private.Drawer does.
type Drawer interface {
	Read(ctx context.Context, act records.Act, of private.Subject) (private.Sheet, error)
	Enter(ctx context.Context, act records.Act, of private.Subject, c private.Contact) (string, error)
	Confirm(ctx context.Context, act records.Act, of private.Subject, id string) error
	Remove(ctx context.Context, act records.Act, of private.Subject, id string) error
	Empty(ctx context.Context, act records.Act, of private.Subject) error
	Due(ctx context.Context, act records.Act, among iter.Seq[private.Subject]) ([]private.Subject, error)
}

// privateRoutes are the pages of one service's private contacts. The address opens nothing: a form does, and each opening has
// its entry in the trail before anything is shown.
func (j *Journey) privateRoutes() []web.Route {
	one := directoryPath + "/:id/private"
	return []web.Route{
		j.on("GET", one, people.DirectoryReadPrivate, j.drawer),
		j.on("POST", one, people.DirectoryReadPrivate, j.openDrawer),
		j.on("POST", one+"/enter", people.DirectoryEdit, j.changeDrawer(people.DirectoryEdit, "private.enter", j.enterContact)),
		j.on("POST", one+"/confirm", people.DirectoryVerify, j.changeDrawer(people.DirectoryVerify, "private.confirm", j.confirmContact)),
		j.on("POST", one+"/remove", people.DirectoryVerify, j.changeDrawer(people.DirectoryVerify, "private.remove", j.removeContact)),
	}
}

var contactFields = map[string]web.Kind{
	"use": web.One, "name": web.Line, "at": web.Line, "note": web.Prose, "replaces": web.One, "contact": web.One,
}

func (j *Journey) drawer(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.drawerWith(r, 200, a, "", false)
}

func (j *Journey) openDrawer(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.drawerWith(r, 200, a, "", true)
}

// contactForm is a contact that somebody enters, with what was typed before.
type contactForm struct {
	Uses                     []option
	Name, At, Note, Replaces string
}

// drawerWith shows the page of a service's private contacts, open or not. The page of a service that was taken out is still
// there, so that what lies behind it can be taken out, too.
func (j *Journey) drawerWith(r *web.Request, status int, a asked, notice string, open bool) (web.Page, error) {
	e, ok := j.Services.Entry(r.Param("id"))
	if !ok {
		return web.Page{}, web.ErrNotFound
	}
	s := r.Session()
	may := func(action people.Action) bool { return people.May(s.Actor, action, s.Actor.Organisation()) == nil }
	typed := func(name string) string { return a.typed.Get(name) }
	v := values{
		"Notice": notice, "Name": e.Service.Name, "Path": directoryPath + "/" + e.Service.ID, "Retired": !e.Retired.IsZero(), "Open": open,
		"Usable": []Contact(nil), "Waiting": []Contact(nil), "Edits": may(people.DirectoryEdit), "Verifies": may(people.DirectoryVerify),
		"Form": contactForm{uses(typed("use")), typed("name"), typed("at"), typed("note"), typed("replaces")}, "Typed": notice != "" && typed("at") != "",
	}
	if open {
		usable, waiting, err := j.ReadContacts(r.Context(), s.Actor, e.Service.ID)
		if err != nil {
			return web.Page{}, err
		}
		v["Usable"], v["Waiting"] = usable, waiting
	}
	return j.within(s, status, a.lang, "private", v)
}

// changeDrawer makes one change of a service's private contacts and goes back to their page, which is closed then.
func (j *Journey) changeDrawer(action people.Action, name string, do func(*web.Request, asked, records.Act, private.Subject) error) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		a, err := j.read(r, kinds(contactFields))
		if err != nil {
			return web.Page{}, err
		}
		e, ok := j.Services.Entry(r.Param("id"))
		if !ok {
			return web.Page{}, web.ErrNotFound
		}
		if len(a.faults) > 0 {
			return j.drawerWith(r, 422, a, "desk.fault.invalid", false)
		}
		s := r.Session()
		act, err := j.Register.Permit(r.Context(), s.Actor, action, s.Actor.Organisation())
		if err != nil {
			return web.Page{}, err
		}
		act.Action = name
		err = do(r, a, act, private.OfService(e.Service.ID))
		switch {
		case err == nil:
			return j.to(r, directoryPath+"/"+e.Service.ID+"/private", a.lang), nil
		case errors.Is(err, private.ErrSamePerson):
			return j.drawerWith(r, 409, a, "desk.private.same-person", true)
		case errors.Is(err, private.ErrNotFound):
			return j.drawerWith(r, 409, a, "desk.private.gone", true)
		case errors.Is(err, private.ErrFull):
			return j.drawerWith(r, 409, a, "desk.private.full", true)
		case errors.Is(err, private.ErrInvalid):
			return j.drawerWith(r, 422, a, "desk.private.lacks", true)
		}
		return web.Page{}, err
	}
}

func (j *Journey) enterContact(r *web.Request, a asked, act records.Act, of private.Subject) error {
	one := func(name string) string { v, _ := a.One(name); return strings.TrimSpace(v) }
	_, err := j.Private.Enter(r.Context(), act, of, private.Contact{
		Use: private.Use(one("use")), Name: vault.Keep(one("name")), At: vault.Keep(one("at")), Note: vault.Keep(one("note")), ReplacesID: one("replaces"),
	})
	return err
}

func (j *Journey) confirmContact(r *web.Request, a asked, act records.Act, of private.Subject) error {
	id, _ := a.One("contact")
	return j.Private.Confirm(r.Context(), act, of, id)
}

func (j *Journey) removeContact(r *web.Request, a asked, act records.Act, of private.Subject) error {
	id, _ := a.One("contact")
	return j.Private.Remove(r.Context(), act, of, id)
}

// retire takes a service out for good, and what the organisation of whoever does it knows of it in private.
func (j *Journey) retire(r *web.Request, _ asked, act records.Act, e ledger.Entry) error {
	if _, err := j.Services.Retire(r.Context(), act, e.Service.ID); err != nil {
		return err
	}
	act.Action = "private.empty"
	return j.Private.Empty(r.Context(), act, private.OfService(e.Service.ID))
}

// privateDues are the services whose private contacts wait for a second person or must be confirmed again, for who may read
// them; nothing is opened for that.
func (j *Journey) privateDues(r *web.Request) ([]place, error) {
	a := r.Session().Actor
	if people.May(a, people.DirectoryReadPrivate, a.Organisation()) != nil {
		return nil, nil
	}
	act, err := j.Register.Permit(r.Context(), a, people.DirectoryReadPrivate, a.Organisation())
	if err != nil {
		return nil, err
	}
	act.Action = "private.due"
	late, err := j.Private.Due(r.Context(), act, func(yield func(private.Subject) bool) {
		for e := range j.Services.Entries() {
			if !yield(private.OfService(e.Service.ID)) {
				return
			}
		}
	})
	if err != nil || len(late) == 0 {
		return nil, err
	}
	var out []place
	for e := range j.Services.Entries() {
		if len(out) < mostDues && slices.Contains(late, private.OfService(e.Service.ID)) {
			out = append(out, place{directoryPath + "/" + e.Service.ID + "/private", e.Service.Name, e.Service.Area})
		}
	}
	return out, nil
}
