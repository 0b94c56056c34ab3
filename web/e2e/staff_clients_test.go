package e2e

import (
	"strings"
	"testing"
)

// inventedKeySet is a public key on P-384: the point that the curve itself begins with, to which nobody has another half but 1.
const inventedKeySet = `{"keys":[{"kty":"EC","crv":"P-384","kid":"invented-1",` +
	`"x":"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",` +
	`"y":"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}]}`

// TestASystemIsConnectedByKeyboardWithoutScript signs in, which needs script, and then goes on without it and with nothing but
// keys: to the page of connected systems, through its form, and to the end of the connection.
func TestASystemIsConnectedByKeyboardWithoutScript(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	p, _ := o.enrol(t, View{})
	p.Goto(o.URL + "/account")
	p.Press(signInButton)
	p.Await("Add a passkey")
	p.WithoutScript()
	p.Goto(o.URL + "/account")
	p.Use("Connected systems", Enter)
	p.Reach("the name", func(f Focus) bool { return f.ID == "name" })
	p.Type("#name", "Invented System")
	p.Reach("the keys", func(f Focus) bool { return f.ID == "keys" })
	p.Type("#keys", inventedKeySet)
	p.Choose("scope", "ServiceRequest.c")
	p.Choose("scope", "Task.rs")
	p.Use("Connect it", Enter)
	for _, want := range []string{"Invented System", "invented-1", "Refer somebody", "See how a referral stands", o.URL + "/oauth/token"} {
		if !strings.Contains(p.Text(), want) {
			t.Errorf("the page does not say %q:\n%s", want, p.Text())
		}
	}
	p.Use("End this connection", Enter)
	p.Reach("the button", func(f Focus) bool { return f.Tag == "BUTTON" && strings.HasPrefix(f.Text, "End this connection") })
	p.Key(Enter)
	p.Settle()
	if strings.Contains(p.Text(), "End this connection") || p.TextOf("section .tag") != "ended" {
		t.Errorf("it has not ended:\n%s", p.Text())
	}
	clean(t, "console", p.Console())
}
