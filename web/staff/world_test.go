package staff_test

import (
	"sync"
	"testing"

	"waypost/locales"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
	"waypost/web/staff/stafftest"
)

const testURL = stafftest.URL

type (
	world   = stafftest.Ground
	browser = stafftest.Browser
	answer  = stafftest.Answer
)

var loaded = sync.OnceValues(func() (*locales.Catalogue, error) { return locales.Load(locales.Files(), "en", "cy") })

func newWorld(t testing.TB) *world { return newWorldWith(t, nil, nil) }

func newWorldWith(t testing.TB, provider *people.Provider, more func(*staff.Journey) web.Journey) *world {
	t.Helper()
	words, err := loaded()
	stafftest.Must(t, err)
	w := stafftest.New(t, stafftest.Config{Words: words, Provider: provider})
	journeys := []web.Journey{w.Gate}
	if more != nil {
		journeys = append(journeys, more(w.Gate))
	}
	w.Serve(journeys...)
	return w
}
