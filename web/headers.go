package web

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// policy passed with an empty browser console (web.md, 4.3). Nothing inline, nothing from elsewhere, no frame; script may
// set HTML only through the policy named app.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app"

// header is kept as bytes because every answer sets them all.
type header struct{ name, value []byte }

// securityHeaders are on every answer, whoever wrote it. Bluetooth is not in the permissions because Chromium does not know
// the word and logs an error.
func securityHeaders(secure, subdomains bool) []header {
	pairs := [][2]string{
		{"Content-Security-Policy", policy},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Permissions-Policy", "geolocation=(), camera=(), microphone=(), usb=()"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"X-Robots-Tag", "noindex, nofollow, noarchive"},
		{"Request-Otr", "?1"},
	}
	if secure {
		age := "max-age=63072000"
		if subdomains {
			age += "; includeSubDomains"
		}
		pairs = append(pairs, [2]string{"Strict-Transport-Security", age})
	}
	out := make([]header, len(pairs))
	for i, p := range pairs {
		out[i] = header{[]byte(p[0]), []byte(p[1])}
	}
	return out
}

// guard puts the headers on. Only the hashed assets and open data have set Cache-Control by now; all else is never stored.
// What pages of other sites may read they may also load.
func (s *Server) guard(h *fasthttp.ResponseHeader) {
	for _, one := range s.headers {
		h.SetCanonical(one.name, one.value)
	}
	if len(h.Peek(fasthttp.HeaderAccessControlAllowOrigin)) > 0 {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if len(h.Peek(fasthttp.HeaderCacheControl)) == 0 {
		h.Set(fasthttp.HeaderCacheControl, "no-store")
	}
}

// busy is the whole answer to a connection that is one too many, written past fasthttp.
func busy(headers []header) []byte {
	const words = "Please try again in a moment. In an emergency call 999.\n"
	var out bytes.Buffer
	out.WriteString("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nCache-Control: no-store\r\nContent-Type: text/plain; charset=utf-8\r\n")
	for _, one := range headers {
		out.Write(one.name)
		out.WriteString(": ")
		out.Write(one.value)
		out.WriteString("\r\n")
	}
	out.WriteString("\r\n" + words)
	return out.Bytes()
}
