package main_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The checker is shown houses that are broken in one way each, and must say so; and one sound house, about which it must
// say nothing. A checker that cannot fail would be worse than none.
func TestABrokenHouseIsSeen(t *testing.T) {
	const doc = "// Package x holds what it holds and refuses all else.\n"
	for _, c := range []struct{ name, file, source, want string }{
		{"screening looks upstairs", "screening/a.go", "package screening\nimport _ \"waypost/web\"", "screening/a.go imports waypost/web"},
		{"screening looks at words", "screening/a.go", "package screening\nimport _ \"waypost/locales\"", "waypost/locales"},
		{"the plan looks at the directory", "screening/plan/a.go", "package plan\nimport _ \"waypost/referrals/directory\"", "waypost/referrals/directory"},
		{"a test looks upstairs", "locales/a_test.go", "package locales\nimport _ \"waypost/web\"", "locales/a_test.go imports waypost/web"},
		{"the store knows a case", "internal/store/a.go", "package store\nimport _ \"waypost/referrals\"", "waypost/referrals"},
		{"web picks an engine", "web/a.go", "package web\nimport _ \"waypost/internal/store/sqlite\"", "chosen in cmd/waypost alone"},
		{"a directory that handles personal data", "referrals/directory/a.go", "package directory\nimport _ \"waypost/internal/vault\"", "handle personal data"},
		{"a face that handles personal data", "web/openreferral/a.go", "package openreferral\nimport _ \"waypost/internal/vault\"", "handle personal data"},
		{"fiber outside web", "referrals/a.go", "package referrals\nimport _ \"github.com/gofiber/fiber/v2\"", "lives in web only"},
		{"fiber behind a build tag", "referrals/a.go", "//go:build never\n\npackage referrals\nimport _ \"github.com/gofiber/fiber/v2\"", "lives in web only"},
		{"the mongo driver in the store itself", "internal/store/a.go", "package store\nimport _ \"go.mongodb.org/mongo-driver/mongo\"", "lives in internal/store/mongo only"},
		{"sqlite in a command", "cmd/waypost/a.go", "package main\nimport _ \"modernc.org/sqlite\"", "lives in internal/store/sqlite only"},
		{"go-i18n in web", "web/a.go", "package web\nimport _ \"github.com/nicksnyder/go-i18n/v2/i18n\"", "lives in locales only"},
		{"yaml in web", "web/a.go", "package web\nimport _ \"go.yaml.in/yaml/v3\"", "go.yaml.in/yaml/v3"},
		{"a library nobody decided on", "web/a.go", "package web\nimport _ \"example.org/left-pad\"", "needs a page in docs/decisions"},
		{"a test library in the product", "screening/a.go", "package screening\nimport _ \"pgregory.net/rapid\"", "for tests only"},
		{"a passkey in software in the product", "referrals/people/a.go", "package people\nimport _ \"waypost/internal/softkey\"", "for tests only"},
		{"a store of a test in the product", "internal/records/a.go", "package records\nimport _ \"waypost/internal/store/conform\"", "for tests only"},
		{"the ground of tests in the product", "web/desk/a.go", "package desk\nimport _ \"waypost/web/staff/stafftest\"", "for tests only"},
		{"reflection", "screening/a.go", "package screening\nimport _ \"reflect\"", "we do without it"},
		{"mail", "web/a.go", "package web\nimport _ \"net/smtp\"", "we do without it"},
		{"a package without a room", "internal/cache/a.go", "package cache", "stands in no room"},
		{"a drawer for everything", "web/util/a.go", "package util", "has no name yet"},
		{"a new thing at the top", "scripts/a.sh", "#!/bin/sh", "may not stand at the top"},
		{"an exported function without a word", "web/a.go", "package web\nfunc Serve() {}", "exported Serve"},
		{"an exported method without a word", "web/a.go", "package web\n// Page is one.\ntype Page[T any] struct{}\nfunc (p *Page[T]) Show() {}", "exported Show"},
		{"an exported type in a group", "web/a.go", "package web\n// Several.\ntype (\n\tPage struct{}\n)", "exported Page"},
		{"an exported constant without a word", "web/a.go", "package web\nconst Limit = 1", "exported Limit"},
		{"init", "web/a.go", "package web\nfunc init() {}", "init runs"},
		{"no package comment", "internal/trail/a.go", "package trail", "internal/trail: no package comment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := c.source
			if c.name != "no package comment" && !strings.Contains(source, "//go:build") {
				pkg := strings.Fields(source[strings.Index(source, "package ")+len("package "):] + " ")[0]
				source = strings.Replace(doc, "Package x", "Package "+pkg, 1) + source
			}
			tree := sound()
			tree[c.file] = &fstest.MapFile{Data: []byte(source)}
			faults, err := inspect(tree)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, c.want) }) {
				t.Errorf("not seen: want a fault with %q, got %q", c.want, faults)
			}
		})
	}
}

func TestASoundHouseIsLeftAlone(t *testing.T) {
	faults, err := inspect(sound())
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) != 0 {
		t.Errorf("a sound house is refused: %q", faults)
	}
}

func TestAFileThatIsNotGoIsAnErrorNotAPass(t *testing.T) {
	tree := sound()
	tree["web/broken.go"] = &fstest.MapFile{Data: []byte("packag web")}
	if _, err := inspect(tree); err == nil {
		t.Error("an unreadable file passed")
	}
}

func sound() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"go.mod": file("module waypost"), ".ci/run": file(""), "README.md": file(""),
		"screening/bank.go":             file("// Package screening knows what to ask and refuses to judge.\npackage screening\n\nimport _ \"go.yaml.in/yaml/v3\"\n\n// Bank is the bank.\ntype Bank struct{}\n\nfunc (b Bank) first() {}\n\n// Urgencies, least first.\nconst (\n\tInfo = iota\n\tNow\n)\n"),
		"screening/bank_test.go":        file("package screening_test\n\nimport (\n\t_ \"reflect\"\n\t_ \"pgregory.net/rapid\"\n\t_ \"waypost/screening\"\n)\n"),
		"web/page.go":                   file("// Package web shows pages and refuses to decide.\npackage web\n\nimport (\n\t_ \"github.com/gofiber/fiber/v2\"\n\t_ \"waypost/internal/vault\"\n\t_ \"waypost/referrals\"\n\t_ \"waypost/web/fhir\"\n)\n"),
		"web/page_test.go":              file("package web\n\nimport _ \"waypost/internal/store/sqlite\"\n"),
		"web/fhir/map.go":               file("// Package fhir maps our types to theirs and decides nothing.\npackage fhir\n\nimport _ \"waypost/referrals\"\n"),
		"web/e2e/go.mod":                file("module waypost/web/e2e"),
		"web/e2e/util/a.go":             file("package util\n\nimport _ \"github.com/chromedp/chromedp\"\n"),
		"internal/store/sqlite/db.go":   file("// Package sqlite keeps sealed records and cannot read them.\npackage sqlite\n\nimport (\n\t_ \"modernc.org/sqlite\"\n\t_ \"waypost/internal/store\"\n)\n"),
		"cmd/waypost/main.go":           file("// Waypost is put together here, and nothing is decided.\npackage main\n\nimport _ \"waypost/internal/store/sqlite\"\n"),
		"referrals/directory/load.go":   file("// Package directory knows who can help and holds no patient.\npackage directory\n\nimport _ \"waypost/internal/store\"\n"),
		"screening/testdata/util/a.txt": file(""),
	}
}
