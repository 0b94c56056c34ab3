package web

import (
	"encoding/json"
	"net/http"
)

// Problem says no to another program (RFC 9457). Nothing that was sent is in it. A face with more to say embeds it.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Reference string `json:"reference,omitempty"`
}

// NewProblem says no by a status and a constant.
func NewProblem(status int, detail string) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// Page is the answer.
func (p Problem) Page() Page { return ProblemPage(p.Status, p) }

// ProblemPage is the answer with a problem that a face has made more of.
func ProblemPage(status int, problem any) Page {
	body, err := json.Marshal(problem)
	if err != nil {
		body = []byte(`{"type":"about:blank"}`)
	}
	return Data(status, "application/problem+json", body)
}

// InProblems says no in problem details for the platform; own are a face's words for a status, in the place of ours.
func InProblems(own map[int]string) Refusal {
	return func(status int, reference Reference) Page {
		detail, known := own[status]
		if !known {
			detail, known = problems[status]
		}
		switch {
		case known:
		case reference != "":
			detail = "Something went wrong here. It was noted under the reference."
		default:
			detail = "The request is refused."
		}
		p := NewProblem(status, detail)
		p.Reference = string(reference)
		return p.Page()
	}
}

var problems = map[int]string{
	http.StatusBadRequest:         "The request cannot be read.",
	http.StatusNotFound:           "There is nothing under this address.",
	http.StatusTooManyRequests:    "Too many requests at once. Please wait for as many seconds as Retry-After says.",
	http.StatusServiceUnavailable: "This is not available now. Please try again.",
}
