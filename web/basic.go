package web

import (
	"github.com/gofiber/fiber/v2"
)

// basicRoutes are the pages that stand by themselves: leaving, the assets, whether we are well, and, while no journey has
// taken its place, the first page.
func basicRoutes(k *Kit, cfg Config, first bool) ([]Route, error) {
	v, err := k.Views(templates, nil, "templates/basic.html")
	if err != nil {
		return nil, err
	}
	blank, err := neutralPages(k, v, "blank", false)
	if err != nil {
		return nil, err
	}
	routes := []Route{
		{Method: fiber.MethodGet, Path: "/a/:name", Policy: Safety(), Handler: k.assets.serve},
		{Method: fiber.MethodGet, Path: "/x", Policy: Safety(), Handler: leave(blank, cfg.ExitURL)},
		{Method: fiber.MethodGet, Path: "/healthz", Policy: Safety(), Handler: well(cfg.Ready)},
		{Method: fiber.MethodGet, Path: "/healthz/live", Policy: Safety(), Handler: well(nil)},
	}
	if !first {
		return routes, nil
	}
	empty, err := neutralPages(k, v, "empty", true)
	if err != nil {
		return nil, err
	}
	return append(routes, Route{Method: fiber.MethodGet, Path: "/", Policy: Safety(), Handler: func(r *Request) (Page, error) {
		if r.Left() {
			return Page{To: "/x"}, nil
		}
		return empty[r.Language("").Tag], nil
	}}), nil
}

// neutralPages are one page in every language, under a title that tells nothing.
func neutralPages(k *Kit, v *Views, name string, exit bool) (map[string]Page, error) {
	out := map[string]Page{}
	for _, l := range k.words.Languages() {
		shell, err := k.Shell(l.Tag, ShellSpec{Title: k.Text(l.Tag, "page.neutral-title"), Class: "public", Exit: exit})
		if err != nil {
			return nil, err
		}
		body, err := v.Fragment(l.Tag, name, nil)
		if err != nil {
			return nil, err
		}
		out[l.Tag] = Page{Shell: shell, Body: []Fragment{body}, Pad: true}
	}
	return out, nil
}

// leave sends a person away from here, to the one address configured or to a page with nothing on it. It is a GET, since
// our own policy would stop a form that leads elsewhere (web.md, 4.1, row K).
func leave(blank map[string]Page, exit string) Handler {
	return func(r *Request) (Page, error) {
		if exit != "" {
			return Page{away: true, mark: true}, nil
		}
		p := blank[r.Language("").Tag]
		p.mark = true
		return p, nil
	}
}

// well answers those who watch over the service, with one word.
func well(ready func() bool) Handler {
	return func(*Request) (Page, error) {
		if ready != nil && !ready() {
			return Data(fiber.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("not ready\n")), nil
		}
		return Data(fiber.StatusOK, "text/plain; charset=utf-8", []byte("ok\n")), nil
	}
}
