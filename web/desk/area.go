package desk

import (
	"errors"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/postcode"
)

// Located is what a postcode gave. The postcode is not in it, and neither is kept: the page that answers shows it, once.
type Located struct {
	Area   directory.Area
	Nation directory.Nation
	Place  string // name of the authority
	Notice string // id of the words that say how far it was found
}

// Locate uses a postcode and forgets it. Places is nil where nobody imported a list of them.
func Locate(places *postcode.Index, typed vault.Secret[string]) Located {
	text := strings.TrimSpace(typed.Reveal())
	if text == "" {
		return Located{}
	}
	if places == nil {
		n, err := postcode.Nation(text)
		switch {
		case err != nil:
			return Located{Notice: "refer.area.not-a-postcode"}
		case n == directory.UnknownNation:
			return Located{Notice: "refer.area.ask-nation"}
		}
		return Located{Nation: n, Notice: "refer.area.no-list"}
	}
	place, ended, err := places.Find(text)
	switch {
	case errors.Is(err, postcode.ErrUnknown) && place.Nation == directory.UnknownNation:
		return Located{Notice: "refer.area.unknown-ask"}
	case errors.Is(err, postcode.ErrUnknown):
		return Located{Nation: place.Nation, Notice: "refer.area.unknown"}
	case errors.Is(err, postcode.ErrOutside):
		return Located{Notice: "refer.area.outside"}
	case err != nil:
		return Located{Notice: "refer.area.not-a-postcode"}
	}
	out := Located{
		Area:   directory.Area{Authority: place.Authority, Board: place.Board, Police: place.Police},
		Nation: place.Nation, Place: places.Name(place.Authority), Notice: "refer.area.found",
	}
	if ended {
		out.Notice = "refer.area.ended"
	}
	return out
}
