/** Readers in memory: a session on a node of its own, and what it was sent. */
import type { LiveSession } from '../../../src/core/live/live-bus.ts';
import { nativeWording } from '../../../src/dialects/native/encode.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { MemorySocket } from '../memory/memory-sockets.ts';
import type { CoreNode } from '../servers/core-node.ts';

export interface Reader {
  readonly socket: MemorySocket;
  readonly session: LiveSession;
  /** Positions at the time of the reply, by conversation: where a reader without a cursor begins. */
  readonly openedAt: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, string>;
  leave(): void;
}

/** Opens conversations for a principal; `after` null: live only. Resolves when the backlog was sent. */
export async function openReader(
  node: CoreNode,
  who: Principal,
  conversations: readonly string[],
  after: number | null = null,
): Promise<Reader> {
  const socket = node.sockets.socket();
  const session = node.core.live.begin(who, socket, nativeWording);
  const cursor = after === null ? null : { epoch: null, position: after };
  const openedAt = new Map<string, number>();
  const refused = new Map<string, string>();
  const requests = conversations.map((conversation) => ({ conversation, after: cursor }));
  await node.core.live.open(session, requests, (opened, refusals) => {
    for (const one of opened) {
      openedAt.set(one.ref.conversation, one.state.position);
      socket.frames.push({ opened: one.ref.conversation, drafts: one.drafts.map((draft) => ({ ...draft })) });
    }
    for (const one of refusals) refused.set(one.conversation, one.problem.code);
  });
  return { socket, session, openedAt, refused, leave: () => node.core.live.end(session) };
}

/** The answer of a call that must not be refused. */
export function must<T>(value: T | Problem): T {
  if (value instanceof Problem) throw new Error(`${value.code}: ${value.message}`);
  return value;
}
