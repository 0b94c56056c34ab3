package main_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The budgets of the design, section 7, that only the built program can show.
const (
	startBudget    = 300 * time.Millisecond
	residentBudget = 90 << 10 // KiB
	binaryBudget   = 30 << 20
	tailBudget     = 100 * time.Millisecond
)

// program builds the product as it ships.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "waypost")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

type service struct {
	url     string
	process *os.Process
	started time.Duration // from the start of the process to its first answer
}

// serve starts the program on a free port and waits for its first answer. Stop ends it.
func serve(b *testing.B, path string) (s service, stop func()) {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	cmd := exec.CommandContext(ctx, path)
	home := b.TempDir()
	cmd.Env = append(os.Environ(), "WAYPOST_ADDR="+address, "WAYPOST_DATA_DIR="+filepath.Join(home, "data"), "WAYPOST_KEY_DIR="+filepath.Join(home, "keys"))
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		cancel()
		_ = cmd.Wait() // killed: it has nothing to say
	}
	s = service{url: "http://" + address, process: cmd.Process}
	for time.Since(begun) < 10*time.Second {
		if c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			_, _ = io.WriteString(c, "GET /consult HTTP/1.1\r\nHost: waypost.test\r\n\r\n")
			line, err := bufio.NewReader(c).ReadString('\n')
			_ = c.Close()
			if err == nil && strings.Contains(line, " 200 ") {
				s.started = time.Since(begun)
				return s, stop
			}
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	b.Fatal("the program did not answer within 10 s")
	return s, stop
}

// resident is what the process holds in memory, in KiB; 0 where the system does not say.
func (s service) resident() int {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.process.Pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return n
		}
	}
	return 0
}

func BenchmarkStartToFirstAnswer(b *testing.B) {
	path := program(b)
	if info, err := os.Stat(path); err != nil || info.Size() > binaryBudget {
		b.Errorf("the program has %d bytes, %d at most: %v", info.Size(), binaryBudget, err)
	} else {
		b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
	}
	var took []time.Duration
	for b.Loop() {
		s, stop := serve(b, path)
		took = append(took, s.started)
		stop()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-median")
	b.ReportMetric(float64(startBudget)/float64(took[len(took)/2]), "budget/median")
}

// A hundred requests a second on a mixed day: whole consultations posted, the page opened, leaving, the styles. The moment
// of each request is fixed beforehand, so a slow answer does not make the next one start later.
func BenchmarkAHundredRequestsASecond(b *testing.B) {
	s, stop := serve(b, program(b))
	defer stop()
	client := &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answers := url.Values{
		"about.nation": {"england"}, "about.subject": {"patient-here"}, "setting.alone": {"alone"}, "gateway.location": {"yes"}, "gateway.fear": {"yes"},
		"danger.separation": {"yes"}, "danger.control": {"yes"}, "location.geofence": {"yes"}, "location.if-late": {"anger-or-punishment"},
	}.Encode()
	ask := func(i int) error {
		method, path, body := http.MethodPost, "/consult", answers
		switch i % 10 {
		case 0, 1:
			method, path, body = http.MethodGet, "/consult", ""
		case 2:
			method, path, body = http.MethodGet, "/x", ""
		}
		r, err := http.NewRequestWithContext(b.Context(), method, s.url+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode >= http.StatusBadRequest {
			b.Errorf("%s %s: %d", method, path, answer.StatusCode)
		}
		return err
	}
	const rate, seconds = 100, 10
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		var all sync.WaitGroup
		begun := time.Now()
		for i := range rate * seconds {
			due := begun.Add(time.Duration(i) * time.Second / rate)
			time.Sleep(time.Until(due))
			all.Go(func() {
				err := ask(i)
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(due))
				if err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(p99.Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(tailBudget)/float64(p99), "budget/p99")
	b.ReportMetric(float64(s.resident())/1024, "MiB-resident")
	if s.resident() > residentBudget {
		b.Errorf("%d KiB resident, %d at most", s.resident(), residentBudget)
	}
}
