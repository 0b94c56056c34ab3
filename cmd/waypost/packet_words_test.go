package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/screening"
)

// telling are words that would betray a sheet to whoever picks it up.
var telling = regexp.MustCompile(`(?i)abus|violen|police|refuge|stalk|domestic|track|fear|control|safeguard|marac|threat|danger|partner|crisis|psychos|assault|referr|camdri|trais|heddlu|atgyf|perygl`)

// Every packet in every language on offer: full words in the packet, and no telling one on the discreet copy (A40).
func TestPacketsInEveryLanguage(t *testing.T) {
	p := loaded(t, "cy")
	book, err := packet.Load(packet.Content())
	if err != nil {
		t.Fatal(err)
	}
	var in []packet.Entry
	for _, f := range book.Fields {
		value := "invented"
		switch {
		case f.List != "":
			value = book.Codes(f.List)[0]
		case f.Kind == "date":
			value = "1971-02-03"
		case f.Kind == "number":
			value = "9990000018"
		}
		in = append(in, packet.Entry{Field: f.ID, Value: vault.Keep(value)})
	}
	dossier, faults := book.Fill(in)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, d := range book.Destinations {
		for _, path := range d.Finds {
			if !slices.ContainsFunc(p.bank.Pathways, func(known screening.Pathway) bool { return known.ID == path }) {
				t.Errorf("%s is told findings of %s, and there is no such pathway", d.ID, path)
			}
		}
	}
	for _, language := range []string{"en", "cy"} { // what is in every copy for the person
		for _, f := range book.Fields {
			if text, _, _ := p.words.Text(language, "referral.field."+f.ID); book.ClassOf(f.ID) == packet.ToGive && (text == "" || telling.MatchString(text) || strings.Contains(text, "famil") || strings.Contains(text, "teulu")) {
				t.Errorf("a copy that nobody looked through says %q in %s", text, language)
			}
		}
	}
	for _, language := range []string{"en", "cy"} {
		words := p.words.In(language, func(id string) { t.Errorf("%s: no words for %s", language, id) })
		for _, d := range book.Destinations {
			nation := directory.England
			if len(d.Nations) > 0 {
				nation, _ = directory.ParseNation(d.Nations[0])
			}
			made, err := book.Make(packet.Input{
				Destination: d.ID, Reference: "0f", Made: time.Now(), Nation: nation, Age: directory.Adult, Urgency: "same_day", Dossier: dossier,
				Concerns: []packet.Concern{{Finding: "going-home.not-safe", Line: "abuse", Pathways: d.Finds}},
				Consent:  packet.Consent{Decision: packet.Given, By: "m", On: time.Now()},
			})
			if err != nil {
				t.Fatal(err)
			}
			if text := made.Plain(words); strings.Contains(text, "[") || !strings.Contains(text, "invented") {
				t.Errorf("%s in %s:\n%s", d.ID, language, text)
			}
			if found := telling.FindString(made.PlainDiscreet(words)); found != "" {
				t.Errorf("the discreet copy of %s says %q in %s", d.ID, found, language)
			}
		}
	}
}
