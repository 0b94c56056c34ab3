package vault_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	texttemplate "text/template"

	"waypost/internal/vault"
)

const canary = "CANARY-7f3e" // stands for an invented patient's name

type patient struct {
	Name   vault.Secret[string]
	hidden vault.Secret[string]
	deep   struct{ words vault.Secret[[]byte] }
	list   []vault.Secret[string]
	byKey  map[string]vault.Secret[string]
	number vault.Secret[int]
	at     *vault.Secret[string]
	whole  vault.Secret[struct{ Name *string }]
}

func invented() patient {
	name := canary
	s := vault.Keep(canary)
	p := patient{Name: s, hidden: s, list: []vault.Secret[string]{s}, number: vault.Keep(86753090), at: &s}
	p.byKey = map[string]vault.Secret[string]{"name": s}
	p.deep.words = vault.Keep([]byte(canary))
	p.whole = vault.Keep(struct{ Name *string }{&name})
	return p
}

// leaks says whether a text holds the canary in any of the forms fmt could give it.
func leaks(text string) bool {
	hexed := fmt.Sprintf("%x", canary)
	listed := strings.Trim(fmt.Sprint([]byte(canary)), "[]")
	goBytes := strings.Trim(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(canary)), "[]byte"), "{}")
	lower := strings.ToLower(text)
	for _, form := range []string{canary, hexed, listed, goBytes, "86753090", "52bd0c2"} {
		if strings.Contains(lower, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestLeakDetectorSeesALeak(t *testing.T) {
	for _, verb := range []string{"%v", "%q", "%x", "%X", "%d", "%#v"} {
		if !leaks(fmt.Sprintf(verb, []byte(canary))) {
			t.Errorf("%s of the bare value goes unseen", verb)
		}
	}
}

func TestSecretIsMaskedUnderEveryVerb(t *testing.T) {
	p := invented()
	values := []any{p, &p, p.Name, &p.Name, p.list, p.byKey, p.deep, p.number, p.whole,
		[]any{p}, map[string]any{"p": p}, struct{ in any }{p}, fmt.Errorf("wrap: %v", p.Name)}
	for verb := rune('A'); verb <= 'z'; verb++ {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "40", ".3", "*"} {
			for _, value := range values {
				if got := fmt.Sprintf("%"+flags+string(verb), value); leaks(got) {
					t.Fatalf("%%%s%c of %T leaks", flags, verb, value)
				}
			}
		}
	}
	if got := fmt.Sprint(p.Name, " ", p.number); got != "[sealed] [sealed]" {
		t.Errorf("got %q", got)
	}
}

func TestSecretIsMaskedInLogs(t *testing.T) {
	p := invented()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		log := slog.New(handler(&out)).With("with", p.Name, "whole", p)
		log.Info("a case", "name", p.Name, "at", &p.Name, "p", p, "pp", &p, "list", p.list,
			slog.Group("g", "words", p.deep.words, "map", p.byKey), "err", fmt.Errorf("%v", p))
		if leaks(out.String()) || !strings.Contains(out.String(), "[sealed]") {
			t.Errorf("%s handler: %d bytes leak or are not masked", name, out.Len())
		}
	}
}

func TestSecretIsNotMarshalled(t *testing.T) {
	type exported struct{ Name vault.Secret[string] }
	p := exported{vault.Keep(canary)}
	for name, marshal := range map[string]func(any) ([]byte, error){
		"json": json.Marshal,
		"xml":  xml.Marshal,
		"gob": func(v any) ([]byte, error) {
			var out bytes.Buffer
			return out.Bytes(), gob.NewEncoder(&out).Encode(v)
		},
	} {
		for _, value := range []any{p, &p, p.Name, []any{p.Name}} {
			if out, err := marshal(value); err == nil || leaks(string(out)) || leaks(err.Error()) {
				t.Errorf("%s of %T: %v", name, value, err)
			}
		}
	}
	if err := json.Unmarshal([]byte(`{"Name":"x"}`), &p); !errors.Is(err, vault.ErrSecret) {
		t.Errorf("json read: %v", err)
	}
	if err := p.Name.UnmarshalText([]byte("x")); !errors.Is(err, vault.ErrSecret) {
		t.Errorf("text read: %v", err)
	}
	if out, err := json.Marshal(map[vault.Secret[string]]int{p.Name: 1}); err == nil || leaks(err.Error()) {
		t.Errorf("as a key: %s, %v", out, err)
	}
}

// The BSON driver looks for these methods and for exported fields. Secret has neither, so
// no value can travel there; that a stored record holds no Secret is shown in the store.
func TestSecretOffersBSONNothing(t *testing.T) {
	for _, of := range []reflect.Type{
		reflect.TypeFor[vault.Secret[string]](), reflect.TypeFor[*vault.Secret[string]](),
		reflect.TypeFor[vault.DataKey](), reflect.TypeFor[vault.NHSNumber](),
	} {
		for i := range of.NumMethod() {
			if strings.Contains(of.Method(i).Name, "BSON") {
				t.Errorf("%v has %s", of, of.Method(i).Name)
			}
		}
		if of.Kind() == reflect.Struct {
			for i := range of.NumField() {
				if of.Field(i).IsExported() {
					t.Errorf("%v exports %s", of, of.Field(i).Name)
				}
			}
		}
	}
}

func TestTemplatesShowSealedUnlessRevealed(t *testing.T) {
	const page = `<p title="{{.Name}}">{{.Name}} {{printf "%v" .Name}}</p><a href="/?x={{.Name}}">x</a>
<script>var a = {{.Name}}; var b = "{{.Name}}"</script><style>p { width: {{.Name}} }</style>`
	var out bytes.Buffer
	err := htmltemplate.Must(htmltemplate.New("p").Parse(page)).Execute(&out, invented())
	if err != nil || leaks(out.String()) || !strings.Contains(out.String(), "[sealed] [sealed]</p>") {
		t.Errorf("html: %v\n%s", err, &out)
	}
	out.Reset()
	err = texttemplate.Must(texttemplate.New("p").Parse(`{{.Name}} {{.}}`)).Execute(&out, invented())
	if err != nil || leaks(out.String()) {
		t.Errorf("text: %v", err)
	}
	out.Reset()
	err = htmltemplate.Must(htmltemplate.New("p").Parse(`{{.Name.Reveal}}`)).Execute(&out, invented())
	if err != nil || out.String() != canary {
		t.Errorf("revealed: %v, %q", err, &out)
	}
}

func TestSecretKeepsAndReveals(t *testing.T) {
	var none vault.Secret[string]
	if none.Reveal() != "" || !none.IsZero() || vault.Keep("").IsZero() || vault.Keep(canary).Reveal() != canary {
		t.Error("keep and reveal disagree")
	}
}
