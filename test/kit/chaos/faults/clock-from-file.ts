/**
 * Loaded into a node under test, and by it into its threads: the wall clock goes ahead by as many milliseconds as the file
 * PARLEY_TEST_CLOCK says, as if somebody had set it. The monotonic clock and all timers stay as they are.
 */
import { readFileSync } from 'node:fs';

const lookMs = 20;
const file = process.env['PARLEY_TEST_CLOCK'] ?? '';
const realNow = Date.now;
let aheadMs = 0;

function look(): void {
  // Written whole by a rename, but not there before its first use.
  aheadMs = Number(readFileSync(file, 'utf8'));
}

look();
setInterval(look, lookMs).unref();

Date.now = () => realNow() + aheadMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [Date.now()] : given, newTarget) as object,
  apply: (target) => new target(Date.now()).toString(),
});
