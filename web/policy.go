package web

import "waypost/referrals/people"

// Policy says who may call a route. The zero value is no policy, and a route without one is refused.
type Policy struct {
	name  string
	kind  policyKind
	admit Admit
}

// Admit says who is asking, or refuses. An error made by Instead shows its page; any other is shown as errors.go says.
type Admit func(*Request) (people.Session, error)

type policyKind uint8

const (
	noPolicy policyKind = iota
	openToAll
	openData
	safety
	entrance
	signedIn
	machine
	signed
)

// Open is for anybody. No cookie is read, so there is nothing that another site could use.
func Open() Policy { return Policy{name: "open", kind: openToAll} }

// OpenData is Open for facts that anybody may copy, such as the public directory: pages of every site may read them, so no
// route under it may know a person. The cookies of staff are not read, and Authorization never is.
func OpenData() Policy { return Policy{name: "open data", kind: openData} }

// Safety is Open for what must answer always: leaving, emergency words, the assets they need. It is never throttled.
func Safety() Policy { return Policy{name: "safety", kind: safety} }

// Entrance is for the pages through which staff come in. Anybody may call them; what is posted must come from our own
// pages, and the cookies of staff are read and may be set.
func Entrance() Policy { return Policy{name: "entrance", kind: entrance} }

// SignedIn is for people with a session who may do what the action names. Admit judges the request; its refusal is what
// the person sees. Another site's request is refused before that, and so is one that does not say where it comes from.
func SignedIn(action people.Action, admit Admit) Policy {
	return Policy{name: string(action), kind: signedIn, admit: admit}
}

// Machine is for other systems that act for an organisation: they show a token in the Authorization header, which no browser
// adds by itself, so nothing is asked about the site and no cookie is read. No page of another site may read the answers.
func Machine(action people.Action, admit Admit) Policy {
	return Policy{name: string(action), kind: machine, admit: admit}
}

// Signed is for other systems that sign each request for the address it goes to, so that the handler alone can judge it. All
// else is as with Machine.
func Signed(name string) Policy { return Policy{name: name, kind: signed} }

// Name is how the policy stands in the matrix.
func (p Policy) Name() string { return p.name }

// IsSignedIn says whether the policy asks for a session.
func (p Policy) IsSignedIn() bool { return p.kind == signedIn }

// IsMachine says whether the policy asks for a token of another system.
func (p Policy) IsMachine() bool { return p.kind == machine }

// bears says whether Authorization is read.
func (p Policy) bears() bool { return p.kind == machine || p.kind == signed }

// staff says whether the cookies of staff are read.
func (p Policy) staff() bool { return p.kind == signedIn || p.kind == entrance }

// shared says whether pages of other sites may read the answers.
func (p Policy) shared() bool { return p.kind == openData }

func (p Policy) sound() bool {
	return p.kind != noPolicy && p.name != "" && (p.admit != nil || p.kind != signedIn && p.kind != machine)
}
