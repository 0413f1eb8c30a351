/** What schemas cannot say about a conversation: lengths in code points, ids, times. */
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import type { UpdateCommand } from '../../../../domain/command.ts';
import { canonicalUuid, type PrincipalId } from '../../../../domain/ids.ts';
import type { FieldError, Problem } from '../../../../domain/problem.ts';
import { type Micros, parseMicros } from '../../../../domain/time.ts';
import { isLonger } from '../../code-points.ts';
import { type CreateConversationBody, type Mode, type MuteBody, muteSecMax } from './wire.ts';

const nameMax = 120;
const descriptionMax = 1_000;
/** Muted until further notice; a multiple of 64 microseconds, which a number holds exactly. */
const foreverUs: Micros = Date.parse('9999-12-31T23:59:59.000Z') * 1_000;

export interface AskedConversation {
  readonly isDirect: boolean;
  readonly name: string | null;
  readonly description: string | null;
  /** Without the caller, each once. */
  readonly others: readonly PrincipalId[];
}

/** Exactly one other, and nothing said: the two of them talk. */
export function decodeCreate(body: CreateConversationBody, caller: PrincipalId): AskedConversation | Problem {
  const { type, name, description, participant_ids: named = [] } = body;
  const wrong = refuseTexts(name, description);
  if (wrong.length > 0) return fieldProblem(wrong);
  const others = new Set(named.map(principalIdOf));
  others.delete(caller);
  const isDirect = type === undefined ? others.size === 1 : type.endsWith('direct');
  if (isDirect && others.size !== 1) {
    return fieldProblem([
      { path: 'participant_ids', reason: others.size === 0 ? 'too_few' : 'too_many', limit: 1 },
    ]);
  }
  return { isDirect, name: name ?? null, description: description ?? null, others: [...others] };
}

export function decodeUpdate(body: {
  readonly name?: string;
  readonly description?: string | null;
}): UpdateCommand | Problem {
  const { name, description } = body;
  if (name === undefined && description === undefined)
    return fieldProblem([{ path: '', reason: 'too_few', limit: 1 }]);
  const wrong = refuseTexts(name, description ?? undefined);
  if (wrong.length > 0) return fieldProblem(wrong);
  return {
    op: 'update',
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}

/** UUIDs compare without case. */
export function principalIdOf(text: string): PrincipalId {
  return canonicalUuid(text) ?? text;
}

/** Said twice it must be the same. */
export function decodeMode(inBody: Mode | undefined, inQuery: Mode | undefined): Mode | Problem {
  if (inBody !== undefined && inQuery !== undefined && inBody !== inQuery) {
    return fieldProblem([{ path: 'mode', reason: 'repeated' }]);
  }
  return inBody ?? inQuery ?? 'for_me';
}

/** When the mute ends. */
export function decodeMute({ until, duration_sec: duration }: MuteBody, now: Micros): Micros | Problem {
  if (until !== undefined) {
    const at = parseMicros(until);
    if (at === null || at <= now || at > foreverUs)
      return fieldProblem([{ path: 'until', reason: 'format' }]);
    return at;
  }
  if (duration === undefined) return foreverUs;
  if (duration < 1) return fieldProblem([{ path: 'duration_sec', reason: 'too_small', limit: 1 }]);
  if (duration > muteSecMax)
    return fieldProblem([{ path: 'duration_sec', reason: 'too_large', limit: muteSecMax }]);
  return now + duration * 1_000_000;
}

function refuseTexts(name: string | undefined, description: string | undefined): FieldError[] {
  const wrong: FieldError[] = [];
  if (name === '') wrong.push({ path: 'name', reason: 'too_short', limit: 1 });
  if (name !== undefined && isLonger(name, nameMax))
    wrong.push({ path: 'name', reason: 'too_long', limit: nameMax });
  if (description !== undefined && isLonger(description, descriptionMax)) {
    wrong.push({ path: 'description', reason: 'too_long', limit: descriptionMax });
  }
  return wrong;
}
