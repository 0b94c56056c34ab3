package e2e

import "strings"

// Overflow lists what sticks out of the screen sideways, at the size of the view. It is empty where a person never has to
// scroll in two directions (WCAG 1.4.10), save inside a box that scrolls by itself.
func (p *Page) Overflow() []string {
	p.tb.Helper()
	return lines(ask[string](p, `(() => {
		const wide = document.documentElement.clientWidth, out = [];
		const boxed = e => { for (let a = e; a; a = a.parentElement) { const s = getComputedStyle(a);
			if (a !== document.body && a !== document.documentElement && /auto|scroll|hidden|clip/.test(s.overflowX)) return true;
			if (s.clipPath !== "none" || s.visibility === "hidden") return true; } return false; };
		if (document.documentElement.scrollWidth > wide) out.push("the page is " + document.documentElement.scrollWidth + " wide on a screen of " + wide);
		for (const e of document.body.querySelectorAll("*")) {
			const r = e.getBoundingClientRect();
			if (r.width && r.height && (r.right > wide + 1 || r.left < -1) && !boxed(e))
				out.push(e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " from " + Math.round(r.left) + " to " + Math.round(r.right) + ": " + e.textContent.trim().replace(/\s+/g, " ").slice(0, 40));
		}
		return out.slice(0, 12).join("\n");
	})()`))
}

// Below lists the elements of a CSS selector that do not end inside the first screen without scrolling.
func (p *Page) Below(selector string) []string {
	p.tb.Helper()
	return lines(ask[string](p, `(() => {
		const all = [...document.querySelectorAll(`+quote(selector)+`)];
		if (!all.length) return "nothing is "+`+quote(selector)+`;
		return all.filter(e => e.getBoundingClientRect().bottom > innerHeight)
			.map(e => (e.id || e.tagName) + " ends at " + Math.round(e.getBoundingClientRect().bottom) + " of " + innerHeight).join("\n");
	})()`))
}

// Traces lists what the page has left in the browser: cookies, storage, databases, caches, service workers.
func (p *Page) Traces() []string {
	p.tb.Helper()
	defer p.scripted()()
	return append(p.cookies(), lines(ask[string](p, `(async () => {
		const out = [];
		try { for (const k of Object.keys(localStorage)) out.push("local storage: " + k); } catch {}
		try { for (const k of Object.keys(sessionStorage)) out.push("session storage: " + k); } catch {}
		try { for (const d of await indexedDB.databases()) out.push("database: " + d.name); } catch {}
		try { for (const c of await caches.keys()) out.push("cache: " + c); } catch {}
		try { for (const w of await navigator.serviceWorker.getRegistrations()) out.push("service worker: " + w.scope); } catch {}
		return out.join("\n");
	})()`))...)
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
