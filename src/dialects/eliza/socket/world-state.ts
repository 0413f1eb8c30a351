/** What there is to know of a channel at once: who is in it, what was said last. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { encodeChannel } from '../messaging/channels/encode-channel.ts';
import type { ElizaSession } from './eliza-session.ts';
import { broadcastOf } from './encode-broadcast.ts';
import type { WorldState } from './wire.ts';

/** `not_found` for who may not read the channel. */
export async function worldStateOf(
  { deps, principal, said }: ElizaSession,
  channel: string,
): Promise<WorldState | Problem> {
  const { env } = said;
  const found = await deps.bus.messages(principal, channel, {
    ...{ env, messages: limits.worldMessagesMax, charsMax: limits.contentBytesMax },
  });
  if (found instanceof Problem) return found;
  const { ref, state } = found;
  await deps.names.learn(ref.tenant, [...state.participants.keys()]);
  const world = { agents: {}, users: {} } as { agents: WorldState['agents']; users: WorldState['users'] };
  for (const { id, kind } of state.participants.values()) {
    const name = deps.names.nameOf(ref.tenant, id) ?? (kind === 'agent' ? 'Agent' : 'User');
    world[kind === 'agent' ? 'agents' : 'users'][id] = { id, name };
  }
  const messages = found.messages
    .filter(({ data }) => principal.kind !== 'user' || data.metadata['is_internal'] !== true)
    .map((event) => broadcastOf(event, found, deps.names));
  return {
    ...world,
    channels: { [channel]: encodeChannel(ref, state, state.participants.keys()) },
    messages: { [channel]: messages },
  };
}
