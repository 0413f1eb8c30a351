/**
 * Rooms: the conversations that an agent takes part in, each under an id that only this agent has for it: the UUID of
 * `<channel>:<agent>`.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { ConversationRef } from '../../../domain/event.ts';
import type { ConversationId, PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ConversationState } from '../../../domain/state.ts';
import { exampleAgent, exampleRoom, notFound, text } from '../agents/declared.ts';
import type { ElizaDeps } from '../deps.ts';
import { isRecord } from '../fields.ts';
import { asAgent } from '../messaging/acting.ts';
import { type Channel, serverOf } from '../messaging/channels/channel.ts';
import type { ShownChannel } from '../messaging/channels/encode-channel.ts';
import { channelFactsOf, shownMetadata } from '../messaging/kept.ts';

type Deps = Pick<ElizaDeps, 'bus' | 'records' | 'ids'>;

export const RoomRow = Type.Object({
  id: text(exampleRoom, 'The agent’s own id for the channel'),
  name: text('Harbour'),
  channelId: text('6185c440-4f7b-4dcd-b51f-9da59fb92dab'),
  agentId: text(exampleAgent),
  messageServerId: text('00000000-0000-0000-0000-000000000000'),
  worldId: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  type: text('GROUP'),
  source: text('client'),
  metadata: Type.Record(Type.String(), Type.Unknown(), { examples: [{ topic: 'ships' }] }),
  serverId: text('00000000-0000-0000-0000-000000000000'),
});
export type RoomRow = Static<typeof RoomRow>;

export const noRoom = (): Problem => notFound('Room not found');

/** A world is named with a room that was made for it; others are in that of their message server. */
export function encodeRoom(
  { records, ids }: Deps,
  agent: PrincipalId,
  { conversation }: Pick<ConversationRef, 'conversation'>,
  shown: ShownChannel,
): RoomRow {
  const { type, sourceType = 'client', worldId } = channelFactsOf(shown.metadata);
  const server = serverOf(shown);
  return {
    ...{ id: records.roomOf(conversation, agent), name: shown.name ?? '', channelId: conversation },
    ...{ agentId: agent, messageServerId: server, worldId: worldId ?? ids.ofText(`${server}:${agent}`) },
    ...{ type: type ?? (shown.type === 'private' ? 'DM' : 'GROUP'), source: sourceType },
    ...{ metadata: shownMetadata(shown.metadata), serverId: server },
  };
}

/** Those of the agent that the caller may see, newest activity first; at most limits.roomsListedMax. */
export async function roomsOf(
  deps: Deps,
  caller: Principal,
  agent: PrincipalId,
  env: string | null,
): Promise<readonly RoomRow[] | Problem> {
  const rooms: RoomRow[] = [];
  const visible = await visibleTo(deps, caller, env);
  if (visible instanceof Problem) return visible;
  for await (const page of pagesOf(deps, asAgent(caller, agent), env)) {
    if (page instanceof Problem) return page;
    for (const one of page) {
      if (visible !== null && !visible.has(one.ref.conversation)) continue;
      rooms.push(encodeRoom(deps, agent, one.ref, one));
    }
    if (rooms.length >= limits.roomsListedMax) return rooms.slice(0, limits.roomsListedMax);
  }
  return rooms;
}

/** Null: everything, for who manages agents, and the agent itself. */
async function visibleTo(
  deps: Deps,
  caller: Principal,
  env: string | null,
): Promise<ReadonlySet<ConversationId> | null | Problem> {
  if (isManager(caller)) return null;
  const own = new Set<ConversationId>();
  for await (const page of pagesOf(deps, caller, env)) {
    if (page instanceof Problem) return page;
    for (const { ref } of page) own.add(ref.conversation);
  }
  return own;
}

async function* pagesOf({ bus }: Deps, principal: Principal, env: string | null) {
  let cursor: string | null = null;
  for (let seen = 0; seen < limits.roomsSoughtMax; seen += limits.listPageMax) {
    const query = { limit: limits.listPageMax, cursor, unreadOnly: false, env, service: principal.service };
    const page: Awaited<ReturnType<typeof bus.list>> = await bus.list(principal, query);
    if (page instanceof Problem) {
      yield page;
      return;
    }
    yield page.conversations;
    cursor = page.next;
    if (cursor === null) return;
  }
}

/**
 * Rooms by their id, which says nothing of its channel: what was found once is remembered, and looked at again
 * before it counts.
 */
export class RoomFinder {
  readonly #deps: Deps;
  /** Oldest first. */
  readonly #found = new Map<string, ConversationId>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** By the agent's id for it, or that of its channel; `not_found` also for who may not see it. */
  async find(
    caller: Principal,
    agent: PrincipalId,
    room: string,
    env: string | null,
  ): Promise<Channel | Problem> {
    const known = this.#found.get(keyOf(caller, agent, room));
    for (const conversation of known === undefined ? [room] : [known, room]) {
      const channel = await this.#look(caller, agent, conversation, env);
      if (channel !== null) return channel;
    }
    const conversation = await this.#seek(caller, agent, room, env);
    if (conversation instanceof Problem) return conversation;
    const channel = conversation === null ? null : await this.#look(caller, agent, conversation, env);
    return channel ?? noRoom();
  }

  async #look(
    caller: Principal,
    agent: PrincipalId,
    conversation: ConversationId,
    env: string | null,
  ): Promise<Channel | null | Problem> {
    const found = await this.#deps.bus.stateFor(asAgent(caller, agent), conversation, env);
    if (found instanceof Problem) return isHidden(found) ? null : found;
    return mayEnter(caller, agent, found.state) ? found : null;
  }

  async #seek(
    caller: Principal,
    agent: PrincipalId,
    room: string,
    env: string | null,
  ): Promise<ConversationId | null | Problem> {
    for await (const page of pagesOf(this.#deps, asAgent(caller, agent), env)) {
      if (page instanceof Problem) return page;
      for (const { ref } of page) {
        if (this.#deps.records.roomOf(ref.conversation, agent) !== room) continue;
        this.#remember(keyOf(caller, agent, room), ref.conversation);
        return ref.conversation;
      }
    }
    return null;
  }

  #remember(key: string, conversation: ConversationId): void {
    const oldest = this.#found.keys().next();
    if (this.#found.size >= limits.roomsKnownMax && oldest.done !== true) this.#found.delete(oldest.value);
    this.#found.set(key, conversation);
  }
}

function keyOf({ tenant }: Principal, agent: PrincipalId, room: string): string {
  return `${tenant} ${agent} ${room}`;
}

function isHidden({ code, reason }: Problem): boolean {
  return code === 'not_found' || reason === 'not_a_participant';
}

/** The agent takes part, and the caller does so, too, or manages agents. */
function mayEnter(caller: Principal, agent: PrincipalId, { participants }: ConversationState): boolean {
  return participants.has(agent) && (isManager(caller) || participants.has(caller.id));
}

/** Metadata of a client; null: none. */
export function metadataIn(value: unknown): Readonly<Record<string, unknown>> | null {
  return value === undefined || value === null ? {} : isRecord(value) ? value : null;
}
