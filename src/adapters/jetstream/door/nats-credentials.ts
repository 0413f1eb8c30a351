/**
 * What Parley itself enters a nats-server with that runs nats-server.conf: the passwords of its four users,
 * and the seeds of the two keys that the callout works with. Made once; the server gets the passwords and
 * the public halves of the keys.
 */
import { randomBytes } from 'node:crypto';
import { createAccount, createCurve, fromCurveSeed, fromSeed } from '@nats-io/nkeys';

/** One user for each kind of work, so that each connection may do no more than its own (nats-server.conf). */
export const natsUsers = ['core', 'api', 'callout', 'sys'] as const;
export type NatsUser = (typeof natsUsers)[number];

export interface NatsCredentials {
  readonly passwords: Readonly<Record<NatsUser, string>>;
  /** Seed of the account key that signs what a client is allowed. */
  readonly issuerSeed: string;
  /** Seed of the curve key that the server encrypts its questions for: they hold the clients' tokens. */
  readonly xkeySeed: string;
}

/** 256 bits, so that nobody guesses it even with the server's port open to them. */
const passwordBytes = 32;

/** New ones, as the text of a credentials file. */
export function newNatsCredentials(): string {
  const seed = (key: { getSeed(): Uint8Array }): string => Buffer.from(key.getSeed()).toString('latin1');
  const passwords = natsUsers.map((user) => [user, randomBytes(passwordBytes).toString('base64url')]);
  const content = {
    ...Object.fromEntries(passwords),
    issuer_seed: seed(createAccount()),
    xkey_seed: seed(createCurve()),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Reads the text of a credentials file; null when it is none of ours (a .creds file, a password). */
export function parseNatsCredentials(text: string): NatsCredentials | null {
  const read = objectIn(text);
  const [issuerSeed, xkeySeed] = [read?.['issuer_seed'], read?.['xkey_seed']];
  if (typeof issuerSeed !== 'string' || typeof xkeySeed !== 'string') return null;
  const password = (user: NatsUser): string => String(read?.[user] ?? '');
  if (natsUsers.some((user) => password(user) === '')) return null;
  const [core, api, callout, sys] = natsUsers.map(password) as [string, string, string, string];
  return { passwords: { core, api, callout, sys }, issuerSeed, xkeySeed };
}

/** The variables that nats-server.conf reads of these credentials: nothing of them signs or decrypts. */
export function serverVariables({
  passwords,
  issuerSeed,
  xkeySeed,
}: NatsCredentials): Record<string, string> {
  return {
    ...Object.fromEntries(
      natsUsers.map((user) => [`PARLEY_NATS_${user.toUpperCase()}_PASSWORD`, passwords[user]]),
    ),
    PARLEY_NATS_ISSUER: fromSeed(Buffer.from(issuerSeed)).getPublicKey(),
    PARLEY_NATS_XKEY: fromCurveSeed(Buffer.from(xkeySeed)).getPublicKey(),
  };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
