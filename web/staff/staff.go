// Package staff is the journey of people who sign in: sign-in by passkey or by a provider, enrolment by an invitation's
// link, one's own account, and the pages on which a lead keeps the members of an
// organisation and the other systems that act for it. It also keeps the gate
// through which every page for people who are signed in is reached, here and in the other journeys.
//
// It refuses to decide who may do what: that is the policy of referrals/people. It refuses to say why somebody was not let
// in, to show what was typed to anybody but the member who typed it, to carry it anywhere but to the path it was meant
// for, to mail a link, and to put one into an address that a server sees.
package staff

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/partners"
	"waypost/referrals/people"
	"waypost/web"
)

// Forms seals what is carried over a sign-in; *vault.Forms does.
type Forms interface {
	Seal(form vault.Form, state []byte) (string, error)
	Open(form vault.Form, text string) ([]byte, error)
}

// Trail takes a note of a refusal; *records.Safe does.
type Trail interface {
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
}

// Journey is the pages of people who sign in, and the gate.
type Journey struct {
	Register  *people.Register
	Forms     Forms
	Trail     Trail
	Words     *locales.Catalogue
	PublicURL string // where browsers reach us; an invitation's link begins with it
	Now       func() time.Time
	Ways      []Way          // pages of other journeys that one's account leads to
	Partners  *partners.List // the companies whose leads see their own entry; nil: none

	kit  *web.Kit
	sets map[string]*set // by language
}

// Way is a page of another journey. It is shown to whoever the policy lets do what it is for.
type Way struct {
	Path   string
	Words  string // id of its heading
	Action people.Action
}

// The paths that other journeys may point to.
const (
	SignInPath  = "/sign-in"
	ReturnPath  = "/sign-in/return" // the provider sends browsers back here: people.Provider.Return
	AccountPath = "/account"
	PeoplePath  = "/people"
	ClientsPath = "/clients"
	enrolPath   = "/enrol"
	stayPath    = "/account/stay"
	stepUpPath  = "/account/step-up"
)

// Routes gives the routes. Whatever is the same for everybody is rendered here, once.
func (j *Journey) Routes(k *web.Kit) ([]web.Route, error) {
	if j.Register == nil || j.Forms == nil || j.Trail == nil || j.Words == nil || j.Now == nil {
		return nil, fmt.Errorf("%w: staff pages need register, forms, trail, words and clock", web.ErrConfig)
	}
	if _, err := people.ParsePublicURL(j.PublicURL); err != nil {
		return nil, err
	}
	j.kit, j.sets = k, map[string]*set{}
	for _, l := range j.Words.Languages() {
		s, err := j.render(l.Tag)
		if err != nil {
			return nil, err
		}
		j.sets[l.Tag] = s
	}
	routes := []web.Route{
		{Method: "GET", Path: SignInPath, Policy: web.Entrance(), Handler: j.signInPage},
		{Method: "POST", Path: SignInPath, Policy: web.Entrance(), Handler: j.signIn},
		{Method: "POST", Path: "/sign-in/begin", Policy: web.Entrance(), Handler: j.beginSignIn},
		{Method: "POST", Path: "/sign-in/resume", Policy: web.Entrance(), Handler: j.resume},
		{Method: "GET", Path: enrolPath, Policy: web.Entrance(), Handler: j.enrolPage},
		{Method: "POST", Path: enrolPath, Policy: web.Entrance(), Handler: j.enrol},
		{Method: "POST", Path: "/enrol/begin", Policy: web.Entrance(), Handler: j.beginEnrol},

		{Method: "POST", Path: "/sign-out", Policy: j.gate(people.SessionEnd, keepsSignedIn), Handler: j.signOut},
		{Method: "GET", Path: AccountPath, Policy: j.For(people.SessionSee), Handler: j.account},
		{Method: "POST", Path: stayPath, Policy: j.gate(people.SessionSee, keepsNothing), Handler: j.stay},
		{Method: "POST", Path: "/account/sessions/end", Policy: j.For(people.SessionEnd), Handler: j.Keeping(j.endSessions)},
		{Method: "POST", Path: "/account/passkeys", Policy: j.gate(people.PasskeyAdd, keepsNothing), Handler: j.addKey},
		{Method: "POST", Path: "/account/passkeys/begin", Policy: j.gate(people.PasskeyAdd, keepsNothing), Handler: j.beginKey},
		{Method: "POST", Path: "/account/passkeys/revoke", Policy: j.For(people.PasskeyRevoke), Handler: j.Keeping(j.revokeKey)},
		{Method: "POST", Path: stepUpPath, Policy: j.gate(people.SessionSee, keepsNothing), Handler: j.stepUp},
		{Method: "POST", Path: "/account/step-up/begin", Policy: j.gate(people.SessionSee, keepsNothing), Handler: j.beginStepUp},
		{Method: "POST", Path: "/account/switch", Policy: j.For(people.OrganisationSwitch), Handler: j.Keeping(j.switchTo)},
		{Method: "POST", Path: "/account/join", Policy: j.For(people.OrganisationSwitch), Handler: j.Keeping(j.join)},

		{Method: "GET", Path: PeoplePath, Policy: j.For(people.PeopleList), Handler: j.members},
		{Method: "POST", Path: "/people/invite", Policy: j.For(people.PeopleInvite), Handler: j.Keeping(j.invite)},
		{Method: "POST", Path: "/people/invite-again", Policy: j.For(people.PeopleInvite), Handler: j.Keeping(j.inviteAgain)},
		{Method: "POST", Path: "/people/roles", Policy: j.For(people.PeopleRoles), Handler: j.Keeping(j.changeRoles)},
		{Method: "GET", Path: CompanyPath, Policy: j.For(people.PartnerPage), Handler: j.company},
		{Method: "POST", Path: "/people/revoke", Policy: j.For(people.PeopleRevoke), Handler: j.Keeping(j.revoke)},

		{Method: "GET", Path: ClientsPath, Policy: j.For(people.PeopleList), Handler: j.clients},
		{Method: "POST", Path: "/clients/register", Policy: j.For(people.ClientRegister), Handler: j.Keeping(j.registerClient)},
		{Method: "POST", Path: "/clients/revoke", Policy: j.For(people.ClientRegister), Handler: j.Keeping(j.revokeClient)},
	}
	if !j.Register.HasProvider() {
		return routes, nil
	}
	return append(routes,
		web.Route{Method: "GET", Path: "/sign-in/provider", Policy: web.Entrance(), Handler: j.toProvider},
		web.Route{Method: "GET", Path: ReturnPath, Policy: web.Entrance(), Handler: j.fromProvider},
		web.Route{Method: "POST", Path: "/sign-in/ended", Policy: web.Open(), Handler: j.endedAtProvider},
		web.Route{Method: "POST", Path: "/enrol/provider", Policy: web.Entrance(), Handler: j.enrolByProvider},
		web.Route{Method: "GET", Path: "/account/step-up/provider", Policy: j.For(people.SessionSee), Handler: j.stepUpByProvider},
	), nil
}
