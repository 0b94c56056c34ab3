package packet

import (
	"encoding/json"
	"errors"
	"time"

	"waypost/internal/vault"
)

// ErrForm says that a text is no packet. It never repeats the text.
var ErrForm = errors.New("packet: not a packet in its form")

// Read reads what JSON wrote, as it comes out of a sealed record.
func Read(text []byte) (Packet, error) {
	var in jsonPacket
	if err := json.Unmarshal(text, &in); err != nil {
		return Packet{}, ErrForm // the cause could quote what stands there
	}
	made, err := time.Parse(timeForm, in.Made)
	if err != nil || in.Reference == "" {
		return Packet{}, ErrForm
	}
	p := Packet{Destination: in.Destination, Reference: in.Reference, Made: made, Missing: in.Missing, Leaks: in.Leaks}
	for _, l := range in.Lines {
		line := Line{Field: l.Field, Row: l.Row, Say: l.Say, Unsafe: l.Unsafe}
		if l.Say == "" {
			line.Text = vault.Keep(l.Text)
		}
		p.Lines = append(p.Lines, line)
	}
	return p, nil
}
