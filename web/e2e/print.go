package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// Printed is what stands on paper when the page is printed as it is now on A4, as text, pages parted by form feeds.
func (p *Page) Printed() string {
	p.tb.Helper()
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		p.tb.Fatalf("print: %v", err)
	}
	file := filepath.Join(p.tb.TempDir(), "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		p.tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	text, err := exec.CommandContext(ctx, "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		p.tb.Fatalf("pdftotext (run `make install` if it is missing): %v", err)
	}
	return string(text)
}
