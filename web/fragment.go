package web

import (
	"bytes"
	"html/template"
)

// Fragment is finished HTML. Only a template and Escape make one, so whatever a page is put together from has been
// escaped, and it never changes afterwards: the same fragment stands in the pages of many visitors.
type Fragment struct{ html []byte }

// Escape makes text of a request safe to show.
func Escape(text string) Fragment { return Fragment{[]byte(template.HTMLEscapeString(text))} }

// Join glues fragments, at start, so that a page has few parts.
func Join(parts ...Fragment) Fragment {
	var out bytes.Buffer
	for _, p := range parts {
		out.Write(p.html)
	}
	return Fragment{out.Bytes()}
}

// HTML lets a template show a fragment. It is safe because a template or Escape made it.
func (f Fragment) HTML() template.HTML { return template.HTML(f.html) } //nolint:gosec // made by html/template alone

// Len is the number of bytes.
func (f Fragment) Len() int { return len(f.html) }
