import { agentLimits } from './limiting/agents/agent-limits.ts';
import { embeddingLimits } from './limiting/agents/embedding-limits.ts';
import { messageServerLimits } from './limiting/agents/message-server-limits.ts';
import { roomLimits } from './limiting/agents/room-limits.ts';
import { sessionLimits } from './limiting/agents/session-limits.ts';
import { speechLimits } from './limiting/agents/speech-limits.ts';
import { tenantStoreLimits } from './limiting/agents/tenant-store-limits.ts';
import { chatLimits } from './limiting/chat-limits.ts';
import { contentLimits } from './limiting/clients/content-limits.ts';
import { eventSocketLimits } from './limiting/clients/event-socket-limits.ts';
import { outboxLimits } from './limiting/clients/outbox-limits.ts';
import { requestLimits } from './limiting/clients/request-limits.ts';
import { socketLimits } from './limiting/clients/socket-limits.ts';
import { conversationLimits } from './limiting/conversations/conversation-limits.ts';
import { draftLimits } from './limiting/conversations/draft-limits.ts';
import { memoryLimits } from './limiting/conversations/memory-limits.ts';
import { readingLimits } from './limiting/conversations/reading-limits.ts';
import { searchLimits } from './limiting/conversations/search-limits.ts';
import { writingLimits } from './limiting/conversations/writing-limits.ts';
import { identityLimits } from './limiting/identity-limits.ts';
import { mediaLimits } from './limiting/media-limits.ts';
import { consoleLimits } from './limiting/node/console-limits.ts';
import { drainLimits } from './limiting/node/drain-limits.ts';
import { externalLimits } from './limiting/node/external-limits.ts';
import { natsLimits } from './limiting/node/nats-limits.ts';
import { overloadLimits } from './limiting/node/overload-limits.ts';
import { projectionLimits } from './limiting/node/projection-limits.ts';
import { projectorLimits } from './limiting/node/projector-limits.ts';
import { replyLimits } from './limiting/node/reply-limits.ts';
import { sealingLimits } from './limiting/node/sealing-limits.ts';
import { sqlLimits } from './limiting/node/sql-limits.ts';
import { tracingLimits } from './limiting/node/tracing-limits.ts';
import { upkeepLimits } from './limiting/node/upkeep-limits.ts';
import { personalLimits } from './limiting/personal-limits.ts';
import { presenceLimits } from './limiting/presence-limits.ts';
import { ratedLimits } from './limiting/rated-limits.ts';
import { tenancyLimits } from './limiting/tenancy-limits.ts';
import { webhookLimits } from './limiting/webhook-limits.ts';

/** Every bound of the system, unit in the name. Anything that queues, loops, maps or waits names one of these. */
export const limits = {
  // what clients send, and what waits for them
  ...contentLimits,
  ...eventSocketLimits,
  ...outboxLimits,
  ...requestLimits,
  ...socketLimits,
  // conversations, as they are kept, written and read
  ...conversationLimits,
  ...draftLimits,
  ...memoryLimits,
  ...readingLimits,
  ...searchLimits,
  ...writingLimits,
  // agents that run here, and what they keep
  ...agentLimits,
  ...embeddingLimits,
  ...messageServerLimits,
  ...roomLimits,
  ...sessionLimits,
  ...speechLimits,
  ...tenantStoreLimits,
  // a node, and the servers that it works with
  ...consoleLimits,
  ...drainLimits,
  ...externalLimits,
  ...natsLimits,
  ...overloadLimits,
  ...projectionLimits,
  ...projectorLimits,
  ...replyLimits,
  ...sealingLimits,
  ...sqlLimits,
  ...tracingLimits,
  ...upkeepLimits,
  // people and tenants, and what else they use
  ...chatLimits,
  ...identityLimits,
  ...mediaLimits,
  ...personalLimits,
  ...presenceLimits,
  ...ratedLimits,
  ...tenancyLimits,
  ...webhookLimits,
} as const;
