package e2e

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(b)
}

func (p *Page) cookies() []string {
	p.tb.Helper()
	res, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		p.tb.Fatalf("read the cookies: %v", err)
	}
	var all []string
	for _, c := range res.Cookies {
		all = append(all, "cookie: "+c.Name)
	}
	return all
}

// History is the title and address of every step Back and Forward can reach in this tab.
func (p *Page) History() []string {
	p.tb.Helper()
	h, err := chromedp.Run(p.ctx, chromedp.NavigationEntries())
	if err != nil {
		p.tb.Fatalf("read the history: %v", err)
	}
	var all []string
	for _, e := range h.Entries {
		all = append(all, fmt.Sprintf("%q %s", e.Title, e.URL))
	}
	return all
}

// Offline cuts the tab off from every server, or lets it back.
func (p *Page) Offline(yes bool) {
	p.tb.Helper()
	p.do("cut the line", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return chromedp.Void{}, err
	})
}
