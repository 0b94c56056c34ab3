package conform

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"waypost/internal/store"
)

func names(rs []store.Record) []string {
	var out []string
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func queues(t *testing.T, open Open) {
	g := on(t, open)
	var want []string
	for i := range 24 {
		r := Record("practice-a", fmt.Sprintf("c-%02d", 23-i), 1, "x")
		r.Due, r.State = At().Add(time.Duration(i/5)*time.Minute), []string{"new", "waiting", "", "closed"}[i%4]
		g.must("practice-a", insert(r))
	}
	for i := range 5 { // within one due time by id, which was counted down
		for j := min(4, 23-i*5); j >= 0; j-- {
			if n := i*5 + j; n%4 != 3 {
				want = append(want, fmt.Sprintf("c-%02d", 23-n))
			}
		}
	}
	undated := Record("practice-a", "undated", 1, "x")
	undated.Due = time.Time{}
	for _, r := range []store.Record{undated, Record("practice-b", "c-99", 1, "x")} {
		g.must(r.Tenant, insert(r))
	}
	staff := Record("practice-a", "c-98", 1, "x")
	staff.Kind = "staff"
	g.must("practice-a", insert(staff))
	want = append([]string{"undated"}, want...)

	for limit := range []int{1, 2, 3, 7, len(want) - 1, len(want), 200} {
		q := store.Query{Tenant: "practice-a", Kind: "case", States: []string{"waiting", "new", ""}, Limit: limit + 1}
		var got []string
		for pages := 0; ; pages++ {
			page, err := g.Queue(t.Context(), q)
			if err != nil || len(page.Records) > q.Limit || pages > len(want) {
				t.Fatalf("page %d of %d: %d records, %v", pages, q.Limit, len(page.Records), err)
			}
			got = append(got, names(page.Records)...)
			if page.Next == nil {
				break
			}
			if len(page.Records) != q.Limit {
				t.Fatalf("a page of %d has %d records and is not the last", q.Limit, len(page.Records))
			}
			q.After = *page.Next
		}
		g.same(fmt.Sprintf("queue by pages of %d", q.Limit), got, want)
	}
	page, err := g.Queue(t.Context(), store.Query{Tenant: "practice-a", Kind: "case", States: []string{"", "new", "waiting"}, Limit: len(want)})
	if err != nil || page.Next != nil {
		t.Errorf("a page that holds all has no next: %v, %v", page.Next, err)
	}
	page, err = g.Queue(t.Context(), store.Query{Tenant: "practice-a", Kind: "case", States: []string{"unheard"}, Limit: 1})
	if err != nil || len(page.Records) != 0 || page.Next != nil {
		t.Errorf("a state nobody is in: %v, %v", page, err)
	}

	counts, err := g.Count(t.Context(), store.Query{Tenant: "practice-a", Kind: "case", States: []string{"new", "closed", "", "unheard"}})
	if err != nil || len(counts) != 4 || counts["new"] != 7 || counts["closed"] != 6 || counts[""] != 6 || counts["unheard"] != 0 {
		t.Errorf("count: %v, %v", counts, err)
	}
	movesOn(g)
}

// movesOn: who changes state leaves one queue and joins the other.
func movesOn(g given) {
	r := Record("practice-c", "one", 1, "x")
	g.must("practice-c", insert(r))
	r.Rev, r.State, r.Due = 2, "waiting", At().Add(time.Hour)
	g.must("practice-c", replace(r))
	counts, err := g.Count(g.Context(), store.Query{Tenant: "practice-c", Kind: "case", States: []string{"new", "waiting"}})
	if err != nil || counts["new"] != 0 || counts["waiting"] != 1 {
		g.Errorf("after a change of state: %v, %v", counts, err)
	}
}

func lists(t *testing.T, open Open) {
	g := on(t, open)
	var some []store.Record
	for i, tenant := range []string{"practice-b", "practice-a", "practice-a", "practice-a", "practice-b"} {
		r := Record(tenant, fmt.Sprintf("c-%d", i), 1, "x")
		r.Blind = [][]byte{Blind(i), Blind(50)}
		r.Expires = At().Add([]time.Duration{3, 1, 2, 2, 2}[i] * time.Hour)
		some = append(some, r)
		g.must(tenant, insert(r), put(r.Key, []string{"2027-03", "2027-04"}[i%2], "wrapped "+r.ID))
	}
	never := Record("practice-a", "never", 1, "x")
	g.must("practice-a", insert(never))

	found := func(tenant, kind string, blind ...[]byte) []string {
		rs, err := g.Find(t.Context(), tenant, kind, blind)
		if err != nil {
			t.Errorf("find: %v", err)
		}
		return names(rs)
	}
	g.same("found by one value", found("practice-a", "case", Blind(2)), []string{"c-2"})
	g.same("found by several, each once", found("practice-a", "case", Blind(3), Blind(50), Blind(1)), []string{"c-1", "c-2", "c-3"})
	g.same("found for another organisation", found("practice-b", "case", Blind(1)), nil)
	g.same("found as another kind", found("practice-a", "staff", Blind(1)), nil)
	rs, err := g.Find(t.Context(), "practice-a", "case", [][]byte{Blind(2)})
	if err != nil || len(rs) != 1 || show(rs[0]) != show(some[2]) {
		t.Errorf("found: %v, %v", showAll(rs), err)
	}

	expired := func(before time.Time, limit int) []string {
		keys, err := g.Expired(t.Context(), before, limit)
		if err != nil {
			t.Errorf("expired: %v", err)
		}
		return ids(keys)
	}
	g.same("nothing has expired", expired(At().Add(time.Hour), 10), nil)
	g.same("one has expired", expired(At().Add(time.Hour+time.Nanosecond), 10), []string{"c-1"})
	g.same("all in order", expired(At().Add(240*time.Hour), 10), []string{"c-1", "c-2", "c-3", "c-4", "c-0"})
	g.same("the first two", expired(At().Add(240*time.Hour), 2), []string{"c-1", "c-2"})
	g.same("before time began", expired(time.Time{}, 10), nil)
	g.must("practice-a", Gone(some[1].Key, 1), destroy(some[1].Key))
	g.same("after the sweep", expired(At().Add(240*time.Hour), 2), []string{"c-2", "c-3"})

	w, err := g.WrappedKey(t.Context(), some[2].Key)
	if err != nil || w.Bucket != "2027-03" || string(w.Wrapped) != "wrapped c-2" {
		t.Errorf("wrapped key: %q %q, %v", w.Bucket, w.Wrapped, err)
	}
	for _, k := range []store.Key{some[1].Key, never.Key} {
		_, err = g.WrappedKey(t.Context(), k)
		g.refuses("a key destroyed, or never put", err, store.ErrNotFound)
	}
	g.refuses("destroying it again", g.commit("practice-a", destroy(some[1].Key)), store.ErrNotFound)
	bucket := func(month string, after store.Key, limit int) []string {
		keys, err := g.BucketKeys(t.Context(), month, after, limit)
		if err != nil {
			t.Errorf("bucket keys: %v", err)
		}
		return ids(keys)
	}
	g.same("keys of a month", bucket("2027-03", store.Key{}, 10), []string{"c-2", "c-0", "c-4"})
	g.same("the first", bucket("2027-03", store.Key{}, 1), []string{"c-2"})
	g.same("those after it", bucket("2027-03", some[2].Key, 10), []string{"c-0", "c-4"})
	g.must("practice-a", put(some[2].Key, "2027-04", "wrapped anew"))
	g.same("after one was wrapped anew", bucket("2027-03", store.Key{}, 10), []string{"c-0", "c-4"})
	g.same("where it is now", bucket("2027-04", store.Key{}, 10), []string{"c-2", "c-3"})
	g.must("practice-a", Gone(some[3].Key, 1))
	if _, err := g.WrappedKey(t.Context(), some[3].Key); err != nil {
		t.Errorf("deleting a record took its key along: %v", err)
	}
	manyFound(g)
}

// manyFound: Find ends at its limit, with the lowest ids.
func manyFound(g given) {
	b := g.batch("practice-c")
	var want []string
	for i := range store.BatchLimit {
		r := Record("practice-c", fmt.Sprintf("c-%03d", (i*7)%store.BatchLimit), 1, "x")
		r.Blind = [][]byte{Blind(i % 2)}
		b.Ops = append(b.Ops, insert(r))
		want = append(want, r.ID)
	}
	if err := g.Commit(g.Context(), b.Ready()); err != nil {
		g.Fatal(err)
	}
	slices.Sort(want)
	rs, err := g.Find(g.Context(), "practice-c", "case", [][]byte{Blind(1), Blind(0)})
	if err != nil {
		g.Fatal(err)
	}
	g.same("found at the limit", names(rs), want[:store.FindLimit])
}

func ids(keys []store.Key) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.ID)
	}
	return out
}
