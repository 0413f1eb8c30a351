/** Webhooks: endpoints are managed, and this node takes its part of their deliveries. */
import { openHttpRequests } from '../adapters/outbound-http/http-requests.ts';
import { hasPrivateHost } from '../adapters/outbound-http/public-addresses.ts';
import type { IdentityPools } from '../adapters/postgres/identity/identity-store.ts';
import { openWebhookStore } from '../adapters/postgres/webhooks/webhook-store.ts';
import type { Prometheus } from '../adapters/prometheus/prometheus.ts';
import { openWebhookSigning } from '../adapters/webhook-signing/webhook-signing.ts';
import type { Sealer } from '../core/sealing/sealer.ts';
import { openDelivering } from '../core/webhooks/deliver.ts';
import { EndpointNotes } from '../core/webhooks/endpoint-notes.ts';
import { FollowedWebhooks, webhooksChanged } from '../core/webhooks/followed-webhooks.ts';
import { watchWebhooks } from '../core/webhooks/keep-watch.ts';
import { openWebhooks } from '../core/webhooks/open-webhooks.ts';
import { limits } from '../domain/limits.ts';
import { retryRules } from '../domain/webhook.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Directory } from '../ports/identity/identity-service.ts';
import type { Logger } from '../ports/logger.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Webhooks } from '../ports/webhooks/webhooks.ts';
import type { NodeConfig } from './node-config.ts';
import type { Releases } from './releases.ts';
import type { NatsSide } from './servers/nats-side.ts';

export interface WebhooksSideOptions {
  readonly config: Pick<NodeConfig, 'isWebhookPrivateAllowed' | 'webhookRules'>;
  readonly pools: IdentityPools;
  readonly nats: Pick<NatsSide, 'log' | 'link' | 'deliveries' | 'deliveryFeed'>;
  readonly sealer: Sealer;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly prometheus: Prometheus;
  readonly tracing: Tracing;
}

/** Delivers from now on. */
export function openWebhooksSide(options: WebhooksSideOptions, releases: Releases): Webhooks {
  const { config, pools, nats, sealer, directory, clock, ids, logger, prometheus, tracing } = options;
  const { log, link, deliveries: queue, deliveryFeed: feed } = nats;
  const { isWebhookPrivateAllowed: isPrivateAllowed, webhookRules: rules = retryRules } = config;
  const { metrics } = prometheus;
  const http = openHttpRequests({
    timeoutMs: limits.webhookRequestMsMax,
    requestsMax: limits.webhookRequestsPerNodeMax + limits.webhookTestsPerNodeMax,
    // Endpoints of several tenants may be at one host: none waits for connections that others have.
    connectionsMax: limits.webhookRequestsPerNodeMax + limits.webhookTestsPerNodeMax,
    isPublicOnly: !isPrivateAllowed,
    isBodyIgnored: true,
  });
  releases.add('requests of webhooks', async () => http.close());
  const store = openWebhookStore(pools);
  const attempting = { store, signing: openWebhookSigning(), http, sealer, clock, tracing };
  const notes = new EndpointNotes({ store, clock });
  const changed = (): void => link.tell(webhooksChanged, {});
  const shared = { metrics, logger, changed };
  const take = openDelivering({
    ...{ ...attempting, ...shared, log, notes, rules, random: Math.random },
    find: (webhook) => followed.find(webhook),
  });
  const onClosed = notes.forget.bind(notes);
  const followed = new FollowedWebhooks({ store, feed, link, clock, logger, take, onClosed });
  releases.add('webhooks', () => followed.close());
  const watch = watchWebhooks({ ...shared, store, feed, clock, present: () => followed.present });
  releases.add('look at webhooks', () => watch.close());
  prometheus.gauge('webhooksWaiting', () => watch.figures.waiting);
  prometheus.gauge('webhookDeadLetters', () => watch.figures.deadLetters);
  const look = () => followed.look();
  const managing = { look, directory, ids, queue, feed, link, isPrivateAllowed, isPrivate: hasPrivateHost };
  return openWebhooks({ ...attempting, ...managing });
}
