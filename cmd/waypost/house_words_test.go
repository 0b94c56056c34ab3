package main_test

import (
	"go/ast"
	"slices"
	"strings"
)

// packageComment accepts "Package name ..." and, for a command, "Command name ..." or its name.
func packageComment(file *ast.File) bool {
	words := strings.Fields(file.Doc.Text())
	if len(words) < 6 {
		return false
	}
	return file.Name.Name == "main" || words[0] == "Package" && words[1] == file.Name.Name
}

// Methods whose meaning the standard library explains.
var explained = []string{"String", "Error", "Unwrap", "GoString", "Format", "LogValue", "MarshalJSON", "MarshalText", "UnmarshalText"}

// wordFaults finds exported names without a comment, and init functions.
func wordFaults(name string, file *ast.File) []string {
	var faults []string
	missing := func(what string) { faults = append(faults, name+": exported "+what+" has no comment") }
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				faults = append(faults, name+": init runs before anybody can look; pass things in")
			}
			known := d.Recv != nil && slices.Contains(explained, d.Name.Name)
			if d.Name.IsExported() && !known && receiverExported(d) && d.Doc.Text() == "" {
				missing(d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				for _, id := range uncommented(d, s) {
					missing(id)
				}
			}
		}
	}
	return faults
}

// uncommented lists the exported names of one declaration that neither it, its group nor its line explains.
func uncommented(d *ast.GenDecl, s ast.Spec) []string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc.Text() == "" && (d.Doc.Text() == "" || d.Lparen.IsValid()) {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		if d.Doc.Text() == "" && s.Doc.Text() == "" && s.Comment.Text() == "" {
			var names []string
			for _, id := range s.Names {
				if id.IsExported() {
					names = append(names, id.Name)
				}
			}
			return names
		}
	}
	return nil
}

func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}
