package postcode

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
)

const header = "pcd,pcds,dointr,doterm,laua,hlthau,ctry,pfa,stp\n"

// The postcodes are real forms of no real address; the codes are of the kind that the list has.
const small = header +
	`"ZZ1 1AA","ZZ1 1AA","199002","","E06000019","E18000005","E92000001","E23000016","E54000019"` + "\n" +
	`"ZZ1 1AB","ZZ1 1AB","199002","201501","W06000023","W11000024","W92000004","W15000004","W99999999"` + "\n" +
	`"ZZ2 9ZZ","ZZ2 9ZZ","199002","","S12000026","S08000016","S92000003","S23000009","S99999999"` + "\n" +
	`"BT9 9ZZ","BT9 9ZZ","199002","","N09000003","ZC010","N92000002","N23000002","N99999999"` + "\n" +
	`"JE1 1AA","JE1 1AA","199002","","L99999999","L99999999","L93000001","L99999999","L99999999"` + "\n"

func read(t testing.TB, l List, text string) (*Index, Report) {
	t.Helper()
	x, report, err := l.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return x, report
}

func TestAPostcodeSaysWhereItLies(t *testing.T) {
	t.Parallel()
	x, report := read(t, List{Released: "2021-11", Names: map[string]string{"E06000019": "Herefordshire"}}, small)
	for _, c := range []struct {
		ask   string
		want  Place
		ended bool
		err   error
	}{
		{"ZZ1 1AA", Place{directory.England, "E06000019", "E54000019", "E23000016"}, false, nil},
		{" zz11aa ", Place{directory.England, "E06000019", "E54000019", "E23000016"}, false, nil},
		{"ZZ1\u00a01AB", Place{directory.Wales, "W06000023", "W11000024", "W15000004"}, true, nil},
		{"zZ2 9Zz", Place{directory.Scotland, "S12000026", "S08000016", "S23000009"}, false, nil},
		{"BT9 9ZZ", Place{directory.NorthernIreland, "N09000003", "ZC010", "N23000002"}, false, nil},
		{"ZZ1 1ZZ", Place{}, false, ErrUnknown},                                  // the outcode lies in two nations
		{"ZZ2 1AA", Place{Nation: directory.Scotland}, false, ErrUnknown},        // the outcode lies in one
		{"BT1 1AA", Place{Nation: directory.NorthernIreland}, false, ErrUnknown}, // not in this list, certain by its area
		{"HR9 1AA", Place{}, false, ErrUnknown},
		{"JE1 1AA", Place{}, false, ErrOutside},
		{"GY1 1AA", Place{}, false, ErrOutside},
		{"", Place{}, false, ErrForm}, {"ZZ1", Place{}, false, ErrForm}, {"ZZ1 1A", Place{}, false, ErrForm}, {"1ZZ 1AA", Place{}, false, ErrForm},
		{"ZZ1 AAA", Place{}, false, ErrForm}, {"ZZ1 1AA ZZ1 1AA", Place{}, false, ErrForm}, {"ZZZ1 1AA", Place{}, false, ErrForm},
		{"the house by the church", Place{}, false, ErrForm}, {"ZZ1 1A\x00", Place{}, false, ErrForm}, {"ZZ１ 1AA", Place{}, false, ErrForm},
	} {
		got, hasEnded, err := x.Find(c.ask)
		if got != c.want || hasEnded != c.ended || !errors.Is(err, c.err) {
			t.Errorf("%q: %+v %v %v, want %+v %v %v", c.ask, got, hasEnded, err, c.want, c.ended, c.err)
		}
		if err != nil && c.ask != "" && strings.Contains(err.Error(), strings.TrimSpace(c.ask)) {
			t.Errorf("the error says what was asked: %v", err)
		}
	}
	if report.Lines != 5 || report.Kept != 5 || report.Ended != 1 || report.Outside != 1 || len(report.Set) != 0 {
		t.Errorf("report %+v", report)
	}
	if x.Name("E06000019") != "Herefordshire" || x.Name("W06000023") != "W06000023" {
		t.Error("names")
	}
}

func TestWhatCannotBeUsedIsSetAsideAndCounted(t *testing.T) {
	t.Parallel()
	_, report := read(t, List{}, small+
		`nonsense,nonsense,1,,E06000019,E18000005,E92000001,E23000016,E54000019`+"\n"+
		`ZZ1 1AC,ZZ1 1AC,1,,E06000019,E18000005,X92000001,E23000016,E54000019`+"\n"+
		`ZZ1 1AD,ZZ1 1AD,1,,<b>,E18000005,E92000001,E23000016,E54000019`+"\n"+
		`ZZ1 1AE,ZZ1 1AE`+"\n"+
		`ZZ1 1AF,"ZZ1"1AF`+"\n"+
		`ZZ1 1AA,ZZ1 1AA,1,,E06000020,E18000005,E92000001,E23000016,E54000019`+"\n")
	want := map[string]Aside{BadPostcode: {1, 7}, BadNation: {1, 8}, BadCode: {1, 9}, BadLine: {2, 10}, TwoPlaces: {1, 12}}
	if fmt.Sprint(report.Set) != fmt.Sprint(want) || report.Lines != 11 || report.Kept != 5 {
		t.Errorf("%+v", report)
	}
	for text, want := range map[string]error{
		"": ErrColumns, "a,b,c\n1,2,3\n": ErrColumns, strings.Replace(small, "laua", "where", 1): ErrColumns, header: ErrFile, header + "x,x,x,x,x,x,x,x,x\n": ErrFile,
	} {
		if _, _, err := (List{}).Read(strings.NewReader(text)); !errors.Is(err, want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// The columns have had three names; the order of the lines does not matter; the byte order mark is passed over.
func TestEveryReleaseIsUnderstood(t *testing.T) {
	t.Parallel()
	first, _ := read(t, List{}, small)
	lines := strings.SplitAfter(strings.TrimSuffix(small, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	turned := lines[0]
	for i := len(lines) - 1; i > 0; i-- {
		turned += lines[i]
	}
	for _, text := range []string{
		turned, "\ufeff" + small, strings.Replace(small, header, "pcd7,pcds,dointr,doterm,lad25cd,lhb25cd,ctry25cd,pfa23cd,icb25cd\n", 1),
		strings.Replace(small, header, "pcd,pcds,dointr,doterm,oslaua,oshlthau,ctry,pfa,icb\n", 1), strings.ReplaceAll(small, "\n", "\r\n"),
	} {
		again, _ := read(t, List{}, text)
		var a, b bytes.Buffer
		_, _ = first.WriteTo(&a)
		_, _ = again.WriteTo(&b)
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%.60q gives another index", text)
		}
	}
}

func TestTheFileIsBelievedOnlyWhole(t *testing.T) {
	t.Parallel()
	x, _ := read(t, List{Released: "2021-11"}, small)
	var file bytes.Buffer
	if n, err := x.WriteTo(&file); err != nil || int(n) != file.Len() {
		t.Fatal(n, err)
	}
	back, err := Read(bytes.NewReader(file.Bytes()))
	if err != nil || back.Released != "2021-11" || back.Len() != x.Len() {
		t.Fatal(err)
	}
	if p, _, err := back.Find("ZZ1 1AA"); err != nil || p.Authority != "E06000019" {
		t.Error(p, err)
	}
	for i := range file.Bytes() {
		bad := bytes.Clone(file.Bytes())
		bad[i] ^= 4
		if _, err := Read(bytes.NewReader(bad)); !errors.Is(err, ErrFile) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := Read(bytes.NewReader(file.Bytes()[:i])); !errors.Is(err, ErrFile) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

const data = "../../../../shared/data"

// extract reads one postcode area as published, or skips.
func extract(t testing.TB, area string) string {
	t.Helper()
	f, err := os.Open(filepath.Join(data, "nspl", "NSPL_NOV_2021_UK_"+area+".csv.gz"))
	if err != nil {
		t.Skip("the extracts of the postcode lookup are not beside the repository")
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// Every line of the published extracts is found again as it stands there; no nation that the first letters are said to be
// certain of is contradicted; and each outcode known to lie on both sides of a border never gives a nation by itself.
func TestThePublishedListIsFoundAgain(t *testing.T) {
	t.Parallel()
	straddling := map[string]bool{}
	for _, area := range []string{"HR", "HX", "LD", "TD", "WC"} {
		text := extract(t, area)
		x, report := read(t, List{}, text)
		if report.Kept+report.Set[NoPlace].Lines != report.Lines || report.Set[NoPlace].Lines > 100 || report.Ended == 0 {
			t.Errorf("%s: %+v", area, report)
		}
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		nations := map[string]map[directory.Nation]bool{}
		for _, l := range lines[1:] {
			p, hasEnded, err := x.Find(l[2])
			if l[16] == "" { // a few have no place in the list either
				if !errors.Is(err, ErrUnknown) {
					t.Errorf("%s: a postcode without a place was found: %v", area, err)
				}
				continue
			}
			board := l[40]
			if p.Nation != directory.England {
				board = l[14]
			}
			if err != nil || hasEnded != (l[4] != "") || p.Authority != l[12] || p.Board != board || p.Police != l[37] {
				t.Fatalf("%s: %+v %v %v", area, p, hasEnded, err)
			}
			out := strings.Fields(l[2])[0]
			if nations[out] == nil {
				nations[out] = map[directory.Nation]bool{}
			}
			nations[out][p.Nation] = true
			if n, err := Nation(l[2]); err != nil || (n != directory.UnknownNation && n != p.Nation) {
				t.Fatalf("%s: the first letters say %v, the list %v", area, n, p.Nation)
			}
		}
		for out, set := range nations {
			straddling[out] = len(set) > 1
			p, _, err := x.Find(out + "0ZZ") // nobody has it
			if !errors.Is(err, ErrUnknown) || (p.Nation == directory.UnknownNation) != straddling[out] {
				t.Errorf("%s: %v %v", out, p, err)
			}
		}
		t.Logf("%s: %d postcodes, %d no longer in use", area, report.Kept, report.Ended)
	}
	for _, out := range []string{"HR3", "HR5", "LD7", "LD8", "TD5", "TD9", "TD12", "TD15"} {
		if !straddling[out] {
			t.Errorf("%s is known to lie on both sides of a border", out)
		}
	}
}

func TestNamesOfTheOffice(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(data, "ons-districts.json"))
	if err != nil {
		t.Skip("the name files of the office are not beside the repository")
	}
	var names map[string]string
	if err := json.Unmarshal(raw, &names); err != nil {
		t.Fatal(err)
	}
	x, _ := read(t, List{Names: names}, extract(t, "HR"))
	if got := x.Name("E06000019"); got != "Herefordshire, County of" && got != "Herefordshire" {
		t.Errorf("%q", got)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"ZZ1 1AA", "", "a", "ZZ11AA\x00", "\u00a0", "WC1A 1AA", "zz 1 1 a a"} {
		f.Add(s)
	}
	x, _ := read(f, List{}, small)
	f.Fuzz(func(t *testing.T, text string) {
		p, _, err := x.Find(text)
		if err == nil && p.Nation == directory.UnknownNation {
			t.Error("found, and nowhere")
		}
		if _, bad := parse(text); (bad != nil) != errors.Is(err, ErrForm) {
			t.Error(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	x, _ := read(f, List{}, small)
	var file bytes.Buffer
	_, _ = x.WriteTo(&file)
	f.Add(file.Bytes()[len(magic) : file.Len()-sealed])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) { // past the checksum, which no fuzzer guesses
		d := decoder{left: body}
		x := d.index()
		if !d.bad {
			_, _, _ = x.Find("ZZ1 1AA")
		}
	})
}

func FuzzList(f *testing.F) {
	f.Add(small)
	f.Fuzz(func(t *testing.T, text string) { _, _, _ = List{}.Read(strings.NewReader(text)) })
}

// whole is a list as long as the kingdom's: 1.8 million postcodes in 3,000 outcodes and 500 places, all made up.
func whole() io.Reader {
	r, w := io.Pipe()
	go func() {
		b := bytes.NewBufferString(header)
		for i := range 1_800_000 {
			out, in := i/600, i%600*11
			fmt.Fprintf(b, "%[1]s,%[1]s,199002,,E%08d,E18000005,E92000001,E23000016,E54000019\n",
				fmt.Sprintf("%c%c%d %d%c%c", 'A'+out%26, 'A'+out/26%26, out/676, in/676, 'A'+in/26%26, 'A'+in%26), out%500)
			if b.Len() > 1<<20 {
				_, _ = b.WriteTo(w)
			}
		}
		_, _ = b.WriteTo(w)
		_ = w.Close()
	}()
	return r
}

// Budgets of the design, section 7: a look-up under 1 µs, 24 MB resident or less, loaded in under 3 s.
func BenchmarkPostcode(b *testing.B) {
	began := time.Now()
	x, _, err := List{}.Read(whole())
	if err != nil {
		b.Fatal(err)
	}
	imported := time.Since(began)
	var file bytes.Buffer
	if _, err := x.WriteTo(&file); err != nil {
		b.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	x = nil
	before := heap()
	began = time.Now()
	if x, err = Read(bytes.NewReader(file.Bytes())); err != nil {
		b.Fatal(err)
	}
	loaded := time.Since(began)
	size := float64(heap()-before) / (1 << 20)
	i := 0
	for b.Loop() {
		i = (i + 7919) % 3000
		_, _, _ = x.Find(fmtPostcode[i%len(fmtPostcode)])
	}
	perFind := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(imported.Seconds(), "s-import")
	b.ReportMetric(loaded.Seconds(), "s-load")
	b.ReportMetric(size, "MiB")
	b.ReportMetric(float64(time.Microsecond)/float64(max(perFind, 1)), "budget/find")
	b.ReportMetric(3/loaded.Seconds(), "budget/load")
	b.ReportMetric(24/size, "budget/size")
	runtime.KeepAlive(file)
}

var fmtPostcode = []string{"AA0 0AA", "BA0 0AL", "CA1 3BB", "ZZ3 5AA", "QQ2 9XX", "mn1 4cd"}
