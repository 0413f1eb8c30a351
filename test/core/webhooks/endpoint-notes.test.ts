import t from 'tap';
import type { Failed } from '../../../src/core/webhooks/attempt.ts';
import { EndpointNotes } from '../../../src/core/webhooks/endpoint-notes.ts';
import type { StoredWebhook } from '../../../src/ports/webhooks/webhook-store.ts';
import { storedWebhook } from '../../kit/memory/stored-webhook.ts';

const failure: Failed = { kind: 'failed', status: 500, reason: 'status', retryAfterMs: null };

/** A store that writes down what is asked of it, each after a turn of the event loop. */
function stage(webhook: StoredWebhook = storedWebhook()) {
  const written: string[] = [];
  const clock = { nowUs: 1_000_000_000, nowMicros: () => clock.nowUs };
  const write = async (what: string): Promise<null> => {
    await new Promise((resolve) => setImmediate(resolve));
    written.push(what);
    return null;
  };
  const store = {
    noteSuccess: () => write('success'),
    noteFailure: () => write('failure'),
    change: (_ref: unknown, { failingSince }: { failingSince?: number | null }) =>
      write(`failing since ${failingSince}`),
  };
  return { written, clock, webhook, notes: new EndpointNotes({ store, clock }) };
}

t.test(
  'successes are written down once a minute, a failure always, and when it begins to fail',
  async (t) => {
    const { notes, webhook, written, clock } = stage();
    for (let count = 0; count < 3; count += 1) await notes.succeeded(webhook);
    t.same(written.splice(0), ['success']);
    clock.nowUs += 60_000_000;
    await notes.succeeded(webhook);
    t.same(written.splice(0), ['success']);
    const since = clock.nowUs;
    t.equal(await notes.failed(webhook, failure), 0);
    clock.nowUs += 5_000_000;
    t.equal(await notes.failed(webhook, failure), 5_000);
    t.same(written.splice(0), ['failure', `failing since ${since}`, 'failure']);
    t.equal(notes.isFailing(webhook), true);
    await notes.succeeded(webhook);
    t.same(written.splice(0), ['success', 'failing since null']);
    t.equal(notes.isFailing(webhook), false);
  },
);

t.test('a success while a failure is written does not make it a failure of years', async (t) => {
  const { notes, webhook, written } = stage();
  const [failingMs] = await Promise.all([notes.failed(webhook, failure), notes.succeeded(webhook)]);
  t.equal(failingMs, 0);
  t.equal(notes.isFailing(webhook), false);
  t.notMatch(written.at(-1), /failing since \d/, 'and the last word is that it works');
});

t.test('what another node wrote of it counts, until it is forgotten', async (t) => {
  const { notes, webhook, clock } = stage(storedWebhook({ failingSince: 1_000 }));
  t.equal(await notes.failed(webhook, failure), (clock.nowUs - 1_000) / 1_000);
  notes.forget(webhook);
  t.equal(await notes.failed({ ...webhook, failingSince: null }, failure), 0, 'it began anew');
});
