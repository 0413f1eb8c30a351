/** What is known of a turn when it begins: the message, what was said around it, and what became of it already. */
import { type DataClass, stricterClass } from '../../../domain/event.ts';
import type { PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { entryId, type TimelineEntry } from '../../../domain/timeline.ts';
import type { AgentTurn } from '../../../ports/agents/agent-turns.ts';
import type { ModelMessage } from '../../../ports/agents/model.ts';
import type { Directory } from '../../../ports/identity/identity-service.ts';
import type { Bus } from '../../bus.ts';
import type { RunningAgent } from '../running-agent.ts';

export interface TurnContext {
  readonly entry: TimelineEntry;
  /** Newest entries before it, oldest first. */
  readonly before: readonly TimelineEntry[];
  /** Newest entries after it, oldest first. */
  readonly later: readonly TimelineEntry[];
  readonly repliesTo: PrincipalId | null;
}

/** Null: the message is gone. */
export async function readTurnContext(
  bus: Pick<Bus, 'history' | 'entry'>,
  { principal }: RunningAgent,
  { ref, seq, message }: AgentTurn,
): Promise<TurnContext | null | Problem> {
  const { conversation } = ref;
  const newest = { keep: 'newest', consistency: 'cached' } as const;
  const upTo = { ...newest, beforeSeq: seq + 1, limit: limits.agentHistoryMax };
  const page = await bus.history(principal, conversation, upTo);
  if (page instanceof Problem) return page;
  const entry = page.entries.at(-1);
  if (entry === undefined || entry.event.seq !== seq || entryId(entry) !== message) return null;
  let later: readonly TimelineEntry[] = [];
  if (page.state.seq > seq) {
    const after = { ...newest, afterSeq: seq, limit: limits.agentLaterMax };
    const rest = await bus.history(principal, conversation, after);
    if (rest instanceof Problem) return rest;
    later = rest.entries;
  }
  const before = page.entries.slice(0, -1);
  const replyTo = entry.event.type === 'message.posted' ? entry.event.data.reply_to : null;
  const known = replyTo === null ? null : before.find((one) => entryId(one) === replyTo);
  const replied = known === undefined ? await bus.entry(principal, conversation, replyTo ?? '', null) : known;
  if (replied instanceof Problem) return replied;
  return { entry, before, later, repliesTo: replied?.event.actor.id ?? null };
}

/** Answers are never less protected than what they answer. */
export function classOf({ entry, before }: TurnContext): DataClass {
  return [...before, entry].reduce<DataClass>(
    (most, { dataClass }) => stricterClass(most, dataClass),
    'none',
  );
}

/**
 * As a model reads it: what was said before, then what the agent itself answered to that meanwhile, then the
 * message. What others said since is for later turns.
 */
export async function messagesFor(
  directory: Pick<Directory, 'principalsOf'>,
  agent: RunningAgent,
  { entry, before, later }: TurnContext,
): Promise<readonly ModelMessage[] | Problem> {
  const own = later.filter(({ event }) => event.actor.id === agent.principal.id);
  const spoken = [...before, ...own, entry].filter(isSpoken);
  const ids = new Set(spoken.map(({ event }) => event.actor.id));
  const known = await directory.principalsOf(agent.principal.tenant, [...ids]);
  if (known instanceof Problem) return known;
  const messages = spoken.map(({ event }): ModelMessage => {
    const { id } = event.actor;
    const text = event.type === 'message.posted' ? event.data.content : '';
    const name = known.get(id)?.displayName ?? id;
    return { role: id === agent.principal.id ? 'self' : 'other', name, text };
  });
  return newestWithin(messages, limits.agentHistoryCharsMax);
}

function isSpoken({ event, deletedAt }: TimelineEntry): boolean {
  return event.type === 'message.posted' && deletedAt === null;
}

/** At least the last one. */
function newestWithin(messages: readonly ModelMessage[], charsMax: number): readonly ModelMessage[] {
  let chars = 0;
  let start = messages.length;
  while (start > 0) {
    chars += messages[start - 1]?.text.length ?? 0;
    if (chars > charsMax && start < messages.length) break;
    start -= 1;
  }
  return messages.slice(start);
}
