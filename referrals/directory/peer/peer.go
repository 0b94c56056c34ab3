// Package peer reads the directory of another house through its Open Referral API, page by page and service by service, for
// the import of lists (package feed), which judges what was read.
//
// The other side is a stranger, and the request leaves a machine beside which there are others: so it goes to hosts that the
// operator named and to no other, over TLS, to addresses that anybody on the internet may reach, each looked up and checked
// before it is dialled. It sends no cookie, no credential and nothing about this installation, asks one thing at a time and
// waits as long as it is told to. Every answer has a bound in size and time, and so has the whole. What the other side says
// is never in an error.
package peer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The sentinels of this room. After ErrBusy and ErrReach the same reading may be taken up again later.
var (
	ErrAddress = errors.New("peer: not an address of https without credentials, query and fragment")
	ErrHost    = errors.New("peer: this host is not among those that may be asked")
	ErrInside  = errors.New("peer: the host has an address that is not of the public internet")
	ErrMoved   = errors.New("peer: it sends elsewhere")
	ErrReach   = errors.New("peer: it cannot be reached")
	ErrBusy    = errors.New("peer: it asks to come back later")
	ErrAnswer  = errors.New("peer: not an answer that can be used")
	ErrBounds  = errors.New("peer: more than is read from one API")
)

// Limits bound a reading. Usual are those of the product.
type Limits struct {
	Answer  int64         // bytes of one answer, unpacked
	Page    int64         // bytes of a page with its services in full
	Total   int64         // bytes of all
	Pages   int           // pages
	Each    time.Duration // for one answer, from the asking to its last byte
	All     time.Duration // for one sitting
	Gap     time.Duration // between one answer and the next question
	Tries   int           // of one question
	Longest time.Duration // that is waited because the other side asked for it
}

// Usual are the limits of the product: five questions a second at most, of a server that may be a council's smallest.
func Usual() Limits {
	return Limits{
		Answer: 4 << 20, Page: 64 << 20, Total: 1 << 30, Pages: 4000, Each: 30 * time.Second, All: 6 * time.Hour,
		Gap: 200 * time.Millisecond, Tries: 5, Longest: 5 * time.Minute,
	}
}

// Config is what a reading needs.
type Config struct {
	Base   string   // of the API; below it stands /services
	Hosts  []string // that may be asked, as ParseHosts gives them
	Limits Limits
	Now    func() time.Time
	Wait   func(context.Context, time.Duration) error // until the time has passed or the context ended
	Told   func(State)                                // hears of every page; may be nil
	// Through carries the questions; nil is the guarded way out of the product. It is for tests, which have no public address.
	Through http.RoundTripper
}

// API is another directory that may be asked. It is not for concurrent use.
type API struct {
	base   *url.URL
	client *http.Client
	limits Limits
	now    func() time.Time
	wait   func(context.Context, time.Duration) error
	told   func(State)
	asked  bool
}

// Open makes ready to ask. Nothing is sent yet.
func Open(c Config) (*API, error) {
	base, err := url.Parse(strings.TrimRight(c.Base, "/"))
	if err != nil || base.Scheme != "https" || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" || base.Opaque != "" {
		return nil, ErrAddress
	}
	if !slices.Contains(c.Hosts, hostOf(base)) {
		return nil, ErrHost
	}
	a := &API{base: base, limits: c.Limits, now: c.Now, wait: c.Wait, told: c.Told}
	through := c.Through
	if through == nil {
		through = guarded(c.Limits.Each)
	}
	a.client = &http.Client{Transport: through, CheckRedirect: a.follow}
	return a, nil
}

// Base is the address as it is asked.
func (a *API) Base() string { return a.base.String() }

// hostOf is the host of an address as the list has it: in lower case, with the port unless it is the usual one.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if p := u.Port(); p != "" && p != "443" {
		return host + ":" + p
	}
	return host
}

var hostShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?(:[0-9]{1,5})?$`)

// ParseHosts reads a list of hosts with commas between: whole names, with a port where it is not the usual one. A number of an
// address is none, nor is a pattern.
func ParseHosts(list string) ([]string, error) {
	var out []string
	for _, h := range strings.FieldsFunc(strings.ToLower(list), func(c rune) bool { return c == ',' || c == ' ' }) {
		name, port, given := strings.Cut(h, ":")
		if n, err := strconv.Atoi(port); !hostShape.MatchString(h) || len(name) > 253 || given && (err != nil || n < 1 || n > 65535) {
			return nil, ErrHost
		}
		out = append(out, strings.TrimSuffix(h, ":443"))
	}
	return out, nil
}

// mostMoves is how often one question may be sent on.
const mostMoves = 3

// follow lets an answer send on within its host; the address is then looked up and checked once more.
func (a *API) follow(to *http.Request, via []*http.Request) error {
	if to.URL.Scheme != "https" || to.URL.User != nil || hostOf(to.URL) != hostOf(a.base) || len(via) > mostMoves {
		return ErrMoved
	}
	to.Header.Del("Referer")
	return nil
}

// reason is what went wrong, without a word of the other side.
func reason(ctx context.Context, err error) error {
	for _, known := range []error{ErrInside, ErrMoved} {
		if errors.Is(err, known) {
			return known
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var slow interface{ Timeout() bool }
	if errors.As(err, &slow) && slow.Timeout() {
		return fmt.Errorf("%w: too slow", ErrReach)
	}
	return ErrReach
}
