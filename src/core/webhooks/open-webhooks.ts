/** Endpoints of a tenant as its owners and admins manage them. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { refuseUrl } from '../../domain/webhook.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { WebhookFeed, WebhookQueue } from '../../ports/webhooks/webhook-deliveries.ts';
import type { StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import type { AskedWebhook, TestedWebhook, WebhookChanges, Webhooks } from '../../ports/webhooks/webhooks.ts';
import { Places } from '../places.ts';
import { audited, webhookAccess } from './access.ts';
import { type AttemptDeps, attempt, sealSecret } from './attempt.ts';
import { deadLettersOver } from './dead-letters.ts';
import { webhooksChanged } from './followed-webhooks.ts';
import { testBody } from './webhook-body.ts';

export interface WebhooksDeps extends AttemptDeps {
  readonly store: WebhookStore;
  readonly queue: Pick<WebhookQueue, 'addAgain'>;
  readonly feed: Pick<WebhookFeed, 'waiting'>;
  readonly directory: Pick<Directory, 'hasTenant'>;
  readonly link: Pick<NodeLink, 'tell'>;
  readonly ids: Pick<IdSource, 'next'>;
  /** This node looks which endpoints there are. */
  readonly look: () => Promise<void>;
  /** PARLEY_WEBHOOK_PRIVATE. */
  readonly isPrivateAllowed: boolean;
  /** The host of a URL is an address that is not public. */
  readonly isPrivate: (url: string) => boolean;
}

export function openWebhooks(deps: WebhooksDeps): Webhooks {
  const { store, clock, signing, sealer } = deps;
  const { refuse, found } = webhookAccess(deps);
  const testing = new Places({
    perKeyMax: limits.webhookTestsPerTenantMax,
    inAllMax: limits.webhookTestsPerNodeMax,
  });

  /** This node before the answer, the others within moments; who does not hear of it looks within seconds. */
  async function told<T>(outcome: T): Promise<T> {
    deps.link.tell(webhooksChanged, {});
    await deps.look();
    return outcome;
  }

  async function tested(asked: AskedWebhook, webhook: StoredWebhook): Promise<TestedWebhook | Problem> {
    const begunUs = clock.nowMicros();
    const cause = deps.tracing.current()?.traceparent ?? null;
    const message = { id: deps.ids.next(), body: testBody(asked.id, begunUs), attempt: 1, cause };
    const attempted = await attempt(deps, webhook, message);
    if (attempted.kind === 'untried') return new Problem('unavailable');
    const durationMs = Math.max(0, Math.round((clock.nowMicros() - begunUs) / 1_000));
    const isDelivered = attempted.kind === 'delivered';
    return {
      ...{ isDelivered, status: attempted.status, durationMs },
      reason: attempted.kind === 'failed' ? attempted.reason : null,
    };
  }

  return {
    ...deadLettersOver(deps, found),

    async create({ by, tenant, trace }, { url, description, filter }) {
      const refused = (await refuse(by, tenant)) ?? refuseTarget(deps, url);
      if (refused !== null) return refused;
      const present = await store.present(limits.webhooksMax);
      if (present instanceof Problem) return present;
      if (present.length >= limits.webhooksMax)
        return new Problem('conflict', `A deployment may have ${limits.webhooksMax} webhooks.`);
      const [id, now, secret] = [deps.ids.next(), clock.nowMicros(), signing.newSecret()];
      const sealed = await sealSecret(sealer, { tenant, id }, secret);
      if (sealed instanceof Problem) return sealed;
      const webhook: StoredWebhook = {
        ...{ tenant, id, url, description, filter, status: 'active', disabledReason: null },
        ...{ createdAt: now, createdBy: by.id, changedAt: now, failingSince: null },
        ...{ secret: sealed, previousSecret: null, previousSecretUntil: null },
        ...{ lastSuccessAt: null, lastFailure: null },
      };
      // No more of it: a path may be a secret.
      const audit = audited({ by, tenant, trace, id }, 'created', { host: new URL(url).host });
      const full = await store.add(webhook, limits.webhooksPerTenantMax, audit);
      return full ?? told({ webhook, secret });
    },

    async list(by, tenant) {
      return (await refuse(by, tenant)) ?? (await store.list(tenant));
    },

    async read(asked) {
      const webhook = await found(asked);
      if (webhook instanceof Problem) return webhook;
      return { webhook, waiting: await deps.feed.waiting(asked) };
    },

    async change(asked, changes) {
      const webhook = await found(asked);
      if (webhook instanceof Problem) return webhook;
      const refused = refuseTarget(deps, changes.url);
      if (refused !== null) return refused;
      const { status } = changes;
      const detail = { fields: Object.keys(changes).sort().join(' '), ...(status && { status }) };
      const changed = await store.change(
        asked,
        (former) => fieldsOf(former, changes),
        audited(asked, 'changed', detail),
      );
      return changed instanceof Problem ? changed : told(changed ?? new Problem('not_found'));
    },

    async remove(asked) {
      const refused = await refuse(asked.by, asked.tenant);
      if (refused !== null) return refused;
      const removed = await store.remove(asked, audited(asked, 'removed'));
      if (removed instanceof Problem) return removed;
      return removed ? told(null) : new Problem('not_found');
    },

    async rotateSecret(asked, overlapSec) {
      const webhook = await found(asked);
      if (webhook instanceof Problem) return webhook;
      const secret = signing.newSecret();
      const sealed = await sealSecret(sealer, asked, secret);
      if (sealed instanceof Problem) return sealed;
      const isKept = overlapSec > 0;
      const rotated = (former: StoredWebhook) => ({
        secret: sealed,
        previousSecret: isKept ? former.secret : null,
        previousSecretUntil: isKept ? clock.nowMicros() + overlapSec * 1_000_000 : null,
      });
      const changed = await store.change(asked, rotated, audited(asked, 'secret_rotated', { overlapSec }));
      if (changed instanceof Problem) return changed;
      return changed === null ? new Problem('not_found') : told({ webhook: changed, secret });
    },

    async test(asked) {
      const webhook = await found(asked);
      if (webhook instanceof Problem) return webhook;
      // An endpoint may keep a test for as long as a request takes: many of them leave deliveries what they need.
      const leave = testing.takeNow(asked.tenant);
      if (leave === null)
        return new Problem('rate_limited', 'Too many webhooks are being tested.', { retryAfterMs: 1_000 });
      try {
        return await tested(asked, webhook);
      } finally {
        leave();
      }
    },
  };
}

function refuseTarget(
  { isPrivateAllowed, isPrivate }: Pick<WebhooksDeps, 'isPrivateAllowed' | 'isPrivate'>,
  url: string | undefined,
): Problem | null {
  if (url === undefined) return null;
  const isInside = () => !isPrivateAllowed && isPrivate(url);
  const why = refuseUrl(url, isPrivateAllowed) ?? (isInside() ? 'must have a public address' : null);
  if (why === null) return null;
  return new Problem('invalid_request', `url ${why}.`, { fields: [{ path: 'url', reason: 'invalid' }] });
}

/** Whoever makes an endpoint active again, or gives it another address, begins anew. */
function fieldsOf(webhook: StoredWebhook, { url, description, filter, status }: WebhookChanges) {
  const isAnew = url !== undefined || (status === 'active' && webhook.status !== 'active');
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(filter === undefined ? {} : { filter: { ...webhook.filter, ...filter } }),
    ...(status === undefined ? {} : { status, disabledReason: null }),
    ...(isAnew ? { failingSince: null } : {}),
  };
}
