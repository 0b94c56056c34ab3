package consult_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// The branches on implants, devices and health apps open on the page of questions as soon as an answer gives cause, and none of
// their questions stands there before.
func TestBranchesOpenInline(t *testing.T) {
	address := listening(t, server(t, council(t), time.Now))
	const (
		chip   = "gateway.topics=chip-or-implant"
		health = "gateway.topics=health-devices-and-record"
		device = health + " health.relies-on=none health.device=no"
	)
	for _, c := range []struct{ before, answer, opens string }{
		{chip, "implant.about=to-do-with-work", "implant.work"},
		{chip, "implant.about=pressed", "implant.say-no"},
		{chip, "implant.about=wants-it-out", "implant.account"},
		{chip, "implant.about=someone-else-runs-it", "implant.opens"},
		{chip, "implant.about=worried-about-one-i-chose", "implant.scan"},
		{chip, "implant.about=i-think-one-is-in-me", "mind.function"},
		{chip, "implant.about=i-think-one-is-in-me", "mind.observed"},
		{chip, "implant.request=partner", "implant.request-aim"},
		{chip, "implant.request=child", "implant.request-done"},
		{"", health, "health.relies-on"},
		{"", health, "health.now"},
		{device, "health.device=threatened", "health.settings"},
		{health + " health.relies-on=stimulator", "health.settings=agreed", "choice.settings"},
		{device, "health.unexplained=yes", "health.mismatch"},
		{device, "health.readings=not-by-choice", "health.spoken-for"},
		{device, "health.readings=not-by-choice", "health.shows-place"},
		{device, "health.device=unsure", "health.without-it"},
		{health, "health.app=flashing", "health.app-from"},
		{health, "health.app=flashing", "health.app-others"},
		{health, "health.app=flashing", "health.app-practice"},
		{health, "health.app=flashing", "health.risk-group"},
		{health, "health.app=flashing", "health.app-kept"},
		{health, "child.in-home=yes-affected", "child-device.health-device"},
	} {
		form := url.Values{"lang": {"en"}, "about.nation": {"wales"}, "about.subject": {"patient-here"}, "setting.alone": {"alone"}, "gateway.body": {"yes"}}
		give := func(pairs string) {
			for _, pair := range strings.Fields(pairs) {
				question, answer, _ := strings.Cut(pair, "=")
				form.Set(question, answer)
			}
		}
		shows := func() bool { _, page := post(t, address, form); return strings.Contains(page, `name="`+c.opens+`"`) }
		if give(c.before); shows() {
			t.Errorf("%s stands on the page before %s", c.opens, c.answer)
		}
		if give(c.answer); !shows() {
			t.Errorf("%s does not open %s", c.answer, c.opens)
		}
	}
}
