package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// State is how far a reading has come: enough to take it up at the next page in another process. It holds nothing of what was
// read.
type State struct {
	Base    string    `json:"base"`
	Started time.Time `json:"started"`
	Pages   int       `json:"pages"`    // read and kept
	Read    int       `json:"services"` // on them
	Lacking int       `json:"lacking"`  // services that stood in the list and could not be had
	Total   int       `json:"total"`    // as the last page said
	Bytes   int64     `json:"bytes"`
	Marks   []string  `json:"marks"`   // of the pages
	Shifted bool      `json:"shifted"` // the total changed while reading
	Resumed bool      `json:"resumed"` // taken up after a break
	Repeats bool      `json:"repeats"` // a page came again, and the reading was taken to end there
	Done    bool      `json:"done"`
}

// Whole reports whether what was read is all there was: then it means something that a service is not among it. After a break,
// or where the total changed, services may have moved from a page that was to come to one that had been read.
func (s State) Whole() bool {
	return s.Done && !s.Repeats && !s.Resumed && !s.Shifted && s.Lacking == 0
}

// perPage is how many services are asked for at once; the other side may give fewer.
const perPage = 50

// Read reads on from a state, the zero one at first, and hands every page with the state after it to keep, which must have
// both on the disk when it returns; at the very end there may be a state without a page. It ends with the state in which it could go no further, and why.
func (a *API) Read(ctx context.Context, s State, keep func(page []byte, after State) error) (State, error) {
	ctx, stop := context.WithTimeout(ctx, a.limits.All)
	defer stop()
	if s.Base == "" {
		s.Base, s.Started = a.Base(), a.now().UTC()
	} else {
		s.Resumed = true
	}
	for !s.Done {
		if s.Pages >= a.limits.Pages {
			return s, fmt.Errorf("%w: %d pages", ErrBounds, s.Pages)
		}
		body, after, err := a.page(ctx, s)
		if err != nil {
			return s, fmt.Errorf("page %d: %w", s.Pages+1, err)
		}
		if err := keep(body, after); err != nil {
			return s, err
		}
		s = after
		if a.told != nil {
			a.told(s)
		}
	}
	return s, nil
}

// page reads the next page and each of its services in full. A page that was there before is the end, not a page.
func (a *API) page(ctx context.Context, s State) ([]byte, State, error) {
	n := s.Pages + 1
	body, err := a.ask(ctx, "/services", url.Values{"page": {strconv.Itoa(n)}, "per_page": {strconv.Itoa(perPage)}})
	if err != nil {
		return nil, s, err
	}
	p, ok := readPage(body)
	if !ok {
		return nil, s, fmt.Errorf("%w: it is not a page of services", ErrAnswer)
	}
	s.Marks = slices.Clone(s.Marks)
	mark := p.mark()
	if len(p.items) > 0 && slices.Contains(s.Marks, mark) {
		s.Repeats, s.Done = true, true
		return nil, s, nil
	}
	s.Shifted = s.Shifted || s.Pages > 0 && p.total != s.Total
	s.Pages, s.Total, s.Marks, s.Bytes, s.Done = n, p.total, append(s.Marks, mark), s.Bytes+int64(len(body)), p.ends(n)
	var full []json.RawMessage
	size := int64(0)
	for _, i := range p.items {
		one, err := a.service(ctx, i)
		switch {
		case errors.Is(err, ErrAnswer):
			s.Lacking++
		case err != nil:
			return nil, s, err
		default:
			full = append(full, one)
		}
		s.Read++
		if s.Lacking > 20 && s.Lacking > s.Read/10 {
			return nil, s, fmt.Errorf("%w: too many of its services cannot be had", ErrAnswer)
		}
		size += int64(len(one))
		if s.Bytes += int64(len(one)); s.Bytes > a.limits.Total || size > a.limits.Page {
			return nil, s, fmt.Errorf("%w: bytes", ErrBounds)
		}
	}
	return whole(p.total, full), s, nil
}

// service asks for one in full. One without an id that could be asked for stays as it stood in the list: whoever judges it
// says what is wrong with it.
func (a *API) service(ctx context.Context, i item) (json.RawMessage, error) {
	if i.id == "" {
		return i.raw, nil
	}
	body, err := a.ask(ctx, "/services/"+url.PathEscape(i.id), nil)
	if err != nil {
		return nil, err
	}
	if !json.Valid(body) || idOf(body) != i.id {
		return nil, fmt.Errorf("%w: it is another service", ErrAnswer)
	}
	return body, nil
}
