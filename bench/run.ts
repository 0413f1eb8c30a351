/** `make bench`: measures every scenario beside its reference, and proves what was acknowledged. */

import { type Arguments, readArguments, usage, WrongArguments } from './kit/arguments.ts';
import { makeAccounts } from './kit/clients/accounts.ts';
import { Closers } from './kit/closers.ts';
import type { Figure } from './kit/figures/figure.ts';
import { type Failure, makeReport, writeReport } from './kit/figures/report.ts';
import { formatTable, formatValue } from './kit/figures/table.ts';
import { type Pace, type Scenario, ScenarioContext } from './kit/scenario.ts';
import { Stack } from './kit/stack.ts';
import { ackLatency } from './scenarios/ack-latency.ts';
import { elizaGet } from './scenarios/eliza/eliza-get.ts';
import { elizaPost } from './scenarios/eliza/eliza-post.ts';
import { elizaSocket } from './scenarios/eliza/eliza-socket.ts';
import { fanOut } from './scenarios/fan-out.ts';
import { fleet } from './scenarios/fleet.ts';
import { getHistory } from './scenarios/get-history.ts';
import { idleSockets } from './scenarios/idle-sockets.ts';
import { loginStorm } from './scenarios/login-storm.ts';
import { directFanOut } from './scenarios/nats-websocket/direct-fan-out.ts';
import { directFleet } from './scenarios/nats-websocket/direct-fleet.ts';
import { directLatency } from './scenarios/nats-websocket/direct-latency.ts';
import { postMessages } from './scenarios/post-messages.ts';
import { chatFanOut } from './scenarios/socketio-postgres/chat-fan-out.ts';
import { chatGet } from './scenarios/socketio-postgres/chat-get.ts';
import { chatPost } from './scenarios/socketio-postgres/chat-post.ts';
import { chatSocket } from './scenarios/socketio-postgres/chat-socket.ts';
import { symbiaSockets } from './scenarios/symbia-sockets.ts';
import { tokenStream } from './scenarios/token-stream.ts';
import { veroSearch } from './scenarios/vero-search.ts';
import { veroSync } from './scenarios/vero-sync.ts';
import { veroUnread } from './scenarios/vero-unread.ts';

/** In the order of the table; the last one restarts Parley, so that memory is measured on a fresh process. */
const scenarios: readonly Scenario[] = [
  ackLatency,
  fleet,
  tokenStream,
  fanOut,
  postMessages,
  getHistory,
  symbiaSockets,
  veroUnread,
  veroSync,
  elizaPost,
  elizaGet,
  elizaSocket,
  chatPost,
  chatGet,
  chatSocket,
  chatFanOut,
  directLatency,
  directFleet,
  directFanOut,
  loginStorm,
  veroSearch,
  idleSockets,
];

/** All that the quick run has, so that it ends within a minute; `--only login-storm` runs any other alone. */
const quick: readonly Scenario[] = [
  ackLatency,
  fleet,
  tokenStream,
  fanOut,
  postMessages,
  getHistory,
  idleSockets,
];

const paces: Readonly<Record<'full' | 'quick', Pace>> = {
  full: { roundMs: 4_000, rounds: 5, warmUpRounds: 1 },
  quick: { roundMs: 800, rounds: 2, warmUpRounds: 4 },
};

const closers = new Closers();

/** Progress goes to stderr, so that --json leaves only the report on stdout. */
const say = (line: string): void => console.error(line);

async function main(chosen: Arguments): Promise<boolean> {
  const began = performance.now();
  const stack = await Stack.open(closers, chosen.profileDir);
  const figures: Figure[] = [];
  const failures: Failure[] = [];
  for (const scenario of scenarios) {
    if (closers.isClosing) return false;
    if (chosen.only.length > 0 && !chosen.only.includes(scenario.name)) continue;
    if (chosen.quick && chosen.only.length === 0 && !quick.includes(scenario)) continue;
    // Whose conversations, messages and sockets are nobody else's: scenarios do not measure what others left.
    const accounts = await makeAccounts(await stack.parley());
    const context = new ScenarioContext(stack, accounts, paces[chosen.quick ? 'quick' : 'full']);
    try {
      const measured = await context.alarm.guard(scenario.run(context));
      figures.push(...measured);
      for (const one of measured) say(`${one.name}: ${formatValue(one.value, one.unit)} ${one.verdict}`);
    } catch (error) {
      if (closers.isClosing) return false;
      failures.push({ scenario: scenario.name, message: String(error) });
      say(`${scenario.name} FAILED: ${error instanceof Error ? error.stack : String(error)}`);
      say(`the end of Parley's log:\n${await (await stack.parley()).logTail()}`);
    } finally {
      await context.closers.closeAll();
    }
  }
  const tookSec = Math.round((performance.now() - began) / 1_000);
  const report = await makeReport({ mode: chosen.quick ? 'quick' : 'full', tookSec, figures, failures });
  const path = await writeReport(report);
  console.log(chosen.json ? JSON.stringify(report, null, 2) : formatTable(figures));
  say(`${tookSec} s; written to ${path}`);
  return failures.length === 0 && figures.every((one) => one.verdict !== 'SHORT');
}

/** Ends what was started, then the process; a second signal does not wait. */
function endOnSignals(): void {
  let isEnding = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(code);
      isEnding = true;
      void closers.closeAll().finally(() => process.exit(code));
    });
  }
}

endOnSignals();
// A broken pipe, a fault in a timer: still nothing may be left running.
process.on('uncaughtException', (error) => {
  say(String(error.stack));
  void closers.closeAll().finally(() => process.exit(1));
});
let code = 1;
try {
  const chosen = readArguments(
    process.argv.slice(2),
    scenarios.map((one) => one.name),
  );
  code = (await main(chosen)) ? 0 : 1;
} catch (error) {
  const isWrong = error instanceof WrongArguments;
  if (!closers.isClosing)
    say(isWrong ? `${error.message}\n\n${usage}` : String(error instanceof Error ? error.stack : error));
  code = isWrong ? 2 : 1;
} finally {
  await closers.closeAll();
}
process.exit(code);
