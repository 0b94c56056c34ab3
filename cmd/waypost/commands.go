package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/people"
)

// inside is a command that works on what rests and may run in the process that serves.
type inside struct {
	name  string
	act   func(context.Context, *resting, world) error
	needs func(args []string) []string // what is asked of the person at the keyboard, a line each; nil: nothing
}

func inner() []inside {
	return []inside{
		{"invite", invite, namesOfInvitation}, {name: "audit", act: audit}, {name: "keys", act: ringKeys}, {name: "backup", act: backup},
		{name: "doctor", act: doctor}, {name: "pickup", act: pickup}, {name: "import", act: importServices},
		{"erase", erase, eraseTwice},
	}
}

func (c inside) asks(args []string) []string {
	if c.needs == nil {
		return nil
	}
	return c.needs(args)
}

// outside makes a command of one that works on what rests.
func outside(name string) func(context.Context, world) error {
	return func(ctx context.Context, w world) error {
		i := slices.IndexFunc(inner(), func(c inside) bool { return c.name == name })
		w.name = name
		return onResting(ctx, w, inner()[i])
	}
}

// namesOfInvitation are read from standard input, because arguments stand in the list of processes and in the history of
// the shell.
func namesOfInvitation(args []string) []string {
	if len(args) == 2 && args[0] == "found" {
		return []string{"The name of the organisation:", "The name of its first lead:"}
	}
	return nil
}

// invite makes the link by which one person takes a place.
func invite(ctx context.Context, r *resting, w world) error {
	const usage = "arguments %w: invite found practice|safeguarding-team|receiving-service|implant-company, then the name of the organisation and of its first lead, a line each; or invite again ORGANISATION [MEMBER]"
	var token vault.Secret[string]
	switch {
	case len(w.args) == 2 && w.args[0] == "found":
		kind := people.Kind(w.args[1])
		if !slices.Contains([]people.Kind{people.Practice, people.SafeguardingTeam, people.ReceivingService, people.ImplantCompany}, kind) {
			return fmt.Errorf(usage, errUsage)
		}
		in := bufio.NewScanner(w.in)
		name, lead := vault.Keep(line(in)), vault.Keep(line(in))
		o, t, err := r.register.Found(ctx, kind, name.Reveal(), lead.Reveal())
		if err != nil {
			return err
		}
		fmt.Fprintf(w.out, "organisation %s\n", o.ID)
		token = t
	case len(w.args) == 2 && w.args[0] == "again":
		members, err := r.register.MembersFromConsole(ctx, w.args[1])
		if err != nil {
			return err
		}
		for _, m := range members {
			fmt.Fprintf(w.out, "member %s  %v  active %t  enrolled %t  %s\n", m.ID, m.Roles, m.Active, m.Enrolled(), m.Name.Reveal())
		}
		return nil
	case len(w.args) == 3 && w.args[0] == "again":
		t, err := r.register.InviteFromConsole(ctx, w.args[1], w.args[2])
		if err != nil {
			return err
		}
		token = t
	default:
		return fmt.Errorf(usage, errUsage)
	}
	_, err := fmt.Fprintf(w.out, "Hand this link over in person. It works once, within %d hours:\n%s/enrol#%s\n", int(people.InviteLife.Hours()), r.address, token.Reveal())
	return err
}

func line(in *bufio.Scanner) string {
	in.Scan()
	return strings.TrimSpace(in.Text())
}

func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// audit checks the logs of all organisations, and every record against its newest entry. Files named on the command line
// hold checkpoints that left the machine: without one, a database put back as a whole cannot be told from a true one, and
// the command says so.
func audit(ctx context.Context, r *resting, w world) error {
	if len(w.args) == 0 || w.args[0] != "verify" {
		return fmt.Errorf("arguments %w: audit verify [CHECKPOINTS]...", errUsage)
	}
	public, err := trailReaders(r.places.keys)
	if err != nil {
		return err
	}
	readers, err := trail.NewReaders(public...)
	if err != nil {
		return err
	}
	kept := map[string][][]byte{}
	for _, file := range w.args[1:] {
		if err := readKept(w.path(file), readers, kept); err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
	}
	reports, err := store.Audit(ctx, r.engine, store.Auditing{Keys: readers, Kept: kept, Refer: r.safe.Refer})
	if err != nil {
		return err
	}
	var bad error
	for _, rep := range reports {
		fmt.Fprintf(w.out, "%s: %d entries, %d records, %d checkpoints from outside, root %x\n", rep.Log, rep.Size, rep.Records, rep.Kept, rep.Root[:8])
		for _, f := range rep.Faults {
			fmt.Fprintf(w.out, "  %s\n", f)
		}
		bad = errors.Join(bad, rep.Err())
	}
	if len(w.args) == 1 {
		fmt.Fprintln(w.out, "No checkpoint from outside was given: a whole database put back in time would not be seen.")
	}
	return bad
}

// readKept sorts the checkpoints of a file by the log they are of. One that no key signed is an error of the file.
func readKept(file string, readers trail.Readers, into map[string][][]byte) error {
	f, err := os.Open(file) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return err
	}
	defer f.Close()
	all, err := trail.Kept(f)
	if err != nil {
		return err
	}
	for _, signed := range all {
		c, err := readers.Open(signed)
		if err != nil {
			return err
		}
		into[c.Log] = append(into[c.Log], signed)
	}
	return nil
}

// backup writes a verified copy of the database. What opens it is not in it.
func backup(ctx context.Context, r *resting, w world) error {
	if len(w.args) != 1 {
		return fmt.Errorf("arguments %w: backup FILE", errUsage)
	}
	path := w.path(w.args[0])
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup %w: a file of that name is there", errUsage)
	}
	size := int64(0)
	if err := replace(path, func(to io.Writer) (int64, error) {
		c := &counting{to: to}
		err := r.engine.Backup(ctx, c)
		size = c.n
		return c.n, err
	}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "%d bytes written and checked. The keyring and the root key are not in it: waypost keys export.\n", size)
	return err
}

type counting struct {
	to io.Writer
	n  int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// doctor asks the store to show that it keeps what it promises, and looks at the keys.
func doctor(ctx context.Context, r *resting, w world) error {
	if err := r.engine.Probe(ctx); err != nil {
		return err
	}
	live, destroyed := r.keyring.Months()
	tends := "this process makes and destroys its months"
	if r.places.follower {
		tends = "another process makes and destroys its months (WAYPOST_FOLLOWER)"
	}
	fmt.Fprintf(w.out, "store: compare-and-set, unique identifiers, all or nothing, use of indexes: kept\nkeyring: generation %d, %d months, %d destroyed; %s\n", r.keyring.Generation(), len(live), len(destroyed), tends)
	return nil
}
