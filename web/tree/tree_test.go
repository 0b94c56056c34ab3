package tree_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"waypost/web/tree"
)

// wrong is one fault each, with what is said of it. The last of each bound that is still read stands beside the first that is not.
func wrong() map[string]struct {
	body string
	err  error
} {
	nest := func(n int) string { return strings.Repeat("[", n) + "1" + strings.Repeat("]", n) }
	members := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, `"`+strings.Repeat("m", i+1)+`":1`)
		}
		return "{" + strings.Join(out, ",") + "}"
	}
	long := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	return map[string]struct {
		body string
		err  error
	}{
		"nothing":               {"", tree.ErrSyntax},
		"no JSON":               {"{", tree.ErrSyntax},
		"a second value":        {`{"a":1}{"a":1}`, tree.ErrSyntax},
		"a mark before":         {"\ufeff{\"a\":1}", tree.ErrSyntax},
		"not UTF-8":             {"\"\xff\"", tree.ErrSyntax},
		"no number":             {"NaN", tree.ErrSyntax},
		"a comment":             {`{"a":1}//x`, tree.ErrSyntax},
		"as large as may be":    {long(64 << 10), nil},
		"too large":             {long(64<<10 + 1), tree.ErrLarge},
		"as deep as may be":     {nest(32), nil},
		"too deep":              {nest(33), tree.ErrDeep},
		"far too deep":          {strings.Repeat(`{"a":`, 10000), tree.ErrDeep},
		"depth within a string": {`"` + strings.Repeat("[", 100) + `"`, nil},
		"twice":                 {`{"a":1,"b":2,"a":1}`, tree.ErrTwice},
		"twice by an escape":    {`{"a":1,"\u0061":1}`, tree.ErrTwice},
		"twice below":           {`[{"b":{"a":1,"a":2}}]`, tree.ErrTwice},
		"in other letter case":  {`{"a":1,"A":1}`, nil},
		"many members":          {members(33), nil},
		"too many members":      {members(34), tree.ErrMany},
		"null":                  {`{"a":null}`, tree.ErrEmpty},
		"an empty string":       {`{"a":""}`, tree.ErrEmpty},
		"an empty list":         {`{"a":[]}`, tree.ErrEmpty},
		"an empty object":       {`{}`, tree.ErrEmpty},
		"a control character":   {`"\u0000"`, tree.ErrText},
		"half a character":      {`"\ud800"`, tree.ErrText},
		"a line of text":        {`"a\tb\r\nc"`, nil},
	}
}

func TestWhatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range wrong() {
		if _, err := tree.Read([]byte(c.body)); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
}

// say writes a node as JSON again.
func say(n *tree.Node) any {
	switch n.Kind {
	case tree.Object:
		out := map[string]any{}
		for i := range n.Members {
			out[n.Members[i].Name] = say(&n.Members[i].Value)
		}
		return out
	case tree.Array:
		var out []any
		for i := range n.Items {
			out = append(out, say(&n.Items[i]))
		}
		return out
	case tree.String:
		return n.Text
	case tree.Number:
		return json.Number(n.Text)
	case tree.Bool:
		return n.Text == "true"
	}
	return nil
}

// Whatever a stranger sends: no panic, an error that is one of ours, or what JSON says it is, to the letter.
func FuzzRead(f *testing.F) {
	for _, c := range wrong() {
		if len(c.body) < 1000 {
			f.Add([]byte(c.body))
		}
	}
	f.Add([]byte(`{"a":[1,-2.50,true,false,"x",{"b":"c"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := tree.Read(body)
		if err != nil {
			for _, known := range []error{tree.ErrSyntax, tree.ErrLarge, tree.ErrDeep, tree.ErrTwice, tree.ErrMany, tree.ErrEmpty, tree.ErrText} {
				if err == known { //nolint:errorlint // the very value: it holds nothing of what was sent
					return
				}
			}
			t.Fatal("an error that is none of ours")
		}
		var want any
		dec := json.NewDecoder(strings.NewReader(string(body)))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil {
			t.Fatal("taken, and not JSON")
		}
		a, errA := json.Marshal(say(&n))
		b, errB := json.Marshal(want)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatal("it reads otherwise")
		}
	})
}
