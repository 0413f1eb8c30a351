/** How a dialect answers requests that come over NATS: what it tells the transport, and what it is asked. */
import type { TObject } from '@sinclair/typebox';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';

/** One endpoint of the service, `api.<tenant>.<principal>.<verb>`. */
export interface ServiceVerb {
  /** `post`, `participants.add`. */
  readonly op: string;
  readonly summary: string;
  readonly schema: TObject;
  readonly reply: TObject | null;
}

export interface ServiceRequest {
  readonly op: string;
  /** JSON, or nothing for a verb without required fields. */
  readonly body: Uint8Array;
  /** '' when absent; without regard to case. */
  header(name: string): string;
}

export interface ServiceDialect {
  readonly verbs: readonly ServiceVerb[];
  /** Larger bodies are refused unread. */
  readonly bodyBytesMax: number;
  /**
   * The JSON of the reply, and whether it is a refusal. `replyBytesMax`: what the server takes; a page that
   * is larger is cut shorter. Never rejects.
   */
  answer(
    principal: Principal,
    request: ServiceRequest,
    replyBytesMax: number,
  ): Promise<{ readonly reply: string; readonly refusal: Problem | null }>;
  /** The JSON of a refusal that the transport itself has to give. */
  refuse(problem: Problem): string;
}
