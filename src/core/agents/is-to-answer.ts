/**
 * Which messages an agent answers (vero.md decision 3): in a private conversation of two every one of the other,
 * in groups those that speak to it. What names in `to` whom it is for is for them alone, unless its words speak to
 * it, too. Pure.
 */
import { addresses } from '../../domain/addressed.ts';
import type { EventOf } from '../../domain/event.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';

export interface AskedAgent {
  readonly id: PrincipalId;
  readonly displayName: string;
}

export interface Asked {
  readonly agent: AskedAgent;
  readonly state: ConversationState;
  /** The message in question, as it is now. */
  readonly entry: TimelineEntry;
  /** What was said before it, oldest first. */
  readonly before: readonly TimelineEntry[];
  /** Who wrote what it replies to; null when it is no reply, or that is unknown. */
  readonly repliesTo: PrincipalId | null;
}

export function isToAnswer({ agent, state, entry, before, repliesTo }: Asked): boolean {
  const { event } = entry;
  if (event.type !== 'message.posted' || entry.deletedAt !== null) return false;
  if (event.actor.id === agent.id || !isSpeech(event)) return false;
  if (state.floor !== null && state.floor !== agent.id) return false;
  const { content, to } = event.data;
  const isForIt = to === undefined ? repliesTo === agent.id : to.includes(agent.id);
  const isAddressed = isForIt || addresses(content, [agent.displayName, agent.id]);
  if (event.actor.kind === 'agent') return isAddressed && !isTalkOfAgents(before);
  return isAddressed || (to === undefined && (state.floor === agent.id || isOfTwo(state)));
}

/**
 * Not what is left of an interrupted message, nor what a program tells a program. A message without words is one,
 * too: files alone, for instance.
 */
function isSpeech({ data }: EventOf<'message.posted'>): boolean {
  return data.interrupted !== true && data.deleted !== true && data.content_type !== 'system';
}

function isOfTwo({ type, participants }: ConversationState): boolean {
  return type === 'private' && participants.size <= 2;
}

/** True when the newest messages all are of agents: they would go on for ever. */
function isTalkOfAgents(before: readonly TimelineEntry[]): boolean {
  const said = before.filter(({ event }) => event.type === 'message.posted');
  const newest = said.slice(-limits.agentTalkMax);
  return newest.length === limits.agentTalkMax && newest.every(({ event }) => event.actor.kind === 'agent');
}
