/** Requests between nodes. Safety never depends on them: a node that does not answer is done without. */
import type { NodeId } from '../domain/ids.ts';

export interface NodeLink {
  readonly node: NodeId;
  /** Asks one node; null when it does not answer within `timeoutMs`. */
  ask(node: NodeId, verb: string, body: unknown, timeoutMs: number): Promise<unknown>;
  /** Asks all other nodes and resolves to true as soon as one answers `true`; false after `timeoutMs`. */
  askAny(verb: string, body: unknown, timeoutMs: number): Promise<boolean>;
  /** Tells every node, this one included: `identity.changed`. */
  tell(kind: string, body: object): void;
  onAsk(verb: string, answer: (body: unknown) => Promise<unknown>): void;
  onTell(kind: string, run: (body: unknown) => void): void;
}
