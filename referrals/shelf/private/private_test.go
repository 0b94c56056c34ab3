package private_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// Everybody and every place here is invented.

var today = time.Date(2027, 3, 10, 9, 0, 0, 0, time.UTC)

const (
	refugeAddress = "1 Hidden Lane, Nowhere ZZ1 1AA"
	maracMail     = "conference.zz@secure.example.org"
	advocateName  = "Invented Advocate"
)

type room struct {
	*records.Safe
	model *conform.Model
	now   time.Time
}

func furnish(t testing.TB) *room {
	t.Helper()
	r := &room{now: today, model: conform.NewModel(conform.Notary(t))}
	root, err := vault.NewRootKey(make([]byte, 32))
	must(t, err)
	now := func() time.Time { return r.now }
	ring, err := records.Start(t.Context(), records.Ground{
		Keyring: vault.Ground{Path: filepath.Join(t.TempDir(), "keyring"), Root: root, Random: rand.Reader, Now: now},
		Store:   r.model, Marks: r.model, Longest: 400 * 24 * time.Hour,
	})
	must(t, err)
	r.Safe, err = records.Open(t.Context(), records.Config{
		Store: r.model, Marks: r.model, Keys: ring, Now: now, Random: rand.Reader, Kinds: append(shelf.Kinds(), private.Kinds()...),
	})
	must(t, err)
	return r
}

func (r *room) drawer(t testing.TB) *private.Drawer {
	d, err := private.Open(private.Config{Safe: r, Now: func() time.Time { return r.now }, Random: rand.Reader})
	must(t, err)
	return d
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

func contact(use private.Use, at string) private.Contact {
	return private.Contact{Use: use, Name: vault.Keep(advocateName), At: vault.Keep(at)}
}

var aid = private.OfService("shire-aid")

func TestTwoPeopleStandForAPrivateContact(t *testing.T) {
	r := furnish(t)
	d := r.drawer(t)
	id, err := d.Enter(t.Context(), by("member-1", "private.enter"), aid, contact(private.Refuge, refugeAddress))
	must(t, err)
	s, err := d.Read(t.Context(), by("member-1", "private.read"), aid)
	must(t, err)
	if len(s.Contacts) != 0 || len(s.Waiting) != 1 {
		t.Fatalf("%d to use on the word of one", len(s.Contacts))
	}
	for _, same := range []string{"member-1"} {
		want(t, d.Confirm(t.Context(), by(same, "private.confirm"), aid, id), private.ErrSamePerson)
	}
	must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), aid, id))
	s, err = r.drawer(t).Read(t.Context(), by("member-3", "private.read"), aid)
	must(t, err)
	if len(s.Contacts) != 1 || s.Contacts[0].At.Reveal() != refugeAddress || s.Contacts[0].ConfirmedBy != "member-2" || s.Contacts[0].Due(today) || !s.Contacts[0].Due(today.AddDate(0, 0, 90)) {
		t.Fatalf("%+v", s)
	}
	moved := contact(private.Refuge, "2 Hidden Lane")
	moved.ReplacesID = id
	next, err := d.Enter(t.Context(), by("member-2", "private.enter"), aid, moved)
	must(t, err)
	if s, _ = d.Read(t.Context(), by("member-1", "private.read"), aid); len(s.Contacts) != 1 || s.Contacts[0].ID != id {
		t.Error("replaced on the word of one")
	}
	must(t, d.Confirm(t.Context(), by("member-1", "private.confirm"), aid, next))
	if s, _ = d.Read(t.Context(), by("member-1", "private.read"), aid); len(s.Contacts) != 1 || s.Contacts[0].ID != next || len(s.Waiting) != 0 {
		t.Errorf("%+v", s)
	}
	want(t, d.Confirm(t.Context(), by("member-1", "private.confirm"), aid, "none"), private.ErrNotFound)
	want(t, d.Remove(t.Context(), by("member-1", "private.remove"), aid, "none"), private.ErrNotFound)
	must(t, d.Remove(t.Context(), by("member-1", "private.remove"), aid, next))
	if s, _ = d.Read(t.Context(), by("member-1", "private.read"), aid); len(s.Contacts)+len(s.Waiting) != 0 {
		t.Errorf("%+v", s)
	}
	for _, use := range private.Uses() {
		if _, err := d.Enter(t.Context(), by("member-1", "private.enter"), aid, contact(use, refugeAddress)); err != nil {
			t.Errorf("%s: %v", use, err)
		}
	}
	want(t, d.Empty(t.Context(), records.Act{Tenant: "practice-1", Actor: "member-1", Action: "private.empty"}, aid), private.ErrNotStaff)
	must(t, d.Empty(t.Context(), by("member-1", "private.empty"), aid))
	if s, _ = d.Read(t.Context(), by("member-1", "private.read"), aid); len(s.Contacts)+len(s.Waiting) != 0 {
		t.Errorf("%+v", s)
	}
	must(t, d.Empty(t.Context(), by("member-1", "private.empty"), aid))
	for name, c := range map[string]private.Contact{"no use": contact("friend", "x"), "no place": contact(private.Marac, " ")} {
		if _, err := d.Enter(t.Context(), by("member-1", "private.enter"), aid, c); !errors.Is(err, private.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsDue(t *testing.T) {
	r := furnish(t)
	d := r.drawer(t)
	marac := private.OfArea("E06000019")
	all := []private.Subject{marac, aid, private.OfService("another")}
	is := func(when string, want ...private.Subject) {
		t.Helper()
		if got, err := d.Due(t.Context(), by("member-1", "private.due"), slices.Values(all)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v %v", when, got, err)
		}
	}
	is("nothing there")
	first, err := d.Enter(t.Context(), by("member-1", "private.enter"), aid, contact(private.Refuge, refugeAddress))
	must(t, err)
	second, err := d.Enter(t.Context(), by("member-1", "private.enter"), marac, contact(private.Marac, maracMail))
	must(t, err)
	is("both wait for another", marac, aid)
	must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), aid, first))
	is("one waits", marac)
	r.now = today.AddDate(0, 0, 50)
	must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), marac, second))
	is("none waits")
	r.now = today.AddDate(0, 0, 90)
	is("one was confirmed 90 days ago", aid)
	must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), aid, first))
	is("confirmed again")
	_, err = d.Due(t.Context(), records.Act{Tenant: "practice-1", Actor: "member-1", Action: "private.due"}, slices.Values(all))
	want(t, err, private.ErrNotStaff)
}

func TestOnlyStaffOfTheSameOrganisation(t *testing.T) {
	r := furnish(t)
	d := r.drawer(t)
	id, err := d.Enter(t.Context(), by("member-1", "private.enter"), aid, contact(private.Refuge, refugeAddress))
	must(t, err)
	must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), aid, id))
	for _, act := range []records.Act{
		{Tenant: "practice-1", Actor: "member-1", Action: "private.read"}, {Tenant: "practice-1", Actor: "system", Role: "lead", Action: "private.read"},
		{Tenant: "practice-1", Actor: "nobody", Role: "lead", Action: "private.read"}, {Tenant: "practice-1", Role: "lead", Action: "private.read"}, {},
	} {
		_, err := d.Read(t.Context(), act, aid)
		want(t, err, private.ErrNotStaff)
		_, err = d.Enter(t.Context(), act, aid, contact(private.Refuge, refugeAddress))
		want(t, err, private.ErrNotStaff)
		want(t, d.Confirm(t.Context(), act, aid, id), private.ErrNotStaff)
		want(t, d.Remove(t.Context(), act, aid, id), private.ErrNotStaff)
	}
	other := by("member-1", "private.read")
	other.Tenant = "practice-2"
	if s, err := d.Read(t.Context(), other, aid); err != nil || len(s.Contacts)+len(s.Waiting) != 0 {
		t.Errorf("another organisation reads it: %v %+v", err, s)
	}
	want(t, d.Remove(t.Context(), other, aid, id), private.ErrNotFound)
	log := func(tenant string) (all []string) {
		leaves, err := r.model.TrailRead(t.Context(), tenant, 0, store.ListLimit)
		must(t, err)
		for _, l := range leaves {
			_, e, err := trail.ParseLeaf(l)
			must(t, err)
			all = append(all, fmt.Sprintf("%s %s %s", e.Action, e.Actor, e.Outcome))
		}
		return all
	}
	_, err = d.Read(t.Context(), by("member-9", "private.read"), aid)
	must(t, err)
	if all := log("practice-1"); all[len(all)-1] != fmt.Sprintf("private.read member-9 %s", trail.Done) {
		t.Errorf("an opening that is not in the trail: %v", all)
	}
	if all := log("practice-2"); len(all) == 0 || !strings.Contains(all[0], string(trail.Denied)) {
		t.Errorf("an attempt that is not in the trail: %v", all)
	}
}

// Whatever is planted here, nothing that the directory, the ledger and the shelf hand out to anybody holds it, nothing that
// is printed or written shows it, and the store sees none of it.
func TestNoPublicAPIReturnsAPrivateFact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := furnish(t)
		d := r.drawer(t)
		s, err := shelf.Open(t.Context(), shelf.Config{Safe: r, Now: func() time.Time { return today }, Random: rand.Reader})
		must(t, err)
		_, err = s.Import(t.Context(), by("system", "services.import"), shelf.Order{
			Source: feed.Source{Name: "shire", Address: "https://feed.example.org/x", Read: today, Needs: []string{"domestic-abuse", "marac"}, Covers: directory.Coverage{Authorities: []string{"E06000019"}}},
			Read: []func(*feed.Reading) error{func(f *feed.Reading) error {
				return f.JSON(strings.NewReader(`[{"id":"aid","name":"Invented refuge","status":"active","phones":[{"number":"01432 123456"}],"contacts":[{"name":"` + advocateName + `"}],"email":"office@aid.example.org",
				"service_at_locations":[{"location":{"addresses":[{"attention":"` + advocateName + `","address_1":"1 Hidden Lane","city":"Nowhere","postal_code":"ZZ1 1AA"}]}}]}]`))
			}},
		})
		must(t, err)
		subjects := []private.Subject{aid, private.OfArea("E06000019"), private.OfService("line")}
		planted := []string{advocateName, refugeAddress, maracMail, "Hidden Lane"}
		for range rapid.IntRange(1, 4).Draw(rt, "contacts") {
			of := rapid.SampledFrom(subjects).Draw(rt, "of")
			use := rapid.SampledFrom([]private.Use{private.Refuge, private.Marac, private.Advocate, private.PickUp, private.SecureMail}).Draw(rt, "use")
			id, err := d.Enter(t.Context(), by("member-1", "private.enter"), of, contact(use, rapid.SampledFrom([]string{refugeAddress, maracMail}).Draw(rt, "at")))
			must(t, err)
			if rapid.Bool().Draw(rt, "confirmed") {
				must(t, d.Confirm(t.Context(), by("member-2", "private.confirm"), of, id))
			}
		}
		var out bytes.Buffer
		show := func(values ...any) {
			for _, v := range values {
				text, _ := json.Marshal(v)
				fmt.Fprintf(&out, "%v %+v %#v %s %s\n", v, v, v, v, text)
			}
		}
		dir := s.Directory()
		for _, audience := range []directory.Audience{directory.Staff, directory.PatientCopy, directory.Public} {
			f := dir.Match(directory.Wants{Needs: directory.Needs(), Nation: directory.England, Area: directory.Area{Authority: "E06000019"}, Audience: audience, Today: today, Limit: directory.HardLimit})
			if len(f.Matches) == 0 {
				t.Fatal("the public service itself is not found: the test looks at nothing")
			}
			for _, m := range f.Matches {
				show(m, *m.Service)
			}
			show(f)
		}
		service, _ := dir.Find("shire-aid")
		entry, _ := s.Entry("shire-aid")
		show(dir.Services(), service, entry, s.Dues(today), s.Unsound())
		for e := range s.Entries() {
			show(e, ledger.First("shire", feed.Item{Service: e.Service}))
		}
		for _, of := range subjects { // even what staff may read shows nothing unless somebody reveals it
			sheet, err := d.Read(t.Context(), by("member-1", "private.read"), of)
			must(t, err)
			show(sheet, sheet.Contacts, sheet.Waiting)
			for _, c := range sheet.Contacts {
				show(c, &c)
			}
		}
		_, err = d.Read(t.Context(), records.Act{Tenant: "practice-1", Actor: "member-1", Action: "private.read"}, aid)
		fmt.Fprintln(&out, err, d)
		must(t, r.model.Export(t.Context(), func(x any) error { _, err := fmt.Fprintf(&out, "%s %+v\n", x, x); return err }))
		for _, p := range planted {
			if bytes.Contains(out.Bytes(), []byte(p)) {
				t.Fatalf("a private fact came out: %q", p)
			}
		}
	})
}

// What cannot be imported cannot be returned: nothing that is public knows the type of a private fact.
func TestNothingPublicImportsThisPackage(t *testing.T) {
	root := "../../.."
	apart := []string{"referrals/directory", "referrals/shelf", "web/public", "web/openreferral", "web/fhir", "web/cdshooks", "web/consult", "screening", "locales", "internal"}
	seen := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && path != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		seen++
		for _, i := range file.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			if name != "waypost/referrals/shelf/private" {
				continue
			}
			for _, a := range apart {
				if dir == a || strings.HasPrefix(dir, a+"/") {
					t.Errorf("%s imports private contacts", rel)
				}
			}
		}
		return nil
	})
	if err != nil || seen < 50 {
		t.Fatal(err, seen)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal("not the root of the house")
	}
}
