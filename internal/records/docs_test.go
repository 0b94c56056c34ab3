package records_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A claim about erasing stands on a test. If the test is renamed or deleted, the claim has lost its ground.
func TestRetentionNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/retention.md")
	must(t, err)
	defined := map[string]bool{}
	define := regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
	must(t, filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && strings.HasPrefix(e.Name(), ".") && len(e.Name()) > 2 {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, m := range define.FindAllStringSubmatch(string(source), -1) {
			defined[m[1]] = true
		}
		return err
	}))
	named := regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 20 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, m := range named {
		if !defined[m[1]] {
			t.Errorf("docs/retention.md stands on %s, and there is no such test", m[1])
		}
	}
}
