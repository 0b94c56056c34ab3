package consult_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fast "github.com/klauspost/compress/gzip"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/consult"
)

// positive is an invented, typical positive consultation.
var positive = url.Values{
	"about.nation": {"england"}, "about.subject": {"patient-here"}, "setting.alone": {"alone"}, "gateway.any": {"yes"},
	"gateway.location": {"yes"}, "gateway.phone": {"yes"}, "gateway.fear": {"yes"}, "danger.separation": {"yes"},
	"danger.escalation": {"yes"}, "danger.violence": {"yes"}, "danger.control": {"yes"}, "location.geofence": {"yes"},
	"location.if-late": {"anger-or-punishment"}, "phone.code": {"yes-could-not-refuse"}, "phone.content": {"content"},
}

func must[T any](b testing.TB) func(T, error) T {
	b.Helper()
	return func(v T, err error) T {
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}

// server is one of the consultation, with areas, a clock and languages of its own.
func server(b testing.TB, near consult.Near, now func() time.Time, offer ...string) *web.Server {
	b.Helper()
	bank := must[*screening.Bank](b)(screening.Load(screening.Content()))
	words := must[*locales.Catalogue](b)(locales.Load(locales.Files(), offer...))
	j := &consult.Journey{
		Bank: bank, Steps: must[*plan.Library](b)(plan.Load(screening.Content(), bank)), Words: words, Near: near,
		Finder: consult.Finder{Directory: must[*directory.Directory](b)(directory.Open(must[[]directory.Service](b)(national.Load())))},
		Forms:  must[*vault.Forms](b)(vault.NewForms(rand.Reader, now)), Now: now,
	}
	return must[*web.Server](b)(web.New(web.Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)}, j))
}

// council serves an area with as many services as a large council lists.
func council(b testing.TB) consult.Near {
	b.Helper()
	var local []directory.Service
	for i, needs := 0, directory.Needs(); i < 500; i++ {
		local = append(local, invented(fmt.Sprintf("local-%d", i), fmt.Sprintf("Invented service %d", i), []string{needs[2+i%(len(needs)-2)]}))
	}
	around := must[*directory.Directory](b)(directory.Open(local))
	return consult.Near{Areas: directory.Coverage{Authorities: []string{shire}}, Directory: func() *directory.Directory { return around }}
}

// listening starts a server and gives where it listens.
func listening(t testing.TB, s *web.Server) string {
	t.Helper()
	listener := must[net.Listener](t)(new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"))
	go func() { _ = s.Listen(listener) }()
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return listener.Addr().String()
}

// post sends a form to the consultation and gives its page as it reads.
func post(t testing.TB, address string, form url.Values) (status int, page string) {
	t.Helper()
	res := must[*http.Response](t)(http.PostForm("http://"+address+"/consult", form))
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, html.UnescapeString(string(must[[]byte](t)(io.ReadAll(res.Body))))
}

// Budget (design section 7): the consultation's POST, end to end, answers half as many requests a second or more as a bare
// Fiber handler that writes the same bytes. Both pack them with gzip at its fastest, over the loopback.
func BenchmarkConsult(b *testing.B) {
	address := listening(b, server(b, council(b), time.Now))
	var page []byte
	b.Run("waypost", func(b *testing.B) { page = drive(b, address) })
	if page == nil {
		return
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/consult", func(c *fiber.Ctx) error {
		c.Set("Content-Type", "text/html; charset=utf-8")
		c.Set("Content-Encoding", "gzip")
		w := writers.Get()
		defer writers.Put(w)
		w.Reset(c.Response().BodyWriter())
		if _, err := w.Write(page); err != nil {
			return err
		}
		return w.Close()
	})
	bare := must[net.Listener](b)(net.Listen("tcp", "127.0.0.1:0")) //nolint:noctx // a benchmark's own listener
	go func() { _ = app.Listener(bare) }()
	b.Run("bare", func(b *testing.B) { drive(b, bare.Addr().String()) })
	_ = app.Shutdown()
}

// writers keeps one packer, as the platform keeps its own.
var writers = packers{make(chan *fast.Writer, 8)}

type packers struct{ free chan *fast.Writer }

func (p packers) Get() *fast.Writer {
	select {
	case w := <-p.free:
		return w
	default:
		w, _ := fast.NewWriterLevel(io.Discard, fast.BestSpeed) // a level it knows
		return w
	}
}

func (p packers) Put(w *fast.Writer) { p.free <- w }

// drive posts one consultation after another on one connection and gives the page.
func drive(b *testing.B, address string) []byte {
	c := must[net.Conn](b)(net.Dial("tcp", address)) //nolint:noctx // a benchmark's own server
	defer func() { _ = c.Close() }()
	form := positive.Encode()
	request := fmt.Appendf(nil, "POST /consult HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
	r := bufio.NewReaderSize(c, 1<<17)
	var body []byte
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		res := must[*http.Response](b)(http.ReadResponse(r, nil))
		body = must[[]byte](b)(io.ReadAll(res.Body))
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			b.Fatalf("status %d", res.StatusCode)
		}
	}
	plain := must[*gzip.Reader](b)(gzip.NewReader(bytes.NewReader(body)))
	page := must[[]byte](b)(io.ReadAll(plain))
	b.ReportMetric(float64(len(body)), "wire")
	b.ReportMetric(float64(len(page)), "page")
	return page
}
