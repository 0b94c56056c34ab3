/*
 * What script adds for people who sign in. A passkey needs script; everything else here only warns in time. It reads data
 * attributes and nothing else, and keeps nothing:
 *   form[data-ceremony=get|create][data-begin=path]   asks our own server for a challenge, the browser for a key, puts the
 *                                 answer into the field credential and sends the form; [data-script] shows with script
 *                                 only; [data-when=failed|unable] shows when the browser gave no key, or cannot
 *   input[data-fragment]          takes what stands behind the # of the address, which is wiped at once; [data-when=empty]
 *   [data-idle]                   shows before the session ends and when it has; data-warn, data-end: seconds from now;
 *                                 html.ended hides all else until the same person is signed in again, in whatever tab;
 *                                 button[data-stay=path] asks for more time without loading the page
 */
(() => {
  const all = (what, where = document) => where.querySelectorAll(what);
  const show = (where, name) => { for (const e of all('[data-when]', where)) e.hidden = e.dataset.when != name; };
  const fieldsOf = form => new URLSearchParams(new FormData(form));
  const post = (path, body) => fetch(path, { method: 'POST', body });

  for (const e of all('[data-script]')) e.hidden = false;

  /* The token of an invitation never leaves the browser in an address. */
  const take = () => {
    const token = location.hash.slice(1);
    if (token) history.replaceState(null, '', location.pathname + location.search);
    for (const e of all('input[data-fragment]')) {
      e.value = token || e.value;
      show(e.form, e.value ? '' : 'empty');
    }
  };
  if (all('input[data-fragment]').length) {
    take();
    addEventListener('hashchange', take);
  }

  const ways = { get: 'parseRequestOptionsFromJSON', create: 'parseCreationOptionsFromJSON' };
  const pack = credential => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(credential.toJSON()))))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  for (const form of all('form[data-ceremony]')) {
    const way = form.dataset.ceremony, read = ways[way];
    let under;
    form.addEventListener('submit', async e => {
      e.preventDefault();
      if (under) return;
      if (!window.PublicKeyCredential?.[read]) return show(form, 'unable');
      under = true;
      show(form, '');
      try {
        const answer = await post(form.dataset.begin, fieldsOf(form)), text = await answer.text();
        if (answer.ok) {
          const publicKey = PublicKeyCredential[read](JSON.parse(text).publicKey);
          form.elements.credential.value = pack(await navigator.credentials[way]({ publicKey }));
        }
        form.submit(); /* without an answer the server says what is wrong, on a page */
      } catch {
        show(form, 'failed');
      }
      under = false;
    });
  }

  /* The end of a session. Other windows of the same person keep it alive as well, and say so to each other. */
  const idle = document.querySelector('[data-idle]');
  if (!idle) return;
  const talk = new BroadcastChannel('waypost-stay'), member = idle.dataset.member;
  let warn, end;
  const set = (warnIn, endIn) => {
    warn = Date.now() + warnIn * 1e3;
    end = Date.now() + endIn * 1e3;
  };
  const look = () => {
    const now = Date.now(), over = now >= end, name = over ? 'over' : now >= warn ? 'warn' : '';
    idle.hidden = !name;
    document.documentElement.classList.toggle('ended', over);
    if (idle.dataset.now != name) show(idle, idle.dataset.now = name);
    const stay = idle.querySelector('[data-stay]');
    stay.hidden = over;
  };
  set(+idle.dataset.warn, +idle.dataset.end);
  talk.postMessage({ member, warn, end });
  talk.onmessage = ({ data }) => {
    if (data.member != member || data.end <= end) return;
    ({ warn, end } = data);
    look();
  };
  idle.querySelector('[data-stay]').addEventListener('click', async e => {
    try {
      const answer = await post(e.target.dataset.stay, fieldsOf(e.target.form));
      if (answer.ok) {
        const left = await answer.json();
        set(left.warn, left.end);
        talk.postMessage({ member, warn, end });
      } else if (answer.status == 401) end = 0;
    } catch { }
    look();
  });
  setInterval(look, 1e3);
  addEventListener('pageshow', look);
})();
