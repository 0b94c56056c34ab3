package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// vnuPath is where `npm ci` puts the Nu HTML checker (MIT); it runs on any Java 11 or later.
const vnuPath = "node_modules/vnu-jar/build/dist/vnu.jar"

// Vnu runs the Nu HTML checker over documents by name, a name ending in .css being a style sheet, all in one go because
// the start of Java is most of the cost. Errors and warnings both count.
func Vnu(tb testing.TB, documents map[string]string) []string {
	tb.Helper()
	if _, err := os.Stat(vnuPath); err != nil {
		return []string{"the Nu validator is missing: run `make install`"}
	}
	if len(documents) == 0 {
		return []string{"the Nu validator was given nothing to check"}
	}
	dir, args := tb.TempDir(), []string{"-jar", vnuPath, "--also-check-css", "--format", "json"}
	for name, text := range documents {
		file := filepath.Join(dir, fileName(name))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
		args = append(args, file)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "java", args...)
	var report strings.Builder
	cmd.Stderr = &report // the report is on standard error, and the exit code is 1 if there is anything in it
	runErr := cmd.Run()
	var found struct {
		Messages []struct {
			Type, SubType, URL, Message, Extract string
			LastLine                             int
		}
	}
	if err := json.Unmarshal([]byte(report.String()), &found); err != nil {
		return []string{fmt.Sprintf("the Nu validator did not run (%v): %s", runErr, report.String())}
	}
	var faults []string
	for _, m := range found.Messages {
		faults = append(faults, fmt.Sprintf("%s line %d: %s %s: %s | %s", filepath.Base(m.URL), m.LastLine, m.Type, m.SubType, m.Message, strings.TrimSpace(m.Extract)))
	}
	return faults
}

var notInNames = regexp.MustCompile(`[^a-z0-9.]+`)

func fileName(name string) string {
	name = notInNames.ReplaceAllString(strings.ToLower(name), "-")
	if strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".html") {
		return name
	}
	return name + ".html"
}
