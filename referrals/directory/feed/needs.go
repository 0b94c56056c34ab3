package feed

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// sameMeaning are terms of taxonomies that say what one of our needs says, in other words. Nothing is added here that has to
// be interpreted: a term without a need leaves the service waiting for a human.
var sameMeaning = map[string]string{
	"domestic violence": "domestic-abuse", "domestic violence and abuse": "domestic-abuse", "domestic abuse and violence": "domestic-abuse",
	"domestic abuse support": "domestic-abuse", "sexual abuse": "sexual-violence", "rape and sexual assault": "sexual-violence",
	"sexual assault": "sexual-violence", "rape": "sexual-violence", "mental wellbeing": "mental-health", "mental health support": "mental-health",
	"drugs and alcohol": "substance-use", "drug and alcohol support": "substance-use", "substance misuse": "substance-use",
	"deaf people": "deaf", "older adults": "older-people", "victims of crime": "victims", "victim support": "victims",
	"forced marriages": "forced-marriage", "honour based violence": "honour-based", "human trafficking": "modern-slavery",
	"legal advice": "legal", "adult social care safeguarding": "adult-safeguarding", "safeguarding children": "child-safeguarding",
	"safeguarding adults": "adult-safeguarding", "financial abuse": "economic-abuse",
}

// need is the one that a term names in so many words.
func need(term string) (string, bool) {
	term = strings.ToLower(strings.TrimSpace(term))
	if n, ok := sameMeaning[term]; ok {
		return n, true
	}
	word := strings.ReplaceAll(term, " ", "-")
	return word, feedMayAnswer(word)
}

// feedMayAnswer reports whether a need is one that a list may answer. What comes before all else in an emergency is never
// taken on the word of a list.
func feedMayAnswer(need string) bool {
	return need != directory.Emergency && need != directory.CannotSpeak && slices.Contains(directory.Needs(), need)
}

// needs are those of the terms, in the order of the vocabulary, and those of the whole feed.
func (r *Reading) needs(terms []string) []string {
	found := map[string]bool{}
	for _, n := range r.source.Needs {
		found[n] = true
	}
	for _, t := range terms {
		for _, n := range r.source.Terms[strings.ToLower(t)] {
			found[n] = true
		}
		if n, ok := need(t); ok {
			found[n] = true
		}
	}
	return slices.DeleteFunc(directory.Needs(), func(n string) bool { return !found[n] })
}

// Words that speak of people who use abuse: a service for them may never be shown to a victim. And words of places where
// somebody may be hiding.
var (
	ofAbusers = []string{
		"perpetrator", "abusers", "abusive behaviour", "abusive behavior", "people who use abuse", "people who harm", "men who are violent",
		"violent men", "offender", "anger management", "change their behaviour", "behaviour change programme", "respect phoneline",
	}
	ofHiding = []string{"refuge", "safe house", "safehouse", "safe accommodation", "sanctuary scheme", "women's shelter", "crisis accommodation"}
)

func speaksOf(words []string, texts ...string) bool {
	for _, t := range texts {
		t = strings.ToLower(strings.ReplaceAll(t, "’", "'"))
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(t, w) }) {
			return true
		}
	}
	return false
}

// MayHide reports whether people may be hiding at a service that answers these needs: then no list is trusted with its
// address. Nobody knows what a service without needs is.
func MayHide(needs []string) bool {
	return len(needs) == 0 || slices.ContainsFunc(needs, func(n string) bool {
		return slices.Contains([]string{"domestic-abuse", "honour-based", "forced-marriage", "modern-slavery", "sexual-violence", "stalking"}, n)
	})
}

// hides reports whether people may be hiding at the address of a service: then it is not kept, whoever published it.
func hides(s *directory.Service, texts ...string) bool {
	return MayHide(s.Needs) || speaksOf(ofHiding, texts...)
}

// aboutChildren reports whether a service answers a need of children.
func aboutChildren(needs []string) bool {
	return slices.ContainsFunc(needs, func(n string) bool {
		return n == "children" || n == "young-people" || n == "images-under-18" || n == "child-safeguarding"
	})
}
