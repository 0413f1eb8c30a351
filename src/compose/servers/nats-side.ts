/** Everything that speaks NATS: the log, what flows live, drafts, the link between nodes, the projection's feed. */
import { openTurnFeed } from '../../adapters/jetstream/agents/turn-feed.ts';
import { openTurnQueue } from '../../adapters/jetstream/agents/turn-queue.ts';
import { openNats } from '../../adapters/jetstream/connections/connection.ts';
import { openDraftStore } from '../../adapters/jetstream/draft-store.ts';
import { openLiveFeed } from '../../adapters/jetstream/live-feed.ts';
import { openLog } from '../../adapters/jetstream/log/jetstream-log.ts';
import { openNodeLink } from '../../adapters/jetstream/node-link.ts';
import { openProjectionFeed } from '../../adapters/jetstream/projection/projection-feed.ts';
import { openStreams, watchStreams } from '../../adapters/jetstream/streams/streams.ts';
import { openWebhookFeed } from '../../adapters/jetstream/webhooks/webhook-feed.ts';
import { openWebhookQueue } from '../../adapters/jetstream/webhooks/webhook-queue.ts';
import type { NodeId } from '../../domain/ids.ts';
import type { AgentTurnFeed, AgentTurnQueue } from '../../ports/agents/agent-turns.ts';
import type { DraftStore } from '../../ports/draft-store.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { ProjectionFeed, ProjectionLags, ProjectionProgress } from '../../ports/projection-feed.ts';
import type { WebhookFeed, WebhookQueue } from '../../ports/webhooks/webhook-deliveries.ts';
import type { Releases } from '../releases.ts';

export interface NatsSide {
  readonly log: Log;
  readonly live: LiveFeed;
  readonly drafts: DraftStore;
  readonly link: NodeLink;
  readonly feed: ProjectionFeed & ProjectionProgress & ProjectionLags;
  /** Turns of agents that run here: into the stream, and out of it. */
  readonly turns: AgentTurnQueue;
  readonly turnFeed: AgentTurnFeed;
  /** Deliveries of webhooks, in the same way. */
  readonly deliveries: WebhookQueue;
  readonly deliveryFeed: WebhookFeed;
  /** What is under way to nats-server on the connection of the log. */
  readonly load: () => NatsLoad;
  /** False while the connection is lost. */
  readonly isConnected: () => boolean;
}

export interface NatsLoad {
  readonly requests: number;
  readonly outboundBytes: number;
  readonly readsWaiting: number;
}

export interface NatsSideOptions {
  readonly url: string;
  readonly credsFile: string | null;
  readonly node: NodeId;
  readonly partitions: number;
  readonly replicas: number;
  readonly logger: Logger;
  /** What is projected names the traces that it is part of. */
  readonly isTraced?: boolean;
}

/** Connects, and makes the streams at the first boot of a deployment. Rejects when NATS is away. */
export async function openNatsSide(options: NatsSideOptions, releases: Releases): Promise<NatsSide> {
  const { url, credsFile, node, logger, partitions, replicas } = options;
  const nats = await openNats({
    url,
    name: `parley ${node}`,
    log: logger,
    ...(credsFile === null ? {} : { credsFile }),
  });
  releases.add('nats', () => nats.close());
  const streams = await openStreams(nats.connection, { partitions, replicas }, logger);
  watchStreams(nats, streams, logger);
  return {
    log: openLog(nats.requester, streams, node),
    live: openLiveFeed(nats, logger, streams),
    drafts: openDraftStore(nats.requester, streams),
    link: openNodeLink(nats, node, logger),
    feed: await openProjectionFeed(nats, streams, logger, options.isTraced),
    turns: openTurnQueue(nats.requester, streams),
    turnFeed: await openTurnFeed(nats, streams, logger),
    deliveries: openWebhookQueue(nats.requester),
    deliveryFeed: await openWebhookFeed(nats, streams, logger),
    load: () => {
      const { pending: requests, outboundBytes, readsWaiting } = nats.requester;
      return { requests, outboundBytes, readsWaiting };
    },
    isConnected: nats.isConnected,
  };
}
