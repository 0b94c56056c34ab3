package cdshooks

import "time"

// MostTokens is how many tokens of one client are remembered at a time.
const MostTokens = mostTokens

// NewMemory is the memory of tokens by itself.
func NewMemory(clients []Client) interface {
	Take(issuer, id string, now, ends time.Time) error
} {
	return exported{newMemory(clients)}
}

type exported struct{ *memory }

func (e exported) Take(issuer, id string, now, ends time.Time) error {
	return e.take(issuer, id, now, ends)
}
