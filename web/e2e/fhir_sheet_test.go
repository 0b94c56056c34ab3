package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"waypost/locales"
	"waypost/referrals/packet"
	"waypost/screening"
	"waypost/web/fhir"
)

// fillSheet answers the form of a referral: two people who are feared, and consent that was refused.
const fillSheet = `
  const lf = new LForms.LFormsData(LForms.Util.convertFHIRQuestionnaireToLForms(window.q, 'R4'));
  lf.appendRepeatingItems(lf.itemList.find((i) => i.linkId === 'feared'));
  const say = (link, value) => lf.itemList.filter((i) => i.linkId === link).forEach((i, n) => {
    const chosen = i.answers && [].concat(value).map((c) => i.answers.find((a) => a.code === c));
    i.value = chosen ? (i._multipleAnswers ? chosen : chosen[0]) : value + (link === 'feared.name' ? ' ' + n : '');
    if (i.dataType === 'DT') i.value = new Date(value + 'T12:00:00');
    lf._checkFormControls();
  });
  const hidden = lf.itemList.filter((i) => i.linkId === 'ground')[0]._skipLogicStatus;
  for (const [link, value] of Object.entries(window.given)) say(link, value);
  return { hidden, response: LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4', lf) };
`

// A renderer that is not ours fills the form of a referral, and what it sends is read, whole.
func TestLHCFormsFillsAReferral(t *testing.T) {
	form, err := os.ReadFile("../fhir/testdata/referral-form.json")
	must(t, err)
	given, err := json.Marshal(map[string]any{
		"person.name": "Zephyrine", "person.birth": "1990-02-03", "person.diversity": []string{"disabled", "lgbt"}, "contact.channel": "phone", "contact.times": "Tuesdays at ten",
		"feared.relationship": "partner", "feared.name": "Ignatius", "account.reason": "Invented reason", "children.involved": "no", "consent": "refused",
		"ground": "serious-harm-or-crime", "why-without": string(packet.Whys()[0]), "why-words": "Invented words", "told": string(packet.Tolds()[0]),
	})
	must(t, err)
	p := renders(t, form)
	out := ask[struct {
		Hidden   string         `json:"hidden"`
		Response map[string]any `json:"response"`
	}](p, `(async () => { window.q = await (await fetch('/form')).json(); window.given = `+string(given)+`; `+fillSheet+` })()`)
	if out.Hidden != "target-disabled" {
		t.Errorf("the ground is %q before anything was decided", out.Hidden)
	}
	out.Response["id"] = "r"
	filled, err := json.Marshal(out.Response)
	must(t, err)
	bank, err := screening.Load(screening.Content())
	must(t, err)
	words, err := locales.Load(locales.Files(), "en", "cy")
	must(t, err)
	book, err := packet.Load(packet.Content())
	must(t, err)
	reader, err := fhir.NewForm(bank, words)
	must(t, err)
	consultation := strings.Replace(string(answered(t, raw(t, reader.Questionnaire), map[string][]string{"gateway.fear": {"yes"}})), "{", `{"id":"c",`, 1)
	in, err := reader.ReadReferral(fmt.Appendf(nil, `{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/p1"},
		"code":{"coding":[{"system":"https://waypost.invalid/fhir/CodeSystem/referral.destination","code":"domestic-abuse"}]},
		"performer":[{"reference":"HealthcareService/x"}],"supportingInfo":[{"reference":"#c"},{"reference":"#r"}],"contained":[%s,%s]}`, consultation, filled), book)
	var refused fhir.Refused
	if errors.As(err, &refused) {
		for _, i := range refused {
			t.Errorf("refused: %s at %s", i.Code(), i.At())
		}
	}
	must(t, err)
	var got []string
	for _, e := range in.Entries {
		got = append(got, fmt.Sprint(e.Field, " ", e.Row, " ", e.Value.Reveal()))
	}
	slices.Sort(got)
	want := []string{
		"account.reason 0 Invented reason", "children.involved 0 no", "contact.channel 0 phone", "contact.times 0 Tuesdays at ten",
		"feared.name 0 Ignatius 0", "feared.name 1 Ignatius 1", "feared.relationship 0 partner", "feared.relationship 1 partner",
		"person.birth 0 1990-02-03", "person.diversity 0 disabled", "person.diversity 1 lgbt", "person.name 0 Zephyrine",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if c := in.Consent; c.Decision != packet.Refused || c.Ground != "serious-harm-or-crime" || c.Why != packet.Whys()[0] || c.Told != packet.Tolds()[0] || c.Words.Reveal() != "Invented words" {
		t.Errorf("consent was read as %s, %s, %s, %s", c.Decision, c.Ground, c.Why, c.Told)
	}
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	must(t, err)
	return out
}
