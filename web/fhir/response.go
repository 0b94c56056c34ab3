package fhir

import (
	"slices"

	"waypost/screening"
	"waypost/web/tree"
)

// Response is a QuestionnaireResponse, read: the answers, and whom the sender's system says it is about.
type Response struct {
	Answers screening.Answers
	Subject string // Patient/id or Group/id of the sender's own system; empty: not said
}

var statuses = []string{"in-progress", "completed", "amended", "entered-in-error", "stopped"}

// ReadResponse reads a QuestionnaireResponse. It takes all of it or nothing.
func (f *Form) ReadResponse(body []byte) (Response, error) {
	n, err := readTree(body)
	if err != nil {
		return Response{}, err
	}
	r := responseReader{form: f, seen: map[string]bool{}}
	out := r.resource(&n)
	if len(r.refused) > 0 {
		return Response{}, r.refused
	}
	return out, nil
}

type responseReader struct {
	reader
	form  *Form
	given []given
	seen  map[string]bool
}

// given is the answers to one question, and where they stood.
type given struct {
	question *screening.Question
	answers  []string
	at       string
}

func (r *responseReader) resource(n *tree.Node) Response {
	if !r.isA(n, "QuestionnaireResponse") {
		return Response{}
	}
	if len(r.path) == 0 { // inside of Parameters the path says where it stands
		r.enter("QuestionnaireResponse")
		defer r.leave()
	}
	var out Response
	var questionnaire, status string
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
		case "questionnaire":
			return r.text(name, v, uriForm, &questionnaire)
		case "status":
			return r.text(name, v, codeForm, &status)
		case "authored":
			return r.text(name, v, dateTimeForm, nil)
		case "subject":
			return r.one(name, v, func(n *tree.Node) { r.subject(n, &out.Subject) })
		case "item":
			return r.list(name, v, func(n *tree.Node) { r.item(n, "") })
		case "identifier", "basedOn", "partOf", "encounter", "author", "source":
			return ofPerson
		case "text", "contained", "implicitRules":
			return notOffered
		}
		return unknownElement
	})
	r.head(questionnaire, status)
	out.Answers = r.answers()
	return out
}

// head checks what a response says of itself.
func (r *responseReader) head(questionnaire, status string) {
	q := &r.form.Questionnaire
	r.need("questionnaire", questionnaire)
	r.need("status", status)
	if questionnaire != "" && questionnaire != q.URL && questionnaire != q.URL+"|"+q.Version {
		r.failIn("questionnaire", otherVersion)
	}
	switch {
	case status == "":
	case !slices.Contains(statuses, status):
		r.failIn("status", unknownCode)
	case status == "entered-in-error":
		r.failIn("status", unusable)
	}
}

func (r *reader) meta(n *tree.Node) {
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "versionId":
			return r.text(name, v, idForm, nil)
		case "lastUpdated":
			return r.text(name, v, instantForm, nil)
		case "source":
			return r.text(name, v, uriForm, nil)
		case "profile":
			return r.list(name, v, func(n *tree.Node) { r.string(n) })
		case "security", "tag":
			return r.list(name, v, func(n *tree.Node) { r.coding(n) })
		}
		return unknownElement
	})
}

func (r *reader) string(n *tree.Node) {
	if n.Kind != tree.String {
		r.fail(wrongType)
	}
}

// subject takes a reference into the sender's own system and nothing that names anybody.
func (r *reader) subject(n *tree.Node, into *string) {
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "reference":
			return r.text(name, v, subjectForm, into)
		case "type":
			return r.text(name, v, uriForm, nil)
		case "identifier", "display":
			return ofPerson
		}
		return unknownElement
	})
}

// item reads a group or a question. Its linkId is looked for first, because all else depends on it.
func (r *responseReader) item(n *tree.Node, parent string) {
	link, ok := r.linkID(n)
	if !ok {
		return
	}
	at, known := r.form.places[link]
	switch {
	case !known:
		r.failIn("linkId", unknownLink)
		return
	case at.parent != parent:
		r.failIn("linkId", misplaced)
	case r.seen[link]:
		r.failIn("linkId", answeredTwice)
	}
	r.seen[link] = true
	mine := given{question: at.question}
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "linkId":
			return taken
		case "text":
			return r.text(name, v, nil, nil)
		case "definition":
			return r.text(name, v, uriForm, nil)
		case "answer":
			if at.question == nil {
				return misplaced
			}
			return r.list(name, v, func(n *tree.Node) { r.answer(n, &mine) })
		case "item":
			if at.question != nil {
				return misplaced
			}
			return r.list(name, v, func(n *tree.Node) { r.item(n, link) })
		}
		return unknownElement
	})
	if len(mine.answers) > 0 {
		mine.at = r.at()
		r.given = append(r.given, mine)
	}
}
