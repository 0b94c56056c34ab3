package fhir

import (
	"fmt"
	"slices"
	"strings"

	"waypost/locales"
	"waypost/referrals/packet"
)

// newReferralForm makes the Questionnaire of a referral, so that a renderer can fill the second response that a ServiceRequest
// takes: every field of the book under the heading of its topic, then what was decided about consent. What a destination must
// have of it is the book's to say, when it is sent. It has no version: the reader takes what the book takes today.
func newReferralForm(book *packet.Book, words *locales.Catalogue) (Questionnaire, error) {
	b := sheetBuilder{newSpeaker(words), book}
	out := Questionnaire{
		ResourceType: "Questionnaire", ID: referralID, Language: locales.Source, URL: ours("Questionnaire", referralID), Name: "WaypostReferral",
		Title: b.say("refer.button"), TitleWords: b.also("refer.button"), Status: status(book.Awaiting()), SubjectType: []string{"Patient"},
	}
	places := map[string]int{}
	for _, f := range book.Fields {
		topic, _, _ := strings.Cut(f.ID, ".")
		at, known := places[topic]
		if !known {
			at = len(out.Item)
			places[topic] = at
			out.Item = append(out.Item, b.heading(topic))
		}
		out.Item[at].Item = append(out.Item[at].Item, b.field(f, out.Item[at].Repeats == nil))
	}
	out.Item = append(out.Item, b.consent()...)
	if b.missing != "" {
		return Questionnaire{}, fmt.Errorf("fhir: no words for %s", b.missing)
	}
	return out, nil
}

type sheetBuilder struct {
	*speaker
	book *packet.Book
}

// heading is the group of a topic. One that speaks of several people stands once for each.
func (b *sheetBuilder) heading(topic string) Item {
	words := "referral.part." + topic
	out := Item{LinkID: topic, Type: "group", Text: b.say(words), TextWords: b.also(words)}
	if ofMany(b.book, topic) {
		out.Repeats = yes()
	}
	return out
}

// ofMany says that a topic is one person of several: each of its fields may stand as often as there are people.
func ofMany(book *packet.Book, topic string) bool {
	return !slices.ContainsFunc(book.Fields, func(f packet.Field) bool { return f.Rows <= 1 && strings.HasPrefix(f.ID, topic+".") })
}

func (b *sheetBuilder) field(f packet.Field, once bool) Item {
	words := "referral.field." + f.ID
	out := Item{LinkID: f.ID, Text: b.say(words), TextWords: b.also(words)}
	if once && f.Rows > 1 {
		out.Repeats = yes()
	}
	switch {
	case f.List != "":
		out.Type, out.AnswerOption = "choice", b.options("referral.code."+f.List, "referral.code."+f.List, b.book.Codes(f.List))
	case f.Kind == "date":
		out.Type = "date"
	case f.Kind == "text":
		out.Type, out.MaxLength = "text", packet.LongestText
	default:
		out.Type, out.MaxLength = "string", packet.LongestWords
	}
	return out
}

func (b *sheetBuilder) options(codes, words string, list []string) (out []AnswerOption) {
	for _, code := range list {
		id := words + "." + code
		out = append(out, AnswerOption{ValueCoding: &Coding{System: system(codes), Code: code, Display: b.say(id), Words: b.also(id)}})
	}
	return out
}

// consent is what was decided, and what has to be said where it was not given.
func (b *sheetBuilder) consent() []Item {
	ask := func(link, words string, list []string) Item {
		i := Item{LinkID: link, Type: "choice", Text: b.say(words), TextWords: b.also(words), Required: yes()}
		if i.AnswerOption = b.options(consentSystem[link], consentSystem[link], list); list == nil {
			i.Type = "text"
		}
		return i
	}
	out := []Item{
		ask("consent", "referral.field.consent", texts(packet.Decisions())), ask("ground", "referral.field.ground", b.book.Grounds()),
		ask("why-without", "referral.field.why-without", texts(packet.Whys())), ask("why-words", "desk.mend.because", nil),
		ask("told", "referral.field.told", texts(packet.Tolds())),
	}
	var without []EnableWhen
	for _, d := range packet.Decisions() {
		if d != packet.Given {
			without = append(without, EnableWhen{Question: "consent", Operator: "=", AnswerCoding: &Coding{System: system(consentSystem["consent"]), Code: string(d)}})
		}
	}
	for i := range out[1:] {
		out[i+1].EnableWhen, out[i+1].EnableBehavior = without, "any"
	}
	return out
}
