/** Five thousand authenticated sockets that say nothing: what each keeps resident in the server. */
import { openNative } from '../kit/clients/native-client.ts';
import { absoluteFigure } from '../kit/figures/figure.ts';
import { settledMemory } from '../kit/references/settled-memory.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';

const socketCount = 5_000;
/** Opened and closed before the first reading, so that code, pools and caches are there already. */
const warmUpCount = 500;
const openingAtOnce = 50;

export const idleSockets: Scenario = {
  name: 'idle-sockets',
  async run(context) {
    const parley = await context.stack.freshParley();
    await (await openSockets(context, warmUpCount)).close();
    const before = await settledMemory(parley.pid);
    const began = performance.now();
    const sockets = await openSockets(context, socketCount);
    const openedSec = (performance.now() - began) / 1_000;
    const after = await settledMemory(parley.pid);
    await sockets.expectAlive();
    await sockets.close();
    return [
      absoluteFigure(
        {
          name: 'idle-sockets',
          what: `${socketCount} idle authenticated sockets: resident memory a socket`,
          unit: 'bytes',
          target: { kind: 'max', must: 16 * 1024, worth: 8 * 1024 },
          checked: 'every socket got its hello, and a ping of each tenth is answered at the end',
          notes: `${megabytes(before)} before, ${megabytes(after)} after; opened in ${openedSec.toFixed(1)} s`,
        },
        (after - before) / socketCount,
      ),
    ];
  },
};

async function openSockets(
  context: ScenarioContext,
  count: number,
): Promise<{ expectAlive(): Promise<unknown>; close(): Promise<unknown> }> {
  const { agents } = context.accounts;
  const { socketUrl } = await context.stack.parley();
  const sockets: Awaited<ReturnType<typeof openNative>>[] = [];
  const closeAll = (): Promise<unknown> => Promise.all(sockets.splice(0).map((socket) => socket.close()));
  context.closers.add(closeAll);
  let begun = 0;
  const openSome = async (): Promise<void> => {
    while (begun < count) {
      const agent = agents[begun++ % agents.length]!;
      sockets.push(await openNative(socketUrl, agent.key, {}, (error) => context.alarm.ring(error)));
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, openSome));
  return {
    expectAlive: () =>
      Promise.all(sockets.filter((_, n) => n % 10 === 0).map((one) => one.request({ op: 'ping' }))),
    close: closeAll,
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;
