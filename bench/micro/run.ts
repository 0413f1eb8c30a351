/** `node dist/bench/micro/run.js`: the processor time of the hot functions of one post, of knowing who posts, of traces. */
import { nanosPerCall } from './measure.ts';
import { postSteps } from './post-path.ts';
import { tokenSteps } from './token-path.ts';
import { traceSteps } from './trace-path.ts';

const traces = traceSteps();
for (const { name, call } of [...postSteps(), ...(await tokenSteps()), ...traces.steps]) {
  const nanos = nanosPerCall(call);
  console.log(`${name.padEnd(42)} ${(nanos / 1_000).toFixed(3).padStart(8)} microseconds`);
}
await traces.close();
