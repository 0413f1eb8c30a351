import t from 'tap';
import { deliveryFinderOver } from '../../../src/core/webhooks/find-deliveries.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { parseMicros } from '../../../src/domain/time.ts';
import type { WantingWebhook } from '../../../src/domain/webhook.ts';
import type { PlacedEntry } from '../../../src/ports/projection.ts';
import type { WebhookDelivery } from '../../../src/ports/webhooks/webhook-deliveries.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

const ref = freshRef();
const other = freshRef();
const entry = (position: number, where = ref): PlacedEntry => ({
  ref: where,
  entry: { ...messageEntry(where, position), logSeq: position * 10 },
});
const firstUs = parseMicros(entry(1).entry.event.at) ?? 0;

const webhook = (id: string, fields: Partial<WantingWebhook> = {}): WantingWebhook => ({
  ...{ tenant: ref.tenant, id, createdAt: firstUs },
  filter: { types: [], conversation: null, service: null },
  ...fields,
});

/** What was asked, and added. */
function stage(present: readonly WantingWebhook[] | Problem, since = 0, refused: Problem | null = null) {
  const asked: string[][] = [];
  const added: WebhookDelivery[] = [];
  const find = deliveryFinderOver({
    webhooks: {
      async of(tenants) {
        asked.push([...tenants]);
        return present;
      },
    },
    queue: {
      async add(deliveries) {
        added.push(...deliveries);
        return refused;
      },
    },
    logger: silentLogger(),
    since: () => since,
  });
  return { asked, added, find };
}

t.test('each tenant is asked for once, and each pair of event and endpoint is a delivery', async (t) => {
  const only = webhook('only', { filter: { types: ['control'], conversation: null, service: null } });
  const { asked, added, find } = stage([webhook('one'), webhook('two'), only]);
  await find([entry(1), entry(2), entry(3, other)]);
  t.same(asked, [[ref.tenant, other.tenant]]);
  t.same(
    added.map((one) => [one.webhook.id, one.logSeq, one.position, one.type]),
    [
      ['one', 10, 1, 'message.posted'],
      ['two', 10, 1, 'message.posted'],
      ['one', 20, 2, 'message.posted'],
      ['two', 20, 2, 'message.posted'],
    ],
    'nothing of another tenant',
  );
  t.notMatch(JSON.stringify(added), /message 1|content/, 'no text travels with it');
});

t.test('a delivery belongs to the trace of its event', async (t) => {
  const { added, find } = stage([webhook('one')]);
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const [traced, untraced] = [entry(1), entry(2)];
  await find([{ ...traced, entry: { ...traced.entry, traceparent } }, untraced]);
  t.match(added[0], { position: 1, trace: traceparent });
  t.notOk('trace' in (added[1] as WebhookDelivery));
});

t.test('what is older than what counts is not asked about', async (t) => {
  const { asked, added, find } = stage([webhook('one')], firstUs + 1);
  await find([entry(1)]);
  t.same(asked, []);
  await find([entry(1), entry(2)]);
  t.same(
    added.map(({ position }) => position),
    [2],
  );
});

t.test(
  'with a server away the batch comes again; a refused statement does not stop the projection',
  async (t) => {
    await t.rejects(stage(new Problem('unavailable')).find([entry(1)]), { code: 'unavailable' });
    await t.rejects(stage([webhook('one')], 0, new Problem('unavailable')).find([entry(1)]), {
      code: 'unavailable',
    });
    const { added, find } = stage(new Problem('internal'));
    await find([entry(1)]);
    t.same(added, []);
  },
);
