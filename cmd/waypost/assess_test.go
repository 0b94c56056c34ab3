package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"waypost/web/consult"
)

// try runs a command as a person at a keyboard would.
func try(t *testing.T, in string, args ...string) (code int, out, errout string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), world{args: args, env: func(string) string { return "" }, in: strings.NewReader(in), out: &o, errout: &e, now: time.Now})
	return code, o.String(), e.String()
}

// canary is an invented name that no error may repeat.
const canary = "Zebedee-Quillfeather"

func TestAssessRefusesWhatItCannotRead(t *testing.T) {
	cases := map[string]struct{ in, names string }{
		"an unknown question":               {"danger.nothing-like-it: \"yes\"", "danger.nothing-like-it"},
		"a question that is no id":          {canary + ": \"yes\"", ""},
		"an unknown answer":                 {"gateway.location: " + canary, "gateway.location"},
		"an answer of another question":     {"gateway.location: alone", "gateway.location"},
		"two answers where one is wanted":   {"gateway.location: [\"yes\", unsure]", "gateway.location"},
		"a number":                          {"gateway.location: 1", "gateway.location"},
		"a flag":                            {"gateway.location: true", "gateway.location"},
		"a mapping":                         {"gateway.location: {yes: " + canary + "}", "gateway.location"},
		"nothing":                           {"gateway.location:", "gateway.location"},
		"a duplicate key":                   {"gateway.location: \"yes\"\ngateway.location: \"no\"", "gateway.location"},
		"a duplicate key in JSON":           {`{"gateway.location":"yes","gateway.location":"no"}`, "gateway.location"},
		"a list of answers for nothing":     {"- \"yes\"", ""},
		"invalid UTF-8":                     {"gateway.location: \xff\xfe", ""},
		"NUL":                               {"gateway.location: \"y\x00es\"", ""},
		"a megabyte":                        {"gateway.location: " + strings.Repeat("y", 1<<20), ""},
		"an alias":                          {"gateway.fear: &a \"yes\"\ngateway.location: *a", "gateway.fear"},
		"two documents":                     {"gateway.location: \"yes\"\n---\ngateway.fear: \"yes\"", ""},
		"broken YAML that quotes its input": {"gateway.location: [" + canary, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, extra := range [][]string{{"assess"}, {"assess", "--json"}} {
				code, out, errout := try(t, c.in, extra...)
				if code != exitUsage || out != "" {
					t.Errorf("exit %d and %d bytes of plan, want exit %d and none", code, len(out), exitUsage)
				}
				if !strings.Contains(errout, c.names) || strings.Contains(errout, canary) || strings.Contains(errout, "alone") {
					t.Errorf("the error names %q and never the value: %s", c.names, errout)
				}
				if len(errout) > 400 {
					t.Errorf("an error of %d bytes", len(errout))
				}
			}
		})
	}
}

func TestAssessRefusesItsArguments(t *testing.T) {
	for _, args := range [][]string{{"--nation", "narnia"}, {"--lang", "xx"}, {"--mode", "shouting"}, {"--nope"}, {"a", "b"}, {"no-such-file"}} {
		if code, _, errout := try(t, "", append([]string{"assess"}, args...)...); code != exitUsage || errout == "" {
			t.Errorf("%v: exit %d, %q", args, code, errout)
		}
	}
	if code, _, _ := try(t, "about.nation: wales", "assess", "--nation", "scotland"); code != exitUsage {
		t.Errorf("a nation that contradicts the answers: exit %d", code)
	}
}

func TestAssessPrintsAPlan(t *testing.T) {
	in := "gateway.location: \"yes\"\ngateway.fear: \"yes\"\nlocation.geofence: \"yes\"\nlocation.if-late: anger-or-punishment\n"
	code, text, errout := try(t, in, "assess", "--nation", "england")
	if code != 0 {
		t.Fatal(errout)
	}
	code, raw, errout := try(t, in, "assess", "--json", "--nation", "england")
	if code != 0 {
		t.Fatal(errout)
	}
	var o consult.Object
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		t.Fatal(err)
	}
	if len(o.ContentVersion) != 64 || o.Urgency == "none" || o.Headline == "" || len(o.Findings) == 0 || len(o.Now) == 0 || len(o.Now) > 7 || len(o.Steps) == 0 || len(o.Withheld) == 0 || len(o.Services) == 0 {
		t.Errorf("the object lacks something: %+v", o)
	}
	for _, s := range append(o.Steps, o.Withheld...) {
		if !strings.Contains(text, firstWords(s.Text)) {
			t.Errorf("the text lacks step %s", s.ID)
		}
		if len(s.Sources) == 0 {
			t.Errorf("step %s has no source", s.ID)
		}
	}
}

func firstWords(s string) string { return strings.Join(strings.Fields(s)[:3], " ") }

func TestAssessReadsJSONAsItReadsYAML(t *testing.T) {
	_, yaml, _ := try(t, "gateway.fear: \"yes\"\nabout.who: [partner, ex]\n", "assess", "--json")
	_, json, _ := try(t, `{"about.who":["partner","ex"],"gateway.fear":"yes"}`, "assess", "--json")
	if yaml == "" || yaml != json {
		t.Error("the same answers in YAML and in JSON give different plans")
	}
}

func TestNothingAskedIsNotSafety(t *testing.T) {
	code, text, errout := try(t, "", "assess")
	if code != 0 {
		t.Fatal(errout)
	}
	if !strings.Contains(text, "No answer here is proof of safety") {
		t.Errorf("no answers must not read as safety:\n%s", text)
	}
}

// The way in which the consultation is held chooses the words of the next question, and nothing else.
func TestModeChoosesTheWordsOfTheNextQuestion(t *testing.T) {
	in := "about.nation: england\nabout.subject: patient-by-phone\nsetting.safe-to-talk: \"yes\"\nsetting.alone: alone\nsetting.devices: out\nsetting.interpreter: not-needed\nhealth.third-party: \"no\"\ngateway.any: \"yes\"\n"
	plans := map[string]consult.Object{}
	for _, mode := range consult.Modes() {
		code, raw, errout := try(t, in, "assess", "--json", "--mode", mode)
		if code != 0 {
			t.Fatal(errout)
		}
		var o consult.Object
		if err := json.Unmarshal([]byte(raw), &o); err != nil {
			t.Fatal(err)
		}
		plans[mode] = o
	}
	face, phone := plans[consult.FaceToFace], plans[consult.Telephone]
	if face.Next == nil || phone.Next == nil || face.Next.ID != phone.Next.ID || face.Next.Text == phone.Next.Text {
		t.Errorf("the next question is %v face to face and %v on the telephone", face.Next, phone.Next)
	}
	if len(face.Steps) != len(phone.Steps) || face.Urgency != phone.Urgency {
		t.Error("the mode changed the plan")
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{"gateway.fear: \"yes\"", `{"a":["b","c"]}`, "a: *b", "? [x]\n: y", "a: !!binary aGk=", "<<: {a: b}", "a: b\n---\nc: d", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		given, err := readAnswers(strings.NewReader(in))
		if err != nil && !errors.Is(err, errUsage) {
			t.Errorf("an error that is not about what was given: %v", err)
		}
		if err != nil && given != nil {
			t.Error("half-read answers")
		}
	})
}
