import type { Command, CommandContext } from '../../domain/command.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Outcome } from '../bus.ts';

/** A command that waits for its turn in a conversation. */
export interface Waiting {
  readonly principal: Principal;
  readonly command: Command;
  readonly context: CommandContext;
  /** It came from another node: it is handled here and never forwarded again. */
  readonly isForwarded: boolean;
  /** How often an append of it had no clear end: from the second on it looks for itself in the log first. */
  attempts: number;
  readonly answer: (result: Outcome | Problem) => void;
}
