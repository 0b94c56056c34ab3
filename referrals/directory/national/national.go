// Package national holds the services that serve a whole nation or all four: data read from published pages, embedded, with
// the page, the day of reading and the confidence beside each. It loads them strictly and knows nothing of matching.
//
// It refuses what cannot be placed: an unknown key, a missing source, a number that does not look like one, anything that
// was only remembered. A file with one bad entry is not loaded at all.
package national

import (
	_ "embed"

	"waypost/referrals/directory"
)

//go:embed services.yaml
var file []byte

// Load reads the embedded services. The error names each bad entry by id and field.
func Load() ([]directory.Service, error) { return read(file) }
