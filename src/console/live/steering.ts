/** What stops, starts and directs those who take part. A refusal is told at the edge; what was done the events tell. */
import type { ReadonlySignal } from '@preact/signals';
import type { Conversation, ConversationState } from '../../client/index.ts';
import { tellProblem } from '../shell/notice.tsx';

export class Steering {
  readonly #conversation: Conversation;
  readonly #state: ReadonlySignal<ConversationState | null>;

  constructor(conversation: Conversation, state: ReadonlySignal<ConversationState | null>) {
    this.#conversation = conversation;
    this.#state = state;
  }

  pauseOrResume(): void {
    if (this.#state.value?.paused === null) this.pause().catch(tellProblem);
    else this.#conversation.resume().catch(tellProblem);
  }

  /** `reason`: shown to everybody; empty: none. Rejects with a ParleyProblem. */
  async pause(reason = ''): Promise<void> {
    await this.#conversation.pause(reason === '' ? {} : { reason });
  }

  /** Stops what is running: of one agent, or all of it. */
  preempt(target: string | null = null): void {
    this.#conversation.preempt(target === null ? {} : { target }).catch(tellProblem);
  }

  /** Gives the floor to one agent; null: to all. */
  route(target: string | null): void {
    this.#conversation.route(target).catch(tellProblem);
  }

  handOff(target: string): void {
    this.#conversation.handoff(target).catch(tellProblem);
  }

  add(participant: string, kind: 'user' | 'agent'): void {
    this.#conversation.participants.add({ id: participant, kind }).catch(tellProblem);
  }

  /** Of oneself: leaves. */
  remove(participant: string): void {
    this.#conversation.participants.remove(participant).catch(tellProblem);
  }
}
