package script

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/referrals/directory"
)

func loaded(t testing.TB) *Script {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryCallEnds follows every button: the end is reached on each way, in a few presses, and whatever is urgent comes
// before anybody asks what it is about.
func TestEveryCallEnds(t *testing.T) {
	s := loaded(t)
	ways, longest := 0, 0
	var follow func(w Walk, presses int)
	follow = func(w Walk, presses int) {
		at := s.At(w)
		if s.Last(at) {
			ways, longest = ways+1, max(longest, presses)
			return
		}
		for i := range s.Steps[at].Choices {
			next, ok := s.Press(w, i)
			if !ok || s.At(next) <= at {
				t.Fatalf("%s: button %d leads back", s.Steps[at].ID, i)
			}
			if next.StepBack() != w {
				t.Fatalf("%s: the way back is another", s.Steps[at].ID)
			}
			follow(next, presses+1)
		}
	}
	follow(Walk{}, 0)
	t.Logf("%d ways, at most %d presses", ways, longest)
	if ways < 60 || longest > 9 {
		t.Errorf("%d ways, at most %d presses", ways, longest)
	}
	if urgent := s.Urgent(); len(urgent) != 4 || urgent[2].ID != "dark" {
		t.Errorf("behind danger: %v", urgent)
	}
}

// TestTheRulesOfTheDraft holds the rules of the draft that are structure.
func TestTheRulesOfTheDraft(t *testing.T) {
	s := loaded(t)
	step := func(id string) *Step {
		i := slices.IndexFunc(s.Steps, func(x Step) bool { return x.ID == id })
		if i < 0 {
			t.Fatalf("no step %s", id)
		}
		return &s.Steps[i]
	}
	for id, needs := range map[string][]string{
		"danger": {directory.Emergency}, "hurt": {directory.Emergency, "acute-medical"}, "dark": {directory.Emergency, "mental-health-crisis"},
		"threat": {directory.Emergency, "police"}, "cut": {directory.Emergency, "acute-medical", "mental-health-crisis"},
		"fear": {"acute-medical", "mental-health-crisis", "domestic-abuse"}, "put": {directory.Emergency, "police", "domestic-abuse", "modern-slavery"},
		"child": {directory.Emergency, "child-safeguarding"}, "keys": {"tech-abuse", "domestic-abuse"}, "sore": {"acute-medical"},
		"relative": {"dementia"}, "work": {"work", "data-protection"}, "staff": {"work", "data-protection"},
	} {
		for _, need := range needs {
			if !slices.Contains(step(id).Hands, need) {
				t.Errorf("%s does not hand over to %s", id, need)
			}
		}
	}
	for _, id := range []string{"fear", "put", "sore", "out"} { // taking it out oneself is asked by name
		if !slices.ContainsFunc(step(id).Choices, func(c Choice) bool { return s.Steps[c.To].ID == "cut" }) {
			t.Errorf("%s does not lead to somebody who has cut", id)
		}
	}
	for _, id := range []string{"relative", "partner", "child", "staff"} {
		if x := step(id); !x.Law || x.Never == 0 || x.Why == "" || len(x.Hands) == 0 {
			t.Errorf("a request for somebody else (%s) lacks the law, a never, a why or help", id)
		}
	}
	for _, id := range []string{"dark", "threat", "partner", "child", "staff", "end"} {
		if !slices.Contains(step(id).Company, Lead) {
			t.Errorf("%s does not tell the lead", id)
		}
	}
}

// TestTheLawIsCurrent holds what the law must say, and that past its day there is none.
func TestTheLawIsCurrent(t *testing.T) {
	s := loaded(t)
	last := s.Law.Again.Add(23 * time.Hour)
	for _, request := range []string{"relative", "partner", "child", "staff", "work"} {
		points, fresh := s.Law.For(request, last)
		var nations directory.Nations
		for _, p := range points {
			nations |= p.Nations
		}
		if !fresh || nations != directory.AllNations {
			t.Errorf("%s: %v, %v", request, fresh, nations)
		}
		if points, fresh := s.Law.For(request, last.AddDate(0, 0, 1)); fresh || points != nil {
			t.Errorf("%s: past its day the law is still told", request)
		}
	}
	if s.Check(last) != nil || s.Check(last.AddDate(0, 0, 1)) == nil {
		t.Error("the check does not know the day")
	}
	i := slices.IndexFunc(s.Law.Points, func(p Point) bool { return p.ID == "liberty" })
	if i < 0 || !slices.Contains(s.Law.Points[i].Sources, "uksc16") || s.Law.ReadOn.Before(time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)) {
		t.Error("the change of June 2026 is not in it")
	}
	if points, _ := s.Law.For("sore", last); points != nil {
		t.Error("the law stands where nobody asks for it")
	}
}

// TestWhatIsCarried holds that a walk comes back as it was, in one size, and that nothing else is taken for one.
func TestWhatIsCarried(t *testing.T) {
	s := loaded(t)
	rapid.Check(t, func(t *rapid.T) {
		var w Walk
		for range rapid.IntRange(0, 11).Draw(t, "presses") {
			next, ok := s.Press(w, rapid.IntRange(-1, 10).Draw(t, "button"))
			if !ok && next != w {
				t.Fatal("a button that is none moved the call")
			}
			w = next
		}
		packed := w.Pack()
		back, ok := s.Unpack(packed)
		if !ok || back != w || len(packed) != len(Walk{}.Pack()) {
			t.Fatalf("%v became %v", w, back)
		}
		at := rapid.IntRange(0, len(packed)-1).Draw(t, "at")
		packed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if other, ok := s.Unpack(packed); ok && !slices.Equal(other.Pack(), packed) {
			t.Fatal("it is read as something that it does not say")
		}
	})
	for name, bad := range map[string][]byte{"nothing": nil, "short": {1, 0}, "long": make([]byte, 99), "far": append([]byte{200}, make([]byte, 12)...), "no button": append([]byte{1, 9}, make([]byte, 11)...), "beyond": append([]byte{0, 1}, make([]byte, 11)...)} {
		if _, ok := s.Unpack(bad); ok {
			t.Errorf("%s is taken", name)
		}
	}
	w, _ := s.Press(Walk{}, 4)
	if w, _ = s.Press(w, 1); !s.Pressed(w, "talk", "heard") || s.Pressed(w, "talk", "free") || s.Pressed(w, "safe", "danger") || !w.Begun() || (Walk{}).Begun() {
		t.Error("what was pressed is not known")
	}
}

// TestFaultsAreFound breaks the content in every way that the loader looks for.
func TestFaultsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		file     *[]byte
		old, new string
	}{
		"a loop":                   {&scriptFile, "choices: [{id: done, to: end}]", "choices: [{id: done, to: safe}]"},
		"a dead end":               {&scriptFile, "address: true, choices: [{id: go, to: close}], ", "address: true, "},
		"a step nobody comes to":   {&scriptFile, "{id: none, to: none}", "{id: none, to: link}"},
		"a button to nowhere":      {&scriptFile, "{id: passed-on, to: end}", "{id: passed-on, to: nowhere}"},
		"urgent without 999":       {&scriptFile, "hands: [emergency, acute-medical], choices", "hands: [acute-medical], choices"},
		"urgent after calm":        {&scriptFile, "[{id: danger, to: danger}, ", "[{id: danger, to: talk}, "},
		"an unknown need":          {&scriptFile, "hands: [dementia]", "hands: [demons]"},
		"an unknown entry":         {&scriptFile, "entry: worry", "entry: aliens"},
		"an unknown part":          {&scriptFile, "company: [legal]", "company: [shop]"},
		"a reviewed script":        {&scriptFile, "reviewed: awaiting", "reviewed: \"yes\""},
		"an unknown key":           {&scriptFile, "  - id: safe", "  - text: hello\n    id: safe"},
		"no source":                {&scriptFile, "sources: [duval, own]", "sources: []"},
		"an unknown source":        {&scriptFile, "sources: [duval, own]", "sources: [hearsay]"},
		"a source for nothing":     {&scriptFile, "sources: [herbert, mwc, own]", "sources: [mwc, own]"},
		"a step twice":             {&scriptFile, "- id: talk", "- id: safe"},
		"the law where none is":    {&scriptFile, "{id: work, entry: work, say: 2, do: 1, never: 2, law: true,", "{id: work, entry: work, say: 2, do: 1, never: 2,"},
		"a nation without law":     {&lawFile, "nations: [scotland], findings: [implant.request-for-a-partner]", "nations: [wales], findings: [implant.request-for-a-partner]"},
		"an unknown nation":        {&lawFile, "[england, wales]", "[england, cornwall]"},
		"law for an unknown step":  {&lawFile, "requests: [child]", "requests: [pets]"},
		"law of no finding":        {&lawFile, "findings: [implant.request-for-a-child]", "findings: []"},
		"law good for ever":        {&lawFile, `again: "2027-05-24"`, `again: "2026-11-24"`},
		"a source without address": {&sourcesFile, `address: "https://doi.org/10.2196/preprints.50505", `, ""},
	} {
		files := map[*[]byte][]byte{&scriptFile: scriptFile, &lawFile: lawFile, &sourcesFile: sourcesFile}
		broken := strings.Replace(string(*c.file), c.old, c.new, 1)
		if broken == string(*c.file) {
			t.Fatalf("%s: nothing was changed", name)
		}
		files[c.file] = []byte(broken)
		if _, err := read(files[&scriptFile], files[&lawFile], files[&sourcesFile]); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
