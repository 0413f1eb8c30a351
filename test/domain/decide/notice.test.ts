import t from 'tap';
import type { NoticeCommand } from '../../../src/domain/command.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import { ada, cleo, dora, harbour, refusal } from '../../kit/memory/memory-harbour.ts';
import { uuid } from '../../kit/memory/memory-principals.ts';

const notice = (id = uuid(9)): NoticeCommand => ({
  ...{ op: 'notice', event: 'session.expiring', id },
  metadata: { session_id: 's', minutes_remaining: 5 },
});

t.test('it becomes a control event without an effect, in the name of whom it concerns', async (t) => {
  const c = harbour();
  const { state: before } = c;
  const { events, state } = c.accept(cleo, notice(), c.context({ id: uuid(9) }));
  t.match(events, [
    {
      ...{ type: 'control', id: uuid(9), actor: { id: cleo.id } },
      data: { event: 'session.expiring', runs: [], target: null, metadata: { minutes_remaining: 5 } },
    },
  ]);
  t.match(
    [state.paused, state.floor, state.openRuns.size],
    [before.paused, before.floor, before.openRuns.size],
  );
});

t.test('it is said once, however often it is asked for', async (t) => {
  const c = harbour();
  c.accept(cleo, notice(), c.context({ id: uuid(9) }));
  c.accept(ada, post('meanwhile'));
  t.same(c.accept(cleo, notice(), c.context({ id: uuid(9) })).events, []);
  t.equal(c.accept(cleo, notice(uuid(8)), c.context({ id: uuid(8) })).events.length, 1);
});

t.test('who takes no part is told nothing', async (t) => {
  t.equal(refusal(harbour().decide(dora, notice())), 'not_found');
});

t.test('nobody can send one', async (t) => {
  t.equal(refusal(harbour().decide(ada, control('session.expiring'))), 'invalid_control');
});
