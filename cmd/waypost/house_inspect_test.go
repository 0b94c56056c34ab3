package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "waypost"

// room is one line of the table: a directory, the question it answers, and the rooms it may look into.
type room struct {
	path, answers string
	may           []string
}

// library is a foreign module and the packages (with those below them) that may import it; tests: test files anywhere may.
type library struct {
	path  string
	lives []string
	tests bool
}

// fixture is a package that serves tests; but are the packages that may import it all the same.
type fixture struct {
	path string
	but  []string
}

// inspect reads every Go file of the tree, whatever its build tags, and says in plain words what does not fit the house.
func inspect(tree fs.FS) ([]string, error) {
	var faults []string
	documented := map[string]bool{} // directory of product code -> has a package comment
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		left := func(pattern string) bool { ok, _ := path.Match(pattern, e.Name()); return ok }
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(top, e.Name()) && !slices.ContainsFunc(litter, left) {
			faults = append(faults, e.Name()+": may not stand at the top")
		}
	}
	err = fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if skipped(tree, name) {
				return fs.SkipDir
			}
			if slices.Contains(nameless, e.Name()) {
				faults = append(faults, name+": a thing without a room has no name yet")
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
		faults = append(faults, importFaults(name, dir, test, file)...)
		if !test {
			documented[dir] = documented[dir] || packageComment(file)
			faults = append(faults, wordFaults(name, file)...)
		}
		return nil
	})
	for dir, ok := range documented {
		if !ok {
			faults = append(faults, dir+": no package comment saying what it is for and what it refuses to do")
		}
	}
	slices.Sort(faults)
	return faults, err
}

// skipped names what is no part of the product's own code: other modules, data of tests, dot folders.
func skipped(tree fs.FS, dir string) bool {
	base := path.Base(dir)
	if dir == "." {
		return false
	}
	if strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" {
		return true
	}
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}

func within(dir, parent string) bool { return dir == parent || strings.HasPrefix(dir, parent+"/") }

// roomOf is the deepest room that holds the directory.
func roomOf(dir string) (room, bool) {
	var best room
	for _, r := range house {
		if within(dir, r.path) && len(r.path) > len(best.path) {
			best = r
		}
	}
	return best, best.path != ""
}

func importFaults(name, dir string, test bool, file *ast.File) []string {
	from, ok := roomOf(dir)
	if !ok {
		return []string{name + ": stands in no room of the house"}
	}
	var faults []string
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return []string{name + ": unreadable import"}
		}
		var fault string
		switch {
		case within(target, module):
			fault = ownFault(from, dir, strings.TrimPrefix(target, module+"/"), test)
		case strings.Contains(strings.SplitN(target, "/", 2)[0], "."):
			fault = foreignFault(dir, target, test)
		case slices.Contains(unwanted, target) && !test:
			fault = "we do without it in the product"
		}
		if fault != "" {
			faults = append(faults, fmt.Sprintf("%s imports %s: %s", name, target, fault))
		}
	}
	return faults
}

func ownFault(from room, dir, target string, test bool) string {
	to, ok := roomOf(target)
	if !ok {
		return "it stands in no room of the house"
	}
	if i := slices.IndexFunc(fixtures, func(f fixture) bool { return f.path == target }); i >= 0 {
		if !test && !slices.ContainsFunc(append(fixtures[i].but, target), func(d string) bool { return within(dir, d) }) {
			return "it is for tests only"
		}
		if to.path == "internal/softkey" {
			return "" // it looks at nothing of ours, so nothing comes up the stairs with it
		}
	}
	if to.path == "internal/vault" && dir != "internal/vault" && !slices.Contains(handlesPersonalData, dir) {
		return "only " + strings.Join(handlesPersonalData, ", ") + " handle personal data"
	}
	if slices.ContainsFunc(engines, func(e string) bool { return within(target, e) }) {
		if from.path == "cmd/waypost" || within(dir, target) || test && (from.path == to.path || slices.Contains(from.may, to.path)) {
			return ""
		}
		return "the engine of the store is chosen in cmd/waypost alone"
	}
	if from.path == to.path || slices.Contains(from.may, to.path) {
		return ""
	}
	return fmt.Sprintf("%s (%s) may look into: %s", from.path, from.answers, strings.Join(append([]string{"itself"}, from.may...), ", "))
}

func foreignFault(dir, target string, test bool) string {
	for _, l := range foreign {
		if !within(target, l.path) {
			continue
		}
		if l.tests && test || slices.ContainsFunc(l.lives, func(r string) bool { return within(dir, r) }) {
			return ""
		}
		if len(l.lives) == 0 {
			return "it is for tests only"
		}
		return "it lives in " + strings.Join(l.lives, ", ") + " only"
	}
	return "a new foreign library needs a page in docs/decisions and a line in the house"
}
