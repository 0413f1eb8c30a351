/**
 * Full-text search over what a reader can see now: conversations it is in, nothing that it has cleared, nobody whom
 * it blocks, no deleted message; content of class phi and secret is never found. From the projection alone.
 */
import type { ConversationId, MessageId, PrincipalId, ServiceId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { SearchedWords } from '../../domain/searched-words.ts';
import type { Micros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';

/** Where a page begins: below this message. */
export interface SearchPlace {
  readonly at: Micros;
  readonly message: MessageId;
}

/** Null: any. Bounds are exclusive. */
export interface MessageQuery {
  readonly tenant: TenantId;
  readonly reader: PrincipalId;
  /** People do not see what agents say among themselves (metadata.is_internal). */
  readonly isPerson: boolean;
  readonly words: SearchedWords;
  readonly env: string | null;
  readonly service: ServiceId | null;
  readonly conversation: ConversationId | null;
  readonly beforeSeq: number | null;
  readonly sender: PrincipalId | null;
  readonly contentType: string | null;
  readonly after: Micros | null;
  readonly before: Micros | null;
  readonly below: SearchPlace | null;
  readonly limit: number;
}

export type TenantMessageQuery = Omit<MessageQuery, 'reader'>;

export interface FoundMessages {
  /** Newest first, by (time, message id). */
  readonly entries: readonly TimelineEntry[];
  readonly next: SearchPlace | null;
}

export interface MessageSearch {
  /** Without a word that must be there nothing is found. `unavailable` when Postgres is away. */
  find(query: MessageQuery): Promise<FoundMessages | Problem>;
  /**
   * For who may read all conversations of the tenant: nobody's blocks and marks count. With `service` its conversations alone. Looks at the newest
   * limits.searchedOfTenantMax entries.
   */
  findInTenant(query: TenantMessageQuery): Promise<FoundMessages | Problem>;
}
