package openapitest

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"
)

// Witness holds every answer that the tests of a package see. What is described and never seen fails the package, where all of
// its tests have run.
type Witness struct {
	d     *Description
	meant func(operation string) bool
	but   []string
}

// Watch reads a document for the operations that are meant; but are statuses that are hard to bring about in a test.
func Watch(document []byte, meant func(operation string) bool, but ...string) *Witness {
	d, err := Read(document)
	if err != nil {
		panic(err)
	}
	return &Witness{d, meant, but}
}

// Hold fails the test for what is not as described. Requests that no operation is for are passed over: whether there should
// be one is held against the routes that are mounted.
func (w *Witness) Hold(t testing.TB, method, path string, status int, header http.Header, body []byte) {
	t.Helper()
	operation, ok := w.d.Find(method, path)
	if !ok {
		return
	}
	for _, fault := range w.d.Hold(operation, status, header, body) {
		t.Error(fault)
	}
}

// Main runs the tests of a package.
func (w *Witness) Main(m *testing.M) int {
	code := m.Run()
	if code != 0 || testing.Short() || chosen("run", "skip", "bench", "fuzz", "list") {
		return code
	}
	for _, one := range w.d.Unseen(w.meant, w.but...) {
		fmt.Fprintf(os.Stderr, "%s is described and no test has seen it\n", one)
		code = 1
	}
	return code
}

// chosen says that not all tests of the package have run.
func chosen(flags ...string) bool {
	for _, name := range flags {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return true
		}
	}
	return false
}
