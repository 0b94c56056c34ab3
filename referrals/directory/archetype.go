package directory

import "slices"

// Archetype is what kind of local destination a service is. Every area has one of each, under its own name; what a packet
// holds and which consent it needs follows from it. Sources: uk-pathways, sections 2 and 3.
type Archetype string

// The archetypes. The empty one is a service like any other.
const (
	NoArchetype            Archetype = ""
	DomesticAbuseService   Archetype = "domestic-abuse-service"
	IrisAdvocate           Archetype = "iris-advocate"
	IndependentAdvocate    Archetype = "idva"
	MaracCoordinator       Archetype = "marac"
	ChildrenFrontDoor      Archetype = "children-front-door"
	AdultSafeguardingTeam  Archetype = "adult-safeguarding"
	CrisisTeam             Archetype = "crisis-team"
	LiaisonPsychiatry      Archetype = "liaison-psychiatry"
	EarlyIntervention      Archetype = "early-intervention"
	TalkingTherapies       Archetype = "talking-therapies"
	SexualAssaultCentre    Archetype = "sexual-assault-centre"
	AdultProtectionGateway Archetype = "adult-protection-gateway" // Northern Ireland
	AdultSupportProtection Archetype = "adult-support-protection" // Scotland
)

// The fields that an archetype may have to hold.
const (
	HoldsArea    = "area"
	HoldsPhone   = "phone"
	HoldsHours   = "hours"
	HoldsWhom    = "for"
	HoldsConsent = "consent"
	HoldsRinging = "verified"
)

// archetype is one line of the table.
type archetype struct {
	is      Archetype
	need    string
	nations Nations // none: all four
	rule    ConsentRule
	holds   []string
}

func archetypes() []archetype {
	only := func(list ...Nation) (s Nations) {
		for _, n := range list {
			s = s.With(n)
		}
		return s
	}
	reach := []string{HoldsArea, HoldsPhone}
	return []archetype{
		{DomesticAbuseService, "domestic-abuse", 0, ConsentRequired, []string{HoldsArea, HoldsPhone, HoldsHours, HoldsWhom, HoldsConsent, HoldsRinging}},
		{IrisAdvocate, "domestic-abuse", only(England, Wales, NorthernIreland), ConsentRequired, []string{HoldsArea, HoldsWhom, HoldsConsent}},
		{IndependentAdvocate, "domestic-abuse", 0, ConsentSought, []string{HoldsArea, HoldsConsent}},
		{MaracCoordinator, "marac", 0, ConsentSought, []string{HoldsArea, HoldsConsent}},
		{ChildrenFrontDoor, "child-safeguarding", 0, ConsentNotStated, []string{HoldsArea, HoldsPhone, HoldsHours, HoldsConsent}},
		{AdultSafeguardingTeam, "adult-safeguarding", only(England, Wales), ConsentSought, []string{HoldsArea, HoldsPhone, HoldsConsent}},
		{CrisisTeam, "mental-health-crisis", 0, ConsentNotStated, []string{HoldsArea, HoldsPhone, HoldsHours}},
		{LiaisonPsychiatry, "mental-health-crisis", 0, ConsentNotStated, reach},
		{EarlyIntervention, "mental-health", 0, ConsentNotStated, []string{HoldsArea, HoldsPhone, HoldsWhom}},
		{TalkingTherapies, "mental-health", only(England), ConsentRequired, []string{HoldsArea, HoldsWhom}},
		{SexualAssaultCentre, "sexual-violence", 0, ConsentRequired, []string{HoldsArea, HoldsPhone, HoldsHours}},
		{AdultProtectionGateway, "adult-safeguarding", only(NorthernIreland), ConsentSought, reach},
		{AdultSupportProtection, "adult-safeguarding", only(Scotland), ConsentSought, reach},
	}
}

// Archetypes are all archetypes.
func Archetypes() []Archetype {
	var all []Archetype
	for _, a := range archetypes() {
		all = append(all, a.is)
	}
	return all
}

func (a Archetype) line() (archetype, bool) {
	if a == NoArchetype {
		return archetype{}, false
	}
	i := slices.IndexFunc(archetypes(), func(l archetype) bool { return l.is == a })
	if i < 0 {
		return archetype{}, false
	}
	return archetypes()[i], true
}

// UsualConsent is the rule that national guidance states for an archetype, where it states one for all cases. A service may
// state another.
func (a Archetype) UsualConsent() ConsentRule {
	l, _ := a.line()
	return l.rule
}

// archetypeFaults: a service that is of a kind answers the need of that kind, in a nation that has it.
func (s Service) archetypeFaults() []string {
	if s.Is == NoArchetype {
		return nil
	}
	l, ok := s.Is.line()
	switch {
	case !ok:
		return []string{"archetype: unknown"}
	case l.nations != 0 && s.Nations&^l.nations != 0:
		return []string{"archetype: not in that nation"}
	case len(s.Needs) > 0 && !slices.Contains(s.Needs, l.need):
		return []string{"archetype: needs"}
	}
	return nil
}

// Lacks names the fields that a service of its archetype must hold locally and does not. It may be shown all the same; the
// desk asks for them.
func (s Service) Lacks() []string {
	l, ok := s.Is.line()
	if !ok {
		return nil
	}
	has := map[string]bool{
		HoldsArea: s.Covers.Local(), HoldsHours: s.Hours.Text != "", HoldsWhom: s.For != "", HoldsConsent: s.Consent != ConsentNotStated,
		HoldsRinging: s.VerifiedBy != "", HoldsPhone: slices.ContainsFunc(s.Ways, func(w Way) bool { return w.By == Phone }),
	}
	var lacks []string
	for _, field := range l.holds {
		if !has[field] {
			lacks = append(lacks, field)
		}
	}
	return lacks
}
