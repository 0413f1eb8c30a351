/** What `parley doctor` says about secrets and settings that are good enough for one machine, and not for a deployment. */
import type { Config } from '../../../config/config.ts';
import type { Finding } from './finding.ts';

/** 12 letters and digits are beyond guessing over a network; what is made by deploy/secrets.sh has 32. */
const charsMin = 12;
/** Of 32 random bytes 30 differ; below this chance plays no part (1 in 10^9). */
const keyBytesDifferingMin = 20;
/** In examples, in tests, or what people type first; compared without case and punctuation. */
const known = [
  ...[
    'password',
    'passwort',
    'secret',
    'changeme',
    'change',
    'admin',
    'administrator',
    'root',
    'test',
    'dev',
  ],
  ...[
    'parley',
    'postgres',
    'postgresql',
    'nats',
    'example',
    'letmein',
    'qwerty',
    'madebysecretssh',
    'default',
  ],
];

/** One finding for secrets and one for settings. For a deployment: `parley dev` may have what it likes. */
export function secretFindings(config: Config): readonly Finding[] {
  return [secretFinding(config), settingFinding(config)];
}

function secretFinding(config: Config): Finding {
  const check = 'secrets';
  const weak = weaknesses(config);
  if (weak.length === 0) return { check, status: 'ok', found: 'none that is easily guessed' };
  const found = weak.map(({ name, why }) => `${name} ${why}`).join('; ');
  const remedy =
    'make new ones (deploy/secrets.sh, or `openssl rand -base64 32`); a master key is changed with `parley admin rewrap`';
  return { check, status: weak.some(({ isKnown }) => isKnown) ? 'fail' : 'warn', found, remedy };
}

interface Weakness {
  readonly name: string;
  readonly why: string;
  /** To everybody who reads our documents. */
  readonly isKnown: boolean;
}

function weaknesses(config: Config): readonly Weakness[] {
  const passwords = [
    ['PARLEY_ADMIN_PASSWORD', config.adminPassword],
    ['ELIZA_SERVER_AUTH_TOKEN', config.elizaAuthToken],
    ['SERVER_API_KEY', config.serverApiKey],
    ['the password in DATABASE_URL', passwordIn(config.databaseUrl)],
    ['the password in NATS_URL', passwordIn(config.natsUrl)],
  ] as const;
  const keys = [
    ['PARLEY_MASTER_KEY', config.masterKey],
    ['PARLEY_MASTER_KEY_PREVIOUS', config.masterKeyPrevious],
  ] as const;
  return [
    ...passwords.flatMap(([name, value]) => (value === null ? [] : weaknessOfPassword(name, value))),
    ...keys.flatMap(([name, value]) => (value === null ? [] : weaknessOfKey(name, value))),
  ];
}

function weaknessOfPassword(name: string, value: string): readonly Weakness[] {
  const bare = value.toLowerCase().replace(/[^a-z]/g, '');
  if (known.includes(bare)) return [{ name, why: 'is one that everybody tries', isKnown: true }];
  if (value.length < charsMin) return [{ name, why: `has less than ${charsMin} characters`, isKnown: false }];
  if (new Set(value).size < charsMin / 2) return [{ name, why: 'repeats itself', isKnown: false }];
  return [];
}

function weaknessOfKey(name: string, value: string): readonly Weakness[] {
  const bytes = /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  if (new Set(bytes).size < keyBytesDifferingMin) return [{ name, why: 'is not random', isKnown: true }];
  // Random bytes are all printable once in 10^13 keys.
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f))
    return [{ name, why: 'is a text and not random bytes', isKnown: true }];
  return [];
}

/** Null: there is none, or several servers with their own. */
function passwordIn(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { password } = new URL(url);
  if (password === '') return null;
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function settingFinding(config: Config): Finding {
  const check = 'settings';
  const open = [
    ...(config.isRateLimited
      ? []
      : ['PARLEY_RATE_LIMIT=off lets everybody try passwords as fast as they can']),
    ...(config.corsOrigins.includes('*') ? ['PARLEY_CORS_ORIGINS=* lets any page call with a token'] : []),
    ...(config.isWebhookPrivateAllowed
      ? ['PARLEY_WEBHOOK_PRIVATE=on lets tenants reach your own network']
      : []),
    ...(config.publicUrl === null ? ['PARLEY_PUBLIC_URL is not set: URLs in answers name this machine'] : []),
    ...(config.publicUrl?.startsWith('http:')
      ? ['PARLEY_PUBLIC_URL is http: tokens can be read on their way']
      : []),
  ];
  if (open.length === 0) return { check, status: 'ok', found: 'none that is for one machine only' };
  return { check, status: 'warn', found: open.join('; '), remedy: 'schemas/config.md says what each does' };
}
