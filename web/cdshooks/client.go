package cdshooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"waypost/internal/jws"
	"waypost/web/tree"
)

// Client is a record system that may call: whose word it is, the keys that sign it, which FHIR servers are its own, and
// whether its users see the card. They do not unless somebody said so.
type Client struct {
	Issuer  string
	Keys    []jws.Key
	Servers []string
	Card    bool
}

func (c Client) runs(server string) bool { return slices.Contains(c.Servers, server) }

// ErrClients says that a list of clients cannot be used.
var ErrClients = errors.New("cdshooks: list of clients cannot be used")

// ReadClients reads the installation's list: JSON, a list of {issuer, jwks, fhirServers, card}. All faults are reported
// together, by the place in the list; no value of it is repeated.
func ReadClients(raw []byte) ([]Client, error) {
	if _, err := tree.Read(raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClients, err)
	}
	var list []struct {
		Issuer  string          `json:"issuer"`
		Keys    json.RawMessage `json:"jwks"`
		Servers []string        `json:"fhirServers"`
		Card    bool            `json:"card"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if dec.Decode(&list) != nil {
		return nil, fmt.Errorf("%w: it is a list of issuer, jwks, fhirServers and card, and nothing else", ErrClients)
	}
	var out []Client
	var faults []string
	for i, one := range list {
		bad := func(what string) { faults = append(faults, fmt.Sprintf("client %d: %s", i+1, what)) }
		if !isAddress(one.Issuer) {
			bad("issuer is a whole address")
		}
		if slices.ContainsFunc(out, func(c Client) bool { return c.Issuer == one.Issuer }) {
			bad("issuer stands there twice")
		}
		keys, err := jws.ReadKeys(string(one.Keys))
		switch {
		case errors.Is(err, jws.ErrSecret):
			bad("jwks holds a private key: replace it")
		case err != nil:
			bad("jwks is a set of public keys for ES384 or RS384, each with a kid")
		}
		if slices.ContainsFunc(one.Servers, func(s string) bool { return !isAddress(s) }) {
			bad("fhirServers are whole addresses")
		}
		out = append(out, Client{one.Issuer, keys, one.Servers, one.Card})
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrClients, strings.Join(faults, "; "))
	}
	return out, nil
}

// isAddress knows a whole address by which a system names itself. Nobody goes there.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}
