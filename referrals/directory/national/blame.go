package national

import (
	"fmt"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

var lineOf = regexp.MustCompile(`line ([0-9]+):`)

// blame names the entry in which the decoder stumbled: it knows only lines.
func blame(file []byte, err error) string {
	m := lineOf.FindStringSubmatch(err.Error())
	if m == nil {
		return "file"
	}
	line, _ := strconv.Atoi(m[1])
	var doc struct {
		Services []yaml.Node `yaml:"services"`
	}
	if yaml.Unmarshal(file, &doc) != nil {
		return fmt.Sprintf("line %d", line)
	}
	name := fmt.Sprintf("line %d", line)
	for i, n := range doc.Services {
		if n.Line > line {
			break
		}
		name = row{ID: idOf(n)}.label(i)
	}
	return name
}

// idOf is the id that a row gives itself, read without decoding it: it is known to be bad.
func idOf(n yaml.Node) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "id" {
			return n.Content[i+1].Value
		}
	}
	return ""
}
