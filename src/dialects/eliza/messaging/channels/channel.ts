/** A channel: a conversation in the words of this API. */
import type { ConversationRef } from '../../../../domain/event.ts';
import { type ConversationId, canonicalUuid } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { actsForServer, type Said } from '../acting.ts';

export interface Channel {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
}

export const serverEntity = 'message_server';

export const noChannel = (): Problem => new Problem('not_found', 'Channel not found');

/** What belongs to no message server belongs to the default one. */
export function serverOf({ entity }: Pick<ConversationState, 'entity'>): string {
  const { type, id } = entity;
  return (type === serverEntity && id !== null ? canonicalUuid(id) : null) ?? defaultServer;
}

/** The channel as the caller may read it, confirmed at the leader; `not_found` otherwise. */
export async function readableChannel(
  { bus }: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  channel: ConversationId,
  { env }: Pick<Said, 'env'>,
): Promise<Channel | Problem> {
  return inWords(await bus.stateFor(caller, channel, env));
}

/**
 * The channel to speak in, as this node knows it: what has to be certain the post itself finds out. Null: there is
 * none, and there was none. Agents, and who speaks for others, need not take part: their post makes them.
 */
export async function channelToSpeakIn(
  { bus }: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  channel: ConversationId,
  { env }: Pick<Said, 'env'>,
): Promise<Channel | null | Problem> {
  const found = await bus.stateFor(caller, channel, env, 'cached');
  if (!(found instanceof Problem) || found.code !== 'not_found') return found;
  if (caller.kind !== 'user' || actsForServer(caller)) {
    const there = await bus.stateOf(caller.tenant, channel);
    if (there !== null) return there;
  }
  const status = await bus.statusOf(caller.tenant, channel);
  if (status instanceof Problem) return status;
  return status === 'none' ? null : noChannel();
}

/** Who may not see a channel is told what it is told of none. */
export function inWords<Found>(found: Found | Problem): Found | Problem {
  if (!(found instanceof Problem)) return found;
  const isHidden = found.code === 'not_found' || found.reason === 'not_a_participant';
  return isHidden && found.reason !== 'participant_not_found' && found.reason !== 'message_not_found'
    ? noChannel()
    : found;
}
