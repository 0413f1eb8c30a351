/** Every way we know to make a token that must not count, from one that does. */
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { CompactEncrypt } from 'jose';

/** A good token and what its issuer signs with: asymmetric, by `kid`. */
export interface Victim {
  readonly token: string;
  /** Signs header and claims as they are, with the true key. */
  readonly signed: (header: object, claims: object) => string | Promise<string>;
  /** The issuer's public key as it is published. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** Claims that must be there. */
  readonly required: readonly string[];
  /** Claims and values that are refused although they are signed with the true key. */
  readonly signedWrongs: Readonly<Record<string, object>>;
}

type Fields = Record<string, unknown>;
type Table = Readonly<Record<string, string>>;

const encode = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decode = (part: string): Fields => JSON.parse(Buffer.from(part, 'base64url').toString()) as Fields;

/** Name of the trick -> token. None may count anywhere. */
export async function tamperedTokens(victim: Victim): Promise<Table> {
  const [head = '', body = '', signature = ''] = victim.token.split('.');
  const parts: Parts = { head, body, signature, header: decode(head), claims: decode(body) };
  return {
    ...unsigned(parts),
    ...confused(parts, victim),
    ...forged(parts),
    ...edited(parts),
    ...misspelt(parts, victim.token),
    ...(await signedButWrong(parts, victim)),
    ...(await wrapped(victim)),
  };
}

interface Parts {
  readonly head: string;
  readonly body: string;
  readonly signature: string;
  readonly header: Fields;
  readonly claims: Fields;
}

function unsigned({ header, body, signature }: Parts): Table {
  const table: Record<string, string> = {};
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
    const head = encode({ ...header, alg });
    table[`alg ${alg} with nothing`] = `${head}.${body}.`;
    table[`alg ${alg} with the old signature`] = `${head}.${body}.${signature}`;
  }
  const { alg: _, ...rest } = header;
  table['no alg'] = `${encode(rest)}.${body}.${signature}`;
  return table;
}

/** The public key, which everybody has, used as if it were a shared secret. */
function confused({ header, body }: Parts, { publicJwk }: Victim): Table {
  const secrets: Record<string, Buffer> = {
    'the JWK': Buffer.from(JSON.stringify(publicJwk)),
    'its x': Buffer.from(String(publicJwk['x']), 'base64url'),
    'its text': Buffer.from(String(publicJwk['x'])),
    nothing: Buffer.alloc(0),
  };
  const table: Record<string, string> = {};
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS512', 'sha512'],
    ] as const) {
      const start = `${encode({ ...header, alg })}.${body}`;
      const mac = createHmac(hash, secret).update(start).digest('base64url');
      table[`${alg} with ${name}`] = `${start}.${mac}`;
    }
  }
  return table;
}

/** Signed by a stranger, who names, embeds or points to a key. */
function forged({ header, body }: Parts): Table {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  const by = (fields: Fields): string =>
    signEd25519({ ...header, alg: 'EdDSA', ...fields }, body, privateKey);
  const elsewhere = 'http://127.0.0.1:1/keys.json';
  return {
    'a foreign key with the true kid': by({}),
    'a foreign key with the true kid and alg': by({ alg: header['alg'] }),
    'a foreign key and kid': by({ kid: 'mine' }),
    'no kid': by({ kid: undefined }),
    'a kid that is a path': by({ kid: '../../../../dev/null' }),
    'a kid that is an address': by({ kid: elsewhere }),
    'a kid that is SQL': by({ kid: "' or 1=1; drop table signing_keys; --" }),
    'a kid with U+0000': by({ kid: 'a\0b' }),
    'a kid that is a number': by({ kid: 7 }),
    'a kid that is an object': by({ kid: { $ne: null } }),
    'a kid that is __proto__': by({ kid: '__proto__' }),
    'a very long kid': by({ kid: 'k'.repeat(1000) }),
    'an embedded jwk': by({ jwk }),
    'an embedded jwk without kid': by({ jwk, kid: undefined }),
    'a jku': by({ jku: elsewhere }),
    'an x5u': by({ x5u: elsewhere }),
    'an x5c': by({ x5c: ['MIIB'] }),
    'another curve': by({ alg: 'Ed448' }),
    'a weak alg': by({ alg: 'RS1' }),
  };
}

function signEd25519(header: Fields, body: string, key: KeyObject): string {
  const start = `${encode(header)}.${body}`;
  return `${start}.${signBytes(null, Buffer.from(start), key).toString('base64url')}`;
}

/** Each claim and each header changed under the true signature. */
function edited({ head, body, signature, header, claims }: Parts): Table {
  const table: Record<string, string> = {};
  for (const [name, value] of Object.entries(claims)) {
    const other = typeof value === 'number' ? value + 3600 : `${value}x`;
    table[`claim ${name} edited`] = `${head}.${encode({ ...claims, [name]: other })}.${signature}`;
    const { [name]: _, ...rest } = claims;
    table[`claim ${name} taken out`] = `${head}.${encode(rest)}.${signature}`;
  }
  const twice = `{"sub":"mallory",${JSON.stringify(claims).slice(1)}`;
  const twiceLast = `${JSON.stringify(claims).slice(0, -1)},"sub":"mallory"}`;
  return {
    ...table,
    'a claim added': `${head}.${encode({ ...claims, super_admin: true })}.${signature}`,
    'a header added': `${encode({ ...header, typ: 'at+jwt', x: 1 })}.${body}.${signature}`,
    'sub twice, the false one first': `${head}.${encode(twice)}.${signature}`,
    'sub twice, the false one last': `${head}.${encode(twiceLast)}.${signature}`,
    'alg twice': `${encode(`{"alg":"none",${JSON.stringify(header).slice(1)}`)}.${body}.${signature}`,
    'claims that are no object': `${head}.${encode('[]')}.${signature}`,
    'claims that are no JSON': `${head}.${encode('{')}.${signature}`,
  };
}

/** The same bytes spelt otherwise, pieces missing, pieces too many. */
function misspelt({ head, body, signature }: Parts, token: string): Table {
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  return {
    'another signature': `${head}.${body}.${flipped}`,
    'a signature of zeros': `${head}.${body}.${'A'.repeat(signature.length)}`,
    'no signature': `${head}.${body}.`,
    'two segments': `${head}.${body}`,
    'one segment': head,
    'four segments': `${token}.${signature}`,
    'five segments': `${head}.${signature}.${body}.${signature}.${signature}`,
    'an empty segment before': `.${token}`,
    'dots only': '..',
    'cut off': token.slice(0, -10),
    'cut off by one': token.slice(0, -1),
    'the end twice': `${token}${signature}`,
    'a signature spelt otherwise': `${head}.${body}.${unusedBitsFlipped(signature)}`,
    'a signature with padding': `${token}==`,
    'a signature in plain base64': `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}`,
    'a header with padding': `${head}=.${body}.${signature}`,
    'oversized claims': `${head}.${encode({ x: 'x'.repeat(8000) })}.${signature}`,
    'oversized signature': `${token}${'A'.repeat(8000)}`,
  };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 64 bytes leave 4 bits of the last character unused: 15 other spellings of the same signature. */
function unusedBitsFlipped(signature: string): string {
  const last = alphabet.indexOf(signature.at(-1) ?? '');
  return signature.slice(0, -1) + alphabet.charAt(last ^ 1);
}

/** What only the issuer itself could have made: its keys are true, the token is not for here or not yet. */
async function signedButWrong({ header, claims }: Parts, victim: Victim): Promise<Table> {
  const table: Record<string, string> = {};
  for (const [name, fields] of Object.entries(victim.signedWrongs)) {
    table[name] = await victim.signed(header, { ...claims, ...fields });
  }
  const wrongTypes: readonly unknown[] = [null, 7, true, {}, [], ['a', 'b'], ''];
  for (const name of victim.required) {
    const { [name]: _, ...rest } = claims;
    table[`signed without ${name}`] = await victim.signed(header, rest);
    for (const value of wrongTypes.filter((one) => typeof one !== typeof claims[name] || one === '')) {
      if (name === 'aud' && Array.isArray(value)) continue;
      table[`signed with ${name} ${JSON.stringify(value)}`] = await victim.signed(header, {
        ...claims,
        [name]: value,
      });
    }
  }
  table['signed with crit'] = await victim.signed({ ...header, crit: ['x'], x: 1 }, claims);
  table['signed with b64 false'] = await victim.signed({ ...header, crit: ['b64'], b64: false }, claims);
  return table;
}

/** A good token inside of something else. */
async function wrapped({ token, signed }: Victim): Promise<Table> {
  const key = Buffer.alloc(32, 7);
  const jwe = await new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key);
  return {
    'a JWE': jwe,
    'a JWT in a JWT': `${encode({ alg: 'none', cty: 'JWT' })}.${encode(token)}.`,
    'a signed JWT whose claims are a token': await signed({ alg: 'none' }, { token }),
    'JSON serialization': JSON.stringify({ payload: token.split('.')[1], signature: token.split('.')[2] }),
  };
}

/** Texts that no header can carry: for doors that take a token in a frame. */
export function unprintableTokens(token: string): Table {
  return {
    'U+0000 inside': `${token.slice(0, 20)}\0${token.slice(20)}`,
    'U+0000 at the end': `${token}\0`,
    'a line break at the end': `${token}\n`,
    'a space at the front': ` ${token}`,
    'full-width letters': token.replace('e', 'ｅ'),
    'a letter that folds to another': token.replace(/[Kk]|$/, '\u212a'),
    'an invisible character': `${token}\u200b`,
    'an emoji': '🔑',
  };
}
