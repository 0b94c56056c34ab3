package nudge_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"waypost/referrals/nudge"
)

// post is a mail server with TLS, and what it took.
type post struct {
	mu      sync.Mutex
	letters []string
	refuse  bool
	address string
	roots   *x509.CertPool
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{p: p}, nil }

type session struct {
	p        *post
	from, to string
	known    bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "invented" || password != "canary-password" {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.known {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.refuse {
		return &smtp.SMTPError{Code: 451, Message: "not now, " + s.to}
	}
	s.p.letters = append(s.p.letters, "from "+s.from+" to "+s.to+"\n"+string(text))
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func office(t *testing.T, secure bool) *post {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	card := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, card, card, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	p := &post{roots: x509.NewCertPool()}
	p.roots.AddCert(signed)
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth = "localhost", !secure
	if secure {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p.address = "localhost:" + port
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

var words = nudge.Words{Subject: "Something waits", Body: "Something waits for you."}

func (p *post) nudge(t *testing.T, now *time.Time, change func(*nudge.Server)) *nudge.Nudge {
	t.Helper()
	s := nudge.Server{Address: p.address, User: "invented", Password: "canary-password", From: "waypost@practice.invalid", To: "lead@practice.invalid", Roots: p.roots}
	if change != nil {
		change(&s)
	}
	n, err := nudge.New(s, words, func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSomethingWaitsAndNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	p, now := office(t, true), time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	n := p.nudge(t, &now, nil)
	for range 5 { // five reasons within the hour are one message
		if err := n.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(nudge.Quiet)
	if err := n.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(p.letters) != 2 {
		t.Fatalf("%d messages", len(p.letters))
	}
	for _, want := range []string{"from waypost@practice.invalid to lead@practice.invalid", "Subject: Something waits", "Something waits for you."} {
		if !strings.Contains(p.letters[0], want) {
			t.Errorf("no %q in %s", want, p.letters[0])
		}
	}
	if strings.Contains(p.letters[0], "canary-password") {
		t.Error("the password travels in the message")
	}
}

func TestWhatIsRefusedIsNotLost(t *testing.T) {
	t.Parallel()
	p, now := office(t, true), time.Now()
	n := p.nudge(t, &now, nil)
	p.refuse = true
	if err := n.Send(t.Context()); !errors.Is(err, nudge.ErrMail) || strings.Contains(err.Error(), "practice.invalid") {
		t.Fatal(err)
	}
	p.refuse = false
	if err := n.Send(t.Context()); err != nil || len(p.letters) != 1 {
		t.Errorf("after a refusal: %d messages, %v", len(p.letters), err)
	}
	for name, change := range map[string]func(*nudge.Server){
		"a wrong password":      func(s *nudge.Server) { s.Password = "wrong" },
		"nobody at the address": func(s *nudge.Server) { s.Address = "localhost:1" },
		"a card nobody trusts":  func(s *nudge.Server) { s.Roots = x509.NewCertPool() },
	} {
		if err := p.nudge(t, &now, change).Send(t.Context()); !errors.Is(err, nudge.ErrMail) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingLeavesWithoutTLS(t *testing.T) {
	t.Parallel()
	p, now := office(t, false), time.Now()
	if err := p.nudge(t, &now, nil).Send(t.Context()); !errors.Is(err, nudge.ErrMail) || len(p.letters) != 0 {
		t.Errorf("%d messages in clear, %v", len(p.letters), err)
	}
}

func TestSettingsAreLookedAtBeforehand(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]nudge.Server{
		"no port":       {Address: "localhost", From: "a@b.invalid", To: "a@b.invalid"},
		"no host":       {Address: ":25", From: "a@b.invalid", To: "a@b.invalid"},
		"port nought":   {Address: "localhost:0", From: "a@b.invalid", To: "a@b.invalid"},
		"no sender":     {Address: "localhost:25", To: "a@b.invalid"},
		"no mailbox":    {Address: "localhost:25", From: "a@b.invalid"},
		"two in a line": {Address: "localhost:25", From: "a@b.invalid", To: "a@b.invalid\r\nBcc: x@y.invalid"},
	} {
		if _, err := nudge.New(s, words, time.Now); !errors.Is(err, nudge.ErrConfig) || strings.Contains(err.Error(), "invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
