package openapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Schema is as much of JSON Schema 2020-12 as our descriptions and the compiled schemas of the United Kingdom use. A word it
// does not know is a fault, so that nothing passes for want of being understood. The browserless tests of web/e2e run
// validators of other people over the same answers.
type Schema struct {
	Root  map[string]any // the description, for references
	Loose bool           // unknown words are read over: the schemas of others carry notes of their own
}

// UUID is how our identifiers look.
var UUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Check says what of a value is not as the rule has it.
func (s Schema) Check(rule any, value any, at string) (faults []string) {
	add := func(what string) { faults = append(faults, at+": "+what) }
	r, ok := rule.(map[string]any)
	if !ok {
		return []string{at + ": no schema"}
	}
	for _, word := range slices.Sorted(maps.Keys(r)) {
		arg := r[word]
		switch word {
		case "$ref":
			name, local := strings.CutPrefix(arg.(string), "#/components/schemas/")
			if !local {
				add("a reference elsewhere")
				continue
			}
			faults = append(faults, s.Check(s.Root["components"].(map[string]any)["schemas"].(map[string]any)[name], value, at)...)
		case "type":
			if !isType(arg.(string), value) {
				add("is not of type " + arg.(string))
			}
		case "const":
			if value != arg {
				add("is not " + fmt.Sprint(arg))
			}
		case "enum":
			if !slices.Contains(arg.([]any), value) {
				add("is none of those allowed")
			}
		case "minLength", "maxLength":
			text, _ := value.(string)
			if n := float64(len(text)); word == "minLength" && n < arg.(float64) || word == "maxLength" && n > arg.(float64) {
				add("has a length it may not have")
			}
		case "minimum", "maximum":
			if n, _ := value.(float64); word == "minimum" && n < arg.(float64) || word == "maximum" && n > arg.(float64) {
				add("is out of its bounds")
			}
		case "maxItems":
			if list, _ := value.([]any); float64(len(list)) > arg.(float64) {
				add("has too many")
			}
		case "pattern":
			if text, _ := value.(string); !regexp.MustCompile(arg.(string)).MatchString(text) {
				add("does not look as it must")
			}
		case "format":
			if text, _ := value.(string); !formatted(arg.(string), text) {
				add("is no " + arg.(string))
			}
		case "items":
			list, _ := value.([]any)
			for i, one := range list {
				faults = append(faults, s.Check(arg, one, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "required":
			object, _ := value.(map[string]any)
			for _, name := range arg.([]any) {
				if _, there := object[name.(string)]; !there {
					add("has no " + name.(string))
				}
			}
		case "properties":
			object, _ := value.(map[string]any)
			for name, one := range object {
				if rule, known := arg.(map[string]any)[name]; known && rule != nil {
					faults = append(faults, s.Check(rule, one, at+"."+name)...)
				} else if r["additionalProperties"] == false {
					add("has " + name + ", which nobody allowed")
				}
			}
		case "additionalProperties":
			if arg != false {
				add("a rule of more properties")
			}
		case "description", "default":
		default:
			if !s.Loose {
				add("a word of schemas that this check does not know: " + word)
			}
		}
	}
	return faults
}

func isType(name string, v any) bool {
	switch v := v.(type) {
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func formatted(name, text string) bool {
	switch name {
	case "uuid":
		return UUID.MatchString(text)
	case "uri":
		u, err := url.Parse(text)
		return err == nil && u.Scheme != "" && u.Host != ""
	case "email":
		_, err := mail.ParseAddress(text)
		return err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	return false
}

// Parse reads JSON as the checks take it.
func Parse(b []byte) (v any, err error) { err = json.Unmarshal(b, &v); return v, err }
