package packet

import "strings"

// WordIDs lists the ids of all words that this room asks for, for whoever checks that they exist. Those of findings and
// urgencies are the screening's own.
func (b *Book) WordIDs() []string {
	var out []string
	add := func(prefix string, ends ...string) {
		for _, end := range ends {
			out = append(out, "referral."+prefix+end)
		}
	}
	for _, d := range b.Destinations {
		add("destination."+d.ID+".", "name", "next", "triggers", "consent")
	}
	for _, f := range b.Fields {
		add("field.", f.ID)
	}
	add("field.", "consent", "ground", "why-without", "told", "urgency")
	parts := map[string]bool{"missing": true, "found": true, "consent": true}
	for _, f := range b.Fields {
		parts[topic(f.ID)] = true
	}
	for part := range parts {
		add("part.", part)
	}
	for list, codes := range b.lists {
		add("code."+list+".", codes...)
	}
	add("warning.", "only-as-below", "device-watched", "device-may-be-watched", "no-voicemail", "no-texts", "no-emails",
		"no-letters", "no-portal", "never-the-feared")
	add("ground.", b.groundIDs...)
	for _, d := range Decisions() {
		add("decision.", string(d))
	}
	for _, w := range Whys() {
		add("why.", string(w))
	}
	for _, t := range Tolds() {
		add("told.", string(t))
	}
	for _, c := range Channels() {
		add("channel.", string(c))
	}
	add("packet.", "reference", "made")
	for what, care := range map[string]Care{"export": b.Export, "erase": b.Erase} {
		add(what+".reason.", care.Reasons...)
		add(what+".check.", care.Checks...)
		add(what+".refusal.", care.Refusals...)
	}
	add("class.", string(ToGive), string(MayHarm), string(OfOthers))
	for _, id := range CaseParts() {
		_, name, _ := strings.Cut(id, ".")
		add("case.", name)
	}
	add("discreet.", "heading", "organisation", "contact", "ask")
	add("fault.", "unknown-field", "too-many", "twice", "not-on-list", "too-long", "characters", "date", "number")
	return out
}
