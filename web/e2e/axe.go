package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// axePath is where `npm ci` puts axe-core; it is MPL-2.0, is not committed and never shipped.
const axePath = "node_modules/axe-core/axe.min.js"

const axeRun = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
	rules: {"target-size": {enabled: true}},
	resultTypes: ["violations", "incomplete"]
}).then(r => JSON.stringify({
	violations: r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.target.join(" ") + " | " + n.html.slice(0, 160))})),
	passes: r.passes.length,
	incomplete: r.incomplete.map(v => v.id)
}))`

// Axe runs every rule of WCAG 2.2 A and AA and the best practices over the page as it stands, and returns what violates
// them. It reports a fault if the engine is missing or has examined nothing.
func (p *Page) Axe() []string {
	p.tb.Helper()
	engine, err := os.ReadFile(axePath)
	if err != nil {
		return []string{"axe-core is missing: run `make install`"}
	}
	defer p.scripted()()
	if !ask[bool](p, `typeof axe === "object"`) {
		ask[bool](p, string(engine)+";true")
	}
	var report struct {
		Violations []struct {
			ID, Help string
			Nodes    []string
		}
		Passes     int
		Incomplete []string
	}
	if err := json.Unmarshal([]byte(ask[string](p, axeRun)), &report); err != nil {
		return []string{"axe gave no report: " + err.Error()}
	}
	var faults []string
	for _, v := range report.Violations {
		faults = append(faults, fmt.Sprintf("%s: %s\n\t%s", v.ID, v.Help, strings.Join(v.Nodes, "\n\t")))
	}
	if report.Passes == 0 {
		faults = append(faults, "axe examined nothing")
	}
	if len(report.Incomplete) > 0 {
		p.tb.Logf("axe could not decide: %s", strings.Join(report.Incomplete, ", "))
	}
	return faults
}
