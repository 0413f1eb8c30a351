import t from 'tap';
import { claimMapping, claimMappingWords, defaultClaims } from '../../src/config/claim-mapping.ts';
import { readEnvironment, shownConfig } from '../../src/config/config.ts';
import { ownIssuer } from '../../src/config/external-identity-variables.ts';
import { Misfit } from '../../src/config/parsers.ts';

const keys = 'https://issuer.example/keys.json';
const read = (env: Record<string, string>) =>
  readEnvironment({ PARLEY_MASTER_KEY: 'ab'.repeat(32), ...env }, 'serve');

t.test('the issuer names our own tokens, or those of the external issuer when there is one', async (t) => {
  t.equal(ownIssuer(read({}).config), 'parley');
  t.equal(ownIssuer(read({ PARLEY_JWT_ISSUER: 'acme' }).config), 'acme');
  t.equal(ownIssuer(read({ PARLEY_JWT_ISSUER: 'acme', PARLEY_JWKS_URL: keys }).config), 'parley');
  const both = { PARLEY_JWT_ISSUER: 'parley', PARLEY_JWKS_URL: keys };
  t.match(read(both).errors, [/^PARLEY_JWT_ISSUER must not be parley/]);
});

t.test('plain http is for this machine, unless it is said otherwise', async (t) => {
  for (const url of [
    'http://127.0.0.1:1/k',
    'http://localhost/k',
    'http://[::1]:9/k',
    'https://far.example/k',
  ]) {
    t.same(read({ PARLEY_JWKS_URL: url, PARLEY_IDENTITY_URL: url }).errors, [], url);
  }
  const far = {
    PARLEY_JWKS_URL: 'http://far.example/k',
    PARLEY_IDENTITY_URL: 'http://127.0.0.1.far.example',
  };
  t.match(read(far).errors, [/^PARLEY_IDENTITY_URL must be https/, /^PARLEY_JWKS_URL must be https/]);
  t.same(read({ ...far, PARLEY_IDENTITY_PLAIN_HTTP: 'on' }).errors, []);
});

t.test('what is doubtful is warned of', async (t) => {
  const full = { PARLEY_JWKS_URL: keys, PARLEY_JWT_ISSUER: 'i', PARLEY_JWT_AUDIENCE: 'a' };
  t.same(read(full).warnings, []);
  t.match(read({ ...full, PARLEY_JWT_AUDIENCE: '' }).warnings, [/without PARLEY_JWT_AUDIENCE/]);
  t.match(read({ ...full, PARLEY_JWT_ISSUER: '' }).warnings, [/without PARLEY_JWT_ISSUER/]);
  t.match(read({ PARLEY_JWT_AUDIENCE: 'a' }).warnings, [/no effect without PARLEY_JWKS_URL/]);
  t.match(read({ PARLEY_IDENTITY_TENANT: 'a.b' }).errors, [/^PARLEY_IDENTITY_TENANT/]);
});

t.test('claims are mapped field by field; what is not named stays', async (t) => {
  const mapping = claimMapping('tenant=app.org|tid, name=email ,role=');
  t.same(mapping, { ...defaultClaims, tenant: ['app.org', 'tid'], name: ['email'], role: [] });
  t.same(defaultClaims.super_admin, [], 'nobody becomes a super admin by default');
  for (const wrong of ['tenant', 'org=x', 'id=', 'tenant=a=b', '__proto__=x']) {
    t.ok(claimMapping(wrong) instanceof Misfit, wrong);
  }
  t.same(claimMapping(claimMappingWords(defaultClaims)), defaultClaims);
  const shown = shownConfig(read({ PARLEY_JWT_CLAIMS: 'tenant=tid' }).config);
  t.match(shown.find(({ name }) => name === 'PARLEY_JWT_CLAIMS')?.value, /^id=sub,tenant=tid,/);
});
