package packet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
)

// Decision is what was learned about consent for one destination.
type Decision string

// The decisions. There is no default: silence is not consent.
const (
	Given     Decision = "given"
	Refused   Decision = "refused"
	NotSafe   Decision = "not-safe-to-ask"
	NoAbility Decision = "lacks-capacity"
)

// Decisions lists them in the order of a form.
func Decisions() []Decision { return []Decision{Given, Refused, NotSafe, NoAbility} }

// Why is why something is shared without consent, as a code; the reason in words rests sealed beside it.
type Why string

// The reasons.
const (
	WhySeriousHarm Why = "risk-of-death-or-serious-harm"
	WhyChild       Why = "child-at-risk"
	WhyOthers      Why = "others-at-risk"
	WhyCapacity    Why = "lacks-capacity-and-abuse"
	WhyCoercion    Why = "coercion-prevents-asking"
	WhyLaw         Why = "law-requires"
)

// Whys lists the reasons for the form.
func Whys() []Why {
	return []Why{WhySeriousHarm, WhyChild, WhyOthers, WhyCapacity, WhyCoercion, WhyLaw}
}

// Told is whether the person knows of the sharing. It is asked, because it may be safer not to tell.
type Told string

// The answers.
const (
	WasTold    Told = "told"
	SaferNot   Told = "safer-not-told"
	CouldNotBe Told = "could-not-be-told"
)

// Tolds lists them for the form.
func Tolds() []Told { return []Told{WasTold, SaferNot, CouldNotBe} }

// Consent is what was decided for one destination, by whom and when. Ground, Why, Words and Told belong to sharing
// without consent and are empty otherwise.
type Consent struct {
	Decision Decision
	Ground   string
	Why      Why
	Words    vault.Secret[string]
	Told     Told
	By       string // member
	On       time.Time
	// Stricter is what the chosen service itself asks; where it is ConsentRequired no ground opens it.
	Stricter directory.ConsentRule
}

// Ground is on what something may be shared without consent.
type Ground struct {
	ID        string     `yaml:"id"`
	Nations   []string   `yaml:"nations"` // none: all four
	Decisions []Decision `yaml:"decisions"`
	Evidence  `yaml:",inline"`
}

// GroundsFor lists the grounds that may open a destination in a nation beside a decision, in the destination's order.
func (b *Book) GroundsFor(destination string, n directory.Nation, decision Decision) []Ground {
	var out []Ground
	d, _ := b.Destination(destination)
	for _, id := range d.Without {
		g := b.grounds[id]
		if (len(g.Nations) == 0 || slices.Contains(g.Nations, n.String())) && slices.Contains(g.Decisions, decision) {
			out = append(out, g)
		}
	}
	return out
}

// Permits says whether a destination may be told: consent was given, or it was not and a ground that holds for this
// destination and nation was recorded with its reason in a code and in words, with whether the person was told, and by
// whom it was decided.
func (b *Book) Permits(d Destination, n directory.Nation, c Consent) error {
	if c.By == "" || c.On.IsZero() {
		return fmt.Errorf("nobody decided: %w", ErrNoConsent)
	}
	if c.Decision == Given {
		return nil
	}
	if c.Stricter == directory.ConsentRequired {
		return fmt.Errorf("the service takes nobody without consent: %w", ErrNoConsent)
	}
	open := slices.ContainsFunc(b.GroundsFor(d.ID, n, c.Decision), func(g Ground) bool { return g.ID == c.Ground })
	switch {
	case !open:
		return fmt.Errorf("no ground that holds here: %w", ErrNoConsent)
	case !slices.Contains(Whys(), c.Why) || strings.TrimSpace(c.Words.Reveal()) == "":
		return fmt.Errorf("no reason recorded: %w", ErrNoConsent)
	case !slices.Contains(Tolds(), c.Told):
		return fmt.Errorf("whether the person was told is not recorded: %w", ErrNoConsent)
	}
	return nil
}

// consentLines are what every packet says of consent. The reason in words stays in the case.
func consentLines(c Consent) []Line {
	out := []Line{{Field: "consent", Say: "referral.decision." + string(c.Decision)}}
	if c.Decision == Given {
		return out
	}
	return append(out,
		Line{Field: "ground", Say: "referral.ground." + c.Ground},
		Line{Field: "why-without", Say: "referral.why." + string(c.Why)},
		Line{Field: "told", Say: "referral.told." + string(c.Told)})
}
