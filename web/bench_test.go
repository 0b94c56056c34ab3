package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp/fasthttputil"
)

// The page budget of the design, section 7: a POST of a whole consultation, answered by a page of about 60 KB out of some
// two hundred fragments, against a bare Fiber handler that writes the same bytes. Both pack with the same packer.
const questionsOnPage = 200

func consultationPage(k *Kit) ([]Fragment, *Shell, error) {
	shell, err := k.Shell("en", ShellSpec{Title: "Check", Class: "staff", Cover: true})
	var parts []Fragment
	for i := range questionsOnPage {
		q := fmt.Sprintf(`<fieldset class="question"><legend class="ask"><span class="say">Question %d: does anyone know where you go, or %d?</span></legend><div class="answers">`, i, i*7919%1000)
		for _, a := range []string{"no", "unsure", "yes"} {
			q += fmt.Sprintf(`<label class="answer"><input type="radio" name="q.%d" id="q.%d-%s" value="%s"><span>%s</span></label>`, i, i, a, a, a)
		}
		parts = append(parts, Fragment{[]byte(q + "</div></fieldset>\n")})
	}
	return parts, shell, err
}

func consultationForm() string {
	var parts []string
	for i := range questionsOnPage {
		parts = append(parts, fmt.Sprintf("q.%d=unsure", i))
	}
	return strings.Join(parts, "&")
}

func BenchmarkConsultationPost(b *testing.B) {
	for _, accept := range []string{"gzip", "identity"} {
		b.Run("platform/"+accept, func(b *testing.B) {
			s := newServer(b, testConfig(b), JourneyFunc(func(k *Kit) ([]Route, error) {
				parts, shell, err := consultationPage(k)
				known := map[string]Kind{}
				for i := range questionsOnPage {
					known[fmt.Sprintf("q.%d", i)] = One
				}
				return []Route{{Method: "POST", Path: "/consult", Policy: Open(), Handler: func(r *Request) (Page, error) {
					f, _, err := r.Form(func(name string) Kind { return known[name] })
					if err != nil {
						return Page{}, err
					}
					n := 0
					for range f.All() {
						n++
					}
					if n != questionsOnPage {
						return Page{}, ErrMalformed
					}
					return Page{Shell: shell, Body: parts}, nil
				}}}, err
			}))
			drive(b, s.app, accept, s.Listen)
		})
		b.Run("bare/"+accept, func(b *testing.B) {
			a, err := loadAssets()
			if err != nil {
				b.Fatal(err)
			}
			parts, shell, err := consultationPage(&Kit{words: testConfig(b).Words, assets: a})
			if err != nil {
				b.Fatal(err)
			}
			whole := Join(append(append([]Fragment{shell.head}, parts...), shell.foot)...)
			var k packer
			app := fiber.New(fiber.Config{DisableStartupMessage: true})
			app.Post("/consult", func(c *fiber.Ctx) error {
				c.Type("html")
				if accepts(c.Context(), "gzip") {
					c.Set("Content-Encoding", "gzip")
					k.pack(c.Response().BodyWriter(), whole, nil, Fragment{})
					return nil
				}
				return c.Send(whole.html)
			})
			drive(b, app, accept, app.Listener)
		})
	}
}

func drive(b *testing.B, app *fiber.App, accept string, serve func(net.Listener) error) {
	ln := fasthttputil.NewInmemoryListener()
	done := make(chan error, 1)
	go func() { done <- serve(ln) }()
	c, err := ln.Dial()
	if err != nil {
		b.Fatal(err)
	}
	form := consultationForm()
	request := []byte("POST /consult HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + accept + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + fmt.Sprint(len(form)) + "\r\n\r\n" + form)
	r := bufio.NewReaderSize(c, 1<<17)
	var size int
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		size = readAnswer(b, r)
	}
	b.ReportMetric(float64(size), "wire")
	_ = c.Close()
	_ = app.Shutdown()
	<-done
}

// readAnswer reads one answer without net/http, whose cost would hide the difference.
func readAnswer(b *testing.B, r *bufio.Reader) int {
	length, first := -1, true
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			b.Fatalf("%s", line)
		}
		first = false
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if _, err := fmt.Sscan(string(v), &length); err != nil {
				b.Fatal(err)
			}
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	if _, err := io.CopyN(io.Discard, r, int64(length)); err != nil {
		b.Fatal(err)
	}
	return length
}

func BenchmarkReadForm(b *testing.B) {
	form := consultationForm()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := decodeForm(form, func(string) Kind { return One }); err != nil {
			b.Fatal(err)
		}
	}
}
