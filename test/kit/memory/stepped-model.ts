/** A model whose words come when the test says so. */
import { Problem } from '../../../src/domain/problem.ts';
import type { Model, ModelRequest } from '../../../src/ports/agents/model.ts';
import { until } from '../log-entries.ts';

export interface Asking {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  say(...pieces: string[]): void;
  /** It has said everything. */
  end(): void;
  fail(): void;
}

export class SteppedModel implements Model {
  readonly name = 'stepped';
  readonly asked: Asking[] = [];

  /** How often it was asked about a message with this text. */
  about(text: string): Asking[] {
    return this.asked.filter(({ request }) => request.messages.at(-1)?.text === text);
  }

  /** Waits until it was asked about it for the n-th time (from 1). */
  async askedAbout(text: string, times = 1): Promise<Asking> {
    await until(() => this.about(text).length >= times, 60_000);
    return this.about(text)[times - 1] as Asking;
  }

  async *answer(request: ModelRequest, signal: AbortSignal): AsyncGenerator<string | Problem> {
    const said: (string | Problem | null)[] = [];
    let wake = (): void => undefined;
    const add = (...pieces: (string | Problem | null)[]): void => {
      said.push(...pieces);
      wake();
    };
    this.asked.push({
      ...{ request, signal, say: add },
      end: () => add(null),
      fail: () => add(new Problem('unavailable')),
    });
    for (;;) {
      const next = said.shift();
      if (next === null) return;
      if (next !== undefined) yield next;
      // Deaf to the signal: whoever asks must not depend on it.
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
}
