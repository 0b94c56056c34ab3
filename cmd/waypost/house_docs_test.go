package main_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
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
	testName   = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]+)`")
	testDefine = regexp.MustCompile(`(?m)^func (Test[A-Z][A-Za-z0-9]+)\(`)
)

// unfounded lists the tests that a text names and no file of the tree defines, the browser tests included.
func unfounded(tree fs.FS, text string) (missing []string, named int, err error) {
	defined := map[string]bool{}
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
	for _, m := range testName.FindAllStringSubmatch(text, -1) {
		named++
		if !defined[m[1]] {
			missing = append(missing, m[1])
		}
	}
	return missing, named, err
}
