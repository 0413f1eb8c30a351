/** From projected events to the turns of agents that run here: cheap where no such agent takes part. */
import type { Event, EventOf } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { type Micros, parseMicros } from '../../../domain/time.ts';
import type {
  AgentTurn,
  AgentTurnQueue,
  RunningAgents,
  TakingPart,
} from '../../../ports/agents/agent-turns.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { PlacedEntry } from '../../../ports/projection.ts';

interface Deps {
  readonly agents: RunningAgents;
  readonly queue: AgentTurnQueue;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly logger: Logger;
}

/**
 * What is to be called with each batch before it counts as projected: it may come again, and then it changes
 * nothing. Rejects with a Problem when a server is away.
 */
export function turnFinderOver({
  agents,
  queue,
  clock,
  logger,
}: Deps): (batch: readonly PlacedEntry[]) => Promise<void> {
  return async (batch) => {
    const since = clock.nowMicros() - limits.agentTurnAgeMs * 1000;
    const messages = batch.filter(({ entry }) => isWorthAsking(entry.event, since));
    if (messages.length === 0) return;
    const refs = new Map(messages.map(({ ref }) => [keyOf(ref), ref]));
    const present = await agents.takingPart([...refs.values()]);
    if (present instanceof Problem) {
      if (present.code !== 'internal') throw present;
      // Asking again would not help: better no answer than no projection.
      logger.error({ conversations: refs.size }, 'Which agents are to answer cannot be found out');
      return;
    }
    if (present.length === 0) return;
    const refused = await queue.add(turnsOf(messages, present));
    if (refused instanceof Problem) throw refused;
  };
}

/** A message with something in it, said by somebody not long ago. */
function isWorthAsking(event: Event, since: Micros): boolean {
  if (event.type !== 'message.posted') return false;
  const { deleted, interrupted } = event.data;
  return deleted !== true && interrupted !== true && (parseMicros(event.at) ?? 0) >= since;
}

function turnsOf(messages: readonly PlacedEntry[], present: readonly TakingPart[]): AgentTurn[] {
  const byConversation = new Map<string, TakingPart[]>();
  for (const one of present) {
    const key = keyOf(one.ref);
    byConversation.set(key, [...(byConversation.get(key) ?? []), one]);
  }
  return messages.flatMap(({ ref, entry: { event, traceparent } }) => {
    if (event.type !== 'message.posted') return [];
    const asked = (byConversation.get(keyOf(ref)) ?? []).filter((one) => mayBeFor(event, one));
    const turn = { ref, message: event.data.message_id, seq: event.seq ?? 0, at: parseMicros(event.at) ?? 0 };
    const traced = traceparent === undefined ? turn : { ...turn, trace: traceparent };
    return asked.map(({ agent }) => ({ ...traced, agent }));
  });
}

/**
 * False where isToAnswer() surely says no: in a busy group most messages are for nobody in particular. Of a
 * sealed message only ids are known here.
 */
function mayBeFor({ actor, data }: EventOf<'message.posted'>, { agent, type, floor }: TakingPart): boolean {
  if (actor.id === agent) return false;
  const mayNameIt = data.sealed !== undefined || data.content.includes('@');
  if (data.to !== undefined) return data.to.includes(agent) || mayNameIt;
  return type === 'private' || floor === agent || data.reply_to !== null || mayNameIt;
}

function keyOf({ tenant, conversation }: PlacedEntry['ref']): string {
  return `${tenant} ${conversation}`;
}
