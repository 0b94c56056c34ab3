package e2e

import (
	"strings"
	"testing"
)

// TestACallByKeyboard goes from the first question to the end of a call with nothing but keys, and sees the focus all the way.
func TestACallByKeyboard(t *testing.T) {
	t.Parallel()
	s := desk(t)
	for _, view := range []View{{}, {NoScript: true}} {
		t.Run(pick(view.NoScript, "without script", "with script"), func(t *testing.T) {
			t.Parallel()
			p := browser.Open(t, s.URL+"/agent/invented", view)
			p.Use("Danger, hurt, self-harm or a threat: open this at once", Enter)
			if !strings.Contains(p.Text(), "I’m really glad you said so.") {
				t.Errorf("danger does not open: %s", p.Text())
			}
			for _, b := range []string{"Safe for now", "Someone can hear or see, or not sure", "Fear that something is in the body", "Go on"} {
				p.Use(b, Enter)
				if f := p.Focused(); !view.NoScript && (f.ID != "at" || f.Seen != "") {
					t.Errorf("after %q the focus is on %s %s: %s", b, f.Tag, f.ID, f.Seen)
				}
			}
			if !strings.Contains(p.Text(), "help.example") || !strings.Contains(p.Text(), "Send nothing.") {
				t.Errorf("the address is not reached: %s", p.Text())
			}
			p.Use("“Do you believe me?”", Enter)
			if !strings.Contains(p.Text(), "I do want you looked after.") {
				t.Errorf("a hard moment does not open: %s", p.Text())
			}
			p.Use("Go on", Enter)
			p.Use("The call is over", Enter)
			if !strings.Contains(p.Text(), "Stop for two minutes.") {
				t.Errorf("the end is not reached: %s", p.Text())
			}
			p.Use("New call", Enter)
			if !strings.Contains(p.Text(), "First: are they safe?") || strings.Contains(p.Text(), "Back") {
				t.Errorf("a new call does not begin: %s", p.Text())
			}
			p.Use("The guide on one page", Enter)
			p.Use("Back", Enter)
			p.Use("Cymraeg", Enter)
			p.Use("English", Enter)
			if !strings.Contains(p.Text(), "First: are they safe?") {
				t.Errorf("from the paper and from Welsh there is no way back: %s", p.Text())
			}
			if loads := p.Loads(); !view.NoScript && loads > 3 { // a change of language is a page of its own
				t.Errorf("with script %d documents were loaded", loads)
			}
			quietly(t, "by keyboard", p, s)
		})
	}
}

// TestTheGuideIsOnOnePage prints it: by accident nothing, on purpose one page with every step and every hard moment.
func TestTheGuideIsOnOnePage(t *testing.T) {
	t.Parallel()
	s := desk(t)
	for _, view := range []View{{}, {NoScript: true}} {
		p := browser.Open(t, s.URL+"/agent/invented", view)
		if paper := p.Printed(); strings.Contains(paper, "safe") {
			t.Errorf("the call is printed by accident: %s", paper)
		}
		press(p, "p")
		if !view.NoScript {
			ask[bool](p, `(window.print = () => {}, document.querySelector("[data-print]").click(), true)`)
		}
		paper := p.Printed()
		if pages := strings.Count(strings.TrimSuffix(paper, "\f"), "\f") + 1; pages != 1 {
			t.Errorf("the guide takes %d pages", pages)
		}
		flat := words(paper)
		for _, line := range []string{"999", "First: are they safe?", "For a relative", "After the call", "again and again", "help.example", "press 55 when asked", "Hand over to: Emergency; Mental health crisis"} {
			if !strings.Contains(flat, line) {
				t.Errorf("on paper there is no %q: %s", line, flat)
			}
		}
		for _, never := range []string{"Leave this page", "Invented lead", "Back"} {
			if strings.Contains(flat, never) {
				t.Errorf("the paper says %q", never)
			}
		}
		press(p, "r")
		p.Press(`button[name="speak"][value="cy"]`)
		press(p, "p")
		if paper := p.Printed(); view.NoScript && strings.Count(strings.TrimSuffix(paper, "\f"), "\f") != 0 {
			t.Error("in Welsh the guide takes more than one page")
		}
		press(p, "r")
		p.Press(`button[name="speak"][value="en"]`)
		if !strings.Contains(p.Text(), "Are you safe where you are at this moment?") {
			t.Errorf("the way back from the paper: %s", p.Text())
		}
	}
}

// TestTheCardIsPrinted prints both cards: the address, and a code on the second alone.
func TestTheCardIsPrinted(t *testing.T) {
	t.Parallel()
	s := desk(t)
	p := browser.Open(t, s.URL+"/agent/invented/kit", View{})
	if paper := words(p.Printed()); !strings.Contains(paper, "help.example") || strings.Contains(paper, "Leave this page") || strings.Contains(paper, "noreferrer") {
		t.Errorf("on the card: %s", paper)
	}
	if ask[int](p, `document.querySelectorAll("main svg, main script, main iframe, main img").length`) != 0 {
		t.Error("the first card has more than words")
	}
	p.Press(`a[href*="/card?"]`)
	if ask[int](p, `document.querySelectorAll("main svg").length`) != 1 {
		t.Error("the second card has no code")
	}
	quietly(t, "card", p, s)
}

// TestTheFirstPageOfAnAgentIsSmall holds the budget, and that looking leaves nothing in the browser.
func TestTheFirstPageOfAnAgentIsSmall(t *testing.T) {
	t.Parallel()
	s := desk(t)
	p := browser.Open(t, s.URL+"/agent/invented", View{})
	if total, parts := p.Weight(); total > 15<<10 {
		t.Errorf("the first page takes %d bytes on the wire, %d at most: %v", total, 15<<10, parts)
	}
	quietly(t, "first page", p, s)
}

// TestTheBinaryHasNoLivePartner asks the real one: the example that ships leads where anybody unknown leads.
func TestTheBinaryHasNoLivePartner(t *testing.T) {
	t.Parallel()
	p, s := visit(t, View{})
	first := p.Text()
	for _, who := range []string{"example", "nobody"} {
		p.Goto(s.URL + "/agent/" + who)
		if p.Address() != s.URL+"/" || p.Text() != first {
			t.Errorf("/agent/%s leads to %s: %s", who, p.Address(), p.Text())
		}
	}
	quietly(t, "not live", p, s)
}
