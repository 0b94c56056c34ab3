package vault_test

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/vault"
)

// While months and the root are rotated, further months prepared, a past one destroyed and
// the index key replaced, people go on sealing and reading. Run with -race.
func TestRotationDuringSealing(t *testing.T) {
	h := newHouse(t)
	h.clock.at = date(2026, 12, 5) // November is over
	f := ringForms(t, h.Keyring)
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		defer close(done)
		for i := range 14 {
			err := errors.Join(h.RotateMonth("2027-03"), h.Prepare(date(2028, time.Month(1+i), 1)),
				h.RotateRoot(rootKey(t, byte(i))), h.RotateForms(), h.DestroyBucket("2026-11"), h.Reload())
			_, epochErr := h.NewEpoch()
			if err := errors.Join(err, epochErr, h.DropEpoch(uint32(i+1))); err != nil {
				t.Error(err)
			}
		}
	})
	for worker := range 4 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					if i == 0 {
						t.Error("nothing was sealed meanwhile")
					}
					return
				default:
				}
				p := vault.Place{Tenant: "practice-a", Kind: "case", ID: fmt.Sprint(worker, "-", i), Rev: 1}
				s := h.seal(t, p, march, p.ID)
				again, err := h.Rewrap(p, s.wrapped, march)
				if err != nil {
					t.Error(err)
				}
				for _, w := range []vault.Wrapped{s.wrapped, again} {
					if text, err := open(h.Keyring, sealed{p, w, s.bytes}); err != nil || text != p.ID {
						t.Errorf("%s: %v", p.ID, err)
					}
				}
				if text, err := f.Seal(consult, nil); err != nil || h.Blind("practice-a", "ref", text) == nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

const killDir = "WAYPOST_VAULT_KILL_DIR" // set only for the child below

// The child changes the keyring as fast as it can and says what it holds to be durable.
func TestKillChild(t *testing.T) {
	dir := os.Getenv(killDir)
	if dir == "" {
		t.Skip("started by TestKilledWhileWriting")
	}
	c := &clock{date(2027, 1, 15)}
	k, err := vault.LoadKeyring(vault.Ground{Path: filepath.Join(dir, "k"), Root: rootKey(t, 1), Random: rand.Reader, Now: c.now})
	must(t, err)
	if _, destroyed := k.Months(); len(destroyed) > 0 {
		last, err := time.Parse("2006-01", destroyed[len(destroyed)-1])
		must(t, err)
		c.at = last.AddDate(0, 2, 14)
	}
	for {
		month := vault.Bucket(c.at)
		must(t, k.Prepare(c.at.AddDate(0, 2, 0)))
		c.at = c.at.AddDate(0, 1, 0)
		must(t, k.DestroyBucket(month))
		fmt.Printf("\nack %d %s\n", k.Generation(), month)
	}
}

// Killed at a random moment, the keyring opens, has every change it acknowledged, and what
// was destroyed stays destroyed.
func TestKilledWhileWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	g := vault.Ground{Path: filepath.Join(dir, "k"), Root: rootKey(t, 1), Random: rand.Reader, Now: time.Now}
	_, err := vault.CreateKeyring(g)
	must(t, err)
	acknowledged := 0
	for round := range 20 {
		child := exec.Command(os.Args[0], "-test.run=^TestKillChild$", "-test.count=1")
		child.Env = append(os.Environ(), killDir+"="+dir)
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		lines := bufio.NewScanner(out)
		var generation uint64
		var months []string
		first := time.Now()
		for lines.Scan() {
			var month string
			if n, _ := fmt.Sscanf(lines.Text(), "ack %d %s", &generation, &month); n == 2 {
				if months == nil {
					first = time.Now()
				}
				months = append(months, month)
			}
			if months != nil && time.Since(first) > time.Duration(round*7%40)*time.Millisecond {
				_ = child.Process.Kill()
			}
		}
		_ = child.Wait()
		k, err := vault.LoadKeyring(g)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		_, destroyed := k.Months()
		if k.Generation() < generation || len(months) == 0 {
			t.Errorf("round %d: generation %d, acknowledged %d, %d months", round, k.Generation(), generation, len(months))
		}
		gone := strings.Join(destroyed, " ")
		for _, month := range months {
			if !strings.Contains(gone, month) {
				t.Errorf("round %d: %s was acknowledged as destroyed", round, month)
			}
		}
		acknowledged += len(months)
	}
	t.Logf("%d destructions acknowledged over 20 kills", acknowledged)
}
