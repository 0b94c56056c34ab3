package refer

import (
	"slices"

	"waypost/referrals/directory"
)

// Which destinations a pathway of the plan leads to. Ids only; proposals that await sign-off like the rest of the content
// (docs/clinical-safety). A pathway without a line is not a referral: it is done here, or on the telephone at once.
var leadsTo = map[string][]string{
	"domestic-abuse":       {"domestic-abuse", "iris"},
	"marac":                {"marac"},
	"stalking":             {"stalking"},
	"police-emergency":     {"police"},
	"child-safeguarding":   {"child-protection", "child-in-need"},
	"adult-safeguarding":   {"adult-england", "adult-wales", "adult-scotland", "adult-northern-ireland"},
	"capacity":             {"adult-england", "adult-wales", "adult-scotland", "adult-northern-ireland"},
	"mental-health-crisis": {"mental-health-crisis"},
	"mental-health":        {"early-psychosis", "talking-therapies"},
	"intimate-images":      {"image-abuse"},
	"economic-abuse":       {"economic-abuse"},
}

// Which destinations a local service of a kind stands for.
var standsFor = map[directory.Archetype][]string{
	directory.DomesticAbuseService:   {"domestic-abuse"},
	directory.IrisAdvocate:           {"iris"},
	directory.IndependentAdvocate:    {"domestic-abuse"},
	directory.MaracCoordinator:       {"marac"},
	directory.ChildrenFrontDoor:      {"child-protection", "child-in-need"},
	directory.AdultSafeguardingTeam:  {"adult-england", "adult-wales"},
	directory.AdultSupportProtection: {"adult-scotland"},
	directory.AdultProtectionGateway: {"adult-northern-ireland"},
	directory.CrisisTeam:             {"mental-health-crisis"},
	directory.LiaisonPsychiatry:      {"mental-health-crisis"},
	directory.EarlyIntervention:      {"early-psychosis"},
	directory.TalkingTherapies:       {"talking-therapies"},
	directory.SexualAssaultCentre:    {"sexual-assault"},
}

// Which destination a service without a kind of its own is, by what it was found for.
var foundFor = map[string][]string{
	"domestic-abuse":       {"domestic-abuse"},
	"stalking":             {"stalking"},
	"intimate-images":      {"image-abuse"},
	"economic-abuse":       {"economic-abuse"},
	"sexual-violence":      {"sexual-assault"},
	"mental-health-crisis": {"mental-health-crisis"},
	"child-safeguarding":   {"child-protection", "child-in-need"},
	"adult-safeguarding":   {"adult-england", "adult-wales", "adult-scotland", "adult-northern-ireland"},
	"marac":                {"marac"},
	"police":               {"police"},
}

// needOf is what to look for where a destination is chosen that the plan did not ask for.
func needOf(destination string) string {
	for _, need := range directory.Needs() {
		if slices.Contains(foundFor[need], destination) {
			return need
		}
	}
	return ""
}

// destinationsOf says which destinations a matched service is.
func destinationsOf(m directory.Match) []string {
	if m.Service.Is != directory.NoArchetype {
		return standsFor[m.Service.Is]
	}
	var out []string
	for _, r := range m.Reasons {
		if r.Code == directory.ForNeed {
			for _, to := range foundFor[r.ID] {
				if !slices.Contains(out, to) {
					out = append(out, to)
				}
			}
		}
	}
	return out
}

// Stands says whether a service of the directory stands for a destination: by its kind, or by what it helps with.
func Stands(s directory.Service, destination string) bool {
	if s.Prof == directory.NoProf || s.EmergencyNumber {
		return false
	}
	if s.Is != directory.NoArchetype {
		return slices.Contains(standsFor[s.Is], destination)
	}
	return slices.ContainsFunc(s.Needs, func(need string) bool { return slices.Contains(foundFor[need], destination) })
}
