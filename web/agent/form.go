package agent

import (
	"waypost/internal/vault"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/web"
)

// The fields of the form are single letters and a button is its place on the page, so that a browser that keeps what was
// posted, for its own recovery, keeps nothing that tells.
const (
	fieldState = "s" // the walk, sealed
	fieldFill  = "f" // sealed emptiness, never read: see carried
	fieldPress = "a"
	fieldVerb  = "v"
	fieldLang  = "lang"
	fieldSpeak = "speak" // the button of another language
)

// verb is what a button asks for, beside going on.
type verb string

const (
	verbStay  verb = "r"
	verbBack  verb = "b"
	verbPrint verb = "p"
	verbNew   verb = "c" // a new call
)

const codes = "0123456789abcdef"

func formKind(name string) web.Kind {
	switch name {
	case fieldState, fieldFill:
		return web.Sealed
	case fieldPress, fieldVerb, fieldLang, fieldSpeak:
		return web.One
	}
	return web.Refused
}

// posted is what one form says.
type posted struct {
	partner partners.Partner
	lang    string
	walk    script.Walk
	paper   bool
}

// spoken is the language that a form carries or asks for; empty: none.
func spoken(r *web.Request) string {
	form, _, err := r.Form(formKind)
	if err != nil {
		return ""
	}
	return asked(form)
}

func asked(form web.Form) string {
	if speak, switched := form.One(fieldSpeak); switched {
		return speak
	}
	lang, _ := form.One(fieldLang)
	return lang
}

// read reads a form. What cannot be read, is too old, is somebody else's or was changed becomes the first step: the agent
// asks again whether the caller is safe.
func (j *Journey) read(r *web.Request, p partners.Partner) posted {
	form, _, err := r.Form(formKind)
	if err != nil {
		return posted{partner: p, lang: j.language(r, p, "")}
	}
	_, switched := form.One(fieldSpeak)
	out := posted{partner: p, lang: j.language(r, p, asked(form))}
	if sealed, begun := form.One(fieldState); begun {
		var sound bool
		if out.walk, sound = j.open(sealed); !sound {
			return out
		}
	}
	press, pressed := form.One(fieldPress)
	word, _ := form.One(fieldVerb)
	switch {
	case switched:
	case pressed && len(press) == 1:
		for i := range len(codes) {
			if press == codes[i:i+1] {
				out.walk, _ = j.Script.Press(out.walk, i)
			}
		}
	case verb(word) == verbBack:
		out.walk = out.walk.StepBack()
	case verb(word) == verbNew:
		out.walk = script.Walk{}
	case verb(word) == verbPrint:
		out.paper = true
	}
	return out
}

func (j *Journey) form() vault.Form { return vault.Form{Journey: "agent", Content: j.Script.Version} }

// carried is the size of what is sealed, far more than a walk needs, and it is carried twice. So every step after the first
// takes two steps of 4 KiB on the wire, the short ones too, and the size does not tell which way a call went.
const carried = 1000

func (j *Journey) seal(w script.Walk) (string, error) {
	padded := make([]byte, carried)
	copy(padded, w.Pack())
	return j.Forms.Seal(j.form(), padded)
}

func (j *Journey) open(sealed string) (script.Walk, bool) {
	packed, err := j.Forms.Open(j.form(), sealed)
	size := len(script.Walk{}.Pack())
	if err != nil || len(packed) < size {
		return script.Walk{}, false
	}
	return j.Script.Unpack(packed[:size])
}
