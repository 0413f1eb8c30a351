/**
 * What an agent notices of a conversation while it has a turn there: the first thing that ends the run, or holds
 * it up, aborts the signal at once, also while the model is silent.
 */
import type { Event } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WatchedConversation } from '../bus.ts';
import { type OwnRun, type Standing, standingOfRun, stopsOwnRun } from './stops.ts';
import { endOf } from './turns/turn-end.ts';

export class Attention {
  readonly own: OwnRun;
  readonly #clock: Pick<Clock, 'after'>;
  /** The node's: it closes. */
  readonly #closing: AbortSignal;
  readonly #interrupt = new AbortController();
  #watched: WatchedConversation | null = null;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(own: OwnRun, closing: AbortSignal, clock: Pick<Clock, 'after'>) {
    this.own = own;
    this.#closing = closing;
    this.#clock = clock;
    if (closing.aborted) this.#interrupt.abort();
    else closing.addEventListener('abort', this.#onClosing);
  }

  /** Aborted once it may not go on. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
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
    if (end === 'stopped' || end === 'paused') this.#interrupt.abort();
  }

  /** The agent does not run any more. */
  halt(): void {
    this.#isStopped = true;
    this.#interrupt.abort();
    this.#wake();
  }

  /** Resolves when it may have become free, or will not; looked at again every limits.agentPausedLookMs. */
  untilFree(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(limits.agentPausedLookMs, resolve);
      this.#wake = () => {
        if (this.standing === 'paused' && !this.#closing.aborted) return;
        cancel();
        resolve();
      };
      this.#wake();
    });
  }

  close(): void {
    this.#closing.removeEventListener('abort', this.#onClosing);
  }

  readonly #onClosing = (): void => {
    this.#interrupt.abort();
    this.#wake();
  };

  #look(): void {
    if (this.standing !== 'free') this.#interrupt.abort();
    this.#wake();
  }
}
