package consult_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// aDeath is an invented death: a pump that the brother has now, a reading that nobody can explain, and a woman who had been
// afraid of him.
func aDeath(more url.Values) url.Values {
	out := url.Values{
		"lang": {"en"}, "about.nation": {"england"}, "about.subject": {"person-who-has-died"}, "gateway.fear": {"yes"},
		"danger.violence": {"yes"}, "gateway.topics": {"health-devices-and-record"}, "health.relies-on": {"insulin-pump"},
		"health.now": {"low-sugar"}, "health.unexplained": {"yes"}, "health.device-after-death": {"with-family"},
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

var (
	box   = regexp.MustCompile(`(?s)<textarea([^>]*)>(.*?)</textarea>`)
	named = regexp.MustCompile(` name="([^"]*)"`)
)

// After a death a note for the coroner is offered, with what was told of the device and its harm and nothing of the abuse.
// It stands in a box without a name: the page has no way to send it anywhere.
func TestTheCoronersNoteIsShownAndSentNowhere(t *testing.T) {
	address := listening(t, server(t, council(t), time.Now))
	if _, page := post(t, address, aDeath(nil)); !strings.Contains(page, `value="note-coroner"`) {
		t.Fatal("no note is offered after a death")
	}
	status, page := post(t, address, aDeath(url.Values{"view": {"note-coroner"}}))
	found := box.FindStringSubmatch(page)
	if status != http.StatusOK || found == nil {
		t.Fatalf("status %d, box %v", status, found)
	}
	if strings.Contains(found[1], "name=") || strings.Contains(found[1], "form=") || !strings.Contains(found[1], `autocomplete="off"`) {
		t.Errorf("the box could be sent or remembered: %s", found[1])
	}
	var fields []string
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(fields, m[1]) {
			fields = append(fields, m[1])
		}
	}
	slices.Sort(fields)
	for _, f := range fields {
		if !slices.Contains([]string{"carried", "color-scheme", "lang", "referrer", "robots", "theme-color", "view", "viewport"}, f) {
			t.Errorf("the page of the note sends %s", f)
		}
	}
	lines := strings.Split(strings.TrimSpace(found[2]), "\n")
	for i, want := range []string{
		"Reported by (role, practice, safe telephone number): not known",
		"Date and time noticed, and date of this note: not known",
		"What happened, in symptoms: symptoms that need care now",
		"Outcome: The person has died.",
		"What the device or app did: a dose, alarm or reading nobody can explain",
		"Name, maker and model: not known",
		"Serial, lot or device identifier; CE or UKCA mark seen? not known",
		"Software version, and the phone and system it ran on: not known",
		"Date put in, and date taken out: not known",
		"Who was using it, by role (patient, carer, clinician, someone else): not known",
		"Where it is now; kept, sealed, altered? the device is with family or its place is not known",
		"What was done to it since: not known",
		"Could someone have interfered with it? This cannot be ruled out.",
		"Cause: not known",
		"Asked of you: Please have the device examined. A device was in use, and what it stored may be lost.",
	} {
		if i >= len(lines) || lines[i] != want {
			t.Errorf("line %d: %q, want %q", i+1, slices.Concat(lines, make([]string, 20))[i], want)
		}
	}
	for _, told := range []string{"afraid", "hurt", "violence"} {
		if strings.Contains(found[2], told) {
			t.Errorf("the note tells of the abuse: %q", told)
		}
	}
}

// Where nobody has died there is no such note, asked for or not; what comes back under its name is left out, and the page says so.
func TestTheCoronersNoteNeedsADeath(t *testing.T) {
	address := listening(t, server(t, council(t), time.Now))
	for _, view := range []string{"ask", "note-coroner", "note-nobody"} {
		_, page := post(t, address, aDeath(url.Values{"about.subject": {"patient-here"}, "view": {view}}))
		if strings.Contains(page, `value="note-coroner"`) || box.MatchString(page) || !strings.Contains(page, `id="result"`) {
			t.Errorf("view %s: a note without a death, or no page of questions", view)
		}
	}
	for _, name := range []string{"note", "note-coroner"} {
		if _, page := post(t, address, aDeath(url.Values{name: {"written by somebody"}})); strings.Contains(page, "written by somebody") || !strings.Contains(page, "a question that Waypost does not know") {
			t.Errorf("a form with %s was taken", name)
		}
	}
}
