package main_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ASVS 5.0.0: how many requirements of level 1, 2 and 3 each of the 17 chapters has.
var asvsChapters = [17][3]int{
	{8, 19, 3}, {4, 7, 2}, {8, 11, 12}, {2, 8, 6}, {4, 5, 4}, {13, 22, 12}, {6, 12, 1}, {4, 3, 6}, {4, 3, 0}, {5, 24, 7}, {3, 11, 10}, {3, 6, 3},
	{1, 12, 8}, {2, 7, 4}, {3, 10, 8}, {0, 16, 1}, {0, 7, 5},
}

// The only requirements that we decided against, with their reasons in the decision.
var asvsExceptions = []string{"3.4.7", "3.7.3"}

const asvsDecision = "docs/decisions/0012-asvs-exceptions.md"

// A claim of the standard stands on tests that exist, or on a file that does.
func TestASVSStandsOnWhatExists(t *testing.T) {
	tree := os.DirFS("../..")
	defined, list := definedAndList(t, tree)
	faults, claims, err := asvsFaults(tree, defined, list)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("docs/asvs.csv: %s", f)
	}
	t.Logf("claims: %v", claims)
	decision, err := fs.ReadFile(tree, asvsDecision)
	if err != nil {
		t.Fatal(err)
	}
	missing, _, err := unfounded(tree, string(decision))
	if err != nil || len(missing) > 0 {
		t.Errorf("%s stands on %q: %v", asvsDecision, missing, err)
	}
	for _, id := range asvsExceptions {
		if !strings.Contains(string(decision), "**Exception "+id+",") {
			t.Errorf("%s gives no reason for %s", asvsDecision, id)
		}
	}
}

func TestAWrongRowOfASVSIsSeen(t *testing.T) {
	tree := os.DirFS("../..")
	defined, list := definedAndList(t, tree)
	at := strings.Index(list, "\n3.4.4,") + 1
	row, _, _ := strings.Cut(list[at:], "\n")
	for name, wrong := range map[string]string{
		"met by nothing":                   "3.4.4,2,yes,met,,",
		"met by words":                     "3.4.4,2,yes,met,,we are sure of it",
		"met by a file that is gone":       "3.4.4,2,yes,met,,docs/none.md; it says so",
		"met by a test that nobody wrote":  "3.4.4,2,yes,met,TestThatNobodyWrote,",
		"met by what is no test":           "3.4.4,2,yes,met,by hand,",
		"one of two tests is not there":    "3.4.4,2,yes,met,TestRawRequests TestThatNobodyWrote,",
		"another level":                    "3.4.4,1,yes,met,TestRawRequests,",
		"no level":                         "3.4.4,4,yes,met,TestRawRequests,",
		"another claim":                    "3.4.4,2,yes,nearly,TestRawRequests,",
		"not yet, and not what":            "3.4.4,2,yes,not yet,TestRawRequests,",
		"not applicable, and no reason":    "3.4.4,2,no: ,not applicable,,",
		"not applicable, and yet it is":    "3.4.4,2,yes,not applicable,,",
		"met, and not applicable":          "3.4.4,2,no: nosniff is old,met,TestRawRequests,",
		"an exception that nobody decided": "3.4.4,2,yes,exception,," + asvsDecision,
		"a requirement twice":              row + "\n" + row,
		"a requirement in another's place": "3.4.3,2,yes,met,TestRawRequests,",
		"a requirement that is not there":  "3.9.9,2,yes,met,TestRawRequests,",
		"no id":                            "V3,2,yes,met,TestRawRequests,",
	} {
		faults, _, err := asvsFaults(tree, defined, list[:at]+wrong+list[at+len(row):])
		if err != nil || len(faults) == 0 {
			t.Errorf("%s: not seen, %v", name, err)
		}
	}
	if faults, _, err := asvsFaults(tree, defined, strings.Replace(list, row+"\n", "", 1)); err != nil || len(faults) == 0 {
		t.Errorf("a requirement left out: not seen, %v", err)
	}
}

func definedAndList(t *testing.T, tree fs.FS) (map[string]bool, string) {
	t.Helper()
	defined, err := definedTests(tree)
	if err != nil {
		t.Fatal(err)
	}
	list, err := fs.ReadFile(tree, "docs/asvs.csv")
	if err != nil {
		t.Fatal(err)
	}
	return defined, string(list)
}

// asvsFaults reads the list row by row and says what does not hold, and how often each claim is made.
func asvsFaults(tree fs.FS, defined map[string]bool, list string) (faults []string, claims map[string]int, err error) {
	rows, err := csv.NewReader(strings.NewReader(list)).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(rows[0], []string{"id", "level", "applies", "claim", "test", "evidence"}) {
		return []string{"the columns are others"}, nil, nil
	}
	seen, last, levels := map[string]bool{}, [3]int{}, [17][3]int{}
	claims = map[string]int{}
	for _, row := range rows[1:] {
		id := row[0]
		at, ok := requirement(id)
		level, err := strconv.Atoi(row[1])
		if !ok || err != nil || level < 1 || level > 3 || seen[id] {
			faults = append(faults, id+": no requirement of level 1 to 3, or twice")
			continue
		}
		if next := at[2] == last[2]+1 && at[1] == last[1] && at[0] == last[0]; !next && at[2] != 1 {
			faults = append(faults, id+": the one before it is missing")
		}
		seen[id], last = true, at
		levels[at[0]-1][level-1]++
		claims[row[3]]++
		if why := asvsRow(tree, defined, row); why != "" {
			faults = append(faults, id+": "+why)
		}
	}
	if levels != asvsChapters {
		faults = append(faults, fmt.Sprintf("the levels by chapter are %v", levels))
	}
	return faults, claims, nil
}

func requirement(id string) (at [3]int, ok bool) {
	parts := strings.Split(id, ".")
	if len(parts) != 3 {
		return at, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 {
			return at, false
		}
		at[i] = n
	}
	return at, at[0] <= len(asvsChapters)
}

// asvsRow says what is wrong with one claim.
func asvsRow(tree fs.FS, defined map[string]bool, row []string) string {
	id, applies, claim, tests, evidence := row[0], row[2], row[3], strings.Fields(row[4]), row[5]
	for _, name := range tests {
		if !defined[name] {
			return "there is no test " + name
		}
	}
	reason, no := strings.CutPrefix(applies, "no: ")
	if no != (claim == "not applicable") || !no && applies != "yes" || no && reason == "" {
		return "applies and claim do not agree, or there is no reason"
	}
	file, _, _ := strings.Cut(evidence, ";")
	_, err := fs.Stat(tree, file)
	switch claim {
	case "met":
		if len(tests) == 0 && (file == "" || err != nil) {
			return "met, by no test and no file"
		}
	case "not yet":
		if evidence == "" {
			return "not yet, and not what is missing"
		}
	case "exception":
		if !slices.Contains(asvsExceptions, id) || file != asvsDecision {
			return "an exception that nobody decided"
		}
	case "not applicable":
	default:
		return "a claim that is none"
	}
	return ""
}
