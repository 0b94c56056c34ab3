package directory

import (
	"regexp"
	"slices"
	"strings"
)

// A full postcode, and a house with its street. What a list calls a description may be where somebody hides.
var (
	postcodeInText = regexp.MustCompile(`(?i)\b(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? *[0-9][A-Z]{2})\b`)
	streetInText   = regexp.MustCompile(`(?i)\b[0-9]+[a-z]?,?(?: +[\pL'’.-]+){1,4} +(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|way|terrace|place|court|crescent|gardens|grove|row|square|hill|park|view|mews|walk|house|buildings?|quay|parade|ffordd)\b`)
	welshInText    = regexp.MustCompile(`(?i)\b[0-9]+[a-z]?,? +(?:heol|stryd|ffordd|lôn|rhodfa|maes)\b`)
)

// NamesPlace reports whether a text names a place where somebody could be found. An address without a figure is not
// recognised.
func NamesPlace(text string) bool {
	if !strings.ContainsAny(text, "0123456789") { // neither is without a figure, and most texts have none
		return false
	}
	return postcodeInText.MatchString(text) || streetInText.MatchString(text) || welshInText.MatchString(text)
}

func withoutPlace(text string) string {
	if NamesPlace(text) {
		return ""
	}
	return text
}

// Outside is a service as it may leave this house for where nobody signs in, or nothing. It is for services as Seen shows them
// to the public, and narrower: no place, no text that names one, nothing that only works between professionals. Copies of
// what is open to all cannot be called back.
func (s Service) Outside() (Service, bool) {
	if s.Is == MaracCoordinator || s.Is == IrisAdvocate || NamesPlace(s.Name) || s.Covers.practicesAlone() {
		return Service{}, false
	}
	s.VerifiedBy, s.Notes, s.Sources, s.NextSteps, s.Covers.Practices = "", nil, nil, "", nil
	s.For, s.Area, s.Cost, s.Hours.Text = withoutPlace(s.For), withoutPlace(s.Area), withoutPlace(s.Cost), withoutPlace(s.Hours.Text)
	s.Warnings = slices.DeleteFunc(slices.Clone(s.Warnings), NamesPlace)
	s.Ways = slices.DeleteFunc(slices.Clone(s.Ways), func(w Way) bool { return !w.leaves() })
	for i := range s.Ways {
		s.Ways[i].Note = withoutPlace(s.Ways[i].Note)
	}
	return s, len(s.Ways) > 0
}

// leaves says which ways in are told outside: numbers, which hold figures only, and addresses of the web and of mail. A place
// is not, in whatever words.
func (w Way) leaves() bool {
	switch w.By {
	case Phone, Textphone, Text:
		return true
	case Email, Website, Webchat:
		return !NamesPlace(w.At)
	}
	return false
}

// practicesAlone: a list of practices would say which of them have somebody trained in domestic abuse.
func (c Coverage) practicesAlone() bool {
	return len(c.Practices) > 0 && len(c.Authorities)+len(c.Boards)+len(c.Police) == 0
}
