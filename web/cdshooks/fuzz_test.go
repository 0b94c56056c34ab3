package cdshooks_test

import (
	"fmt"
	"strings"
	"testing"

	"waypost/web/cdshooks"
)

// What a client can send. Whatever it is: no panic, and either a call or a refusal that holds nothing of it.
func FuzzReadRequest(f *testing.F) {
	sound := fmt.Sprintf(view, "https://loud.example/fhir")
	f.Add([]byte(sound))
	for _, c := range views() {
		f.Add([]byte(strings.Replace(sound, c[0], c[1], 1)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := cdshooks.ReadRequest(body)
		switch {
		case err != nil && (in != cdshooks.Request{} || err.Error() != "cdshooks: the request has another form"):
			t.Fatal("a refusal that says something")
		case err == nil && (strings.Contains(string(body), `"prefetch"`) && !strings.Contains(string(body), `"extension"`) || !strings.Contains(string(body), "ontext")):
			t.Fatal("taken, and it is no call")
		}
	})
}

func FuzzReadFeedback(f *testing.F) {
	f.Add([]byte(told))
	for _, c := range tellings() {
		f.Add([]byte(strings.Replace(told, c[0], c[1], 1)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := cdshooks.ReadFeedback(body); err != nil && err.Error() != "cdshooks: the request has another form" {
			t.Fatal("a refusal that says something")
		}
	})
}
