package directory

import (
	"regexp"
	"slices"
)

// Access is one thing that a service offers so that more people can use it.
type Access string

// What may be offered. Which of them a service lacks is rarely said, so what is not listed is not stated.
const (
	StepFree     Access = "step-free"
	HearingLoop  Access = "hearing-loop"
	SignLanguage Access = "sign-language"
	EasyRead     Access = "easy-read"
	Interpreters Access = "interpreters"
	HomeVisits   Access = "home-visits"
	AccessToilet Access = "accessible-toilet"
)

var accesses = [...]Access{StepFree, HearingLoop, SignLanguage, EasyRead, Interpreters, HomeVisits, AccessToilet}

// Accesses are the things that may be offered.
func Accesses() []Access { return slices.Clone(accesses[:]) }

// Referrer is who may refer to a service.
type Referrer string

// Who may refer. Where a service lists none, no page says.
const (
	ReferSelf         Referrer = "self"
	ReferGP           Referrer = "gp"
	ReferHealth       Referrer = "health"
	ReferSocialCare   Referrer = "social-care"
	ReferPolice       Referrer = "police"
	ReferVoluntary    Referrer = "voluntary"
	ReferProfessional Referrer = "professional" // any professional
	ReferTrained      Referrer = "trained-practice"
)

var referrers = [...]Referrer{ReferSelf, ReferGP, ReferHealth, ReferSocialCare, ReferPolice, ReferVoluntary, ReferProfessional, ReferTrained}

// Referrers are all who may be listed.
func Referrers() []Referrer { return slices.Clone(referrers[:]) }

// ConsentRule is what a service asks about consent. It never decides: consent belongs to the destination and is taken there.
type ConsentRule string

// The rules that destinations state.
const (
	ConsentNotStated ConsentRule = ""
	ConsentRequired  ConsentRule = "required"
	ConsentSought    ConsentRule = "sought"     // sought, and sharing without it needs a ground and a reason
	ConsentNormally  ConsentRule = "normally"   // as for a child in need
	ConsentNotNeeded ConsentRule = "not-needed" // as for a child who may come to harm
)

var consentRules = [...]ConsentRule{ConsentNotStated, ConsentRequired, ConsentSought, ConsentNormally, ConsentNotNeeded}

// ConsentRules are all rules, the unstated one first.
func ConsentRules() []ConsentRule { return slices.Clone(consentRules[:]) }

var languageShape = regexp.MustCompile(`^[a-z]{2,3}$`)

// IsLanguage reports whether a text has the form of a language code: two or three letters, lower case. British Sign Language
// is bfi.
func IsLanguage(text string) bool { return languageShape.MatchString(text) }

// termFaults looks at everything that is said in codes.
func (s Service) termFaults() []string {
	var f []string
	for _, l := range s.Speaks {
		if !IsLanguage(l) {
			f = append(f, "speaks")
		}
	}
	for _, a := range s.Access {
		if !slices.Contains(accesses[:], a) {
			f = append(f, "access: unknown")
		}
	}
	for _, r := range s.Referrers {
		if !slices.Contains(referrers[:], r) {
			f = append(f, "referrers: unknown")
		}
	}
	if !slices.Contains(consentRules[:], s.Consent) {
		f = append(f, "consent: unknown")
	}
	if !s.Opening.sound() {
		f = append(f, "opening")
	}
	return f
}

// says are the things that a service states or not, for ranking without looking at the service.
type says uint8

const (
	saysLanguage says = 1 << iota // lists languages
	saysHours                     // lists hours
	saysGone                      // the list it came from no longer has it
	saysRung                      // somebody rang once, or nobody need have: what is left where only what was rung is shown
)

// terms are the codes of a service as sets of bits.
func (s *Service) terms() (access, from uint8, says says) {
	for _, a := range s.Access {
		access |= a.bit()
	}
	for _, r := range s.Referrers {
		from |= r.bit()
	}
	if len(s.Speaks) > 0 {
		says |= saysLanguage
	}
	if len(s.Opening.Spans) > 0 && s.Hours.Status != Disputed {
		says |= saysHours
	}
	if !s.Unlisted.IsZero() {
		says |= saysGone
	}
	if d := s.dates(); d.everRung || d.always {
		says |= saysRung
	}
	return access, from, says
}

func (a Access) bit() uint8 { return bitAt(slices.Index(accesses[:], a)) }

func (r Referrer) bit() uint8 { return bitAt(slices.Index(referrers[:], r)) }

// bitAt is a set of one; what is not in the list is in no set.
func bitAt(place int) uint8 {
	if place < 0 {
		return 0
	}
	return 1 << place
}

// takers is the set of referrers any of whom must be listed for that one to be taken; nobody in particular is any of them.
func (r Referrer) takers() uint8 {
	switch r {
	case "":
		return ^uint8(0)
	case ReferGP:
		return ReferGP.bit() | ReferHealth.bit() | ReferProfessional.bit() | ReferSelf.bit()
	}
	return r.bit() | ReferProfessional.bit() | ReferSelf.bit()
}

// takesSelf reports whether a person may turn to a service without anybody who refers.
func (s *Service) takesSelf() bool {
	return len(s.Referrers) == 0 || slices.Contains(s.Referrers, ReferSelf)
}
