/** What the words of APIs ask for beyond the core: agents, sessions, media, speech and the like. */
import { packageVersion } from '../config/package-version.ts';
import { auditTrailOver } from '../core/audit/audit-trail.ts';
import { openRateLimiter } from '../core/limits/rate-limiter.ts';
import { openRateWindows } from '../core/limits/rate-windows.ts';
import { openPersonal } from '../core/personal/open-personal.ts';
import { openStoredReplies } from '../core/replies/open-stored-replies.ts';
import { dataKeyAdministrationOver } from '../core/sealing/data-key-administration.ts';
import { administrationSideOver } from './administration-side.ts';
import { openAgentsSide } from './agents/agents-side.ts';
import { openJobsSide } from './agents/jobs-side.ts';
import { openSpeechSide } from './agents/speech-side.ts';
import { openTenantSide } from './agents/tenant-side.ts';
import { openTimedSessionsSide } from './agents/timed-sessions-side.ts';
import type { DialectDeps } from './dialects.ts';
import { openGuestsSide } from './guests-side.ts';
import { openAccountSide } from './identity/account-side.ts';
import { openMediaSide } from './media-side.ts';
import type { NodeConfig } from './node-config.ts';
import type { NodeCore } from './node-core.ts';
import type { Releases } from './releases.ts';
import { openWebhooksSide } from './webhooks-side.ts';

/** Rejects when a server is away. Agents take turns, and what is due is told, from now on. */
export async function openDialectDeps(
  config: NodeConfig,
  nodeCore: NodeCore,
  publicUrl: () => string,
  releases: Releases,
): Promise<DialectDeps> {
  const { node, clock, ids, logger, nats, postgres, sealing, wrap, identity, core } = nodeCore;
  const { isRateLimited, editWindowSec } = config;
  const { audit: auditStore, messageServers, survey, people, search, readCursors: cursors } = postgres;
  const { directory } = identity;
  const { link, live } = nats;
  const { metrics } = nodeCore.prometheus;
  const { sealer } = sealing;
  const shared = { pools: postgres, bus: core.bus, clock, ids };
  const agents = await openAgentsSide(
    {
      ...{ config, core, directory, feed: nats.turnFeed, model: config.agentModel, agents: identity.agents },
      ...{ pools: postgres, link, ids, clock, logger, metrics, tracing: nodeCore.tracing },
    },
    releases,
  );
  return {
    ...{ core, agents, identity, ids, clock, logger, node, publicUrl, editWindowSec },
    ...{ messageServers, survey, people, search },
    ...{ tenantLimits: nodeCore.tenantLimits, elizaAnonymous: nodeCore.elizaAnonymous },
    audit: auditTrailOver(auditStore),
    dataKeys: dataKeyAdministrationOver({ sealing, directory, link, audit: auditStore, logger }),
    conversations: administrationSideOver({
      ...{ bus: core.bus, feed: nats.feed, survey, cursors, directory, audit: auditStore, clock, logger },
      projectedWaitMsMax: config.projectedWaitMsMax,
    }),
    personal: openPersonal({ store: postgres.personal, link, live, clock }),
    replies: openStoredReplies({ store: postgres.replies, sealer, clock, ids }),
    rates: openRateLimiter(isRateLimited, { clock, metrics }),
    windows: openRateWindows(isRateLimited, { clock, metrics }),
    isSecure: config.publicUrl?.startsWith('https:') ?? false,
    sessions: await openGuestsSide({ ...shared, identity }, releases),
    timedSessions: openTimedSessionsSide({ ...shared, sealing, logger, config }, releases),
    jobs: openJobsSide({ ...shared, answers: agents.answers, sealing }, releases),
    account: openAccountSide(config, releases),
    speech: openSpeechSide(config, logger, releases),
    media: await openMediaSide(config, { pools: postgres, clock, ids, logger, wrap }, releases),
    tenant: openTenantSide({ pool: postgres.requests, sealer, clock, ids }),
    webhooks: openWebhooksSide(
      {
        ...{ config, nats, sealer, directory, clock, ids, logger },
        pools: postgres,
        ...{ prometheus: nodeCore.prometheus, tracing: nodeCore.tracing },
      },
      releases,
    ),
    process: {
      ...{ version: packageVersion(), isForOneMachine: config.isForOneMachine ?? false },
      ...{ startedMs: clock.monotonicMs(), stop: config.onStop ?? (() => void releases.close()) },
    },
  };
}
