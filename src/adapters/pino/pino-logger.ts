import {
  type DestinationStream,
  type LoggerOptions,
  type Logger as PinoLogger,
  pino,
  stdSerializers,
} from 'pino';
import type { Logger } from '../../ports/logger.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerSettings {
  readonly level: LogLevel;
  /** Where lines go: `stdout` (default) or `stderr`, or a stream of a test. */
  readonly to?: 'stdout' | 'stderr' | DestinationStream;
  /** On every line: node id, version. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Names of fields that never appear in a line, wherever one level of an object has them. */
const secretNames = [
  'authorization',
  'apiKey',
  'api_key',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'content',
];

/** Passwords in URLs of errors, and what looks like a bearer token or a JWT in their texts. */
const secretTexts = /(:\/\/[^:/@\s]*:)[^@/\s]*@|\bBearer\s+\S+|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/gi;

/** JSON lines of pino behind the Logger port. Lines are written at once: the last one before a crash matters most. */
export function openLogger({ level, to = 'stdout', fields = {} }: LoggerSettings): Logger {
  const options: LoggerOptions = {
    level,
    base: { ...fields },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    messageKey: 'message',
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '(hidden)' },
    serializers: { err: withoutSecrets, error: withoutSecrets },
  };
  const stream =
    typeof to === 'string' ? pino.destination({ dest: to === 'stdout' ? 1 : 2, sync: true }) : to;
  return wrap(pino(options, stream));
}

/** The port's argument order is pino's own, so this is only about not showing more than the port has. */
function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** Drivers put connection strings into messages, and statements with their values beside them. */
function withoutSecrets(error: unknown): object | string {
  if (!(error instanceof Error)) return hideSecrets(String(error));
  const { type, message, stack, code } = stdSerializers.err(error) as unknown as Record<string, unknown>;
  return { type, code, message: hideSecrets(String(message)), stack: hideSecrets(String(stack)) };
}

function hideSecrets(text: string): string {
  return text.replace(secretTexts, '$1(hidden) ');
}
