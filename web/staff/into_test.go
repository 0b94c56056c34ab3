package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
)

// An open page of ours leads into a signed-in one before anybody has signed in: what it held goes to whoever signs in, asks
// for no token, and cannot be made to lead anywhere else.
func TestAnOpenPageLeadsIntoASignedInOne(t *testing.T) {
	var got []string
	w := newWorldWith(t, nil, func(j *staff.Journey) web.Journey {
		return web.JourneyFunc(func(*web.Kit) ([]web.Route, error) {
			show := func(r *web.Request) (web.Page, error) {
				f, _, err := r.Form(func(name string) web.Kind {
					if name == "words" {
						return web.Prose
					}
					return staff.FieldKind(name)
				})
				words, _ := f.One("words")
				got = append(got, words)
				return web.Page{To: "/account"}, err
			}
			return []web.Route{
				{Method: "POST", Path: "/into", Policy: j.Into(people.CaseRead), Handler: j.Keeping(show)},
				{Method: "POST", Path: "/notes", Policy: j.For(people.CaseRead), Handler: j.Keeping(show)},
			}, nil
		})
	})
	lead := w.Lead(people.Practice)
	lead.Post("/into", url.Values{"words": {theWords}}) // signed in, and the page had no token
	lead.Want(303)
	key, other := lead.Key, w.Lead(people.Practice)
	for name, who := range map[string]*browser{"one": {Ground: w, Key: key}, "another": {Ground: w, Key: other.Key}} {
		got = nil
		who.Post("/into", url.Values{"words": {theWords}})
		who.Want(401)
		who.SignIn(carries(t, who.Last, "/sign-in"))
		who.Want(200)
		if strings.Contains(who.Last.Body, "Please look at it closely") {
			t.Errorf("%s is warned of a form that changes nothing", name)
		}
		sendAgain(who, "/into")
		if len(got) != 1 || got[0] != theWords {
			t.Errorf("%s: %d times, %q", name, len(got), got)
		}
	}
	got = nil
	stranger := &browser{Ground: w, Key: key}
	stranger.Post("/notes", url.Values{"words": {theWords}})
	stranger.Want(401)
	if form := formTo(t, stranger.Last.Body, "/sign-in"); form.Get("carried") != "" {
		t.Error("a form that acts is carried for anybody")
	}
	if none := w.Lead(people.ReceivingService).Post("/into", url.Values{"words": {theWords}}); none.Status != 403 && none.Status != 404 {
		t.Errorf("whoever may not gets in: %d", none.Status)
	}
	if len(got) != 0 {
		t.Error("a refused form was read")
	}
}
