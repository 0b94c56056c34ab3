package directory

import "slices"

// Needs with a meaning of their own in matching.
const (
	Emergency   = "emergency"
	CannotSpeak = "cannot-speak"
)

// vocabulary is the words in which a plan asks and services answer. long-term-condition is the directory's own: no plan asks
// for it yet. listening is the public journey's: somebody who listens, beside the crisis line of the health service.
var vocabulary = [...]string{
	Emergency, CannotSpeak, "police", "police-emergency", "disclosure-scheme", "domestic-abuse", "men", "lgbt",
	"honour-based", "forced-marriage", "immigration", "economic-abuse", "legal", "stalking", "tech-abuse",
	"intimate-images", "images-under-18", "online-harm", "sexual-violence", "children", "young-people",
	"child-safeguarding", "adult-safeguarding", "mental-health-crisis", "mental-health", "acute-medical",
	"clinical-local", "substance-use", "victims", "modern-slavery", "device-safety", "patient-safety", "consumer",
	"data-protection", "work", "dementia", "disability", "deaf", "older-people", "fraud", "professional-advice",
	"marac", "capacity", "long-term-condition", "listening",
}

// An entry keeps its needs as bits of one word.
const _ = uint(64 - len(vocabulary))

// Needs are the needs that may be asked for.
func Needs() []string { return slices.Clone(vocabulary[:]) }

// needIndex is the place of a need in the vocabulary.
func needIndex(need string) (int, bool) {
	for i, n := range vocabulary {
		if n == need {
			return i, true
		}
	}
	return 0, false
}

// aboutChild reports whether a need speaks of a child even where the plan is an adult's: a parent who asks is not too old
// for what is meant for the child.
func aboutChild(need string) bool {
	switch need {
	case "children", "young-people", "images-under-18", "child-safeguarding":
		return true
	}
	return false
}

// groupOf is the group that a need tells by itself: who needs a service for deaf people belongs to them, as far as the
// directory need know.
func groupOf(need string) (Group, bool) {
	switch need {
	case "lgbt":
		return LGBT, true
	case "deaf":
		return Deaf, true
	case "disability":
		return Disabled, true
	case "older-people":
		return Older, true
	case "immigration":
		return Migrant, true
	}
	return "", false
}
