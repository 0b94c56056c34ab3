package openreferral

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/web"
)

// Every service, number, address and person of these tests is invented.

var readOn = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func aDayLater() time.Time { return readOn.AddDate(0, 0, 1).Add(9 * time.Hour) }

func invented(id string, change ...func(*directory.Service)) directory.Service {
	s := directory.Service{
		ID: id, Name: "Invented " + id, Needs: []string{"stalking"}, Nations: directory.AllNations, ShownTo: directory.Anyone,
		Ways: []directory.Way{{By: directory.Phone, At: "0808 157 0000", Status: directory.Official}}, Bill: directory.Bill{Trace: directory.BillUnknown},
		Prof: directory.ProfUnknown, Status: directory.Official, Sources: []directory.Source{{Address: "https://line.example.org/about"}},
		SourceDate: "undated", ReadOn: readOn,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// rich says everything that a service can say.
func rich(s *directory.Service) {
	s.Name, s.For = "Invented Aid for Shire", "anybody in Invented Shire who is followed & afraid"
	s.Needs = []string{"stalking", "domestic-abuse"}
	s.Who = directory.Who{MinAge: 16, MaxAge: 70, Only: directory.Woman, Groups: []directory.Group{directory.Deaf}}
	s.Ways = []directory.Way{
		{By: directory.Phone, At: "01432 123456", Note: "press 2", Status: directory.Official},
		{By: directory.Text, At: "81234", Status: directory.Official},
		{By: directory.Email, At: "help@aid.example.org", Status: directory.Secondary},
		{By: directory.Website, At: "https://aid.example.org/help?topic=a&b=c", Status: directory.Official},
		{By: directory.App, At: "Invented App", Status: directory.Official},
	}
	s.Bill = directory.Bill{Trace: directory.OnBillLikely}
	s.Hours = directory.Hours{Text: "weekdays 9 to 5, Saturday mornings", Status: directory.Official}
	for d := time.Monday; d <= time.Friday; d++ {
		s.Opening.Spans = append(s.Opening.Spans, directory.Span{Day: d, From: 9 * 60, To: 17 * 60})
	}
	s.Opening.Spans = append(s.Opening.Spans, directory.Span{Day: time.Saturday, From: 8 * 60, To: 12 * 60})
	s.Cost, s.Speaks = "free", []string{"en", "bfi"}
	s.Access = []directory.Access{directory.SignLanguage}
	s.Nations, s.Covers = directory.Nations(0).With(directory.England), directory.Coverage{Authorities: []string{"E06000019"}, Police: []string{"E23000016"}}
	s.Is, s.Warnings, s.AvoidMonitoredPhone = directory.DomesticAbuseService, []string{"calls may show on the bill"}, true
	s.VerifiedBy, s.VerifiedOn = "Checker Canaryperson", readOn
}

func inEngland(s *directory.Service) { s.Nations = directory.Nations(0).With(directory.England) }

// county is a small directory in which much must stay at home. Planted are words that may stand in no answer.
func county() []directory.Service {
	staff := func(s *directory.Service) { s.ShownTo = directory.StaffOnly }
	ways := func(w ...directory.Way) func(*directory.Service) {
		return func(s *directory.Service) { s.Ways = w }
	}
	phone := directory.Way{By: directory.Phone, At: "0808 157 0001", Status: directory.Official}
	return []directory.Service{
		invented("shire-aid", rich),
		invented("line", func(s *directory.Service) {
			s.Hours = directory.Hours{Text: "24/7", Always: true, Status: directory.Official}
		}),
		invented("scots", func(s *directory.Service) {
			s.Nations, s.Hours = directory.Nations(0).With(directory.Scotland).With(directory.Wales), directory.Hours{Text: "ring and ask", Status: directory.Secondary}
		}),
		invented("part", func(s *directory.Service) {
			s.Area = "the north of Invented Shire"
			s.Who.MinAge = 18
			s.Covers.Boards = []string{"E54000019"}
		}, inEngland),
		invented("nowhere", func(s *directory.Service) { s.Nations = 0; s.Needs = []string{"mental-health"}; s.Who.MaxAge = 25 }),
		// From here on something is planted in every one.
		invented("refuge", func(s *directory.Service) { s.For = "a safe house"; s.Needs = []string{"domestic-abuse"} },
			ways(phone, directory.Way{By: directory.InPerson, At: "Plantedhaven, 12 Plantedhide Lane, HR1 9ZZ", Status: directory.Official},
				directory.Way{By: directory.Local, At: "the Plantedhide police station", Status: directory.Official})),
		invented("told-in-words", func(s *directory.Service) {
			s.For = "come to 7 Plantedhide Street, Plantedtown"
			s.Area, s.Cost, s.Warnings = "around HR19ZZ Plantedtown", "free at HR1 9ZZ Plantedtown", []string{"ring twice at 3b, Plantedhide House"}
			s.Hours = directory.Hours{Text: "10 to 4 at 7 Plantedhide Road", Status: directory.Official}
			s.Covers.Authorities = []string{"E06000019"}
		}, inEngland, ways(phone, directory.Way{By: directory.Phone, At: "0808 157 0002", Note: "reception of 9 Plantedhide Mews", Status: directory.Official})),
		invented("named-after-its-street", func(s *directory.Service) { s.Name = "12 Plantedhide Close refuge" }),
		invented("only-a-place", ways(directory.Way{By: directory.InPerson, At: "Plantedplace", Status: directory.Official})),
		invented("marac-planted", staff, func(s *directory.Service) {
			s.Is, s.Needs, s.Name = directory.MaracCoordinator, []string{"marac"}, "Planted MARAC coordinator"
		}, ways(directory.Way{By: directory.Email, At: "planted.marac@shire.example.org", Status: directory.Official})),
		invented("marac-mistaken", func(s *directory.Service) { // somebody entered it for anybody
			s.Is, s.Needs, s.Name = directory.MaracCoordinator, []string{"marac"}, "Planted MARAC for all"
		}, ways(directory.Way{By: directory.Phone, At: "01432 999999", Status: directory.Official}), func(s *directory.Service) { s.Bill.Trace = directory.OnBillLikely }),
		invented("iris", func(s *directory.Service) { s.Name, s.Covers.Practices = "Planted practices", []string{"M81001"} }),
		invented("for-abusers", func(s *directory.Service) {
			s.Name, s.ShownTo, s.Needs = "Planted programme", directory.NeverWithVictim, nil
		}),
		invented("gone", func(s *directory.Service) { s.Name, s.Unlisted = "Planted and gone", readOn }),
		invented("by-referral", func(s *directory.Service) {
			s.Name, s.Referrers = "Planted for referrers", []directory.Referrer{directory.ReferGP}
		}),
		invented("noted", func(s *directory.Service) { s.Notes = []string{"Plantednote for staff"}; s.NextSteps = "Plantedstep" },
			ways(phone, directory.Way{By: directory.Phone, At: "0808 157 7777", Staff: true, Status: directory.Official},
				directory.Way{By: directory.Email, At: "planted.disputed@example.org", Note: "pages differ", Status: directory.Disputed})),
		invented("disputed-hours", func(s *directory.Service) {
			s.Hours = directory.Hours{Text: "Plantedhours", Status: directory.Disputed}
			s.Opening.Spans = []directory.Span{{Day: time.Sunday, From: 3*60 + 17, To: 4*60 + 19}}
		}),
	}
}

// planted may stand in no answer, in whatever letters.
var planted = []string{"planted", "HR1 9ZZ", "HR19ZZ", "01432 999999", "0808 157 7777", "canaryperson", "M81001", "03:17", "line.example.org/about"}

type world struct {
	t        testing.TB
	url      string
	log      *lockedBuffer
	api      *API
	server   *web.Server
	services []directory.Service
}

// serve is a server of the real platform with nothing on it but this API.
func serve(t testing.TB, services ...directory.Service) *world {
	t.Helper()
	d, err := directory.Open(services)
	if err != nil {
		t.Fatal(err)
	}
	words, err := locales.Load(locales.Files(), "en")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: &lockedBuffer{}, services: services}
	w.api = &API{Directory: func() *directory.Directory { return d }, PublicURL: "https://help.example", Now: aDayLater}
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(w.log, nil)))
	if w.server, err = web.New(web.Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: log}, w.api); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.server.Listen(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.server.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-done
	})
	w.url = "http://" + ln.Addr().String()
	return w
}

// answerOf is one answer: its status, its headers and its body as it came.
type answerOf struct {
	status int
	header http.Header
	body   []byte
}

func (w *world) ask(path string) answerOf {
	w.t.Helper()
	res, err := http.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answerOf{res.StatusCode, res.Header, body}
}

// list asks for a page and gives back the names of what is on it.
func (w *world) list(path string) (page, []string) {
	w.t.Helper()
	a := w.ask(path)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	var p page
	if err := json.Unmarshal(a.body, &p); err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, c := range p.Contents {
		one := c.(map[string]any)
		if inner, ok := one["service"].(map[string]any); ok {
			one = inner
		}
		names = append(names, strings.TrimPrefix(one["name"].(string), "Invented "))
	}
	return p, names
}

// crawl walks every list to its end, and every thing on it, as a council's computer would.
func (w *world) crawl(visit func(path string, a answerOf)) {
	w.t.Helper()
	see := func(path string) answerOf {
		a := w.ask(path)
		if a.status != http.StatusOK {
			w.t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		visit(path, a)
		return a
	}
	see(Base)
	see(Base + "/")
	see(DescriptionPath)
	for _, name := range []string{"/services", "/service_at_locations", "/taxonomies", "/taxonomy_terms"} {
		for at := 1; ; at++ {
			var p struct {
				Last     bool `json:"last_page"`
				Contents []struct{ ID string }
			}
			path := Base + name + "?per_page=7&page=" + jsonText(at)
			if err := json.Unmarshal(see(path).body, &p); err != nil {
				w.t.Fatal(err)
			}
			for _, c := range p.Contents {
				see(Base + name + "/" + c.ID)
			}
			if p.Last {
				break
			}
		}
	}
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
