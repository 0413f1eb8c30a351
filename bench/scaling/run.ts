/** `make scaling`: how figures move with workers, conversations and sockets. Every curve has servers of its own. */
import { parseArgs } from 'node:util';
import { WrongArguments } from '../kit/arguments.ts';
import { Closers } from '../kit/closers.ts';
import { Stack } from '../kit/stack.ts';
import { within } from '../kit/wait.ts';
import { conversationsCurve } from './conversations.ts';
import { formatRows, type Measure, writeCurve } from './curve.ts';
import { socketsCurve } from './sockets.ts';
import { workersCurve } from './workers.ts';

const usage = `Usage: node dist/bench/scaling/run.js [--quick] [--only NAME[,NAME]]

  --quick       a minute or two: the smaller sizes, short rounds
  --only NAMES  only these curves: workers, conversations, sockets

Rows go to bench/results/scaling.json, plots to bench/results/scaling-NAME.svg. Ends with 1 when something
that was acknowledged is not as it should be, with 2 on wrong arguments.`;

const measures: readonly Measure[] = [workersCurve, conversationsCurve, socketsCurve];
/** On a quiet machine all of them take less than 15 minutes; one that hangs ends here. */
const curveMsMax = 1_800_000;

const closers = new Closers();
const say = (line: string): void => console.error(line);

async function main(only: readonly string[], isQuick: boolean): Promise<void> {
  for (const { name, run } of measures) {
    if (only.length > 0 && !only.includes(name)) continue;
    const began = performance.now();
    const own = new Closers();
    closers.add(() => own.closeAll());
    try {
      const stack = await Stack.open(own);
      const context = { stack, closers: own, isQuick, roundMs: isQuick ? 800 : 4_000, say };
      const curve = await within(`the curve ${name}`, curveMsMax, run(context));
      const tookSec = Math.round((performance.now() - began) / 1_000);
      const path = await writeCurve(name, curve, isQuick, tookSec);
      console.log([curve.title, formatRows(curve.rows), ...curve.notes, ''].join('\n'));
      say(`${name}: ${tookSec} s; written to ${path}`);
    } finally {
      await own.closeAll();
    }
  }
}

function readOptions(): { only: readonly string[]; isQuick: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
    const only = values.only.flatMap((names) => names.split(','));
    const unknown = only.find((name) => measures.every((one) => one.name !== name));
    if (unknown !== undefined) throw new Error(`no curve ${unknown}`);
    return { only, isQuick: values.quick };
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (closers.isClosing) process.exit(code);
    void closers.closeAll().finally(() => process.exit(code));
  });
}
// A fault in a timer or a socket's callback: still nothing may be left running.
process.on('uncaughtException', (error) => {
  say(String(error.stack));
  void closers.closeAll().finally(() => process.exit(1));
});
let code = 0;
try {
  const { only, isQuick } = readOptions();
  await main(only, isQuick);
} catch (error) {
  const isWrong = error instanceof WrongArguments;
  say(isWrong ? `${error.message}\n\n${usage}` : String((error as Error).stack));
  code = isWrong ? 2 : 1;
} finally {
  await closers.closeAll();
}
process.exit(code);
