package cdshooks

import (
	"regexp"
	"strings"
	"time"

	"waypost/web/tree"
)

// Request is what of a call matters here, which is little: the server it says it comes from, and whether it is a member of
// staff who looks. Who the patient is, is checked for its form and not taken.
type Request struct {
	FHIRServer string // empty: not said
	Staff      bool
}

var (
	uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	idForm   = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)
	userForm = regexp.MustCompile(`^(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9\-.]{1,64}$`)
)

// ReadRequest reads a call of patient-view. Prefetched data are refused: none were asked for, and a client that sends the
// record of a patient unasked should hear of it. An access token is passed over, since clients send it by default. An
// extension is passed over, as the specification provides; any other unknown member is refused.
func ReadRequest(body []byte) (in Request, err error) {
	n, err := tree.Read(body)
	if err != nil {
		return Request{}, errRequest
	}
	f := fields{}
	f.read(&n, map[string]func(*tree.Node) bool{
		"hook":              func(v *tree.Node) bool { return isText(v) && v.Text == "patient-view" },
		"hookInstance":      matches(uuidForm),
		"fhirServer":        func(v *tree.Node) bool { in.FHIRServer = v.Text; return isText(v) },
		"fhirAuthorization": isObject,
		"context": func(v *tree.Node) bool {
			c := fields{}
			c.read(v, map[string]func(*tree.Node) bool{
				"userId": func(v *tree.Node) bool {
					in.Staff = strings.HasPrefix(v.Text, "Practitioner")
					return matches(userForm)(v)
				},
				"patientId": matches(idForm), "encounterId": matches(idForm), "extension": isObject,
			})
			return c.has("userId", "patientId")
		},
		"extension": isObject,
	})
	if !f.has("hook", "hookInstance", "context") || f.seen["fhirAuthorization"] && !f.seen["fhirServer"] {
		return Request{}, errRequest
	}
	return in, nil
}

// ReadFeedback checks what became of cards and keeps none of it: not who, not when, not how often.
func ReadFeedback(body []byte) error {
	n, err := tree.Read(body)
	if err != nil {
		return errRequest
	}
	f := fields{}
	f.read(&n, map[string]func(*tree.Node) bool{"feedback": each(isFeedback), "extension": isObject})
	if !f.has("feedback") {
		return errRequest
	}
	return nil
}

func isFeedback(n *tree.Node) bool {
	f, outcome := fields{}, ""
	f.read(n, map[string]func(*tree.Node) bool{
		"card": func(v *tree.Node) bool { return isText(v) && v.Text == cardID },
		"outcome": func(v *tree.Node) bool {
			outcome = v.Text
			return isText(v) && (outcome == "accepted" || outcome == "overridden")
		},
		"outcomeTimestamp":    isTime,
		"acceptedSuggestions": each(isObject),
		"overrideReason":      isObject,
		"extension":           isObject,
	})
	return f.has("card", "outcome", "outcomeTimestamp") && (outcome != "accepted" || f.seen["acceptedSuggestions"])
}

// isTime takes a time in UTC, as the specification asks.
func isTime(v *tree.Node) bool {
	_, err := time.Parse(time.RFC3339, v.Text)
	return isText(v) && err == nil && (strings.HasSuffix(v.Text, "Z") || strings.HasSuffix(v.Text, "+00:00"))
}

// fields notes which members of an object were read and whether all of them were known and as they must be.
type fields struct {
	seen  map[string]bool
	wrong bool
}

func (f *fields) read(n *tree.Node, known map[string]func(*tree.Node) bool) {
	f.seen, f.wrong = map[string]bool{}, !isObject(n)
	for i := range n.Members {
		m := &n.Members[i]
		check, ok := known[m.Name]
		f.seen[m.Name] = true
		f.wrong = f.wrong || !ok || !check(&m.Value)
	}
}

func (f *fields) has(names ...string) bool {
	for _, name := range names {
		if !f.seen[name] {
			return false
		}
	}
	return !f.wrong
}

func isText(v *tree.Node) bool   { return v.Kind == tree.String }
func isObject(v *tree.Node) bool { return v.Kind == tree.Object }

func matches(form *regexp.Regexp) func(*tree.Node) bool {
	return func(v *tree.Node) bool { return isText(v) && form.MatchString(v.Text) }
}

func each(check func(*tree.Node) bool) func(*tree.Node) bool {
	return func(v *tree.Node) bool {
		for i := range v.Items {
			if !check(&v.Items[i]) {
				return false
			}
		}
		return v.Kind == tree.Array
	}
}
