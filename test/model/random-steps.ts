/** What a cast of people, agents and services may do, drawn at random: the input of the model tests. */
import fc from 'fast-check';
import type { Command } from '../../src/domain/command.ts';
import type { Principal, PrincipalKind, Scope } from '../../src/domain/principal.ts';
import { control, member, post } from '../kit/memory/memory-commands.ts';
import { principal } from '../kit/servers/core-node.ts';

export interface Cast {
  readonly owner: Principal;
  /** Everybody who sends commands; Nova is in no conversation when it begins. */
  readonly actors: readonly Principal[];
  /** In no conversation, may read all of them. */
  readonly witness: Principal;
}

export type Act =
  /** `back`: names the n-th newest message that this test knows of. `isTwin`: sent to two nodes at once. */
  | { readonly kind: 'command'; readonly command: Command; readonly back: number; readonly isTwin: boolean }
  /** Streams deltas of a message, then posts it, or falls silent. */
  | { readonly kind: 'stream'; readonly run: string; readonly deltas: number; readonly isPosted: boolean }
  /** Somebody begins to read; `depth` null: live only, else that many positions before the newest known. */
  | { readonly kind: 'read'; readonly depth: number | null };

export interface Step {
  readonly act: Act;
  readonly conversation: number;
  readonly node: 0 | 1 | 2;
  /** Turns of the event loop that it waits first. */
  readonly turns: number;
}

const everything: readonly Scope[] = ['cap:messaging.interrupt', 'cap:messaging.route'];

export function makeCast(tenant: string): Cast {
  const one = (id: string, kind: PrincipalKind, scopes: readonly Scope[] = []): Principal =>
    principal(tenant, id, kind, scopes);
  const owner = one('ada', 'user', everything);
  const actors = [
    owner,
    one('ben', 'user'),
    one('cleo', 'user'),
    one('iris', 'agent'),
    one('juno', 'agent', everything),
    one('nova', 'agent'),
    one('hook', 'service', everything),
  ];
  return { owner, actors, witness: one('eye', 'service', ['cap:messaging.observe']) };
}

const oneOf = <T>(...list: readonly T[]) => fc.constantFrom(...list);
const run = oneOf(null, null, 'r1', 'r2', 'r3');
const role = oneOf('owner' as const, 'admin' as const, 'member' as const, 'member' as const);

const posting = fc
  .record({
    content: oneOf('a', 'b'),
    clientId: oneOf(null, null, 'c1', 'c2', 'c3', 'c4', 'c5', 'c6'),
    run,
    endRun: fc.boolean(),
    priority: oneOf(null, null, null, null, 'high' as const, 'critical' as const),
    mayJoin: fc.boolean(),
  })
  .map(({ content, ...fields }) => post(content, fields));

function controlling(cast: Cast): fc.Arbitrary<Command> {
  const target = oneOf(null, ...cast.actors.map((one) => one.id));
  const events = ['stream.pause', 'stream.resume', 'stream.resume', 'stream.preempt', 'stream.cancel'];
  return fc
    .record({
      event: oneOf(...events, 'stream.route', 'stream.handoff', 'stream.priority', 'x.note', 'nonsense'),
      target,
      run,
      priority: oneOf(null, 'low' as const, 'critical' as const),
      roleSuffices: fc.boolean(),
    })
    .map(({ event, ...fields }) => control(event, fields));
}

function commands(cast: Cast): fc.Arbitrary<Command> {
  const anyone = oneOf(...cast.actors);
  return fc.oneof(
    { weight: 16, arbitrary: posting },
    { weight: 4, arbitrary: controlling(cast) },
    { weight: 1, arbitrary: fc.constant(control('stream.route')) },
    {
      weight: 3,
      arbitrary: oneOf('x', 'y').map((content) => ({
        op: 'edit' as const,
        message: '',
        content,
        metadata: null,
      })),
    },
    { weight: 2, arbitrary: fc.constant({ op: 'delete' as const, message: '' }) },
    {
      weight: 3,
      arbitrary: oneOf('👍', '👎').map((emoji) => ({ op: 'react' as const, message: '', emoji })),
    },
    { weight: 1, arbitrary: fc.constant({ op: 'join' as const }) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(anyone, role)
        .map(([who, as]) => ({ op: 'participant.add' as const, participant: member(who, as) })),
    },
    {
      weight: 1,
      arbitrary: anyone.map(({ id }) => ({ op: 'participant.remove' as const, participant: id })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(anyone, role)
        .map(([{ id }, as]) => ({ op: 'participant.role' as const, participant: id, role: as })),
    },
    { weight: 1, arbitrary: oneOf('n', 'm').map((name) => ({ op: 'update' as const, name })) },
    {
      weight: 1,
      arbitrary: oneOf('active' as const, 'archived' as const, 'closed' as const).map((stage) => ({
        op: 'update' as const,
        stage,
      })),
    },
  );
}

function acts(cast: Cast): fc.Arbitrary<Act> {
  return fc.oneof(
    {
      weight: 14,
      arbitrary: fc
        .record({ command: commands(cast), back: fc.nat({ max: 6 }), isTwin: oneOf(true, false, false) })
        .map((fields) => ({ kind: 'command' as const, ...fields })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({
          run: oneOf('r1', 'r2', 'r4'),
          deltas: fc.integer({ min: 1, max: 6 }),
          isPosted: fc.boolean(),
        })
        .map((fields) => ({ kind: 'stream' as const, ...fields })),
    },
    {
      weight: 1,
      arbitrary: oneOf(null, 0, 1, 5, 40, 10_000).map((depth) => ({ kind: 'read' as const, depth })),
    },
  );
}

/** One script for each actor and line: what it does one after another while all others do theirs. */
export function scripts(
  cast: Cast,
  options: { readonly lines: number; readonly steps: number; readonly conversations: number },
): fc.Arbitrary<readonly (readonly Step[])[]> {
  const step = fc.record({
    act: acts(cast),
    conversation: fc.nat({ max: options.conversations - 1 }),
    node: oneOf(0 as const, 0 as const, 1 as const, 1 as const, 2 as const),
    turns: oneOf(0, 0, 0, 1, 5),
  });
  const script = fc.array(step, { minLength: options.steps, maxLength: options.steps });
  return fc.array(script, { minLength: options.lines, maxLength: options.lines });
}
