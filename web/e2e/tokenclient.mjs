// openid-client, which is other people's, at the token endpoint. It reads {base, client, key, alg, ours, scope} on standard
// input: the address, the client's id, its private key (JWK), and whether the assertion names the token endpoint, as SMART
// says, or the issuer, as this library does by itself. It writes {scope, type, seconds, used} or {error, status}; used is the
// status of a request with the token.
import fs from 'node:fs';
import * as oc from 'openid-client';

const { base, client, key, alg, ours, scope } = JSON.parse(fs.readFileSync(0, 'utf8'));
const found = await (await fetch(base + '/fhir/R4/.well-known/smart-configuration')).json();
const by = alg === 'ES384' ? { name: 'ECDSA', namedCurve: 'P-384' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' };
const secret = await crypto.subtle.importKey('jwk', key, by, false, ['sign']);
const says = ours ? undefined : { [oc.modifyAssertion]: (header, claims) => { claims.aud = found.token_endpoint; header.typ = 'JWT'; } };
const cfg = new oc.Configuration({ issuer: base, token_endpoint: found.token_endpoint }, client, {}, oc.PrivateKeyJwt({ key: secret, kid: key.kid }, says));
oc.allowInsecureRequests(cfg); // loopback
try {
  const got = await oc.clientCredentialsGrant(cfg, { scope });
  const use = await fetch(base + '/fhir/R4/Task', { headers: { authorization: `Bearer ${got.access_token}` } });
  console.log(JSON.stringify({ scope: got.scope, type: got.token_type, seconds: got.expires_in, used: use.status }));
} catch (e) {
  if (!e.error) throw e;
  console.log(JSON.stringify({ error: e.error, status: e.status }));
}
