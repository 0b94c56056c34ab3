package cdshooks

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"waypost/internal/jws"
	"waypost/web"
)

// The bounds of a client's token. The specification sets none for its life; SMART's five minutes serve here too.
const (
	longestLife = 5 * time.Minute
	skew        = 30 * time.Second // a client's clock may be ahead of ours
	longestID   = 255
	mostTokens  = 1 << 14 // of one client, that count at the same time
)

// admit says whose word a token is. It must be signed by a client on the list for this address, in time, and new.
func (j *Journey) admit(text, address string) (Client, error) {
	t, ok := jws.Read(text)
	if !ok {
		return Client{}, web.ErrSignIn
	}
	issuer, _ := t.Text("iss")
	i := slices.IndexFunc(j.Clients, func(c Client) bool { return c.Issuer == issuer })
	if i < 0 || !t.SignedBy(j.Clients[i].Keys) {
		return Client{}, web.ErrSignIn
	}
	now := j.Now()
	audience, said := t.Audience()
	id, named := t.Text("jti")
	ends, ok := timely(t, now)
	if !said || audience != address || !named || len(id) > longestID || !ok {
		return Client{}, web.ErrSignIn
	}
	if err := j.seen.take(issuer, id, now, ends); err != nil {
		return Client{}, err
	}
	return j.Clients[i], nil
}

// timely says until when a token counts, if it counts now. One that does not say when it begins began long ago, and one that
// does not say when it ends has ended.
func timely(t jws.Token, now time.Time) (time.Time, bool) {
	ends, ok1 := t.Date("exp")
	issued, ok2 := t.Date("iat")
	from, ok3 := t.Date("nbf")
	latest := now.Add(skew)
	switch {
	case !ok1 || !ok2 || !ok3:
	case !now.Before(ends) || issued.After(latest) || from.After(latest) || issued.After(ends):
	case ends.Sub(issued) > longestLife:
	default:
		return ends, true
	}
	return time.Time{}, false
}

// memory is the tokens that were used and would still count. It is bounded for each client, so that none can use up another's
// share, and lives nowhere else: a replica has its own, and the worst that a token shown to two of them brings is the same
// card twice.
type memory struct {
	mu sync.Mutex
	of map[string]map[[sha256.Size]byte]time.Time
}

func newMemory(clients []Client) *memory {
	m := &memory{of: map[string]map[[sha256.Size]byte]time.Time{}}
	for _, c := range clients {
		m.of[c.Issuer] = map[[sha256.Size]byte]time.Time{}
	}
	return m
}

// take remembers a token until it ends. One that is remembered is refused; where there is no room, so is a new one.
func (m *memory) take(issuer, id string, now, ends time.Time) error {
	name := sha256.Sum256([]byte(id))
	m.mu.Lock()
	defer m.mu.Unlock()
	used := m.of[issuer]
	if until, there := used[name]; there && now.Before(until) {
		return web.ErrSignIn
	}
	if len(used) >= mostTokens {
		for one, until := range used {
			if !now.Before(until) {
				delete(used, one)
			}
		}
	}
	if len(used) >= mostTokens {
		return web.ErrTooMany
	}
	used[name] = ends
	return nil
}
