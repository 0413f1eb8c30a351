/**
 * Opens what nats-server asks in its auth callout, and signs what is answered. Ed25519 is Node's own: in the
 * JavaScript of @nats-io/nkeys a signature takes 8 ms of the event loop, and a callout needs two and a check;
 * with this a callout takes 4 ms, of which 3 are the encryption (decisions/0011).
 */
import { createPrivateKey, sign } from 'node:crypto';
import { encodeAuthorizationResponse, encodeUser } from '@nats-io/jwt';
import { fromCurveSeed, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { limits } from '../../../domain/limits.ts';
import type { ClientPermissions } from './client-permissions.ts';
import type { NatsCredentials } from './nats-credentials.ts';

/** What the server asks: who is this? */
export interface CalloutRequest {
  /** The connection's key of this one occasion: the answer is for it. */
  readonly userKey: string;
  readonly serverId: string;
  /** The server's curve key: the answer is sealed for it. */
  readonly serverXkey: string;
  /** The token or password that the client showed; '' for none. */
  readonly secret: string;
}

export interface Grant {
  readonly name: string;
  readonly permissions: ClientPermissions;
  /** Seconds since the epoch; null: until it is revoked. */
  readonly expiresAtSec: number | null;
}

export interface CalloutKeys {
  /** Null for what is not a question of a server that encrypts for us. */
  open(sealed: Uint8Array, serverXkey: string): CalloutRequest | null;
  grant(request: CalloutRequest, grant: Grant): Promise<Uint8Array>;
  /** `reason` is for the server's log; the client is told that it is refused. */
  refuse(request: CalloutRequest, reason: string): Promise<Uint8Array>;
}

/** The account of nats-server.conf that principals are in. */
const account = 'PARLEY';

export function openCalloutKeys({ issuerSeed, xkeySeed }: NatsCredentials): CalloutKeys {
  const issuer = issuerKey(issuerSeed);
  const curve = fromCurveSeed(Buffer.from(xkeySeed));

  async function answer(
    { userKey, serverId, serverXkey }: CalloutRequest,
    data: { readonly jwt: string } | { readonly error: string },
  ): Promise<Uint8Array> {
    const response = await encodeAuthorizationResponse(
      fromPublic(userKey),
      fromPublic(serverId),
      issuer,
      data,
      {},
    );
    return curve.seal(Buffer.from(response), serverXkey);
  }

  return {
    open(sealed, serverXkey) {
      try {
        const opened = curve.open(sealed, serverXkey);
        return opened === null ? null : readRequest(Buffer.from(opened).toString('utf8'), serverXkey);
      } catch {
        return null;
      }
    },

    async grant(request, { name, permissions, expiresAtSec }) {
      const user = {
        pub: { allow: [...permissions.publish] },
        sub: { allow: [...permissions.subscribe] },
        subs: limits.natsSubscriptionsPerClientMax,
        payload: limits.frameBytesMax,
        data: -1,
      };
      const options = { aud: account, ...(expiresAtSec === null ? {} : { exp: expiresAtSec }) };
      const jwt = await encodeUser(name, fromPublic(request.userKey), issuer, user, options);
      return answer(request, { jwt });
    },

    refuse: (request, reason) => answer(request, { error: reason }),
  };
}

/**
 * The claims of a request. Its signature is by the key that the request itself names, so it would prove
 * nothing: that it comes from our server follows from the subject, which nobody else may publish to.
 */
function readRequest(jwt: string, serverXkey: string): CalloutRequest | null {
  const { nats } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    nats?: {
      user_nkey?: unknown;
      server_id?: { id?: unknown };
      connect_opts?: { auth_token?: unknown; pass?: unknown };
    };
  };
  const [userKey, serverId] = [nats?.user_nkey, nats?.server_id?.id];
  if (typeof userKey !== 'string' || typeof serverId !== 'string') return null;
  const { auth_token: token, pass } = nats?.connect_opts ?? {};
  const secret = [token, pass].find((one) => typeof one === 'string' && one !== '');
  return { userKey, serverId, serverXkey, secret: typeof secret === 'string' ? secret : '' };
}

/** The account's key pair as @nats-io/jwt uses it, signing with Node's Ed25519. */
function issuerKey(seed: string): KeyPair {
  const pair = fromSeed(Buffer.from(seed));
  const publicKey = pair.getPublicKey();
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seedBytes(seed)]),
    format: 'der',
    type: 'pkcs8',
  });
  return {
    getPublicKey: () => publicKey,
    getPrivateKey: () => new Uint8Array(), // asked for only to see that this is not a public key
    getSeed: () => pair.getSeed(),
    sign: (data) => sign(null, data, key),
    verify: (data, signature) => pair.verify(data, signature),
    clear: () => pair.clear(),
    seal: (data, recipient) => pair.seal(data, recipient),
    open: (data, sender) => pair.open(data, sender),
  };
}

/** RFC 8410: an Ed25519 private key in PKCS #8 is these bytes and the seed. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The 32 bytes in an nkey's seed: base32 of two bytes of prefix, the seed, two bytes of checksum. */
function seedBytes(seed: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of seed) bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return Buffer.from(bytes.slice(2, 34));
}
