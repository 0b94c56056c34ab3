// fhir-kit-client, which is other people's, as a GP system would use it. It reads {base, link, code} on standard input: the
// address, and one question with an answer. It writes what it got, a JSON line each: name, status, and what the test looks at.
import fs from 'node:fs';
import { Client } from 'fhir-kit-client';

const { base, link, code } = JSON.parse(fs.readFileSync(0, 'utf8'));
const client = new Client({ baseUrl: base });
const tell = (name, status, what) => console.log(JSON.stringify({ name, status, ...what }));
const seen = (r) => ({ kind: r?.resourceType, issue: r?.issue?.[0]?.code, type: r?.type, text: JSON.stringify(r) });

async function attempt(name, call) {
  try {
    tell(name, 200, seen(await call()));
  } catch (e) {
    if (!e.response) throw e;
    tell(name, e.response.status, seen(e.response.data));
  }
}

const statement = await client.capabilityStatement();
tell('metadata', 200, { kind: statement.resourceType, version: statement.fhirVersion });
const smart = await client.request('.well-known/smart-configuration');
tell('smart', 200, { text: smart.token_endpoint });
const form = await client.read({ resourceType: 'Questionnaire', id: 'consultation' });
tell('form', 200, { kind: form.resourceType });
await attempt('forms', () => client.search({ resourceType: 'Questionnaire' }));
await attempt('services', () => client.search({ resourceType: 'HealthcareService' }));

// the groups in which the question stands, and the question with its answer
function answered(items) {
  for (const i of items) {
    if (i.linkId === link) {
      const { system } = i.answerOption.find((o) => o.valueCoding.code === code).valueCoding;
      return [{ linkId: link, answer: [{ valueCoding: { system, code } }] }];
    }
    const inner = i.item && answered(i.item);
    if (inner) return [{ linkId: i.linkId, item: inner }];
  }
}
const response = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: `${form.url}|${form.version}`, item: answered(form.item) };
const operation = (name, input, more) => () => client.operation({ name, resourceType: 'QuestionnaireResponse', method: 'POST', input, ...more });
await attempt('validate', operation('validate', { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: response }] }));
await attempt('extract', operation('extract', response));
await attempt('apply', operation('apply', { resourceType: 'Parameters', parameter: [
  { name: 'subject', valueString: 'Patient/invented-1' }, { name: 'questionnaire-response', resource: response }] },
{ resourceType: 'PlanDefinition', id: 'safeguarding-plan' }));

// What is refused, and how. In lower case the method becomes a GET with the answers in its address: it is refused, and the
// test looks whether anybody wrote that address down.
await attempt('a person', () => client.read({ resourceType: 'Patient', id: 'invented-1' }));
await attempt('a search for a person', () => client.search({ resourceType: 'Patient', searchParams: { name: 'Canary' } }));
await attempt('a label in the address', () => client.search({ resourceType: 'Questionnaire', searchParams: { _security: 'SDV' } }));
await attempt('an unknown question', operation('extract', { ...response, item: [{ linkId: 'canary' }] }));
await attempt('another version', operation('extract', { ...response, questionnaire: form.url + '|1' }));
await attempt('a name', operation('extract', { ...response, author: { display: 'Canary' } }));
await attempt('populate', operation('populate', { resourceType: 'Parameters' }, { resourceType: 'Questionnaire', id: 'consultation' }));
await attempt('by get', operation('extract', { resourceType: 'QuestionnaireResponse', canary: 'Canary', status: 'completed' }, { method: 'post' }));
