package agent

import (
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"waypost/locales"
)

var (
	square  = regexp.MustCompile(`M(\d+) (\d+)h1v1h-1z`)
	viewBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
)

// squares reads the code out of the page, without its margin.
func squares(t *testing.T, page string) [][]bool {
	t.Helper()
	box := viewBox.FindStringSubmatch(page)
	if box == nil || box[1] != box[2] {
		t.Fatal("no code on the page")
	}
	size := must(strconv.Atoi(box[1]))(t) - 2*4
	grid := make([][]bool, size)
	for y := range grid {
		grid[y] = make([]bool, size)
	}
	for _, m := range square.FindAllStringSubmatch(page, -1) {
		x, y := must(strconv.Atoi(m[1]))(t)-4, must(strconv.Atoi(m[2]))(t)-4
		if x < 0 || y < 0 || x >= size || y >= size {
			t.Fatalf("a square in the margin: %d %d", x, y)
		}
		grid[y][x] = true
	}
	return grid
}

// reading is what a scanner reads, for the small codes whose words stand in one block (ISO/IEC 18004, versions 1 to 3): the
// mask from the format beside the corner, then the words in their zigzag, then the text.
func reading(t *testing.T, grid [][]bool) string {
	t.Helper()
	size := len(grid)
	version := (size - 17) / 4
	if version < 1 || version > 3 || size != 17+4*version {
		t.Fatalf("this reader does not know a code of %d squares", size)
	}
	mask := 0
	for i := range 3 { // the three bits of the mask stand third to fifth, and the format is itself masked with 101010000010010
		if grid[8][2+i] != (0b10101>>(2-i)&1 == 1) {
			mask |= 4 >> i
		}
	}
	fixed := func(x, y int) bool {
		finder := x < 9 && y < 9 || x >= size-8 && y < 9 || x < 9 && y >= size-8
		aligned := version > 1 && x >= size-9 && x < size-4 && y >= size-9 && y < size-4
		return finder || aligned || x == 6 || y == 6
	}
	flipped := func(x, y int) bool {
		switch mask {
		case 0:
			return (x+y)%2 == 0
		case 1:
			return y%2 == 0
		case 2:
			return x%3 == 0
		case 3:
			return (x+y)%3 == 0
		case 4:
			return (y/2+x/3)%2 == 0
		case 5:
			return x*y%2+x*y%3 == 0
		case 6:
			return (x*y%2+x*y%3)%2 == 0
		}
		return ((x+y)%2+x*y%3)%2 == 0
	}
	var bits []bool
	up := true
	for x := size - 1; x > 0; x -= 2 {
		if x == 6 {
			x--
		}
		for i := range size {
			y := i
			if up {
				y = size - 1 - i
			}
			for _, col := range []int{x, x - 1} {
				if !fixed(col, y) {
					bits = append(bits, grid[y][col] != flipped(col, y))
				}
			}
		}
		up = !up
	}
	number := func(from, n int) (v int) {
		for _, b := range bits[from : from+n] {
			v <<= 1
			if b {
				v |= 1
			}
		}
		return v
	}
	if mode := number(0, 4); mode != 4 {
		t.Fatalf("the code is of mode %d, not of bytes", mode)
	}
	var text strings.Builder
	for i := range number(4, 8) {
		text.WriteByte(byte(number(12+8*i, 8)))
	}
	return text.String()
}

// TestTheCodeHoldsTheAddressAndNothingElse reads the squares back.
func TestTheCodeHoldsTheAddressAndNothingElse(t *testing.T) {
	s := server(t, invented())
	page := s.ask(t, http.MethodGet, "/agent/invented/card", nil, nil).page
	if got := reading(t, squares(t, page)); got != "https://help.invented.example/" {
		t.Errorf("the code says %q", got)
	}
	if strings.Contains(s.ask(t, http.MethodGet, "/agent/invented/kit", nil, nil).page, "<svg") {
		t.Error("the first card has a code")
	}
}

// TestTheKitIsPlain holds what a company may put on its site: one address, no script, no frame, no token, nothing counted.
func TestTheKitIsPlain(t *testing.T) {
	s := server(t, invented())
	page := s.ask(t, http.MethodGet, "/agent/invented/kit", nil, nil).page
	text := visible(page)
	if !strings.Contains(text, `<a href="https://help.invented.example/" rel="noreferrer noopener">`) {
		t.Errorf("no link to copy: %s", text)
	}
	for _, l := range s.j.Words.Languages() {
		words, _, _ := s.j.Words.Text(l.Tag, "agent.kit.link")
		if strings.Count(text, words) < 2 || !strings.Contains(page, `lang="`+l.Tag+`"`) {
			t.Errorf("%s is not in the kit", l.Tag)
		}
	}
	_, inner, _ := strings.Cut(page, `<main`)
	for _, never := range []string{"<iframe", "<script", "<img", "utm_", "?x=", "Invented Chips", "onclick"} {
		if strings.Contains(inner, never) {
			t.Errorf("the kit holds %s", never)
		}
	}
	_, card, _ := strings.Cut(page, `<div class="sheets shown">`)
	card, _, _ = strings.Cut(card, `<div class="actions">`)
	for _, telling := range []string{"chip", "implant", "abuse", "body", "device", "worr"} {
		if strings.Contains(strings.ToLower(card), telling) {
			t.Errorf("the card says %q", telling)
		}
	}
}

// TestWhatCanBeSaidAloud holds an address to what a frightened person can keep in mind.
func TestWhatCanBeSaidAloud(t *testing.T) {
	for host, want := range map[string]bool{
		"help.example": true, "help.invented.example": true, "waypost.org.uk": true, "": false, "localhost:8080": false, "127.0.0.1": false,
		"help-finder.example": false, "a1.example": false, "example": false, "very-long": false, "averyverylongnameofaservice.example": false, "a.b.c.d.example": false,
	} {
		if Sayable(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
	s := server(t, invented())
	s.j.PublicURL = "http://localhost:8080"
	if page := s.ask(t, http.MethodGet, "/agent/invented/kit", nil, nil).page; !strings.Contains(page, s.html(t, "agent.kit.hard-to-say")) {
		t.Error("nobody says that the address is hard to say")
	}
}

// TestNoEnglishWordsUnderAnotherName leaves a language without words for the kit out of it.
func TestNoEnglishWordsUnderAnotherName(t *testing.T) {
	files := fstest.MapFS{}
	for _, tag := range []string{"en", "cy"} {
		name := "active." + tag + ".toml"
		text := string(must(fs.ReadFile(locales.Files(), name))(t))
		if tag == "cy" {
			before, rest, found := strings.Cut(text, "[agent.kit]")
			if !found {
				t.Fatal("there is no Welsh kit")
			}
			_, after, _ := strings.Cut(rest, "\n[")
			if text = before; after != "" {
				text += "[" + after
			}
		}
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	s := serverIn(t, must(locales.Load(files, "en", "cy"))(t), invented())
	if page := s.ask(t, http.MethodGet, "/agent/invented/kit", nil, nil).page; strings.Contains(page, "Cymraeg") || !strings.Contains(page, "English") {
		t.Errorf("the kit: %s", visible(page))
	}
}
