/**
 * Jobs: one prompt for one agent, in a conversation of its own, and the first answer that counts. A job is settled
 * when its answer is there, or its time is up; whoever asks for it before finds out. No text of it is stored twice:
 * prompt and answer are messages. Methods answer `unavailable` when a server is away.
 */
import type { CommandContext } from '../../domain/command.ts';
import type { EventOf } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

/** `pending`: its prompt is not posted yet. */
export type JobStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'timeout';

export interface JobRecord {
  /** UUIDv4. */
  readonly id: string;
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly agent: PrincipalId;
  readonly user: PrincipalId;
  /** Ids of the messages: deterministic for the prompt, null until there is an answer. */
  readonly prompt: MessageId;
  readonly answer: MessageId | null;
  readonly status: JobStatus;
  readonly error: string | null;
  readonly createdAt: Micros;
  readonly expiresAt: Micros;
  readonly endedAt: Micros | null;
  /** JSON as it is stored: in the clear, or sealed. */
  readonly metadata: string;
}

export type JobMetadata = Readonly<Record<string, unknown>>;

/** A job with its texts, as far as they are there still. */
export interface Job extends Omit<JobRecord, 'metadata' | 'prompt' | 'answer'> {
  readonly metadata: JobMetadata;
  readonly prompt: string;
  readonly answer: EventOf<'message.posted'> | null;
}

export interface NewJob {
  readonly agent: PrincipalId;
  readonly content: string;
  readonly metadata: JobMetadata;
  /** limits.jobMsMin to jobMsMax. */
  readonly timeoutMs: number;
  /** Metadata of its conversation and of its prompt, by the id of the job. */
  readonly conversationMetadata: (job: string) => JobMetadata;
  readonly promptMetadata: (job: string) => JobMetadata;
  readonly context: Partial<CommandContext>;
}

export interface JobCounts {
  readonly byStatus: Readonly<Record<JobStatus, number>>;
  /** From prompt to answer, of those that were completed; 0 when none was. */
  readonly averageMs: number;
}

export interface JobList {
  /** The newest first. */
  readonly jobs: readonly Job[];
  /** All that the caller may see, whatever their status. */
  readonly total: number;
}

/** A caller sees its own jobs; services and administrators those of their tenant. */
export interface Jobs {
  /** Of `author`, who takes part. `overloaded`: limits.jobsPerTenantMax are under way. */
  create(author: Principal, job: NewJob): Promise<JobRecord | Problem>;
  find(caller: Principal, id: string): Promise<Job | null | Problem>;
  /** `limit`: at most limits.jobsListedMax. `status` null: of any. */
  list(
    caller: Principal,
    query: { readonly limit: number; readonly status: JobStatus | null },
  ): Promise<JobList | Problem>;
  counts(caller: Principal): Promise<JobCounts | Problem>;
}

export interface JobEnd {
  readonly status: 'completed' | 'failed' | 'timeout';
  readonly answer: MessageId | null;
  readonly error: string | null;
  readonly endedAt: Micros;
}

export interface JobStore {
  /** `overloaded` when the tenant has `max` that are not over; over ones make room, those first that began first. */
  add(job: JobRecord, max: number): Promise<Problem | null>;
  find(tenant: TenantId, id: string): Promise<JobRecord | null | Problem>;
  /** `user` null: of the tenant. */
  list(
    tenant: TenantId,
    user: PrincipalId | null,
    query: { readonly limit: number; readonly status: JobStatus | null },
  ): Promise<readonly JobRecord[] | Problem>;
  counts(tenant: TenantId, user: PrincipalId | null): Promise<JobCounts | Problem>;
  /** Its prompt is posted. */
  start(tenant: TenantId, id: string): Promise<Problem | null>;
  /** Ends one that is not over; who is second changes nothing. */
  settle(tenant: TenantId, id: string, end: JobEnd): Promise<Problem | null>;
  remove(tenant: TenantId, id: string): Promise<Problem | null>;
  /** Those of all tenants that are not over although their time is up, the oldest first. */
  overdue(now: Micros, limit: number): Promise<readonly JobRecord[] | Problem>;
  /** Removes those of all tenants that were over before `before`; answers how many. */
  sweep(before: Micros, limit: number): Promise<number | Problem>;
}
