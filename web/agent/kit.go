package agent

import (
	"fmt"
	"image/color"
	"net/url"
	"regexp"
	"strings"

	"github.com/boombuler/barcode/qr"

	"waypost/web"
)

// host is the address as it is said aloud.
func (j *Journey) host() string {
	u, err := url.Parse(j.PublicURL)
	if err != nil {
		return ""
	}
	return u.Host
}

var sayable = regexp.MustCompile(`^[a-z]+(\.[a-z]+){1,3}$`)

// Sayable reports whether an address can be said aloud in a few seconds and typed from hearing: letters and dots, short.
func Sayable(host string) bool { return len(host) <= 26 && sayable.MatchString(host) }

// code is the address as a QR code: squares, no style, no script, nothing of any partner.
func (j *Journey) code() (web.Fragment, error) {
	code, err := qr.Encode(j.address(), qr.M, qr.Auto)
	if err != nil {
		return web.Fragment{}, fmt.Errorf("draw the code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return j.views.Fragment("en", "code", struct {
		Size int
		Path string
	}{size + 2*quiet, path.String()})
}

// quiet is the empty margin that a reader of codes needs, in squares.
const quiet = 4

func (j *Journey) address() string { return strings.TrimSuffix(j.PublicURL, "/") + "/" }

// kitView is what the kit shows.
type kitView struct {
	Path, Host, Address string
	Sayable             bool
	Texts               []kitText
	Code                web.Fragment
}

// kitText is what a company may put beside the link, in one language on offer.
type kitText struct {
	Tag, Name, Dir, Link, Card, Note string
	Draft                            bool
}

// linkKit shows the address, the texts and the card. They are the same for every partner.
func (j *Journey) linkKit(r *web.Request) (web.Page, error) {
	return j.handOut(r, "kit", web.Fragment{})
}

// scanCard is the card with the code: by itself, because a telephone keeps what it scanned.
func (j *Journey) scanCard(r *web.Request) (web.Page, error) { return j.handOut(r, "scan", j.card) }

func (j *Journey) handOut(r *web.Request, name string, code web.Fragment) (web.Page, error) {
	p, live := j.partner(r)
	if !live {
		return j.nowhere(chosen(r)), nil
	}
	v := kitView{Path: "/agent/" + p.Slug, Host: j.host(), Address: j.address(), Sayable: Sayable(j.host()), Code: code}
	for _, l := range j.Words.Languages() {
		if !j.Words.Has(l.Tag, "agent.kit.link") { // English words under the name of another language would be handed out
			continue
		}
		v.Texts = append(v.Texts, kitText{
			Tag: l.Tag, Name: l.Name, Dir: l.Dir, Link: j.kit.Text(l.Tag, "agent.kit.link"), Card: j.kit.Text(l.Tag, "agent.kit.card"),
			Note: j.kit.Text(l.Tag, "agent.kit.note"), Draft: l.Draft,
		})
	}
	lang := j.language(r, p, chosen(r))
	body, err := j.views.Fragment(lang, name, v)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Shell: j.shells[lang].paper, Body: []web.Fragment{body}, Pad: true}, nil
}
