/** What `parley cluster` does about a child that ends by itself: says so, and starts it again. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from '../../../adapters/embedded/child-server.ts';
import { Failure, sentenceOf } from '../../failure.ts';

export interface Revival {
  /** Says how `name` ended, and runs `start` until it succeeds. Never rejects. */
  after(exit: Exit, start: () => Promise<unknown>): void;
}

export interface RevivalOptions {
  /** What a person reads: `nats-2`. */
  readonly name: string;
  readonly say: (line: string) => void;
  /** True when everything is about to end: nothing is started any more. */
  readonly isEnding: () => boolean;
  /** It does not come back: told once, with the reason. */
  readonly onGivenUp: (why: Failure) => void;
  /** The pause before the second attempt; doubles with each. Default 250. */
  readonly pauseMinMs?: number;
}

/** A child that lives shorter than this did not start. */
const settledMs = 10_000;
const pauseMaxMs = 5_000;
/** So many in a row that did not start: it is not chance. */
const failuresMax = 5;

export function openRevival(options: RevivalOptions): Revival {
  const { name, say, isEnding, onGivenUp, pauseMinMs = 250 } = options;
  let failures = 0;
  let startedMs = performance.now();

  async function again(start: () => Promise<unknown>): Promise<void> {
    for (;;) {
      failures = performance.now() - startedMs < settledMs ? failures + 1 : 0;
      if (failures > failuresMax) {
        onGivenUp(new Failure(`${name} does not stay up; its log says why`));
        return;
      }
      if (failures > 0) await delay(Math.min(pauseMinMs * 2 ** (failures - 1), pauseMaxMs));
      if (isEnding()) return;
      startedMs = performance.now();
      try {
        await start();
        say(`${name} is back`);
        return;
      } catch (error) {
        if (isEnding()) return;
        say(`${name} could not be started again: ${sentenceOf(error)}`);
      }
    }
  }

  return {
    after({ code, signal }, start) {
      if (isEnding()) return;
      say(`${name} ended by itself (${signal ?? `exit code ${code}`}); starting it again`);
      void again(start);
    },
  };
}
