import t from 'tap';
import { openEffects } from '../../../src/core/conversations/effects.ts';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import type { LogEntry } from '../../../src/domain/event.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

/** Effects over a projection that does what the test says; `done` is what happened, in order. */
function world(applyStructural: () => Promise<Problem | null>) {
  const done: string[] = [];
  const ref = freshRef();
  const effects = openEffects({
    log: { purgeBefore: async () => null } as never,
    live: {
      publishInbox: (_: string, principal: string, kind: string) => void done.push(`${kind} ${principal}`),
    } as never,
    projection: {
      applyStructural: () => {
        done.push('project');
        return applyStructural();
      },
    } as never,
    drafts: { endAll: () => void done.push('end drafts') } as never,
    logger: silentLogger(),
  });
  const run = (type: string, data: object): Promise<void> | null => {
    const { event, ...beside } = messageEntry(ref, 1);
    const entry = { ...beside, event: { ...event, type, data } } as unknown as LogEntry;
    return effects(new LoadedConversation(ref), [entry]);
  };
  return { done, run };
}

const participant = { id: 'eve', kind: 'user', role: 'member' };

t.test('who is added is told before the projection is asked, and again when it knows', async (t) => {
  const { done, run } = world(async () => null);
  await run('participant.added', { participant });
  t.same(done, ['added eve', 'project', 'added eve']);
});

t.test('who is removed is told once', async (t) => {
  const { done, run } = world(async () => null);
  await run('participant.removed', { participant: 'eve', by: 'ann' });
  t.same(done, ['removed eve', 'project']);
});

t.test('a projection that fails takes nobody the note', async (t) => {
  for (const failing of [async () => new Problem('unavailable'), () => Promise.reject(new Error('away'))]) {
    const { done, run } = world(failing);
    await run('participant.added', { participant });
    t.equal(done[0], 'added eve');
  }
});

t.test('a projection that hangs does not hold the note back', (t) => {
  const { done, run } = world(() => new Promise(() => undefined));
  void run('participant.added', { participant });
  t.same(done, ['added eve', 'project']);
  t.end();
});

t.test('a deletion ends the drafts', async (t) => {
  const { done, run } = world(async () => null);
  await run('conversation.deleted', {});
  t.same(done, ['project', 'end drafts']);
});
