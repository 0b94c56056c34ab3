package national

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
)

var today = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func load(t testing.TB) ([]directory.Service, *directory.Directory) {
	t.Helper()
	services, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.Open(services)
	if err != nil {
		t.Fatal(err)
	}
	return services, d
}

func ids(f directory.Found) []string {
	var list []string
	for _, m := range f.Matches {
		list = append(list, m.Service.ID)
	}
	return list
}

func TestEveryEntryLoads(t *testing.T) {
	services, _ := load(t)
	if got, rows := len(services), strings.Count(string(file), "\n  - id: "); got != rows || got < 100 {
		t.Errorf("%d services of %d rows", got, rows)
	}
}

// A field from memory never ships. The header may say so; the entries may not.
func TestNothingFromMemoryShips(t *testing.T) {
	_, entries, found := strings.Cut(string(file), "\nservices:\n")
	if !found {
		t.Fatal("no entries")
	}
	for _, words := range []string{"from memory", "unverified", "not verified"} {
		for n, line := range strings.Split(entries, "\n") {
			if strings.Contains(strings.ToLower(line), words) {
				t.Errorf("entry line %d: %s", n+1, words)
			}
		}
	}
}

// Numbers that the draft knew from memory only, or that old pages print and nobody answers. None may come back as a way in.
func TestNumbersThatMustNotReturn(t *testing.T) {
	services, _ := load(t)
	for _, number := range []string{
		"08088010321", "03300949395", "02890241929", "08009995786", "08088010500", "01314752399", "02074907689", "08085002222",
		"03001021234", "08088010525", "08007316789", "03001231110", "08007314314", "08088001170", "88247",
		"08009171414", "0800591203", "0800776600", "03456039213", "08454040506", "03002221122", "08451202960", "02070071500",
	} {
		for _, s := range services {
			for _, w := range s.Ways {
				if strings.ReplaceAll(w.At, " ", "") == number {
					t.Errorf("%s: %s", s.ID, number)
				}
			}
		}
	}
}

func TestNobodyHasRungAnythingYet(t *testing.T) {
	services, d := load(t)
	for _, s := range services {
		if s.VerifiedBy != "" || !s.VerifiedOn.IsZero() {
			t.Logf("%s was rung: this test has done its work, and upkeep begins", s.ID)
		}
	}
	if due := directory.Overdue(services, today); len(due) != 0 {
		t.Errorf("overdue on the day after reading: %v", due)
	}
	strict := d.Match(directory.Wants{Needs: directory.Needs(), Mode: directory.VerifiedOnly, Today: today, Nation: directory.England})
	for _, m := range strict.Matches {
		if !m.Service.EmergencyNumber && m.Service.VerifiedBy == "" {
			t.Errorf("mode verified shows %s", m.Service.ID)
		}
	}
	if !slices.Contains(ids(strict), "emergency-999") {
		t.Error("mode verified hides 999")
	}
}

// Each need for which the draft has a service has one here, in one nation at least.
func TestEachNeedHasAService(t *testing.T) {
	_, d := load(t)
	local := []string{"adult-safeguarding", "clinical-local"} // councils and clinics: entered area by area
	for _, need := range directory.Needs() {
		f := d.Match(directory.Wants{Needs: []string{need}, Today: today})
		if missing := len(f.Missing) == 1; missing != slices.Contains(local, need) {
			t.Errorf("%s: missing %v", need, f.Missing)
		}
	}
}

// What no nation may be without, for a patient who takes a paper home.
func TestEachNationHasTheLinesThatMatterMost(t *testing.T) {
	_, d := load(t)
	for nation, lines := range map[directory.Nation]map[string]string{
		directory.England:         {"domestic-abuse": "national-domestic-abuse-helpline", "mental-health-crisis": "nhs-111-mental-health-england"},
		directory.Wales:           {"domestic-abuse": "live-fear-free", "mental-health-crisis": "nhs-111-mental-health-wales"},
		directory.Scotland:        {"domestic-abuse": "scotland-domestic-abuse-forced-marriage-helpline", "mental-health-crisis": "nhs-24-mental-health-hub"},
		directory.NorthernIreland: {"domestic-abuse": "domestic-and-sexual-abuse-helpline-ni", "mental-health-crisis": "lifeline"},
	} {
		for _, audience := range []directory.Audience{directory.Staff, directory.PatientCopy, directory.Public} {
			for need, id := range lines {
				f := d.Match(directory.Wants{Needs: []string{need}, Nation: nation, Audience: audience, Today: today})
				if len(f.Matches) == 0 || f.Matches[0].Service.ID != id {
					t.Errorf("%s, audience %d, %s: %v", nation, audience, need, ids(f))
				}
			}
			f := d.Match(directory.Wants{Needs: []string{"emergency", "stalking", "children", "police"}, Nation: nation, Audience: audience, Today: today, Limit: 1})
			if got := ids(f); len(f.Missing) != 0 || got[0] != "emergency-999" || !slices.Contains(got, "police-101") || !slices.Contains(got, "national-stalking-helpline") {
				t.Errorf("%s, audience %d: %v, missing %v", nation, audience, got, f.Missing)
			}
		}
	}
}

func TestCrisisNumbersAreThoseThatWereRead(t *testing.T) {
	_, d := load(t)
	for id, want := range map[string]directory.Way{
		"nhs-111-mental-health-england": {By: directory.Phone, At: "111", Note: "then select the mental health option (option 2)", Status: directory.Official},
		"nhs-111-mental-health-wales":   {By: directory.Phone, At: "111", Note: "then press 2", Status: directory.Secondary},
		"nhs-24-mental-health-hub":      {By: directory.Phone, At: "111", Note: "NHS 24, Mental Health Hub", Status: directory.Official},
		"lifeline":                      {By: directory.Phone, At: "0808 808 8000", Status: directory.Secondary},
	} {
		s, ok := d.Find(id)
		if !ok || s.Ways[0] != want {
			t.Errorf("%s: %+v", id, s.Ways)
		}
	}
}

// The words of the silent routes were agreed one by one. Changing them is a clinical change.
func TestSilentRoutesAreWordedAsTheyWereRead(t *testing.T) {
	_, d := load(t)
	mobile, _ := d.Find("emergency-999-silent-mobile")
	if mobile.Name != "Silent Solution (999 then 55) - mobile phones only" ||
		mobile.For != "caller who cannot speak; operator first asks for cough/tap; then automated system; press 55 WHEN PROMPTED" {
		t.Errorf("%q %q", mobile.Name, mobile.For)
	}
	want := []string{
		"Pressing 55 does NOT let police track location",
		"If 55 is not pressed and no sound is heard the call is ended",
		"A silent 999 call does not send police by itself",
	}
	if !slices.Equal(mobile.Warnings, want) {
		t.Errorf("%q", mobile.Warnings)
	}
	landline, _ := d.Find("emergency-999-silent-landline")
	if landline.For != "no 55 step; if only background noise is heard and operator cannot decide, caller is connected to police; line may stay open 45 seconds after hanging up; location normally available" {
		t.Errorf("%q", landline.For)
	}
	f := d.Match(directory.Wants{CannotSpeak: true, MonitoredPhone: true, Audience: directory.PatientCopy, Today: today})
	if got := ids(f); !slices.Equal(got, []string{"emergency-999-silent-mobile", "emergency-999-silent-landline"}) {
		t.Errorf("cannot speak on a watched telephone: %v; texts to 999 stay on the handset", got)
	}
}

func TestServicesForPeopleWhoUseAbuseAreNeverMatched(t *testing.T) {
	services, d := load(t)
	apart := 0
	for _, s := range services {
		if s.ShownTo == directory.NeverWithVictim {
			apart++
		}
	}
	if apart == 0 {
		t.Fatal("none to look for")
	}
	for nation := directory.UnknownNation; nation <= directory.NorthernIreland; nation++ {
		for _, audience := range []directory.Audience{directory.Staff, directory.PatientCopy, directory.Public} {
			for _, need := range directory.Needs() {
				f := d.Match(directory.Wants{Needs: []string{need}, Nation: nation, Audience: audience, Today: today, Limit: directory.HardLimit, Groups: directory.Groups()})
				for _, m := range f.Matches {
					if m.Service.ShownTo == directory.NeverWithVictim || m.Service.ID == "respect-phoneline" {
						t.Errorf("%s, %s: %s", nation, need, m.Service.ID)
					}
				}
			}
		}
	}
}

// Read from the words of the entries, not from their limits: what says women, men, adults or 18 must not reach a child.
func TestNoChildIsSentToAServiceForAdults(t *testing.T) {
	_, d := load(t)
	adult := regexp.MustCompile(`(?i)\b(women|men|adults?)\b|\b1[68]\b`)
	// Read one by one: girls and boys too, or adults named only as those who ask or as a law.
	fine := []string{
		"ikwro", "jewish-womens-aid", "muslim-womens-network-helpline", "survivorsuk",
		"internet-watch-foundation", "nspcc-helpline", "report-remove", "mental-welfare-commission",
	}
	for _, age := range []directory.Age{directory.Under13, directory.From13To15, directory.Under16} {
		for nation := directory.UnknownNation; nation <= directory.NorthernIreland; nation++ {
			for _, need := range directory.Needs() {
				f := d.Match(directory.Wants{Needs: []string{need}, Age: age, Nation: nation, Today: today, Limit: directory.HardLimit, Groups: directory.Groups()})
				for _, m := range f.Matches {
					s := m.Service
					if s.Who.Adults || s.Who.MinAge >= 16 || (s.ShownTo == directory.Anyone && adult.MatchString(s.Name+" "+s.For) && !slices.Contains(fine, s.ID)) {
						t.Errorf("age %d, %s: %s (%s)", age, need, s.ID, s.For)
					}
				}
			}
		}
	}
	f := d.Match(directory.Wants{Needs: []string{"children", "domestic-abuse", "sexual-violence"}, Age: directory.From13To15, Nation: directory.England, Audience: directory.PatientCopy, Today: today})
	if got := ids(f); !slices.Contains(got, "childline") || slices.Contains(got, "national-domestic-abuse-helpline") || slices.Contains(got, "rape-crisis-247-support-line") {
		t.Errorf("a child of 14 in England: %v", got)
	}
}

func TestAConfidenceStandsBehindEveryPatientFact(t *testing.T) {
	services, _ := load(t)
	for _, s := range services {
		for _, audience := range []directory.Audience{directory.PatientCopy, directory.Public} {
			sight, ok := s.Seen(directory.Look{Today: today, Audience: audience})
			if !ok {
				continue
			}
			for _, w := range sight.Service.Ways {
				if w.Status != directory.Official && w.Status != directory.Secondary {
					t.Errorf("%s: %s is %s", s.ID, w.By, w.Status)
				}
			}
			if h := sight.Service.Hours; h.Text != "" && h.Status != directory.Official && h.Status != directory.Secondary {
				t.Errorf("%s: hours are %s", s.ID, h.Status)
			}
		}
	}
}

func TestHoursInConflictAreForStaff(t *testing.T) {
	_, d := load(t)
	for _, id := range []string{"mens-advice-line", "national-stalking-helpline", "nspcc-helpline", "galop", "hourglass", "papyrus", "modern-slavery-helpline"} {
		s, ok := d.Find(id)
		if !ok || s.Hours.Text == "" || s.Hours.Status != directory.Disputed {
			t.Errorf("%s: %+v", id, s.Hours)
		}
		if sight, _ := s.Seen(directory.Look{Today: today, Audience: directory.PatientCopy}); sight.Service.Hours.Text != "" {
			t.Errorf("%s: hours in conflict on a patient copy", id)
		}
	}
}

// Staff pages print a fact and its note: what is disputed must say so in its own words.
func TestWhatIsDisputedSaysWhy(t *testing.T) {
	services, _ := load(t)
	why := regexp.MustCompile(`differ|prints|old|page|letter|before 20[0-9]{2}|may have changed`)
	disputed := 0
	for _, s := range services {
		if s.Hours.Status == directory.Disputed {
			disputed++
			if !why.MatchString(s.Hours.Text) {
				t.Errorf("%s: hours: %s", s.ID, s.Hours.Text)
			}
		}
		for _, w := range s.Ways {
			if w.Status == directory.Disputed {
				disputed++
				if !why.MatchString(w.Note) {
					t.Errorf("%s: %s: %s", s.ID, w.At, w.Note)
				}
			}
		}
	}
	if disputed < 20 {
		t.Errorf("only %d disputed facts: did the statuses get lost?", disputed)
	}
}

func TestOnlyTwoNumbersAreSaidToStayOffTheBill(t *testing.T) {
	services, _ := load(t)
	var off []string
	for _, s := range services {
		if s.Bill.Trace == directory.NotOnBill {
			off = append(off, s.ID)
		}
	}
	if !slices.Equal(off, []string{"national-stalking-helpline", "childline"}) {
		t.Errorf("%v", off)
	}
}
