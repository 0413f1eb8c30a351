/**
 * What an agent notices of a conversation while it has a turn there: the first thing that ends the run, or holds
 * it up, aborts the signal at once, also while the model is silent.
 */
import type { Event } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { TakenTurn } from '../../ports/agents/agent-turns.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WatchedConversation } from '../bus.ts';
import { type OwnRun, type Standing, standingOfRun, stopsOwnRun } from './stops.ts';
import { endOf } from './turns/turn-end.ts';

/** The node's: it begins to close, and it closes. */
type NodeSignals = Pick<TakenTurn, 'draining' | 'signal'>;

export class Attention {
  readonly own: OwnRun;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #node: NodeSignals;
  readonly #interrupt = new AbortController();
  readonly #patience = new AbortController();
  #watched: WatchedConversation | null = null;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(own: OwnRun, node: NodeSignals, clock: Pick<Clock, 'after'>) {
    this.own = own;
    this.#node = node;
    this.#clock = clock;
    node.draining.addEventListener('abort', this.#onDraining);
    node.signal.addEventListener('abort', this.#onClosing);
    if (node.draining.aborted) this.#patience.abort();
    if (node.signal.aborted) this.#interruptRun();
  }

  /** Aborted once it may not go on. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Aborted once it may not wait: neither to be able to go on, nor for a place to begin. */
  get patience(): AbortSignal {
    return this.#patience.signal;
  }

  get standing(): Standing {
    return this.#isStopped || this.#watched === null ? 'over' : standingOfRun(this.state, this.own);
  }

  get state(): ConversationState {
    if (this.#watched === null) throw new Error('nothing is watched yet');
    return this.#watched.state;
  }

  begin(watched: WatchedConversation): void {
    this.#watched = watched;
    this.#look();
  }

  readonly take = (event: Event): void => {
    if (stopsOwnRun(event, this.own)) this.#isStopped = true;
    if (this.#watched !== null) this.#look();
  };

  /** The core refused what it wanted to say: what the refusal means for the whole run counts before the event. */
  refused(problem: Problem): void {
    const end = endOf(problem);
    if (end === 'stopped') this.#isStopped = true;
    if (end === 'stopped' || end === 'paused') this.#interruptRun();
  }

  /** The agent does not run any more. */
  halt(): void {
    this.#isStopped = true;
    this.#interruptRun();
    this.#wake();
  }

  /** Resolves when it may have become free, or will not; looked at again every limits.agentPausedLookMs. */
  untilFree(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(limits.agentPausedLookMs, resolve);
      this.#wake = () => {
        if (this.standing === 'paused' && !this.#node.draining.aborted) return;
        cancel();
        resolve();
      };
      this.#wake();
    });
  }

  close(): void {
    this.#node.draining.removeEventListener('abort', this.#onDraining);
    this.#node.signal.removeEventListener('abort', this.#onClosing);
  }

  readonly #onDraining = (): void => {
    this.#patience.abort();
    this.#wake();
  };

  readonly #onClosing = (): void => {
    this.#interruptRun();
    this.#wake();
  };

  #interruptRun(): void {
    this.#interrupt.abort();
    this.#patience.abort();
  }

  #look(): void {
    if (this.standing !== 'free') this.#interruptRun();
    this.#wake();
  }
}
