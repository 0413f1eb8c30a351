/** Agents as clients of ElizaOS read them (eliza.md §2). */
import { type Static, Type } from '@sinclair/typebox';
import { msOf } from '../../../domain/time.ts';
import type { ListedAgent, ManagedAgent } from '../../../ports/agents/agents.ts';
import { exampleAgent, millis, text } from './declared.ts';

export const Status = Type.Union([Type.Literal('active'), Type.Literal('inactive')], {
  description: '`active`: it runs',
  examples: ['active'],
});

export const AgentItem = Type.Object({
  id: text(exampleAgent),
  name: text('Two'),
  characterName: text('Two'),
  bio: text('Knows every ship.', 'Its first line'),
  status: Status,
});
export type AgentItem = Static<typeof AgentItem>;

/** Everything else in a character stands beside these as it came. */
export const AgentRow = Type.Object(
  {
    id: text(exampleAgent),
    enabled: Type.Boolean({ examples: [true] }),
    server_id: Type.Null(),
    createdAt: millis('When it was made'),
    updatedAt: millis('When it was last changed'),
    name: text('Two'),
    username: Type.Union([Type.String(), Type.Null()], { examples: ['two'] }),
    system: Type.Union([Type.String(), Type.Null()], { examples: ['You are a harbour master.'] }),
    bio: Type.Array(Type.String(), { examples: [['Knows every ship.']] }),
    messageExamples: Type.Array(Type.Unknown(), { examples: [[]] }),
    postExamples: Type.Array(Type.String(), { examples: [[]] }),
    topics: Type.Array(Type.String(), { examples: [['ships']] }),
    adjectives: Type.Array(Type.String(), { examples: [['calm']] }),
    knowledge: Type.Array(Type.Unknown(), { examples: [[]] }),
    plugins: Type.Array(Type.String(), { examples: [[]] }),
    settings: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Without secrets',
      examples: [{ SESSION_TIMEOUT_MINUTES: 30 }],
    }),
    style: Type.Record(Type.String(), Type.Unknown(), { examples: [{ all: ['short'] }] }),
    status: Status,
  },
  { additionalProperties: true },
);
export type AgentRow = Static<typeof AgentRow>;

export function encodeItem({ id, name, bio, isRunning }: ListedAgent): AgentItem {
  const [line = ''] = (bio ?? '').split('\n');
  return { id, name, characterName: name, bio: line, status: statusOf(isRunning) };
}

export function encodeAgent({ id, character, isRunning, createdAt, updatedAt }: ManagedAgent): AgentRow {
  const { bio, ...rest } = character;
  const none: Partial<AgentRow> = {
    ...{ username: null, system: null, messageExamples: [], postExamples: [], topics: [], adjectives: [] },
    ...{ knowledge: [], plugins: [], settings: {}, style: {} },
  };
  return {
    ...none,
    ...rest,
    bio: typeof bio === 'string' ? [bio] : (bio ?? []),
    ...{ id, enabled: true, server_id: null, status: statusOf(isRunning) },
    ...{ createdAt: msOf(createdAt), updatedAt: msOf(updatedAt) },
  } as AgentRow;
}

/** What clients send back of what they read, and is no part of a character. */
export function characterIn(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !ofRow.has(name)));
}

const ofRow: ReadonlySet<string> = new Set([
  ...['id', 'enabled', 'server_id', 'createdAt', 'updatedAt', 'status', 'characterName', 'agentId'],
]);

export function statusOf(isRunning: boolean): 'active' | 'inactive' {
  return isRunning ? 'active' : 'inactive';
}
