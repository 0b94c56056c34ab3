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
	lead := w.lead(people.Practice)
	lead.post("/into", url.Values{"words": {theWords}}) // signed in, and the page had no token
	lead.want(303)
	key, other := lead.key, w.lead(people.Practice)
	for name, who := range map[string]*browser{"one": {w: w, key: key}, "another": {w: w, key: other.key}} {
		got = nil
		who.post("/into", url.Values{"words": {theWords}})
		who.want(401)
		who.signIn(carries(t, who.last, "/sign-in"))
		who.want(200)
		if strings.Contains(who.last.body, "Please look at it closely") {
			t.Errorf("%s is warned of a form that changes nothing", name)
		}
		who.sendAgain("/into")
		if len(got) != 1 || got[0] != theWords {
			t.Errorf("%s: %d times, %q", name, len(got), got)
		}
	}
	got = nil
	stranger := &browser{w: w, key: key}
	stranger.post("/notes", url.Values{"words": {theWords}})
	stranger.want(401)
	if form := formTo(t, stranger.last.body, "/sign-in"); form.Get("carried") != "" {
		t.Error("a form that acts is carried for anybody")
	}
	if none := w.lead(people.ReceivingService).post("/into", url.Values{"words": {theWords}}); none.status != 403 && none.status != 404 {
		t.Errorf("whoever may not gets in: %d", none.status)
	}
	if len(got) != 0 {
		t.Error("a refused form was read")
	}
}
