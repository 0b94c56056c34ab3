package fhir

import (
	"strings"

	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/packet"
)

// ServiceRequest is a referral to one destination. A service that acknowledged it finds in it exactly its packet, in the order
// of the packet, so how not to make contact comes first; whoever sent it finds that it was sent, and nothing of a person.
type ServiceRequest struct {
	ResourceType   string            `json:"resourceType"`
	ID             string            `json:"id"`
	Meta           *Meta             `json:"meta"`
	Language       string            `json:"language"`
	Contained      []Filled          `json:"contained,omitempty"`
	Identifier     []Identifier      `json:"identifier,omitempty"`
	Status         string            `json:"status"`
	Intent         string            `json:"intent"`
	Category       []CodeableConcept `json:"category,omitempty"`
	Code           CodeableConcept   `json:"code"`
	OrderDetail    []CodeableConcept `json:"orderDetail,omitempty"`
	Subject        Reference         `json:"subject"`
	AuthoredOn     string            `json:"authoredOn"`
	Performer      []Reference       `json:"performer,omitempty"`
	SupportingInfo []Reference       `json:"supportingInfo,omitempty"`
}

// Filled is a QuestionnaireResponse inside of another resource: the lines of a packet.
type Filled struct {
	ResourceType  string       `json:"resourceType"`
	ID            string       `json:"id"`
	Questionnaire string       `json:"questionnaire"`
	Status        string       `json:"status"`
	Item          []FilledItem `json:"item,omitempty"`
}

// FilledItem is one line, or the lines that speak of one person.
type FilledItem struct {
	LinkID string         `json:"linkId"`
	Text   string         `json:"text,omitempty"`
	Answer []FilledAnswer `json:"answer,omitempty"`
	Item   []FilledItem   `json:"item,omitempty"`
}

// FilledAnswer is one of our codes, or words that somebody typed.
type FilledAnswer struct {
	ValueCoding *Coding `json:"valueCoding,omitempty"`
	ValueString string  `json:"valueString,omitempty"`
}

// referralID is the name of the form of a referral: the closed list of fields of the packets.
const referralID = "referral"

// gravity is the code system of the closed loop that ours is patterned on (interop.md, 3.3).
const gravity = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"

// RequestOf shows a service's own system the packet that it acknowledged. This is where words that were typed are shown to
// another system.
func RequestOf(got referrals.Received, group string, words *locales.Words) ServiceRequest {
	p := got.Packet
	out := bareRequest(got.ID, p.Destination, group, words)
	out.Meta, out.Status, out.AuthoredOn = versioned(got.Rev, got.Expires.Add(-referrals.PacketLife)), "active", instant(p.Made)
	if got.State == referrals.Done {
		out.Status = "completed"
	}
	out.Identifier = []Identifier{{home + "/NamingSystem/packet", p.Reference}}
	if ContactUnsafe(p) {
		out.OrderDetail = []CodeableConcept{{Coding: []Coding{{System: gravity, Code: "contacting-subject-prohibited"}}, Text: words.Text("referral.part.unsafe")}}
	}
	if namesHiding(p) {
		out.Meta.veryRestricted()
	}
	out.Contained = []Filled{{ResourceType: "QuestionnaireResponse", ID: "packet", Questionnaire: ours("Questionnaire", referralID), Status: "completed", Item: lines(p, words)}}
	out.SupportingInfo = []Reference{{Reference: "#packet"}}
	return out
}

// requestStatus is how FHIR calls a request by what became of its hand-over.
var requestStatus = map[referrals.State]string{
	referrals.Withheld: "on-hold", referrals.Refused: "revoked", referrals.Dropped: "revoked", referrals.Done: "completed",
}

// RequestOfPlaced shows whoever sent it that it is there, and for whom, without anything of what was told.
func RequestOfPlaced(p referrals.Placed, group string, words *locales.Words) ServiceRequest {
	out := bareRequest(p.Case+p.Reference, p.Destination, group, words)
	out.Meta, out.AuthoredOn, out.Status = versioned(p.Rev, p.Changed), instant(p.Made), "active"
	if is, ok := requestStatus[p.State]; ok {
		out.Status = is
	}
	if p.Service != "" {
		out.Performer = []Reference{{Reference: "HealthcareService/" + p.Service}}
	}
	return out
}

func bareRequest(id, destination, group string, words *locales.Words) ServiceRequest {
	out := ServiceRequest{
		ResourceType: "ServiceRequest", ID: id, Language: words.Tag, Intent: "order", Subject: pseudonym(id),
		Code: CodeableConcept{Coding: []Coding{{System: system("referral.destination"), Code: destination}}, Text: words.Text("referral.destination." + destination + ".name")},
	}
	if group == "domestic-abuse" {
		out.Category = []CodeableConcept{{Coding: []Coding{{System: gravity, Code: "intimate-partner-violence"}}}}
	}
	return out
}

// ContactUnsafe says that a packet warns of more than to keep to the way of contact it names: contact is not safe, or nobody
// knows that it is.
func ContactUnsafe(p packet.Packet) bool {
	for _, l := range p.Lines {
		if l.Unsafe && l.Say != "referral.warning.only-as-below" {
			return true
		}
	}
	return false
}

// hiding are words for where somebody hides. Where one stands in a packet, its label is raised; nothing lowers a label.
var hiding = []string{"refuge", "safe house", "safehouse", "safe accommodation", "sanctuary", "shelter", "lloches", "tŷ diogel"}

func namesHiding(p packet.Packet) bool {
	for _, l := range p.Lines {
		text := strings.ToLower(l.Text.Reveal())
		for _, word := range hiding {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}

// lines are those of a packet in its order; those of one row stand in a group, so that what belongs to one person stays together.
func lines(p packet.Packet, words *locales.Words) []FilledItem {
	var out []FilledItem
	group, row := "", 0
	for _, l := range p.Lines {
		one := FilledItem{LinkID: l.Field, Text: label(l.Field, words), Answer: []FilledAnswer{answerOf(l, words)}}
		if l.Row == 0 {
			out = append(out, one)
			group, row = "", 0
			continue
		}
		topic, _, _ := strings.Cut(l.Field, ".")
		if topic != group || l.Row != row {
			out = append(out, FilledItem{LinkID: topic, Text: words.Text("referral.part." + topic)})
			group, row = topic, l.Row
		}
		last := &out[len(out)-1]
		last.Item = append(last.Item, one)
	}
	return out
}

// label is what a line is called. Warnings and findings say it themselves.
func label(field string, words *locales.Words) string {
	switch field {
	case "unsafe.contact", "concern":
		return ""
	}
	return words.Text("referral.field." + field)
}

// answerOf is a code of ours with its words, or the words that were typed.
func answerOf(l packet.Line, words *locales.Words) FilledAnswer {
	if l.Say == "" {
		return FilledAnswer{ValueString: l.Text.Reveal()}
	}
	codes, code := codeOf(l.Say)
	return FilledAnswer{ValueCoding: &Coding{System: system(codes), Code: code, Display: words.Text(l.Say)}}
}

// codeOf takes the id of words apart into a code system and a code: of "referral.code.answer.yes" they are
// "referral.code.answer" and "yes".
func codeOf(say string) (codes, code string) {
	if finding, ok := strings.CutPrefix(say, "finding."); ok {
		return "finding", strings.TrimSuffix(finding, ".title")
	}
	if urgency, ok := strings.CutPrefix(say, "urgency."); ok { // as everywhere but in the ids of words
		return "urgency", strings.ReplaceAll(urgency, "-", "_")
	}
	at := strings.LastIndexByte(say, '.')
	if at < 0 {
		return "referral", say
	}
	return say[:at], say[at+1:]
}
