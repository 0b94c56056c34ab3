// Package refer is the journey from a finished consultation to a case: which services can help, what each may be told and
// with whose consent, what each would get, and then one sealed case.
//
// Until the last button nothing rests: the answers, and whatever is typed, travel in the body of the form, sealed for the
// member who typed it. It refuses to keep, log or repeat a postcode; to ask for a person's details that no chosen
// destination needs; to make a case against a refusal without a ground; to make two of one form; and to say that anything
// was sent.
package refer

import (
	"context"
	"embed"
	"fmt"
	"io"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/people"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/desk"
	"waypost/web/staff"
)

//go:embed templates/*.html
var templates embed.FS

// Forms seals what is carried from step to step; *vault.Forms does.
type Forms interface {
	Seal(form vault.Form, state []byte) (string, error)
	Open(form vault.Form, text string) ([]byte, error)
}

// Register tells the name of the actor's organisation, who works there, and whether somebody may; *people.Register does.
type Register interface {
	Organisation(ctx context.Context, a people.Actor) (people.Organisation, error)
	Permit(ctx context.Context, a people.Actor, action people.Action, target string) (records.Act, error)
	Colleagues(ctx context.Context, a people.Actor) ([]people.Colleague, error)
}

// Trail takes a note that somebody asked for a copy of what is sealed; *records.Safe does.
type Trail interface {
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
}

// Contacts opens the private contacts of a service for who may read them; *desk.Journey does.
type Contacts interface {
	ReadContacts(ctx context.Context, a people.Actor, service string) (usable, waiting []desk.Contact, err error)
}

// Consultation reads the form of a consultation; *consult.Journey does.
type Consultation interface {
	Give(r *web.Request, more func(name string) web.Kind) (consult.Given, error)
}

// Journey is the pages between a consultation and its case.
type Journey struct {
	Consultation Consultation
	Bank         *screening.Bank
	Steps        *plan.Library
	Words        *locales.Catalogue
	Directory    func() *directory.Directory // as it stands now
	Mode         directory.Mode
	Places       *postcode.Index // nil: nobody imported one
	Nation       directory.Nation
	Desk         *referrals.Desk
	People       Register
	Trail        Trail
	Private      Contacts
	Gate         *staff.Journey
	Forms        Forms
	Now          func() time.Time
	Random       io.Reader

	kit    *web.Kit
	views  *web.Views
	shells map[string]*web.Shell // by language and page
}

// The paths of the journey. None says anything, and nothing is ever put behind a question mark.
const (
	Path       = "/refer"
	placesPath = "/refer/places"
	aboutPath  = "/refer/about"
	checkPath  = "/refer/check"
	createPath = "/refer/create"
	sheetPath  = "/refer/sheet"
	askPath    = "/refer/contact"
)

// Routes gives the routes.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	if j.Consultation == nil || j.Bank == nil || j.Steps == nil || j.Words == nil || j.Directory == nil || j.Desk == nil ||
		j.People == nil || j.Trail == nil || j.Private == nil || j.Gate == nil || j.Forms == nil || j.Now == nil || j.Random == nil {
		return nil, fmt.Errorf("%w: the pages of a referral lack something they stand on", web.ErrConfig)
	}
	var pathways []string
	for _, p := range j.Bank.Pathways {
		pathways = append(pathways, p.ID)
	}
	if err := j.Desk.Book.Knows(pathways); err != nil {
		return nil, fmt.Errorf("%w: %w", web.ErrConfig, err)
	}
	if err := j.render(k); err != nil {
		return nil, err
	}
	routes := []web.Route{
		// Whoever comes without a consultation begins with one.
		{Method: "GET", Path: Path, Policy: web.Open(), Handler: func(*web.Request) (web.Page, error) { return web.Page{To: "/consult"}, nil }},
		{Method: "POST", Path: Path, Policy: j.Gate.Into(people.ReferralCreate), Handler: j.Gate.Keeping(j.enter)},
	}
	for path, h := range map[string]web.Handler{
		placesPath: j.places, aboutPath: j.about, checkPath: j.check, createPath: j.create, sheetPath: j.sheet, askPath: j.contact,
	} {
		routes = append(routes, web.Route{Method: "POST", Path: path, Policy: j.Gate.For(people.ReferralCreate), Handler: j.Gate.Keeping(h)})
	}
	return routes, nil
}
