// A small CDS Hooks 2.0 client of our own, since no validator of that version was to be had: discovery, a call, feedback, each
// signed for its address. Answers are held against schemas written from the specification's tables, so it is only half
// independent. It reads {base, issuer, key, server} on standard input and writes what it got, a JSON line each.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';

const Ajv = createRequire(import.meta.url)('ajv/dist/2020').default;
const { base, issuer, key, server } = JSON.parse(fs.readFileSync(0, 'utf8'));
const text = { type: 'string', minLength: 1 };
const card = {
  type: 'object', required: ['summary', 'indicator', 'source'], additionalProperties: false, properties: {
    uuid: text, summary: { type: 'string', minLength: 1, maxLength: 139 }, detail: text, indicator: { enum: ['info', 'warning', 'critical'] },
    source: { type: 'object', required: ['label'], additionalProperties: false, properties: { label: text, url: text, icon: text, topic: { type: 'object' } } },
    suggestions: { type: 'array', minItems: 1 }, selectionBehavior: { enum: ['at-most-one', 'any'] }, overrideReasons: { type: 'array', minItems: 1 },
    links: { type: 'array', minItems: 1, items: { type: 'object', required: ['label', 'url', 'type'], additionalProperties: false,
      properties: { label: text, url: { type: 'string', pattern: '^https?://' }, type: { enum: ['absolute', 'smart'] }, appContext: text } } },
  }, dependentRequired: { suggestions: ['selectionBehavior'] },
};
const schemas = {
  services: { type: 'object', required: ['services'], additionalProperties: false, properties: { services: { type: 'array', items: {
    type: 'object', required: ['hook', 'description', 'id'], additionalProperties: false,
    properties: { hook: text, title: text, description: text, id: text, prefetch: { type: 'object', minProperties: 1 }, usageRequirements: text } } } } },
  cards: { type: 'object', required: ['cards'], additionalProperties: false, properties: { cards: { type: 'array', items: card }, systemActions: { type: 'array', minItems: 1 } } },
};
const ajv = new Ajv({ allErrors: true });
const judges = Object.fromEntries(Object.entries(schemas).map(([n, s]) => [n, ajv.compile(s)]));
const faults = (name, v) => (judges[name](v) ? [] : judges[name].errors.map((e) => `${e.instancePath} ${e.message}`));

const b64 = (s) => Buffer.from(s).toString('base64url');
const secret = createPrivateKey({ key, format: 'jwk' });
const ec = key.kty === 'EC';
function token(aud, change = {}) {
  const now = Math.floor(Date.now() / 1000);
  const head = { alg: ec ? 'ES384' : 'RS384', typ: 'JWT', kid: key.kid, ...change.head };
  const body = { iss: issuer, aud, iat: now, exp: now + 300, jti: randomUUID(), ...change.claims };
  const words = `${b64(JSON.stringify(head))}.${b64(JSON.stringify(body))}`;
  return `${words}.${sign('sha384', Buffer.from(words), { key: secret, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
async function post(url, body, bearer) {
  const res = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) }, body: JSON.stringify(body) });
  return { status: res.status, media: res.headers.get('content-type'), body: await res.json() };
}
const tell = (name, r, what) => console.log(JSON.stringify({ name, status: r.status, media: r.media, ...what }));

const discovery = await fetch(base + '/cds-services');
const offered = await discovery.json();
tell('discovery', { status: discovery.status, media: discovery.headers.get('content-type') }, { faults: faults('services', offered), count: offered.services.length });
const service = offered.services.find((s) => s.hook === 'patient-view');
if (service) {
  const url = `${base}/cds-services/${service.id}`;
  const call = { hook: 'patient-view', hookInstance: randomUUID(), fhirServer: server, context: { userId: 'Practitioner/invented-1', patientId: 'canary-patient' } };
  const shown = await post(url, call, token(url));
  tell('call', shown, { faults: faults('cards', shown.body), count: shown.body.cards?.length, link: shown.body.cards?.[0]?.links[0].url });
  const uuid = shown.body.cards?.[0]?.uuid ?? randomUUID();
  const feedback = { feedback: [{ card: uuid, outcome: 'overridden', outcomeTimestamp: new Date().toISOString(), overrideReason: { userComment: 'canary-comment' } }] };
  tell('feedback', await post(`${url}/feedback`, feedback, token(`${url}/feedback`)));
  const once = token(url);
  tell('first', await post(url, call, once));
  tell('again', await post(url, call, once));
  tell('no token', await post(url, call));
  tell('for another address', await post(url, call, token(`${url}/feedback`)));
  tell('too long', await post(url, call, token(url, { claims: { exp: Math.floor(Date.now() / 1000) + 3600 } })));
  tell('another server', await post(url, { ...call, fhirServer: 'https://canary.example' }, token(url)));
  tell('the record', await post(url, { ...call, prefetch: { patient: { resourceType: 'Patient', id: 'canary-patient' } } }, token(url)));
}
// The schemas have been seen to fail.
const bad = [{}, { cards: null }, { cards: [{ summary: 'x', indicator: 'info' }] }, { cards: [{ summary: 'x'.repeat(140), indicator: 'info', source: { label: 'x' } }] },
  { cards: [{ summary: 'x', indicator: 'loud', source: { label: 'x' } }] }, { cards: [{ summary: 'x', indicator: 'info', source: { label: '' } }] },
  { cards: [{ summary: 'x', indicator: 'info', source: { label: 'x' }, links: [] }] }];
console.log(JSON.stringify({ name: 'schemas', missed: bad.filter((b) => faults('cards', b).length === 0).length }));
