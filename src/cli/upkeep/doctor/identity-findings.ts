/** Do the external identity providers answer? For `parley doctor`. */
import { randomBytes } from 'node:crypto';
import { openIdentityProvider } from '../../../adapters/identity-provider/identity-provider.ts';
import { openHttpRequests } from '../../../adapters/outbound-http/http-requests.ts';
import { openClock } from '../../../adapters/system/clock.ts';
import type { Config } from '../../../config/config.ts';
import type { HttpRequests } from '../../../ports/http/http-requests.ts';
import { quietLogger } from '../../quiet-logger.ts';
import type { Finding } from './finding.ts';

/** One finding for each provider that is configured. */
export async function checkExternalIdentity({
  jwksUrl,
  identityUrl,
}: Pick<Config, 'jwksUrl' | 'identityUrl'>): Promise<readonly Finding[]> {
  const http = openHttpRequests();
  try {
    return [
      ...(jwksUrl === null ? [] : [await checkKeySet(jwksUrl, http)]),
      ...(identityUrl === null ? [] : [await checkProvider(identityUrl, http)]),
    ];
  } finally {
    http.close();
  }
}

async function checkKeySet(url: string, http: HttpRequests): Promise<Finding> {
  const check = 'issuer keys';
  const answer = await http.send({ method: 'GET', url, headers: {}, body: null });
  const kids = typeof answer === 'object' && answer.status === 200 ? kidsOf(answer.body) : null;
  if (kids !== null && kids.length > 0)
    return { check, status: 'ok', found: `${kids.length}: ${kids.join(' ')}` };
  const found = typeof answer === 'string' ? answer : kids === null ? `status ${answer.status}` : 'no key';
  const remedy = 'is PARLEY_JWKS_URL right? Tokens of this issuer are answered 503 meanwhile';
  return { check, status: 'fail', found, remedy };
}

/** Names of the keys in a key set; null when it is none. */
function kidsOf(text: string): readonly string[] | null {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: readonly { readonly kid?: unknown }[] };
    return Array.isArray(keys) ? keys.map(({ kid }) => (typeof kid === 'string' ? kid : '(no kid)')) : null;
  } catch {
    return null;
  }
}

/** A provider that works knows that nobody holds a token just made up. */
async function checkProvider(url: string, http: HttpRequests): Promise<Finding> {
  const check = 'identity service';
  const parts = { http, clock: openClock(), log: quietLogger, cacheSec: 1 };
  const provider = openIdentityProvider({ url, ...parts });
  const madeUp = `doctor-${randomBytes(16).toString('base64url')}`;
  const answers = await Promise.all([provider.introspect(madeUp), provider.verifyApiKey(madeUp)]);
  if (answers.every((answer) => answer === 'invalid')) return { check, status: 'ok', found: 'answers' };
  if (answers.some((answer) => typeof answer === 'object' && 'id' in answer)) {
    const remedy = 'it must know its own tokens: do not run with it';
    return { check, status: 'fail', found: 'vouches for a token that was just made up', remedy };
  }
  const remedy = 'is PARLEY_IDENTITY_URL right? Its tokens are answered 503 meanwhile';
  return { check, status: 'fail', found: 'does not answer as it should', remedy };
}
