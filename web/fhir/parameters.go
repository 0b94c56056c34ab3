package fhir

import "waypost/web/tree"

// Parameters of the three operations. Each takes the response by itself too, where that is all it needs.

// ReadValidate reads what $validate takes: a response, or Parameters with one as "resource".
func (f *Form) ReadValidate(body []byte) (Response, error) { return f.readInput(body, "resource", "") }

// ReadExtract reads what $extract takes: a response, or Parameters with one as "questionnaire-response".
func (f *Form) ReadExtract(body []byte) (Response, error) {
	return f.readInput(body, "questionnaire-response", "")
}

// ReadApply reads what $apply takes: Parameters with a subject, as in the definition of the operation, and the response as
// "questionnaire-response", which is ours.
func (f *Form) ReadApply(body []byte) (Response, error) {
	return f.readInput(body, "questionnaire-response", "subject")
}

func (f *Form) readInput(body []byte, resource, subject string) (Response, error) {
	n, err := readTree(body)
	if err != nil {
		return Response{}, err
	}
	r := responseReader{form: f, seen: map[string]bool{}}
	var out Response
	if kind, ok := n.Get("resourceType"); subject == "" && (!ok || kind.Text != "Parameters") {
		out = r.resource(&n)
	} else {
		out = r.parameters(&n, resource, subject)
	}
	if len(r.refused) > 0 {
		return Response{}, r.refused
	}
	return out, nil
}

func (r *responseReader) parameters(n *tree.Node, resource, subject string) (out Response) {
	if !r.isA(n, "Parameters") {
		return out
	}
	r.enter("Parameters")
	defer r.leave()
	in := input{reader: r, resource: resource, subject: subject}
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "resourceType":
			return taken
		case "id":
			return r.text(name, v, idForm, nil)
		case "parameter":
			return r.list(name, v, in.parameter)
		}
		return unknownElement
	})
	if len(r.refused) == 0 && (in.responses == 0 || subject != "" && in.of == "") {
		r.fail(missing)
	}
	if in.of != "" {
		in.response.Subject = in.of
	}
	return in.response
}

// input collects what the parameters hold.
type input struct {
	reader            *responseReader
	resource, subject string // the names under which they come
	response          Response
	of                string
	responses         int
}

// parameter reads one parameter, which is a name and one value: the response, or the subject.
func (in *input) parameter(n *tree.Node) {
	r := in.reader
	if n.Kind != tree.Object {
		r.fail(wrongType)
		return
	}
	name, ok := n.Get("name")
	switch {
	case !ok:
		r.need("name", "")
	case name.Kind != tree.String:
		r.fail(wrongType)
	case name.Text == in.resource:
		in.take(n, "resource", func(v *tree.Node) {
			if in.responses++; in.responses > 1 {
				r.fail(tooMany)
				return
			}
			in.response = r.resource(v)
		})
	case name.Text == in.subject && in.subject != "":
		in.take(n, "valueString", func(v *tree.Node) {
			switch {
			case in.of != "":
				r.fail(tooMany)
			case v.Kind != tree.String:
				r.fail(wrongType)
			case !subjectForm.MatchString(v.Text):
				r.fail(badValue)
			default:
				in.of = v.Text
			}
		})
	default:
		r.fail(notOffered)
	}
}

// take reads the one value of a parameter.
func (in *input) take(n *tree.Node, value string, read func(*tree.Node)) {
	r, there := in.reader, false
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "name":
			return taken
		case value:
			there = true
			return r.one(name, v, read)
		}
		return unknownElement
	})
	if !there {
		r.need(value, "")
	}
}
