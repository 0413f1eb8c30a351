import type { Config } from '../config/config.ts';
import type { RetryRules } from '../domain/webhook.ts';
import type { Model } from '../ports/agents/model.ts';

/** The configuration of a node that can start: it knows its servers. */
export type NodeConfig = Config & {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** Which of several processes this is, as metrics name it: `0`. */
  readonly worker?: string;
  /** Makes of a process's own metrics those of all processes on the port. */
  readonly shareMetrics?: (own: () => Promise<string>) => () => Promise<string>;
  /** Several processes listen on the port (`parley serve --workers`). */
  readonly isPortShared?: boolean;
  /** `parley dev`: clients of ElizaOS need no credential. */
  readonly isForOneMachine?: boolean;
  /** Somebody who may asked the process to end; absent: the node closes. */
  readonly onStop?: () => void;
  /** What agents that run here speak with; absent: as the environment says. */
  readonly agentModel?: Model;
  /** When deliveries of webhooks are tried again; absent: limits. */
  readonly webhookRules?: RetryRules;
  /** How long lists, counts and searches wait for what was stored before they were asked; absent: limits. */
  readonly projectedWaitMsMax?: number;
};
