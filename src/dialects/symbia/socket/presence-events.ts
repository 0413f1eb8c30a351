/** Volatile news: who writes, who is there and how. Told only to those who share a conversation. */
import type { PresenceNews } from '../../../core/bus.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { invalid } from '../fields.ts';
import { done, notIn, type SymbiaEvent, symbiaEvent } from './symbia-event.ts';
import { ConversationArgument, Done, PresenceArgument } from './wire.ts';

const example = { argument: '01936f2c-7f00-7000-8000-000000000001', ack: done };

function typing(name: 'typing:start' | 'typing:stop', summary: string): SymbiaEvent {
  const state = name === 'typing:start' ? 'start' : 'stop';
  return symbiaEvent(
    { name, summary, schema: ConversationArgument, ack: Done, rate: 'typing', example },
    { hidden: notIn, failed: 'Failed to tell' },
    async (session, argument) => {
      const at = session.at(argument);
      if (at instanceof Problem) return at;
      return (await session.live.typing(session.own, at.id, state)) ?? done;
    },
  );
}

const update = symbiaEvent(
  {
    name: 'presence:update',
    summary: 'Says how one is; every socket of those who share a conversation is told once.',
    schema: PresenceArgument,
    ack: Done,
    rate: 'typing',
    example: { argument: 'away', ack: done },
  },
  { hidden: notIn, failed: 'Failed to update presence' },
  async (session, argument) => {
    const news = decodeStatus(argument);
    if (news instanceof Problem) return news;
    return (await session.live.presence(session.own, news)) ?? done;
  },
);

const encoder = new TextEncoder();
/** Those that every API knows; others are told as they are, and as `online` where only these are known. */
const known: ReadonlySet<unknown> = new Set(['online', 'away', 'busy', 'offline']);

function decodeStatus(argument: unknown): PresenceNews | Problem {
  if (argument === undefined) return invalid('status', 'status is required');
  const bytes = encoder.encode(JSON.stringify(argument)).length;
  if (bytes > limits.presenceStatusBytesMax) {
    return new Problem('too_large', `status must be at most ${limits.presenceStatusBytesMax} bytes`);
  }
  if (typeof argument === 'string' && known.has(argument)) return { status: argument };
  const detail = typeof argument === 'string' ? argument.slice(0, limits.presenceDetailCharsMax) : null;
  return { status: 'online', detail, value: argument };
}

const announce = symbiaEvent(
  {
    name: 'announce:presence',
    summary: 'Says to everybody in a conversation, oneself included, that one is there.',
    schema: ConversationArgument,
    ack: Done,
    rate: 'typing',
    example,
  },
  { hidden: notIn, failed: 'Failed to announce presence' },
  async (session, argument) => {
    const at = session.at(argument);
    if (at instanceof Problem) return at;
    return (await session.live.arrive(session.own, at.id)) ?? done;
  },
);

export const presenceEvents: readonly SymbiaEvent[] = [
  typing('typing:start', 'Says that one writes; ends by itself after 6 s and with the connection.'),
  typing('typing:stop', 'Says that one does not write any more.'),
  update,
  announce,
];
