package national

import (
	"errors"
	"strings"
	"testing"

	"waypost/referrals/directory"
)

// sound is an invented row; tests spoil one line of it.
const sound = `services:
  - id: invented-line
    name: "Invented line"
    needs: [stalking]
    nations: [england]
    who: {min_age: 16, sex: women, groups: [deaf]}
    ways:
      - {by: phone, at: "0808 157 0000", status: secondary}
    hours: {text: "24/7", always: true}
    bill_trace: {is: no_bill, source: "https://line.example.org/bill"}
    prof: both
    status: official
    sources:
      - {address: "https://line.example.org/about", says: "number"}
    source_date: "undated"
    read_on: 2026-11-24
    verified_by: ""
    verified_on: ""
`

func TestReadFillsInOnlyWhatTheFileLeavesOut(t *testing.T) {
	services, err := read([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	s := services[0]
	if s.ShownTo != directory.Anyone || s.Who.Only != directory.Woman || s.Who.MinAge != 16 || s.Who.Groups[0] != directory.Deaf {
		t.Errorf("%+v", s)
	}
	if s.Ways[0].Status != directory.Secondary || s.Hours.Status != directory.Official {
		t.Errorf("statuses %s and %s", s.Ways[0].Status, s.Hours.Status)
	}
	if s.ReadOn.Format("2006-01-02") != "2026-11-24" || !s.VerifiedOn.IsZero() {
		t.Errorf("days %v %v", s.ReadOn, s.VerifiedOn)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		says           []string
	}{
		{"an unknown key", "    prof: both", "    prof: both\n    score: 3", []string{"invented-line", "score"}},
		{"an unknown key in a way", "status: secondary}", "status: secondary, trusted: true}", []string{"invented-line", "trusted"}},
		{"a key twice", "    prof: both", "    prof: both\n    prof: none", []string{"invented-line", "prof"}},
		{"a word for a number", "min_age: 16", "min_age: sixteen", []string{"invented-line"}},
		{"an id twice", "    verified_on: \"\"\n", "    verified_on: \"\"\n" + strings.TrimPrefix(sound, "services:\n"), []string{"invented-line: id"}},
		{"an unknown need", "[stalking]", "[swimming]", []string{"invented-line: needs"}},
		{"an unknown nation", "[england]", "[cornwall]", []string{"invented-line: nations"}},
		{"the unknown nation", "[england]", "[unknown]", []string{"invented-line: nations"}},
		{"a nation twice", "[england]", "[england, england]", []string{"invented-line: nations"}},
		{"no nation, and not said so", "    nations: [england]\n", "", []string{"invented-line: nations"}},
		{"nations, and said to be unstated", "    nations: [england]", "    nations: [england]\n    nation_not_stated: true", []string{"invented-line: nations"}},
		{"no source", "    sources:\n      - {address: \"https://line.example.org/about\", says: \"number\"}\n", "", []string{"invented-line: sources"}},
		{"no number", "0808 157 0000", "0808", []string{"invented-line: ways"}},
		{"from memory", "Invented line", "Invented line (from memory)", []string{"invented-line: name"}},
		{"unverified", "24/7", "24/7 (unverified)", []string{"invented-line: hours"}},
		{"no way in", "    ways:\n      - {by: phone, at: \"0808 157 0000\", status: secondary}\n", "", []string{"invented-line: ways"}},
		{"an unknown sex", "sex: women", "sex: ladies", []string{"invented-line: who: sex"}},
		{"an unknown audience", "    prof: both", "    prof: both\n    audience: friends", []string{"invented-line: audience"}},
		{"an unknown care of telephones", "    prof: both", "    prof: both\n    monitored_phone: fine", []string{"invented-line: monitored_phone"}},
		{"no such day", "2026-11-24", "2026-11-31", []string{"invented-line: read_on"}},
		{"a day with an hour", "2026-11-24", "2026-11-24T10:00:00Z", []string{"invented-line: read_on"}},
		{"rung by nobody", `verified_on: ""`, `verified_on: "2026-11-25"`, []string{"invented-line: verified_by"}},
		{"no id", "  - id: invented-line\n    name", "  - name", []string{"service 1: id"}},
		{"a second document", "    prof: both", "    prof: both\n---\nservices: []", []string{"document"}},
		{"another key at the top", "services:", "version: 1\nservices:", []string{"version"}},
		{"no service", sound, "services: []", []string{"none"}},
		{"nothing", sound, "", []string{"services"}},
		{"no YAML", sound, "services: [", nil},
	} {
		spoilt := strings.Replace(sound, tt.from, tt.to, 1)
		if spoilt == sound {
			t.Fatalf("%s: the test spoils nothing", tt.name)
		}
		services, err := read([]byte(spoilt))
		if err == nil || services != nil {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		if !errors.Is(err, ErrFile) && !errors.Is(err, directory.ErrUnsound) {
			t.Errorf("%s: an error that nobody can know: %v", tt.name, err)
		}
		for _, words := range tt.says {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %q does not say %q", tt.name, err, words)
			}
		}
	}
}

func TestTheRightEntryIsBlamed(t *testing.T) {
	second := strings.Replace(strings.TrimPrefix(sound, "services:\n"), "invented-line", "second-line", 1)
	for row, want := range map[string]string{sound: "invented-line", "services:\n" + second: "second-line"} {
		spoilt := strings.Replace(row, "    prof: both", "    score: 3", 1)
		both := spoilt + second
		if want == "second-line" {
			both = sound + strings.TrimPrefix(spoilt, "services:\n")
		}
		if _, err := read([]byte(both)); err == nil || !strings.Contains(err.Error(), "read services: "+want+":") {
			t.Errorf("%v does not blame %s", err, want)
		}
	}
}

func TestReadReportsAllFaultsTogether(t *testing.T) {
	spoilt := strings.NewReplacer("[stalking]", "[swimming]", "[england]", "[cornwall]", "0808 157 0000", "ring us").Replace(sound)
	_, err := read([]byte(spoilt))
	for _, field := range []string{"needs", "nations", "ways"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%q does not name %s", err, field)
		}
	}
}

// Whatever the bytes: an error that can be known, or services that can be opened and matched.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sound))
	f.Add(file)
	f.Add([]byte("services:\n- &a {id: a}\n- *a\n"))
	f.Add([]byte("services: {id: a}"))
	f.Add([]byte("services:\n  - id: !!binary aGVsbG8=\n    ways: [null]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		services, err := read(b)
		if err != nil {
			if !errors.Is(err, ErrFile) && !errors.Is(err, directory.ErrUnsound) {
				t.Fatalf("%v", err)
			}
			return
		}
		d, err := directory.Open(services)
		if err != nil {
			t.Fatalf("read accepts what Open refuses: %v", err)
		}
		for _, m := range d.Match(directory.Wants{Needs: directory.Needs(), Today: today, Audience: directory.Public, Limit: directory.HardLimit}).Matches {
			if len(m.Service.Ways) == 0 || len(m.Service.Sources) == 0 || m.Service.ShownTo != directory.Anyone {
				t.Fatalf("%s reached the public", m.Service.ID)
			}
		}
	})
}
