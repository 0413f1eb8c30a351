/**
 * Sockets that post at a slow pace and measure how long each post took. They have a process of their own: beside a
 * load, the measure would be of the load's process, which is busier than the server.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Teardown } from '../../temporary.ts';
import { type Latency, latencyOf } from '../proofs/latency.ts';

/** Who posts where. */
export type Poster = { readonly token: string; readonly conversation: string };
export type PostingPlan = {
  readonly url: string;
  readonly posters: readonly Poster[];
  /** Of each poster. */
  readonly everyMs: number;
};
/** What the process tells: a post that was taken, or something that should not be. */
export type PostingNews = { readonly ms: number } | { readonly fault: string };

export class Posting {
  readonly faults: string[] = [];
  /** Of each post that was taken, in ms. */
  readonly #latencies: number[] = [];
  readonly #end: () => Promise<void>;

  private constructor(end: () => Promise<void>) {
    this.#end = end;
  }

  /** Ended with the test. */
  static begin(t: Teardown, plan: PostingPlan): Posting {
    const child = fork(fileURLToPath(new URL('./posting-process.js', import.meta.url)));
    const gone = once(child, 'exit');
    let isOver = false;
    const posting = new Posting(async () => {
      isOver = true;
      if (child.connected) child.disconnect();
      await gone;
    });
    child.on('message', (news: PostingNews) => {
      if ('ms' in news) posting.#latencies.push(news.ms);
      else posting.faults.push(news.fault);
    });
    child.once('exit', (code) => isOver || posting.faults.push(`the posters ended by themselves: ${code}`));
    child.send(plan);
    t.teardown(() => posting.end());
    return posting;
  }

  /** Latency of what was taken while `work` ran. */
  async during(work: () => Promise<unknown>): Promise<Latency> {
    const first = this.#latencies.length;
    await work();
    return latencyOf(this.#latencies.slice(first));
  }

  end(): Promise<void> {
    return this.#end();
  }
}
