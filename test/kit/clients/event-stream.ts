/** Random histories of several conversations, made by the real rules: what a projector may meet. */
import type { Command } from '../../../src/domain/command.ts';
import type { DataClass, ParticipantRole } from '../../../src/domain/event.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { entryId } from '../../../src/domain/timeline.ts';
import type { PlacedEntry } from '../../../src/ports/projection.ts';
import { control, create, member, post } from '../memory/memory-commands.ts';
import { MemoryConversation } from '../memory/memory-conversation.ts';
import { agent, everyControl, person, uuid } from '../memory/memory-principals.ts';

export interface EventStream {
  readonly conversations: readonly MemoryConversation[];
  /** Every event in the order in which it was appended. */
  readonly appended: readonly PlacedEntry[];
  /** What the log still holds once everything that was deleted is erased. */
  remaining(): readonly PlacedEntry[];
}

export interface EventStreamOptions {
  readonly seed: number;
  readonly conversations: number;
  readonly commands: number;
  /** Default true: agents post in runs, which control events open and stop. */
  readonly runs?: boolean;
}

type Choose = <T>(from: readonly T[]) => T;

/** The same seed gives the same stream. */
export function eventStream(options: EventStreamOptions): EventStream {
  const random = mulberry32(options.seed);
  const choose: Choose = (from) => from[Math.floor(random() * from.length)]!;
  const appended: PlacedEntry[] = [];
  let ids = options.seed * 1_000_000;
  const nextId = (): string => uuid(++ids);
  const conversations = Array.from({ length: options.conversations }, (_, index) => {
    const service = index % 3 === 2 ? 'svc.1' : null;
    return new MemoryConversation({ tenant: `tenant-${index % 2}`, service, conversation: nextId() }, nextId);
  });
  const handle = (one: MemoryConversation, by: Principal, command: Command, dataClass: DataClass): void => {
    const before = one.appended.length;
    const principal = { ...by, tenant: one.ref.tenant };
    if (one.handle(principal, command, one.context({ dataClass })) instanceof Problem) return;
    for (const entry of one.appended.slice(before)) appended.push({ ref: one.ref, entry });
  };
  for (const one of conversations) {
    const { service } = one.ref;
    handle(
      one,
      people[0]!,
      create({
        service,
        participants: everybody.slice(1, 4).map((p) => member(p)),
        ...(service === null ? {} : { stage: 'archived', entity: { type: 'work_order', id: null } }),
      }),
      'none',
    );
  }
  const all = Array.from({ length: 8 }, () => kinds).flat();
  // Deletions of conversations are rare: most of a history lies before them.
  const makers = [...all, deleteConversation];
  for (let index = 0; index < options.commands; index += 1) {
    const one = choose(conversations).tick(Math.floor(random() * 2_000));
    const command = choose(makers)(one, choose, options.runs ?? true);
    handle(one, actorFor(one, command, choose), command, choose(dataClasses));
  }
  return { conversations, appended, remaining: () => remaining(conversations, appended) };
}

/** Only a sender may edit: half of the time it is who tries. */
function actorFor(one: MemoryConversation, command: Command, choose: Choose): Principal {
  const entry = command.op === 'edit' || command.op === 'delete' ? one.entry(command.message) : null;
  const sender = everybody.find(({ id }) => id === entry?.event.actor.id);
  return sender !== undefined && choose([true, false]) ? sender : choose(everybody);
}

function remaining(
  conversations: readonly MemoryConversation[],
  appended: readonly PlacedEntry[],
): PlacedEntry[] {
  const left = new Set<object>();
  for (const one of conversations) {
    const isDeleted = one.state.status === 'deleted';
    for (const entry of isDeleted ? one.log.slice(-1) : one.log) left.add(entry);
  }
  return appended.filter(({ entry }) => left.has(entry));
}

const people = [person('ada', { scopes: everyControl }), person('bob'), person('cy "quoted"')];
const agents = [agent('assistant:x'), agent('assistant\\y')];
const everybody: readonly Principal[] = [...people, ...agents];
const dataClasses: readonly DataClass[] = ['none', 'none', 'none', 'pii', 'phi', 'secret'];
const roles: readonly ParticipantRole[] = ['owner', 'admin', 'member', 'member'];
const texts = ['hello harbour', 'a "quoted" word', 'back\\slash', '', 'süß 🦊 {1,2}', 'NULL', 'line\nbreak'];

type Maker = (one: MemoryConversation, choose: Choose, runs: boolean) => Command;

const someMessage = (one: MemoryConversation, choose: Choose): string =>
  one.timeline.length === 0 ? uuid(0) : entryId(choose(one.timeline.slice(-12)));

const somePost: Maker = (one, choose, runs) => {
  const run = runs && choose([true, false]) ? choose(['run-1', 'run-2', 'run-3']) : null;
  return post(choose(texts), {
    run,
    endRun: run !== null && choose([true, false]),
    clientId: choose([null, `c${one.appended.length}`, `c${one.appended.length - 3}`]),
    replyTo: choose([null, null, someMessage(one, choose)]),
    priority: choose([null, 'critical']),
    metadata: choose([{}, { a: [1, 'two', null], b: { c: 'd "e"' } }, { is_internal: true }]),
    contentType: choose(['text', 'markdown']),
    mayJoin: choose([true, false]),
  });
};

const kinds: readonly Maker[] = [
  somePost,
  somePost,
  somePost,
  somePost,
  (one, choose) => ({
    op: 'edit',
    message: someMessage(one, choose),
    content: `edited ${choose(texts)}`,
    metadata: choose([null, { edited: true }]),
  }),
  (one, choose) => ({
    op: 'edit',
    message: someMessage(one, choose),
    content: choose(texts),
    metadata: null,
  }),
  (one, choose) => ({ op: 'delete', message: someMessage(one, choose) }),
  (one, choose) => ({ op: 'react', message: someMessage(one, choose), emoji: choose(['👍', '🦊', 'a"b']) }),
  (one, choose) => ({ op: 'react', message: someMessage(one, choose), emoji: '👍' }),
  (_, choose) => ({ op: 'participant.add', participant: member(choose(everybody), choose(roles)) }),
  (_, choose) => ({ op: 'participant.remove', participant: choose(everybody).id }),
  (_, choose) => ({ op: 'participant.role', participant: choose(everybody).id, role: choose(roles) }),
  () => ({ op: 'join' }),
  (_, choose) =>
    choose<Command>([
      { op: 'update', name: choose(texts) },
      { op: 'update', description: choose([null, ...texts]) },
      { op: 'update', stage: choose(['active', 'archived', 'closed']) },
      { op: 'update', metadata: { topic: choose(texts), deep: { list: [1, 2, 3] } } },
    ]),
  (_, choose, runs) =>
    control(
      choose([
        'stream.pause',
        'stream.resume',
        'stream.route',
        'stream.priority',
        'x.note',
        ...(runs ? ['stream.preempt', 'stream.cancel'] : []),
      ]),
      {
        target: choose([null, agents[0]!.id]),
        reason: choose([null, 'because']),
        priority: choose(['low', 'high']),
        metadata: choose([{}, { why: 'not' }]),
      },
    ),
  () => control('stream.resume'),
];

const deleteConversation: Maker = () => ({ op: 'conversation.delete' });

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
