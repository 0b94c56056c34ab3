package e2e

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is the browser's own virtual key in one tab: it keeps passkeys, verifies its user and answers at once.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Authenticator plugs a key into the tab.
func (p *Page) Authenticator() *Authenticator {
	p.tb.Helper()
	p.do("switch the virtual keys on", command(webauthn.Enable, webauthn.EnableParams{}))
	res, err := chromedp.Call(p.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		p.tb.Fatalf("plug a key in: %v", err)
	}
	return &Authenticator{p, res.AuthenticatorID}
}

// Passkeys are the keys that it holds.
func (a *Authenticator) Passkeys() []*webauthn.Credential {
	a.page.tb.Helper()
	res, err := chromedp.Call(a.page.ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id})
	if err != nil {
		a.page.tb.Fatalf("ask the key what it holds: %v", err)
	}
	return res.Credentials
}

// The protocol's own type always sends a member of which Chromium 156 says that it is not supported.
type credentialKept struct {
	CredentialID         []byte  `json:"credentialId"`
	IsResidentCredential bool    `json:"isResidentCredential"`
	RpID                 string  `json:"rpId"`
	PrivateKey           []byte  `json:"privateKey"`
	UserHandle           []byte  `json:"userHandle"`
	SignCount            float64 `json:"signCount"`
}

type credentialPut struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      credentialKept           `json:"credential"`
}

var putCredential = cdp.Command[credentialPut, cdp.Empty]{Method: webauthn.CommandAddCredential}

// Put lays passkeys of another one into it.
func (a *Authenticator) Put(keys []*webauthn.Credential) {
	a.page.tb.Helper()
	for _, k := range keys {
		a.page.do("lay a passkey in", command(putCredential, credentialPut{a.id, credentialKept{
			k.CredentialID, k.IsResidentCredential, k.RpID, k.PrivateKey, k.UserHandle, k.SignCount,
		}}))
	}
}

// Verifies says whether the person proves to be its owner from now on.
func (a *Authenticator) Verifies(yes bool) {
	a.page.tb.Helper()
	a.page.do("verify the user", command(webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes}))
}

// Unplug takes it out of the tab.
func (a *Authenticator) Unplug() {
	a.page.tb.Helper()
	a.page.do("unplug the key", command(webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: a.id}))
}

// TrustAll lets the tab go to servers of the test whose certificates nobody signed.
func (p *Page) TrustAll() {
	p.tb.Helper()
	p.do("trust every certificate", command(security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}))
}

// cookiesOf are the cookies that would be sent to an address.
func (p *Page) cookiesOf(url string) []string {
	p.tb.Helper()
	res, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{url}})
	if err != nil {
		p.tb.Fatalf("read the cookies: %v", err)
	}
	var all []string
	for _, c := range res.Cookies {
		all = append(all, "cookie: "+c.Name)
	}
	return all
}

// WithoutScript switches script off from the next page on.
func (p *Page) WithoutScript() {
	p.tb.Helper()
	p.view.NoScript = true
	p.do("script off", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
}

// Tab opens another window of the same person, with the same cookies.
func (p *Page) Tab(url string) *Page {
	p.tb.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.tb.Cleanup(cancel)
	other := &Page{tb: p.tb, ctx: ctx, view: p.view}
	if err := chromedp.Listen(ctx, other.log.see); err != nil {
		p.tb.Fatalf("open a second tab: %v", err)
	}
	other.do("set up the view", other.view.apply)
	other.Goto(url)
	return other
}

// Type types into a field that a CSS selector finds, key by key.
func (p *Page) Type(selector, text string) {
	p.tb.Helper()
	p.do("type into "+selector, chromedp.SendKeys(selector, text))
}

// ValueOf is what stands in a field.
func (p *Page) ValueOf(selector string) string {
	p.tb.Helper()
	return ask[string](p, fmt.Sprintf(`document.querySelector(%s)?.value ?? ""`, quote(selector)))
}

// Await waits until the page says something, as after a ceremony whose steps nobody sees, and then until it rests.
func (p *Page) Await(words string) {
	p.tb.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		seen, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`!!document.body && document.body.innerText.includes(%s)`, quote(words))))
		if err == nil && seen { // between two pages there is none to ask
			p.Settle()
			return
		}
	}
	p.tb.Fatalf("the page at %s never said %q but:\n%s", p.Address(), words, p.Text())
}
