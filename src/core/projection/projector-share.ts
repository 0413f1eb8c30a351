/**
 * Which partitions this process offers to project. The server gives each partition to one of those who offer, and leaves
 * it there: without a rule the first process that starts projects everything, and the last one of a rolling restart
 * nothing. So all say every 1.5 seconds that they are there, and partition p is for number p mod n of them, by id. Safety
 * never depends on it: when views differ, two offer for a moment or nobody does, and the server still chooses one.
 *
 *   not heard of -> counted as soon as it speaks -> not counted any more when it leaves, or is silent for 5 s
 */
import type { NodeId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeLink } from '../../ports/node-link.ts';

const hereKind = 'projection.here';

interface Said {
  readonly node: NodeId;
  /** The partitions that it offers itself for now. */
  readonly open: readonly number[];
  readonly isLeaving: boolean;
}

interface Other {
  readonly heardMs: number;
  readonly open: ReadonlySet<number>;
}

export interface ProjectorShareOptions {
  readonly link: NodeLink;
  readonly clock: Clock;
  readonly partitions: number;
  /** What is open here now. */
  readonly open: () => readonly number[];
  /** Called whenever `mine()` may have changed, and at every look. */
  readonly onLook: () => void;
}

export class ProjectorShare {
  readonly #options: ProjectorShareOptions;
  readonly #others = new Map<NodeId, Other>();
  /** Since when whose turn it is does not take a partition up. */
  readonly #missingSinceMs = new Map<number, number>();
  #cancel: () => void = () => undefined;
  #isClosed = false;

  /** Speaks at once, so that the others answer before the first partition is opened. */
  constructor(options: ProjectorShareOptions) {
    this.#options = options;
    options.link.onTell(hereKind, (said) => this.#hear(said));
    this.#tick();
  }

  /** All of them, for who is alone. */
  mine(): ReadonlySet<number> {
    const { link, clock, partitions } = this.#options;
    const nowMs = clock.monotonicMs();
    const here = [...this.#others.keys(), link.node].sort();
    const mine = new Set<number>();
    for (let partition = 0; partition < partitions; partition += 1) {
      const turn = here[partition % here.length] ?? link.node;
      const isTaken = turn === link.node || this.#others.get(turn)?.open.has(partition) === true;
      if (isTaken) this.#missingSinceMs.delete(partition);
      else if (!this.#missingSinceMs.has(partition)) this.#missingSinceMs.set(partition, nowMs);
      const missingMs = nowMs - (this.#missingSinceMs.get(partition) ?? nowMs);
      if (turn === link.node || missingMs > limits.projectorMissingMs) mine.add(partition);
    }
    return mine;
  }

  /** Says goodbye, before anything is closed: the others offer themselves, and go on where the last batch ends. */
  leave(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#say(true);
  }

  #tick(): void {
    if (this.#isClosed) return;
    const { clock, onLook } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const [node, { heardMs }] of this.#others) {
      if (nowMs - heardMs > limits.projectorSilentMs) this.#others.delete(node);
    }
    this.#say(false);
    onLook();
    this.#cancel = clock.after(limits.projectorHereMs, () => this.#tick());
  }

  #say(isLeaving: boolean): void {
    const { link, open } = this.#options;
    link.tell(hereKind, { node: link.node, open: open(), isLeaving } satisfies Said);
  }

  #hear(body: unknown): void {
    const { node, open, isLeaving } = (body ?? {}) as Partial<Said>;
    const { link, clock, onLook } = this.#options;
    if (this.#isClosed || typeof node !== 'string' || node === link.node || !Array.isArray(open)) return;
    const isKnown = this.#others.has(node);
    if (isLeaving === true) {
      if (this.#others.delete(node)) onLook();
      return;
    }
    if (!isKnown && this.#others.size >= limits.projectorsKnownMax) return;
    this.#others.set(node, { heardMs: clock.monotonicMs(), open: new Set(open as number[]) });
    if (isKnown) return;
    this.#say(false); // it has not heard of us either
    onLook();
  }
}
