package web

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"waypost/internal/vault"
)

// This file is the only one that reads a request. What it hands on are copies: values that no later request on the same
// connection can change (security.md, section 2). A test holds the other files to that.

const maxAccept = 256 // a browser's language list is shorter; a longer one is not read

// acceptable refuses what no router should see: a target that names a host of the stranger's choice, a method nobody
// here speaks, a Host that is not a host, a body of two lengths.
func acceptable(ctx *fasthttp.RequestCtx) error {
	h := &ctx.Request.Header
	target := h.RequestURI()
	if len(target) == 0 || target[0] != '/' || bytes.HasPrefix(target, []byte("//")) {
		return ErrMalformed
	}
	if !knownMethod(string(h.Method())) {
		return ErrMethod
	}
	if !plausibleHost(h.Host()) {
		return ErrMalformed
	}
	if raw := h.RawHeaders(); hasLine(raw, "transfer-encoding:") && hasLine(raw, "content-length:") {
		return ErrMalformed
	}
	return nil
}

func knownMethod(m string) bool {
	switch m {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions:
		return true
	}
	return false
}

func plausibleHost(host []byte) bool {
	for _, b := range host {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '.', b == '-', b == ':', b == '[', b == ']':
		default:
			return false
		}
	}
	return len(host) > 0 && len(host) < 256
}

func hasLine(raw []byte, name string) bool {
	for line := range bytes.Lines(raw) {
		if len(line) >= len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			return true
		}
	}
	return false
}

// read copies what a handler may know of a request. A cookie is read only where the policy of the route is for
// staff; the public pages see of cookies no more than whether the marker of a person who has left is there.
func read(c *fiber.Ctx, route *Route, marker string) *Request {
	ctx := c.Context()
	h := &ctx.Request.Header
	in := &incoming{
		route: route, method: strings.Clone(route.Method),
		body: string(ctx.Request.Body()), query: string(ctx.URI().QueryString()),
		mediaType: string(h.ContentType()), coding: string(h.Peek(fasthttp.HeaderContentEncoding)),
		languages: languagesOf(ctx), fragment: fragmentOf(h),
		condition: string(h.Peek(fasthttp.HeaderIfMatch)), name: string(h.Peek("X-Request-Id")),
		site: string(h.Peek("Sec-Fetch-Site")), origin: string(h.Peek(fasthttp.HeaderOrigin)), host: string(h.Host()),
		left: string(h.Cookie(marker)) == "1",
	}
	in.address, _ = netip.AddrFromSlice(ctx.RemoteIP())
	if route.Policy.staff() {
		in.cookie = vault.Keep(string(h.Cookie(sessionCookie)))
		in.carried = vault.Keep(string(h.Cookie(carriedCookie)))
	}
	if route.Policy.bears() {
		in.bearer = vault.Keep(bearerOf(h))
	}
	for _, name := range route.params {
		in.params = append(in.params, pair{name, strings.Clone(c.Params(name))})
	}
	return newRequest(in)
}

// bearerOf is the token of the one Authorization header. Of two nobody knows which was meant.
func bearerOf(h *fasthttp.RequestHeader) string {
	all := h.PeekAll(fasthttp.HeaderAuthorization)
	if len(all) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(string(all[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}

// fragmentOf knows one word: the live part of a page is asked for by app.js alone.
func fragmentOf(h *fasthttp.RequestHeader) string {
	if string(h.Peek("X-Fragment")) == resultFragment {
		return resultFragment
	}
	return ""
}

func languagesOf(ctx *fasthttp.RequestCtx) string {
	list := ctx.Request.Header.Peek(fasthttp.HeaderAcceptLanguage)
	if len(list) > maxAccept {
		return ""
	}
	return string(list)
}

// pathOf is the path of a request that no route has taken.
func pathOf(ctx *fasthttp.RequestCtx) string { return string(ctx.URI().Path()) }

// accepts tells whether the browser takes an encoding. A quality of zero is a no.
func accepts(ctx *fasthttp.RequestCtx, coding string) bool {
	for part := range bytes.SplitSeq(ctx.Request.Header.Peek(fasthttp.HeaderAcceptEncoding), []byte(",")) {
		name, weight, weighted := bytes.Cut(part, []byte(";"))
		if !strings.EqualFold(string(bytes.TrimSpace(name)), coding) {
			continue
		}
		weight = bytes.TrimSpace(weight)
		return !weighted || !(bytes.HasPrefix(weight, []byte("q=0")) && len(bytes.Trim(weight[3:], ".0")) == 0)
	}
	return false
}
