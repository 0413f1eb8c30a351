/** `node dist/bench/micro/run.js`: the processor time of the hot functions of one post, and of knowing who posts. */
import { nanosPerCall } from './measure.ts';
import { postSteps } from './post-path.ts';
import { tokenSteps } from './token-path.ts';

for (const { name, call } of [...postSteps(), ...(await tokenSteps())]) {
  const nanos = nanosPerCall(call);
  console.log(`${name.padEnd(42)} ${(nanos / 1_000).toFixed(2).padStart(8)} microseconds`);
}
