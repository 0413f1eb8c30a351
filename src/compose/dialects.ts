/** Every API of a node: what a new dialect is added to. */

import type { HttpDialect } from '../contract/operation.ts';
import type { EventDialect } from '../contract/sockets/event-socket.ts';
import type { SocketDialect } from '../contract/sockets/socket.ts';
import type { Core } from '../core/open-bus.ts';
import { adminDialect } from '../dialects/admin/index.ts';
import type { ElizaDeps } from '../dialects/eliza/deps.ts';
import { elizaDialects } from '../dialects/eliza/index.ts';
import { agentHealth } from '../dialects/eliza/server/health.ts';
import { elizaEventDialect } from '../dialects/eliza/socket/eliza-event-dialect.ts';
import type { ChatDeps as BotChatDeps } from '../dialects/generalbots/deps.ts';
import { generalBotsDialect } from '../dialects/generalbots/index.ts';
import { generalBotsSockets } from '../dialects/generalbots/socket/index.ts';
import { type NativeDeps, nativeDialect } from '../dialects/native/index.ts';
import { symbiaAdministrationDialect } from '../dialects/symbia/administration/index.ts';
import { symbiaDialect } from '../dialects/symbia/index.ts';
import { symbiaEventDialect } from '../dialects/symbia/socket/symbia-event-dialect.ts';
import { v2Dialect } from '../dialects/v2/index.ts';
import { actingInNamedTenant } from '../dialects/vero/chat/acting-tenant.ts';
import type { ChatDeps } from '../dialects/vero/chat/chat-deps.ts';
import { veroChatDialect } from '../dialects/vero/chat/index.ts';
import { mediaOfMessages } from '../dialects/vero/chat/media/attached-media.ts';
import { openMediaUrls } from '../dialects/vero/chat/media/media-urls.ts';
import { veroSocketDialect } from '../dialects/vero/chat/socket/index.ts';
import { veroDialect } from '../dialects/vero/index.ts';
import { repeatable } from '../dialects/vero/repeatable.ts';
import { webhooksDialect } from '../dialects/webhooks/index.ts';
import type { Principal } from '../domain/principal.ts';
import { type OpsDeps, opsDialect } from '../ops/index.ts';
import { type Readiness, readReadiness } from '../ops/readiness.ts';
import type { Jobs } from '../ports/agents/jobs.ts';
import type { MessageServers } from '../ports/agents/message-servers.ts';
import type { Speech } from '../ports/agents/speech.ts';
import type { TimedSessions } from '../ports/agents/timed-sessions.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { ConversationSessions } from '../ports/conversations/conversation-sessions.ts';
import type { ConversationSurvey } from '../ports/conversations/conversation-survey.ts';
import type { MessageSearch } from '../ports/conversations/message-search.ts';
import type { People } from '../ports/conversations/people.ts';
import type { Personal } from '../ports/conversations/personal.ts';
import type { StoredReplies } from '../ports/http/stored-replies.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Identity } from '../ports/identity/identity-service.ts';
import type { RateWindows } from '../ports/limits/rate-windows.ts';
import type { TenantLimitsAdministration } from '../ports/limits/tenant-limits.ts';
import type { DataKeyAdministration } from '../ports/sealing/data-key-administration.ts';
import type { Webhooks } from '../ports/webhooks/webhooks.ts';
import type { AdministrationSide } from './administration-side.ts';
import type { AgentsSide } from './agents/agents-side.ts';
import type { TenantSide } from './agents/tenant-side.ts';
import type { AccountSide } from './identity/account-side.ts';
import type { MediaSide } from './media-side.ts';

export interface DialectDeps extends Pick<NativeDeps, 'clock' | 'logger' | 'node' | 'rates'> {
  readonly core: Core;
  readonly agents: AgentsSide;
  readonly identity: Identity;
  readonly ids: IdSource;
  readonly audit: AuditTrail;
  readonly dataKeys: DataKeyAdministration;
  readonly tenantLimits: TenantLimitsAdministration;
  readonly conversations: AdministrationSide;
  /** What principals set for themselves: blocks, clearings, mutes. */
  readonly personal: Personal;
  readonly people: People;
  readonly search: MessageSearch;
  /** Clients come by TLS (PARLEY_PUBLIC_URL). */
  readonly isSecure: boolean;
  readonly account: AccountSide;
  readonly media: MediaSide;
  readonly speech: Speech;
  /** Where clients reach the deployment: PARLEY_PUBLIC_URL, else where the node listens. */
  readonly publicUrl: () => string;
  /** Of requests with an Idempotency-Key. */
  readonly replies: StoredReplies;
  /** Rates that clients are told of. */
  readonly windows: RateWindows;
  /** Of conversations, those of guests among them. */
  readonly sessions: ConversationSessions;
  /** Those of ElizaOS, which end by themselves. */
  readonly timedSessions: TimedSessions;
  readonly jobs: Jobs;
  readonly tenant: TenantSide;
  /** Endpoints that events of a tenant are posted to. */
  readonly webhooks: Webhooks;
  readonly process: ElizaDeps['process'];
  readonly messageServers: MessageServers;
  /** Lists over many conversations. */
  readonly survey: ConversationSurvey;
  /** Who asks without a credential in the words of ElizaOS; null: nobody may. */
  readonly elizaAnonymous: Principal | null;
  /** PARLEY_EDIT_WINDOW_SEC. */
  readonly editWindowSec: number;
}

export function httpDialects(deps: DialectDeps, ops: OpsDeps): readonly HttpDialect[] {
  const { core, identity, ids, clock, audit, dataKeys, tenantLimits, conversations, isSecure, account } =
    deps;
  const { directory, signIn, own } = identity;
  return [
    opsDialect(ops),
    repeatable(veroDialect({ identity, isSecure }), deps.replies),
    actingInNamedTenant(
      repeatable(veroChatDialect(chatDepsOf(deps), { own, publicUrl: deps.publicUrl }), deps.replies),
      directory,
    ),
    symbiaDialect({
      ...{ bus: core.bus, directory, ids, clock },
      readiness: () => readinessOf(ops),
      alsoHealth: (caller) => agentHealth(elizaDepsOf(deps), caller ?? deps.elizaAnonymous),
      account: {
        ...{ signIn, own, isSecure, relay: account.relay, places: account.places },
        forget: (cookie) => identity.authenticator.forget(cookie),
      },
    }),
    v2Dialect({
      ...{ bus: core.bus, directory, ids, signIn, own },
      ...{ tenantOf: conversations.tenantOf, projectedNow: conversations.projectedNow },
    }),
    symbiaAdministrationDialect({ ...conversations, directory, ids }),
    adminDialect({ audit, dataKeys, tenantLimits }),
    webhooksDialect({ webhooks: deps.webhooks }),
    generalBotsDialect(botChatDepsOf(deps)),
    ...elizaDialects(elizaDepsOf(deps)),
  ];
}

/** What both halves of ElizaOS are made of: its routes and its socket. */
function elizaDepsOf(deps: DialectDeps): ElizaDeps {
  const { core, identity, ids, clock, tenant, process } = deps;
  const { timedSessions: sessions, jobs, elizaAnonymous: anonymous } = deps;
  const { directory, agents } = identity;
  const { worlds, settings } = tenant;
  const { media, speech, messageServers: servers, survey, search, agents: here, conversations } = deps;
  return {
    ...{ bus: core.bus, live: core.live, directory, agents, records: here.records, worlds, settings },
    ...{ media, speech, ids, clock, sessions, jobs, process, anonymous },
    ...{
      answers: here.answers,
      titles: here.titles,
      servers,
      survey,
      search,
      projectedNow: conversations.projectedNow,
    },
  };
}

/** What both halves of General Bots are made of. */
export function botChatDepsOf({ core, identity, sessions, windows, clock, ids }: DialectDeps): BotChatDeps {
  const { directory, guests } = identity;
  return { bus: core.bus, directory, guests, sessions, windows, clock, ids };
}

/** What both halves of Vero's chat are made of: its routes and its socket. */
export function chatDepsOf(deps: DialectDeps): ChatDeps {
  const { core, identity, personal, clock, conversations, editWindowSec, publicUrl } = deps;
  const { uploads, signer } = deps.media;
  const urls = openMediaUrls({ signer, base: publicUrl, now: () => clock.nowMicros() });
  return {
    ...{ people: deps.people, presence: core.people, typing: core.live.typing, ids: deps.ids },
    ...{ bus: core.bus, personal, directory: identity.directory, clock, editWindowSec },
    search: deps.search,
    projectedNow: conversations.projectedNow,
    ...{ uploads, urls, media: mediaOfMessages(urls) },
  };
}

async function readinessOf({ checks, clock, isDraining }: OpsDeps): Promise<Readiness> {
  const found = await readReadiness(checks, clock);
  return { ...found, isReady: found.isReady && !isDraining() };
}

export function socketDialects(deps: DialectDeps): readonly SocketDialect[] {
  const { core, identity, clock, logger, node, rates } = deps;
  const { authenticator, directory } = identity;
  const { bus, live } = core;
  const shared = { live, authenticator, clock, logger, rates };
  return [
    nativeDialect({ ...shared, bus, directory, node }),
    veroSocketDialect({ ...shared, chat: chatDepsOf(deps) }),
    ...generalBotsSockets({ live, logger, rates, chat: botChatDepsOf(deps) }),
  ];
}

/** The APIs that the one Socket.IO server speaks; the first takes clients that do not say which. */
export function eventDialects(deps: DialectDeps): readonly EventDialect[] {
  const { bus, live } = deps.core;
  return [symbiaEventDialect({ bus, live }), elizaEventDialect(elizaDepsOf(deps))];
}
