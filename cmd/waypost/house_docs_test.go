package main_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A promise in SECURITY.md stands on a test. If the test is renamed or deleted, the promise has lost its ground.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	missing, named, err := unfounded(os.DirFS("../.."), string(text))
	if err != nil {
		t.Fatal(err)
	}
	if named == 0 {
		t.Error("SECURITY.md names no test at all")
	}
	for _, name := range missing {
		t.Errorf("SECURITY.md stands on %s, and there is no such test", name)
	}
}

func TestAnUnfoundedPromiseIsSeen(t *testing.T) {
	missing, named, err := unfounded(sound(), "| promise | `TestThatNobodyWrote` |")
	if err != nil || named != 1 || len(missing) != 1 {
		t.Errorf("missing %q of %d, %v", missing, named, err)
	}
}

var (
	testName   = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`")
	testDefine = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)\(`)
)

// Each threat and each abuse case has one row in docs/threats.md, each row that names no test says what is not there, and
// each test that is named exists.
func TestThreatsNameTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	missing, named, err := unfounded(os.DirFS("../.."), string(text))
	if err != nil || named < 150 {
		t.Fatalf("%d tests are named: %v", named, err)
	}
	for _, name := range missing {
		t.Errorf("docs/threats.md stands on %s, and there is no such test", name)
	}
	for _, fault := range unnumbered(string(text)) {
		t.Error(fault)
	}
}

func TestAMissingThreatIsSeen(t *testing.T) {
	whole := ""
	for _, id := range numbered() {
		whole += "| " + id + " | who | `TestThatIsThere` |\n"
	}
	if faults := unnumbered(whole); len(faults) > 0 {
		t.Errorf("a whole list has faults: %q", faults)
	}
	for name, spoilt := range map[string]string{
		"none":      strings.Replace(whole, "| T7 |", "| X7 |", 1),
		"twice":     whole + "| A9 | again | `TestThatIsThere` |\n",
		"no ground": strings.Replace(whole, "| A42 | who | `TestThatIsThere` |", "| A42 | who | shown |", 1),
	} {
		if faults := unnumbered(spoilt); len(faults) != 1 {
			t.Errorf("%s: %q", name, faults)
		}
	}
}

func numbered() (ids []string) {
	for _, kind := range []struct {
		letter string
		last   int
	}{{"T", 30}, {"A", 45}} {
		for n := 1; n <= kind.last; n++ {
			ids = append(ids, kind.letter+strconv.Itoa(n))
		}
	}
	return ids
}

// unnumbered says which threats and cases have no row of their own, and which row rests on nothing and does not say so.
func unnumbered(text string) (faults []string) {
	rows := map[string][]string{}
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| ") && len(cells) > 2 {
			id := strings.TrimPrefix(cells[0], "| ")
			rows[id] = append(rows[id], line)
		}
	}
	for _, id := range numbered() {
		if n := len(rows[id]); n != 1 {
			faults = append(faults, id+" has "+strconv.Itoa(n)+" rows")
		} else if row := rows[id][0]; !testName.MatchString(row) && !strings.Contains(row, "not yet") && !strings.Contains(row, "not built") {
			faults = append(faults, id+" names no test and does not say so")
		}
	}
	return faults
}

// unfounded lists the tests that a text names and no file of the tree defines, the browser tests included.
func unfounded(tree fs.FS, text string) (missing []string, named int, err error) {
	defined, err := definedTests(tree)
	for _, m := range testName.FindAllStringSubmatch(text, -1) {
		named++
		if !defined[m[1]] {
			missing = append(missing, m[1])
		}
	}
	return missing, named, err
}

func definedTests(tree fs.FS) (defined map[string]bool, err error) {
	defined = map[string]bool{}
	err = fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if err == nil && name != "." && (strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "node_modules") {
				return fs.SkipDir
			}
			return err
		}
		if strings.HasSuffix(name, "_test.go") {
			source, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			for _, m := range testDefine.FindAllStringSubmatch(string(source), -1) {
				defined[m[1]] = true
			}
		}
		return nil
	})
	return defined, err
}
