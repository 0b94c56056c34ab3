package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestANeighbourhoodIsThrottledAndNoOther(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	l := newLimiter(func() time.Time { return now }, rand.Reader)
	spend := func(address string, n int) (passed int) {
		for range n {
			if l.allow(netip.MustParseAddr(address)) {
				passed++
			}
		}
		return passed
	}
	if got := spend("198.51.100.7", burst+10); got != burst {
		t.Errorf("%d pass at once, want %d", got, burst)
	}
	if got := spend("198.51.100.200", 1); got != 0 {
		t.Error("the neighbour has a bucket of its own")
	}
	if got := spend("198.51.101.7", 1); got != 1 {
		t.Error("another neighbourhood pays as well")
	}
	if got := spend("2001:db8:1:2ff::1", burst); got != burst {
		t.Errorf("IPv6: %d", got)
	}
	if spend("2001:db8:1:200::9", 1) != 0 || spend("2001:db8:1:300::9", 1) != 1 {
		t.Error("IPv6 is not taken by /56")
	}
	if spend("::ffff:198.51.100.9", 1) != 0 {
		t.Error("IPv4 in IPv6 has a bucket of its own")
	}
	now = now.Add(time.Second)
	if got := spend("198.51.100.7", burst); got != perSecond {
		t.Errorf("%d pass after a second, want %d", got, perSecond)
	}
	now = now.Add(-time.Hour)
	if got := spend("198.51.100.7", 1); got != 0 {
		t.Error("a clock that goes back fills the bucket")
	}
	for _, private := range []string{"127.0.0.1", "::1", "10.0.0.9", "192.168.1.1", "fe80::1%eth0", "fd00::1"} {
		if got := spend(private, 3*burst); got != 3*burst {
			t.Errorf("%s is throttled", private)
		}
	}
	if !l.allow(netip.Addr{}) {
		t.Error("an address that cannot be read is turned away")
	}
}

// T25: what is remembered is a MAC under a key of the day, bounded, and gone the next day.
func TestTheThrottleForgets(t *testing.T) {
	now := time.Date(2026, 11, 25, 23, 59, 59, 0, time.UTC)
	l := newLimiter(func() time.Time { return now }, rand.Reader)
	address := netip.MustParseAddr("198.51.100.7")
	l.allow(address)
	raw := address.As4()
	for name := range l.buckets {
		if bytes.Contains(name[:], raw[:3]) {
			t.Error("the address stands in the memory")
		}
	}
	key, first := l.key, l.name(address)
	now = now.Add(time.Second)
	l.allow(address)
	if l.key == key || l.name(address) == first || len(l.buckets) != 1 {
		t.Error("the new day keeps the old one")
	}
	l.allow(netip.MustParseAddr("198.51.101.7"))
	if len(l.buckets) != 2 {
		t.Fatal("not two neighbourhoods")
	}
	for i := len(l.buckets); i < maxBuckets; i++ {
		l.buckets[[16]byte{byte(i), byte(i >> 8), 1}] = tokens{left: 0, at: now}
	}
	if !l.allow(netip.MustParseAddr("203.0.113.1")) || len(l.buckets) != maxBuckets {
		t.Errorf("a full memory turns people away or grows to %d", len(l.buckets))
	}
	now = now.Add(time.Minute)
	if !l.allow(netip.MustParseAddr("203.0.113.1")) || len(l.buckets) > 4 {
		t.Errorf("the quiet ones are not forgotten: %d", len(l.buckets))
	}
	broken := newLimiter(func() time.Time { return now }, noRandomness{})
	for range 3 * burst {
		if !broken.allow(address) {
			t.Fatal("without randomness people are turned away")
		}
	}
}

// far makes every connection come from an address of the internet.
type far struct {
	net.Listener
	address atomic.Pointer[net.TCPAddr]
}

type farConn struct {
	net.Conn
	address net.Addr
}

func (c farConn) RemoteAddr() net.Addr { return c.address }

func (f *far) Accept() (net.Conn, error) {
	c, err := f.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return farConn{c, f.address.Load()}, nil
}

// Over the wire: the crowd is told to wait, calmly, while leaving, safety and the assets answer as ever.
func TestSafetyIsNeverThrottled(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	crowd := &far{Listener: ln}
	crowd.address.Store(&net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 1})
	cfg := testConfig(t)
	start := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	cfg.Clock = func() time.Time { return start }
	s := newServer(t, cfg, paged("words", false))
	address := listenOn(t, s, crowd)
	for range burst {
		s.limit.allow(netip.MustParseAddr("198.51.100.8"))
	}
	answer := speak(t, address, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 429 ") || !strings.Contains(answer, "Retry-After: 5\r\n") || !strings.Contains(answer, "999") {
		t.Errorf("the crowd is told %.200q", answer)
	}
	missing(t, "429", answer, false)
	for path, want := range map[string]string{"/x": "200", "/": "200", "/healthz": "200", s.assets.names["app.css"]: "200"} {
		if answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 "+want) {
			t.Errorf("%s: %.40q", path, answer)
		}
	}
	crowd.address.Store(&net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 1})
	if answer := speak(t, address, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Errorf("somebody else is told %.40q", answer)
	}
	if got := fmt.Sprint(len(s.limit.buckets)); got != "2" {
		t.Errorf("%s neighbourhoods are remembered", got)
	}
}
