package packet_test

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"waypost/referrals/packet"
)

// What a copy for the person may hold is decided for every field, and some things are held whatever is decided: how the person
// is reached is in none, and nothing that was typed at length is in one that nobody looked through.
func TestEveryLineHasOneClassInACopy(t *testing.T) {
	whole := fstest.MapFS{}
	names, err := fs.Glob(packet.Content(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(packet.Content(), name)
		if err != nil {
			t.Fatal(err)
		}
		whole[name] = &fstest.MapFile{Data: text}
	}
	with := func(text string) fstest.MapFS {
		out := maps.Clone(whole)
		if delete(out, "copy.yaml"); text != "" {
			out["copy.yaml"] = &fstest.MapFile{Data: []byte(text)}
		}
		return out
	}
	b, err := packet.Load(whole)
	if err != nil {
		t.Fatal(err)
	}
	if b.ClassOf("person.name") != packet.ToGive || b.ClassOf("person.address") != packet.MayHarm || b.ClassOf("child.name") != packet.OfOthers ||
		b.ClassOf("contact.at") != packet.NoCopy || b.ClassOf("no.such") != packet.NoCopy {
		t.Error("the classes are not those of the file")
	}
	text := string(whole["copy.yaml"].Data)
	for name, change := range map[string][2]string{
		"a field without a class":        {"person.aliases, ", ""},
		"a part without a class":         {"case.found, ", ""},
		"a field in two":                 {"given: [", "given: [child.name, "},
		"no field":                       {"given: [", "given: [person.shoe-size, "},
		"the telephone in every copy":    {"never: [unsafe.name, unsafe.relationship, contact.channel, contact.at,", "never: [unsafe.name, unsafe.relationship, contact.channel,"},
		"an address in every copy":       {"harm: [person.aliases, person.address,", "harm: [person.aliases,"},
		"no checks":                      {"checks: [who-asks, alone, safe-place, serious-harm, other-people, by-hand]", "checks: []"},
		"a reason that is no id":         {"reasons: [person-asked, made-in-error, legal-order]", "reasons: [Person Asked]"},
		"what nobody has said a word of": {"basis: synthesis", "basis: memory"},
		"a key that nobody reads":        {"given: [", "extra: 1\ngiven: ["},
	} {
		mended := strings.Replace(text, change[0], change[1], 1)
		switch name {
		case "the telephone in every copy":
			mended = strings.Replace(mended, "given: [", "given: [contact.at, ", 1)
		case "an address in every copy":
			mended = strings.Replace(mended, "given: [", "given: [person.address, ", 1)
		}
		if mended == text {
			t.Fatalf("%s: the file was not changed", name)
		}
		if _, err := packet.Load(with(mended)); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	if _, err := packet.Load(with("")); err == nil {
		t.Error("loaded without it")
	}
}
