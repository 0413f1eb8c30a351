import t from 'tap';
import { FollowedWebhooks, webhooksChanged } from '../../../src/core/webhooks/followed-webhooks.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { StoredWebhook } from '../../../src/ports/webhooks/webhook-store.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { storedWebhook } from '../../kit/memory/stored-webhook.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Endpoints that a test changes, and what was done with them in this order. */
function stage(...first: readonly StoredWebhook[]) {
  const records = new Map(first.map((one) => [one.id, one]));
  const done: string[] = [];
  const failing = new Set<string>();
  const open = new Map<string, () => void>();
  const state = { isAway: false, looks: 0, atOnce: 0, atOnceMax: 0 };
  let tell = (): void => undefined;
  let tick = (): void => undefined;
  let hear = (_said: unknown): void => undefined;
  const said: object[] = [];
  const followed = new FollowedWebhooks({
    store: {
      async present() {
        state.looks += 1;
        await turn();
        return state.isAway ? new Problem('unavailable') : [...records.values()];
      },
      find: async ({ id }) => records.get(id) ?? null,
    },
    feed: {
      async consume({ id }) {
        state.atOnce += 1;
        state.atOnceMax = Math.max(state.atOnceMax, state.atOnce);
        await turn();
        state.atOnce -= 1;
        if (failing.delete(`consume ${id}`)) throw new Error('no leader');
        done.push(`consume ${id}`);
        return {
          close(graceMs) {
            done.push(`close ${id} ${graceMs}`);
            return new Promise((resolve) => open.set(id, resolve));
          },
        };
      },
      async forget({ id }) {
        if (failing.delete(`forget ${id}`)) throw new Error('no leader');
        done.push(`forget ${id}`);
      },
    },
    link: {
      node: 'here',
      tell: (_kind, body) => void said.push(body),
      onTell(kind, run) {
        if (kind === webhooksChanged) tell = () => run({});
        else hear = run;
      },
    },
    clock: {
      monotonicMs: () => 0,
      after(ms, run) {
        if (ms === limits.webhookPollMs) tick = run;
        return () => undefined;
      },
    },
    logger: silentLogger(),
    take: async () => null,
    onClosed: ({ id }) => void done.push(`closed ${id}`),
  });
  const set = (webhook: StoredWebhook): void => void records.set(webhook.id, webhook);
  /** Requests of the consumer that was closed are over. */
  const end = (id: string): Promise<void> => {
    open.get(id)?.();
    return turn();
  };
  /** Another node says that it is there. */
  const other = (node: string, fields: object = {}): void =>
    hear({ node, isReady: true, isLeaving: false, ...fields });
  const told = { tell: () => tell(), tick: () => tick(), other };
  return { followed, records, done, failing, state, set, end, said, ...told };
}

const a = storedWebhook({ id: 'a' });
const paused: StoredWebhook = { ...a, status: 'paused', changedAt: 2 };

t.test('what is active is consumed, what is paused is not, and found it is only while active', async (t) => {
  const { followed, done, set, end } = stage(a, storedWebhook({ id: 'b', status: 'disabled' }));
  await followed.look();
  t.same(done.splice(0), ['consume a']);
  t.equal(followed.find(a), a);
  t.equal(followed.find({ tenant: 'a', id: 'b' }), null);
  t.same(
    followed.present.map(({ id }) => id),
    ['a', 'b'],
  );
  await followed.look();
  t.same(done, [], 'nothing is news');
  set(paused);
  await followed.look();
  t.same(done.splice(0), ['closed a', `close a ${limits.webhookDrainMs}`]);
  t.equal(followed.find(a), null);
  set({ ...a, changedAt: 3 });
  await followed.look();
  t.same(done.splice(0), ['closed a', 'consume a'], 'not waiting for the requests of the former one');
  await end('a');
  t.same(done.splice(0), ['closed a']);
  t.match(followed.find(a), { changedAt: 3 });
});

t.test('another filter or secret is news without another consumer', async (t) => {
  const { followed, done, set } = stage(a);
  await followed.look();
  done.splice(0);
  set({ ...a, secret: 'another', changedAt: 2 });
  await followed.look();
  t.same(done, []);
  t.match(followed.find(a), { secret: 'another' });
  set({ ...a, url: 'https://example.org/other', changedAt: 3 });
  await followed.look();
  t.same(done, ['closed a'], 'what is known of another address does not count');
});

t.test('what waits for a removed one is dropped, again and again until that worked', async (t) => {
  const { followed, records, done, failing } = stage(a);
  await followed.look();
  records.clear();
  failing.add('forget a');
  await followed.look();
  t.same(done.splice(0), ['consume a', `close a ${limits.webhookDrainMs}`]);
  t.equal(followed.find(a), null);
  await followed.look();
  t.same(done.splice(0), ['forget a']);
  await followed.look();
  t.same(done, []);
});

t.test('one that cannot be opened is opened with the next look, and no other waits for it', async (t) => {
  const { followed, done, failing } = stage(a, storedWebhook({ id: 'b' }));
  failing.add('consume a');
  await followed.look();
  t.same(done.splice(0), ['consume b']);
  await followed.look();
  t.same(done.splice(0), ['consume a']);
});

t.test('with Postgres away it goes on with what it knows', async (t) => {
  const { followed, done, state, records } = stage(a);
  await followed.look();
  state.isAway = true;
  records.clear();
  await followed.look();
  t.same(done, ['consume a']);
  t.equal(followed.find(a), a);
});

t.test(
  'one look serves all who ask while another is under way; it looks now and then by itself',
  async (t) => {
    const { followed, state, tell, tick, set, done } = stage();
    await followed.look();
    const looks = state.looks;
    const first = followed.look();
    await Promise.resolve();
    set(a);
    for (let count = 0; count < 10; count += 1) tell();
    await Promise.all([first, followed.look()]);
    t.ok(state.looks <= looks + 2, `${state.looks - looks} looks`);
    t.same(done.splice(0), ['consume a'], 'what changed before the call was seen');
    set(paused);
    tick();
    await followed.look();
    t.equal(followed.find(a), null);
  },
);

t.test('a few are opened at once; closing ends all and waits for their requests', async (t) => {
  const all = Array.from({ length: 50 }, (_, at) => storedWebhook({ id: `w${at}` }));
  const { followed, state, end, done } = stage(...all);
  await followed.look();
  t.equal(state.atOnceMax, limits.webhooksOpenedAtOnce);
  const looks = state.looks;
  let isClosed = false;
  const closed = followed.close().then(() => {
    isClosed = true;
  });
  await turn();
  t.equal(done.filter((one) => one.startsWith('close ')).length, 50);
  for (const { id } of all.slice(1)) await end(id);
  t.equal(isClosed, false);
  await end('w0');
  await closed;
  await followed.look();
  t.equal(state.looks, looks, 'nothing is looked at afterwards');
});

t.test('another node takes its share, and leaves it when it ends; what is in hand here stays', async (t) => {
  const all = Array.from({ length: 40 }, (_, at) => storedWebhook({ id: `w${at}` }));
  const { followed, done, other, said } = stage(...all);
  t.match(said, [{ node: 'here', isReady: false }]);
  await followed.look();
  t.match(said.at(-1), { isReady: true });
  t.equal(done.splice(0).length, 40, 'alone it has them all');
  other('there', { isReady: false });
  await followed.look();
  t.same(done, [], 'who does not know them yet gets none');
  other('there');
  await followed.look();
  const left = done.splice(0).filter((one) => one.startsWith('close '));
  t.ok(left.length >= 8 && left.length <= 32, `${left.length} of 40`);
  t.equal(followed.present.length, 40 - left.length, 'it watches over its own');
  const gone = all.find(({ id }) => left.includes(`close ${id} ${limits.webhookDrainMs}`)) as StoredWebhook;
  t.equal(followed.find(gone), gone);
  other('there', { isLeaving: true });
  await followed.look();
  t.equal(done.filter((one) => one.startsWith('consume ')).length, left.length);
});
