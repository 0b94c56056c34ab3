package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The product itself: an operator founds an organisation at the console, its first lead takes the link up in a browser and
// signs in again by keyboard alone.
func TestStaffComeIntoTheProduct(t *testing.T) {
	t.Parallel()
	binary, err := product()
	must(t, err)
	home := t.TempDir()
	places := []string{"WAYPOST_DATA_DIR=" + filepath.Join(home, "data"), "WAYPOST_KEY_DIR=" + filepath.Join(home, "keys")}
	s := Start(t, binary, places...)
	address := strings.TrimPrefix(s.URL, "http://")
	cmd := exec.CommandContext(t.Context(), binary, "invite", "found", "practice")
	cmd.Env = append(append(os.Environ(), places...), "WAYPOST_ADDR="+address)
	cmd.Stdin = strings.NewReader("Invented Practice\nInvented Lead\n")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("invite: %v\n%s", err, said)
	}
	link := regexp.MustCompile(`http://localhost:\d+/enrol#(\S+)`).FindStringSubmatch(string(said))
	if link == nil {
		t.Fatalf("no link: %s", said)
	}
	p := browser.Open(t, link[0], View{})
	p.Authenticator()
	p.Use("Make a passkey", Enter)
	p.Await("Invented Practice")
	p.Use("Sign out", Enter)
	p.Await("Sign in with a passkey")
	p.Use("Sign in with a passkey", Enter)
	p.Await("Invented Practice")
	p.Use("People", Enter)
	p.Await("Invite somebody")
	own := "http://localhost:" + address[strings.LastIndexByte(address, ':')+1:]
	clean(t, "strangers", p.Strangers(own))
	clean(t, "console", withoutClearing(p.Console()))
	for _, secret := range []string{link[1], "Invented"} {
		if strings.Contains(s.Output(), secret) {
			t.Errorf("the server wrote %.8q", secret)
		}
	}
}
