package fhir_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/fhir"
	"waypost/web/smart"
	"waypost/web/staff/stafftest"
)

// Every person, number, organisation and word here is invented; numbers that begin with 999 are given to nobody.

const officeURL = stafftest.URL

// office is the face with all that rests behind it: two practices, a safeguarding team and two services, each with a system of
// its own that proves itself at the real token endpoint's register.
type office struct {
	*world
	*stafftest.Ground
	desk    *referrals.Desk
	helps   string // the service of the directory that the first service answers for
	systems map[string]*system
	lead    people.Actor // of the first practice
	asked   []string     // the scopes, one for each letter, that the routes ask for
}

// system is another system, registered for one organisation.
type system struct {
	o     *office
	home  people.Organisation
	is    people.Client
	key   *ecdsa.PrivateKey
	token string
	since time.Time
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{world: product(t), systems: map[string]*system{}}
	o.Ground = stafftest.New(t, stafftest.Config{Words: o.words, Kinds: referrals.Kinds()})
	book := must(packet.Load(packet.Content()))(t)
	o.desk = must(referrals.New(referrals.Config{
		Safe: o.Safe, Gate: o.People, Keys: o.Keys, Log: o.Store, Book: book, Now: o.Clock.Now, Random: rand.Reader, Answering: o.People.Answering,
	}))(t)
	services := must(directory.Open(must(national.Load())(t)))(t)
	gate := &smart.Journey{Register: o.People, PublicURL: officeURL}
	face := &fhir.Journey{Bank: o.bank, Steps: o.steps, Words: o.words, Directory: func() *directory.Directory { return services }, PublicURL: officeURL, Now: o.Clock.Now, Loop: &fhir.Loop{
		Desk: o.desk, Nation: directory.England, Machine: func(action people.Action, resource string, letter rune) web.Policy {
			o.asked = append(o.asked, people.Scope{Resource: resource, Letters: string(letter)}.String())
			return gate.For(action, resource, letter)
		},
	}}
	o.Serve(face, gate)
	o.url, o.pages = o.Address, o.Server
	for _, s := range services.Services() {
		if book.Stands(s, "domestic-abuse") && o.helps == "" && s.Consent != directory.ConsentNormally && !s.Covers.Local() {
			if _, seen := s.Seen(directory.Look{Today: today, Audience: directory.Staff}); seen {
				o.helps = s.ID
			}
		}
	}
	for name, kind := range map[string]people.Kind{
		"practice": people.Practice, "other practice": people.Practice, "team": people.SafeguardingTeam, "service": people.ReceivingService, "other service": people.ReceivingService,
	} {
		o.register(name, kind)
	}
	if err := o.People.AnswerFromConsole(t.Context(), o.systems["service"].home.ID, o.helps); err != nil {
		t.Fatal(err)
	}
	o.lead = o.actor("practice", people.Lead)
	return o
}

// actor is an invented member of an organisation.
func (o *office) actor(name string, role people.Role) people.Actor {
	o.T.Helper()
	home := o.systems[name].home
	return must(people.NewActor(home, people.Member{ID: "member-" + string(role), Organisation: home.ID, Roles: []people.Role{role}, Active: true}, true))(o.T)
}

func (o *office) register(name string, kind people.Kind) {
	o.T.Helper()
	home, _, err := o.People.Found(o.T.Context(), kind, "Invented Organisation", "Invented Lead")
	if err != nil {
		o.T.Fatal(err)
	}
	s := &system{o: o, home: home, key: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))(o.T)}
	o.systems[name] = s
	point := must(s.key.PublicKey.Bytes())(o.T)
	set := raw(o.T, object{"keys": []any{object{"kty": "EC", "crv": "P-384", "kid": "k1", "x": text64(point[1:49]), "y": text64(point[49:])}}})
	s.is = must(o.People.RegisterClient(o.T.Context(), o.actor(name, people.Lead), "Invented System", string(set), people.Scopes(kind)))(o.T)
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// scopes are all that the system was given, as it asks for them.
func (s *system) scopes() string {
	var out []string
	for _, one := range s.is.Scopes {
		out = append(out, one.String())
	}
	return strings.Join(out, " ")
}

// access is a token for some scopes.
func (s *system) access(scopes string) string {
	s.o.T.Helper()
	claims := raw(s.o.T, object{"iss": s.is.Public(), "sub": s.is.Public(), "aud": officeURL, "jti": rand.Text(), "exp": s.o.Clock.Now().Add(time.Minute).Unix()})
	text := text64([]byte(`{"alg":"ES384","kid":"k1"}`)) + "." + text64(claims)
	sum := sha512.Sum384([]byte(text))
	x, y, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		s.o.T.Fatal(err)
	}
	word := text + "." + text64(append(x.FillBytes(make([]byte, 48)), y.FillBytes(make([]byte, 48))...))
	got := must(s.o.People.GiveAccess(s.o.T.Context(), people.Audiences{TokenEndpoint: officeURL + smart.EndpointPath, Issuer: officeURL}, people.ClientWord{Assertion: word, Scopes: scopes}))(s.o.T)
	return got.Token.Reveal()
}

// reply is one answer of the face.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// says gives one element of the answer by the path to it.
func (a reply) says(t testing.TB, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%d: not JSON", a.status)
	}
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(object)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// ask sends one request with a token for all that the system may do. Headers stand in pairs.
func (s *system) ask(method, path string, body []byte, headers ...string) reply {
	s.o.T.Helper()
	if now := s.o.Clock.Now(); s.token == "" || now.Sub(s.since) > time.Minute {
		s.token, s.since = s.access(s.scopes()), now
	}
	return s.o.send(method, path, s.token, body, headers...)
}

func (o *office) send(method, path, token string, body []byte, headers ...string) reply {
	o.T.Helper()
	req := must(http.NewRequestWithContext(o.T.Context(), method, o.url+fhir.Base+path, bytes.NewReader(body)))(o.T)
	if body != nil {
		req.Header.Set("Content-Type", media)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Del(headers[i]); headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := o.Wire.RoundTrip(req)
	for range 20 { // a body that is too large is refused while it is still being sent, and the client may miss the answer
		if err == nil || len(body) <= 64<<10 {
			break
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		res, err = o.Wire.RoundTrip(req)
	}
	if err != nil {
		o.T.Fatal(err)
	}
	defer res.Body.Close()
	text := must(io.ReadAll(res.Body))(o.T)
	described.Hold(o.T, method, fhir.Base+path, res.StatusCode, res.Header, text)
	return reply{res.StatusCode, res.Header, text}
}

// want holds an answer to a status, and to what every answer of this face has.
func (a reply) want(t testing.TB, what string, status int) reply {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, want %d: %s", what, a.status, status, a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/fhir+json; charset=utf-8" {
		t.Errorf("%s: %v", what, a.header)
	}
	return a
}

// typed are what an invented clinician typed. None of it may be anywhere but in the ServiceRequest that the service reads.
var typed = map[string]string{
	"person.name": "Zephyrine Quillfeather", "contact.at": "01632 960123", "contact.times": "Tuesdays at ten", "feared.name": "Ignatius Thornquist",
	"unsafe.name": "Perpetua Thornquist", "account.reason": "he counts her steps from the orchard gate", "contact.code-word": "about the library book",
	"referrer.organisation": "The Invented Practice", "referrer.contact": "01632 960999",
}

var chosen = map[string]string{
	"contact.channel": "phone", "contact.voicemail": "no", "contact.device-watched": "yes", "children.involved": "yes",
	"feared.relationship": "partner", "unsafe.relationship": "in-law",
}

// canaries says whether anything that was typed is in there.
func canaries(b []byte) bool {
	for _, v := range typed {
		if bytes.Contains(b, []byte(v)) {
			return true
		}
	}
	return false
}

func codeAnswer(codes, code string) []any {
	return []any{object{"valueCoding": object{"system": "https://waypost.invalid/fhir/CodeSystem/" + codes, "code": code}}}
}

// sheet is the form of a referral, filled in.
func (o *office) sheet(consent ...any) object {
	var items []any
	group := map[string][]any{}
	for _, f := range o.desk.Book.Fields {
		one := object{"linkId": f.ID}
		if text, ok := typed[f.ID]; ok {
			one["answer"] = []any{object{"valueString": text}}
		} else if code, ok := chosen[f.ID]; ok {
			one["answer"] = codeAnswer("referral.code."+f.List, code)
		} else {
			continue
		}
		if topic, _, _ := strings.Cut(f.ID, "."); f.Rows > 1 {
			group[topic] = append(group[topic], one)
			continue
		}
		items = append(items, one)
	}
	for topic, of := range group {
		items = append(items, object{"linkId": topic, "item": of})
	}
	if len(consent) == 0 {
		consent = []any{object{"linkId": "consent", "answer": codeAnswer("referral.decision", "given")}}
	}
	return object{"resourceType": "QuestionnaireResponse", "id": "referral", "questionnaire": "https://waypost.invalid/fhir/Questionnaire/referral", "status": "completed", "item": append(items, consent...)}
}

// referral is a ServiceRequest as the system of a practice sends it.
func (o *office) referral() object {
	consultation := o.response(map[string][]string{"setting.alone": {"yes"}, "gateway.fear": {"yes"}, "gateway.any": {"yes"}})
	consultation["id"] = "consultation"
	return object{
		"resourceType": "ServiceRequest", "status": "active", "intent": "order",
		"code":           object{"coding": []any{object{"system": "https://waypost.invalid/fhir/CodeSystem/referral.destination", "code": "domestic-abuse"}}},
		"subject":        object{"reference": "Patient/p1"},
		"performer":      []any{object{"reference": "HealthcareService/" + o.helps}},
		"contained":      []any{consultation, o.sheet()},
		"supportingInfo": []any{object{"reference": "#consultation"}, object{"reference": "#referral"}},
	}
}

// referred is what the practice's system has sent, as a case on the desk.
func (o *office) referred(name string) (reply, referrals.Case) {
	o.T.Helper()
	a := o.systems["practice"].ask("POST", "/ServiceRequest", raw(o.T, o.referral()), "X-Request-Id", name).want(o.T, "refer", 201)
	id, _ := a.says(o.T, "id").(string)
	return a, must(o.desk.Read(o.T.Context(), o.lead, id[:32]))(o.T)
}

// offered is a case whose packet is laid out for the service, and the name that the service's system knows it by.
func (o *office) offered() (referrals.Case, string) {
	o.T.Helper()
	_, c := o.referred(rand.Text())
	c = must(o.desk.Decide(o.T.Context(), o.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Accept}))(o.T)
	c, _, err := o.desk.Offer(o.T.Context(), o.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	if err != nil {
		o.T.Fatal(err)
	}
	return c, c.Handovers[0].Packet
}

// put sends a Task back with some elements changed; none: taken out.
func (s *system) put(id string, change object, headers ...string) reply {
	s.o.T.Helper()
	was := s.ask("GET", "/Task/"+id, nil)
	var task object
	if err := json.Unmarshal(was.body, &task); err != nil {
		s.o.T.Fatal(err)
	}
	for name, v := range change {
		if task[name] = v; v == nil {
			delete(task, name)
		}
	}
	return s.ask("PUT", "/Task/"+id, raw(s.o.T, task), append([]string{"If-Match", was.header.Get("ETag")}, headers...)...)
}

// heard counts the entries of one action in an organisation's trail.
func (o *office) heard(organisation, action string, outcome trail.Outcome) (n int) {
	o.T.Helper()
	for at := int64(0); ; {
		leaves := must(o.Store.TrailRead(context.Background(), organisation, at, store.ListLimit))(o.T)
		if len(leaves) == 0 {
			return n
		}
		for _, l := range leaves {
			_, e, err := trail.ParseLeaf(l)
			if err != nil {
				o.T.Fatal(err)
			}
			if e.Action == action && e.Outcome == outcome {
				n++
			}
		}
		at += int64(len(leaves))
	}
}
