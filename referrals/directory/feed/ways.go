package feed

import (
	"regexp"
	"slices"
	"strings"

	"waypost/referrals/directory"
)

var (
	severalNumbers = regexp.MustCompile(`(?i)\s*(?:/|;|,|\bor\b|&)\s*`)
	extension      = regexp.MustCompile(`(?i)\s*(?:,|\()?\s*(?:ext(?:ension)?\.?|x)\s*:?\s*(\d{1,6})\)?\s*$`)
	beforeNumber   = regexp.MustCompile(`(?i)^\s*(?:tel(?:ephone)?|phone|mob(?:ile)?|t)\s*[.:]*\s*`)
)

// phone reads a number with its kind, which matters: one for texts rings nowhere.
func (r *Reading) phone(n node) []directory.Way {
	by := directory.Phone
	switch strings.ToLower(r.text(n, "type")) {
	case "text", "sms":
		by = directory.Text
	case "textphone", "minicom", "tty", "tdd":
		by = directory.Textphone
	case "fax", "pager", "video":
		r.drop(DroppedWay)
		return nil
	}
	return r.phones(by, r.text(n, "number"), r.words(r.text(n, "description"), longestNote))
}

// phones reads the numbers of a kind that people write into one field.
func (r *Reading) phones(by directory.By, field, note string) []directory.Way {
	field, _ = plain(field)
	var ways []directory.Way
	for _, part := range severalNumbers.Split(field, 4) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		w := directory.Way{By: by, Note: note, Status: directory.Secondary}
		if m := extension.FindStringSubmatch(part); m != nil {
			w.Note = strings.TrimSpace(w.Note + " extension " + m[1])
			part = extension.ReplaceAllString(part, "")
		}
		w.At = number(beforeNumber.ReplaceAllString(part, ""))
		if !w.Sound() || dear(w.At) || w.At == "999" { // 999 is nobody's own number: "in an emergency ring 999"
			r.drop(DroppedWay)
			continue
		}
		ways = append(ways, w)
	}
	return ways
}

// dear reports whether a number is of a range that earns money by being rung: premium rate and personal numbers (Ofcom,
// National Telephone Numbering Plan). In a list they are old, mistyped or worse.
func dear(number string) bool {
	return strings.HasPrefix(number, "09") || strings.HasPrefix(number, "070")
}

// number writes a British number as we write them: digits in groups with a leading 0.
func number(text string) string {
	text = strings.ReplaceAll(text, "(0)", "")
	var digits strings.Builder
	for i, c := range strings.TrimSpace(text) {
		switch {
		case c >= '0' && c <= '9' || c == '+' && i == 0:
			digits.WriteRune(c)
		case strings.ContainsRune(" -.()\u2010\u2011\u2013\u00a0", c):
		default:
			return ""
		}
	}
	d := digits.String()
	if rest, ok := strings.CutPrefix(d, "+44"); ok {
		d = "0" + strings.TrimPrefix(rest, "0")
	} else if rest, ok := strings.CutPrefix(d, "0044"); ok {
		d = "0" + strings.TrimPrefix(rest, "0")
	}
	if len(d) != 11 {
		return d
	}
	switch d[1] {
	case '2':
		return d[:3] + " " + d[3:7] + " " + d[7:]
	case '3', '8', '9':
		return d[:4] + " " + d[4:7] + " " + d[7:]
	}
	return d[:5] + " " + d[5:]
}

// website reads an address. One without its beginning gets the safe one.
func (r *Reading) website(field string) []directory.Way {
	field, _ = plain(field)
	if field == "" {
		return nil
	}
	if strings.HasPrefix(strings.ToLower(field), "www.") {
		field = "https://" + field
	}
	return r.way(directory.Way{By: directory.Website, At: field, Status: directory.Secondary})
}

func (r *Reading) email(field string) []directory.Way {
	field, _ = plain(field)
	field = strings.TrimPrefix(strings.TrimSpace(field), "mailto:")
	if field == "" {
		return nil
	}
	return r.way(directory.Way{By: directory.Email, At: field, Status: directory.Secondary})
}

func (r *Reading) way(w directory.Way) []directory.Way {
	if !w.Sound() || !directory.Presentable(w.At) || len(w.At) > longestText {
		r.drop(DroppedWay)
		return nil
	}
	return []directory.Way{w}
}

// distinct drops ways that stand twice, and more than anybody reads.
func distinct(ways []directory.Way) []directory.Way {
	var out []directory.Way
	for _, w := range ways {
		same := func(o directory.Way) bool {
			return o.By == w.By && strings.ReplaceAll(o.At, " ", "") == strings.ReplaceAll(w.At, " ", "")
		}
		if !slices.ContainsFunc(out, same) && len(out) < 8 {
			out = append(out, w)
		}
	}
	return out
}

// bill is what the first number says of the telephone bill: 01, 02 and 03 numbers are likely to show, and of the others
// nothing is known.
func bill(ways []directory.Way) directory.Bill {
	for _, w := range ways {
		if w.By != directory.Phone {
			continue
		}
		if len(w.At) > 1 && strings.IndexByte("123", w.At[1]) >= 0 && w.At[0] == '0' {
			return directory.Bill{Trace: directory.OnBillLikely}
		}
		break
	}
	return directory.Bill{Trace: directory.BillUnknown}
}
