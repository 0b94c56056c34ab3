package directory

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheckNamesTheIDAndTheField(t *testing.T) {
	way := func(by By, at string) func(*Service) {
		return func(s *Service) { s.Ways = []Way{{By: by, At: at, Status: Official}} }
	}
	for _, tt := range []struct {
		name  string
		field string
		spoil func(*Service)
	}{
		{"an id in capitals", "id", func(s *Service) { s.ID = "Line" }},
		{"no name", "name", func(s *Service) { s.Name = "" }},
		{"no need", "needs", serves()},
		{"an unknown need", "needs", serves("swimming")},
		{"a need twice", "needs", serves("legal", "legal")},
		{"for people who use abuse, and a need", "needs", func(s *Service) { s.ShownTo = NeverWithVictim }},
		{"nations beyond the four", "nations", func(s *Service) { s.Nations = 1 << 6 }},
		{"an audience nobody knows", "audience", func(s *Service) { s.ShownTo = "friends" }},
		{"no way in", "ways", by()},
		{"a way nobody knows", "ways", way("pigeon", "home")},
		{"words for a number", "ways", way(Phone, "ring the office")},
		{"too few digits", "ways", way(Phone, "0808 80 10 8")},
		{"too many digits", "ways", way(Phone, "0808 157 00000")},
		{"no leading nought", "ways", way(Phone, "808 157 0000")},
		{"two numbers in one", "ways", way(Phone, "0808 157 0000; 0808 157 0001")},
		{"a short code that is no text number", "ways", way(Text, "12345")},
		{"an emergency number that is none", "ways", way(Phone, "998")},
		{"abroad, too short", "ways", way(Phone, "+44 20 7008 151")},
		{"no address", "ways", way(Website, "line.example.org")},
		{"an address that runs code", "ways", way(Website, "javascript:alert(1)")},
		{"an address with a password", "ways", way(Website, "https://a:b@line.example.org")},
		{"a shortened address", "ways", way(Webchat, "https://line.example.org/...")},
		{"an email without a host", "ways", way(Email, "help@line")},
		{"a place without words", "ways", way(Local, "")},
		{"a way without status", "ways", func(s *Service) { s.Ways[0].Status = "" }},
		{"a disputed way that does not say why", "ways", func(s *Service) { s.Ways[0].Status = Disputed }},
		{"an emergency mark on a helpline", "emergency_number", func(s *Service) { s.EmergencyNumber = true }},
		{"an emergency mark and a helpline beside it", "emergency_number", func(s *Service) {
			s.EmergencyNumber = true
			s.Ways = append(s.Ways, Way{By: Phone, At: "111", Status: Official})
		}},
		{"hours without words", "hours", func(s *Service) { s.Hours = Hours{Always: true, Status: Official} }},
		{"all hours, disputed", "hours", func(s *Service) { s.Hours = Hours{Text: "24/7", Always: true, Status: Disputed} }},
		{"off the bill on trust", "bill_trace", func(s *Service) { s.Bill = Bill{Trace: NotOnBill} }},
		{"an 0300 number that shows nowhere", "bill_trace", way(Phone, "0300 123 2040")},
		{"a bill nobody knows", "bill_trace", func(s *Service) { s.Bill.Trace = "perhaps" }},
		{"a profession nobody knows", "prof", func(s *Service) { s.Prof = "maybe" }},
		{"no status", "status", func(s *Service) { s.Status = "" }},
		{"a whole service in dispute", "status", func(s *Service) { s.Status = Disputed }},
		{"no source", "sources", func(s *Service) { s.Sources = nil }},
		{"a source without an address", "sources", func(s *Service) { s.Sources = []Source{{Address: "a leaflet"}} }},
		{"no date of the source", "source_date", func(s *Service) { s.SourceDate = "" }},
		{"never read", "read_on", func(s *Service) { s.ReadOn = time.Time{} }},
		{"rung by nobody", "verified_by", func(s *Service) { s.VerifiedOn = readOn }},
		{"rung on no day", "verified_by", func(s *Service) { s.VerifiedBy = "an invented checker" }},
		{"ages the wrong way round", "who", whom(Who{MinAge: 18, MaxAge: 16})},
		{"a negative age", "who", whom(Who{MinAge: -1})},
		{"an unknown group", "who", whom(Who{Groups: []Group{"swimmers"}})},
		{"an unknown sex", "who", whom(Who{Only: 7})},
		{"a note from memory", "notes", func(s *Service) { s.Notes = []string{"hours (From Memory)"} }},
		{"an unverified warning", "warnings", func(s *Service) { s.Warnings = []string{"number unverified"} }},
		{"hours not verified", "hours", func(s *Service) { s.Hours = Hours{Text: "24/7 (not verified)", Status: Official} }},
		{"a note on a way", "ways", func(s *Service) { s.Ways[0].Note = "from memory" }},
		{"a promise that nothing is left", "for", func(s *Service) { s.For = "a call leaves no trace" }},
		{"a line break", "name", func(s *Service) { s.Name = "Line\nUrgent" }},
		{"spaces around", "area", func(s *Service) { s.Area = " an invented county " }},
	} {
		s := invented("spoilt", tt.spoil)
		err := Check([]Service{invented("sound"), s})
		if !errors.Is(err, ErrUnsound) {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		label := "spoilt: "
		if tt.field == "id" {
			label = "service 2: "
		}
		if !strings.Contains(err.Error(), label+tt.field) {
			t.Errorf("%s: %q does not name %s%s", tt.name, err, label, tt.field)
		}
		if strings.Contains(err.Error(), "0808") || strings.Contains(err.Error(), "sound: name") {
			t.Errorf("%s: %q repeats content or blames the sound one", tt.name, err)
		}
	}
}

func TestCheckRefusesAnIDTwice(t *testing.T) {
	if err := Check([]Service{invented("a"), invented("b"), invented("a")}); err == nil || !strings.Contains(err.Error(), "a: id") {
		t.Errorf("%v", err)
	}
}

func TestCheckAcceptsNumbersAsTheyAreWritten(t *testing.T) {
	for _, w := range []Way{
		{By: Phone, At: "999"}, {By: Phone, At: "101"}, {By: Phone, At: "111"}, {By: Phone, At: "116 123"}, {By: Phone, At: "0800 1111"},
		{By: Phone, At: "0808 80 10 800"}, {By: Phone, At: "08088 01 03 02"}, {By: Phone, At: "0800 58 58 58"}, {By: Phone, At: "+44 20 7008 0151"},
		{By: Textphone, At: "18000"}, {By: Textphone, At: "18001 111"}, {By: Textphone, At: "18001 0808 808 8000"},
		{By: Text, At: "85258"}, {By: Text, At: "999"}, {By: Text, At: "07860 077333"},
	} {
		w.Status = Official
		if err := Check([]Service{invented("a", by(w))}); err != nil {
			t.Errorf("%s %s: %v", w.By, w.At, err)
		}
	}
}

func TestNationWords(t *testing.T) {
	for n := UnknownNation; n < nationCount; n++ {
		if got, err := ParseNation(n.String()); err != nil || got != n {
			t.Errorf("%s: %v %v", n, got, err)
		}
	}
	for _, word := range []string{"England", "uk", "ireland", "northern ireland"} {
		if _, err := ParseNation(word); !errors.Is(err, ErrNation) {
			t.Errorf("%q: %v", word, err)
		}
	}
	if n, err := ParseNation(""); n != UnknownNation || err != nil {
		t.Errorf("empty: %v %v", n, err)
	}
	if got := Nations(0).With(Wales).With(UnknownNation).With(NorthernIreland).List(); len(got) != 2 || got[0] != Wales || got[1] != NorthernIreland {
		t.Errorf("%v", got)
	}
}
