/** What this dialect is made of. */
import type { Bus, LiveBus } from '../../core/bus.ts';
import type { Principal } from '../../domain/principal.ts';
import type { AgentAnswers } from '../../ports/agents/agent-answers.ts';
import type { AgentRecords } from '../../ports/agents/agent-records.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { ChatTitles } from '../../ports/agents/chat-titles.ts';
import type { Jobs } from '../../ports/agents/jobs.ts';
import type { MessageServers } from '../../ports/agents/message-servers.ts';
import type { Speech } from '../../ports/agents/speech.ts';
import type { TenantSettings } from '../../ports/agents/tenant-settings.ts';
import type { TimedSessions } from '../../ports/agents/timed-sessions.ts';
import type { Worlds } from '../../ports/agents/worlds.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConversationSurvey } from '../../ports/conversations/conversation-survey.ts';
import type { MessageSearch } from '../../ports/conversations/message-search.ts';
import type { Forms } from '../../ports/http/forms.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { Media, UrlSigner } from '../../ports/media.ts';

export interface ElizaDeps {
  readonly bus: Bus;
  readonly live: LiveBus;
  readonly directory: Directory;
  readonly agents: Agents;
  /** Runs, log entries and memories of agents. */
  readonly records: AgentRecords;
  readonly worlds: Worlds;
  readonly settings: TenantSettings;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** Ids that stand for a conversation until they end; for a socket that joins one: `conversationOf()`. */
  readonly sessions: TimedSessions;
  readonly jobs: Jobs;
  readonly process: ProcessFacts;
  readonly media: { readonly uploads: Media; readonly forms: Forms; readonly signer: UrlSigner };
  readonly speech: Speech;
  readonly answers: AgentAnswers;
  readonly titles: ChatTitles;
  readonly servers: MessageServers;
  readonly survey: Pick<ConversationSurvey, 'ofEntity' | 'ofMessage'>;
  readonly search: MessageSearch;
  /** Answers when the projection holds what was stored before the call. */
  readonly projectedNow: () => Promise<boolean>;
  /** Who asks without a credential (`parley dev`); null: nobody may. */
  readonly anonymous: Principal | null;
}

/** The process that answers. */
export interface ProcessFacts {
  readonly version: string;
  /** `parley dev` */
  readonly isForOneMachine: boolean;
  /** On Clock.monotonicMs(). */
  readonly startedMs: number;
  /** Drains and ends it; answers at once. */
  stop(): void;
}
