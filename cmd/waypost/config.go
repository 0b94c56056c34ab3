package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"waypost/locales"
	"waypost/referrals/directory"
)

// config is read from the environment once. Its values are never printed, because some of them are secrets.
type config struct {
	addr      string
	publicURL string
	exitURL   string
	languages []string
	nation    directory.Nation
	directory directory.Mode
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
