/** What agents of the tenant do, as far as a client subscribed to it. */
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { AgentLogEntry, AgentRecords } from '../../../ports/agents/agent-records.ts';
import { logLevels } from '../server/log-levels.ts';
import type { LogLine } from './wire.ts';

type LogFeed = Pick<AgentRecords, 'onLogEntry'>;

export interface LogFilters {
  /** `all`, or the name of one agent. */
  readonly agentName: string;
  readonly level: string;
}

const levels: Readonly<Record<string, number>> = { all: 0, ...logLevels };

export function isLevel(level: string): boolean {
  return Object.hasOwn(levels, level);
}

export class LogSubscription {
  readonly #feed: LogFeed;
  readonly #caller: () => Principal;
  readonly #send: (name: string, argument: object) => void;
  #filters: LogFilters = { agentName: 'all', level: 'info' };
  #stop: (() => void) | null = null;
  /** Who it was granted to: whoever loses its rights meanwhile hears no more. */
  #grantedTo: Principal | null = null;

  constructor(feed: LogFeed, caller: () => Principal, send: (name: string, argument: object) => void) {
    this.#feed = feed;
    this.#caller = caller;
    this.#send = send;
  }

  get isOpen(): boolean {
    return this.#stop !== null;
  }

  get filters(): LogFilters {
    return this.#filters;
  }

  filter(changes: Partial<LogFilters>): void {
    this.#filters = { ...this.#filters, ...changes };
  }

  start(): Problem | null {
    if (this.#stop !== null) return null;
    const caller = this.#caller();
    const opened = this.#feed.onLogEntry(caller, (entry) => this.#take(entry));
    if (opened instanceof Problem) return opened;
    this.#stop = opened.stop;
    this.#grantedTo = caller;
    return null;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #take(entry: AgentLogEntry): void {
    if (this.#isGranted()) this.#tell(entry);
    else this.stop();
  }

  #isGranted(): boolean {
    const caller = this.#caller();
    if (caller === this.#grantedTo) return true;
    const asked = this.#feed.onLogEntry(caller, () => undefined);
    if (asked instanceof Problem) return false;
    asked.stop();
    this.#grantedTo = caller;
    return true;
  }

  #tell({ agent: agentId, at, level, body }: AgentLogEntry): void {
    const agentName = textOf(body['agentName']) ?? agentId;
    const value = levels[level] ?? 30;
    const { agentName: wanted, level: least } = this.#filters;
    if (value < (levels[least] ?? 0) || (wanted !== 'all' && wanted !== agentName)) return;
    const msg = textOf(body['message']) ?? '';
    const line: LogLine = { level: value, time: msOf(at), msg, agentId, agentName };
    this.#send('log_stream', { type: 'log_entry', payload: line });
    this.#send('logEntry', line);
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
