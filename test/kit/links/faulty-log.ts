/** A log that fails between publish and answer when a test says so; what it stores, it really stores. */
import type { ConversationRef, LogEntry } from '../../../src/domain/event.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { AppendResult, Log } from '../../../src/ports/log.ts';

export interface AppendCall {
  readonly ref: ConversationRef;
  readonly expectLast: number;
  readonly entries: readonly LogEntry[];
  /** What would have happened. */
  readonly real: () => Promise<AppendResult>;
}

export class LogFaults {
  /** Stands in for every append while it is set. */
  append: ((call: AppendCall) => Promise<AppendResult>) | null = null;
  /** True: the leader cannot be asked now. */
  isHeadless: () => boolean = () => false;
  appends = 0;

  /** The next append answers this; afterwards all is well again. */
  once(fault: (call: AppendCall) => Promise<AppendResult>): void {
    this.append = (call) => {
      this.append = null;
      return fault(call);
    };
  }

  readonly wrap = (log: Log): Log => ({
    node: log.node,
    batchThreshold: log.batchThreshold,
    partitions: log.partitions,
    append: (ref, expectLast, entries) => {
      this.appends += 1;
      const real = (): Promise<AppendResult> => log.append(ref, expectLast, entries);
      return this.append === null ? real() : this.append({ ref, expectLast, entries, real });
    },
    head: (ref) => (this.isHeadless() ? Promise.resolve(new Problem('unavailable')) : log.head(ref)),
    heads: (refs) => log.heads(refs),
    readAfter: (ref, after, limit, kind) => log.readAfter(ref, after, limit, kind),
    find: (tenant, conversation) => log.find(tenant, conversation),
    erase: (ref, logSeqs) => log.erase(ref, logSeqs),
    purgeBefore: (ref, logSeq) => log.purgeBefore(ref, logSeq),
    partition: (conversation) => log.partition(conversation),
    epoch: (conversation) => log.epoch(conversation),
  });
}

/** It was stored, and the answer got lost. */
export async function lostAfter({ real }: AppendCall): Promise<AppendResult> {
  await real();
  return { kind: 'unknown' };
}

/** It got lost on the way. */
export function lostBefore(): Promise<AppendResult> {
  return Promise.resolve({ kind: 'unknown' });
}

export function falseConflict(): Promise<AppendResult> {
  return Promise.resolve({ kind: 'conflict' });
}
