// Package nudge tells one mailbox of the organisation that runs Waypost that something waits on the desk.
//
// It refuses to say what: no case, no number, no name, no urgency, not even which of several organisations. It writes to
// the one address that the configuration names, never to a patient and never to an address that somebody typed. It refuses
// a connection without TLS, and it is silent rather than loud: one message an hour at most.
package nudge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
)

// The sentinels of this room. What wraps them names no address and no text of a server.
var (
	ErrConfig = errors.New("nudge: the mail settings are not sound") // at start
	ErrMail   = errors.New("nudge: the mail server did not take it") // try again; nothing is lost, the desk shows what waits
)

// Quiet is how long after one message the next one may go out.
const Quiet = time.Hour

// patience is how long a mail server may take.
const patience = 20 * time.Second

// Server says how mail leaves. Credentials come from files.
type Server struct {
	Address  string // host:port; TLS from the first byte on port 465, else STARTTLS, and nothing without
	User     string // empty: the server asks for none
	Password string
	From, To string
	Roots    *x509.CertPool // nil: those of the machine
}

// Words are what the message says, from locales.
type Words struct{ Subject, Body string }

// Nudge sends. It is safe for concurrent use.
type Nudge struct {
	server Server
	host   string
	port   int
	words  Words
	now    func() time.Time

	mu   sync.Mutex
	last time.Time
}

// New looks at the settings without asking the server.
func New(s Server, words Words, now func() time.Time) (*Nudge, error) {
	host, text, err := net.SplitHostPort(s.Address)
	port, err2 := strconv.ParseUint(text, 10, 16)
	if err != nil || err2 != nil || host == "" || port == 0 {
		return nil, fmt.Errorf("%w: the server is not host and port", ErrConfig)
	}
	n := &Nudge{server: s, host: host, port: int(port), words: words, now: now}
	if _, err := n.message(); err != nil {
		return nil, err
	}
	return n, nil
}

// Send says that something waits, unless it said so within the hour. What fails does not count as said.
func (n *Nudge) Send(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if !n.last.IsZero() && now.Sub(n.last) < Quiet && !now.Before(n.last) {
		return nil
	}
	m, err := n.message()
	if err != nil {
		return err
	}
	c, err := n.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return ErrMail // the cause quotes the server, and servers quote addresses
	}
	n.last = now
	return nil
}

func (n *Nudge) message() (*mail.Msg, error) {
	m := mail.NewMsg()
	if m.From(n.server.From) != nil || m.To(n.server.To) != nil {
		return nil, fmt.Errorf("%w: sender or mailbox is not an address", ErrConfig)
	}
	m.Subject(n.words.Subject)
	m.SetDate()
	m.SetMessageIDWithValue(strconv.FormatInt(n.now().UnixNano(), 36) + "@" + n.host)
	m.SetBodyString(mail.TypeTextPlain, n.words.Body)
	return m, nil
}

func (n *Nudge) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(n.port), mail.WithTimeout(patience), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithHELO("localhost"),
		mail.WithTLSConfig(&tls.Config{ServerName: n.host, RootCAs: n.server.Roots, MinVersion: tls.VersionTLS12}),
	}
	if n.port == 465 {
		options = append(options, mail.WithSSL())
	}
	if n.server.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(n.server.User), mail.WithPassword(n.server.Password))
	}
	c, err := mail.NewClient(n.host, options...)
	if err != nil {
		return nil, fmt.Errorf("%w: the client refuses them", ErrConfig)
	}
	return c, nil
}
