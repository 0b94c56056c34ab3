package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"waypost/referrals/directory/postcode"
)

// postcodeFile is the index of postcodes in the data directory. It holds no person.
const postcodeFile = "postcodes"

// importList reads a list that somebody published into the data directory.
func importList(ctx context.Context, w world) error {
	if len(w.args) > 0 && w.args[0] == "services" {
		if l := readListing(w.args[1:]); l.from != "" && !l.mistake { // asked here: no question leaves from where people are served
			letGo, err := fetchServices(ctx, w, l)
			if err != nil {
				return err
			}
			defer letGo()
		}
		return outside("import")(ctx, w)
	}
	if len(w.args) == 0 || w.args[0] != "postcodes" {
		return fmt.Errorf("arguments %w: import postcodes FILE [--names FILE]... [--released MONTH] [--dry-run], or %s", errUsage, importServicesUsage)
	}
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	w.args = w.args[1:]
	return importPostcodes(ctx, w, p.data)
}

// several collects a flag that may be repeated.
type several []string

func (s *several) String() string { return strings.Join(*s, " ") }

func (s *several) Set(value string) error {
	*s = append(*s, value)
	return nil
}

func importPostcodes(ctx context.Context, w world, dir string) error {
	flags := flag.NewFlagSet("import postcodes", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var names several
	flags.Var(&names, "names", "a file of codes and their names, CSV or JSON; may be repeated")
	released := flags.String("released", "", "the month of the list, such as 2026-11")
	dry := flags.Bool("dry-run", false, "read and report, write nothing")
	files, err := parseMixed(flags, w.args)
	if err != nil || len(files) != 1 {
		return fmt.Errorf("arguments %w: import postcodes FILE [--names FILE]... [--released MONTH] [--dry-run]", errUsage)
	}
	known := map[string]string{}
	for _, file := range names {
		if err := readNames(file, known); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
	}
	in, closeList, err := openList(files[0])
	if err != nil {
		return fmt.Errorf("open list: %w", err)
	}
	defer closeList()
	list := postcode.List{Released: *released, Names: known, Told: func(n int) { fmt.Fprintf(w.errout, "%d lines read\n", n) }}
	x, report, err := list.Read(until(ctx, in))
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d lines read, %d postcodes kept, of them %d no longer in use and %d outside the four nations, in %d places\n",
		report.Lines, report.Kept, report.Ended, report.Outside, len(x.Places))
	for _, reason := range slices.Sorted(maps.Keys(report.Set)) {
		fmt.Fprintf(w.out, "set aside: %d lines, the first is line %d: %s\n", report.Set[reason].Lines, report.Set[reason].First, reason)
	}
	if *dry {
		_, err := fmt.Fprintln(w.out, "nothing was written: this was a dry run")
		return err
	}
	if err := replace(filepath.Join(dir, postcodeFile), x.WriteTo); err != nil {
		return fmt.Errorf("write postcode index: %w", err)
	}
	_, err = fmt.Fprintln(w.out, "written; Waypost reads it at its next start")
	return err
}

// parseMixed lets flags stand before and after the files.
func parseMixed(flags *flag.FlagSet, args []string) (files []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return files, nil
		}
		files, args = append(files, flags.Arg(0)), flags.Args()[1:]
	}
}

// openList opens a list, packed with gzip or not.
func openList(file string) (io.Reader, func(), error) {
	f, err := os.Open(file) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return nil, nil, err
	}
	stop := func() { _ = f.Close() }
	if !strings.HasSuffix(file, ".gz") {
		return f, stop, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return z, stop, nil
}

// until makes a reader end with the context.
func until(ctx context.Context, r io.Reader) io.Reader { return cancelled{ctx, r} }

type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// readNames reads codes and names: a JSON object, or a CSV with the code in its first column and the name in the second.
func readNames(file string, into map[string]string) error {
	raw, err := os.ReadFile(file) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return err
	}
	if strings.HasSuffix(file, ".json") {
		return json.Unmarshal(raw, &into)
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	in.FieldsPerRecord = -1
	lines, err := in.ReadAll()
	if err != nil {
		return err
	}
	for _, l := range lines {
		if len(l) > 1 {
			into[strings.TrimSpace(l[0])] = strings.TrimSpace(l[1])
		}
	}
	return nil
}

// replace writes a file so that there is always a whole one: a new one beside it, on the disk, then in its place.
func replace(path string, write func(io.Writer) (int64, error)) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
