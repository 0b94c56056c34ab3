package main_test

import (
	"os"
	"testing"
)

// The house of the design, section 2: each directory answers one question, and code only looks downstairs. A change here
// is a change of the design and says why in docs/decisions.
var house = []room{
	{path: "screening", answers: "what is going on: bank of questions, facts, findings"},
	{path: "screening/plan", answers: "what to do: actions, gates, order, copies", may: []string{"screening"}},
	{path: "locales", answers: "what is said, in every language"},
	{path: "internal/vault", answers: "what must not leak: sealing, keys, shredding, Secret[T]"},
	{path: "internal/trail", answers: "what happened: tamper-evident log"},
	{path: "internal/store", answers: "where sealed records rest: one interface and its types, engines sqlite and mongo below it", may: []string{"internal/trail"}},
	{path: "internal/records", answers: "what rests, for how long, and who looked: one place for sealing, trail and expiry", may: []string{"internal/vault", "internal/trail", "internal/store"}},
	{path: "internal/softkey", answers: "what a passkey would answer: for tests and the demonstration"},
	{path: "internal/jws", answers: "did the holder of a key that we know sign this word"},
	{path: "referrals/directory", answers: "who can help and where: services, areas, matching, imports", may: []string{"internal/store"}},
	{path: "referrals/shelf", answers: "where services rest: public facts in one directory, private contacts apart, changes that wait for a second person", may: []string{"internal/vault", "internal/trail", "internal/store", "internal/records", "referrals/directory"}},
	{path: "referrals/partners", answers: "which companies may send people here, and what their staff say", may: []string{"referrals/directory"}},
	{path: "referrals/people", answers: "who may act: organisations, memberships, roles, passkeys, sessions, the policy", may: []string{"internal/jws", "internal/vault", "internal/trail", "internal/store", "internal/records"}},
	{path: "referrals/packet", answers: "what one destination may be told: fields, grounds, packets", may: []string{"screening", "referrals/directory", "internal/vault"}},
	{path: "referrals/nudge", answers: "who should look: one message to one mailbox that something waits"},
	{path: "referrals/statistics", answers: "what may be counted aloud: quarters, rounded and suppressed"},
	{path: "referrals", answers: "who is told: cases, packets, consent, workflow, clocks", may: []string{"screening/plan", "screening", "referrals/directory", "referrals/shelf", "referrals/people", "referrals/packet", "referrals/statistics", "internal/vault", "internal/trail", "internal/store", "internal/records"}},
	{path: "web", answers: "what is seen: pages, and the thin faces web/fhir, web/cdshooks, web/openreferral", may: []string{"internal/jws", "screening", "screening/plan", "locales", "internal/vault", "internal/trail", "internal/store", "internal/records", "referrals/directory", "referrals/partners", "referrals/shelf", "referrals/people", "referrals/packet", "referrals/statistics", "referrals"}},
	{path: "cmd/waypost", answers: "how it is put together: config, wiring, commands", may: []string{"internal/softkey", "internal/jws", "screening", "screening/plan", "locales", "internal/vault", "internal/trail", "internal/store", "internal/records", "referrals/directory", "referrals/partners", "referrals/shelf", "referrals/people", "referrals/packet", "referrals/nudge", "referrals/statistics", "referrals", "web"}},
}

// The two engines are chosen in cmd alone; tests of the rooms above the store may run on a real one.
var engines = []string{"internal/store/sqlite", "internal/store/mongo"}

// Fixtures serve tests. Tests anywhere may import them, product code may not, but for what is named: rooms, and a fixture that
// stands on another.
var fixtures = []fixture{
	{path: "internal/softkey", but: []string{"cmd/waypost"}},
	{path: "internal/softkey/softkeytest", but: []string{"web/staff/stafftest"}},
	{path: "internal/store/conform", but: []string{"web/staff/stafftest"}},
	{path: "web/staff/stafftest"},
	{path: "web/openapi/openapitest"},
	{path: "internal/store/mongo/wiretest"},
}

// A package that imports internal/vault handles personal data, so this list stays short. Each entry is one package, not
// what lies below it.
var handlesPersonalData = []string{"internal/records", "referrals", "referrals/packet", "referrals/people", "referrals/shelf", "referrals/shelf/private", "web", "web/agent", "web/consult", "web/desk", "web/fhir", "web/public", "web/refer", "web/smart", "web/staff", "web/staff/stafftest", "cmd/waypost"}

// Where each foreign library lives. A library without a line here needs a page in docs/decisions first.
var foreign = []library{
	{path: "github.com/gofiber/fiber/v2", lives: []string{"web"}},
	{path: "github.com/valyala/fasthttp", lives: []string{"web"}},
	{path: "github.com/molecule-man/go-brrr", lives: []string{"web"}},
	{path: "github.com/klauspost/compress", lives: []string{"web"}},
	{path: "github.com/nicksnyder/go-i18n/v2", lives: []string{"locales"}},
	{path: "github.com/BurntSushi/toml", lives: []string{"locales"}, tests: true},
	{path: "golang.org/x/text", lives: []string{"locales"}},
	{path: "go.yaml.in/yaml/v3", lives: []string{"screening", "screening/plan", "referrals/directory", "referrals/partners", "cmd/waypost"}},
	{path: "go.mongodb.org/mongo-driver", lives: []string{"internal/store/mongo"}},
	{path: "modernc.org/sqlite", lives: []string{"internal/store/sqlite"}},
	{path: "golang.org/x/mod/sumdb", lives: []string{"internal/trail"}},
	{path: "github.com/boombuler/barcode", lives: []string{"web/agent"}},
	{path: "github.com/go-webauthn/webauthn", lives: []string{"referrals/people"}},
	{path: "github.com/coreos/go-oidc/v3", lives: []string{"referrals/people"}},
	{path: "golang.org/x/oauth2", lives: []string{"referrals/people"}},
	{path: "github.com/wneessen/go-mail", lives: []string{"referrals/nudge"}},
	{path: "github.com/emersion/go-smtp", tests: true},
	{path: "github.com/emersion/go-sasl", tests: true},
	{path: "pgregory.net/rapid", tests: true},
}

// Standard packages that product code does without: reflection reads what Secret hides, and nothing is sent to a patient.
var unwanted = []string{"reflect", "unsafe", "plugin", "net/smtp", "net/http/pprof", "expvar", "math/rand", "C"}

// A thing without a room has no name yet.
var nameless = []string{"util", "utils", "common", "helpers", "types", "models"}

// What may stand at the top; names that begin with a dot are free, and so is what git ignores there.
var top = []string{
	"cmd", "screening", "referrals", "locales", "web", "internal", "docs",
	"go.mod", "go.sum", "Makefile", "README.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
}

// What builds, tests and a server started here leave at the top; .gitignore names it too.
var litter = []string{"*.test", "*.out", "*.prof", "*.db", "*.db-*", "waypost", "data", "keys", "waypost-data", "waypost-keys", "coverage.*"}

func TestTheHouseStandsAsDrawn(t *testing.T) {
	faults, err := inspect(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}
