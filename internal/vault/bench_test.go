package vault_test

import (
	"fmt"
	"os"
	"testing"

	"waypost/internal/vault"
)

var sizes = []int{200, 4000, 64_000}

func BenchmarkSeal(b *testing.B) {
	h := newHouse(b)
	for _, n := range sizes {
		text := make([]byte, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, key, err := h.NewKey(aCase, march)
				must(b, err)
				_, err = key.Seal(aCase, 1, text)
				must(b, err)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	h := newHouse(b)
	for _, n := range sizes {
		s := h.seal(b, aCase, march, string(make([]byte, n)))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := open(h.Keyring, s)
				must(b, err)
			}
		})
	}
}

func BenchmarkRewrap(b *testing.B) {
	h := newHouse(b)
	s := h.seal(b, aCase, march, "note")
	b.ReportAllocs()
	for b.Loop() {
		_, err := h.Rewrap(aCase, s.wrapped, march)
		must(b, err)
	}
}

func BenchmarkBlindNHS(b *testing.B) {
	h := newHouse(b)
	number := nhs(b, "9434765919")
	b.ReportAllocs()
	for b.Loop() {
		h.BlindNHS("practice-a", number)
	}
}

func BenchmarkReadKeyring(b *testing.B) {
	h := newHouse(b)
	must(b, h.Prepare(date(2036, 11, 1)))
	file, err := os.ReadFile(h.ground.Path)
	must(b, err)
	b.ReportMetric(float64(len(file)), "file-bytes")
	b.ReportAllocs()
	for b.Loop() {
		must(b, vault.ReadRing(file, h.ground.Root))
	}
}

func BenchmarkChangeKeyring(b *testing.B) {
	h := newHouse(b)
	for b.Loop() {
		must(b, h.RotateRoot(h.ground.Root))
	}
}
