package openreferral

import (
	"encoding/json"
	"net/http"

	"waypost/web"
)

// problem says no (RFC 9457). Nothing that was sent is in it.
type problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	Reference string  `json:"reference,omitempty"`
	Wrong     []wrong `json:"errors,omitempty"`
}

// wrong is a parameter of ours, and what is wrong with it. A parameter that is none of ours is not named.
type wrong struct {
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

func (p problem) page() web.Page {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank"}`)
	}
	return web.Data(p.Status, "application/problem+json", body)
}

// asked says that the question cannot be answered as it was put: a filter that is left out silently would give a wrong answer.
func asked(w []wrong) web.Page {
	return problem{Status: http.StatusBadRequest, Detail: "The question cannot be answered as it was put.", Wrong: w}.page()
}

// refuse says no for the platform.
func refuse(status int, reference web.Reference) web.Page {
	detail := "Something went wrong here. It was noted under the reference."
	switch status {
	case http.StatusBadRequest:
		detail = "The request cannot be read."
	case http.StatusNotFound:
		detail = "There is nothing under this address."
	case http.StatusMethodNotAllowed:
		detail = "This can be read and nothing else: GET, HEAD or OPTIONS."
	case http.StatusTooManyRequests:
		detail = "Too many requests at once. Please wait for as many seconds as Retry-After says."
	case http.StatusServiceUnavailable:
		detail = "This is not available now. Please try again."
	default:
		if reference == "" {
			detail = "The request is refused."
		}
	}
	return problem{Status: status, Detail: detail, Reference: string(reference)}.page()
}
