package feed

import (
	"regexp"
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// spoken are the names of languages that feeds use instead of codes.
var spoken = map[string]string{
	"english": "en", "welsh": "cy", "cymraeg": "cy", "polish": "pl", "punjabi": "pa", "panjabi": "pa", "urdu": "ur", "bengali": "bn", "gujarati": "gu",
	"arabic": "ar", "french": "fr", "portuguese": "pt", "spanish": "es", "romanian": "ro", "tamil": "ta", "turkish": "tr", "somali": "so",
	"italian": "it", "hindi": "hi", "ukrainian": "uk", "russian": "ru", "lithuanian": "lt", "bulgarian": "bg", "hungarian": "hu", "farsi": "fa",
	"persian": "fa", "pashto": "ps", "kurdish": "ku", "tigrinya": "ti", "albanian": "sq", "cantonese": "yue", "mandarin": "zh", "chinese": "zh",
	"vietnamese": "vi", "slovak": "sk", "czech": "cs", "greek": "el", "german": "de", "british sign language": "bfi", "bsl": "bfi",
}

// language reads a code or a name.
func language(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if code, ok := spoken[text]; ok {
		return code, true
	}
	text, _, _ = strings.Cut(text, "-")
	if three, ok := map[string]string{"eng": "en", "cym": "cy", "wel": "cy", "pol": "pl", "pan": "pa", "urd": "ur", "ara": "ar", "fra": "fr", "ron": "ro"}[text]; ok {
		return three, true
	}
	return text, directory.IsLanguage(text)
}

func (r *Reading) languages(n node, s *directory.Service) {
	for _, l := range r.nodes(n, "languages", "language") {
		text := r.text(l, "code", "language", "name")
		if text == "" {
			continue
		}
		code, ok := language(text)
		if !ok {
			r.drop(DroppedTerm)
			continue
		}
		if !slices.Contains(s.Speaks, code) {
			s.Speaks = append(s.Speaks, code)
		}
		if code == "bfi" && !slices.Contains(s.Access, directory.SignLanguage) {
			s.Access = append(s.Access, directory.SignLanguage)
		}
	}
	slices.Sort(s.Speaks)
}

var denied = regexp.MustCompile(`(?i)\b(no|not|none|without|limited|unable|cannot|isn't|lack|partial)`)

// access reads what texts about accessibility offer. Where a text denies or limits anything nothing of it is taken.
func (r *Reading) access(n node, s *directory.Service) {
	var texts []string
	for _, p := range r.nodes(n, "service_at_locations") {
		if l := r.node(p, "location"); l != nil {
			for _, a := range r.nodes(l, "accessibility", "accessibilities", "accessibility_for_disabilities") {
				texts = append(texts, r.text(a, "description"), r.text(a, "accessibility"), r.text(a, "details"))
			}
		}
	}
	for _, t := range texts {
		text, _ := plain(t)
		for sentence := range strings.SplitSeq(strings.ToLower(text), ".") {
			if denied.MatchString(sentence) {
				continue
			}
			for _, m := range []struct {
				words string
				is    directory.Access
			}{
				{"wheelchair", directory.StepFree}, {"step-free", directory.StepFree}, {"step free", directory.StepFree}, {"level access", directory.StepFree},
				{"induction loop", directory.HearingLoop}, {"hearing loop", directory.HearingLoop}, {"sign language", directory.SignLanguage},
				{"easy read", directory.EasyRead}, {"accessible toilet", directory.AccessToilet}, {"interpret", directory.Interpreters}, {"home visit", directory.HomeVisits},
			} {
				if strings.Contains(sentence, m.words) && !slices.Contains(s.Access, m.is) {
					s.Access = append(s.Access, m.is)
				}
			}
		}
	}
	slices.Sort(s.Access)
}
