// Package web answers one question: what is seen?
//
// It is the one place that speaks HTTP. A request is read once, in decode.go, into plain values that nobody can print by
// accident; a handler gets those values and gives back a Page; the writer in page.go alone touches the response. Every
// answer, down to the refusal of a garbled request, carries the same headers and is never stored.
//
// It refuses to decide anything about a patient, to set a cookie where nobody signs in, to write down who asked for what,
// to trust a Host or X-Forwarded header, and to say more about a failure than a reference.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"waypost/locales"
)

// The bounds of a request. A consultation is a form of some two hundred short answers: about 10 KiB.
const (
	maxBody        = 64 << 10
	maxHeader      = 8 << 10
	maxConnections = 4096
	readTimeout    = 5 * time.Second
	writeTimeout   = 10 * time.Second
	idleTimeout    = 30 * time.Second
)

// Config is what the pages need to know of the world. Cmd reads it once; nothing here changes afterwards.
type Config struct {
	PublicURL      string             // the address people use, such as https://example.org; empty on a machine of one's own
	ExitURL        string             // where leaving leads; empty: a blank page of ours
	Nation         string             // which nation's wording applies; handed to the journeys as it is
	Words          *locales.Catalogue // what is said, in every language on offer
	Clock          func() time.Time
	Rand           io.Reader    // may be read by several requests at once
	Log            *slog.Logger // its handler is wrapped by NewLogHandler
	Ready          func() bool  // nil: ready as soon as it listens
	Demo           bool         // says on every page that nothing here is real
	HSTSSubdomains bool         // the owner of the host name decides that for its other names
}

// ErrConfig says that the pages cannot be built from what was given.
var ErrConfig = errors.New("web: configuration cannot be used")

// Server is the pages, ready to listen.
type Server struct {
	app     *fiber.App
	routes  []Route
	tongues tongues
	headers []header
	assets  assets
	limit   *limiter
	packer  packer
	faces   map[string]face            // by the first part of their paths
	refused map[string]map[int]refusal // language, status
	log     *slog.Logger
	rand    io.Reader
	origin  string // scheme://host of PublicURL, empty where there is none
	exit    string
	secure  bool
	context context.Context
	cancel  context.CancelFunc
}

// New builds the pages out of the journeys. It refuses a route without a policy, the same route twice, an address that
// does not parse and words that are missing, so that a mistake shows at start and not to a patient.
func New(cfg Config, journeys ...Journey) (*Server, error) {
	if cfg.Words == nil || cfg.Clock == nil || cfg.Rand == nil || cfg.Log == nil {
		return nil, fmt.Errorf("%w: words, clock, randomness and log are needed", ErrConfig)
	}
	origin, secure, err := publicOrigin(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	if err := checkExit(cfg.ExitURL); err != nil {
		return nil, err
	}
	files, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Server{
		tongues: newTongues(cfg.Words), headers: securityHeaders(secure, cfg.HSTSSubdomains), assets: files,
		limit: newLimiter(cfg.Clock, cfg.Rand), faces: map[string]face{}, log: cfg.Log, rand: cfg.Rand, origin: origin, exit: cfg.ExitURL, secure: secure,
	}
	s.context, s.cancel = context.WithCancel(context.Background())
	kit := &Kit{words: cfg.Words, assets: files, nation: cfg.Nation, demo: cfg.Demo}
	if s.refused, err = renderRefusals(kit); err != nil {
		return nil, err
	}
	if s.routes, err = gather(kit, cfg, journeys); err != nil {
		return nil, err
	}
	s.build()
	return s, nil
}

// build is the only place where Fiber is set up. Immutable is not a matter of taste: without it a value kept from one
// request turns into another patient's (security.md, finding 1); a test asserts it.
func (s *Server) build() {
	s.app = fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: maxBody, ReadBufferSize: maxHeader, Concurrency: 2 * maxConnections,
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		DisablePreParseMultipartForm: true, EnableTrustedProxyCheck: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error { // also reached from below the router
			s.refuse(c.Context(), err)
			s.guard(&c.Context().Response.Header)
			return nil
		},
	})
	s.mount()
	server := s.app.Server()
	server.CloseOnShutdown = true
	server.SecureErrorLogMessage = true
	inner := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		defer s.guard(&ctx.Response.Header)
		defer s.catch(ctx)
		if err := acceptable(ctx); err != nil {
			s.refuse(ctx, err)
			ctx.SetConnectionClose()
			return
		}
		inner(ctx)
	}
}

// catch is the last resort: what panics below a handler answers like any other failure and does not end the process.
func (s *Server) catch(ctx *fasthttp.RequestCtx) {
	if cause := recover(); cause != nil {
		s.refuse(ctx, s.panicked(cause))
	}
}

// Listen serves until Shutdown. The listener decides the address; where there are too many connections, the next one is
// told so and closed.
func (s *Server) Listen(ln net.Listener) error {
	if err := s.app.Listener(&bounded{Listener: ln, most: maxConnections, busy: busy(s.headers)}); err != nil {
		return fmt.Errorf("serve pages: %w", err)
	}
	return nil
}

// Shutdown lets the requests under way finish until the context ends, then closes.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.cancel()
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("stop serving pages: %w", err)
	}
	return nil
}

func publicOrigin(address string) (origin string, secure bool, err error) {
	if address == "" {
		return "", false, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return "", false, fmt.Errorf("%w: the public address is scheme and host", ErrConfig)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return "", false, fmt.Errorf("%w: the public address begins with https", ErrConfig)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), u.Scheme == "https", nil
}

// checkExit holds the allow-list of one: leaving leads to this address and to no other, and the address says nothing of
// where the person came from.
func checkExit(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(address, "\r\n\t \\") {
		return fmt.Errorf("%w: the exit address is https, without user, query or fragment", ErrConfig)
	}
	return nil
}
