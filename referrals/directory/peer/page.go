package peer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
)

// page is a page of a list of services: what it says of the whole, and the services in short.
type page struct {
	total, pages int  // of the whole; 0: it does not say
	last         bool // it says that no page follows
	says         bool // it says whether one does
	items        []item
}

// item is a service in short.
type item struct {
	id  string // empty: none that an address can be made of
	raw json.RawMessage
}

// Where the services of a page and its numbers stand: HSDS 3.0, and the older shape.
var (
	namesOfList  = []string{"contents", "content"}
	namesOfTotal = []string{"total_items", "totalElements"}
	namesOfPages = []string{"total_pages", "totalPages"}
	namesOfLast  = []string{"last_page", "last"}
)

// readPage takes a page apart. A number that is none is as good as unsaid; a page without a list is no page.
func readPage(body []byte) (page, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return page{}, false
	}
	var list []json.RawMessage
	if raw, ok := named(fields, namesOfList); !ok || json.Unmarshal(raw, &list) != nil {
		return page{}, false
	}
	p := page{total: count(fields, namesOfTotal), pages: count(fields, namesOfPages)}
	if raw, ok := named(fields, namesOfLast); ok {
		p.says = json.Unmarshal(raw, &p.last) == nil
	}
	for _, raw := range list {
		p.items = append(p.items, item{id: idOf(raw), raw: raw})
	}
	return p, true
}

func named(fields map[string]json.RawMessage, names []string) (json.RawMessage, bool) {
	for _, n := range names {
		if raw, ok := fields[n]; ok && !bytes.Equal(raw, []byte("null")) {
			return raw, true
		}
	}
	return nil, false
}

const mostServices = 10_000_000

func count(fields map[string]json.RawMessage, names []string) int {
	raw, _ := named(fields, names)
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil || n < 0 || n > mostServices {
		return 0
	}
	return n
}

const longestID = 200

// idOf is the id of a service, if an address can be made of it.
func idOf(raw json.RawMessage) string {
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	var one struct {
		ID any `json:"id"`
	}
	if in.Decode(&one) != nil {
		return ""
	}
	id, ok := one.ID.(string)
	if n, isNumber := one.ID.(json.Number); isNumber {
		id, ok = n.String(), true
	}
	if !ok || len(id) > longestID || id == "." || id == ".." || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == '/' }) {
		return ""
	}
	return id
}

// mark tells a page from others by its services.
func (p page) mark() string {
	sum := sha256.New()
	for _, i := range p.items {
		what := []byte(i.id)
		if i.id == "" {
			what = i.raw
		}
		one := sha256.Sum256(what)
		_, _ = sum.Write(one[:])
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// ends reports whether no page follows the n-th.
func (p page) ends(n int) bool {
	return len(p.items) == 0 || p.last || !p.says && p.pages > 0 && n >= p.pages
}

// whole writes a page of services in full, as package feed reads them.
func whole(total int, services []json.RawMessage) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	if total > 0 {
		out.WriteString(`"total_items":` + strconv.Itoa(total) + `,`)
	}
	out.WriteString(`"contents":[`)
	out.Write(bytes.Join(asBytes(services), []byte(",\n")))
	out.WriteString("]}\n")
	return out.Bytes()
}

func asBytes(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, one := range list {
		out[i] = one
	}
	return out
}
