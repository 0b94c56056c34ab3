package stafftest

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"waypost/internal/softkey/softkeytest"
	"waypost/referrals/people"
)

// Browser is an invented member at an invented browser: it keeps the cookies and reads forms.
type Browser struct {
	*Ground
	Key    *softkeytest.Key
	Cookie string // of the session
	Last   Answer
	Way    string // the cookie of the way through a provider
}

// Browser is one more, with a key that nobody knows yet.
func (g *Ground) Browser() *Browser { return &Browser{Ground: g, Key: softkeytest.New(g.T, URL)} }

// Do sends a form, or none, as a page of our own does. Headers stand in pairs; an empty one is left out.
func (b *Browser) Do(method, path string, form url.Values, headers ...string) Answer {
	b.T.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.T.Context(), method, b.Address+path, body)
	Must(b.T, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	kept := map[string]*string{"__Host-s": &b.Cookie, "__Host-o": &b.Way}
	for name, value := range kept {
		if *value != "" {
			req.AddCookie(&http.Cookie{Name: name, Value: *value})
		}
	}
	b.Last = b.Send(req)
	for _, c := range (&http.Response{Header: b.Last.Header}).Cookies() {
		if value := kept[c.Name]; value != nil && c.MaxAge < 0 {
			*value = ""
		} else if value != nil {
			*value = c.Value
		}
	}
	return b.Last
}

// Get opens a page.
func (b *Browser) Get(path string) Answer { b.T.Helper(); return b.Do("GET", path, nil) }

// Post sends a form.
func (b *Browser) Post(path string, form url.Values) Answer {
	b.T.Helper()
	return b.Do("POST", path, form)
}

// Want ends the test unless the last answer has the status.
func (b *Browser) Want(status int) *Browser {
	b.T.Helper()
	if b.Last.Status != status {
		b.T.Fatalf("status %d, want %d:\n%.3000s", b.Last.Status, status, b.Last.Body)
	}
	return b
}

// Enrol opens the link, makes a key and is signed in.
func (b *Browser) Enrol(token string) *Browser {
	b.T.Helper()
	b.Get("/enrol")
	b.Want(200)
	b.Post("/enrol/begin", url.Values{"invite": {token}})
	b.Want(200)
	b.Post("/enrol", url.Values{"invite": {token}, "credential": {softkeytest.Text(b.Key.Create([]byte(b.Last.Body)))}})
	return b.Want(303)
}

// Touch is what the script puts into the field when the key is touched.
func (b *Browser) Touch(begin string, form url.Values) string {
	b.T.Helper()
	b.Post(begin, form)
	b.Want(200)
	return softkeytest.Text(b.Key.Get([]byte(b.Last.Body)))
}

// SignIn signs in with the key, and sends along what the page carries.
func (b *Browser) SignIn(more url.Values) *Browser {
	b.T.Helper()
	form := with(url.Values{}, more)
	form.Set("credential", b.Touch("/sign-in/begin", url.Values{}))
	b.Post("/sign-in", form)
	return b
}

// StepUp touches the key again, and sends along what the page carries.
func (b *Browser) StepUp(more url.Values) *Browser {
	b.T.Helper()
	form := b.Signed(more)
	form.Set("credential", b.Touch("/account/step-up/begin", b.Signed(nil)))
	b.Post("/account/step-up", form)
	return b
}

// Again is the member in a new session, fresh after a step-up if wanted.
func (b *Browser) Again(fresh bool) *Browser {
	b.T.Helper()
	b.Cookie = ""
	b.SignIn(nil).Want(303)
	if fresh {
		b.StepUp(nil).Want(303)
	}
	return b
}

// Session is the session that the cookie opens.
func (b *Browser) Session() people.Session {
	b.T.Helper()
	s, err := b.People.Resolve(b.T.Context(), b.Cookie)
	Must(b.T, err)
	return s
}

// Signed is a form of the session, as its pages carry it.
func (b *Browser) Signed(more url.Values) url.Values {
	b.T.Helper()
	fields, err := b.Gate.Fields("en", b.Session())
	Must(b.T, err)
	return with(hidden(string(fields.HTML())), more)
}

// Lead founds an organisation and signs its first lead in.
func (g *Ground) Lead(k people.Kind) *Browser {
	g.T.Helper()
	_, token, err := g.People.Found(g.T.Context(), k, "Invented Organisation", "Invented Lead")
	Must(g.T, err)
	return g.Browser().Enrol(token.Reveal())
}

// Colleague is invited by a lead, on the page, and enrols.
func (b *Browser) Colleague(roles ...people.Role) *Browser {
	b.T.Helper()
	if !b.Session().Actor.Fresh() {
		b.StepUp(nil).Want(303)
	}
	form := b.Signed(url.Values{"name": {"Invented Colleague"}})
	for _, r := range roles {
		form.Add("role", string(r))
	}
	b.Post("/people/invite", form)
	return b.Ground.Browser().Enrol(b.Want(200).Link())
}

// Link is the token of the link that the last page shows.
func (b *Browser) Link() string {
	b.T.Helper()
	_, rest, ok := strings.Cut(b.Last.Body, URL+"/enrol#")
	token, _, end := strings.Cut(rest, "<")
	if !ok || !end || token == "" {
		b.T.Fatalf("no link on the page:\n%.600s", b.Last.Body)
	}
	return token
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]* method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// Forms are those of a page that lead to a path, each with what is hidden in it.
func Forms(page, path string) (all []url.Values) {
	for _, f := range formTag.FindAllStringSubmatch(page, -1) {
		if html.UnescapeString(f[1]) == path {
			all = append(all, hidden(f[2]))
		}
	}
	return all
}

func hidden(form string) url.Values {
	out := url.Values{}
	for _, in := range inputTag.FindAllStringSubmatch(form, -1) {
		out.Add(in[1], html.UnescapeString(in[2]))
	}
	return out
}

func with(form, more url.Values) url.Values {
	for k, v := range more {
		form[k] = v
	}
	return form
}
