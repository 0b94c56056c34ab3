package fhir

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"waypost/web/tree"
)

// maxIssues is how many faults one answer lists.
const maxIssues = 16

// reader walks through a tree and takes note of what is wrong and where. It goes on after a fault, so that a sender sees
// more than the first, up to a bound.
type reader struct {
	path    []step
	refused Refused
}

// readTree reads JSON to the letter.
func readTree(body []byte) (tree.Node, error) {
	n, err := tree.Read(body)
	if err != nil {
		return tree.Node{}, Refused{{unread(err), ""}}
	}
	return n, nil
}

type step struct {
	name  string
	place int // -1: not in a list
}

func (r *reader) fail(f fault) {
	if len(r.refused) < maxIssues {
		r.refused = append(r.refused, Issue{f, r.at()})
	}
}

// failAt reports a fault at a place that was passed before.
func (r *reader) failAt(f fault, at string) {
	if len(r.refused) < maxIssues {
		r.refused = append(r.refused, Issue{f, at})
	}
}

// failIn reports a fault at a member of the element where the reader stands.
func (r *reader) failIn(name string, f fault) {
	r.enter(name)
	r.fail(f)
	r.leave()
}

// at writes the path. Its names are ours: an element is entered only when it is one that is read.
func (r *reader) at() string {
	var out strings.Builder
	for i, s := range r.path {
		if i > 0 {
			out.WriteByte('.')
		}
		out.WriteString(s.name)
		if s.place >= 0 {
			out.WriteByte('[')
			out.WriteString(strconv.Itoa(s.place))
			out.WriteByte(']')
		}
	}
	return out.String()
}

func (r *reader) enter(name string) { r.path = append(r.path, step{name, -1}) }
func (r *reader) leave()            { r.path = r.path[:len(r.path)-1] }

// object goes through the members of an element. Read takes those it knows, inside their own path.
func (r *reader) object(n *tree.Node, read func(name string, value *tree.Node) fault) {
	if n.Kind != tree.Object {
		r.fail(wrongType)
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if f := read(m.Name, &m.Value); f != taken {
			r.stranger(m.Name, f)
		}
	}
}

// taken is no fault: the member was read.
const taken fault = 255

func (r *reader) stranger(name string, f fault) {
	switch {
	case name == "extension" || name == "modifierExtension" || strings.HasPrefix(name, "_"):
		r.fail(extended)
	default:
		r.fail(f)
	}
}

// list goes through the entries of a list under a name.
func (r *reader) list(name string, n *tree.Node, each func(*tree.Node)) fault {
	r.enter(name)
	defer r.leave()
	if n.Kind != tree.Array {
		r.fail(wrongType)
		return taken
	}
	for i := range n.Items {
		r.path[len(r.path)-1].place = i
		each(&n.Items[i])
	}
	return taken
}

// one reads an element under a name.
func (r *reader) one(name string, n *tree.Node, read func(*tree.Node)) fault {
	r.enter(name)
	read(n)
	r.leave()
	return taken
}

// text reads a string of a form and keeps it only where the caller asks.
func (r *reader) text(name string, n *tree.Node, form *regexp.Regexp, into *string) fault {
	r.enter(name)
	defer r.leave()
	switch {
	case n.Kind != tree.String:
		r.fail(wrongType)
	case form != nil && !form.MatchString(n.Text):
		r.fail(badValue)
	case into != nil:
		*into = n.Text
	}
	return taken
}

func (r *reader) need(name, value string) {
	if value == "" {
		r.failIn(name, missing)
	}
}

// isA says whether an object is a resource of a kind.
func (r *reader) isA(n *tree.Node, kind string) bool {
	if n.Kind != tree.Object {
		r.fail(wrongType)
		return false
	}
	if is, ok := n.Get("resourceType"); !ok || is.Text != kind {
		r.failIn("resourceType", badValue)
		return false
	}
	return true
}

// linkID is which item of a Questionnaire an item answers.
func (r *reader) linkID(n *tree.Node) (string, bool) {
	if n.Kind != tree.Object {
		r.fail(wrongType)
		return "", false
	}
	link, ok := n.Get("linkId")
	switch {
	case !ok:
		r.need("linkId", "")
	case link.Kind != tree.String:
		r.failIn("linkId", wrongType)
	default:
		return link.Text, true
	}
	return "", false
}

// value reads the one value of an answer, which is of one kind.
func (r *reader) value(n *tree.Node, kind string, read func(*tree.Node)) {
	values := 0
	r.object(n, func(name string, v *tree.Node) fault {
		switch {
		case name == kind:
			values++
			return r.one(name, v, read)
		case slices.Contains(valueTypes, name):
			values++
			return wrongType
		case name == "item":
			return misplaced
		}
		return unknownElement
	})
	switch {
	case values > 1:
		r.fail(severalValues)
	case values == 0 && n.Kind == tree.Object:
		r.fail(missing)
	}
}

// valueTypes are the forms that an answer can have in FHIR.
var valueTypes = []string{"valueCoding", "valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueDateTime", "valueTime",
	"valueString", "valueUri", "valueAttachment", "valueQuantity", "valueReference"}

// The forms of FHIR's primitive types, as the specification writes them.
var (
	idForm       = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)
	codeForm     = regexp.MustCompile(`^\S+( \S+)*$`)
	uriForm      = regexp.MustCompile(`^\S+$`)
	dateTimeForm = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)))?)?)?$`)
	instantForm  = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$`)
	languageForm = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
	ownerForm    = regexp.MustCompile(`^(Organization|HealthcareService)/[A-Za-z0-9\-._]{1,96}$`)
	serviceForm  = regexp.MustCompile(`^HealthcareService/[A-Za-z0-9\-.]{1,64}$`)
	insideForm   = regexp.MustCompile(`^#[A-Za-z0-9\-.]{1,64}$`)
	loopForm     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	// who a plan is for: a record of the caller's own system, by an id that we neither look up nor keep
	subjectForm = regexp.MustCompile(`^(Patient|Group)/[A-Za-z0-9\-.]{1,64}$`)
)
