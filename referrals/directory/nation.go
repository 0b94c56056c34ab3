package directory

import (
	"errors"
	"fmt"
)

// Nation is one of the four nations, or not known. Law, duties and lines differ between them.
type Nation uint8

// The nations.
const (
	UnknownNation Nation = iota
	England
	Wales
	Scotland
	NorthernIreland
	nationCount
)

var nationNames = [nationCount]string{"unknown", "england", "wales", "scotland", "northern-ireland"}

// ErrNation says that a word names no nation.
var ErrNation = errors.New("directory: not a nation")

// ParseNation reads a nation as forms and settings write it; an empty word is unknown.
func ParseNation(word string) (Nation, error) {
	if word == "" {
		return UnknownNation, nil
	}
	for n, name := range nationNames {
		if name == word {
			return Nation(n), nil
		}
	}
	return UnknownNation, fmt.Errorf("read nation: %w", ErrNation)
}

// String is the word that ParseNation reads.
func (n Nation) String() string {
	if n >= nationCount {
		return nationNames[UnknownNation]
	}
	return nationNames[n]
}

// Nations is a set of nations. The empty set means that no page read says which.
type Nations uint8

// AllNations is the whole United Kingdom.
const AllNations Nations = 1<<England | 1<<Wales | 1<<Scotland | 1<<NorthernIreland

// With adds a nation to the set. The unknown nation is in no set.
func (s Nations) With(n Nation) Nations {
	if n == UnknownNation || n >= nationCount {
		return s
	}
	return s | 1<<n
}

// Has reports whether a nation is in the set.
func (s Nations) Has(n Nation) bool { return n != UnknownNation && s&(1<<n) != 0 }

// List is the set in the order of the constants.
func (s Nations) List() []Nation {
	var list []Nation
	for n := England; n < nationCount; n++ {
		if s.Has(n) {
			list = append(list, n)
		}
	}
	return list
}
