package shelf_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
	"waypost/referrals/shelf"
	"waypost/referrals/shelf/private"
)

// Services, numbers, addresses and staff are invented.

var today = time.Date(2027, 3, 10, 9, 0, 0, 0, time.UTC)

const area = "E06000019"

// room is a safe on the model of a store.
type room struct {
	*records.Safe
	model  *conform.Model
	notary *trail.Notary
	now    time.Time
}

func furnish(t testing.TB) *room {
	t.Helper()
	r := &room{notary: conform.Notary(t), now: today}
	r.model = conform.NewModel(r.notary)
	root, err := vault.NewRootKey(make([]byte, 32))
	must(t, err)
	now := func() time.Time { return r.now }
	ring, err := records.Start(t.Context(), records.Ground{
		Keyring: vault.Ground{Path: filepath.Join(t.TempDir(), "keyring"), Root: root, Random: rand.Reader, Now: now},
		Store:   r.model, Marks: r.model, Longest: 400 * 24 * time.Hour,
	})
	must(t, err)
	r.Safe, err = records.Open(t.Context(), records.Config{
		Store: r.model, Marks: r.model, Keys: ring, Now: now, Random: rand.Reader, Kinds: slices.Concat(shelf.Kinds(), private.Kinds()),
	})
	must(t, err)
	return r
}

func (r *room) shelf(t testing.TB, national ...directory.Service) *shelf.Shelf {
	t.Helper()
	s, err := shelf.Open(t.Context(), shelf.Config{Safe: r, National: national, Now: func() time.Time { return r.now }, Random: rand.Reader})
	must(t, err)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, got, target error) {
	t.Helper()
	if !errors.Is(got, target) {
		t.Errorf("error %v, want %v", got, target)
	}
}

func by(actor, action string) records.Act {
	return records.Act{Tenant: "practice-1", Actor: actor, Role: "lead", Action: action}
}

func line() directory.Service {
	return directory.Service{
		ID: "line", Name: "Invented line", Needs: []string{"stalking"}, Nations: directory.AllNations, ShownTo: directory.Anyone, Prof: directory.ProfUnknown, Status: directory.Official,
		Ways: []directory.Way{{By: directory.Phone, At: "0808 157 0000", Status: directory.Official}}, Bill: directory.Bill{Trace: directory.BillUnknown},
		Sources: []directory.Source{{Address: "https://line.example.org/about"}}, SourceDate: "undated", ReadOn: today,
	}
}

func local(id string) directory.Service {
	s := line()
	s.ID, s.Name = id, "Invented "+id
	s.Nations, s.Covers = directory.Nations(0).With(directory.England), directory.Coverage{Authorities: []string{area}}
	return s
}

func order(text string, change ...func(*shelf.Order)) shelf.Order {
	o := shelf.Order{
		Source: feed.Source{
			Name: "shire", Address: "https://feed.example.org/services", Read: today, Needs: []string{"stalking"}, Covers: directory.Coverage{Authorities: []string{area}},
		},
		Read: []func(*feed.Reading) error{func(r *feed.Reading) error { return r.JSON(strings.NewReader(text)) }},
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func page(n int, number string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"id":"s%d","name":"Invented %d","status":"active","phones":[{"number":%q}]}`, i, i, number))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func found(s *shelf.Shelf, audience directory.Audience) []string {
	var ids []string
	for _, m := range s.Directory().Match(directory.Wants{
		Needs: []string{"stalking"}, Nation: directory.England, Area: directory.Area{Authority: area}, Audience: audience, Today: today, Limit: directory.HardLimit,
	}).Matches {
		ids = append(ids, m.Service.ID)
	}
	return ids
}

func TestAnImportIsThereAtOnceAndAfterARestart(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t, line())
	if got := found(s, directory.Staff); !slices.Equal(got, []string{"line"}) {
		t.Fatalf("an empty shelf: %v", got)
	}
	sum, err := s.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456"), func(o *shelf.Order) { o.Dry = true }))
	if err != nil || sum.Tally[ledger.Added] != 3 || len(found(s, directory.Staff)) != 1 {
		t.Fatalf("a dry run: %v %+v", err, sum)
	}
	sum, err = s.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	if err != nil || sum.Tally[ledger.Added] != 3 || sum.Boxes == 0 {
		t.Fatalf("%v %+v", err, sum)
	}
	for _, audience := range []directory.Audience{directory.Staff, directory.PatientCopy, directory.Public} {
		if got := found(s, audience); !slices.Equal(got, []string{"shire-s0", "shire-s1", "shire-s2", "line"}) {
			t.Errorf("audience %d: %v", audience, got)
		}
	}
	if e, ok := s.Entry("shire-s1"); !ok || e.Service.Status != directory.Secondary || e.Service.VerifiedBy != "" {
		t.Errorf("%+v", e)
	}
	again := r.shelf(t, line())
	if got := found(again, directory.Staff); len(got) != 4 {
		t.Errorf("after a restart: %v", got)
	}
	head := func() int64 {
		h, err := r.model.TrailHead(t.Context(), "waypost.directory")
		must(t, err)
		return h.Size
	}
	before := head()
	sum, err = s.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	if err != nil || sum.Tally[ledger.Same] != 3 || sum.Boxes != 0 || head() != before {
		t.Errorf("twice: %v %+v", err, sum)
	}
	sum, err = s.Import(t.Context(), by("system", "services.import"), order(strings.Replace(page(3, "01432 123456"), "01432 123456", "01432 654321", 1)))
	if err != nil || sum.Tally[ledger.Changed] != 1 || sum.Tally[ledger.Same] != 2 || sum.Boxes != 1 {
		t.Errorf("one differs: %v %+v", err, sum)
	}
	sum, err = s.Import(t.Context(), by("system", "services.import"), order(page(2, "01432 123456")[:60]))
	if !errors.Is(err, feed.ErrFeed) || sum.Tally[ledger.Vanished] != 0 || len(found(s, directory.Staff)) != 4 {
		t.Errorf("breaks off: %v %+v", err, sum)
	}
}

func TestAChangedContactTakesTwoPeople(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t, line())
	_, err := s.Enter(t.Context(), by("member-1", "service.enter"), local("aid"))
	must(t, err)
	if got := found(s, directory.Staff); slices.Contains(got, "aid") {
		t.Fatal("shown on the word of one")
	}
	_, err = s.Confirm(t.Context(), by("member-1", "service.confirm"), "aid")
	want(t, err, ledger.ErrSamePerson)
	_, err = s.Confirm(t.Context(), by("member-2", "service.confirm"), "aid")
	must(t, err)
	if got := found(s, directory.Staff); !slices.Equal(got, []string{"aid", "line"}) {
		t.Fatalf("%v", got)
	}
	moved := local("aid")
	moved.Ways = []directory.Way{{By: directory.Phone, At: "0808 157 0001", Status: directory.Secondary}}
	_, err = s.Propose(t.Context(), by("member-2", "service.propose"), moved)
	must(t, err)
	other := r.shelf(t, line()) // another process, or this one after a restart
	if due := other.Dues(today); len(due) != 1 || due[0].What != ledger.WaitsForAnother {
		t.Errorf("what waits does not rest: %v", due)
	}
	_, err = other.Confirm(t.Context(), by("member-2", "service.confirm"), "aid")
	want(t, err, ledger.ErrSamePerson)
	_, err = other.Confirm(t.Context(), by("member-3", "service.confirm"), "aid")
	must(t, err)
	if e, _ := s.Entry("aid"); e.Service.Ways[0].At != "0808 157 0000" {
		t.Error("the first process knows it by magic")
	}
	_, err = s.Refuse(t.Context(), by("member-1", "service.refuse"), "aid") // decides on what it read long ago
	want(t, err, ledger.ErrNoChange)
	if changed, err := s.Refresh(t.Context()); err != nil || changed {
		t.Errorf("read again after the conflict, and again: %v %v", changed, err)
	}
	if e, _ := s.Entry("aid"); e.Service.Ways[0].At != "0808 157 0001" || e.Service.VerifiedBy != "member-3" {
		t.Errorf("%+v", e.Service)
	}
	for _, id := range []string{"nobody-knows", "line"} {
		_, err = s.Rung(t.Context(), by("member-1", "service.rung"), id)
		want(t, err, shelf.ErrNotFound)
		_, err = s.Enter(t.Context(), by("member-1", "service.enter"), local(strings.Replace(id, "nobody-knows", "aid", 1)))
		want(t, err, shelf.ErrTaken)
	}
}

func TestEveryStepRests(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t)
	_, err := s.Import(t.Context(), by("system", "services.import"), order(`[{"id":"a","name":"Invented","status":"active","description":"For perpetrators and victims.","phones":[{"number":"01432 123456"}]}]`))
	must(t, err)
	for _, step := range []struct {
		name string
		do   func() (ledger.Entry, error)
		is   func(ledger.Entry) bool
	}{
		{"clear", func() (ledger.Entry, error) {
			return s.Clear(t.Context(), by("member-1", "service.clear"), "shire-a", feed.MayBeAbuser)
		}, func(e ledger.Entry) bool { return e.Pending != nil && len(e.Held) == 1 }},
		{"confirm", func() (ledger.Entry, error) {
			return s.Confirm(t.Context(), by("member-2", "service.confirm"), "shire-a")
		}, func(e ledger.Entry) bool { return len(e.Held) == 0 && e.Service.VerifiedBy == "member-2" }},
		{"conflict", func() (ledger.Entry, error) {
			_, err := s.Import(t.Context(), by("system", "services.import"), order(`[{"id":"a","name":"Invented","status":"active","description":"For perpetrators and victims.","phones":[{"number":"01432 654321"}]}]`))
			e, _ := s.Entry("shire-a")
			return e, err
		}, func(e ledger.Entry) bool { return e.Conflict != nil && e.Service.Ways[0].At == "01432 123456" }},
		{"take", func() (ledger.Entry, error) {
			return s.Resolve(t.Context(), by("member-1", "service.resolve"), "shire-a", true)
		}, func(e ledger.Entry) bool { return e.Conflict == nil && e.Pending != nil }},
		{"refuse", func() (ledger.Entry, error) {
			return s.Refuse(t.Context(), by("member-1", "service.refuse"), "shire-a")
		}, func(e ledger.Entry) bool { return e.Pending == nil }},
		{"rung", func() (ledger.Entry, error) {
			return s.Rung(t.Context(), by("member-3", "service.rung"), "shire-a")
		}, func(e ledger.Entry) bool { return e.Service.VerifiedBy == "member-3" }},
		{"retire", func() (ledger.Entry, error) {
			return s.Retire(t.Context(), by("member-1", "service.retire"), "shire-a")
		}, func(e ledger.Entry) bool { return !e.Retired.IsZero() }},
	} {
		if e, err := step.do(); err != nil || !step.is(e) {
			t.Errorf("%s: %v %+v", step.name, err, e)
		}
		if e, _ := r.shelf(t).Entry("shire-a"); !step.is(e) {
			t.Errorf("%s does not rest: %+v", step.name, e)
		}
	}
	if got := found(s, directory.Staff); len(got) != 0 {
		t.Errorf("retired and shown: %v", got)
	}
	var actions []string
	leaves, err := r.model.TrailRead(t.Context(), "waypost.directory", 0, store.ListLimit)
	must(t, err)
	for _, l := range leaves {
		_, e, err := trail.ParseLeaf(l)
		must(t, err)
		actions = append(actions, e.Action+" "+e.Actor+" "+e.Reason)
	}
	for _, a := range []string{"service.clear member-1 shire-a", "service.confirm member-2 shire-a", "services.import system ", "service.retire member-1 shire-a"} {
		if !slices.Contains(actions, a) {
			t.Errorf("the log of the house lacks %q: %v", a, actions)
		}
	}
}

// deaf is a safe whose trail, or whose store, is away, at once or after some writes.
type deaf struct {
	shelf.Safe
	note, write error
	after       int
}

func (d *deaf) Note(ctx context.Context, act records.Act, o trail.Outcome, kind, id string) error {
	if d.note != nil {
		return d.note
	}
	return d.Safe.Note(ctx, act, o, kind, id)
}

func (d *deaf) Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error) {
	if d.write != nil && d.after <= 0 {
		return nil, d.write
	}
	d.after--
	return d.Safe.Write(ctx, act, op, changes...)
}

func TestNoTrailNoChange(t *testing.T) {
	r := furnish(t)
	d := &deaf{Safe: r}
	s, err := shelf.Open(t.Context(), shelf.Config{Safe: d, Now: func() time.Time { return today }, Random: rand.Reader})
	must(t, err)
	for _, c := range []deaf{{note: records.ErrTrail}, {write: records.ErrUnavailable}} {
		d.note, d.write = c.note, c.write
		_, err = s.Enter(t.Context(), by("member-1", "service.enter"), local("aid"))
		want(t, err, errors.Join(c.note, c.write).(interface{ Unwrap() []error }).Unwrap()[0])
		if _, there := s.Entry("aid"); there {
			t.Error("changed all the same")
		}
		_, err = s.Import(t.Context(), by("system", "services.import"), order(page(2, "01432 123456")))
		if err == nil || len(found(s, directory.Staff)) != 0 {
			t.Errorf("imported all the same: %v", err)
		}
	}
	if e, _ := r.shelf(t).Entry("aid"); e.Service.ID != "" {
		t.Error("it rests")
	}
}

// Somebody decides at the desk while a feed is being read: what she decided stands, and the import says that it must be run
// again.
func TestAnImportDoesNotOverwriteWhatWasDecidedMeanwhile(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t)
	_, err := s.Import(t.Context(), by("system", "services.import"), order(page(1, "01432 123456")))
	must(t, err)
	meanwhile := order("", func(o *shelf.Order) {
		o.Read = []func(*feed.Reading) error{func(f *feed.Reading) error {
			if err := f.JSON(strings.NewReader(page(1, "01432 654321"))); err != nil {
				return err
			}
			_, err := s.Rung(t.Context(), by("member-1", "service.rung"), "shire-s0")
			return err
		}}
	})
	_, err = s.Import(t.Context(), by("system", "services.import"), meanwhile)
	want(t, err, shelf.ErrChanged)
	if e, _ := s.Entry("shire-s0"); e.Service.Ways[0].At != "01432 123456" || e.Service.VerifiedBy != "member-1" {
		t.Errorf("%+v", e.Service)
	}
	sum, err := s.Import(t.Context(), by("system", "services.import"), order(page(1, "01432 654321")))
	if e, _ := s.Entry("shire-s0"); err != nil || sum.Tally[ledger.Conflicting] != 1 || e.Service.Ways[0].At != "01432 123456" {
		t.Errorf("run again: %v %v %+v", err, sum.Tally, e)
	}
}

// Two processes import and decide on the same store; whoever is late reads first.
func TestTwoProcesses(t *testing.T) {
	r := furnish(t)
	one, two := r.shelf(t), r.shelf(t)
	_, err := one.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	must(t, err)
	_, err = two.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	want(t, err, shelf.ErrChanged)
	sum, err := two.Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	if err != nil || sum.Tally[ledger.Same] != 3 {
		t.Errorf("%v %v", err, sum.Tally)
	}
	_, err = two.Rung(t.Context(), by("member-1", "service.rung"), "shire-s0")
	must(t, err)
	if changed, err := one.Refresh(t.Context()); err != nil || !changed {
		t.Errorf("%v %v", changed, err)
	}
	if e, _ := one.Entry("shire-s0"); e.Service.VerifiedBy != "member-1" {
		t.Errorf("%+v", e)
	}
}

// weak is a safe of which the reads end.
type weak struct {
	shelf.Safe
	reads int
}

func (w *weak) Read(ctx context.Context, act records.Act, kind, id string) (records.Record, error) {
	if w.reads--; w.reads == 0 {
		return records.Record{}, records.ErrUnavailable
	}
	return w.Safe.Read(ctx, act, kind, id)
}

// What was loaded before the store went away is shown, and the rest when it is back.
func TestARefreshThatBreaksOff(t *testing.T) {
	r := furnish(t)
	w := &weak{Safe: r}
	s, err := shelf.Open(t.Context(), shelf.Config{Safe: w, Now: func() time.Time { return r.now }, Random: rand.Reader})
	must(t, err)
	_, err = r.shelf(t).Import(t.Context(), by("system", "services.import"), order(page(3, "01432 123456")))
	must(t, err)
	w.reads = 2
	if changed, err := s.Refresh(t.Context()); !changed || !errors.Is(err, records.ErrUnavailable) || len(found(s, directory.Staff)) == 0 {
		t.Errorf("%v, %v: %v", changed, err, found(s, directory.Staff))
	}
	if _, err := s.Refresh(t.Context()); err != nil || len(found(s, directory.Staff)) != 3 {
		t.Errorf("%v: %v", err, found(s, directory.Staff))
	}
}

// People look, decide and import at once: nobody sees half of anything, and nothing is lost.
func TestAllAtOnce(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t, line())
	_, err := s.Import(t.Context(), by("system", "services.import"), order(page(40, "01432 123456")))
	must(t, err)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 5 {
				if _, err := s.Rung(t.Context(), by(fmt.Sprintf("member-%d", w), "service.rung"), fmt.Sprintf("shire-s%d", 5*w+i)); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 50 {
				if n := len(found(s, directory.Staff)); n != directory.HardLimit {
					t.Errorf("%d services", n)
				}
				_ = s.Dues(today)
			}
		})
	}
	all.Go(func() {
		if _, err := s.Import(t.Context(), by("system", "services.import"), order(page(40, "01432 654321"))); err != nil && !errors.Is(err, shelf.ErrChanged) {
			t.Error(err)
		}
	})
	all.Wait()
	for _, x := range []*shelf.Shelf{s, r.shelf(t, line())} {
		rung := 0
		for e := range x.Entries() {
			rung += strings.Count(e.Service.VerifiedBy, "member-")
		}
		if rung != 20 {
			t.Errorf("%d of 20 ringings are left", rung)
		}
	}
}

// An import that was stopped between two commits: what was written is shown, here and after a restart, and the next run
// brings the rest.
func TestAnImportThatWasStopped(t *testing.T) {
	r := furnish(t)
	d := &deaf{Safe: r, write: records.ErrUnavailable, after: 1}
	s, err := shelf.Open(t.Context(), shelf.Config{Safe: d, Now: func() time.Time { return today }, Random: rand.Reader})
	must(t, err)
	const n = 600 // in more boxes than one commit takes
	sum, err := s.Import(t.Context(), by("system", "services.import"), order(page(n, "01432 123456")))
	want(t, err, records.ErrUnavailable)
	there := func(s *shelf.Shelf) int { return len(s.Directory().Services()) }
	if sum.Boxes == 0 || there(s) == 0 || there(s) == n || there(s) != there(r.shelf(t)) {
		t.Fatalf("%d boxes, %d services, %d after a restart", sum.Boxes, there(s), there(r.shelf(t)))
	}
	before := there(s)
	d.write = nil
	sum, err = s.Import(t.Context(), by("system", "services.import"), order(page(n, "01432 123456")))
	if err != nil || there(s) != n || sum.Tally[ledger.Same] != before || sum.Tally[ledger.Added] != n-before {
		t.Errorf("%v %v, %d services", err, sum.Tally, there(s))
	}
}

func TestWhatTheDirectoryWouldRefuseIsSetAside(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t)
	_, err := s.Import(t.Context(), by("system", "services.import"), order(page(2, "01432 123456")))
	must(t, err)
	national := line()
	national.ID = "shire-s1" // a later version has a national service of that id
	after := r.shelf(t, national)
	if got := after.Unsound(); !slices.Equal(got, []string{"shire-s1"}) {
		t.Errorf("%v", got)
	}
	if got := found(after, directory.Staff); !slices.Contains(got, "shire-s0") {
		t.Errorf("one spoils the others: %v", got)
	}
}

// An entry that an earlier version wrote can still be read. Whoever renames a field of a service must write a migration.
func TestWhatRestsCanBeRead(t *testing.T) {
	const before = `{"Service":{"ID":"shire-a","Name":"Invented","Needs":["stalking"],"Nations":2,"Area":"","ShownTo":"anyone","Who":{"MinAge":16,"MaxAge":0,"Adults":false,"Only":1,"Groups":null},"For":"Help.","Ways":[{"By":"phone","At":"01432 123456","Note":"","Status":"secondary","Staff":false}],"Hours":{"Text":"Mon 9:00-17:00","Always":false,"Status":"secondary"},"Cost":"","Languages":"","Bill":{"Trace":"on_bill_likely","Source":""},"Warnings":null,"Notes":null,"Prof":"unknown","Status":"secondary","EmergencyNumber":false,"AvoidMonitoredPhone":false,"Covers":{"Authorities":["E06000019"],"Boards":null,"Police":null,"Practices":null},"Opening":{"Spans":[{"Day":1,"From":540,"To":1020}]},"Speaks":["pl"],"Access":["step-free"],"Referrers":["gp"],"Consent":"required","NextSteps":"They ring.","Unlisted":"0001-01-01T00:00:00Z","Sources":[{"Address":"https://feed.example.org/services","Says":""}],"SourceDate":"undated","ReadOn":"2027-03-10T09:00:00Z","VerifiedBy":"member-1","VerifiedOn":"2027-03-10T09:00:00Z"},"Source":"shire","Key":"a","Held":["no-need"],"Pending":{"By":"member-1","On":"2027-03-10T09:00:00Z","Fields":["ways"],"Service":{}},"Conflict":{"Since":"2027-03-10T09:00:00Z","Fields":["ways"]},"Retired":"0001-01-01T00:00:00Z"}`
	var e ledger.Entry
	d := json.NewDecoder(strings.NewReader(before))
	d.DisallowUnknownFields()
	must(t, d.Decode(&e))
	must(t, directory.Check([]directory.Service{e.Service}))
	if e.Service.Who.Only != directory.Woman || e.Service.Opening.Spans[0].To != 1020 || e.Pending.Fields[0] != "ways" || e.Conflict == nil || e.Service.Consent != directory.ConsentRequired {
		t.Errorf("%+v", e)
	}
}

func TestNothingRestsInClear(t *testing.T) {
	r := furnish(t)
	s := r.shelf(t)
	_, err := s.Enter(t.Context(), by("member-1", "service.enter"), local("aid"))
	must(t, err)
	var all bytes.Buffer
	must(t, r.model.Export(t.Context(), func(x any) error { _, err := fmt.Fprintf(&all, "%s %+v\n", x, x); return err }))
	if all.Len() == 0 || bytes.Contains(all.Bytes(), []byte("0808 157 0000")) {
		t.Error("a number lies in the store in clear")
	}
}

// What many services cost to bring in, to load at a start and to change.
func TestManyServices(t *testing.T) {
	if testing.Short() {
		t.Skip("a long round")
	}
	const n = 20_000
	r := furnish(t)
	s := r.shelf(t, line())
	lap := time.Now()
	took := func(what string) {
		t.Logf("%s: %v", what, time.Since(lap).Round(time.Millisecond))
		lap = time.Now()
	}
	o := order("", func(o *shelf.Order) {
		o.Source.Needs = directory.Needs()[2:4]
		o.Read = []func(*feed.Reading) error{func(r *feed.Reading) error { return r.JSON(strings.NewReader(page(n, "01432 123456"))) }}
	})
	sum, err := s.Import(t.Context(), by("system", "services.import"), o)
	if err != nil || sum.Tally[ledger.Added] != n {
		t.Fatalf("%v %+v", err, sum.Tally)
	}
	took("import")
	again := r.shelf(t, line())
	took("start")
	if _, err := again.Rung(t.Context(), by("member-1", "service.rung"), "shire-s7"); err != nil {
		t.Fatal(err)
	}
	took("one change")
	if sum, err = again.Import(t.Context(), by("system", "services.import"), o); err != nil || sum.Tally[ledger.Same] != n {
		t.Errorf("%v %+v", err, sum.Tally)
	}
	took("the same import again")
	var m runtime.MemStats
	s = nil
	runtime.GC()
	runtime.ReadMemStats(&m)
	t.Logf("heap with the store of the model in it: %d MB", m.HeapAlloc>>20)
	runtime.KeepAlive(again)
}
