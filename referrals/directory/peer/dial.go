package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// guarded is the way out: TLS, no proxy, one connection, and only to addresses that were looked up here and are public. What
// was checked is what is dialled, so a name that answers differently the second time gains nothing.
func guarded(each time.Duration) *http.Transport {
	d := dialler{lookup: net.DefaultResolver.LookupNetIP, dial: (&net.Dialer{Timeout: each}).DialContext}
	return d.transport(each)
}

// dialler looks a name up, checks what it finds and connects to that.
type dialler struct {
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// The bounds of the head of an answer.
const longestHead = 64 << 10

func (d dialler) transport(each time.Duration) *http.Transport {
	return &http.Transport{
		Proxy: nil, DialContext: d.connect, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, MaxConnsPerHost: 1, MaxIdleConns: 1,
		IdleConnTimeout: each, TLSHandshakeTimeout: each, ResponseHeaderTimeout: each, MaxResponseHeaderBytes: longestHead,
	}
}

// connect refuses a name as soon as one of its addresses is not public: whoever mixes them means the other one.
func (d dialler) connect(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	found, err := d.lookup(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrReach
	}
	for _, ip := range found {
		if !public(ip) {
			return nil, ErrInside
		}
	}
	var failed error
	for _, ip := range found[:min(len(found), 4)] {
		conn, err := d.dial(ctx, "tcp", net.JoinHostPort(ip.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// public reports whether an address is one that anybody on the internet may reach. What is mapped, translated or tunnelled
// into another is not taken, wherever it leads: it is never how a council is reached.
func public(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" || ip.Is4In6() {
		return false
	}
	if ip.Is6() {
		return within(ip, global6) && !within(ip, special6)
	}
	return !within(ip, special4)
}

func within(ip netip.Addr, list []string) bool {
	for _, text := range list {
		if netip.MustParsePrefix(text).Contains(ip) {
			return true
		}
	}
	return false
}

// The registries of special-purpose addresses of IANA (RFC 6890 and what came after), read in November 2026. Of version 6 only
// what is given out for the internet is taken at all, so loopback, link-local, private, multicast, mapped and NAT64 addresses
// are outside before anything is listed.
var (
	special4 = []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	}
	global6  = []string{"2000::/3"}
	special6 = []string{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"} // protocols (Teredo among them), examples, 6to4
)
