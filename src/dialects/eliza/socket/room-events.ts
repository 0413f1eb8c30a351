/** Joining and leaving: what a client hears of. */

import { exampleValues as example } from '../../../contract/examples/values.ts';
import { type SocketEvent, socketEvent } from '../../../contract/sockets/event-socket.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { isRecord } from '../fields.ts';
import type { ElizaSession } from './eliza-session.ts';
import { Done, JoinArgument, LeaveArgument, WorldStateArgument } from './wire.ts';
import { worldStateOf } from './world-state.ts';

const done = { success: true };
const roomId = example.conversation;

/** Any text that is not empty joins, be there such a channel or not. */
export async function joinRoom(session: ElizaSession, payload: unknown): Promise<object | Problem> {
  const channelId = roomOf(payload);
  if (channelId === null) return new Problem('invalid_request', 'channelId is required for joining.');
  const { agentId } = payload as { readonly agentId?: unknown };
  const agent = typeof agentId === 'string' ? canonicalUuid(agentId) : null;
  return await session.turns.alone(turnOf(channelId), async () => {
    const refused = await session.rooms.join(channelId, agent);
    if (refused !== null) return refused;
    const joined = {
      message: `Socket joined channel ${channelId}.`,
      ...{ channelId, roomId: channelId },
      ...(agent === null ? {} : { agentId: agent }),
    };
    session.send('channel_joined', joined);
    session.send('room_joined', joined);
    return done;
  });
}

/** One id may be written in several ways. */
function turnOf(channelId: string): string {
  return canonicalUuid(channelId) ?? channelId;
}

/** Null: none is named. */
function roomOf(payload: unknown): string | null {
  if (!isRecord(payload)) return null;
  const named = payload['channelId'] ?? payload['roomId'];
  const isId = typeof named === 'string' && named !== '' && named.length <= limits.principalIdCharsMax;
  return isId ? named : null;
}

const join = socketEvent(
  {
    name: 'join',
    summary: 'Hears a channel, or what becomes of a session: answered by channel_joined and room_joined.',
    schema: JoinArgument,
    ack: Done,
    rate: 'read',
    example: { argument: { roomId }, ack: done },
  },
  (session: ElizaSession, argument) => joinRoom(session, argument),
);

const joinByNumber = socketEvent(
  {
    name: '1',
    summary: 'The same as `join`.',
    schema: JoinArgument,
    ack: Done,
    rate: 'read',
    example: { argument: { channelId: roomId }, ack: done },
  },
  (session: ElizaSession, argument) => joinRoom(session, argument),
);

const leave = socketEvent(
  {
    name: 'leave',
    summary: 'Hears no more of it on this socket.',
    schema: LeaveArgument,
    ack: Done,
    rate: 'read',
    example: { argument: { roomId }, ack: done },
  },
  (session: ElizaSession, argument) => {
    const channelId = roomOf(argument);
    if (channelId === null) return new Problem('invalid_request', 'roomId is required for leaving.');
    return session.turns.alone(turnOf(channelId), async () => {
      session.rooms.leave(channelId);
      return done;
    });
  },
);

const worldState = socketEvent(
  {
    name: 'request-world-state',
    summary: 'Who is in a channel, and what was said last: answered by world-state.',
    schema: WorldStateArgument,
    ack: Done,
    rate: 'read',
    example: { argument: { roomId }, ack: done },
  },
  async (session: ElizaSession, argument) => {
    const named = roomOf(argument);
    const id = named === null ? null : canonicalUuid(named);
    if (id === null) return new Problem('invalid_request', 'roomId must be a UUID.');
    return await session.turns.alone(id, async () => {
      const state = await worldStateOf(session, session.rooms.channelOf(id));
      if (state instanceof Problem) return state;
      session.send('world-state', state);
      return done;
    });
  },
);

export const roomEvents: readonly SocketEvent[] = [join, joinByNumber, leave, worldState];
