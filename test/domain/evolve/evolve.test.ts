import t from 'tap';
import { evolve, evolveAll } from '../../../src/domain/evolve/evolve.ts';
import { limits } from '../../../src/domain/limits.ts';
import { emptyState } from '../../../src/domain/state.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import { ada, ben, cleo, dora, harbour, hook, iris, refusal } from '../../kit/memory/memory-harbour.ts';
import { uuid } from '../../kit/memory/memory-principals.ts';

const five = uuid(5);

t.test('a state follows its log: position, seq, log sequence, time and node', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one'));
  c.tick(5);
  c.accept(ada, { op: 'update', name: 'Port' });
  t.match(c.state, { position: 3, seq: 1, logSeq: 3, at: c.now, lastNode: 'node-a', name: 'Port' });
});

t.test('folding does not change the state that is folded onto', async (t) => {
  const c = harbour();
  const before = { ...c.state };
  const participants = [...c.state.participants.keys()];
  c.accept(dora, { op: 'join' });
  c.accept(hook, control('stream.pause'));
  t.same(before.paused, null);
  t.same([...before.participants.keys()], participants);
});

t.test('who joins later counts as unread only what comes after', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one'));
  c.accept(cleo, post('two'));
  c.accept(dora, { op: 'join' });
  t.equal(c.state.participants.get('cleo')?.joinedSeq, 0);
  t.equal(c.state.participants.get('dora')?.joinedSeq, 2);
});

t.test('a run is over after fifteen idle minutes', async (t) => {
  const c = harbour();
  c.accept(iris, post('a', { run: 'idle' }));
  c.tick(limits.runIdleMs - 1_000);
  c.accept(iris, post('b', { run: 'busy' }));
  t.same([...c.state.openRuns.keys()].sort(), ['busy', 'idle']);
  c.tick(2_000);
  c.accept(iris, post('c', { run: 'busy' }));
  t.same([...c.state.openRuns.keys()], ['busy']);
});

t.test('a run belongs to who opened it', async (t) => {
  const c = harbour();
  c.accept(iris, post('a', { run: 'r' }));
  c.accept(cleo, post('b', { run: 'r' }));
  t.equal(c.state.openRuns.get('r')?.owner, 'iris');
});

t.test('a fold over erased messages knows their seq, their ids and their run', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one'));
  c.accept(iris, post('two', { messageId: five, clientId: 'c2', run: 'r1' }));
  c.accept(iris, { op: 'edit', message: five, content: 'two!', metadata: null });
  c.accept(ada, { op: 'delete', message: five });
  t.same(
    c.log.map((entry) => entry.event.position),
    [1, 2, 5],
  );
  const folded = evolveAll(emptyState(), c.log);
  t.match(folded, { position: 5, seq: 2, logSeq: 5 });
  t.equal(folded.openRuns.get('r1')?.owner, 'iris');
  c.state = folded;
  t.match(c.decide(iris, post('two', { clientId: 'c2' })), {
    kind: 'duplicate',
    first: { seq: 2, position: 3 },
  });
  t.equal(refusal(c.decide(iris, post('two', { messageId: five }))), 'message_id_taken');
  t.equal(c.accept(ben, post('three')).events[0]?.seq, 3);
});

t.test('an attempt that lost its race leaves no retry behind', async (t) => {
  const c = harbour();
  const before = c.state;
  const lost = post('mine', { clientId: 'c1', messageId: five });
  const attempt = c.handle(cleo, lost);
  t.equal(refusal(attempt), 'ok');
  // Another node's control event took the position: the attempt never happened.
  const winner = harbour();
  winner.accept(hook, control('stream.pause'));
  c.state = evolve(before, winner.appended[1]!);
  t.match(c.decide(cleo, lost), { kind: 'append' });
});

t.test('a deletion that was folded by who saw the message changes nothing but the numbers', async (t) => {
  const c = harbour();
  c.accept(iris, post('two', { messageId: five, run: 'r1' }));
  const { openRuns, seq } = c.state;
  const { state } = c.accept(ada, { op: 'delete', message: five });
  t.equal(state.openRuns, openRuns);
  t.equal(state.seq, seq);
});
