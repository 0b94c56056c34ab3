package fhir

import (
	"fmt"
	"slices"

	"waypost/locales"
	"waypost/screening"
	"waypost/web/consult"
)

// Questionnaire is the bank of questions as a form, or the fields of a referral.
type Questionnaire struct {
	ResourceType string   `json:"resourceType"`
	ID           string   `json:"id"`
	Language     string   `json:"language"`
	URL          string   `json:"url"`
	Version      string   `json:"version,omitempty"`
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	TitleWords   *Words   `json:"_title,omitempty"`
	Status       string   `json:"status"`
	SubjectType  []string `json:"subjectType"`
	Description  string   `json:"description,omitempty"`
	DescribWords *Words   `json:"_description,omitempty"`
	Item         []Item   `json:"item"`
}

// Item is a question, or a group of them.
type Item struct {
	Extension      []Extension    `json:"extension,omitempty"`
	LinkID         string         `json:"linkId"`
	Text           string         `json:"text,omitempty"`
	TextWords      *Words         `json:"_text,omitempty"`
	Type           string         `json:"type"`
	EnableWhen     []EnableWhen   `json:"enableWhen,omitempty"`
	EnableBehavior string         `json:"enableBehavior,omitempty"`
	Required       *bool          `json:"required,omitempty"`
	Repeats        *bool          `json:"repeats,omitempty"`
	MaxLength      int            `json:"maxLength,omitempty"`
	AnswerOption   []AnswerOption `json:"answerOption,omitempty"`
	Item           []Item         `json:"item,omitempty"`
}

// EnableWhen is one condition of an item: a question has an answer, or none.
type EnableWhen struct {
	Question      string  `json:"question"`
	Operator      string  `json:"operator"`
	AnswerBoolean *bool   `json:"answerBoolean,omitempty"`
	AnswerCoding  *Coding `json:"answerCoding,omitempty"`
}

// AnswerOption is one answer on offer.
type AnswerOption struct {
	Extension   []Extension `json:"extension,omitempty"`
	ValueCoding *Coding     `json:"valueCoding"`
}

// The names of the two definitions that hold no person.
const (
	questionnaireID = "consultation"
	definitionID    = "safeguarding-plan"
)

// speaker gives words in English with their translations beside them.
type speaker struct {
	words   *locales.Catalogue
	others  []string
	missing string
}

func newSpeaker(words *locales.Catalogue) *speaker {
	s := &speaker{words: words}
	for _, l := range words.Languages() {
		if l.Tag != locales.Source && !l.Test {
			s.others = append(s.others, l.Tag)
		}
	}
	return s
}

func (s *speaker) say(id string) string {
	text, _, ok := s.words.Text(locales.Source, id)
	if !ok {
		s.missing = id
	}
	return text
}

// also gives the translations of a text. Where a language has no words of its own, none are claimed.
func (s *speaker) also(id string) *Words {
	var out []Extension
	for _, tag := range s.others {
		if !s.words.Has(tag, id) {
			continue
		}
		text, _, _ := s.words.Text(tag, id)
		out = append(out, Extension{URL: standard("translation"), Extension: []Extension{{URL: "lang", ValueCode: tag}, {URL: "content", ValueString: text}}})
	}
	if len(out) == 0 {
		return nil
	}
	return &Words{out}
}

// Form is the Questionnaire, and what is needed to read a response to it.
type Form struct {
	Questionnaire Questionnaire
	bank          *screening.Bank
	places        map[string]place
}

// place is where an item stands: in which group, and which question it is, if any.
type place struct {
	parent   string
	question *screening.Question
}

// NewForm makes the Questionnaire of a bank. It is the same for everybody.
func NewForm(bank *screening.Bank, words *locales.Catalogue) (*Form, error) {
	b := formBuilder{speaker: newSpeaker(words), enabling: newEnabling(bank)}
	allowed, err := b.asking()
	if err != nil {
		return nil, err
	}
	var before, items, deep []Item
	for _, s := range sections(bank) {
		switch item := b.section(s); s.name {
		case screening.Pre.String():
			before = append(before, item)
		case screening.Deep.String():
			deep = append(deep, item)
		default:
			items = append(items, item)
		}
	}
	items = append(items, deep...)
	for n := len(allowed); n > 0; n-- {
		items = []Item{{LinkID: fmt.Sprintf("asking.%d", n), Type: "group", EnableWhen: allowed[n-1], EnableBehavior: "any", Item: items}}
	}
	f := &Form{bank: bank, places: map[string]place{}, Questionnaire: Questionnaire{
		ResourceType: "Questionnaire", ID: questionnaireID,
		Language: locales.Source, URL: ours("Questionnaire", questionnaireID), Version: bank.Version, Name: "WaypostConsultation",
		Title: b.say("consult.title"), TitleWords: b.also("consult.title"), Status: status(bank.Awaiting()), SubjectType: []string{"Patient"},
		Description: b.say("consult.lead"), DescribWords: b.also("consult.lead"),
		Item: append(before, items...),
	}}
	if b.missing != "" {
		return nil, fmt.Errorf("fhir: no words for %s", b.missing)
	}
	return f, f.index(f.Questionnaire.Item, "")
}

// status says that content is a draft while anybody's signature is awaited.
func status(awaiting int) string {
	if awaiting > 0 {
		return "draft"
	}
	return "active"
}

// index notes where every item stands and refuses a linkId that stands twice.
func (f *Form) index(items []Item, parent string) error {
	for _, i := range items {
		if _, known := f.places[i.LinkID]; known {
			return fmt.Errorf("fhir: linkId %s stands twice", i.LinkID)
		}
		q, _ := f.bank.Question(i.LinkID)
		f.places[i.LinkID] = place{parent, q}
		if err := f.index(i.Item, i.LinkID); err != nil {
			return err
		}
	}
	return nil
}

type section struct {
	name      string
	title     string // id of its words
	questions []int
}

// sections puts the questions under the headings that the page of the consultation has, each where its first question stands.
func sections(bank *screening.Bank) []section {
	var out []section
	places := map[string]int{}
	for i := range bank.Questions {
		q := &bank.Questions[i]
		name, title := q.Tier.String(), "section."+q.Tier.String()
		if q.Tier == screening.Branch {
			name, title = q.Topic, "topic."+q.Topic
		}
		at, known := places[name]
		if !known {
			at = len(out)
			places[name] = at
			out = append(out, section{name: name, title: title})
		}
		out[at].questions = append(out[at].questions, i)
	}
	return out
}

type formBuilder struct {
	*speaker
	*enabling
}

// section is a group of questions. Neighbours with one condition share it in a group of their own: the core alone would
// otherwise repeat a hundred conditions some thirty times.
func (b *formBuilder) section(s section) Item {
	out := Item{LinkID: "section." + s.name, Type: "group", Text: b.say(s.title), TextWords: b.also(s.title)}
	for rest := s.questions; len(rest) > 0; {
		q := &b.bank.Questions[rest[0]]
		when := b.opening(q.Open)
		n := 1
		for n < len(rest) && slices.EqualFunc(when, b.opening(b.bank.Questions[rest[n]].Open), slices.Equal) {
			n++
		}
		var items []Item
		for _, i := range rest[:n] {
			items = append(items, b.question(&b.bank.Questions[i]))
		}
		out.Item = append(out.Item, b.under(when, rest[:n], items)...)
		rest = rest[n:]
	}
	return out
}

// under puts items under clauses: the only item carries the first itself, and each further clause is a group around.
func (b *formBuilder) under(when []clause, questions []int, items []Item) []Item {
	for n, c := range when {
		if n > 0 || len(items) > 1 {
			items = []Item{{LinkID: fmt.Sprintf("when.%d.%s", n, b.bank.Questions[questions[0]].ID), Type: "group", Item: items}}
		}
		items[0].EnableWhen, items[0].EnableBehavior = b.when(c.without(questions)), "any"
	}
	return items
}

func (b *formBuilder) question(q *screening.Question) Item {
	ask := "question." + q.ID + ".ask"
	out := Item{LinkID: q.ID, Type: "choice", Text: b.say(ask), TextWords: b.also(ask), Extension: []Extension{mark("asked", asked(q)), control(q)}}
	if q.Many {
		out.Repeats = yes()
	}
	for _, a := range q.Answers {
		words := consult.AnswerWords(q.ID, a.ID)
		o := AnswerOption{ValueCoding: &Coding{System: codeSystemOf(q.ID), Code: a.ID, Display: b.say(words), Words: b.also(words)}}
		if a.Alone {
			o.Extension = []Extension{{URL: standard("questionnaire-optionExclusive"), ValueBoolean: yes()}}
		}
		out.AnswerOption = append(out.AnswerOption, o)
	}
	return out
}

// asked says whether a question is read aloud to the patient or ticked by the clinician alone.
func asked(q *screening.Question) string {
	if q.Clinician {
		return "clinician"
	}
	return "patient"
}

// control shows every answer at once, so that none is chosen for being on top of a list.
func control(q *screening.Question) Extension {
	code := "radio-button"
	if q.Many {
		code = "check-box"
	}
	return Extension{URL: standard("questionnaire-itemControl"), ValueCodeableConcept: &CodeableConcept{
		Coding: []Coding{{System: "http://hl7.org/fhir/questionnaire-item-control", Code: code}}}}
}
