package vault

import (
	"errors"
	"strings"
)

// ErrNHSNumber says that a text is not an NHS number: ten digits whose last one fits by
// modulus 11. It never repeats the text.
var ErrNHSNumber = errors.New("vault: not an NHS number")

// NHSNumber is ten checked digits: a Secret that only ParseNHSNumber can make. Scotland's
// CHI number and the Health and Care number of Northern Ireland share form and check.
type NHSNumber struct{ digits }

type digits = Secret[string] // lower case: no other package can put digits in

// ParseNHSNumber takes ten digits, with or without spaces between them, and checks the
// last by modulus 11 (NHS Data Dictionary). Ten zeros fit but are a placeholder.
func ParseNHSNumber(text string) (NHSNumber, error) {
	number := strings.NewReplacer(" ", "", "\u00a0", "").Replace(text)
	if len(number) != 10 || number == "0000000000" {
		return NHSNumber{}, ErrNHSNumber
	}
	sum := 0
	for i := range 10 {
		if number[i] < '0' || number[i] > '9' {
			return NHSNumber{}, ErrNHSNumber
		}
		if i < 9 {
			sum += int(number[i]-'0') * (10 - i)
		}
	}
	if check := (11 - sum%11) % 11; check != int(number[9]-'0') { // 10 fits no digit
		return NHSNumber{}, ErrNHSNumber
	}
	return NHSNumber{Keep(number)}, nil
}
