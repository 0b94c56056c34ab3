package public

import (
	"waypost/internal/vault"
	"waypost/screening/guide"
	"waypost/web"
)

// The fields of the form are single letters, and an answer is its place on the screen: a browser that keeps what was posted,
// for its own recovery after a crash, keeps nothing that tells.
const (
	fieldState  = "s" // the walk, sealed
	fieldAnswer = "a"
	fieldVerb   = "v"
	fieldHint   = "x" // on the first view only, which carries nothing sealed and so never grows old
	fieldLang   = "lang"
	fieldSpeak  = "speak" // the button of another language
)

// verb is what a button asks for.
type verb string

const (
	verbNext  verb = "n"
	verbBack  verb = "b"
	verbStay  verb = "r" // the screen where one is, also back from a side view
	verbHelp  verb = "h"
	verbWords verb = "w"
	verbQuiet verb = "q"
	verbPrint verb = "p"
	verbWhole verb = "f" // the paper with all the words
	verbClear verb = "c"
	verbKeep  verb = "e" // the card on keeping evidence
	verbLaw   verb = "l" // what is said to a request; followed by a nation, that nation's law
	verbMore  verb = "m" // followed by the page of the plan
	verbDraft verb = "d" // followed by the draft
)

// codes are the values of answers.
const codes = "0123456789abcdef"

func queryKind(name string) web.Kind {
	if name == fieldHint || name == "l" {
		return web.One
	}
	return web.Refused
}

func formKind(name string) web.Kind {
	switch name {
	case fieldState:
		return web.Sealed
	case fieldAnswer:
		return web.Many
	case fieldVerb, fieldHint, fieldLang, fieldSpeak:
		return web.One
	}
	return web.Refused
}

// posted is what one form says.
type posted struct {
	lang   string
	verb   verb
	page   int  // of the plan, or which draft, or which nation
	picked bool // a page was named
	walk   guide.Walk
	chosen uint16
	silent bool // nothing was chosen where something is needed
}

// read reads a form. What cannot be read, is too old, is somebody else's or was changed becomes the calm page: it asks for
// nothing and tells nothing.
func (j *Journey) read(r *web.Request) posted {
	form, faults, err := r.Form(formKind)
	if err != nil {
		return posted{lang: r.Language("").Tag, verb: verbClear}
	}
	asked, switched := form.One(fieldSpeak)
	if !switched {
		asked, _ = form.One(fieldLang)
	}
	p := posted{lang: r.Language(asked).Tag}
	word, _ := form.One(fieldVerb)
	p.verb, p.page, p.picked = readVerb(word)
	if switched {
		p.verb = verbStay
	}
	sealed, carried := form.One(fieldState)
	if !carried {
		letter, _ := form.One(fieldHint)
		p.walk = j.Guide.Start(letter)
	} else if p.walk, carried = j.open(sealed); !carried {
		p.verb = verbClear
		return p
	}
	var ok bool
	p.chosen, ok = readChosen(form.Many(fieldAnswer))
	if (len(faults) > 0 || !ok) && p.verb == verbNext {
		p.verb, p.silent = verbStay, true
	}
	return p
}

// readVerb reads a button; what is none means to stay.
func readVerb(word string) (v verb, page int, picked bool) {
	switch v := verb(word); v {
	case verbNext, verbBack, verbStay, verbHelp, verbWords, verbQuiet, verbPrint, verbWhole, verbClear, verbKeep, verbDraft, verbLaw:
		return v, 0, false
	}
	if len(word) == 2 && word[1] >= '0' && word[1] <= '9' {
		switch v := verb(word[:1]); v {
		case verbMore, verbDraft, verbLaw:
			return v, int(word[1] - '0'), true
		}
	}
	return verbStay, 0, false
}

// readChosen reads answers by their place.
func readChosen(values []string) (chosen uint16, ok bool) {
	for _, v := range values {
		at := -1
		for i := range len(codes) {
			if v == codes[i:i+1] {
				at = i
			}
		}
		if at < 0 {
			return 0, false
		}
		chosen |= 1 << at
	}
	return chosen, true
}

func (j *Journey) form() vault.Form { return vault.Form{Journey: "public", Content: j.Guide.Version} }

func (j *Journey) seal(w guide.Walk) (string, error) { return j.Forms.Seal(j.form(), w.Pack()) }

func (j *Journey) open(sealed string) (guide.Walk, bool) {
	packed, err := j.Forms.Open(j.form(), sealed)
	if err != nil {
		return guide.Walk{}, false
	}
	return j.Guide.Unpack(packed)
}
