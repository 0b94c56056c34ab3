package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"net/netip"
	"sync"
	"time"
)

// A neighbourhood of addresses may send so many requests at once and so many a second after. A practice of twenty
// clinicians behind one address, each answering a question every other second, stays far below.
const (
	burst       = 240
	perSecond   = 20
	maxBuckets  = 1 << 16
	ipv4Network = 24
	ipv6Network = 56
)

// limiter keeps one crowd from keeping out the others. It knows neighbourhoods only as a MAC under a key that is drawn
// anew each day and lives nowhere but here, so that no memory dump of ours lists visitors.
//
// It lets through what it cannot judge: addresses of a private network, which are the proxy in front of us or the machine
// itself, and everybody once its memory is full. Being turned away from this service is the worse failure.
type limiter struct {
	clock   func() time.Time
	rand    io.Reader
	mu      sync.Mutex
	day     int64
	key     [32]byte
	buckets map[[16]byte]tokens
	swept   time.Time
}

type tokens struct {
	left float64
	at   time.Time
}

func newLimiter(clock func() time.Time, rand io.Reader) *limiter {
	return &limiter{clock: clock, rand: rand, day: -1}
}

func (l *limiter) allow(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsValid() || address.IsUnspecified() || address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast() {
		return true
	}
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.keyOf(now) {
		return true
	}
	name := l.name(address)
	b, known := l.buckets[name]
	switch {
	case known:
		b.left = min(burst, b.left+max(0, now.Sub(b.at).Seconds())*perSecond)
	case len(l.buckets) >= maxBuckets && !l.sweep(now):
		return true
	default:
		b.left = burst
	}
	b.at = now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	l.buckets[name] = b
	return ok
}

// keyOf draws the key of the day. Without randomness nobody is judged.
func (l *limiter) keyOf(now time.Time) bool {
	day := now.Unix() / (24 * 60 * 60)
	if day == l.day {
		return true
	}
	if _, err := io.ReadFull(l.rand, l.key[:]); err != nil {
		return false
	}
	l.day, l.buckets = day, make(map[[16]byte]tokens)
	return true
}

func (l *limiter) name(address netip.Addr) [16]byte {
	bits := ipv6Network
	if address.Is4() {
		bits = ipv4Network
	}
	network, err := address.WithZone("").Prefix(bits)
	if err != nil {
		return [16]byte{}
	}
	mac := hmac.New(sha256.New, l.key[:])
	raw := network.Addr().As16()
	mac.Write(raw[:])
	return [16]byte(mac.Sum(nil))
}

// sweep forgets whoever has been quiet long enough to have a full bucket again, at most once a second.
func (l *limiter) sweep(now time.Time) bool {
	if now.Sub(l.swept).Abs() < time.Second {
		return false
	}
	l.swept = now
	for name, b := range l.buckets {
		if b.left+now.Sub(b.at).Seconds()*perSecond >= burst {
			delete(l.buckets, name)
		}
	}
	return len(l.buckets) < maxBuckets
}
