package web

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Page is what a handler gives back. It is a list of fragments that were rendered at start, and of the few bytes that
// belong to this request alone.
type Page struct {
	Status int        // 0 is 200
	Shell  *Shell     // nil: the body alone, as app.js asks for it
	Body   []Fragment // in order
	Pad    bool       // the size on the wire says only how many times 4 KiB
	Rev    int64      // of what is shown to another system; 0: not said
	At     string     // where what another system has made can be read: one of our own paths
	To     string     // go to one of our own paths instead; the body is not sent
	Keep   int        // seconds for which anybody may keep open data; an answer to a query is never kept

	mime      string // empty: HTML
	asset     *asset
	allow     string // for OPTIONS
	retry     string // Retry-After, in seconds
	challenge string // WWW-Authenticate, for other systems
	open      bool   // open data
	cause     Reference
	away      bool // go to the exit address
	mark      bool // leave the marker that this person has left
	staff     staffCookies
}

// Data is an answer that is not a page, such as JSON. It cannot be HTML.
func Data(status int, mime string, body []byte) Page {
	if strings.Contains(strings.ToLower(mime), "html") || strings.ContainsAny(mime, "\r\n") {
		return Page{Status: fiber.StatusInternalServerError, mime: "text/plain; charset=utf-8"}
	}
	return Page{Status: status, mime: mime, Body: []Fragment{{body}}}
}

// leftMarker is the one cookie of the public pages: no content, two minutes, set on leaving only (design, section 4).
// sessionCookie is the one cookie of the others; referrals/people knows what is in it.
const (
	hostPrefix    = "__Host-"
	leftMarker    = "left"
	sessionCookie = "__Host-s"
	carriedCookie = "__Host-o" // for ten minutes, through a sign-in at a provider (design, section 8)
)

// write alone touches a response. It adds no header that the guard owns, except that it lets the hashed assets be kept.
func (s *Server) write(ctx *fasthttp.RequestCtx, p Page) {
	if p.Status == 0 {
		p.Status = fiber.StatusOK
	}
	h := &ctx.Response.Header
	if p.mark {
		h.Add(fasthttp.HeaderSetCookie, s.marker())
	}
	p.staff.write(h)
	if p.open {
		share(h, p)
	}
	if p.Rev > 0 {
		h.Set(fasthttp.HeaderETag, `W/"`+strconv.FormatInt(p.Rev, 10)+`"`)
	}
	if p.At != "" && ownPath(p.At) {
		h.Set(fasthttp.HeaderLocation, s.origin+p.At)
	}
	if p.challenge != "" {
		h.Set(fasthttp.HeaderWWWAuthenticate, p.challenge)
	}
	if p.retry != "" {
		h.Set(fasthttp.HeaderRetryAfter, p.retry)
	}
	switch {
	case p.away || p.To != "" || p.staff.provider != "":
		s.send(ctx, p)
	case p.allow != "":
		h.Set(fasthttp.HeaderAllow, p.allow)
		ctx.SetStatusCode(p.Status)
	case p.asset != nil:
		writeAsset(ctx, p.asset)
	default:
		s.writeBody(ctx, p)
	}
}

// share lets pages of every site read an answer, without any cookie, and whoever passes it on keep it for a while. The
// star among the headers does not cover Authorization (Fetch standard, 3.3.3).
func share(h *fasthttp.ResponseHeader, p Page) {
	h.Set(fasthttp.HeaderAccessControlAllowOrigin, "*")
	if p.allow != "" {
		h.Set(fasthttp.HeaderAccessControlAllowMethods, "GET, HEAD")
		h.Set(fasthttp.HeaderAccessControlAllowHeaders, "*")
	}
	if p.Keep > 0 && p.Status == fiber.StatusOK {
		h.Set(fasthttp.HeaderCacheControl, "public, max-age="+strconv.Itoa(p.Keep))
	}
}

func (c staffCookies) write(h *fasthttp.ResponseHeader) {
	set := func(name, value, more string) {
		h.Add(fasthttp.HeaderSetCookie, name+"="+value+"; Path=/; Secure; HttpOnly; SameSite="+more)
	}
	if c.session != nil {
		set(sessionCookie, c.session.Reveal(), "Strict")
	}
	if c.dropSession {
		set(sessionCookie, "", "Strict; Max-Age=0")
		h.Set("Clear-Site-Data", `"cookies", "storage"`)
	}
	if c.carried != nil {
		set(carriedCookie, c.carried.Reveal(), "Lax; Max-Age=600")
	}
	if c.dropCarried {
		set(carriedCookie, "", "Lax; Max-Age=0")
	}
}

// send answers 303. The address is a path of ours or the exit, never built from a Host header and never a visitor's.
func (s *Server) send(ctx *fasthttp.RequestCtx, p Page) {
	to := p.To
	if p.away {
		to = s.exit
	} else if p.staff.provider != "" {
		to = p.staff.provider
	} else if !ownPath(to) {
		s.refuse(ctx, errForeignRedirect)
		return
	}
	ctx.Response.Header.Set(fasthttp.HeaderLocation, to)
	ctx.SetStatusCode(fiber.StatusSeeOther)
}

// ownPath refuses what a browser would read as another host (//evil, /\evil) and what would end the header line.
func ownPath(p string) bool {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") {
		return false
	}
	for i := 0; i < len(p); i++ {
		if p[i] <= ' ' || p[i] == '\\' || p[i] >= 0x7f {
			return false
		}
	}
	return true
}

// leftCookie is the marker's name. It is bound to this host by it where there is TLS, so that no neighbour's page keeps
// people away from here; without TLS a browser would not take that name.
func (s *Server) leftCookie() string {
	if s.secure {
		return hostPrefix + leftMarker
	}
	return leftMarker
}

func (s *Server) marker() string {
	c := s.leftCookie() + "=1; Max-Age=120; Path=/; HttpOnly; SameSite=Lax"
	if s.secure {
		return c + "; Secure"
	}
	return c
}

func (s *Server) writeBody(ctx *fasthttp.RequestCtx, p Page) {
	mime := p.mime
	if mime == "" {
		mime = "text/html; charset=utf-8"
	}
	ctx.SetStatusCode(p.Status)
	ctx.SetContentType(mime)
	parts := p.Body
	var head, foot Fragment
	if p.Shell != nil {
		head, foot = p.Shell.head, p.Shell.foot
	}
	size := head.Len() + foot.Len()
	for _, one := range parts {
		size += one.Len()
	}
	packed := size >= worthPacking && accepts(ctx, "gzip")
	if packed {
		ctx.Response.Header.Set(fasthttp.HeaderContentEncoding, "gzip")
	}
	if size >= worthPacking {
		ctx.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	}
	switch {
	case packed && p.Pad:
		ctx.Response.SetBodyRaw(s.packer.packPadded(head, parts, foot))
	case packed:
		s.packer.pack(ctx.Response.BodyWriter(), head, parts, foot)
	default:
		plain(&ctx.Response, size, p.Pad, head, parts, foot)
	}
}

// plain writes into the buffer that fasthttp keeps for reuse.
func plain(r *fasthttp.Response, size int, pad bool, head Fragment, parts []Fragment, foot Fragment) {
	r.AppendBody(head.html)
	for _, one := range parts {
		r.AppendBody(one.html)
	}
	r.AppendBody(foot.html)
	if pad {
		r.AppendBody(bytes.Repeat([]byte{'\n'}, bucket(size)-size))
	}
}
