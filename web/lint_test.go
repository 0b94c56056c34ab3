package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// A3: the bans that keep a request's memory out of our hands. Files that may hold Fiber or fasthttp are listed; in all
// others even the import is a fault, so that no later file reads a request past decode.go or writes an answer past page.go.
var (
	mayImport = []string{"server.go", "decode.go", "page.go", "route.go", "headers.go", "errors.go", "assets.go"}
	constants = []string{"basic.go", "csrf.go"} // import Fiber for the names of methods and statuses alone
	readers   = []string{"decode.go"}
	onCtx     = []string{"server.go", "decode.go", "route.go"} // may ask a *fiber.Ctx for its fasthttp context

	readsInput = []string{"FormValue", "BodyParser", "BodyRaw", "QueryParser", "ParamsParser", "ReqHeaderParser", "CookieParser", "Cookies", "Queries", "QueryInt",
		"QueryBool", "QueryFloat", "AllParams", "Params", "OriginalURL", "BaseURL", "Hostname", "Subdomains", "GetReqHeaders", "MultipartForm", "FormFile", "IPs",
		"PostBody", "QueryArgs", "PostArgs", "UserAgent", "Referer", "RequestURI", "RemoteIP", "Locals", "UserContext"}
	neverAtAll = []string{"UnsafeString", "UnsafeBytes", "SendFile", "Static", "Redirect", "RedirectBytes", "Copy2String", "Format"}
)

type lintFault struct{ file, what string }

func lintSource(fset *token.FileSet, name string, src any) ([]lintFault, error) {
	f, err := parser.ParseFile(fset, name, src, 0)
	if err != nil {
		return nil, err
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	var faults []lintFault
	fault := func(n ast.Node, what string) {
		faults = append(faults, lintFault{fset.Position(n.Pos()).String(), what})
	}
	holdsFiber := false
	for _, imp := range f.Imports {
		path := strings.Trim(imp.Path.Value, `"`)
		fibre := strings.HasPrefix(path, "github.com/gofiber/") || strings.HasPrefix(path, "github.com/valyala/")
		holdsFiber = holdsFiber || fibre
		switch {
		case path == "unsafe", path == "reflect", strings.HasSuffix(path, "/fiber/v2/utils"), strings.Contains(path, "/fiber/v2/middleware"):
			fault(imp, "imports "+path)
		case fibre && !slices.Contains(mayImport, base) && !slices.Contains(constants, base):
			fault(imp, "imports "+path+" outside the platform")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if holdsFiber {
				fault(n, "starts a goroutine beside a request")
			}
		case *ast.Field:
			if holdsFiber && isCtx(n.Type) && !slices.Contains(mayImport, base) {
				fault(n, "takes a request's context")
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				if isCtx(field.Type) {
					fault(field, "keeps a request's context")
				}
			}
		case *ast.SelectorExpr:
			switch sel := n.Sel.Name; {
			case slices.Contains(neverAtAll, sel) && holdsFiber:
				fault(n, sel)
			case holdsFiber && slices.Contains(readsInput, sel) && !slices.Contains(readers, base):
				fault(n, "reads a request by "+sel)
			case holdsFiber && sel == "Request" && !slices.Contains(readers, base):
				fault(n, "reads a request by Request")
			case holdsFiber && sel == "Context" && isCall(f, n) && !slices.Contains(onCtx, base):
				fault(n, "asks for the fasthttp context")
			}
		}
		return true
	})
	return faults, nil
}

func isCtx(e ast.Expr) bool {
	star, ok := e.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "Ctx" || sel.Sel.Name == "RequestCtx")
}

func isCall(f *ast.File, sel *ast.SelectorExpr) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && call.Fun == sel {
			found = true
		}
		return !found
	})
	return found
}

func TestOnlyOneFileReadsARequest(t *testing.T) {
	fset, looked := token.NewFileSet(), 0
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (path == "e2e" || path == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		looked++
		faults, err := lintSource(fset, path, nil)
		for _, f := range faults {
			t.Errorf("%s: %s", f.file, f.what)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 15 {
		t.Fatalf("looked at %d files only", looked)
	}
}

// The bans are of use only if they bite.
func TestTheBansBite(t *testing.T) {
	for name, body := range map[string]string{
		"desk.go: import":        `import "github.com/gofiber/fiber/v2"; var _ = fiber.MethodGet`,
		"page.go: form value":    `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) string { return c.FormValue("a") }`,
		"page.go: request":       `import "github.com/valyala/fasthttp"; func f(c *fasthttp.RequestCtx) []byte { return c.Request.Body() }`,
		"page.go: context":       `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) any { return c.Context() }`,
		"page.go: goroutine":     `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) { go func() { _ = c }() }`,
		"page.go: kept":          `import "github.com/gofiber/fiber/v2"; type t struct { c *fiber.Ctx }`,
		"route.go: unsafe":       `import "github.com/gofiber/fiber/v2/utils"; var _ = utils.UnsafeString`,
		"decode.go: redirect":    `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) error { return c.Redirect("/") }`,
		"page.go: send file":     `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) error { return c.SendFile("/etc/passwd") }`,
		"csrf.go: ctx in a rule": `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) {}`,
		"form.go: unsafe":        `import "unsafe"; var _ unsafe.Pointer`,
		"route.go: middleware":   `import _ "github.com/gofiber/fiber/v2/middleware/logger"`,
		"route.go: locals":       `import "github.com/gofiber/fiber/v2"; func f(c *fiber.Ctx) any { return c.Locals("a") }`,
	} {
		file, _, _ := strings.Cut(name, ":")
		faults, err := lintSource(token.NewFileSet(), file, "package web\n"+strings.ReplaceAll(body, "; ", "\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(faults) == 0 {
			t.Errorf("%s: not seen", name)
		}
	}
}
