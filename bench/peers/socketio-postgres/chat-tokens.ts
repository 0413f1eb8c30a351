/** Bearer tokens of the chat server: JWTs signed with a shared secret. */
import { jwtVerify, SignJWT } from 'jose';

const lifetime = '1h';
const rememberedMax = 10_000;

export function makeToken(secret: string, user: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(Buffer.from(secret));
}

type Verified = { readonly user: string; readonly untilSec: number };

/** Who a token is of. Remembers what it verified until that expires, so that a request pays for it once. */
export class TokenVerifier {
  readonly #key: Uint8Array;
  readonly #verified = new Map<string, Verified>();

  constructor(secret: string) {
    this.#key = Buffer.from(secret);
  }

  /** Null where it is not valid. */
  async userOf(token: string): Promise<string | null> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.untilSec > Date.now() / 1_000) return known.user;
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'] });
      const verified = { user: payload.sub ?? '', untilSec: payload.exp ?? 0 };
      if (this.#verified.size >= rememberedMax) this.#verified.clear();
      this.#verified.set(token, verified);
      return verified.user;
    } catch {
      return null;
    }
  }
}
