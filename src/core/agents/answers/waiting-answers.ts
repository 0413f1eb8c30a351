/** All who wait for an answer on this node: no more than fit, each told when the turn it waits for has ended. */
import type { TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import { endedTurn, followEndedTurns } from '../turns/turn-news.ts';
import type { Expectation } from './expected-answer.ts';

export class WaitingAnswers {
  /** By tenant and conversation. Bounded by limits.answersExpectedMax. */
  readonly #waiting = new Map<string, Set<Expectation>>();
  #count = 0;

  constructor(link: Pick<NodeLink, 'onTell'>) {
    followEndedTurns(link, (turn) => {
      for (const one of this.#waiting.get(keyOf(turn.tenant, turn.conversation)) ?? [])
        if (one.concerns(turn.message) && one.agent === turn.agent) one.end(endedTurn(turn.end));
    });
  }

  /** Called once, what it answers gives the place back. Null: there is none left. */
  takePlace(): (() => void) | null {
    if (this.#count >= limits.answersExpectedMax) return null;
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }

  /** What it answers ends it. */
  add(tenant: TenantId, conversation: string, expectation: Expectation): () => void {
    const key = keyOf(tenant, conversation);
    const there = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, there.add(expectation));
    return () => {
      there.delete(expectation);
      if (there.size === 0 && this.#waiting.get(key) === there) this.#waiting.delete(key);
    };
  }
}

function keyOf(tenant: TenantId, conversation: string): string {
  return `${tenant} ${conversation}`;
}
