package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

type questionID string

func (q questionID) Loggable() string { return string(q) }

type talkative string

func (talkative) LogValue() slog.Value { return slog.StringValue("Canary-Resolved") }

// A hostile call: names everywhere that a call can put them.
func TestTheLogDropsWhatNobodyVouchedFor(t *testing.T) {
	const canary = "Canary-Name"
	var out strings.Builder
	log := slog.New(NewLogHandler(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	type person struct{ Name string }
	log.With("who", canary, "n", 7).WithGroup("inner").With(slog.Group("deep", "who", canary, "ok", true)).Error("it happened",
		"name", canary, "err", errors.New(canary), "wrapped", fmt.Errorf("a: %w", errors.New(canary)), "bytes", []byte(canary),
		"person", person{canary}, "pointer", &person{canary}, "list", []string{canary}, "any", any(canary), "func", func() string { return canary },
		"named", strings.NewReader(canary), "talkative", talkative(canary), "map", map[string]string{canary: canary},
		"question", questionID("location.geofence"), "line", questionID("a\nlevel=INFO msg=forged"),
		"n", 3, "f", 1.5, "u", uint64(9), "ok", true, "took", time.Second, "at", time.Unix(0, 0).UTC(),
		slog.Group("g", "p", canary, slog.Group("h", "q", canary, "n", 4)), "rest", canary)
	if strings.Contains(out.String(), "Canary-Resolved") || strings.Count(out.String(), canary) > 0 {
		t.Errorf("the log holds %s", out.String())
	}
	if strings.Contains(out.String(), "forged") {
		t.Errorf("a line is forged in %s", out.String())
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
		t.Fatal(err)
	}
	inner := line["inner"].(map[string]any)
	for key, want := range map[string]any{"n": 3.0, "f": 1.5, "u": 9.0, "ok": true, "took": 1e9, "at": "1970-01-01T00:00:00Z", "question": "location.geofence", "err": dropped, "line": dropped} {
		if inner[key] != want {
			t.Errorf("%s is %v, want %v", key, inner[key], want)
		}
	}
	if line["who"] != dropped || line["n"] != 7.0 || line["msg"] != "it happened" {
		t.Errorf("With gives %v", line)
	}
	if deep := inner["deep"].(map[string]any); deep["who"] != dropped || deep["ok"] != true {
		t.Errorf("a group in With gives %v", deep)
	}
	if h := inner["g"].(map[string]any)["h"].(map[string]any); h["q"] != dropped || h["n"] != 4.0 {
		t.Errorf("a group in a group gives %v", h)
	}
}

func TestTheLogKeepsItsLevel(t *testing.T) {
	h := NewLogHandler(slog.NewTextHandler(&strings.Builder{}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if h.Enabled(context.Background(), slog.LevelInfo) || !h.Enabled(context.Background(), slog.LevelWarn) {
		t.Error("the level of the inner handler does not count")
	}
}
