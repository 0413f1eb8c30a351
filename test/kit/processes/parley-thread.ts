/**
 * Commands of `parley` in one thread of the test, one after another: what a command prints and how it ends as runParley()
 * has it, but node starts once and its modules are loaded once, which is nearly all that a short command costs.
 * For commands that end by themselves; what is a matter of processes (signals, files that are open) takes runParley().
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Teardown } from '../temporary.ts';
import { type Ended, type Env, environment } from './parley-process.ts';
import type { Call } from './run-calls.ts';

export type RunParley = (args: readonly string[], env?: Env) => Promise<Ended>;

/** The thread ends with the test. */
export function openParleyThread(t: Teardown): RunParley {
  const worker = new Worker(new URL('./run-calls.js', import.meta.url), { env: { ...environment({}) } });
  const broken = once(worker, 'exit').then(([code]) => {
    throw new Error(`the thread of the commands ended with ${code}`);
  });
  broken.catch(() => undefined);
  t.teardown(() => worker.terminate());
  let last: Promise<unknown> = Promise.resolve();
  return (args, env = {}) => {
    const ended = last.then(async () => {
      const call: Call = { args, env: environment(env) };
      worker.postMessage(call);
      const [answer] = await Promise.race([once(worker, 'message'), broken]);
      return answer as Ended;
    });
    last = ended.catch(() => undefined);
    return ended;
  };
}
