import t from 'tap';
import type { DeltaCommand } from '../../../src/core/live/live-bus.ts';
import type { NativeConnection } from '../../../src/dialects/native/connection.ts';
import { deltaFrame } from '../../../src/dialects/native/delta-frame.ts';
import { Problem } from '../../../src/domain/problem.ts';

const fields = {
  conversation: '01890000-0000-7000-8000-0000000000c1',
  message_id: '01890000-0000-7000-8000-0000000000a1',
  run: 'r1',
  index: 0,
  text: 'hello',
};

t.test(
  'a delta carries the data class of its frame, else of its handshake, so that its draft is sealed',
  async (t) => {
    const taken: DeltaCommand[] = [];
    const live = { delta: async (_: unknown, delta: DeltaCommand) => void taken.push(delta) };
    const connection = (dataClass: string): NativeConnection =>
      ({ session: {}, world: { live }, context: { dataClass } }) as unknown as NativeConnection;
    await deltaFrame.run(connection('none'), { ...fields, data_class: 'phi' } as never, null);
    await deltaFrame.run(connection('none'), fields as never, null);
    await deltaFrame.run(connection('secret'), fields as never, null);
    t.same(
      taken.map(({ dataClass }) => dataClass),
      ['phi', undefined, 'secret'],
    );
  },
);

t.test('a delta that is refused after it was taken names its frame', async (t) => {
  const told: unknown[] = [];
  const live = {
    delta: async (_: unknown, __: DeltaCommand, onProblem: (problem: Problem) => void) =>
      onProblem(new Problem('run_preempted')),
  };
  const connection = {
    session: {},
    world: { live },
    context: { dataClass: 'none' },
    answer: (id: string | null, problem: Problem) => told.push([id, problem.code]),
  } as unknown as NativeConnection;
  await deltaFrame.run(connection, fields as never, 'd7');
  t.same(told, [['d7', 'run_preempted']]);
});
