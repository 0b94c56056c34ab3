package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/packet"
	"waypost/referrals/partners"
	"waypost/screening"
	"waypost/screening/plan"
)

func loaded(t testing.TB, languages ...string) *product {
	t.Helper()
	p, err := load(screening.Content(), languages...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// families are the words whose ids are put together from a list in the code: prefix and the ends it may have.
func families(p *product) map[string][]string {
	out := map[string][]string{"need.": directory.Needs(), "section.": {"pre", "gate", "core", "deep"}}
	out["way."] = []string{"phone", "textphone", "text", "whatsapp", "webchat", "email", "website", "app", "video", "in-person", "local"}
	out["trace."] = []string{"no-bill", "on-bill-likely", "unknown"}
	out["confidence."] = []string{"not-rung", "rung", "rung-long-ago", "official", "secondary"}
	for _, g := range directory.Groups() {
		out["who.group."] = append(out["who.group."], string(g))
	}
	add := func(prefix string, ends ...string) { out[prefix] = append(out[prefix], ends...) }
	for _, r := range []string{"malformed", "sign-in", "forbidden", "not-found", "conflict", "expired", "too-many", "unavailable", "unexpected"} {
		add("refusal.", r+".heading", r+".text")
	}
	add("listed.", "only-women", "only-men")
	for _, c := range feed.Columns() {
		if c != "id" {
			add("desk.column.", strings.ReplaceAll(c, "_", "-"))
		}
	}
	add("desk.column.", "covers-how", "practices-how", "hours-how", "address-how", "languages-how", "phone-how", "warnings-how", "source-how", "needs-how", "nations-how", "min-age-how")
	add("company.charter.", partners.CharterLines()...)
	add("company.missing.", "example", "not-asked-for", "lead", "review", "review-overdue", "products", "product")
	add("desk.sex.", "women", "men", "adults")
	add("desk.monitored.", "avoid")
	add("desk.shown.", string(directory.Anyone), string(directory.StaffOnly), string(directory.NeverWithVictim))
	add("desk.prof.", string(directory.Refer), string(directory.Advice), string(directory.Both), string(directory.NoProf))
	for _, a := range directory.Archetypes() {
		add("desk.kind.", string(a))
	}
	for _, r := range directory.Referrers() {
		add("desk.referrer.", string(r))
	}
	for _, r := range directory.ConsentRules()[1:] {
		add("desk.consent.", string(r))
	}
	for _, a := range directory.Accesses() {
		add("desk.access.", string(a))
	}
	for u := screening.None; u <= screening.Now; u++ {
		add("urgency.", strings.ReplaceAll(u.String(), "_", "-"))
	}
	for _, l := range screening.Lines() {
		add("line.", l.String())
	}
	for s := screening.NotAsked; s <= screening.OpenLine; s++ {
		add("line-state.", s.String())
	}
	for x := plan.SafetyNow; x <= plan.ReviewPhase; x++ {
		add("phase.", x.String())
	}
	for x := plan.BeforeLeaving; x <= plan.WithRemoval; x++ {
		add("time.", strings.ReplaceAll(x.String(), "_", "-"))
	}
	for x := plan.GP; x <= plan.Company; x++ {
		add("owner.", x.String())
	}
	for x := plan.Possible; x <= plan.Likely; x++ {
		add("alert.", x.String())
		add("evidence-mark.", x.String())
	}
	for _, g := range plan.Gates(31).List() {
		add("gate.", g, g+"-unmet")
	}
	return out
}

var (
	inTemplate = regexp.MustCompile(`\b(?:t|text) "([a-z0-9.-]+)"`)
	inCode     = regexp.MustCompile(`"([a-z]+(?:-[a-z]+)*(?:\.[a-z0-9-]+)+)"`)
)

// written lists the ids that stand as they are in templates and in code.
func written(t *testing.T) (templates, code map[string]bool) {
	t.Helper()
	templates, code = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "e2e") {
			return filepath.SkipDir
		}
		shape, into := inTemplate, templates
		switch {
		case strings.HasSuffix(path, "_test.go"):
			return nil
		case strings.HasSuffix(path, ".go"):
			shape, into = inCode, code
		case !strings.HasSuffix(path, ".html"):
			return nil
		}
		raw, err := os.ReadFile(path)
		for _, m := range shape.FindAllStringSubmatch(string(raw), -1) {
			into[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return templates, code
}

// TestWords finds words that are missing and words that nothing uses.
func TestWords(t *testing.T) {
	p := loaded(t)
	has := map[string]bool{}
	for _, id := range p.words.IDs(locales.Source) {
		has[id] = true
	}
	wanted := map[string]bool{}
	for _, id := range p.contentWords() {
		wanted[id] = true
	}
	told, err := packet.Load(packet.Content())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range told.WordIDs() {
		wanted[id] = true
	}
	for prefix, ends := range families(p) {
		for _, end := range ends {
			wanted[prefix+end] = true
		}
	}
	templates, code := written(t)
	for id := range templates {
		wanted[id] = true
	}
	for id := range wanted {
		if !has[id] {
			t.Errorf("no words for %s", id)
		}
	}
	for id := range has {
		optional := strings.HasPrefix(id, "question.") && strings.HasSuffix(id, ".hear")
		if !wanted[id] && !code[id] && !optional {
			t.Errorf("nothing uses the words %s", id)
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// TestPlaceholders holds every translation to the placeholders of the English words, and lets no template code in.
func TestPlaceholders(t *testing.T) {
	files, err := filepath.Glob("../../locales/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	english := map[string][]string{}
	for _, pass := range []bool{true, false} {
		for _, file := range files {
			if strings.HasSuffix(file, "."+locales.Source+".toml") != pass {
				continue
			}
			for id, text := range flat(t, file) {
				var names []string
				for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
					names = append(names, m[1])
				}
				slices.Sort(names)
				if strings.Contains(placeholder.ReplaceAllString(text, ""), "{{") {
					t.Errorf("%s: %s holds template code", file, id)
				}
				if pass {
					english[id] = names
				} else if want, known := english[id]; !known {
					t.Errorf("%s: %s has no English words", file, id)
				} else if !slices.Equal(names, want) {
					t.Errorf("%s: %s has placeholders %v, English has %v", file, id, names, want)
				}
			}
		}
	}
}

func flat(t *testing.T, file string) map[string]string {
	t.Helper()
	var tree map[string]any
	if _, err := toml.DecodeFile(file, &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(prefix string, node any)
	walk = func(prefix string, node any) {
		switch n := node.(type) {
		case string:
			out[prefix] = n
		case map[string]any:
			for k, v := range n {
				walk(strings.TrimPrefix(prefix+"."+k, "."), v)
			}
		default:
			t.Fatalf("%s: %s is neither text nor a table", file, prefix)
		}
	}
	walk("", tree)
	return out
}
