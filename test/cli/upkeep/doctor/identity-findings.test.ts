import t from 'tap';
import { checkExternalIdentity } from '../../../../src/cli/upkeep/doctor/identity-findings.ts';
import { startIdentityServer } from '../../../kit/outside/identity-server.ts';
import { startTokenIssuer } from '../../../kit/outside/token-issuer.ts';

t.test('providers that are well are found well, others broken, absent ones not mentioned', async (t) => {
  const issuer = await startTokenIssuer(t);
  const service = await startIdentityServer(t);
  const config = { jwksUrl: issuer.url, identityUrl: service.url };
  t.same(await checkExternalIdentity({ jwksUrl: null, identityUrl: null }), []);
  t.match(await checkExternalIdentity(config), [
    { check: 'issuer keys', status: 'ok', found: '1: first' },
    { check: 'identity service', status: 'ok' },
  ]);
  for (const mood of ['gone', 'status 500', 'garbage', 'redirect', 'status 404'] as const) {
    await issuer.be(mood);
    await service.be(mood);
    t.match(await checkExternalIdentity(config), [{ status: 'fail' }, { status: 'fail' }], mood);
  }
});
