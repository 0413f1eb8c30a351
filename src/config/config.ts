/** The environment as one typed value, read once at start. Nothing else in Parley looks at variables of a node. */
import { claimMappingWords } from './claim-mapping.ts';
import { externalIdentityErrors, externalIdentityWarnings } from './external-identity-variables.ts';
import { Misfit } from './parsers.ts';
import { databaseUrlWith, natsUrlWith } from './server-files.ts';
import type { Variable } from './variable.ts';
import { type Mode, otherPrefixes, otherVariables, variables } from './variables.ts';

type ValueOf<V> = V extends { readonly parse: (text: string) => infer T; readonly unset: infer U }
  ? Exclude<T, Misfit> | (null extends U ? null : never)
  : never;

export type Config = { readonly [Field in keyof typeof variables]: ValueOf<(typeof variables)[Field]> };

/** `config` is usable only when there are no errors: a variable that is wrong has its default in it. */
export interface ReadEnvironment {
  readonly config: Config;
  /** Sentences, each with the name of its variable. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const all = Object.entries(variables) as unknown as readonly (readonly [
  keyof Config,
  Variable<unknown, unknown>,
])[];

/** Reads all variables. An empty one counts as unset, as Compose files write it. */
export function readEnvironment(env: Environment, mode: Mode): ReadEnvironment {
  const values: Partial<Record<keyof Config, unknown>> = {};
  const errors: string[] = [];
  for (const [field, variable] of all) {
    const given = env[variable.name] ?? '';
    const value = given === '' ? unsetValue(variable, mode) : variable.parse(given.trim());
    if (value instanceof Misfit) errors.push(`${variable.name} ${value.words}${found(variable, given)}`);
    values[field] = value instanceof Misfit ? unsetValue(variable, mode) : value;
  }
  const config = withFiles(values as Config);
  return {
    config,
    errors: [...errors, ...contradictions(config), ...externalIdentityErrors(config)],
    warnings: [...unknownNames(env), ...externalIdentityWarnings(config), ...masterKeyWarnings(config, mode)],
  };
}

export interface ConfigRow {
  readonly name: string;
  readonly default: string;
  readonly meaning: string;
}

/** All variables as a table: for the documents. */
export function configTable(): readonly ConfigRow[] {
  return all.map(([, variable]) => ({
    name: variable.name,
    default: variable.unsetWords ?? words(variable.unset, variable.name),
    meaning: variable.meaning,
  }));
}

/** What a node would run with, to be shown to people: secrets and passwords in URLs are hidden. */
export function shownConfig(config: Config): readonly { readonly name: string; readonly value: string }[] {
  return all.map(([field, { name, isSecret }]) => {
    const value = config[field];
    const shown = field === 'jwtClaims' ? claimMappingWords(config.jwtClaims) : words(value, name);
    return { name, value: isSecret && value !== null ? '(hidden)' : hidePassword(shown) };
  });
}

function unsetValue({ unset }: Variable<unknown, unknown>, mode: Mode): unknown {
  return typeof unset === 'object' && unset !== null && mode in unset
    ? (unset as Record<Mode, unknown>)[mode]
    : unset;
}

function withFiles(config: Config): Config {
  const { natsUrl, natsCa: ca, natsCert: cert, natsKey: key, databaseUrl, databaseCa } = config;
  return {
    ...config,
    natsUrl: natsUrl === null ? null : natsUrlWith(natsUrl, { ca, cert, key }),
    databaseUrl: databaseUrl === null ? null : databaseUrlWith(databaseUrl, databaseCa),
  };
}

function contradictions(config: Config): string[] {
  const together = [
    ['PARLEY_ADMIN_EMAIL', config.adminEmail, 'PARLEY_ADMIN_PASSWORD', config.adminPassword],
    ['PARLEY_ADMIN_PASSWORD', config.adminPassword, 'PARLEY_ADMIN_EMAIL', config.adminEmail],
    ['PARLEY_MASTER_KEY_PREVIOUS', config.masterKeyPrevious, 'PARLEY_MASTER_KEY', config.masterKey],
    ['PARLEY_TLS_CERT', config.tlsCert, 'PARLEY_TLS_KEY', config.tlsKey],
    ['PARLEY_TLS_KEY', config.tlsKey, 'PARLEY_TLS_CERT', config.tlsCert],
    ['PARLEY_NATS_CERT', config.natsCert, 'PARLEY_NATS_KEY', config.natsKey],
    ['PARLEY_NATS_KEY', config.natsKey, 'PARLEY_NATS_CERT', config.natsCert],
    ['PARLEY_DATABASE_CA', config.databaseCa, 'DATABASE_URL', config.databaseUrl],
    ['NATS_CREDS', config.natsCreds, 'NATS_URL', config.natsUrl],
    ['PARLEY_MODEL_URL', config.modelUrl, 'PARLEY_MODEL', config.model],
  ] as const;
  const missing = together
    .filter(([, value, , needed]) => value !== null && needed === null)
    .map(([name, , needed]) => `${name} is set without ${needed}`);
  const hasNatsFile = config.natsCa !== null || config.natsCert !== null;
  return [
    ...missing,
    ...incompleteStore(config),
    ...(hasNatsFile && config.natsUrl?.includes('tls://') !== true
      ? ['PARLEY_NATS_CA and PARLEY_NATS_CERT are for NATS_URL with tls://']
      : []),
    // An even number of replicas survives no more than one less, and costs one more.
    ...(config.replicas % 2 === 0 ? ['PARLEY_REPLICAS must be odd: 1, 3 or 5'] : []),
  ];
}

/** Half a store would be a directory: files lay where nobody looks for them. */
function incompleteStore(config: Config): string[] {
  const five = [
    ['PARLEY_S3_ENDPOINT', config.s3Endpoint],
    ['PARLEY_S3_BUCKET', config.s3Bucket],
    ['PARLEY_S3_REGION', config.s3Region],
    ['PARLEY_S3_ACCESS_KEY', config.s3AccessKey],
    ['PARLEY_S3_SECRET_KEY', config.s3SecretKey],
  ] as const;
  const missing = five.filter(([, value]) => value === null).map(([name]) => name);
  const [first] = five.filter(([, value]) => value !== null);
  if (first === undefined || missing.length === 0) return [];
  return [`${first[0]} is set without ${missing.join(', ')}: a store for media needs all five`];
}

/** `parley dev` makes one by itself. */
function masterKeyWarnings({ masterKey }: Config, mode: Mode): string[] {
  if (masterKey !== null || mode === 'dev') return [];
  return [
    'PARLEY_MASTER_KEY is not set: content of class phi and secret is refused, other keys lie unwrapped',
  ];
}

function unknownNames(env: Environment): string[] {
  const known = new Set([...all.map(([, { name }]) => name), ...otherVariables]);
  return Object.keys(env)
    .filter((name) => name.startsWith('PARLEY_') && !known.has(name))
    .filter((name) => !otherPrefixes.some((prefix) => name.startsWith(prefix)))
    .sort()
    .map((name) => `${name} is not a variable of Parley`);
}

function found(variable: Variable<unknown, unknown>, given: string): string {
  return variable.isSecret === true ? '' : `, not ${JSON.stringify(hidePassword(given.slice(0, 100)))}`;
}

function hidePassword(text: string): string {
  return text.replace(/(:\/\/[^:/@\s]*:)[^@/\s]*@/g, '$1***@');
}

/** As it would be written in the environment. */
function words(value: unknown, name: string): string {
  if (value === null) return 'unset';
  // OpenTelemetry's own variables say true and false.
  if (typeof value === 'boolean' && !name.startsWith('OTEL_')) return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).map(([name, of]) => `${name}=${of}`);
  return pairs.length === 0 ? 'none' : pairs.join(',');
}
