/** Replies to requests that named an idempotency key: a request that comes again is answered with the first reply. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

/** What a key is unique in: the principal's requests of one route with its parameters. */
export interface ReplyPlace {
  readonly tenant: TenantId;
  readonly principal: PrincipalId;
  readonly scope: string;
  readonly key: string;
}

/** What begin() found: nobody had it, somebody runs it, it was another request, or its reply (null: not kept). */
export type Begun =
  | { readonly state: 'begun' | 'running' | 'other' }
  | { readonly state: 'done'; readonly reply: string | null };

export interface ReplyStore {
  /**
   * Takes the place for `attempt`, unless it is taken. A request that began `staleMs` ago and never ended is taken over;
   * what is older than `keptMs` is forgotten. By the store's clock: nodes whose clocks differ share the places.
   */
  begin(
    place: ReplyPlace,
    attempt: { readonly id: string; readonly hash: number },
    bounds: { readonly staleMs: number; readonly keptMs: number },
  ): Promise<Begun | Problem>;
  /** Keeps the reply of an attempt that still has the place. */
  finish(place: ReplyPlace, attempt: string, reply: string | null): Promise<Problem | null>;
  /** Frees the place: nothing was done. */
  abandon(place: ReplyPlace, attempt: string): Promise<Problem | null>;
}

/** What is kept of a reply. */
export interface KeptReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A request with a key, as far as it is compared with others of that key. */
export interface ComparedRequest {
  readonly principal: Principal;
  /** Route and parameters of its path. */
  readonly scope: string;
  readonly key: string;
  /** What makes two requests the same. */
  readonly content: string;
}

/** A request with a key. */
export interface KeyedRequest extends ComparedRequest {
  /** The reply holds a secret: it is kept sealed, or not at all. */
  readonly isSecret: boolean;
}

export interface StoredReplies {
  /**
   * Runs a request, or answers what it was answered before (`isReplay`). Of two at once one runs and the other waits.
   * Refusals are not kept. `conflict` when the key was used with other content, or when the reply was not kept.
   */
  once<R extends KeptReply>(
    request: KeyedRequest,
    run: () => Promise<R | Problem>,
  ): Promise<{ readonly reply: R | KeptReply; readonly isReplay: boolean } | Problem>;

  /**
   * Runs a request that does nothing twice and answers alike by itself, unless its key was used with other content
   * (`conflict`). Of two at once both run. Nothing of its reply is kept; a refusal frees the key.
   */
  unlessOther<R>(request: ComparedRequest, run: () => Promise<R | Problem>): Promise<R | Problem>;
}
