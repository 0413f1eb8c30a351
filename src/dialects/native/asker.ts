/** Who sends a frame, wherever it came in: on a socket, or as a request over NATS. */
import type { CommandContext } from '../../domain/command.ts';
import type { Principal } from '../../domain/principal.ts';

export interface Asker {
  readonly principal: Principal;
  /** What was said beside the fields: environment, data class, policy, trace. A socket says it in its handshake. */
  readonly context: Partial<CommandContext>;
}
