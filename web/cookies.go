package web

import (
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/people"
)

// staffCookies is what an answer does to the two cookies that only staff have. Both are bound to this host by their
// prefix, end with the browser, and no script reads them. The second one is Lax, since a Strict one is not sent on the way
// back from a provider.
type staffCookies struct {
	session, carried         *vault.Secret[string]
	dropSession, dropCarried bool
	provider                 string
}

// WithSession gives the browser a session.
func (p Page) WithSession(value vault.Secret[string]) Page {
	p.staff.session = &value
	return p
}

// WithoutSession takes it back, and asks the browser to forget what else it may keep of us.
func (p Page) WithoutSession() Page {
	p.staff.dropSession = true
	return p
}

// ToProvider sends the browser to a provider to sign in there, carrying what it must bring back. The address comes from
// the provider's own configuration, never from a request.
func (p Page) ToProvider(address string, carried vault.Secret[string]) Page {
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://localhost:") && !strings.HasPrefix(address, "http://127.0.0.1:") ||
		strings.ContainsAny(address, "\r\n\t \\") {
		return Page{Status: statusOf(people.ErrProvider)}
	}
	p.staff.provider, p.staff.carried = address, &carried
	return p
}

// WithCarried has the browser carry a value through a sign-in at a provider to which this page has a link: a form of ours
// may not lead elsewhere by itself.
func (p Page) WithCarried(value vault.Secret[string]) Page {
	p.staff.carried = &value
	return p
}

// WithoutCarried takes back what was carried to the provider.
func (p Page) WithoutCarried() Page {
	p.staff.dropCarried = true
	return p
}

// instead is a page shown in the place of a refusal.
type instead struct{ page Page }

func (instead) Error() string { return "web: another page instead" }

// Instead makes an error of a page, for an Admit that answers with more than a refusal: sign in again and nothing typed
// is lost.
func Instead(p Page) error { return instead{p} }
