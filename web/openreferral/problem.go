package openreferral

import (
	"net/http"

	"waypost/web"
)

// problem is one with what is wrong with the parameters.
type problem struct {
	web.Problem
	Wrong []wrong `json:"errors,omitempty"`
}

// wrong is a parameter of ours, and what is wrong with it. A parameter that is none of ours is not named.
type wrong struct {
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

// asked says that the question cannot be answered as it was put: a filter that is left out silently would give a wrong answer.
func asked(w []wrong) web.Page {
	const status = http.StatusBadRequest
	return web.ProblemPage(status, problem{web.NewProblem(status, "The question cannot be answered as it was put."), w})
}

// refuse says no for the platform.
var refuse = web.InProblems(map[int]string{http.StatusMethodNotAllowed: "This can be read and nothing else: GET, HEAD or OPTIONS."})
