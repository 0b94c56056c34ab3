package refer

import (
	"errors"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/postcode"
)

// found is what a postcode gave. The postcode is not in it, and neither is kept: the page that answers shows it, once.
type found struct {
	area   directory.Area
	nation directory.Nation
	place  string // name of the authority
	notice string // id of the words that say how far it was found
}

// locate uses a postcode and forgets it.
func (j *Journey) locate(typed vault.Secret[string]) found {
	text := strings.TrimSpace(typed.Reveal())
	if text == "" {
		return found{}
	}
	if j.Places == nil {
		n, err := postcode.Nation(text)
		switch {
		case err != nil:
			return found{notice: "refer.area.not-a-postcode"}
		case n == directory.UnknownNation:
			return found{notice: "refer.area.ask-nation"}
		}
		return found{nation: n, notice: "refer.area.no-list"}
	}
	place, ended, err := j.Places.Find(text)
	switch {
	case errors.Is(err, postcode.ErrUnknown) && place.Nation == directory.UnknownNation:
		return found{notice: "refer.area.unknown-ask"}
	case errors.Is(err, postcode.ErrUnknown):
		return found{nation: place.Nation, notice: "refer.area.unknown"}
	case errors.Is(err, postcode.ErrOutside):
		return found{notice: "refer.area.outside"}
	case err != nil:
		return found{notice: "refer.area.not-a-postcode"}
	}
	out := found{
		area:   directory.Area{Authority: place.Authority, Board: place.Board, Police: place.Police},
		nation: place.Nation, place: j.Places.Name(place.Authority), notice: "refer.area.found",
	}
	if ended {
		out.notice = "refer.area.ended"
	}
	return out
}
