package directory

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	emailShape = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	// A British number as people write it: digits in groups, a leading 0, or +44 from abroad.
	longNumber  = regexp.MustCompile(`^(0|\+44 )[0-9]+( [0-9]+)*$`)
	shortNumber = regexp.MustCompile(`^(999|101|111|116 123|1[0-9]{4}( 0[0-9]+( [0-9]+)*| 111)?)$`)
	shortText   = regexp.MustCompile(`^(999|[6-8][0-9]{4})$`)
)

func (s Service) wayFaults() []string {
	if len(s.Ways) == 0 {
		return []string{"ways: no way to reach it"}
	}
	var f []string
	emergency := false
	for _, w := range s.Ways {
		if !w.Sound() {
			f = append(f, "ways: "+string(w.By))
		}
		if !w.Status.known() {
			f = append(f, "ways: status")
		}
		if w.Status == Disputed && w.Note == "" {
			f = append(f, "ways: disputed, and no note that says why")
		}
		emergency = emergency || (w.By == Phone && isEmergencyNumber(w.At))
	}
	if s.EmergencyNumber && !emergency {
		f = append(f, "emergency_number: no such number among its ways")
	}
	if s.EmergencyNumber && slices.ContainsFunc(s.Ways, func(w Way) bool { return w.By == Phone && !isEmergencyNumber(w.At) }) {
		f = append(f, "emergency_number: another number among its ways")
	}
	return f
}

func isEmergencyNumber(at string) bool { return at == "999" || at == "101" || at == "111" }

// Sound reports whether what stands there looks like what it is said to be.
func (w Way) Sound() bool {
	switch w.By {
	case Phone, Textphone:
		return isLongNumber(w.At) || shortNumber.MatchString(w.At)
	case Text:
		return isLongNumber(w.At) || shortText.MatchString(w.At)
	case Email:
		return emailShape.MatchString(w.At)
	case Website, Webchat:
		return isAddress(w.At)
	case WhatsApp, App, Video, InPerson, Local:
		return w.At != ""
	}
	return false
}

func isLongNumber(at string) bool {
	digits := strings.Count(at, "") - 1 - strings.Count(at, " ") - strings.Count(at, "+")
	if strings.HasPrefix(at, "+") {
		return longNumber.MatchString(at) && digits == 12
	}
	return longNumber.MatchString(at) && (digits == 10 || digits == 11 || at == "0800 1111")
}

func isAddress(at string) bool {
	u, err := url.Parse(at)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(u.Host, ".") &&
		u.User == nil && !strings.Contains(at, "...")
}
