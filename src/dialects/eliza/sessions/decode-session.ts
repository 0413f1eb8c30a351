/** What clients send about sessions -> what is meant, or a Problem in the words of sessions. */
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import { isRecord } from '../fields.ts';
import {
  invalidContent,
  invalidMetadata,
  invalidPage,
  invalidTimeouts,
  missingFields,
  noUuid,
} from './refusals.ts';
import type { AskedTimeoutConfig } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** Both ids, in lower case. What is missing is told before what is wrong. */
export function decodePair(body: {
  readonly agentId?: unknown;
  readonly userId?: unknown;
}): { readonly agent: PrincipalId; readonly user: PrincipalId } | Problem {
  const missing = (['agentId', 'userId'] as const).filter((name) => typeof body[name] !== 'string');
  if (missing.length > 0) return missingFields(missing);
  const agent = canonicalUuid(body.agentId as string);
  if (agent === null) return noUuid('agentId', body.agentId);
  const user = canonicalUuid(body.userId as string);
  return user === null ? noUuid('userId', body.userId) : { agent, user };
}

export function decodeMetadata(value: unknown): Json | Problem {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return invalidMetadata('Metadata must be an object');
  const { sessionMetadataCharsMax: max } = limits;
  return JSON.stringify(value).length > max
    ? invalidMetadata(`Metadata exceeds maximum size of ${max} bytes`)
    : value;
}

/** Of a new session: what makes no sense in it is as if it were not there. */
export function decodeAsked(value: unknown): AskedTimeoutConfig | Problem {
  if (value === undefined || value === null) return {};
  return isRecord(value) ? value : invalidTimeouts('Invalid timeout configuration format');
}

/** Of a change: types are looked at, and the timeout must be in range. */
export function refuseTimeouts(
  asked: AskedTimeoutConfig,
  { minMinutes, maxMinutes }: { readonly minMinutes: number; readonly maxMinutes: number },
): Problem | null {
  const { autoRenew, timeoutMinutes, maxDurationMinutes, warningThresholdMinutes } = asked;
  const areNumbers = [timeoutMinutes, maxDurationMinutes, warningThresholdMinutes].every(
    (value) => value === undefined || typeof value === 'number' || typeof value === 'string',
  );
  if (!areNumbers || (autoRenew !== undefined && typeof autoRenew !== 'boolean')) {
    return invalidTimeouts('Invalid timeout configuration format');
  }
  const isText = typeof timeoutMinutes === 'string' && timeoutMinutes.trim() === '';
  const minutes = timeoutMinutes === undefined || isText ? Number.NaN : Number(timeoutMinutes);
  if (!(minutes < minMinutes || minutes > maxMinutes)) return null;
  return invalidTimeouts(`Timeout must be between ${minMinutes} and ${maxMinutes} minutes`);
}

export function refuseContent(content: string): Problem | null {
  if (content === '') return invalidContent('Content cannot be empty');
  const { sessionContentCharsMax: max } = limits;
  return content.length > max ? invalidContent(`Content exceeds maximum length of ${max} characters`) : null;
}

/** As upstream reads it: junk is the default, and what is out of range the nearest that is not. */
export function decodeLimit(text: string | undefined, { min = 1, max = 100, otherwise = 50 } = {}): number {
  const asked = Number.parseInt(text ?? '', 10);
  return Number.isNaN(asked) ? otherwise : Math.min(Math.max(asked, min), max);
}

export interface DecodedPage {
  readonly limit: number;
  readonly before: Micros | null;
  readonly after: Micros | null;
  readonly keep: 'newest' | 'oldest';
}

/** Milliseconds: those of `before` and `after` themselves are on no page. */
export function decodePage(query: {
  readonly limit?: string;
  readonly before?: string;
  readonly after?: string;
}): DecodedPage | Problem {
  const before = decodeMs('before', query.before);
  if (before instanceof Problem) return before;
  const after = decodeMs('after', query.after);
  if (after instanceof Problem) return after;
  return {
    limit: decodeLimit(query.limit),
    before: before === null ? null : before * 1_000,
    after: after === null ? null : after * 1_000 + 999,
    keep: after !== null && before === null ? 'oldest' : 'newest',
  };
}

function decodeMs(parameter: string, text = ''): number | null | Problem {
  if (text === '') return null;
  const ms = Number.parseInt(text, 10);
  if (Number.isNaN(ms)) return invalidPage(parameter, text, 'Must be a valid timestamp');
  const isTime = Number.isSafeInteger(ms * 1_000) && !Number.isNaN(new Date(ms).getTime());
  return isTime ? ms : invalidPage(parameter, text, 'Invalid date from timestamp');
}
