package openreferral

import (
	"encoding/json"
	"fmt"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
)

// What an answer costs, without the line: a page of fifty, a whole service, and a filter over many.
func BenchmarkDirectoryPage(b *testing.B) {
	shipped, err := national.Load()
	if err != nil {
		b.Fatal(err)
	}
	var many []directory.Service
	for i := range 10_000 {
		many = append(many, invented(fmt.Sprintf("s%d", i), rich))
	}
	terms := newTaxonomies()
	for name, services := range map[string][]directory.Service{"shipped": shipped, "10000": many} {
		d, err := directory.Open(services)
		if err != nil {
			b.Fatal(err)
		}
		as := directory.Look{Today: aDayLater(), Audience: directory.Public}
		l := look(d, as)
		page := func(q query) {
			body, err := json.Marshal(pageOf(l.fitting(q, terms), q, func(i *item) any { return i.brief() }))
			if err != nil || len(body) < 100 {
				b.Fatal(err)
			}
		}
		plain, _ := decode(func(func(string, string) bool) {})
		b.Run(name+"/page", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page(plain)
			}
		})
		filtered := plain
		filtered.term, filtered.search = terms.byKey[ofNeed]["stalking"].ID, []string{"shire", "aid"}
		b.Run(name+"/filtered", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page(filtered)
			}
		})
		b.Run(name+"/service", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := json.Marshal(l.items[0].full(terms)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/new-listing", func(b *testing.B) {
			for b.Loop() {
				look(d, as)
			}
		})
	}
}
