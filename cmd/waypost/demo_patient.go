package main

import (
	"fmt"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/packet"
)

func keep(text string) vault.Secret[string] { return vault.Keep(text) }

// demoNumber is an NHS number that is given to nobody: it begins with 999, which is kept for tests. Some numbers have no
// check figure; those are passed over.
func demoNumber(n int) string {
	for serial := 0; ; serial++ {
		text := fmt.Sprintf("999%06d", serial)
		sum := 0
		for i, r := range text {
			sum += int(r-'0') * (10 - i)
		}
		check := (11 - sum%11) % 11
		if check == 10 {
			continue
		}
		if n == 0 {
			return text + fmt.Sprint(check)
		}
		n--
	}
}

// demoPhone lies in the range of numbers that Ofcom keeps for drama: 01632 960000 to 960999.
func demoPhone(n int) string { return fmt.Sprintf("01632 960%03d", n) }

// entries are what was typed of the invented patient n. What no chosen destination needs is not kept.
func (t tale) entries(n int, by *demoPerson, now time.Time) []packet.Entry {
	born := func(years int) string { return now.AddDate(-years, -(n % 12), -n).Format(time.DateOnly) }
	fields := map[string]string{
		"person.name": fmt.Sprintf("Example Patient %d", n), "person.birth": born(20 + n), "person.nhs-number": demoNumber(n),
		"person.address": fmt.Sprintf("%d Example Street, Exampleton, %s", n, demoPostcode), "person.sex": "woman",
		"contact.channel": "phone", "contact.at": demoPhone(200 + n), "contact.times": "Weekdays, ten to noon", "contact.voicemail": "no",
		"contact.texts": "no", "contact.emails": "no", "contact.letters": "no", "contact.portal": "no", "contact.device-watched": "yes",
		"contact.code-word": "about the library book", "unsafe.name": fmt.Sprintf("Example Partner %d", n), "unsafe.relationship": "partner",
		"safe.name": fmt.Sprintf("Example Sister %d", n), "safe.relationship": "brother-or-sister",
		"feared.relationship": "partner", "feared.name": fmt.Sprintf("Example Partner %d", n), "feared.in-home": "yes", "children.involved": "no",
		"household.members": "Two adults", "needs.care": "Help with washing and medicines", "needs.communication": "Speaks slowly; give time",
		"needs.capacity": "has", "account.reason": t.Says, "account.technology": t.Tech, "account.risk-now": t.Says,
		"account.wishes": "Wants it to stop. Does not want to leave home yet.", "account.cannot-protect-self": "Depends on the person feared for care",
		"account.other-referrals": "None before", "criteria.judgement": "yes", "criteria.judgement-why": t.Says,
		"referrer.organisation": by.house.name, "referrer.name": by.name, "referrer.role": "Clinician", "referrer.contact": demoPhone(100),
	}
	if t.Child {
		fields["children.involved"], fields["child.name"], fields["child.birth"] = "yes", fmt.Sprintf("Example Child %d", n), born(4+n%9)
		fields["household.members"], fields["account.harm-to-child"], fields["account.parent-knows"] = "Two adults and a child", t.Says, "She knows. He does not."
	}
	var all []packet.Entry
	for field, value := range fields {
		all = append(all, packet.Entry{Field: field, Value: keep(value)})
	}
	return all
}
