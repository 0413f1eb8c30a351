import type { Command, CommandContext } from '../../../domain/command.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { Span } from '../../../ports/tracing.ts';
import type { Outcome } from '../../bus.ts';

/** A command that waits for its turn in a conversation. */
export interface Waiting {
  readonly principal: Principal;
  readonly command: Command;
  readonly context: CommandContext;
  /** When it was queued: monotonic milliseconds. */
  readonly sinceMs: number;
  /** Position of the conversation when it was asked, on the node that was asked: its events come after it. */
  readonly after: number;
  /** It came from another node: it is handled here and never forwarded again. */
  readonly isForwarded: boolean;
  /** An append of it, or another node that was asked, has given no clear answer: it may be stored. */
  isSent: boolean;
  /** It was with another node once: it stays here now, for there it may still be under way. */
  wasForwarded: boolean;
  /** The state here holds everything that was committed before it was asked: a refusal needs no more proof. */
  isProven: boolean;
  /** Null: not traced. */
  readonly span: Span | null;
  /** Appends of it so far. */
  attempts: number;
  readonly answer: (result: Outcome | Problem) => void;
}
