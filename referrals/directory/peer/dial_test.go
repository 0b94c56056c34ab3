package peer

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnlyThePublicInternet(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.1.1.1": true, "81.2.69.142": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true, "100.128.0.0": true, "223.255.255.255": true,
		"2606:4700::1111": true, "2a02:c7c::1": true,
		"0.0.0.0": false, "10.0.0.1": false, "100.64.0.1": false, "100.127.255.254": false, "127.0.0.1": false, "127.255.255.255": false, "169.254.169.254": false,
		"172.16.0.1": false, "172.31.255.255": false, "192.0.0.8": false, "192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false,
		"198.19.255.255": false, "198.51.100.7": false, "203.0.113.7": false, "224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:1.1.1.1": false, "::7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::101:101": false, "64:ff9b:1::a00:1": false,
		"fe80::1": false, "fe80::1%eth0": false, "2606:4700::1111%eth0": false, "fc00::1": false, "fd12:3456::1": false, "fec0::1": false, "ff02::1": false, "100::1": false,
		"2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false, "3fff::1": false, "5f00::1": false, "4000::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address is taken for one")
	}
}

// world is a name, the addresses it has at each looking up, and what was dialled.
type world struct {
	answers [][]string
	looked  int
	dialled []string
	server  *httptest.Server
}

func (w *world) way() dialler {
	return dialler{
		lookup: func(_ context.Context, network, _ string) ([]netip.Addr, error) {
			var out []netip.Addr
			for _, a := range w.answers[min(w.looked, len(w.answers)-1)] {
				out = append(out, netip.MustParseAddr(a))
			}
			w.looked++
			return out, nil
		},
		dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			w.dialled = append(w.dialled, address)
			return (&net.Dialer{}).DialContext(ctx, network, w.server.Listener.Addr().String())
		},
	}
}

// ask reads a directory at example.com through the guarded way, with the names and wires of a test below it.
func (w *world) ask(t *testing.T, handler http.HandlerFunc) error {
	t.Helper()
	w.server = httptest.NewTLSServer(handler)
	t.Cleanup(w.server.Close)
	through := w.way().transport(2 * time.Second)
	through.TLSClientConfig.RootCAs = x509.NewCertPool()
	through.TLSClientConfig.RootCAs.AddCert(w.server.Certificate())
	through.DisableKeepAlives = true
	limits := Usual()
	limits.Tries = 2
	a, err := Open(Config{
		Base: "https://example.com/api", Hosts: []string{"example.com"}, Limits: limits, Now: func() time.Time { return noon }, Through: through,
		Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Read(t.Context(), State{}, (&reading{}).keep)
	return err
}

func answers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/api/services" {
		say(w, `{"last_page":true,"contents":[{"id":"a"}]}`)
		return
	}
	say(w, full("a"))
}

func TestWhatWasCheckedIsDialled(t *testing.T) {
	t.Parallel()
	w := &world{answers: [][]string{{"81.2.69.142", "2a02:c7c::1"}}}
	if err := w.ask(t, answers); err != nil || len(w.dialled) != 2 || w.dialled[0] != "81.2.69.142:443" {
		t.Errorf("%v, dialled %v", err, w.dialled)
	}
}

func TestANameThatLeadsInside(t *testing.T) {
	t.Parallel()
	for name, found := range map[string][]string{
		"inside": {"10.1.2.3"}, "one of them": {"81.2.69.142", "169.254.169.254"}, "mapped": {"::ffff:10.1.2.3"}, "translated": {"64:ff9b::a01:203"}, "nowhere": {},
	} {
		w := &world{answers: [][]string{found}}
		want := ErrInside
		if len(found) == 0 {
			want = ErrReach
		}
		if err := w.ask(t, answers); !errors.Is(err, want) || len(w.dialled) > 0 || strings.Contains(err.Error(), "10.1") {
			t.Errorf("%s: %v, dialled %v", name, err, w.dialled)
		}
	}
}

// A name may answer well once and inside the second time: every connection is checked, so is a redirect.
func TestANameThatChanges(t *testing.T) {
	t.Parallel()
	w := &world{answers: [][]string{{"81.2.69.142"}, {"127.0.0.1"}}}
	if err := w.ask(t, answers); !errors.Is(err, ErrInside) || !slices.Equal(w.dialled, []string{"81.2.69.142:443"}) {
		t.Errorf("%v, dialled %v", err, w.dialled)
	}
	w = &world{answers: [][]string{{"81.2.69.142"}, {"81.2.69.142"}, {"127.0.0.1"}}}
	err := w.ask(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/services/a" {
			http.Redirect(rw, r, "/api/elsewhere", http.StatusFound)
			return
		}
		answers(rw, r)
	})
	if !errors.Is(err, ErrInside) || len(w.dialled) != 2 {
		t.Errorf("%v, dialled %v", err, w.dialled)
	}
}

// A certificate of another name, and of nobody we trust, is no house that may be asked.
func TestTheCertificateCounts(t *testing.T) {
	t.Parallel()
	w := &world{answers: [][]string{{"81.2.69.142"}}, server: httptest.NewTLSServer(http.HandlerFunc(answers))}
	t.Cleanup(w.server.Close)
	limits := Usual()
	limits.Tries = 1
	a, err := Open(Config{Base: "https://example.com/api", Hosts: []string{"example.com"}, Limits: limits, Now: time.Now, Through: w.way().transport(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Read(t.Context(), State{}, (&reading{}).keep); !errors.Is(err, ErrReach) {
		t.Error(err)
	}
}

// The way of the product asks no proxy, whatever the environment says, and has its bounds.
func TestTheWayOfTheProduct(t *testing.T) {
	t.Parallel()
	way := guarded(time.Second)
	if way.Proxy != nil || way.DialContext == nil || way.TLSClientConfig.InsecureSkipVerify || way.MaxConnsPerHost != 1 || way.MaxResponseHeaderBytes == 0 || way.ResponseHeaderTimeout == 0 {
		t.Errorf("%+v", way)
	}
	a, err := Open(Config{Base: "https://example.com", Hosts: []string{"example.com"}, Limits: Usual()})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := a.client.Transport.(*http.Transport); !ok || got.Proxy != nil || got.DialContext == nil || a.client.Jar != nil {
		t.Error("a reading without a way of its own does not take the guarded one")
	}
}
