import t from 'tap';
import type { Event } from '../../src/domain/event.ts';
import { limits } from '../../src/domain/limits.ts';
import { formatMicros } from '../../src/domain/time.ts';
import {
  isDead,
  refuseUrl,
  retryAfterMsOf,
  retryDelayMs,
  retryRules,
  type WebhookFilter,
  wants,
} from '../../src/domain/webhook.ts';

const createdAt = 1_700_000_000_000_000;
const ref = { tenant: 'a', service: 'desk', conversation: 'c' };

function event(at = createdAt): Event {
  return {
    ...{ v: 1, id: 'e', conversation: 'c', position: 1, seq: 1, type: 'message.deleted' },
    ...{ at: formatMicros(at), actor: { id: 'ann', kind: 'user' }, data: { message_id: 'm', by: 'ann' } },
  };
}

function wanted(filter: Partial<WebhookFilter>, tenant = 'a'): boolean {
  const whole = { types: [], conversation: null, service: null, ...filter };
  return wants({ tenant, id: 'w', createdAt, filter: whole }, ref, event());
}

t.test('an endpoint wants what its filter names, of its tenant, from its creation on', (t) => {
  t.equal(wanted({}), true);
  t.equal(wanted({}, 'b'), false);
  t.equal(wanted({ types: ['message.posted'] }), false);
  t.equal(wanted({ types: ['message.posted', 'message.deleted'] }), true);
  t.equal(wanted({ conversation: 'c', service: 'desk' }), true);
  t.equal(wanted({ conversation: 'd' }), false);
  t.equal(wanted({ service: 'other' }), false);
  const webhook = {
    ...{ tenant: 'a', id: 'w', createdAt },
    filter: { types: [], conversation: null, service: null },
  };
  t.equal(wants(webhook, ref, event(createdAt - limits.webhookSkewUs)), true, 'clocks of nodes differ');
  t.equal(wants(webhook, ref, event(createdAt - limits.webhookSkewUs - 1)), false);
  t.end();
});

t.test('attempts double their distance up to half an hour, a fifth more or less', (t) => {
  const middle = (attempts: number, asked: number | null = null) =>
    retryDelayMs(retryRules, attempts, 0.5, asked);
  t.same(
    [1, 2, 3, 9, 10, 1_000].map((one) => middle(one)),
    [...[5_000, 10_000, 20_000, 1_280_000, 1_800_000, 1_800_000]],
  );
  t.equal(retryDelayMs(retryRules, 1, 0, null), 4_000);
  t.equal(Math.round(retryDelayMs(retryRules, 1, 0.999_999, null)), 6_000);
  t.equal(middle(1, 60_000), 60_000, 'the endpoint asked for more time');
  t.equal(middle(5, 1_000), 80_000, 'or for less');
  t.equal(middle(1, 1e12), limits.webhookRetryAfterMsMax);
  t.end();
});

t.test('a delivery is given up when it is old and was tried often', (t) => {
  const { retriedMs, attemptsMin } = retryRules;
  t.equal(isDead(retryRules, attemptsMin, retriedMs), true);
  t.equal(isDead(retryRules, attemptsMin - 1, retriedMs * 9), false, 'it waited for a paused endpoint');
  t.equal(isDead(retryRules, attemptsMin * 99, retriedMs - 1), false);
  t.end();
});

t.test('Retry-After is seconds or a date', (t) => {
  const now = Date.parse('Fri, 20 Nov 2026 10:00:00 GMT');
  t.equal(retryAfterMsOf('120', now), 120_000);
  t.equal(retryAfterMsOf('Fri, 20 Nov 2026 10:01:00 GMT', now), 60_000);
  t.equal(retryAfterMsOf('Fri, 20 Nov 2026 09:00:00 GMT', now), 0);
  for (const strange of [undefined, '', 'soon', '-5x', '99999999999'])
    t.equal(retryAfterMsOf(strange, now), null);
  t.end();
});

t.test('an address is https without a password, where nothing else is allowed', (t) => {
  t.equal(refuseUrl('https://example.org/hook?a=b', false), null);
  t.equal(refuseUrl('http://127.0.0.1:8080/', true), null);
  t.match(refuseUrl('http://example.org/', false), /https/);
  for (const strange of [
    '',
    'hook',
    'ftp://example.org',
    'https://a:b@example.org',
    'https://',
    'https://a.org/b\r\nc',
    ' https://a.org/',
  ])
    t.type(refuseUrl(strange, true), 'string', strange);
  t.end();
});
