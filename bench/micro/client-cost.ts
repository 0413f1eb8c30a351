/**
 * `node dist/bench/micro/client-cost.js`: why the benches have a WebSocket client of their own. A bare
 * topic publish to 200 readers, received by `ws` and by kit/web-socket.ts, one post under way and eight.
 */
import { once } from 'node:events';
import WebSocket from 'ws';
import { FanOutCheck } from '../kit/clients/fan-out-load.ts';
import { openWebSocket } from '../kit/clients/web-socket.ts';
import { Closers } from '../kit/closers.ts';
import { eventJson, usualText } from '../kit/figures/event-sample.ts';
import { startReference } from '../kit/reference-process.ts';
import { cpuOf, watchProcesses } from '../kit/references/process-usage.ts';
import type { PublishReady } from '../references/topic-publish.ts';

const readerCount = 200;
const forMs = 3_000;

type OpenReader = (url: string, onText: (bytes: Buffer) => void) => Promise<() => unknown>;

const clients: Readonly<Record<string, OpenReader>> = {
  ws: async (url, onText) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('message', onText);
    await once(socket, 'open');
    return () => socket.terminate();
  },
  own: async (url, onText) => {
    const socket = await openWebSocket({ url, onText });
    return () => socket.close();
  },
};

const text = (n: number): string => `${usualText} ${n}`;

async function measure(open: OpenReader, inFlight: number): Promise<string> {
  const closers = new Closers();
  try {
    const { ready, pid, close } = await startReference<PublishReady>('topic-publish');
    closers.add(close);
    const check = new FanOutCheck(readerCount, text);
    for (let reader = 0; reader < readerCount; reader += 1) {
      closers.add(await open(`${ready.url}/reader`, (bytes) => check.take(reader, bytes)));
    }
    const poster = await openWebSocket({ url: `${ready.url}/poster`, onText: () => undefined });
    closers.add(() => poster.close());
    const usage = watchProcesses({ client: cpuOf(process.pid), server: cpuOf(pid) });
    const perSec = await check.run(forMs, inFlight, (n) => poster.send(`{"ev":${eventJson(n, text(n))}}`));
    return `${Math.round(perSec).toLocaleString('en-US')} deliveries/s; ${usage.stop(check.delivered)}`;
  } finally {
    await closers.closeAll();
  }
}

for (const inFlight of [1, 8]) {
  for (const [name, open] of Object.entries(clients)) {
    console.log(`${name}, ${inFlight} under way: ${await measure(open, inFlight)}`);
  }
}
