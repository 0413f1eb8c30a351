/** A log that takes too long: who waits behind it is told so in time, and what was sent is never told to be refused. */
import t from 'tap';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { AppendResult } from '../../../../src/ports/log.ts';
import { must } from '../../../kit/clients/reader.ts';
import { LogFaults } from '../../../kit/links/faulty-log.ts';
import { until } from '../../../kit/log-entries.ts';
import { post } from '../../../kit/memory/memory-commands.ts';
import { MovedClock } from '../../../kit/memory/moved-clock.ts';
import { startTwoNodes } from '../../../kit/servers/two-nodes.ts';

const faults = new LogFaults();
const clock = new MovedClock();
const { here, owner, conversation, send, stored } = await startTwoNodes(t, {
  here: { wrapLog: faults.wrap, clock },
});

t.test(
  'a command that waited too long is refused before it is sent, and whoever came later is not',
  async (t) => {
    const id = await conversation();
    let goOn: () => void = () => undefined;
    faults.once(async ({ real }): Promise<AppendResult> => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return await real();
    });
    const first = send(here, owner, id, post('in the log'));
    await until(() => faults.append === null);
    const waited = ['a', 'b', 'c'].map((text) => send(here, owner, id, post(text)));
    await until(() => here.core.waiting().commands === 4);
    t.equal(here.core.waiting().chars, 'in the log'.length + 3);
    clock.advance(limits.commandWaitMsMax + 1);
    const later = send(here, owner, id, post('later'));
    await until(() => here.core.waiting().commands === 5);
    goOn();
    t.equal(must(await first).events[0]?.position, 2, 'it was sent: it is answered as it ended');
    for (const answer of await Promise.all(waited)) {
      t.ok(answer instanceof Problem);
      t.match(answer, { code: 'overloaded', retryAfterMs: 1000, overload: 'command_waited' });
    }
    t.equal(must(await later).events[0]?.position, 3);
    t.equal((await stored(id)).length, 3, 'what was refused is not stored');
    t.same(here.core.waiting(), { commands: 0, chars: 0 });
  },
);

t.test('a log that can be read and answers no append: it is not sent for ever', async (t) => {
  const id = await conversation();
  const before = faults.appends;
  faults.append = async () => {
    clock.advance(limits.appendTimeoutMs);
    return { kind: 'unknown' };
  };
  const answer = await send(here, owner, id, post('unheard'));
  faults.append = null;
  t.match(answer, { code: 'unavailable', retryAfterMs: 1000 });
  t.equal(faults.appends - before, 2, 'it was sent again for as long as its author may wait');
  t.equal((await stored(id)).length, 1);
  t.match(must(await send(here, owner, id, post('heard'))).events, [{ position: 2 }]);
});

t.test('who waited behind an append that nobody answered is told that the log is away', async (t) => {
  const id = await conversation();
  let goOn: () => void = () => undefined;
  faults.once(async (): Promise<AppendResult> => {
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    return { kind: 'unknown' };
  });
  const first = send(here, owner, id, post('unanswered'));
  await until(() => faults.append === null);
  const behind = send(here, owner, id, post('behind'));
  await until(() => here.core.waiting().commands === 2);
  clock.advance(limits.commandWaitMsMax + 1);
  goOn();
  t.match(await behind, { code: 'unavailable', retryAfterMs: 1000 });
  t.equal(must(await first).events[0]?.position, 2, 'the log did not have it: it was sent again');
});
