package people_test

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waypost/internal/vault"
	. "waypost/referrals/people"
)

var update = flag.Bool("update", false, "rewrite docs/policy.md")

// An action that no line rules is refused to everybody, which a clinician would find out at night.
func TestEveryActionStandsOnceInThePolicy(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok {
			code, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, code)
		}
		return true
	})
	var ruled []string
	for _, l := range Policy() {
		ruled = append(ruled, string(l.Action))
	}
	if !slices.Equal(declared, ruled) {
		t.Errorf("declared and not ruled, or the other way round, or in another order:\n%q\n%q", declared, ruled)
	}
	if slices.Sort(ruled); len(slices.Compact(ruled)) != len(declared) || len(declared) < 30 {
		t.Errorf("%d actions, some twice", len(declared))
	}
}

func TestAnUnknownActionIsRefusedToEverybody(t *testing.T) {
	for _, s := range Seats() {
		a := actor(t, s, true)
		for _, name := range []Action{"", "case.READ", "case.read ", "waypost"} {
			if err := May(a, name, a.Organisation()); !errors.Is(err, ErrForbidden) {
				t.Errorf("%v may %q: %v", s, name, err)
			}
		}
	}
}

// A18: what a company could learn of its customer, the person who controls the customer could learn from the company.
func TestACompanyReadsNothingOfCases(t *testing.T) {
	its := []Action{AuditRead, PeopleList, PeopleInvite, PeopleRoles, PeopleRevoke, SessionSee, SessionEnd, PasskeyAdd, PasskeyRevoke, OrganisationSwitch, PartnerPage}
	seen := 0
	for _, s := range Seats() {
		if s.Kind != ImplantCompany {
			continue
		}
		seen++
		a := actor(t, s, true)
		for _, l := range Policy() {
			if slices.Contains(its, l.Action) {
				continue
			}
			if err := May(a, l.Action, a.Organisation()); !errors.Is(err, ErrForbidden) {
				t.Errorf("a company's %s may %s of its own: %v", s.Role, l.Action, err)
			}
			if err := May(a, l.Action, "a-practice"); err == nil {
				t.Errorf("a company's %s may %s of a practice", s.Role, l.Action)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d seats of a company", seen)
	}
}

func TestWhatTheKeyMustBeTouchedForIsNeverPlainlyAllowed(t *testing.T) {
	for _, l := range Policy() {
		careful := slices.Contains([]Action{BreakGlass, Export, Erase, Release, PasskeyAdd, PasskeyRevoke, PeopleInvite, PeopleRoles, PeopleRevoke, ClientRegister}, l.Action)
		for _, s := range Seats() {
			if got := l.For(s); careful && got == Allowed || !careful && got == StepUp {
				t.Errorf("%s for %v: %s", l.Action, s, got)
			}
		}
	}
}

// Whoever reads the trail or keeps the directory has no business with a patient, and nobody but a receiver, or a receiver's system, opens packets.
func TestDutiesAreKeptApart(t *testing.T) {
	about := []Action{CaseList, CaseRead, CaseDecide, CaseOwn, HandOver, BreakGlass, PacketRead, PacketAnswer, Export, Erase, Release, ReferralCreate}
	for _, l := range Policy() {
		for _, s := range Seats() {
			if slices.Contains(about, l.Action) && (s.Role == Auditor || s.Role == DirectoryEditor) && l.For(s) != Never {
				t.Errorf("%v may %s", s, l.Action)
			}
			if (l.Action == PacketRead || l.Action == PacketAnswer) && s.Role != Receiver && s != (Seat{ReceivingService, Machine}) && l.For(s) != Never {
				t.Errorf("%v may %s", s, l.Action)
			}
			if l.Action == AuditRead && (s.Role == Clinician || s.Role == Receiver) && l.For(s) != Never {
				t.Errorf("%v may %s", s, l.Action)
			}
		}
	}
}

func TestTheMatrixIsWhatMayAnswers(t *testing.T) {
	for _, s := range Seats() {
		for _, fresh := range []bool{false, true} {
			a := actor(t, s, fresh)
			for _, l := range Policy() {
				var want error
				switch got := l.For(s); {
				case got == Never:
					want = ErrForbidden
				case got == StepUp && !fresh:
					want = ErrStepUp
				}
				if err := May(a, l.Action, a.Organisation()); !errors.Is(err, want) || (want == nil) != (err == nil) {
					t.Errorf("%v fresh=%t %s: %v, want %v", s, fresh, l.Action, err, want)
				}
				// Another organisation's is not there, whether or not one may do it at home.
				if !l.Shared {
					want = ErrNotFound
				}
				for _, target := range []string{"another", ""} {
					if err := May(a, l.Action, target); !errors.Is(err, want) || (want == nil) != (err == nil) {
						t.Errorf("%v fresh=%t %s of %q: %v, want %v", s, fresh, l.Action, target, err, want)
					}
				}
			}
		}
	}
}

func TestNobodyIsNoActor(t *testing.T) {
	for _, l := range Policy() {
		if May(Actor{}, l.Action, "") == nil {
			t.Errorf("nobody may %s", l.Action)
		}
	}
	o := Organisation{ID: "o", Kind: ImplantCompany, Name: vault.Keep("Invented Ltd")}
	for name, m := range map[string]Member{
		"not active":           {ID: "m", Organisation: "o", Roles: []Role{Lead}},
		"another organisation": {ID: "m", Organisation: "p", Roles: []Role{Lead}, Active: true},
		"no seat":              {ID: "m", Organisation: "o", Roles: []Role{Clinician}, Active: true},
		"no role":              {ID: "m", Organisation: "o", Active: true},
		"a role twice":         {ID: "m", Organisation: "o", Roles: []Role{Lead, Lead}, Active: true},
		"no id":                {Organisation: "o", Roles: []Role{Lead}, Active: true},
	} {
		if _, err := NewActor(o, m, false); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheMostGenerousOfSeveralRolesCounts(t *testing.T) {
	o := Organisation{ID: "o", Kind: Practice}
	a, err := NewActor(o, Member{ID: "m", Organisation: "o", Roles: []Role{Auditor, Clinician}, Active: true}, false)
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[Action]error{ReferralCreate: nil, AuditRead: nil, BreakGlass: ErrStepUp, CaseRead: ErrForbidden} {
		if err := May(a, action, "o"); !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v", action, err)
		}
	}
}

func TestThePolicyPageIsCurrent(t *testing.T) {
	const path = "../../docs/policy.md"
	want := policyPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("docs/policy.md is not what the table says (%v); go test ./referrals/people -run PolicyPage -update", err)
	}
}

func policyPage() string {
	var b strings.Builder
	b.WriteString(`# Who may do what

Written by a test from the table in ` + "`referrals/people/policy.go`" + `; change it there. What is not here is refused. Of another
organisation's things nobody learns that they exist. *step-up*: only within five minutes of touching the key again. Actions
marked ° touch what belongs to no organisation, or to the person alone.

`)
	head, rule := "| action |", "|---|"
	for _, s := range Seats() {
		head += fmt.Sprintf(" %s: %s |", strings.ReplaceAll(string(s.Kind), "-", " "), strings.ReplaceAll(string(s.Role), "-", " "))
		rule += "---|"
	}
	b.WriteString(head + "\n" + rule + "\n")
	for _, l := range Policy() {
		mark := ""
		if l.Shared {
			mark = "°"
		}
		b.WriteString("| `" + string(l.Action) + "`" + mark + " |")
		for _, s := range Seats() {
			if r := l.For(s); r == Never {
				b.WriteString(" |")
			} else {
				b.WriteString(" " + r.String() + " |")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// actor is somebody in the seat, or a client with every scope.
func actor(t *testing.T, s Seat, fresh bool) Actor {
	t.Helper()
	if !s.ForPeople() {
		a, err := NewMachine(Organisation{ID: "own", Kind: s.Kind}, Client{ID: "c", Organisation: "own", Active: true}, AllScopes())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a, err := NewActor(Organisation{ID: "own", Kind: s.Kind}, Member{ID: "m", Organisation: "own", Roles: []Role{s.Role}, Active: true}, fresh)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
