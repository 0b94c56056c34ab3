package fhir

import (
	"cmp"
	"slices"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/web/tree"
)

// sheet is the form of a referral as it was filled in: a linkId is the id of a field. What speaks of one of several people
// stands in a group with the name of its topic, a group for each; other fields may stand in the group of theirs or outside it.
type sheet struct {
	entries []packet.Entry
	places  []string // where each entry stood
	codes   map[string]string
	why     string // the reason in words for sharing without consent
	at      string // the form itself
	groups  map[string]int
}

// consentCodes are the items that say what was decided about consent, with their codes.
func (r *referralReader) consentCodes(link string) (codes []string, ok bool) {
	switch link {
	case "consent":
		return texts(packet.Decisions()), true
	case "ground":
		return r.book.Grounds(), true
	case "why-without":
		return texts(packet.Whys()), true
	case "told":
		return texts(packet.Tolds()), true
	}
	return nil, false
}

// consentSystem names the code system of the answers of an item about consent, as a packet has it.
var consentSystem = map[string]string{"consent": "referral.decision", "ground": "referral.ground", "why-without": "referral.why", "told": "referral.told"}

func texts[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

// fields reads the form of a referral.
func (r *referralReader) fields(n *tree.Node) {
	if !r.isA(n, "QuestionnaireResponse") {
		return
	}
	r.sheet = sheet{codes: map[string]string{}, at: r.at(), groups: map[string]int{}}
	status := ""
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "resourceType", "questionnaire": // looked at before
			return taken
		case "id":
			return r.text(name, v, idForm, nil)
		case "language":
			return r.text(name, v, languageForm, nil)
		case "authored":
			return r.text(name, v, dateTimeForm, nil)
		case "meta": // a renderer says there what it made the response with
			return r.one(name, v, r.meta)
		case "status":
			return r.text(name, v, codeForm, &status)
		case "item":
			return r.list(name, v, func(n *tree.Node) { r.item(n, "", 0) })
		case "identifier", "basedOn", "partOf", "encounter", "author", "source", "subject":
			return ofPerson
		case "text", "contained", "implicitRules":
			return notOffered
		}
		return unknownElement
	})
	r.code("status", status, "completed")
}

// item reads one line, or a group of those that speak of one person.
func (r *referralReader) item(n *tree.Node, topic string, row int) {
	link, ok := r.linkID(n)
	if !ok {
		return
	}
	field, isField := r.book.Field(link)
	_, isConsent := r.consentCodes(link)
	isGroup := topic == "" && r.isTopic(link)
	switch {
	case !isField && !isConsent && !isGroup && link != "why-words":
		r.failIn("linkId", unknownLink)
		return
	case topic != "" && (!isField || !strings.HasPrefix(link, topic+".")):
		r.failIn("linkId", misplaced)
		return
	}
	many := ofMany(r.book, cmp.Or(topic, link))
	if isGroup && many {
		row = r.sheet.groups[link]
		r.sheet.groups[link]++
	}
	r.object(n, func(name string, v *tree.Node) fault {
		switch {
		case name == "linkId":
			return taken
		case name == "text":
			return r.text(name, v, nil, nil)
		case name == "definition":
			return r.text(name, v, uriForm, nil)
		case name == "item" && isGroup:
			return r.list(name, v, func(n *tree.Node) { r.item(n, link, row) })
		case name == "answer" && isField:
			at := row
			return r.list(name, v, func(n *tree.Node) {
				if topic != "" && many && at > row { // of one person each field is said once
					r.fail(tooMany)
					return
				}
				r.fill(n, field, at)
				at++
			})
		case name == "answer" && !isGroup:
			return r.list(name, v, func(n *tree.Node) { r.decide(n, link) })
		case name == "item", name == "answer":
			return misplaced
		}
		return unknownElement
	})
}

// isTopic says whether there are fields of that topic.
func (r *referralReader) isTopic(id string) bool {
	return slices.ContainsFunc(r.book.Fields, func(f packet.Field) bool { return strings.HasPrefix(f.ID, id+".") })
}

// fill takes the value of a field.
func (r *referralReader) fill(n *tree.Node, f packet.Field, row int) {
	value := ""
	switch {
	case f.List != "":
		value = r.choice(n, "referral.code."+f.List, r.book.Codes(f.List))
	case f.Kind == "date":
		value = r.words(n, "valueDate")
	default:
		value = r.words(n, "valueString")
	}
	if value == "" {
		return
	}
	r.sheet.entries = append(r.sheet.entries, packet.Entry{Field: f.ID, Row: row, Value: vault.Keep(value)})
	r.sheet.places = append(r.sheet.places, r.at())
}

// decide takes what was decided about consent.
func (r *referralReader) decide(n *tree.Node, link string) {
	value, had := "", r.sheet.codes[link] != ""
	if link == "why-words" {
		value, had = r.words(n, "valueString"), r.sheet.why != ""
		r.sheet.why = value
	} else {
		codes, _ := r.consentCodes(link)
		value = r.choice(n, consentSystem[link], codes)
		r.sheet.codes[link] = value
	}
	if had {
		r.fail(answeredTwice)
	}
}

// choice reads an answer that is one of our codes.
func (r *referralReader) choice(n *tree.Node, codes string, list []string) (code string) {
	r.value(n, "valueCoding", func(v *tree.Node) {
		c := r.coding(v)
		if c.system != system(codes) || !slices.Contains(list, c.code) {
			r.fail(unknownCode)
			return
		}
		code = c.code
	})
	return code
}

// words reads an answer that somebody typed.
func (r *referralReader) words(n *tree.Node, kind string) (text string) {
	r.value(n, kind, func(v *tree.Node) {
		if v.Kind != tree.String {
			r.fail(wrongType)
			return
		}
		text = v.Text
	})
	return text
}
