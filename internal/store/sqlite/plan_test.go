package sqlite_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waypost/internal/store/sqlite"
)

func TestEveryStatementFollowsAnIndex(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	for _, text := range sqlite.Statements() {
		steps, err := e.Plan(t.Context(), text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(steps) == 0 && !strings.HasPrefix(text, "INSERT") {
			t.Errorf("%s: no plan", text)
		}
		for _, step := range steps {
			if sqlite.Slow(step) || !strings.HasPrefix(step, "SEARCH") {
				t.Errorf("%s\nis planned as %s", text, step)
			}
		}
	}
	for _, text := range []string{ // what the engine does without, and why
		`SELECT due, id FROM record WHERE tenant = ? AND kind = ? AND state IN (?, ?) ORDER BY due, id LIMIT ?`,
		`SELECT tenant FROM trail_leaf GROUP BY tenant`,
	} {
		steps, err := e.Plan(t.Context(), text)
		if err != nil || !slices.ContainsFunc(steps, sqlite.Slow) {
			t.Errorf("%s should be found slow: %q, %v", text, steps, err)
		}
	}
}

// The list that is planned is the list that is used: no statement stands anywhere else, and none is missing from it.
func TestNoStatementEscapesThePlan(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sql := regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|ALTER|DROP)\b`)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				text, _ := strconv.Unquote(n.Value)
				if n.Kind == token.STRING && sql.MatchString(text) && name != "statements.go" && text != sqlite.Schema {
					t.Errorf("%s: a statement outside statements.go: %s", name, text)
				}
			case *ast.ValueSpec:
				if name == "statements.go" && n.Names[0].Name != "columns" {
					names = append(names, n.Names[0].Name)
				}
			}
			return true
		})
	}
	source, err := os.ReadFile("statements.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "return []string{")
	for _, name := range names {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(list) {
			t.Errorf("%s is not in the list", name)
		}
	}
	if len(names) != len(sqlite.Statements()) || len(names) < 30 {
		t.Errorf("%d statements, %d in the list", len(names), len(sqlite.Statements()))
	}
}

func TestTheSettingsHold(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	for name, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "wal_autocheckpoint": "256", "secure_delete": "1", "foreign_keys": "1",
		"trusted_schema": "0", "busy_timeout": "10000", "temp_store": "2", "application_id": strconv.Itoa(0x57415950), "user_version": "1",
	} {
		for who, ask := range map[string]func() (string, error){
			"reader": func() (string, error) { return e.Setting(t.Context(), name) },
			"writer": func() (string, error) { return e.WriterSetting(t.Context(), name) },
		} {
			if got, err := ask(); err != nil || got != want {
				t.Errorf("%s of the %s is %s, want %s: %v", name, who, got, want, err)
			}
		}
	}
	if got, err := e.Setting(t.Context(), "query_only"); err != nil || got != "1" {
		t.Errorf("a reader may write: %s, %v", got, err)
	}
	for _, table := range regexp.MustCompile(`CREATE TABLE (\w+)[^;]+;`).FindAllStringSubmatch(sqlite.Schema, -1) {
		if !strings.Contains(table[0], ") STRICT") {
			t.Errorf("table %s is not strict", table[1])
		}
	}
}

// The driver's C library is transpiled for one version of the driver; another breaks it without a word.
func TestTheDriverHasTheLibraryItWasMadeWith(t *testing.T) {
	list := func(args ...string) string {
		cmd := exec.Command("go", append([]string{"list", "-m", "-f"}, args...)...)
		cmd.Stderr = t.Output()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	wants, err := os.ReadFile(list("{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`(?m)modernc\.org/libc (v\S+)`).FindSubmatch(wants)
	if len(pinned) != 2 || list("{{.Version}}", "modernc.org/libc") != string(pinned[1]) {
		t.Errorf("go.mod has libc %s, the driver wants %s", list("{{.Version}}", "modernc.org/libc"), pinned[1:])
	}
}
