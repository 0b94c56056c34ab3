package trail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Sink is a place outside the database where signed checkpoints are kept. Only a checkpoint that left the machine can
// show that a whole database was put back in time.
type Sink interface {
	Keep(ctx context.Context, signed []byte) error
}

// Publish hands one signed checkpoint to every sink and reports each that failed.
func Publish(ctx context.Context, signed []byte, sinks ...Sink) error {
	var errs []error
	for i, s := range sinks {
		if err := s.Keep(ctx, signed); err != nil {
			errs = append(errs, fmt.Errorf("keep checkpoint, sink %d: %w", i+1, err))
		}
	}
	return errors.Join(errs...)
}

type writerSink struct {
	mu sync.Mutex
	w  io.Writer
}

// To keeps checkpoints by writing them to w, as standard output that a log collector carries away.
func To(w io.Writer) Sink { return &writerSink{w: w} }

func (s *writerSink) Keep(ctx context.Context, signed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.w.Write(signed)
	return err
}

type fileSink struct {
	mu   sync.Mutex
	path string
}

// ToFile keeps checkpoints at the end of a file, best on another machine's disk. The file is opened for each
// checkpoint, so it may be moved away at any time, and synced before Keep returns.
func ToFile(path string) Sink { return &fileSink{path: path} }

func (s *fileSink) Keep(ctx context.Context, signed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // a second Close after the one below only says so
	if err := endLine(f); err != nil {
		return err
	}
	if _, err := f.Write(signed); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.path))
}

// endLine ends a line that a killed process left half written, so that the next checkpoint starts on its own.
func endLine(f *os.File) error {
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil || at == 0 {
		return err
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], at-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Kept reads back what a sink kept. A checkpoint that a killed process left without signature is passed over; one
// whose signature is wrong is returned, because that is for the audit to say.
func Kept(r io.Reader) ([][]byte, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var kept [][]byte
	var one strings.Builder
	end := func() {
		if s := one.String(); strings.Contains(s, "\n\n\u2014 ") && strings.HasSuffix(s, "\n") {
			kept = append(kept, []byte(s))
		}
		one.Reset()
	}
	for line := range strings.Lines(string(all)) {
		if strings.HasPrefix(line, origin) {
			end()
		}
		one.WriteString(line)
	}
	end()
	return kept, nil
}
