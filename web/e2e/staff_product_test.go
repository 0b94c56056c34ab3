package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// founded is the product with an organisation that an operator founded at the console, the address under which browsers
// reach it, and the link by which its first lead enrols.
func founded(t *testing.T, settings ...string) (s *Server, own, link string) {
	t.Helper()
	binary, err := product()
	must(t, err)
	home := t.TempDir()
	places := []string{"WAYPOST_DATA_DIR=" + filepath.Join(home, "data"), "WAYPOST_KEY_DIR=" + filepath.Join(home, "keys")}
	s = Start(t, binary, append(places, settings...)...)
	address := strings.TrimPrefix(s.URL, "http://")
	cmd := exec.CommandContext(t.Context(), binary, "invite", "found", "practice")
	cmd.Env = environment(append(places, "WAYPOST_ADDR="+address)...)
	cmd.Stdin = strings.NewReader("Invented Practice\nInvented Lead\n")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("invite: %v\n%s", err, said)
	}
	if link = regexp.MustCompile(`http://localhost:\d+/enrol#\S+`).FindString(string(said)); link == "" {
		t.Fatalf("no link: %s", said)
	}
	return s, "http://localhost:" + address[strings.LastIndexByte(address, ':')+1:], link
}

// The product itself: an operator founds an organisation at the console, its first lead takes the link up in a browser and
// signs in again by keyboard alone.
func TestStaffComeIntoTheProduct(t *testing.T) {
	t.Parallel()
	s, own, link := founded(t)
	p := browser.Open(t, link, View{})
	p.Authenticator()
	p.Use("Make a passkey", Enter)
	p.Await("Invented Practice")
	p.Use("Sign out", Enter)
	p.Await("Sign in with a passkey")
	p.Use("Sign in with a passkey", Enter)
	p.Await("Invented Practice")
	p.Use("People", Enter)
	p.Await("Invite somebody")
	clean(t, "strangers", p.Strangers(own))
	clean(t, "console", withoutClearing(p.Console()))
	_, token, _ := strings.Cut(link, "#")
	for _, secret := range []string{token, "Invented"} {
		if strings.Contains(s.Output(), secret) {
			t.Errorf("the server wrote %.8q", secret)
		}
	}
}
