/*
 * What script adds. Every journey works without it. It reads data attributes and nothing else:
 *   a[data-exit]                  leave: hide the page at once, then replace it; Shift three times does the same
 *   form[data-step]               post what a button asks for and swap the answer in, so that no step enters the history;
 *                                 the focus goes to #at
 *   form[data-live]               post the form's own fields on every change and swap the parts of the answer that carry
 *                                 an id and data-swap; data-say is announced; html.stale while the result lags behind
 *   #cover-switch, .cover         F2 covers the screen and uncovers it again
 *   [data-print=staff|patient|plan]  print that sheet
 *   [data-copy=id][data-done=words]  copy the text of that element
 */
const root = document.documentElement, css = root.classList, find = id => document.getElementById(id);
const one = (what, where = document) => where.querySelector(what);
const on = (type, f, where = window) => where?.addEventListener(type, f);
const says = one('[data-status]'), safe = { createHTML: s => s };
const trusted = window.trustedTypes?.createPolicy('app', safe) ?? safe;
css.add('js');

/* Leave. Coming back by the browser's own Back must not show the page again. */
const exit = one('a[data-exit]');
const leave = () => { css.add('gone'); document.title = ' '; location.replace(exit.href); };
if (exit) {
  let shifts = 0, timer;
  on('click', e => { if (e.target.closest('[data-exit]')) { e.preventDefault(); leave(); } });
  on('keyup', e => {
    clearTimeout(timer);
    timer = setTimeout(() => shifts = 0, 3e3);
    shifts = e.key == 'Shift' ? shifts + 1 : 0;
    if (shifts > 2) leave();
  });
  on('pageshow', e => { if (e.persisted) leave(); });
}

/* Cover. The focus comes back to where it was, so that the next answer can be given. Some browsers remember a tick over a
   reload. */
const hide = find('cover-switch'), title = document.title;
let was;
const cover = () => {
  css.toggle('covered', hide.checked);
  document.title = hide.checked ? one('.cover').dataset.title : title;
  if (hide.checked) { was = document.activeElement; hide.focus(); } else was?.focus();
};
if (hide) {
  hide.checked = false;
  on('change', cover, hide);
  on('keydown', e => {
    if (e.key != 'F2' || e.repeat) return;
    e.preventDefault();
    hide.checked = !hide.checked;
    cover();
  });
}

/* Live result. An answer that has been overtaken is dropped; one that cannot be shown leaves the page marked stale. */
const swap = html => {
  const page = document.createElement('template'), at = document.activeElement.id;
  page.innerHTML = trusted.createHTML(html);
  const say = one('[data-say]', page.content)?.dataset.say;
  let fresh = false;
  for (const now of page.content.querySelectorAll('[data-swap]')) {
    const old = find(now.id);
    if (!old) continue;
    fresh = true;
    for (const d of now.querySelectorAll('details[id]')) d.open ||= find(d.id)?.open;
    if (!old.isEqualNode(now)) old.replaceWith(now);
  }
  if (at && document.activeElement.id != at) find(at)?.focus({ preventScroll: true });
  if (say && say != says.textContent) says.textContent = say;
  return fresh;
};
let asked = 0;
const post = async (form, by) => {
  const mine = ++asked, late = setTimeout(() => css.add('stale'), 700), sent = new FormData(form);
  let fresh;
  if (by) sent.append(by.name, by.value);
  try {
    const r = await fetch(form.getAttribute('action'), { method: 'POST', body: new URLSearchParams(sent), headers: { 'X-Fragment': 'result' }, redirect: 'manual' });
    if (exit && r.type == 'opaqueredirect') return leave();
    const html = r.ok && await r.text();
    if (mine == asked && html) fresh = swap(html);
  } catch { }
  clearTimeout(late);
  if (mine != asked) return;
  css.toggle('stale', !fresh);
  if (by && fresh) { find('at').focus(); scrollTo(0, 0); }
};
const form = one('form[data-live]');
on('change', () => post(form), form);
on('submit', e => {
  const by = e.submitter;
  if (!by || !e.target.matches('[data-step]') || by.name == 'speak') return;
  e.preventDefault();
  post(e.target, by);
});

/* Print and copy, on a click only. */
on('afterprint', () => css.remove('print-staff', 'print-patient', 'print-plan'));
on('click', async e => {
  const b = e.target.closest('[data-print],[data-copy]'), text = find(b?.dataset.copy);
  if (b?.dataset.print) { css.add('print-' + b.dataset.print); print(); }
  if (!text) return;
  getSelection().selectAllChildren(text);
  await navigator.clipboard.writeText(text.value ?? text.innerText);
  says.textContent = b.textContent = b.dataset.done;
});
