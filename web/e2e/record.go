package e2e

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// request is one thing a page asked of the network.
type request struct {
	url, method string
	kind        network.ResourceType
	bytes       float64 // on the wire, headers included
	encoding    string
	done        bool
	loader      string
}

// record is what a tab asked for and what it wrote to the console, in the order in which the browser told it.
type record struct {
	mu       sync.Mutex
	requests map[network.RequestID]*request
	order    []network.RequestID
	console  []string
	last     time.Time
	main     network.RequestID
	pages    int
}

// see is called on the browser's own reading loop, so it must not wait.
func (r *record) see(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		r.sent(ev)
	case *network.EventResponseReceived:
		if q := r.requests[ev.RequestID]; q != nil {
			q.encoding = header(ev.Response.Headers, "content-encoding")
		}
	case *network.EventLoadingFinished:
		r.finished(ev.RequestID, ev.EncodedDataLength)
	case *network.EventLoadingFailed:
		r.finished(ev.RequestID, 0)
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range ev.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		r.console = append(r.console, fmt.Sprintf("%s: %s", ev.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			text += " " + ev.ExceptionDetails.Exception.Description
		}
		r.console = append(r.console, "exception: "+text)
	case *log.EventEntryAdded:
		r.console = append(r.console, fmt.Sprintf("%s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	}
}

func (r *record) sent(ev *network.EventRequestWillBeSent) {
	if r.requests == nil {
		r.requests = map[network.RequestID]*request{}
	}
	id := ev.RequestID
	if old := r.requests[id]; old != nil { // a redirect keeps its id; the first hop must not be forgotten
		hop := network.RequestID(fmt.Sprintf("%s#%d", id, len(r.order)))
		old.done = true
		r.requests[hop] = old
		r.order[slices.Index(r.order, id)] = hop
	}
	r.requests[id] = &request{url: ev.Request.URL, method: ev.Request.Method, kind: ev.Type, loader: string(ev.LoaderID)}
	r.order = append(r.order, id)
	r.last = time.Now()
	if ev.Type == network.ResourceTypeDocument {
		r.main = id
		r.pages++
	}
}

func (r *record) finished(id network.RequestID, bytes float64) {
	if q := r.requests[id]; q != nil {
		q.done, q.bytes = true, bytes
	}
	r.last = time.Now()
}

func header(h network.Headers, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return strings.Trim(fmt.Sprint(v), `"`)
		}
	}
	return ""
}

func (r *record) quietFor(d time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range r.requests {
		if !q.done && web(q.url) {
			return false
		}
	}
	return time.Since(r.last) >= d
}

// stir marks that something has just been done whose requests are still to come.
func (r *record) stir() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
}

func (r *record) open() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var urls []string
	for _, q := range r.requests {
		if !q.done {
			urls = append(urls, q.url)
		}
	}
	return urls
}

func (r *record) document() network.RequestID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.main
}

// web tells a request that can leave the browser from one that cannot.
func web(address string) bool {
	return !strings.HasPrefix(address, "data:") && !strings.HasPrefix(address, "about:") && !strings.HasPrefix(address, "blob:")
}

// Loads counts the documents that the tab has asked for: a page that answers by script alone adds none.
func (p *Page) Loads() int {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.pages
}

// Addresses lists every address asked for so far, with its method, in order.
func (p *Page) Addresses() []string {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	var all []string
	for _, id := range p.log.order {
		all = append(all, p.log.requests[id].method+" "+p.log.requests[id].url)
	}
	return all
}

// Strangers are the requests, tried or made, that would leave the origin.
func (p *Page) Strangers(origin string) []string {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	own, err := url.Parse(origin)
	if err != nil {
		return []string{"unreadable origin " + origin}
	}
	var faults []string
	for _, id := range p.log.order {
		q := p.log.requests[id]
		u, err := url.Parse(q.url)
		if web(q.url) && (err != nil || u.Scheme != own.Scheme || u.Host != own.Host) {
			faults = append(faults, fmt.Sprintf("%s %s (%s)", q.method, q.url, q.kind))
		}
	}
	return faults
}

// Console is every message, warning, error and exception so far. A page of ours has none.
func (p *Page) Console() []string {
	p.tb.Helper()
	time.Sleep(60 * time.Millisecond)
	ask[int](p, `1`) // whatever the browser had to say before this answer has been said
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return slices.Clone(p.log.console)
}

// Weight is what came over the wire so far, in bytes with response headers, by address, and in all.
func (p *Page) Weight() (total int, parts map[string]int) {
	p.tb.Helper()
	p.Settle()
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	parts = map[string]int{}
	for _, q := range p.log.requests {
		if web(q.url) {
			parts[fmt.Sprintf("%s (%s)", q.url, pick(q.encoding == "", "not compressed", q.encoding))] += int(q.bytes)
		}
	}
	for _, n := range slices.Collect(maps.Values(parts)) {
		total += n
	}
	return total, parts
}
