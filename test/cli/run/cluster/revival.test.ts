import t from 'tap';
import type { Failure } from '../../../../src/cli/failure.ts';
import { openRevival, type RevivalOptions } from '../../../../src/cli/run/cluster/revival.ts';

const killed = { code: null, signal: 'SIGKILL' } as const;

function revivalOf(more: Partial<RevivalOptions> = {}) {
  const said: string[] = [];
  let giveUp: (why: Failure) => void = () => undefined;
  const givenUp = new Promise<Failure>((resolve) => {
    giveUp = resolve;
  });
  const revival = openRevival({
    ...{ name: 'nats-2', pauseMinMs: 1, isEnding: () => false },
    ...{ say: (line) => void said.push(line), onGivenUp: giveUp, ...more },
  });
  return { revival, said, givenUp };
}

t.test('what ended by itself is told of, and tried until it is back', async (t) => {
  const { revival, said } = revivalOf();
  let tries = 0;
  await new Promise<void>((resolve) =>
    revival.after(killed, async () => {
      tries += 1;
      if (tries < 3) throw new Error('its port is taken');
      resolve();
    }),
  );
  t.equal(tries, 3);
  t.equal(said[0], 'nats-2 ended by itself (SIGKILL); starting it again');
  t.match(said[1], 'could not be started again: its port is taken');
});

t.test('what does not stay up is given up with a sentence', async (t) => {
  const { revival, said, givenUp } = revivalOf();
  let starts = 0;
  const dies = async (): Promise<void> => {
    starts += 1;
    setImmediate(() => revival.after({ code: 3, signal: null }, dies));
  };
  revival.after({ code: 3, signal: null }, dies);
  t.match((await givenUp).message, /nats-2 does not stay up/);
  t.equal(starts, 5);
  t.match(said[0], 'exit code 3');
});

t.test('nothing is started while everything ends', async (t) => {
  const { revival, said } = revivalOf({ isEnding: () => true });
  revival.after(killed, async () => t.fail('it was started'));
  await new Promise((resolve) => setImmediate(resolve));
  t.same(said, []);
});
