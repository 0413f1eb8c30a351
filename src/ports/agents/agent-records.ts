/**
 * What agents did: their runs, log entries and memories, kept for a while (limits.agentRecordsKeptMs,
 * limits.agentMemoriesKeptMs). Texts of phi and secret messages are never among them.
 */
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

type Json = Readonly<Record<string, unknown>>;

/** `error`: also one that was stopped; `outcome` tells. */
export type RunStatus = 'started' | 'completed' | 'timeout' | 'error';

export interface RunEvent {
  readonly type: 'RUN_STARTED' | 'MODEL_USED' | 'RUN_ENDED';
  readonly at: Micros;
  readonly data: Json;
}

export interface RunCounts {
  readonly actions: number;
  readonly modelCalls: number;
  readonly errors: number;
  readonly evaluators: number;
}

export interface AgentRun {
  readonly tenant: TenantId;
  readonly id: string;
  readonly agent: PrincipalId;
  readonly conversation: ConversationId;
  readonly room: string;
  /** What is answered, and who said it. */
  readonly message: MessageId;
  readonly entity: PrincipalId;
  readonly status: RunStatus;
  /** `answered`, `stopped`, `failed`, `too old`, `passed`; null: not over. */
  readonly outcome: string | null;
  readonly startedAt: Micros;
  readonly endedAt: Micros | null;
  readonly counts: RunCounts;
  readonly metadata: Json;
  readonly events: readonly RunEvent[];
}

/** As its events are told with one run alone. */
export type ListedRun = Omit<AgentRun, 'events'>;

/** Levels of ElizaOS, least to most: `trace`, `debug`, `success`, `progress`, `log`, `info`, `warn`, `error`, `fatal`. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface AgentLogEntry {
  readonly tenant: TenantId;
  readonly id: string;
  readonly agent: PrincipalId;
  readonly at: Micros;
  /** `useModel:TEXT_LARGE`, `run_event`, `model_state`. */
  readonly type: string;
  readonly level: LogLevel;
  /** `message`: a sentence for people; `agentName`; and what belongs to the type. */
  readonly body: Json;
  readonly conversation: ConversationId | null;
  readonly room: string | null;
  readonly entity: PrincipalId | null;
  readonly run: string | null;
}

export interface AgentMemory {
  readonly tenant: TenantId;
  readonly id: string;
  readonly agent: PrincipalId;
  /** `messages` */
  readonly table: string;
  readonly room: string;
  readonly conversation: ConversationId | null;
  /** Of which it is a memory; null: of none. */
  readonly message: MessageId | null;
  readonly entity: PrincipalId;
  readonly world: string | null;
  readonly content: Json;
  readonly isUnique: boolean;
  readonly metadata: Json;
  readonly createdAt: Micros;
}

export interface RunQuery {
  readonly agent: PrincipalId;
  readonly room?: string;
  readonly entity?: PrincipalId;
  readonly status?: RunStatus;
  /** By their start, both included. */
  readonly from?: Micros;
  readonly to?: Micros;
  readonly limit: number;
}

export interface LogQuery {
  readonly agent: PrincipalId;
  readonly room?: string;
  readonly entity?: PrincipalId;
  readonly type?: string;
  readonly excludedTypes?: readonly string[];
  readonly offset?: number;
  readonly limit: number;
}

export interface TenantLogQuery {
  readonly agent?: PrincipalId;
  readonly level?: LogLevel;
  readonly since?: Micros;
  readonly limit: number;
}

export interface MemoryQuery {
  readonly agent: PrincipalId;
  readonly table?: string;
  readonly room?: string;
  readonly entity?: PrincipalId;
  /** Exclusive. */
  readonly before?: Micros;
  readonly limit: number;
}

/** Absent fields stay as they are. */
export interface MemoryChanges {
  readonly table?: string;
  readonly room?: string;
  readonly entity?: PrincipalId;
  readonly world?: string | null;
  readonly content?: Json;
  readonly metadata?: Json;
  readonly isUnique?: boolean;
  readonly createdAt?: Micros;
}

/** What one turn leaves; written in one statement, and what is there already stays. */
export interface TurnRecords {
  readonly run: AgentRun;
  readonly logs: readonly AgentLogEntry[];
  readonly memories: readonly AgentMemory[];
}

/** Limits of queries are cut to limits.agentRecordsPageMax. Newest first everywhere. */
export interface AgentRecordStore {
  /** A run that was `started` is ended by its records; what else there is already stays as it is. */
  add(records: TurnRecords): Promise<Problem | null>;
  runs(
    tenant: TenantId,
    query: RunQuery,
  ): Promise<
    { readonly runs: readonly ListedRun[]; readonly total: number; readonly hasMore: boolean } | Problem
  >;
  run(tenant: TenantId, agent: PrincipalId, id: string): Promise<AgentRun | null | Problem>;
  logs(tenant: TenantId, query: LogQuery): Promise<readonly AgentLogEntry[] | Problem>;
  /** `total`: how many there are without the limit, counted up to limits.agentRecordsCountedMax. */
  tenantLogs(
    tenant: TenantId,
    query: TenantLogQuery,
  ): Promise<{ readonly entries: readonly AgentLogEntry[]; readonly total: number } | Problem>;
  /** False: there is none. */
  deleteLog(tenant: TenantId, agent: PrincipalId, id: string): Promise<boolean | Problem>;
  /** All of the tenant. Answers how many; at most limits.agentRecordsDeletedAtOnce, so ask again while it is that. */
  clearLogs(tenant: TenantId): Promise<number | Problem>;
  memories(tenant: TenantId, query: MemoryQuery): Promise<readonly AgentMemory[] | Problem>;
  memory(tenant: TenantId, agent: PrincipalId, id: string): Promise<AgentMemory | null | Problem>;
  changeMemory(
    tenant: TenantId,
    agent: PrincipalId,
    id: string,
    changes: MemoryChanges,
  ): Promise<AgentMemory | null | Problem>;
  deleteMemory(tenant: TenantId, agent: PrincipalId, id: string): Promise<boolean | Problem>;
  /** Of one room, or all of the agent. Answers how many; at most limits.agentRecordsDeletedAtOnce. */
  deleteMemories(tenant: TenantId, agent: PrincipalId, room: string | null): Promise<number | Problem>;
  /** Everything of an agent. Answers how many rows; of each kind at most limits.agentRecordsDeletedAtOnce. */
  forgetAgent(tenant: TenantId, agent: PrincipalId): Promise<number | Problem>;
  /**
   * What is older than these times, of all tenants: at most `limit` of each kind; runs that began before
   * `unendedBefore` and never ended have timed out. Answers how many rows are gone.
   */
  sweep(ages: {
    readonly recordsBefore: Micros;
    readonly memoriesBefore: Micros;
    readonly unendedBefore: Micros;
    readonly limit: number;
  }): Promise<number | Problem>;
}

/**
 * The same for dialects. Services, owners and admins of the tenant may do everything, an agent what concerns
 * itself; others are `forbidden`, for here is what was said in conversations.
 */
export interface AgentRecords {
  runs(by: Principal, query: RunQuery): ReturnType<AgentRecordStore['runs']>;
  /** `not_found` */
  run(by: Principal, agent: PrincipalId, id: string): Promise<AgentRun | Problem>;
  logs(by: Principal, query: LogQuery): ReturnType<AgentRecordStore['logs']>;
  tenantLogs(by: Principal, query: TenantLogQuery): ReturnType<AgentRecordStore['tenantLogs']>;
  deleteLog(by: Principal, agent: PrincipalId, id: string): Promise<boolean | Problem>;
  /** Answers how many there were. */
  clearLogs(by: Principal): Promise<number | Problem>;
  memories(by: Principal, query: MemoryQuery): ReturnType<AgentRecordStore['memories']>;
  /** `not_found` */
  memory(by: Principal, agent: PrincipalId, id: string): Promise<AgentMemory | Problem>;
  /** `not_found`; `too_large`: content or metadata have more than limits.memoryBytesMax. */
  changeMemory(
    by: Principal,
    agent: PrincipalId,
    id: string,
    changes: MemoryChanges,
  ): Promise<AgentMemory | Problem>;
  deleteMemory(by: Principal, agent: PrincipalId, id: string): Promise<boolean | Problem>;
  /** Of one room, or (null) all of the agent. Answers how many there were. */
  deleteMemories(by: Principal, agent: PrincipalId, room: string | null): Promise<number | Problem>;
  /** The agent's own id for a conversation: what ElizaOS calls its room. */
  roomOf(conversation: ConversationId, agent: PrincipalId): string;
  /**
   * Calls `listener` with each new log entry of the tenant, written on whichever node; some are lost when there
   * are too many. The returned function ends that. For whom tenantLogs() would be granted.
   */
  onLogEntry(
    by: Principal,
    listener: (entry: AgentLogEntry) => void,
  ): { readonly stop: () => void } | Problem;
}
