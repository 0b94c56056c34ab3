package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// sameSite keeps other sites from sending forms through a visitor's browser. Fiber's own layer demands a Referer, which we
// tell browsers never to send (security.md, finding 4), so this one asks Sec-Fetch-Site, which every current browser
// sends, and Origin where it is missing.
//
// Where nobody signs in there is no cookie to abuse: a request is refused when a header says it comes from elsewhere, and
// let through when the headers are missing. Where a session counts, a request that does not say where it comes from is
// refused. The token of the session is one more layer, and belongs to the session.
//
// Other systems show a token that no browser adds by itself. There is nothing that another site could use.
func sameSite(in *incoming, own string) error {
	if in.method == fiber.MethodGet || in.method == fiber.MethodHead || in.route.Policy.bears() {
		return nil
	}
	strict := in.route.Policy.staff()
	switch in.site {
	case "same-origin":
		return nil
	case "none": // typed, or sent again by the browser itself: no other site is in it
		if strict {
			return ErrCrossSite
		}
		return nil
	case "":
	default:
		return ErrCrossSite
	}
	switch {
	case in.origin == "" || in.origin == "null": // an old browser under no-referrer says null of our own pages too
		if strict {
			return ErrCrossSite
		}
		return nil
	case own != "" && strings.EqualFold(in.origin, own):
		return nil
	case own == "" && (strings.EqualFold(in.origin, "http://"+in.host) || strings.EqualFold(in.origin, "https://"+in.host)):
		return nil
	}
	return ErrCrossSite
}
