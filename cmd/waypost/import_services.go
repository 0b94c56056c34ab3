package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/shelf"
)

const importServicesUsage = "import services FILE... --source NAME --address URL, or import services --from URL --source NAME [--anew], with [--covers CODES] [--needs NEEDS] [--terms FILE] [--areas FILE] [--even-many] [--dry-run]"

// listing is what stands on the command line of an import of services.
type listing struct {
	files                  []string
	source, address, from  string
	covers, needs          string
	terms, areas           string
	dry, evenMany, mistake bool
	anew                   bool
}

func readListing(args []string) listing {
	flags := flag.NewFlagSet("import services", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var l listing
	flags.StringVar(&l.source, "source", "", "a code for the feed; it begins the ids of its services")
	flags.StringVar(&l.address, "address", "", "where the feed was read")
	flags.StringVar(&l.from, "from", "", "the address of another Open Referral API, in place of files")
	flags.BoolVar(&l.anew, "anew", false, "forget pages of --from that were read before")
	flags.StringVar(&l.covers, "covers", "", "codes of the areas of services that name none, with commas between")
	flags.StringVar(&l.needs, "needs", "", "needs that every service of the feed answers, with commas between")
	flags.StringVar(&l.terms, "terms", "", "a CSV of terms and the need of each")
	flags.StringVar(&l.areas, "areas", "", "a CSV of codes and names of areas; may be the file of names for import postcodes")
	flags.BoolVar(&l.evenMany, "even-many", false, "mark what the feed no longer has, even if it is much")
	flags.BoolVar(&l.dry, "dry-run", false, "read and report, write nothing")
	var err error
	l.files, err = parseMixed(flags, args)
	l.from = strings.TrimRight(l.from, "/")
	if l.from != "" && l.address == "" {
		l.address = l.from + "/services"
	}
	l.mistake = err != nil || (len(l.files) == 0) == (l.from == "") || l.source == "" || l.address == "" || l.anew && l.from == ""
	return l
}

// importServices brings lists of services in.
func importServices(ctx context.Context, r *resting, w world) error {
	if len(w.args) == 0 || w.args[0] != "services" {
		return fmt.Errorf("arguments %w: %s", errUsage, importServicesUsage)
	}
	l := readListing(w.args[1:])
	if l.mistake {
		return fmt.Errorf("arguments %w: %s", errUsage, importServicesUsage)
	}
	order, err := l.order(ctx, w)
	if err != nil {
		return err
	}
	pages := spoolOf(r.places.data, l.source)
	if l.from != "" {
		if err := pages.order(&order); err != nil {
			return err
		}
	}
	sum, err := r.shelf.Import(ctx, records.Act{Actor: "system", Action: "services.import", Tenant: records.House}, order)
	if l.from != "" && err == nil && !l.dry {
		err = pages.clear()
	}
	return errors.Join(err, tellServices(w.out, sum, l, err))
}

// order is the import that a command line asks for.
func (l listing) order(ctx context.Context, w world) (shelf.Order, error) {
	o := shelf.Order{Dry: l.dry, EvenMany: l.evenMany, Source: feed.Source{
		Name: l.source, Address: l.address, Read: w.now().UTC().Truncate(24 * time.Hour), Needs: commas(l.needs), Terms: map[string][]string{}, Areas: map[string]string{},
		Told: func(n int) { fmt.Fprintf(w.errout, "%d services read\n", n) },
	}}
	for _, code := range commas(l.covers) {
		if !feed.Cover(&o.Source.Covers, code) {
			return o, fmt.Errorf("--covers %w: a code that no postcode gives", errUsage)
		}
	}
	terms, names := map[string]string{}, map[string]string{}
	if l.terms != "" {
		if err := readNames(w.path(l.terms), terms); err != nil {
			return o, fmt.Errorf("read terms: %w", err)
		}
	}
	if l.areas != "" {
		if err := readNames(w.path(l.areas), names); err != nil {
			return o, fmt.Errorf("read areas: %w", err)
		}
	}
	for term, need := range terms {
		o.Source.Terms[strings.ToLower(term)] = []string{need}
	}
	for code, name := range names {
		if _, ok := directory.IsAreaCode(code); ok {
			o.Source.Areas[strings.ToLower(name)] = code
		}
	}
	for _, file := range l.files {
		o.Read = append(o.Read, func(r *feed.Reading) error {
			in, done, err := openList(w.path(file))
			if err != nil {
				return fmt.Errorf("open feed: %w", err)
			}
			defer done()
			if strings.HasSuffix(strings.TrimSuffix(file, ".gz"), ".csv") {
				return r.CSV(until(ctx, in))
			}
			return r.JSON(until(ctx, in))
		})
	}
	return o, nil
}

func commas(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' || c == ';' })
}

// tellServices says what was done, in numbers and reasons; of no service what it says.
func tellServices(out io.Writer, sum shelf.Summary, l listing, failed error) error {
	fmt.Fprintf(out, "%d services read, %d can be used\n", sum.Report.Read, sum.Report.Kept)
	for _, o := range slices.Sorted(maps.Keys(sum.Tally)) {
		fmt.Fprintf(out, "%s: %d\n", o, sum.Tally[o])
	}
	for _, h := range slices.Sorted(maps.Keys(sum.Report.Held)) {
		fmt.Fprintf(out, "held for a human (%s): %d\n", h, sum.Report.Held[h])
	}
	for _, kind := range []struct {
		what string
		of   map[string]feed.Aside
	}{{"set aside", sum.Report.Set}, {"left out", sum.Report.Dropped}} {
		for _, reason := range slices.Sorted(maps.Keys(kind.of)) {
			a := kind.of[reason]
			fmt.Fprintf(out, "%s: %d, the first is service %d, at %d: %s\n", kind.what, a.Count, a.First.Item, a.First.At, reason)
		}
	}
	if sum.Spared > 0 {
		fmt.Fprintf(out, "%d services are no longer in the feed, which is many: they were not marked. If it is so, say --even-many\n", sum.Spared)
	}
	if !sum.Report.Whole {
		fmt.Fprintln(out, "the feed was not read whole: nothing was marked as gone")
	}
	switch {
	case failed != nil:
		return nil
	case l.dry:
		_, err := fmt.Fprintln(out, "nothing was written: this was a dry run")
		return err
	}
	_, err := fmt.Fprintf(out, "%d boxes written\n", sum.Boxes)
	return err
}
