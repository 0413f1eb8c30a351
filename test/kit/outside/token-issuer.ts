/** An external issuer: a server that publishes keys, and tokens signed with them. */
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Teardown } from '../temporary.ts';
import { type Mood, startMoodyServer } from './moody-server.ts';

export const issuerName = 'https://issuer.example';
export const audienceName = 'parley-tests';

export interface TokenIssuer {
  /** Where its keys are. */
  readonly url: string;
  /** Keys that are published now. */
  readonly published: JWK[];
  requests(): number;
  mood(): Mood;
  be(mood: Mood): Promise<void>;
  /** A key of another algorithm, published unless `isSecret`. */
  addKey(alg: string, kid: string, isSecret?: boolean): Promise<CryptoKey>;
  /** A good token of the first key; fields over the usual ones, undefined ones left out. */
  token(claims?: Readonly<Record<string, unknown>>, header?: object, key?: CryptoKey): Promise<string>;
  /** Whatever it is given, signed with the true key (ES256). */
  signRaw(header: object, claims: object): Promise<string>;
  /** Another key signs from now on, and only that one is published. */
  rotate(): Promise<void>;
}

export async function startTokenIssuer(t: Teardown): Promise<TokenIssuer> {
  const published: JWK[] = [];
  const server = await startMoodyServer(t, () => ({ body: { keys: published } }));
  let rotations = 0;

  async function addKey(alg: string, kid: string, isSecret = false): Promise<CryptoKey> {
    const pair = await generateKeyPair(alg, { extractable: true });
    if (!isSecret) published.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
    return pair.privateKey;
  }

  let signing = { kid: 'first', key: await addKey('ES256', 'first') };
  return {
    ...server,
    url: `${server.url}/keys.json`,
    published,
    addKey,
    token: (claims = {}, header = {}, key = signing.key) => {
      const now = Math.floor(Date.now() / 1000);
      const usual = {
        iss: issuerName,
        aud: audienceName,
        sub: 'ada',
        org_id: 'acme',
        iat: now,
        exp: now + 600,
      };
      const payload = Object.fromEntries(
        Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
      );
      return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: signing.kid, ...header }).sign(key);
    },
    async signRaw(header, claims) {
      const start = [header, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
      const signature = await crypto.subtle.sign(algorithm, signing.key, Buffer.from(start));
      return `${start}.${Buffer.from(signature).toString('base64url')}`;
    },
    async rotate() {
      rotations += 1;
      const kid = `rotated-${rotations}`;
      published.length = 0;
      signing = { kid, key: await addKey('ES256', kid) };
    },
  };
}
