package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/peer"
	"waypost/referrals/nudge"
	"waypost/referrals/people"
	"waypost/web/cdshooks"
	"waypost/web/staff"
)

// config is read from the environment once. Its values are never printed, because some of them are secrets.
type config struct {
	addr      string
	publicURL string
	exitURL   string
	languages []string
	nation    directory.Nation
	directory directory.Mode
	trailFile string             // where the heads of the logs are kept beside standard output
	provider  *people.Provider   // how staff sign in elsewhere; nil: by passkey alone
	wholeHost bool               // browsers are told that every name below the host speaks TLS too
	mail      *nudge.Server      // nil: no mailbox hears that something waits
	areas     directory.Coverage // whose services the consultation shows beside those of the nation; none unless they are named
	imports   []string           // hosts that an import may read from; none unless they are named
	hooks     []cdshooks.Client  // record systems that may show that Waypost is there
}

// signInURL is the address that keys are bound to. Without a public one it is this machine by name, for a trial.
func (c config) signInURL() string {
	if c.publicURL != "" {
		return c.publicURL
	}
	_, port, _ := net.SplitHostPort(c.addr) // readConfig has looked
	return "http://" + net.JoinHostPort("localhost", port)
}

// readMail reads WAYPOST_SMTP_*: the one mailbox that hears that something waits. Without a server there is none.
func readMail(env func(string) string, bad func(name, why string)) *nudge.Server {
	if env("WAYPOST_SMTP_ADDR") == "" {
		return nil
	}
	s := &nudge.Server{Address: env("WAYPOST_SMTP_ADDR"), User: env("WAYPOST_SMTP_USER"), From: env("WAYPOST_SMTP_FROM"), To: env("WAYPOST_SMTP_TO")}
	if file := env("WAYPOST_SMTP_PASSWORD_FILE"); file != "" {
		raw, err := os.ReadFile(file) // #nosec G304 G703 -- the operator's own file
		if err != nil {
			bad("WAYPOST_SMTP_PASSWORD_FILE", "cannot be read")
		}
		s.Password = strings.TrimSpace(string(raw))
	}
	if _, err := nudge.New(*s, nudge.Words{}, time.Now); err != nil {
		bad("WAYPOST_SMTP_ADDR", "with _FROM and _TO: a host and port, and two addresses")
	}
	return s
}

// readHooks reads the list of record systems. What is wrong with it is said by its place in the list.
func readHooks(env func(string) string, bad func(name, why string)) []cdshooks.Client {
	const name = "WAYPOST_CDS_CLIENTS_FILE"
	if env(name) == "" {
		return nil
	}
	raw, err := os.ReadFile(env(name)) // #nosec G304 G703 -- the operator's own file
	if err != nil {
		bad(name, "cannot be read")
		return nil
	}
	clients, err := cdshooks.ReadClients(raw)
	if err != nil {
		bad(name, err.Error())
	}
	return clients
}

// readProvider reads WAYPOST_OIDC_*. Secrets come from files, so that no child process and no dump of the environment
// holds them.
func readProvider(env func(string) string, bad func(name, why string)) *people.Provider {
	if env("WAYPOST_OIDC_ISSUER") == "" {
		return nil
	}
	p := &people.Provider{Issuer: env("WAYPOST_OIDC_ISSUER"), ClientID: env("WAYPOST_OIDC_CLIENT_ID"), KeyID: env("WAYPOST_OIDC_KEY_ID"), ACR: strings.Fields(env("WAYPOST_OIDC_ACR")), Return: staff.ReturnPath}
	if p.ClientID == "" {
		bad("WAYPOST_OIDC_CLIENT_ID", "is needed with WAYPOST_OIDC_ISSUER")
	}
	for name, into := range map[string]*vault.Secret[string]{"WAYPOST_OIDC_SECRET_FILE": &p.Secret, "WAYPOST_OIDC_KEY_FILE": &p.Key} {
		if file := env(name); file != "" {
			raw, err := os.ReadFile(file) // #nosec G304 G703 -- the operator's own file
			if err != nil {
				bad(name, "cannot be read")
				continue
			}
			*into = vault.Keep(strings.TrimSpace(string(raw)))
		}
	}
	if len(p.ACR) == 0 {
		bad("WAYPOST_OIDC_ACR", "names the levels of assurance that are good enough: without one a weak sign-in would do")
	}
	if p.Secret.Reveal() == "" && p.Key.Reveal() == "" {
		bad("WAYPOST_OIDC_SECRET_FILE", "or WAYPOST_OIDC_KEY_FILE is needed with WAYPOST_OIDC_ISSUER")
	}
	if age := env("WAYPOST_OIDC_MAX_AGE"); age != "" {
		var err error
		if p.MaxAge, err = time.ParseDuration(age); err != nil || p.MaxAge <= 0 {
			bad("WAYPOST_OIDC_MAX_AGE", "is a duration, such as 30m")
		}
	}
	return p
}

// places are the two directories of Waypost: what rests, and what opens it. They lie apart, neither inside the other.
type places struct {
	data, keys string
	rootKey    string // file with the root key, where it is not in the key directory
	mongoURI   string // file with the address of a MongoDB deployment; empty: the embedded store
	follower   bool   // another process on the same deployment tends the keyring
}

// readPlaces finds the directories. Without a word about them they are the user's own, as the desktop rules say. Commands
// that keep nothing do not ask.
func readPlaces(env func(string) string) (places, error) {
	var faults []error
	bad := func(name, why string) { faults = append(faults, fmt.Errorf("%s %s", name, why)) }
	p := places{data: env("WAYPOST_DATA_DIR"), keys: env("WAYPOST_KEY_DIR"), rootKey: env("WAYPOST_ROOT_KEY_FILE"), mongoURI: env("WAYPOST_MONGODB_URI_FILE")}
	home := env("HOME")
	switch env("WAYPOST_FOLLOWER") {
	case "":
	case "yes":
		if p.follower = true; p.mongoURI == "" {
			bad("WAYPOST_FOLLOWER", "is for several processes on one WAYPOST_MONGODB_URI_FILE: an embedded store has one")
		}
	default:
		bad("WAYPOST_FOLLOWER", "is empty or yes")
	}
	if p.data == "" && (env("XDG_DATA_HOME") != "" || home != "") {
		p.data = filepath.Join(or(env("XDG_DATA_HOME"), filepath.Join(home, ".local", "share")), "waypost")
	}
	if p.keys == "" && (env("XDG_CONFIG_HOME") != "" || home != "") {
		p.keys = filepath.Join(or(env("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "waypost")
	}
	for _, d := range []struct {
		name string
		dir  *string
	}{{"WAYPOST_DATA_DIR", &p.data}, {"WAYPOST_KEY_DIR", &p.keys}} {
		if *d.dir == "" {
			bad(d.name, "is needed where there is no home directory")
			continue
		}
		abs, err := filepath.Abs(*d.dir)
		if err != nil {
			bad(d.name, "is not a directory that can be found")
		}
		*d.dir = abs
	}
	if len(faults) == 0 && (within(p.data, p.keys) || within(p.keys, p.data)) {
		bad("WAYPOST_KEY_DIR", "and WAYPOST_DATA_DIR lie apart, neither inside the other")
	}
	if len(faults) > 0 {
		return places{}, fmt.Errorf("configuration %w: %w", errUsage, errors.Join(faults...))
	}
	return p, nil
}

func within(dir, other string) bool {
	rel, err := filepath.Rel(other, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// readConfig reports every fault together and names the variable, not the value.
func readConfig(env func(string) string) (config, error) {
	var faults []error
	bad := func(name, why string) { faults = append(faults, fmt.Errorf("%s %s", name, why)) }

	c := config{addr: or(env("WAYPOST_ADDR"), "127.0.0.1:8080"), publicURL: env("WAYPOST_PUBLIC_URL"), exitURL: env("WAYPOST_EXIT_URL"), languages: []string{locales.Source}}
	if _, _, err := net.SplitHostPort(c.addr); err != nil {
		bad("WAYPOST_ADDR", "is a host and a port, such as 127.0.0.1:8080")
	}
	for name, value := range map[string]string{"WAYPOST_PUBLIC_URL": c.publicURL, "WAYPOST_EXIT_URL": c.exitURL} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
			bad(name, "is a whole address, such as https://example.org")
		}
	}
	if list := env("WAYPOST_LANGUAGES"); list != "" {
		c.languages = strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
		if _, err := locales.Load(locales.Files(), c.languages...); err != nil {
			bad("WAYPOST_LANGUAGES", "names languages that Waypost has, such as en,cy")
		}
	}
	if n := env("WAYPOST_NATION"); n != "" {
		var err error
		if c.nation, err = directory.ParseNation(n); err != nil {
			bad("WAYPOST_NATION", "is one of england, wales, scotland, northern-ireland")
		}
	}
	var err error
	if c.directory, err = directory.ParseMode(env("WAYPOST_DIRECTORY")); err != nil {
		bad("WAYPOST_DIRECTORY", "is empty or verified")
	}
	if c.imports, err = peer.ParseHosts(env("WAYPOST_IMPORT_HOSTS")); err != nil {
		bad("WAYPOST_IMPORT_HOSTS", "names hosts with commas between, such as directory.council.example")
	}
	for _, code := range commas(env("WAYPOST_AREAS")) {
		if !feed.Cover(&c.areas, code) {
			bad("WAYPOST_AREAS", "names areas by codes that a postcode gives, such as E06000019,E54000019")
			break
		}
	}
	switch env("WAYPOST_HSTS_SUBDOMAINS") {
	case "":
	case "yes":
		c.wholeHost = true
	default:
		bad("WAYPOST_HSTS_SUBDOMAINS", "is empty or yes")
	}
	c.trailFile, c.provider, c.mail, c.hooks = env("WAYPOST_TRAIL_FILE"), readProvider(env, bad), readMail(env, bad), readHooks(env, bad)
	if len(faults) > 0 {
		return config{}, fmt.Errorf("configuration %w: %w", errUsage, errors.Join(faults...))
	}
	return c, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
