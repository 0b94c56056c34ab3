package web

// Policy says who may call a route. The zero value is no policy, and a route without one is refused.
type Policy struct {
	name  string
	kind  policyKind
	admit func(*Request) error
}

type policyKind uint8

const (
	noPolicy policyKind = iota
	openToAll
	safety
	signedIn
)

// Open is for anybody. No cookie is read, so there is nothing that another site could use.
func Open() Policy { return Policy{name: "open", kind: openToAll} }

// Safety is Open for what must answer always: leaving, emergency words, the assets they need. It is never throttled.
func Safety() Policy { return Policy{name: "safety", kind: safety} }

// SignedIn is for people with a session. Admit judges the request; its refusal is what the person sees. Another site's
// request is refused before that, and so is one that does not say where it comes from.
func SignedIn(name string, admit func(*Request) error) Policy {
	return Policy{name: name, kind: signedIn, admit: admit}
}

// Name is how the policy stands in the matrix.
func (p Policy) Name() string { return p.name }

func (p Policy) signedIn() bool { return p.kind == signedIn }

func (p Policy) sound() bool {
	return p.kind != noPolicy && p.name != "" && (p.kind != signedIn || p.admit != nil)
}
