package fhir

import (
	"slices"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/screening"
	"waypost/web/tree"
)

// Referral is a ServiceRequest that the system of somebody who refers has sent, read: one destination with a service, the
// answers of the consultation, the fields of the closed list, and what was decided about consent.
type Referral struct {
	Answers     screening.Answers
	Destination string
	Service     string
	Consent     packet.Consent
	Entries     []packet.Entry
}

// ReadReferral reads all of it or nothing. What a person typed is kept secret from here on.
func (f *Form) ReadReferral(body []byte, book *packet.Book) (Referral, error) {
	n, err := readTree(body)
	if err != nil {
		return Referral{}, err
	}
	r := referralReader{form: f, book: book}
	out := r.request(&n)
	if len(r.refused) > 0 {
		return Referral{}, r.refused
	}
	return out, nil
}

type referralReader struct {
	reader
	form *Form
	book *packet.Book

	answers  screening.Answers
	sheet    sheet
	answered bool     // there was a consultation
	filled   bool     // there was a form
	ids      []string // of what is contained
	named    []string // of what is pointed at
}

func (r *referralReader) request(n *tree.Node) (out Referral) {
	if !r.isA(n, "ServiceRequest") {
		return out
	}
	r.enter("ServiceRequest")
	defer r.leave()
	var status, intent, subject string
	performers := 0
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "resourceType":
			return taken
		case "id":
			return r.text(name, v, idForm, nil)
		case "language":
			return r.text(name, v, languageForm, nil)
		case "meta":
			return r.one(name, v, r.meta)
		case "status":
			return r.text(name, v, codeForm, &status)
		case "intent":
			return r.text(name, v, codeForm, &intent)
		case "authoredOn":
			return r.text(name, v, dateTimeForm, nil)
		case "code":
			return r.one(name, v, func(n *tree.Node) { out.Destination = r.destination(n) })
		case "subject":
			return r.one(name, v, func(n *tree.Node) { r.subject(n, &subject) })
		case "performer":
			return r.list(name, v, func(n *tree.Node) {
				if performers++; performers > 1 {
					r.fail(tooMany)
				}
				out.Service = r.performer(n)
			})
		case "contained":
			return r.list(name, v, r.contained)
		case "supportingInfo":
			return r.list(name, v, r.pointer)
		case "identifier", "requester", "encounter", "basedOn", "replaces", "requisition", "performerType", "locationReference", "insurance", "specimen",
			"reasonReference", "note", "patientInstruction", "relevantHistory":
			return ofPerson
		case "text", "implicitRules", "category", "orderDetail", "priority", "doNotPerform", "reasonCode", "occurrenceDateTime", "occurrencePeriod", "occurrenceTiming":
			return notOffered
		}
		return unknownElement
	})
	r.code("status", status, "active")
	r.code("intent", intent, "order")
	r.need("code", out.Destination)
	r.need("subject", subject)
	r.need("performer", out.Service)
	r.whole()
	out.Answers = r.answers
	out.Entries, out.Consent = r.held()
	return out
}

// code holds an element to the one code that is taken here.
func (r *referralReader) code(name, value, only string) {
	switch {
	case value == "":
		r.need(name, "")
	case value != only:
		r.failIn(name, unknownCode)
	}
}

// whole checks that both forms are there and that whatever is pointed at is, too.
func (r *referralReader) whole() {
	if !r.answered || !r.filled {
		r.failIn("contained", missing)
	}
	for _, id := range r.named {
		if !slices.Contains(r.ids, id) {
			r.failIn("supportingInfo", badValue)
		}
	}
}

func (r *referralReader) destination(n *tree.Node) (id string) {
	given := 0
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "coding":
			return r.list(name, v, func(n *tree.Node) {
				c := r.coding(n)
				_, known := r.book.Destination(c.code)
				if given++; given > 1 {
					r.fail(tooMany)
				} else if c.system != system("referral.destination") || !known {
					r.fail(unknownCode)
				} else {
					id = c.code
				}
			})
		case "text":
			return notOffered
		}
		return unknownElement
	})
	if given == 0 {
		r.failIn("coding", missing)
	}
	return id
}

// performer is one service of the directory.
func (r *referralReader) performer(n *tree.Node) (id string) {
	reference := ""
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "reference":
			return r.text(name, v, serviceForm, &reference)
		case "type":
			return r.text(name, v, uriForm, nil)
		case "identifier", "display":
			return ofPerson
		}
		return unknownElement
	})
	return strings.TrimPrefix(reference, "HealthcareService/")
}

// pointer is a reference to what is contained.
func (r *referralReader) pointer(n *tree.Node) {
	reference := ""
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "reference":
			return r.text(name, v, insideForm, &reference)
		case "identifier", "display":
			return ofPerson
		}
		return unknownElement
	})
	if reference != "" {
		r.named = append(r.named, strings.TrimPrefix(reference, "#"))
	}
}

// contained is the consultation or the form of the referral, by which Questionnaire it answers.
func (r *referralReader) contained(n *tree.Node) {
	if n.Kind == tree.Object {
		if id, ok := n.Get("id"); ok && id.Kind == tree.String {
			if slices.Contains(r.ids, id.Text) {
				r.failIn("id", answeredTwice)
			}
			r.ids = append(r.ids, id.Text)
		} else {
			r.need("id", "")
		}
	}
	if q, ok := n.Get("questionnaire"); ok && q.Text == ours("Questionnaire", referralID) {
		if r.filled {
			r.fail(tooMany)
		}
		r.filled = true
		r.fields(n)
		return
	}
	if r.answered {
		r.fail(tooMany)
	}
	r.answered = true
	// It is read by the reader of responses, which takes up the path from here.
	in := responseReader{reader: reader{path: slices.Clone(r.path)}, form: r.form, seen: map[string]bool{}}
	r.answers = in.resource(n).Answers
	r.refused = append(r.refused, in.refused...)[:min(len(r.refused)+len(in.refused), maxIssues)]
}

// held holds the fields to the book, each fault at the place where it stood, and reads what was decided about consent.
func (r *referralReader) held() ([]packet.Entry, packet.Consent) {
	if len(r.refused) > 0 {
		return nil, packet.Consent{}
	}
	_, faults := r.book.Fill(r.sheet.entries)
	for _, f := range faults {
		i := slices.IndexFunc(r.sheet.entries, func(e packet.Entry) bool { return e.Field == f.Field && e.Row == f.Row })
		at := "ServiceRequest.contained"
		if i >= 0 {
			at = r.sheet.places[i]
		}
		r.failAt(faultOf[f.Message], at)
	}
	return r.sheet.entries, r.consent()
}

// faultOf is how this face calls what the book finds wrong with a field.
var faultOf = map[string]fault{
	"referral.fault.unknown-field": unknownLink, "referral.fault.too-many": tooMany, "referral.fault.twice": answeredTwice, "referral.fault.not-on-list": unknownCode,
	"referral.fault.too-long": badValue, "referral.fault.characters": badValue, "referral.fault.date": badValue, "referral.fault.number": badValue,
}

// consent is what was decided. Whatever is said beside consent that was given contradicts it; without consent all of it has to
// be said. Whether a ground holds is for the book to say.
func (r *referralReader) consent() packet.Consent {
	k := packet.Consent{Decision: packet.Decision(r.sheet.codes["consent"]), Ground: r.sheet.codes["ground"], Why: packet.Why(r.sheet.codes["why-without"]), Told: packet.Told(r.sheet.codes["told"])}
	if r.sheet.why != "" {
		k.Words = vault.Keep(r.sheet.why)
	}
	all := []string{k.Ground, string(k.Why), string(k.Told), r.sheet.why}
	switch {
	case k.Decision == "":
		r.failAt(missing, r.sheet.at)
	case k.Decision == packet.Given && strings.Join(all, "") != "":
		r.failAt(contradiction, r.sheet.at)
	case k.Decision != packet.Given && slices.Contains(all, ""):
		r.failAt(missing, r.sheet.at)
	}
	return k
}
