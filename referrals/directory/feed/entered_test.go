package feed

import (
	"encoding/csv"
	"errors"
	"reflect"
	"strings"
	"testing"

	"waypost/referrals/directory"
)

// What somebody types into a form is read as a line of the sheet is, and what a list would lose in silence is a fault there.
func TestWhatIsEnteredIsReadAsALineOfTheSheet(t *testing.T) {
	cells := map[string]string{
		"id": "aid", "name": "Invented Aid", "needs": "stalking;legal", "covers": "E06000019", "phone": "01432 123456", "website": "https://aid.example.org", "hours": "Fri 22:00-02:00",
		"groups": "deaf", "shown_to": "staff", "referrers": "gp;self", "notes": "One; Two",
	}
	var head, line []string
	for _, c := range Columns() {
		head, line = append(head, c), append(line, cells[c])
	}
	var text strings.Builder
	sheet := csv.NewWriter(&text)
	if err := sheet.WriteAll([][]string{head, line}); err != nil {
		t.Fatal(err)
	}
	listed := fromCSV(shire(), text.String())
	got, column, err := Entered(shire(), cells)
	if err != nil || len(listed.items) != 1 || !reflect.DeepEqual(got.Service, listed.items[0].Service) {
		t.Fatalf("%q %v\n%+v\n%+v", column, err, got.Service, listed.items)
	}
	if b := Bill(got.Service.Ways); b.Trace != directory.OnBillLikely {
		t.Errorf("%+v", b)
	}
	for name, c := range map[string]struct{ column, value, want string }{
		"markup": {"for", "<b>help</b>", ""}, "a promise": {"for", "it leaves no trace", ""}, "a number that is none": {"phone", "ring us", "phone"},
		"an unknown need": {"needs", "friends", "needs"}, "no name": {"name", "", "name"}, "an unknown code": {"covers", "E10000001", "covers"},
	} {
		other := map[string]string{}
		for k, v := range cells {
			other[k] = v
		}
		other[c.column] = c.value
		if _, column, err := Entered(shire(), other); !errors.Is(err, ErrEntered) || column != c.want {
			t.Errorf("%s: %q %v", name, column, err)
		}
	}
	if _, column, err := Entered(Source{Name: "shire"}, cells); !errors.Is(err, ErrEntered) || column != "source" {
		t.Errorf("%q %v", column, err)
	}
}
