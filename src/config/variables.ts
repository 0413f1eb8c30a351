/** Every environment variable of a node, once: name, default, meaning, form (common.md has the contract). */
import { limits } from '../domain/limits.ts';
import { externalIdentityVariables } from './external-identity-variables.ts';
import {
  addressRanges,
  emailAddress,
  key256,
  natsUrls,
  oneOf,
  onOff,
  origins,
  syncInterval,
  text,
  url,
  wholeNumber,
} from './parsers.ts';
import { sessionVariables } from './session-variables.ts';
import { tracingVariables } from './tracing-variables.ts';
import { defaulted, optional, secret } from './variable.ts';

/** `parley dev` starts its own servers and is for one machine; `parley serve` is a node of a deployment. */
export type Mode = 'dev' | 'serve';

const noOrigins: readonly string[] = [];
const noAddresses: readonly string[] = [];

/** Field of Config -> its variable. */
export const variables = {
  port: defaulted(
    'PORT',
    3000,
    'One port for every API, the console and the documents; 0: any free one',
    wholeNumber(0, 65_535),
  ),
  host: {
    ...defaulted('HOST', '', 'Address to listen on', text()),
    unset: { dev: '127.0.0.1', serve: '0.0.0.0' },
    unsetWords: '127.0.0.1 (dev), 0.0.0.0 (serve)',
  },
  dataDir: defaulted(
    'DATA_DIR',
    './.data',
    'What the embedded servers and the disk media store keep',
    text(),
  ),
  natsUrl: optional('NATS_URL', 'nats-server to use; unset: `parley dev` starts its own', natsUrls),
  natsCreds: optional(
    'NATS_CREDS',
    'Credentials for NATS_URL: a file of `parley admin nats-credentials` (then services get in at NATS), or a .creds file',
    text(),
  ),
  natsCa: optional(
    'PARLEY_NATS_CA',
    'CA certificate of `tls://` servers of NATS_URL (PEM); unset: the CAs of Node',
    text(),
  ),
  natsCert: optional('PARLEY_NATS_CERT', 'Client certificate for `tls://` servers of NATS_URL (PEM)', text()),
  natsKey: optional('PARLEY_NATS_KEY', 'Its private key (PEM)', text()),
  natsPort: defaulted(
    'NATS_PORT',
    4222,
    'Where the child nats-server listens, else the next free port',
    wholeNumber(0, 65_535),
  ),
  natsSync: defaulted(
    'PARLEY_NATS_SYNC',
    '2m',
    'When the child nats-server syncs events to the disk: `always` (before it acknowledges them), or how often (`30s`); nats-server.conf says what that means',
    syncInterval,
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    'PostgreSQL to use; unset: `parley dev` starts its own',
    url('postgres', 'postgresql'),
  ),
  databaseCa: optional(
    'PARLEY_DATABASE_CA',
    'CA certificate of DATABASE_URL (PEM), as `sslrootcert` in it: the server is verified',
    text(),
  ),
  adminEmail: optional(
    'PARLEY_ADMIN_EMAIL',
    'The platform administrator, created or updated at boot',
    emailAddress,
  ),
  adminPassword: secret('PARLEY_ADMIN_PASSWORD', 'Password of the platform administrator', text(8)),
  isRateLimited: {
    ...defaulted('PARLEY_RATE_LIMIT', true, '`off` lifts every rate limit (suites, benches)', onOff),
    unsetWords: 'on',
  },
  isWebhookPrivateAllowed: {
    ...defaulted(
      'PARLEY_WEBHOOK_PRIVATE',
      false,
      '`on`: webhooks may be `http:`, and lead to this machine and to private networks',
      onOff,
    ),
    unset: { dev: true, serve: false },
    unsetWords: 'on (dev), off (serve)',
  },
  ...externalIdentityVariables,
  publicUrl: {
    ...optional(
      'PARLEY_PUBLIC_URL',
      'How clients reach this deployment: in `ws_url`, upload URLs, documents',
      url('http', 'https'),
    ),
    unsetWords: 'http://HOST:PORT',
  },
  corsOrigins: {
    ...defaulted(
      'PARLEY_CORS_ORIGINS',
      noOrigins,
      'Origins of pages that may call, separated by commas; `*`: any, without cookies',
      origins,
    ),
    unset: { dev: ['*'], serve: noOrigins },
    unsetWords: '* (dev), none (serve)',
  },
  tlsCert: optional(
    'PARLEY_TLS_CERT',
    'Certificate of the front end with its chain (PEM): https and wss only',
    text(),
  ),
  tlsKey: optional('PARLEY_TLS_KEY', 'Its private key (PEM)', text()),
  trustedProxies: {
    ...defaulted(
      'PARLEY_TRUSTED_PROXIES',
      noAddresses,
      'Addresses and CIDRs of proxies, separated by commas, whose `X-Forwarded-For`, `-Proto` and `-Host` count',
      addressRanges,
    ),
    unsetWords: 'none',
  },
  partitions: defaulted(
    'PARLEY_PARTITIONS',
    4,
    'Streams that the log is spread over; fixed at first boot',
    wholeNumber(1, 64),
  ),
  replicas: defaulted(
    'PARLEY_REPLICAS',
    1,
    'Replicas of each stream, 3 in a cluster; fixed at first boot',
    wholeNumber(1, 5),
  ),
  drainDelayMs: defaulted(
    'PARLEY_DRAIN_DELAY_MS',
    0,
    'So long a node that was asked to end only says so (`/readyz`: 503) and still takes connections, until load balancers send them elsewhere; 5000 behind Kubernetes',
    wholeNumber(0, limits.drainDelayMsMax),
  ),
  deltaWindowMs: defaulted(
    'PARLEY_DELTA_WINDOW_MS',
    20,
    'Deltas of a message that arrive within it are joined',
    wholeNumber(0, limits.deltaWindowMsMax),
  ),
  masterKey: {
    ...secret(
      'PARLEY_MASTER_KEY',
      'Wraps the keys in the database: 32 bytes in base64 or hex; `parley dev` keeps one in DATA_DIR',
      key256,
    ),
    unsetWords: 'made at first boot (dev), unset (serve)',
  },
  masterKeyPrevious: secret(
    'PARLEY_MASTER_KEY_PREVIOUS',
    'The former master key, until `parley admin rewrap` is done',
    key256,
  ),
  editWindowSec: defaulted(
    'PARLEY_EDIT_WINDOW_SEC',
    86_400,
    'For how many seconds Vero lets a message be edited; 0: for ever',
    wholeNumber(0, limits.editWindowSecMax),
  ),
  refreshReuseGraceMs: defaulted(
    'REFRESH_REUSE_GRACE_MS',
    0,
    'For how long a used refresh token may be used again; 0: its second use ends the session',
    wholeNumber(0, limits.refreshReuseGraceMsMax),
  ),
  modelUrl: optional(
    'PARLEY_MODEL_URL',
    'OpenAI-compatible endpoint for agents; unset: the offline responder',
    url('http', 'https'),
  ),
  modelKey: secret('PARLEY_MODEL_KEY', 'Key for PARLEY_MODEL_URL', text()),
  model: optional('PARLEY_MODEL', 'Name of the model', text()),
  speechModel: defaulted(
    'PARLEY_SPEECH_MODEL',
    'tts-1',
    'Model that speaks, of PARLEY_MODEL_URL; where that has no `/audio/speech`, the offline synthesiser does',
    text(),
  ),
  speechVoice: defaulted('PARLEY_SPEECH_VOICE', 'alloy', 'Its voice', text()),
  transcriptionModel: defaulted(
    'PARLEY_TRANSCRIPTION_MODEL',
    'whisper-1',
    'Model that transcribes, of PARLEY_MODEL_URL; where that has no `/audio/transcriptions`: `pocketsphinx_continuous` and `ffmpeg`, if they are installed',
    text(),
  ),
  mediaBytesMax: defaulted(
    'PARLEY_MEDIA_BYTES_MAX',
    limits.mediaBytesMax,
    'The largest file that may be uploaded',
    wholeNumber(1, limits.mediaBytesMax),
  ),
  s3Endpoint: optional(
    'PARLEY_S3_ENDPOINT',
    'S3-compatible store for media, as nodes and clients reach it; unset: on disk under DATA_DIR',
    url('http', 'https'),
  ),
  s3Bucket: optional('PARLEY_S3_BUCKET', 'Its bucket', text()),
  s3Region: optional('PARLEY_S3_REGION', 'Its region (`us-east-1` where a store has none)', text()),
  s3AccessKey: secret(
    'PARLEY_S3_ACCESS_KEY',
    'Its access key: may list, read, write and delete in the bucket',
    text(),
  ),
  s3SecretKey: secret('PARLEY_S3_SECRET_KEY', 'Its secret key', text()),
  elizaAuthToken: secret(
    'ELIZA_SERVER_AUTH_TOKEN',
    'X-API-KEY that the Eliza dialect asks of every caller',
    text(),
  ),
  serverApiKey: secret('SERVER_API_KEY', 'Server key of the Eliza dialect', text()),
  ...sessionVariables,
  ...tracingVariables,
  logLevel: defaulted(
    'LOG_LEVEL',
    'info',
    'trace, debug, info, warn, error, fatal or silent',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  ),
} as const;

/** Variables of ours that others than a node read: no reason to warn. */
export const otherVariables: readonly string[] = [
  'PARLEY_TOKEN',
  'PARLEY_PASSWORD',
  'PARLEY_URL',
  'PARLEY_WORKER',
];
/** PARLEY_NATS_…: what `parley dev` hands to nats-server.conf. */
export const otherPrefixes: readonly string[] = ['PARLEY_NATS_', 'PARLEY_TEST_'];
