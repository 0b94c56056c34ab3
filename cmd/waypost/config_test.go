package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A provider is taken only with the levels of assurance that are good enough, and the host's other names are bound only
// by its owner. No value of a setting is ever repeated.
func TestTheProviderSaysHowStrongAndTheHostHowFar(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clients := filepath.Join(t.TempDir(), "clients.json")
	if err := os.WriteFile(clients, []byte(`[{"issuer":"https://canary.invalid/","jwks":{"keys":[{"kty":"EC","crv":"P-384","kid":"canary","x":"canary","y":"canary"}]},"fhirServers":["canary"]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	good := map[string]string{
		"WAYPOST_OIDC_ISSUER": "https://sign.in.invalid", "WAYPOST_OIDC_CLIENT_ID": "canary-client", "WAYPOST_OIDC_SECRET_FILE": secret, "WAYPOST_OIDC_ACR": "AAL3", "WAYPOST_HSTS_SUBDOMAINS": "yes",
		"WAYPOST_SMTP_ADDR": "localhost:25", "WAYPOST_SMTP_FROM": "a@canary.invalid", "WAYPOST_SMTP_TO": "b@canary.invalid",
	}
	c, err := readConfig(func(k string) string { return good[k] })
	if err != nil || c.provider == nil || c.provider.Secret.Reveal() != "canary-secret" || !c.wholeHost || c.mail == nil {
		t.Fatalf("%v", err)
	}
	for name, change := range map[string][2]string{
		"WAYPOST_OIDC_ACR": {"WAYPOST_OIDC_ACR", ""}, "WAYPOST_OIDC_CLIENT_ID": {"WAYPOST_OIDC_CLIENT_ID", ""}, "WAYPOST_OIDC_SECRET_FILE": {"WAYPOST_OIDC_SECRET_FILE", ""},
		"WAYPOST_AREAS": {"WAYPOST_AREAS", "E06000019,canary"}, "WAYPOST_AREAS names": {"WAYPOST_AREAS", "E10000008"}, "WAYPOST_AREAS names areas": {"WAYPOST_AREAS", "E92000001"},
		"WAYPOST_IMPORT_HOSTS": {"WAYPOST_IMPORT_HOSTS", "https://canary.example"}, "WAYPOST_IMPORT_HOSTS names": {"WAYPOST_IMPORT_HOSTS", "*.canary.example"},
		"WAYPOST_OIDC_MAX_AGE": {"WAYPOST_OIDC_MAX_AGE", "canary"}, "WAYPOST_HSTS_SUBDOMAINS": {"WAYPOST_HSTS_SUBDOMAINS", "canary"}, "WAYPOST_SMTP_ADDR": {"WAYPOST_SMTP_TO", "canary"},
		"WAYPOST_SMTP_PASSWORD_FILE": {"WAYPOST_SMTP_PASSWORD_FILE", "/canary/none"}, "client 1: fhirServers": {"WAYPOST_CDS_CLIENTS_FILE", clients}, "client 1: jwks": {"WAYPOST_CDS_CLIENTS_FILE", clients}, "WAYPOST_CDS_CLIENTS_FILE": {"WAYPOST_CDS_CLIENTS_FILE", "/canary/none"},
	} {
		env := func(k string) string {
			if k == change[0] {
				return change[1]
			}
			return good[k]
		}
		if _, err := readConfig(env); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
