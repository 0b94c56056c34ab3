package staff

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"waypost/internal/vault"
	"waypost/web"
)

// The fields that every signed-in form has. The member says whose the form is when the session is over.
const (
	fieldToken      = "token"
	fieldMember     = "member"
	fieldLanguage   = "lang"
	fieldCredential = "credential"
	fieldNext       = "next"
)

// carriedFields hold what was typed, sealed in pieces, because one piece holds 16 KiB.
var carriedFields = [...]string{"carried", "carried-2", "carried-3"}

const (
	digestSize   = sha256.Size
	pieceSize    = vault.MaxForm - digestSize
	mostCarried  = 2*pieceSize + 4<<10 - 64 - digestSize // what fits into one form of ours again
	mostFields   = 512
	formJourney  = "staff.resume"
	ownJourney   = "staff.own"
	nextJourney  = "staff.next"
	formContent  = "1"
	longestPath  = 512
	longestToken = 64
)

// sent is a request as it may have to be sent once more: where to, and what was typed.
type sent struct {
	method, path            string
	token, member, language string
	own                     string // says that a page of ours was made for the member
	anybody                 bool   // nobody was signed in, and the form may be anybody's
	typed                   []typed
	legible                 bool // every field could be read, each of ours at most once
}

type typed struct{ Name, Value string }

// read takes apart what was posted without knowing which journey it belongs to. It judges nothing: the journey does, when
// the form comes again.
func read(r *web.Request) sent {
	s := sent{method: r.Method(), path: r.Path(), legible: true}
	body := r.Posted().Reveal()
	if s.method != "POST" || body == "" {
		return s
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		value, fault := url.QueryUnescape(value)
		if err != nil || fault != nil || !utf8.ValidString(name) || !utf8.ValidString(value) || len(s.typed) >= mostFields {
			return sent{method: s.method, path: s.path}
		}
		switch ours := map[string]*string{fieldToken: &s.token, fieldMember: &s.member, fieldLanguage: &s.language}[name]; {
		case ours == nil && name != fieldCredential:
			s.typed = append(s.typed, typed{name, value})
		case ours != nil && seen[name]:
			return sent{method: s.method, path: s.path}
		case ours != nil:
			*ours, seen[name] = value, true
		}
	}
	s.member, s.own, _ = strings.Cut(s.member, ".")
	if len(s.token) > longestToken || len(s.member) > longestToken {
		return sent{method: s.method, path: s.path}
	}
	return s
}

// pieces are what a page that waits for a key carried already. They stay sealed as they are.
func (s sent) pieces() (all []string) {
	for _, name := range carriedFields {
		i := slices.IndexFunc(s.typed, func(t typed) bool { return t.Name == name })
		if s.path != stepUpPath || i < 0 || s.typed[i].Value == "" {
			break
		}
		all = append(all, s.typed[i].Value)
	}
	return all
}

type carriedForm struct {
	Path  string     `json:"path"`
	Own   bool       `json:"own"` // it came from a page that was made for the member, or leads where nothing is changed
	Typed [][]string `json:"typed"`
}

// seal makes the pieces that carry a form, for its member alone, or for anybody where it is nobody's. What cannot be carried
// gives none.
func (j *Journey) seal(s sent) []string {
	if !s.legible || s.member == "" && !s.anybody || s.method != "POST" {
		return nil
	}
	c := j.carriedOf(s)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(c) != nil || out.Len() > mostCarried {
		return nil
	}
	var pieces []string
	sum := sha256.Sum256(out.Bytes())
	for piece := range slices.Chunk(out.Bytes(), pieceSize) {
		text, err := j.Forms.Seal(formOf(len(pieces), s.member), append(sum[:], piece...))
		if err != nil {
			return nil
		}
		pieces = append(pieces, text)
	}
	return pieces
}

func (j *Journey) carriedOf(s sent) carriedForm {
	c := carriedForm{Path: s.path, Own: s.anybody || j.owns(s), Typed: [][]string{}}
	for _, t := range s.typed {
		c.Typed = append(c.Typed, []string{t.Name, t.Value})
	}
	return c
}

// memberOf is the field that says whose a form is, with the proof that it stands on a page made for that member. Without
// the proof anybody could lay a form out for somebody who signs in at this desk later; what has none, or is older than an
// hour, is carried all the same, but shown with a warning and in full.
func (j *Journey) memberOf(member string) string {
	proof, err := j.Forms.Seal(vault.Form{Journey: ownJourney, Content: formContent, Staff: member}, nil)
	if err != nil {
		return member
	}
	return member + "." + proof
}

func (j *Journey) owns(s sent) bool {
	_, err := j.Forms.Open(vault.Form{Journey: ownJourney, Content: formContent, Staff: s.member}, s.own)
	return s.member != "" && err == nil
}

// formOf binds a piece to its place in the row and to the member.
func formOf(place int, member string) vault.Form {
	return vault.Form{Journey: formJourney, Content: carriedFields[place], Staff: member}
}

// open puts the pieces together again, for the member they were sealed for and for nobody else; those that were sealed for
// anybody open for everybody.
func (j *Journey) open(pieces []string, member string) (carriedForm, bool) {
	c, ok := j.openFor(pieces, member)
	if !ok {
		c, ok = j.openFor(pieces, "")
	}
	return c, ok
}

func (j *Journey) openFor(pieces []string, member string) (carriedForm, bool) {
	var sum, text []byte
	for i, piece := range pieces {
		raw, err := j.Forms.Open(formOf(i, member), piece)
		if err != nil || len(raw) < digestSize {
			return carriedForm{}, false
		}
		sum, text = raw[:digestSize], append(text, raw[digestSize:]...)
	}
	var c carriedForm
	if whole := sha256.Sum256(text); !bytes.Equal(sum, whole[:]) || json.Unmarshal(text, &c) != nil || !ownPath(c.Path) {
		return carriedForm{}, false
	}
	for _, t := range c.Typed {
		if len(t) != 2 {
			return carriedForm{}, false
		}
	}
	return c, true
}

// sealNext carries the path of a page that somebody wanted to see and had to sign in for.
func (j *Journey) sealNext(path string) string {
	if !ownPath(path) {
		return ""
	}
	text, err := j.Forms.Seal(vault.Form{Journey: nextJourney, Content: formContent}, []byte(path))
	if err != nil {
		return ""
	}
	return text
}

func (j *Journey) openNext(text string) (string, bool) {
	if text == "" {
		return "", false
	}
	raw, err := j.Forms.Open(vault.Form{Journey: nextJourney, Content: formContent}, text)
	return string(raw), err == nil && ownPath(string(raw))
}

// ownPath knows the paths of our routes: ids between slashes. What a browser could read as another host is none.
func ownPath(path string) bool {
	if len(path) > longestPath || !strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
		return false
	}
	for i := 0; i < len(path); i++ {
		switch b := path[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '/', b == '-', b == '_', b == '.':
		default:
			return false
		}
	}
	return true
}
