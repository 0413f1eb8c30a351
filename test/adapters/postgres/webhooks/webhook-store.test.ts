/** Endpoints and their dead letters. Which tenant sees what: walls/. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { openWantingWebhooks } from '../../../../src/adapters/postgres/webhooks/wanting-webhooks.ts';
import { openWebhookStore } from '../../../../src/adapters/postgres/webhooks/webhook-store.ts';
import type { AuditEntry } from '../../../../src/ports/audit.ts';
import type { DeadLetter, StoredWebhook } from '../../../../src/ports/webhooks/webhook-store.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { storedWebhook } from '../../../kit/memory/stored-webhook.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const log = silentLogger();
const { url } = await startPostgres(t);
await migrate(url, log);
const requests = openPool({ url, role: 'parley_requests', max: 2, log });
const identity = openPool({ url, role: 'parley_identity', max: 1, log });
const projector = openPool({ url, role: 'parley_projector', max: 1, log });
t.teardown(() => Promise.all([requests.close(), identity.close(), projector.close()]));
const store = openWebhookStore({ requests, identity });
const wanting = openWantingWebhooks(projector);

const auditOf = (tenant: string): AuditEntry => ({
  ...{
    tenant,
    action: 'webhook.created',
    subject: 'w',
    actor: null,
    detail: {},
    address: null,
    requestId: null,
  },
});

async function added(tenant: string = randomUUID()) {
  const webhook = storedWebhook({ tenant, id: randomUUID() });
  t.equal(await store.add(webhook, 2, auditOf(tenant)), null);
  return webhook;
}

const letter = (webhook: { tenant: string; id: string }, id: string, diedAt: number): DeadLetter => ({
  ...{ webhook: { tenant: webhook.tenant, id: webhook.id }, id, diedAt, logSeq: 1, position: 1 },
  ref: { tenant: webhook.tenant, service: null, conversation: 'c' },
  ...{ type: 'message.posted', attempts: 3, status: null, reason: 'timeout' },
});

t.test('a tenant has so many endpoints; each is changed field by field', async (t) => {
  const webhook = await added();
  const { tenant } = webhook;
  const filter = { types: ['control' as const], conversation: 'c', service: 'desk' };
  const changed = await store.change(webhook, { filter, failingSince: 7 }, null);
  t.match(changed, { ...webhook, filter, failingSince: 7, changedAt: Number });
  const one = (former: StoredWebhook) => ({ description: `${former.description}.` });
  await Promise.all(Array.from({ length: 8 }, () => store.change(webhook, one, null)));
  t.match(await store.find(webhook), { description: `${webhook.description}........` });
  await store.noteSuccess(webhook, 8);
  await store.noteFailure(webhook, { at: 9, status: 500, reason: 'status' });
  const lastFailure = { at: 9, status: 500, reason: 'status' };
  t.match(await store.find(webhook), { lastSuccessAt: 8, lastFailure });
  t.match(await store.list(tenant), [{ id: webhook.id }]);
  await added(tenant);
  const third = storedWebhook({ tenant, id: randomUUID() });
  t.match(await store.add(third, 2, auditOf(tenant)), { code: 'conflict' });
  t.equal(await store.change(third, { status: 'paused' }, null), null, 'there is none');
});

t.test('a change that nodes must know of has a later time', async (t) => {
  const webhook = await added();
  const times: number[] = [];
  for (const status of ['paused', 'active', 'paused'] as const) {
    const changed = await store.change(webhook, { status }, null);
    times.push((changed as { changedAt: number }).changedAt);
  }
  t.same([...new Set(times)].sort(), times);
  const present = await store.present(1_000);
  t.match(
    (present as readonly { id: string }[]).find(({ id }) => id === webhook.id),
    { status: 'paused', changedAt: times.at(-1) },
  );
});

t.test('a projector hears of endpoints that are not disabled', async (t) => {
  const [one, other] = [await added(), await added()];
  const ids = async () => ((await wanting.of([one.tenant])) as readonly { id: string }[]).map(({ id }) => id);
  t.same(await ids(), [one.id]);
  await store.change(one, { status: 'paused' }, null);
  t.same(await ids(), [one.id], 'what comes meanwhile waits for it');
  await store.change(one, { status: 'disabled', disabledReason: 'gone' }, null);
  t.same(await ids(), []);
  t.match(await wanting.of([one.tenant, other.tenant]), [{ id: other.id, createdAt: other.createdAt }]);
});

t.test('dead letters: one for each event, the oldest make room, and go with their endpoint', async (t) => {
  const webhook = await added();
  for (const [id, at] of [
    ['a', 1],
    ['b', 2],
    ['b', 3],
    ['c', 3],
    ['d', 4],
  ] as const)
    await store.bury(letter(webhook, id, at), 3);
  const page = async (after: { diedAt: number; id: string } | null) =>
    ((await store.deadLetters(webhook, { limit: 2, after })) as DeadLetter[]).map(({ id }) => id);
  t.same(await page(null), ['d', 'c']);
  t.same(await page({ diedAt: 3, id: 'c' }), ['b']);
  t.match(await store.oldestDeadLetters(webhook, 1), [letter(webhook, 'b', 2)]);
  await store.unbury(webhook, ['b', 'd']);
  t.equal(await store.deadLetter(webhook, 'b'), null);
  t.match(await store.deadLetter(webhook, 'c'), { id: 'c' });
  t.equal(await store.countDeadLetters(), 1);
  t.equal(await store.sweepDeadLetters(3, 10), 0);
  t.equal(await store.remove(webhook, auditOf(webhook.tenant)), true);
  t.equal(await store.countDeadLetters(), 0);
  t.equal(await store.bury(letter(webhook, 'e', 5), 3), null, 'too late, and no error');
  t.equal(await store.countDeadLetters(), 0);
  const other = await added();
  await store.bury(letter(other, 'a', 1), 3);
  t.equal(await store.sweepDeadLetters(3, 10), 1);
});
