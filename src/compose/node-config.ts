import type { Config } from '../config/config.ts';
import type { Model } from '../ports/model.ts';

/** The configuration of a node that can start: it knows its servers. */
export type NodeConfig = Config & {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** Several processes listen on the port (`parley serve --workers`). */
  readonly isPortShared?: boolean;
  /** `parley dev`: clients of ElizaOS need no credential. */
  readonly isForOneMachine?: boolean;
  /** Somebody who may asked the process to end; absent: the node closes. */
  readonly onStop?: () => void;
  /** What agents that run here speak with; absent: as the environment says. */
  readonly agentModel?: Model;
};
