package directory

import (
	"slices"
	"testing"
)

// Nobody is left without a line because the first one is not for them.
func TestLinesAreForEverybodyWhoMightRing(t *testing.T) {
	women, men := whom(Who{Only: Woman}), whom(Who{Only: Man})
	page := by(Way{By: Website, At: "https://line.example.org", Status: Official})
	mind := serves("mental-health-crisis")
	for name, tt := range map[string]struct {
		services []Service
		need     string
		want     []string
	}{
		"one for all":                         {[]Service{invented("a"), invented("b")}, "stalking", []string{"a"}},
		"for women, then for everybody":       {[]Service{invented("a", women), invented("b", women), invented("c"), invented("d")}, "stalking", []string{"a", "c"}},
		"for women, then for men":             {[]Service{invented("a", women), invented("b", women), invented("c", men), invented("d", men)}, "stalking", []string{"a", "c"}},
		"for men alone":                       {[]Service{invented("a", men)}, "stalking", []string{"a"}},
		"what has no telephone":               {[]Service{invented("a", page), invented("b")}, "stalking", []string{"b"}},
		"an ambulance for whoever asks":       {[]Service{invented("a", serves("emergency", "mental-health-crisis")), invented("b", mind)}, "emergency", []string{"a"}},
		"an ambulance for nobody who did not": {[]Service{invented("a", serves("emergency", "mental-health-crisis")), invented("b", mind)}, "mental-health-crisis", []string{"b"}},
		"nobody":                              {[]Service{invented("a")}, "legal", nil},
	} {
		var got []string
		for _, l := range open(t, tt.services...).Lines(Wants{Needs: []string{tt.need}, Audience: Public, Today: readOn, Limit: 1}) {
			if got = append(got, l.Service.ID); l.By != Phone {
				t.Errorf("%s: %s is no telephone", name, l.At)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
